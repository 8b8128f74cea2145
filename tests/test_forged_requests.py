"""What a program gets that calls the page's own handlers, which no description of the API names."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest
from serving import make_library

from ingest.browse import browse
from ingest.library import Library

MARKER = "only the host may read this"


@dataclass
class Served:
    """The whole app over a library; secret: the path of a file of the host."""

    address: str
    library: Library
    desk: object
    secret: str

    def __post_init__(self) -> None:
        config = httpx.get(f"{self.address}/config", trust_env=False).json()
        self.handlers = [one for one in config["dependencies"] if one["backend_fn"]]

    def told(self, handler: dict, data: object, event_data: object = None) -> str:
        """All that the server says to one call of a handler, in a session of its own."""
        session = f"forged{handler['id']}"
        call = {"data": data, "event_data": event_data, "fn_index": handler["id"], "session_hash": session}
        with httpx.Client(base_url=f"{self.address}/gradio_api", trust_env=False, timeout=60) as client:
            joined = client.post("/queue/join", json=call)
            if joined.status_code != 200:
                return joined.text
            said = [joined.text]
            with client.stream("GET", "/queue/data", params={"session_hash": session}) as stream:
                for line in stream.iter_lines():
                    said.append(line)
                    message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                    if message.get("msg") in ("process_completed", "unexpected_error", "close_stream"):
                        break
            return "\n".join(said)

    def told_by_all(self, value: object) -> Iterator[tuple[dict, str]]:
        """What each handler says where that value stands for every input, and comes with the event."""
        with ThreadPoolExecutor(4) as pool:
            yield from zip(
                self.handlers,
                pool.map(lambda one: self.told(one, [value] * len(one["inputs"]), value), self.handlers),
                strict=True,
            )


@pytest.fixture(scope="module", params=[True, False], ids=["private", "shared"])
def served(request, tmp_path_factory):
    from ui.app import build
    from ui.desk import Desk
    from ui.server import launch, server_options

    folder = tmp_path_factory.mktemp("forged")
    (folder / "secret.txt").write_text(f"A secret\n\n{MARKER}, said nobody in particular on Monday.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Library.open(make_library(folder)) as library:
        desk = Desk(library, private=request.param)
        page = build(desk)
        yield Served(launch(page, server_options("127.0.0.1", port)), library, desk, str(folder / "secret.txt"))
        page.close(verbose=False)
        desk.close()
    shutil.rmtree(folder)


def file_of(path: str) -> dict:
    return {"path": path, "orig_name": "a.txt", "size": 1, "meta": {"_type": "gradio.FileData"}}


FORGED = {
    "nothing": lambda served: None,
    "a number too large": lambda served: 10**30,
    "a negative number": lambda served: -7,
    "a long text": lambda served: "why " * 20_000,
    "a path": lambda served: served.secret,
    "a path upwards": lambda served: "../" * 12 + served.secret.lstrip("/"),
    "a file": lambda served: file_of(served.secret),
    "files": lambda served: [file_of(served.secret), file_of(str(served.library.path / "catalog.sqlite"))],
    "a file within": lambda served: {"conversation": {"turns": [file_of(served.secret)]}, "article": served.secret},
    "an attribute": lambda served: {"__proto__": {"a": 1}, "__class__": "x", "index": -1, "value": {}, "article": []},
    "deep lists": lambda served: json.loads("[" * 60 + "]" * 60),
    "markup": lambda served: "<script>alert(1)</script> {{7*7}} {0.__class__}",
}


@pytest.mark.parametrize("kind", FORGED)
def test_no_handler_gives_out_a_file_a_trace_or_a_change_for_forged_input(served, kind):
    held = browse(served.library).total
    assert len(served.handlers) > 30
    for handler, told in served.told_by_all(FORGED[kind](served)):
        name = handler["targets"], handler["api_name"]
        assert MARKER not in told, name
        assert "Traceback" not in told and 'File \\"' not in told, name
        assert "{{7*7}}" in told or "49 " not in told, name
        if not served.desk.private:
            assert str(served.library.path) not in told, name
    assert httpx.get(served.address, trust_env=False).status_code == 200
    assert browse(served.library).total == held and served.desk.library is served.library


def test_a_call_with_too_few_or_too_many_inputs_is_refused_and_harms_nobody(served):
    for handler in served.handlers:
        for data in ([], ["x"] * (len(handler["inputs"]) + 3), "no list", {"0": 1}):
            told = served.told(handler, data)
            assert "Traceback" not in told and MARKER not in told
    assert httpx.get(served.address, trust_env=False).status_code == 200


def test_no_handler_that_is_not_there_can_be_called(served):
    for number in (-1, 10**6, "0; drop", None):
        told = served.told({"id": number, "inputs": []}, [])
        assert "Traceback" not in told and "process_completed" not in told

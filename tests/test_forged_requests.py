"""What a program gets that calls the page's own handlers, which no description of the API names.

Every handler that the running app lists is called over HTTP, as a page calls it, with what no page would send.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from serving import make_library

from ingest.library import Library

MARKER = "only the host may read this"
CHECKOUT = str(Path(__file__).parents[1])
PASSWORDS = {"ana": "correct horse", "bob": "battery staple"}
QUESTION = "How many passengers were stranded overnight?"
UNEXPECTED = "Something went wrong inside Dateline"
API = "/gradio_api"
TABS = 2
ENDPOINTS = ("ask", "retrieve", "ingest", "evaluate")


@dataclass
class Said:
    """What the server said to one call: all of it as text, and why it failed, None where it did not."""

    text: str
    error: object = None
    values: list = field(default_factory=list)


@dataclass
class Caller:
    """A program with a session of its own, as each tab of a browser has one."""

    client: httpx.Client
    session: object = field(default_factory=lambda: uuid.uuid4().hex)

    def call(self, handler: dict, data: object, event_data: object = None) -> Said:
        """One call of a handler, past the queue where the page calls it so."""
        values = {"data": data, "event_data": event_data, "fn_index": handler["id"], "session_hash": self.session}
        if handler["queue"] is False:
            return _told(self.post("/run/predict", values))
        joined = self.post("/queue/join", values)
        if joined.status_code != 200:
            return _told(joined)
        said = [joined.text]
        with self.client.stream("GET", f"{API}/queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                said.append(line)
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("msg") in ("process_completed", "unexpected_error"):
                    output = message.get("output") or {}
                    error = None if message["success"] else output.get("error")
                    return Said("\n".join(said), error if message["success"] else error or "", output.get("data") or [])
        raise AssertionError(f"the answer broke off: {said}")

    def post(self, path: str, values: object) -> httpx.Response:
        """The values as JSON with every escape that it has, which httpx would not send."""
        kind = {"Content-Type": "application/json"}
        body = values if isinstance(values, bytes) else json.dumps(values).encode()
        return self.client.post(API + path, content=body, headers=kind)


def _event(value: object) -> dict:
    """The value as each thing that an event of a page can tell."""
    return dict.fromkeys(("index", "liked", "value", "article", "turn", "id", "title", "conversation", "key"), value)


def _told(answer: httpx.Response) -> Said:
    try:
        value = answer.json()
    except ValueError:
        value = {}
    if answer.status_code == 200:
        return Said(answer.text, None, value["data"])
    return Said(answer.text, value.get("error") or value.get("detail") or ("" if value else answer.text))


@dataclass
class Served:
    """The whole app over a library; secret: the path of a file of the host."""

    address: str
    library: Library
    desk: object
    secret: str

    def __post_init__(self) -> None:
        self._clients: dict[str, httpx.Client] = {}
        config = self.caller().client.get("/config").json()
        self.handlers = config["dependencies"]
        self.shown = {one["id"]: one["props"].get("value") for one in config["components"]}
        self.stateful = {one["id"] for one in config["components"] if one["type"] == "state"}

    def caller(self, user: str = "ana") -> Caller:
        """A program of that user, who has logged in where one has to, in a session of its own."""
        if user not in self._clients:
            client = self._clients[user] = httpx.Client(base_url=self.address, trust_env=False, timeout=60)
            if not self.private:
                login = client.post("/login", data={"username": user, "password": PASSWORDS[user]})
                assert login.status_code == 200
        return Caller(self._clients[user])

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    @property
    def private(self) -> bool:
        return self.library.path.parent.name.startswith("private")

    def named(self, name: str) -> dict:
        """The handler of a page that Gradio gave that name."""
        return next(one for one in self.handlers if one["api_name"] == name)

    def inputs(self, handler: dict) -> list:
        """The inputs of a handler as the page shows them when it is opened."""
        return [self.shown[each] for each in handler["inputs"]]

    def pieces(self, handler: dict, value: object) -> Iterator[tuple[list, object]]:
        """Inputs with the value in the place of every one, then of one among what the page shows; and the event."""
        yield [value] * len(handler["inputs"]), value
        shown = self.inputs(handler)
        sent = [place for place, each in enumerate(handler["inputs"]) if each not in self.stateful]
        if not sent:
            yield shown, _event(value)
        for place in sent if len(sent) > 1 else ():
            yield [*shown[:place], value, *shown[place + 1 :]], _event(value)

    def calls(self, value: object) -> Iterator[tuple[dict, Said]]:
        """What each handler says to a value, in one of two tabs that call at the same time."""

        def called(number: int) -> list[tuple[dict, Said]]:
            tab = self.caller()
            return [
                (handler, tab.call(handler, *call))
                for handler in self.handlers[number::TABS]
                for call in self.pieces(handler, value)
            ]

        with ThreadPoolExecutor(TABS) as pool:
            for said in pool.map(called, range(TABS)):
                yield from said

    def held(self) -> dict[str, str]:
        """Every file of the library, by what is in it; SQLite's -shm only tells who has it open."""
        files = (path for path in self.library.path.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def gives_nothing_away(self, said: Said, *sent: str) -> None:
        """No file of the host, no place on it but what was sent, no trace; a failure is a sentence."""
        assert MARKER not in said.text and "SQLite format" not in said.text
        assert "Traceback" not in said.text and 'File \\"' not in said.text and "Internal Server Error" not in said.text
        text = said.text
        for known in sent:
            text = text.replace(known, "")
        # Who is alone at the machine is told which folder is open, or is none.
        for place in () if self.private else (str(self.library.path.parent), CHECKOUT, sys.prefix, "site-packages"):
            assert place not in text, text[:2000]
        if said.error is not None:
            assert isinstance(said.error, str) and len(said.error.split()) > 3, said.text[:2000]


@pytest.fixture(scope="module", params=["private", "shared"])
def served(request, tmp_path_factory):
    from ui.app import build
    from ui.desk import Desk
    from ui.server import launch, server_options
    from ui.users import user_line

    folder = tmp_path_factory.mktemp(request.param)
    (folder / "secret.txt").write_text(f"A secret\n\n{MARKER}, said nobody in particular on Monday.")
    users = folder / "users"
    users.write_text("".join(f"{user_line(name, password)}\n" for name, password in PASSWORDS.items()))
    users.chmod(0o600)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    private = request.param == "private"
    with Library.open(make_library(folder)) as library, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "files"))
        options = server_options("127.0.0.1", port, auth=None if private else str(users))
        desk = Desk(library, private=options.private)
        page = build(desk)
        address = launch(page, options)
        served = Served(address, library, desk, str(folder / "secret.txt"))
        yield served
        served.close()
        page.close(verbose=False)
        desk.close()
    shutil.rmtree(folder)


def file_of(path: str) -> dict:
    return {"path": path, "orig_name": "a.txt", "size": 1, "meta": {"_type": "gradio.FileData"}}


FORGED = {
    "nothing": lambda served: None,
    "a number too large": lambda served: 10**30,
    "a negative number": lambda served: -7,
    "no number": lambda served: float("nan"),
    "a long text": lambda served: "why " * 20_000,
    "half an emoji": lambda served: "who \ud83d opened it\0?",
    "the id of no article": lambda served: "0" * 16,
    "a path": lambda served: served.secret,
    "a path upwards": lambda served: "../" * 12 + served.secret.lstrip("/"),
    "a file": lambda served: file_of(served.secret),
    "files": lambda served: [file_of(served.secret), file_of(str(served.library.path / "catalog.sqlite"))],
    "a file within": lambda served: {"conversation": {"turns": [file_of(served.secret)]}, "article": served.secret},
    "a file elsewhere": lambda served: {**file_of("a.txt"), "url": f"{served.address}/config"},
    "an attribute": lambda served: {"__proto__": {"a": 1}, "__class__": "x", "index": -1, "value": {}, "article": []},
    "an update": lambda served: {"__type__": "update", "value": served.secret, "choices": [served.secret]},
    "deep lists": lambda served: json.loads("[" * 300 + "]" * 300),
    "markup": lambda served: "<script>alert(77)</script> {{7*7}} {0.__class__}",
}


@pytest.mark.parametrize("kind", FORGED)
def test_no_handler_gives_out_a_file_a_trace_or_a_change_for_forged_input(served, kind):
    held, library = served.held(), served.desk.library
    for handler, said in served.calls(FORGED[kind](served)):
        served.gives_nothing_away(said, served.secret, served.secret.lstrip("/"))
        if handler["api_name"] not in ENDPOINTS:  # they give JSON to programs, pages HTML
            assert "<script>alert(77)" not in said.text.replace(json.dumps(said.error), ""), handler["api_name"]
    assert served.held() == held and served.desk.library is library
    caller = served.caller()
    assert caller.client.get("/").status_code == 200
    assert not caller.call(served.named("_load"), []).error


def test_a_call_with_too_few_or_too_many_inputs_is_refused_and_harms_nobody(served):
    held = served.held()
    caller = served.caller()
    for handler in served.handlers:
        for data in ([], ["x"] * (len(handler["inputs"]) + 3), "no list", {"0": 1}):
            served.gives_nothing_away(caller.call(handler, data))
    assert served.held() == held


def test_no_handler_that_is_not_there_can_be_called(served):
    caller = served.caller()
    for number in (-1, 10**6, "0; drop", "ask", None, [0], 1.5):
        for path in ("/queue/join", "/run/predict", "/run/nothing", "/api/nothing", "/call/nothing"):
            answer = caller.post(path, {"data": [], "fn_index": number, "session_hash": caller.session})
            assert 400 <= answer.status_code < 500, (number, path)
            served.gives_nothing_away(_told(answer))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b"7",
        b"[" * 100_000,
        b'{"data": [], "fn_index": 0, "session_hash": ["x"]}',
        b'{"data": [], "fn_index": 0, "session_hash": "\\ud83d"}',
        b'{"data": [], "fn_index": 0}',
        b'{"data": ["' + b"x" * 2**20 + b'"], "fn_index": 0, "session_hash": {"__proto__": 1}}',
        b'{"data": [], "fn_index": 1' + b"0" * 5000 + b', "session_hash": "x"}',
        '{"data": [], "fn_index": "\ud83d", "session_hash": "x"}'.encode("utf-16", "surrogatepass"),
    ],
    ids=lambda body: repr(body[:60]),
)
def test_what_is_no_call_at_all_is_refused_in_a_sentence(served, body):
    caller = served.caller()
    for path in ("/queue/join", "/run/predict", "/call/ask", "/call/v2/ask", "/cancel", "/component_server"):
        answer = caller.post(path, body)
        assert answer.status_code < 500, (path, answer.text)
        served.gives_nothing_away(Said(answer.text))
    assert caller.client.get("/").status_code == 200


def test_half_an_emoji_in_a_question_does_not_break_the_answer_off(served):
    caller = served.caller()
    ask = served.named("ask_1")
    said = caller.call(ask, [f"{QUESTION} \ud83d", *served.inputs(ask)[1:]])
    assert not said.error and "1,200" in said.text and f"{QUESTION} ?" in said.text


def test_no_page_of_the_list_lies_beyond_the_last_one_or_before_the_first(served):
    caller = served.caller()
    for name in ("_list_newer", "_list_older", "_list_older", "_list_newer"):
        said = caller.call(served.named(name), [{"first": -(10**9)}, 10**9])
        assert "4 articles" in said.text and "No articles" not in said.text


def test_what_was_forgotten_by_the_server_is_told_in_words_and_not_as_a_fault(served):
    """Its sessions are as many as it holds; a tab that it has forgotten sends what is there in no other."""
    for handler in served.handlers:
        if handler["backend_fn"] and handler["api_name"] not in ENDPOINTS:
            said = served.caller().call(handler, served.inputs(handler), {})
            assert UNEXPECTED not in said.text or handler["api_name"] == "vote", handler["api_name"]


# --- a tab in which something was asked, and the tabs of others ---


@pytest.fixture
def asked(served):
    """Ana's tab, in which she has asked something."""
    if served.private:
        pytest.skip("nobody else comes in")
    ana = served.caller("ana")
    ask = served.named("ask_1")
    said = ana.call(ask, [QUESTION, *served.inputs(ask)[1:]])
    assert "1,200" in said.text
    ana.call(served.named("finish"), [None, None])
    return ana


def remembered(served: Served, caller: Caller) -> dict:
    """The conversation that the server holds for a session, as the page keeps it in the browser."""
    return caller.call(served.named("keep"), [None]).values[0]["conversation"]


@pytest.mark.parametrize(
    "value",
    [10**30, -7, float("nan"), "why " * 20_000, "0" * 16, {"__proto__": {}}, [[]]],
    ids=lambda value: str(value)[:20],
)
def test_in_a_tab_that_is_in_use_nothing_forged_is_kept_or_gives_anything_away(served, asked, value):
    held, before = served.held(), remembered(served, asked)
    articles = asked.call(served.named("_list_all"), [None])
    article = articles.text.partition('data-article=\\"')[2][:16]
    assert "not in the library" not in asked.call(served.named("_read"), [None], {"article": article}).text
    leaves = ("begun", "opened")  # they put another conversation in the place of this one
    for handler in served.handlers:
        for event in () if str(handler["api_name"]).startswith(leaves) else (value, _event(value)):
            served.gives_nothing_away(asked.call(handler, [value] * len(handler["inputs"]), event))
    after = remembered(served, asked)
    assert after["turns"][0] == before["turns"][0] | {"follow_ups": after["turns"][0]["follow_ups"]}
    assert served.held() == held


def test_no_handler_gives_one_user_what_another_said_whatever_session_is_named(served, asked):
    before = remembered(served, asked)
    assert before["turns"][0]["question"] == QUESTION and "1,200" in before["turns"][0]["answer"]["text"]
    bob = served.caller("bob")
    bob.session = asked.session
    for handler in served.handlers:
        said = bob.call(handler, [None] * len(handler["inputs"]), {"id": before["id"], "title": "mine"})
        assert said.error == "This tab belongs to another user; reload the page.", handler["api_name"]
    for path in ("queue/data?session_hash=", "heartbeat/", "call/ask/"):
        with bob.client.stream("GET", f"{API}/{path}{asked.session}") as answer:  # some of them would never end
            assert answer.status_code == 403
    for path in ("/call/ask", "/cancel", "/component_server"):
        assert bob.post(path, {"data": [], "session_hash": asked.session}).status_code == 403
    assert remembered(served, asked) == before


def test_what_another_tab_holds_is_not_found_by_its_ids(served, asked):
    known = remembered(served, asked)
    ids = {"id": known["id"], "turn": known["turns"][0]["id"], "title": "x", "index": 0, "liked": True}
    held = served.held()
    for user in ("ana", "bob"):
        other = served.caller(user)
        for handler in served.handlers:
            said = other.call(handler, [ids["turn"]] * len(handler["inputs"]), ids)
            assert QUESTION not in said.text, handler["api_name"]
        assert remembered(served, other)["turns"] == []
    assert served.held() == held


def test_no_session_that_is_none_gives_out_that_of_another(served, asked):
    for session in ("", None, "null", "undefined", 0, ["x"], "*", "%", "../", "join", "predict", "ask"):
        bob = served.caller("bob")
        bob.session = session
        for name in ("keep", "finish", "show_wanted"):
            handler = served.named(name)
            values = {"data": [None] * len(handler["inputs"]), "fn_index": handler["id"], "session_hash": session}
            answer = bob.post("/run/predict" if handler["queue"] is False else "/queue/join", values)
            served.gives_nothing_away(_told(answer) if answer.status_code != 200 else Said(answer.text))
            assert QUESTION not in answer.text
            if answer.status_code == 200 and handler["queue"] is not False:
                assert QUESTION not in bob.call(handler, values["data"]).text
    # Nor does a session that is named as an address is keep others away from it.
    assert remembered(served, asked)["turns"][0]["question"] == QUESTION
    assert not asked.call(served.named("show_wanted"), [None]).error

"""Many people ask the chat at once: how long each waits, who gets no answer, whether the page stays alive.

python tests/benchmarks/load.py --library FOLDER                   50 people, four questions each, one after another
python tests/benchmarks/load.py --library FOLDER --people 200

A real server (`dateline chat`, in a process of its own, over a copy of the library) is asked over HTTP, as
gradio_client does it: a call is put in the queue, and its answer comes as server-sent events. Meanwhile the page itself
is opened every 50 ms. The questions are those of the sample test set.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 300.0
"""Seconds after which an answer that has not come is an error."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one question got: seconds until it was there; the answer, or what went wrong."""

    seconds: float
    answer: dict | None = None
    error: str = ""


def main() -> int:
    """Run it and print the figures; 1 where somebody got no answer."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="dateline-load-") as folder:
        library = shutil.copytree(options.library, Path(folder, "library"))
        with serving(library) as (address, starting):
            alone = asyncio.run(_alone(address, questions()[:20]))
            together, visits = asyncio.run(_together(address, options.people, options.each))
    print(f"the page is there {starting * 1000:.0f} ms after the server says that it listens")
    print(f"one asker: answer {_spread([r.seconds for r in alone])}; of it, from the passages to the answer", end=" ")
    print(_spread([r.answer["timings"]["answer"] for r in alone if r.answer]))
    failed = [reply for reply in together if reply.answer is None]
    print(f"{options.people} askers at once, {options.each} questions each: {len(together)} questions, ", end="")
    print(f"{len(failed)} errors, answer {_spread([r.seconds for r in together])}")
    print(f"meanwhile, the page {len(visits)} times: {_spread(visits)}")
    for reply in failed[:5]:
        print(f"error after {reply.seconds:.1f} s: {reply.error}", file=sys.stderr)
    return bool(failed)


def questions() -> list[str]:
    """Those of the sample test set."""
    lines = (ROOT / "corpus" / "testset.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


@contextmanager
def serving(library: Path) -> Iterator[tuple[str, float]]:
    """The address of a chat over the library, and the seconds from its word that it listens to its first page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "chat", "--port", str(port), "--library", str(library)]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stderr=subprocess.PIPE)
    try:
        assert server.stderr
        said = server.stderr.readline().decode()
        if "listens at" not in said:
            raise SystemExit(f"the chat did not start: {said}{server.stderr.read().decode()}")
        started = time.perf_counter()
        address = f"http://127.0.0.1:{port}"
        httpx.get(address, timeout=TIMEOUT).raise_for_status()
        yield address, time.perf_counter() - started
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


async def ask(client: httpx.AsyncClient, question: str) -> Reply:
    """Put the question in the queue and wait for its answer."""
    started = time.perf_counter()
    try:
        begun = await client.post("/gradio_api/call/v2/ask", json={"question": question})
        begun.raise_for_status()
        event = ""
        async with client.stream("GET", f"/gradio_api/call/ask/{begun.json()['event_id']}") as told:
            async for line in told.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "event":
                    event = value
                elif field == "data" and event == "complete":
                    return Reply(time.perf_counter() - started, json.loads(value)[0])
                elif field == "data" and event == "error":
                    return Reply(time.perf_counter() - started, error=value)
        return Reply(time.perf_counter() - started, error="the stream ended without an answer")
    except httpx.HTTPError as error:
        return Reply(time.perf_counter() - started, error=repr(error))


async def _alone(address: str, asked: Sequence[str]) -> list[Reply]:
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT) as client:
        await ask(client, asked[0])  # models load with the first question
        return [await ask(client, question) for question in asked]


async def _together(address: str, people: int, each: int) -> tuple[list[Reply], list[float]]:
    asked = questions()

    async def person(number: int) -> list[Reply]:
        async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT) as client:
            return [await ask(client, asked[(number + turn * people) % len(asked)]) for turn in range(each)]

    visits: list[float] = []
    visitor = asyncio.create_task(_visit(address, visits))
    replies = await asyncio.gather(*(person(number) for number in range(people)))
    visitor.cancel()
    return [reply for one in replies for reply in one], visits


async def _visit(address: str, visits: list[float]) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT) as client:
        while True:
            started = time.perf_counter()
            (await client.get("/")).raise_for_status()
            visits.append(time.perf_counter() - started)
            await asyncio.sleep(0.05)


def _spread(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "not measured"
    marks = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"p50 {marks[9] * 1000:.0f} ms, p95 {marks[18] * 1000:.0f} ms, longest {max(seconds) * 1000:.0f} ms"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True, help="a library of the sample articles")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--each", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

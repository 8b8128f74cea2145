"""From the word that the chat listens to a page that can be used, in a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed"),
]

STARTS = 3
"""The best of so many counts: what else this machine does is not measured."""


@contextmanager
def started(library: Path):
    """A chat that has just said that it listens, and the moment at which it did."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "chat", "--port", str(port), "--library", str(library)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, env=kept, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert "listens at" in server.stderr.readline()
            yield f"http://127.0.0.1:{port}", time.perf_counter()
        finally:
            server.send_signal(signal.SIGTERM)


def test_the_page_can_be_used_within_two_seconds_and_the_first_answer_waits_for_no_model(small):
    from playwright.sync_api import sync_playwright

    usable, answered = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(STARTS):
            page = browser.new_context().new_page()
            page.goto("about:blank")
            with started(small) as (address, listening):
                page.goto(address)
                page.wait_for_selector(".dl-welcome")
                page.fill("#question textarea", "Who opened the tram line number 0?")
                usable.append(time.perf_counter() - listening)
                page.wait_for_timeout(2_000)  # as long as it takes to type; the models load meanwhile
                asked = time.perf_counter()
                page.press("#question textarea", "Enter")
                page.wait_for_selector("#conversation :is(.dl-confidence, .dl-abstained)")
                answered.append(time.perf_counter() - asked)
        browser.close()
    assert min(usable) < 2
    assert min(answered) < 1

"""The app as a whole: every page is served, and the API shows what is meant for machines, nothing of the pages."""

import socket
import subprocess
import sys

import httpx
import pytest

from ingest.library import Library

ENDPOINTS = {"/ask", "/retrieve", "/ingest", "/evaluate"}


@pytest.fixture
def address(small):
    from ui.app import build
    from ui.desk import Desk
    from ui.server import launch, server_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Library.open(small) as library:
        desk = Desk(library)
        page = build(desk)
        yield launch(page, server_options("127.0.0.1", port))
        page.close(verbose=False)
        desk.close()


def test_every_page_is_served_and_the_api_shows_its_four_endpoints_alone(address):
    for page in ("", "articles", "evaluate", "settings"):
        answer = httpx.get(f"{address}/{page}", trust_env=False)
        assert answer.status_code == 200 and "Dateline" in answer.text
    described = httpx.get(f"{address}/gradio_api/info", trust_env=False).json()
    assert set(described["named_endpoints"]) == ENDPOINTS and not described["unnamed_endpoints"]


def test_the_command_line_does_not_wait_for_gradio():
    code = "import ui.cli, ui.command, sys; assert 'gradio' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

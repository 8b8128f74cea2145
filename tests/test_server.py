"""The server as whoever can reach it meets it: who may come in, what it gives out, how much it takes.

Each test goes over HTTP to a real server over a real library; the page is a small one of our own, so that what is
tested here holds for whatever the pages become.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gradio as gr
import httpx
import newsdesk
import pytest

from ingest.errors import SettingsError
from ingest.library import Library
from ui.desk import Desk
from ui.server import launch, server_options
from ui.users import user_line

QUESTION = "Who opened the public library number 2?"
PASSWORDS = {"ana": "correct horse", "bob": "battery staple"}
FILES = "/gradio_api/file="


def a_page(desk: Desk) -> gr.Blocks:
    """Asks the library, names uploaded files, offers one for download, remembers what each session said, fails."""

    def ask(question: str) -> str:
        return desk.assistant.answer(question).to_json()

    def named(files: list[str] | None) -> str:
        return ", ".join(f"{Path(file).name}={Path(file).read_text()}" for file in files or [])

    def offered() -> str:
        file = Path(os.environ["GRADIO_TEMP_DIR"]).parent / "talk.html"
        file.write_text("<script>alert(1)</script>")
        return str(file)

    def remembered(said: str, before: list[str]) -> tuple[str, list[str]]:
        return ", ".join([*before, said]), [*before, said]

    def echoed(event: gr.EventData) -> object:
        return event._data

    def failing() -> str:
        raise ZeroDivisionError("the secret of line 42")

    with gr.Blocks(title="Dateline", analytics_enabled=False) as page:
        files, text, state = gr.File(file_count="multiple"), gr.Textbox(), gr.State([])
        gr.api(ask)
        gr.Button().click(named, files, text, api_visibility="private", api_name="named")
        gr.Button().click(offered, None, gr.File(), api_visibility="private", api_name="offered")
        gr.Button().click(remembered, [text, state], [text, state], api_visibility="private", api_name="remembered")
        gr.Button().click(echoed, None, gr.JSON(), api_visibility="private", api_name="echoed")
        gr.Button().click(failing, None, text, api_visibility="private", api_name="failing")
    return page


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(library: Path, folder: Path, host: str = "127.0.0.1", **options):
    """The address of a server over a library of articles 0 to 11; its files lie in the folder."""
    port = free_port()
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch, Library.open(library) as opened:
        patch.setenv("GRADIO_TEMP_DIR", str(folder.resolve()))
        page = a_page(Desk(opened))
        launch(page, server_options(host, port, **options))
        yield f"http://127.0.0.1:{port}"
        page.close(verbose=False)


def who_opened(number: int) -> str:
    return f"Who opened the {newsdesk.THINGS[number % 7]} number {number}?"


@pytest.fixture(scope="module")
def library(_built, tmp_path_factory) -> Path:
    return Path(shutil.copytree(_built, tmp_path_factory.mktemp("server") / "library"))


@pytest.fixture(scope="module")
def files(library) -> Path:
    """Where the open server keeps uploaded and offered files."""
    return library.parent / "files"


@pytest.fixture(scope="module")
def server(library, files):
    """A server for who uses this machine, without a login."""
    with serving(library, files) as address:
        yield address


@pytest.fixture(scope="module")
def guarded(library, tmp_path_factory):
    """A server with two users, over which machines can ask too."""
    users = tmp_path_factory.mktemp("users") / "users"
    users.write_text("".join(f"{user_line(name, password)}\n" for name, password in PASSWORDS.items()))
    users.chmod(0o600)
    with serving(library, library.parent / "guarded", auth=str(users), mcp=True) as address:
        yield address


CLIENT = httpx.Client(timeout=60, verify=False)  # one for all: each would read the machine's certificates anew


def get(address: str, **headers: str) -> httpx.Response:
    """The path as it is written: httpx would tidy it up."""
    base, path = re.fullmatch(r"(http://[^/]+)(.*)", address).groups()
    url = httpx.URL(base).copy_with(raw_path=path.encode() or b"/")
    return CLIENT.send(CLIENT.build_request("GET", url, headers=headers))


def called(client: httpx.Client, name: str, *values, session: str = "") -> list | None:
    """What an endpoint gives for these values; None where it fails."""
    body = {"data": list(values)} | ({"session_hash": session} if session else {})
    begun = client.post(f"/gradio_api/call/{name}", json=body)
    begun.raise_for_status()
    told = client.get(f"/gradio_api/call/{name}/{begun.json()['event_id']}").text
    found = re.search(r"event: complete\ndata: (.*)", told)
    return json.loads(found[1]) if found else None


@contextmanager
def logged_in(address: str, name: str):
    with httpx.Client(base_url=address, timeout=30) as client:
        answer = client.post("/login", data={"username": name, "password": PASSWORDS[name]})
        assert answer.status_code == 200
        yield client


# --- who may come in ---


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.5"])
def test_loopback_needs_no_password_and_is_private(host):
    options = server_options(host, 7860)
    assert options.users is None and options.private


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_any_other_address_without_a_password_is_refused(host):
    with pytest.raises(SettingsError, match="--auth USER:PASSWORD.*--insecure"):
        server_options(host, 7860)


def test_a_public_link_without_a_password_is_refused():
    with pytest.raises(SettingsError, match="anyone on the internet"):
        server_options("127.0.0.1", 7860, share=True)


def test_a_password_or_the_word_insecure_opens_the_door():
    assert server_options("0.0.0.0", 7860, auth="ana:se:cret").users.names == ("ana",)
    assert server_options("0.0.0.0", 7860, insecure=True).users is None


LOGIN = {"auth": "ana:secret"}


@pytest.mark.parametrize(
    "more", [LOGIN, {"insecure": True}, LOGIN | {"host": "0.0.0.0"}, LOGIN | {"share": True}], ids=str
)
def test_where_others_can_come_in_be_it_through_a_proxy_the_server_is_not_private(more):
    assert not server_options(**{"host": "127.0.0.1", "port": 7860} | more).private


def test_mcp_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="pip install 'mcp<2'"):
        server_options("127.0.0.1", 7860, mcp=True)


def test_a_taken_port_is_told_with_what_to_do(server, library):
    port = int(server.rsplit(":", 1)[1])
    with Library.open(library) as opened, pytest.raises(SettingsError, match=f"{port}.*--port"):
        launch(a_page(Desk(opened)), server_options("127.0.0.1", port))


def test_the_models_load_before_anybody_asks_but_not_beside_the_first_page(small):
    code = f"""
import os, sys, threading, time
from ingest.library import Library
from ui.desk import Desk
from ui.server import serve, server_options

def watch(ready):
    while "onnxruntime" not in sys.modules:
        time.sleep(0.01)
    os._exit(0 if time.monotonic() - ready > 1.5 else 1)

with Library.open({str(small)!r}) as library:
    options = server_options("127.0.0.1", {free_port()})
    serve(Desk(library), options, lambda _: threading.Thread(target=watch, args=[time.monotonic()]).start())
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_a_name_that_was_made_to_point_here_is_refused(server):
    assert get(server, Host="evil.example").status_code == 400


# --- what browsers are told ---


@pytest.mark.parametrize("path", ["/", "/config", "/nothing", "/static/img/logo.svg", "/gradio_api/info", f"{FILES}x"])
def test_every_answer_forbids_framing_sniffing_and_referrers(server, path):
    headers = get(server + path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_even_a_refused_name_gets_the_headers(server):
    assert get(server, Host="evil.example").headers["x-frame-options"] == "DENY"


def test_the_page_may_load_and_run_nothing_but_its_own():
    policy = dict(directive.split(" ", 1) for directive in policy_of_a_page().split("; "))
    nonce = policy["script-src"].split("'nonce-")[1].split("'")[0]
    assert len(nonce) >= 20
    assert policy["script-src"] == f"'self' 'unsafe-eval' 'nonce-{nonce}'"
    assert policy["object-src"] == "'none'" and policy["base-uri"] == "'self'" and policy["form-action"] == "'self'"
    allowed = {source for sources in policy.values() for source in sources.split()}
    assert allowed == {"'self'", "'none'", "'unsafe-eval'", "'unsafe-inline'", "data:", "blob:", f"'nonce-{nonce}'"}
    assert "'unsafe-inline'" in policy["style-src"] and "'unsafe-inline'" not in policy["script-src"]


def policy_of_a_page() -> str:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import HTMLResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from ui.guard import Guard

    page = Starlette([Route("/", lambda _: HTMLResponse("<p>"))], middleware=[Middleware(Guard)])
    return TestClient(page).get("/").headers["content-security-policy"]


def test_only_scripts_with_the_answers_own_nonce_run(server):
    first, second = get(server), get(server)
    nonces = [re.search(r"'nonce-(.+?)'", answer.headers["content-security-policy"])[1] for answer in (first, second)]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script\b[^>]*>", first.text)
    assert len(scripts) > 3 and all(f'nonce="{nonces[0]}"' in script for script in scripts)
    assert len(first.content) == int(first.headers["content-length"])


def test_the_page_is_served_without_analytics_monitoring_or_foreign_fonts(server):
    page, config = get(server), get(f"{server}/config").json()
    assert page.status_code == 200
    assert config["analytics_enabled"] is False
    assert "fonts.googleapis" not in page.text and not any("//" in sheet for sheet in config["stylesheets"] or [])


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring",
        "/monitoring/summary",
        "/monitoring/x",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/gradio_api/runs",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/vibe-code",
        "/gradio_api/proxy=https://example.org/",
        "/gradio_api/run-history/records",
    ],
)
def test_doors_that_no_page_needs_are_closed(server, path):
    assert get(server + path).status_code in (400, 403, 404)


def test_the_api_shows_only_what_is_public(server):
    for query in ("", "?all_endpoints=True", "?serialize=False"):
        info = get(f"{server}/gradio_api/info{query}").json()
        assert list(info["named_endpoints"]) == ["/ask"] and info["unnamed_endpoints"] == {}


def test_no_recording_is_taken_to_be_worked_on(server):
    answer = httpx.post(f"{server}/gradio_api/process_recording", files={"video": ("a.mp4", b"x")})
    assert answer.status_code == 404


def test_no_call_skips_the_queue(server):
    answer = httpx.post(f"{server}/gradio_api/run/ask", json={"data": [QUESTION]})
    assert answer.status_code == 404 and "queue" in answer.text


def test_a_bug_is_told_without_what_went_wrong(server, capfd):
    with httpx.Client(base_url=server) as client:
        begun = client.post("/gradio_api/call/failing", json={"data": []}).json()
        told = client.get(f"/gradio_api/call/failing/{begun['event_id']}").text
    assert "event: error" in told
    assert "secret" not in told and "ZeroDivisionError" not in told and ".py" not in told
    assert "the secret of line 42" in capfd.readouterr().err  # whoever runs the server sees it


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/gradio_api/call/ask", "/gradio_api/upload", "/gradio_api/queue/join", "/login"])
def test_what_another_web_page_sends_is_refused(server, path, site):
    answer = httpx.post(server + path, json={"data": [QUESTION]}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403 and "another web page" in answer.text


def test_a_link_from_another_web_page_opens_the_chat(server):
    assert get(server, **{"Sec-Fetch-Site": "cross-site"}).status_code == 200


# --- files of the host ---


@pytest.fixture(scope="module")
def secret(library, files, server) -> Path:
    """A file beside the library, to which a link points from the folder of files."""
    path = library.parent / "secret.txt"
    path.write_text("the secret")
    (files / "link").symlink_to(path)
    (files / "folder").symlink_to(library.parent)
    return path


def forms(path: Path, files: Path, library: Path) -> list[str]:
    """Addresses that should name the file, if any did."""
    up = os.path.relpath(path, Path.cwd())
    quoted = "".join(f"%{byte:02x}" for byte in str(path).encode())
    named = [str(path), f"/{path}", f"file://{path}", quoted, up, f"{path}%00.png", f"{path}%3F.png", f"{path}/."]
    named += [f"{files}/../secret.txt", f"{files}/%2e%2e/secret.txt", f"{files}/..%2fsecret.txt"]
    named += [f"{files}//../secret.txt", f"{files}/./x/../../secret.txt", f"{files}\\..\\secret.txt"]
    named += [f"{files}/link", f"{files}/folder/secret.txt", f"{files}/folder/library/catalog.sqlite"]
    named += [str(library / "catalog.sqlite"), "/etc/passwd", "../../../../../../etc/passwd", "/proc/self/environ"]
    named += ["pyproject.toml", "README.md", ".git/config", "~/.profile", str(files), f"{files}/", "", ".", "/"]
    named += ["https://example.org/", "http://127.0.0.1:22/", f"//localhost{path}", f"{gr.__file__}"]
    return [
        *(f"{door}{name}" for name in named for door in (FILES, "/gradio_api/file/", "/file=", "/gradio_api//file=")),
        *(
            f"{door}{name}"
            for name in [str(path), f"..{path}", "../" * 12 + str(path)[1:], "%2e%2e/" * 12 + str(path)[1:], quoted]
            for door in ("/static/", "/assets/", "/svelte/", "/gradio_api/custom_component/x/client/component/", "/")
        ),
    ]


def test_no_form_of_an_address_reads_a_file_of_the_host(server, secret, files, library):
    gave = []
    for path in forms(secret, files, library):
        answer = get(server + path)
        if answer.status_code < 300 or answer.status_code >= 500:
            gave.append((path, answer.status_code, answer.content[:60]))
    assert gave == []


def test_no_other_server_is_asked_for_a_file(server):
    # Gradio itself fetches any public address that stands in /gradio_api/file=, in the name of this machine.
    answer = get(f"{server}{FILES}https://example.org/")
    assert answer.status_code == 403 and answer.text == "There is no such file for you."


@pytest.mark.parametrize("path", ["{secret}", "/etc/passwd", "pyproject.toml", "{files}/../secret.txt", "{files}/link"])
def test_no_file_of_the_host_is_read_in_the_name_of_an_upload(server, secret, files, path, capfd):
    value = {"path": path.format(secret=secret, files=files), "meta": {"_type": "gradio.FileData"}}
    with httpx.Client(base_url=server, timeout=20) as client:
        assert called(client, "named", [value]) is None


def test_what_the_browser_says_of_an_event_is_taken_for_no_file(server, secret, capfd):
    # Gradio copies, to where it can be read, what looks like a file in what a function gives back.
    body = {"data": [], "event_data": {"path": str(secret), "meta": {"_type": "gradio.FileData"}}}
    with httpx.Client(base_url=server, timeout=20) as client:
        begun = client.post("/gradio_api/call/echoed", json=body).json()
        told = client.get(f"/gradio_api/call/echoed/{begun['event_id']}").text
    assert FILES not in told and "the secret" not in told


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "0.0.0.0"])
def test_no_address_inside_is_fetched_in_the_name_of_an_upload(server, host, capfd):
    asked = []

    class Inside(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Inside) as inside, httpx.Client(base_url=server, timeout=60) as client:
        threading.Thread(target=inside.serve_forever, daemon=True).start()
        address = f"http://{host}:{inside.server_port}/file.txt"
        for value in ({"path": address}, {"path": "file.txt", "url": address}):
            assert called(client, "named", [{**value, "meta": {"_type": "gradio.FileData"}}]) is None
        inside.shutdown()
    assert asked == []


def test_an_upload_is_read_by_the_page_and_given_back_to_nobody(server):
    with httpx.Client(base_url=server, timeout=20) as client:
        (path,) = client.post("/gradio_api/upload", files={"files": ("notes.txt", b"mine")}).json()
        value = {"path": path, "meta": {"_type": "gradio.FileData"}}
        assert called(client, "named", [value]) == ["notes.txt=mine"]
        assert client.get(f"{FILES}{path}").status_code == 403
        assert client.get(f"/gradio_api/file/{path}").status_code == 403


def test_an_offered_file_is_a_download_in_which_nothing_runs(server):
    with httpx.Client(base_url=server, timeout=20) as client:
        (file,) = called(client, "offered")
        answer = client.get(f"{FILES}{file['path']}")
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


# --- the pages as they are ---


@pytest.fixture(scope="module")
def pages(library):
    """The real pages, served."""
    from ui.app import build

    with Library.open(library) as opened:
        page = build(Desk(opened))
        yield launch(page, server_options("127.0.0.1", free_port()))
        page.close(verbose=False)


def test_the_pages_offer_programs_only_what_is_documented(pages):
    info = get(f"{pages}/gradio_api/info").json()
    assert sorted(info["named_endpoints"]) == ["/ask", "/evaluate", "/ingest", "/retrieve"]
    assert info["unnamed_endpoints"] == {}


# --- how much it takes ---


def upload(address: str, *contents: bytes) -> httpx.Response:
    return httpx.post(
        f"{address}/gradio_api/upload", files=[("files", (f"{n}.txt", each)) for n, each in enumerate(contents)]
    )


def lying(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def narrow(library):
    """A server that takes 1,000 bytes a file, 5,000 an upload, 10,000 in all, four files at once."""
    with pytest.MonkeyPatch.context() as patch:
        limits = {"LARGEST_FILE": 1_000, "LARGEST_UPLOAD": 5_000, "LARGEST_REQUEST": 2**20, "MOST_KEPT": 10_000}
        for name, value in {**limits, "MOST_FILES": 4}.items():
            patch.setattr(f"ui.guard.{name}", value)
        with serving(library, library.parent / "narrow") as address:
            yield address


def test_a_file_that_is_too_large_is_refused_and_not_kept(narrow, library):
    before = lying(library.parent / "narrow")
    answer = upload(narrow, b"x" * 1_001)
    assert answer.status_code == 413 and "1000 bytes" in answer.text
    assert lying(library.parent / "narrow") == before


def test_files_that_are_too_large_together_are_refused(narrow):
    assert upload(narrow, *[b"x" * 999] * 4).status_code == 200
    assert upload(narrow, *[b"x" * 1_700] * 3).status_code == 413


def test_too_many_files_at_once_are_refused_and_none_is_kept(narrow, library):
    before = lying(library.parent / "narrow")
    answer = upload(narrow, *[bytes([n]) for n in range(5)])
    assert answer.status_code == 400 and "4 files are the most" in answer.text
    assert lying(library.parent / "narrow") == before


def test_the_boundary_that_counts_is_the_one_that_gradio_reads(narrow):
    part = 'Content-Disposition: form-data; name="files"; filename="{}"\r\n\r\nx\r\n'
    body = "".join(f"--B\r\n{part.format(n)}" for n in range(5)) + "--B--\r\n"
    kind = 'multipart/form-data; xboundary="A"; boundary=B'
    answer = httpx.post(f"{narrow}/gradio_api/upload", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400 and "4 files are the most" in answer.text


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/call/ask", "/login", "/gradio_api/component_server"]
)
def test_what_is_too_long_is_refused_whether_its_length_is_told_or_not(narrow, path):
    def pieces():
        for _ in range(40):
            yield b"x" * 2**15

    told = httpx.post(narrow + path, content=b"x" * (2**20 + 1))
    assert told.status_code == 413
    kind = {"Content-Type": "multipart/form-data; boundary=B" if "call" not in path else "application/json"}
    assert httpx.post(narrow + path, content=pieces(), headers=kind).status_code in (400, 413)


def test_a_full_folder_takes_no_more(narrow, library):
    filler = library.parent / "narrow" / "filler"
    filler.write_bytes(b"x" * 10_000)
    answer = upload(narrow, b"x")
    filler.unlink()
    assert answer.status_code == 413 and "try again in a day" in answer.text


def test_uploads_are_deleted_when_their_time_is_over(library, monkeypatch):
    monkeypatch.setattr("ui.server.KEPT_FOR", 1)
    monkeypatch.setattr("ui.server.SWEEP_EVERY", 1)
    with serving(library, library.parent / "swept") as address:
        (path,) = upload(address, b"x").json()
        assert Path(path).exists()
        newsdesk.wait_until(lambda: not Path(path).exists(), 20)


def test_uploads_and_downloads_are_deleted_when_the_server_ends(library):
    with serving(library, library.parent / "ended") as address:
        upload(address, b"x")
        with httpx.Client(base_url=address, timeout=20) as client:
            called(client, "offered")
        assert len(lying(library.parent / "ended")) == 2
    assert not lying(library.parent / "ended")


def test_the_chat_keeps_files_where_no_other_user_reads_them_and_leaves_none(library):
    port = free_port()
    command = [sys.executable, "-m", "ui.cli", "chat", "--port", str(port), "--library", str(library)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stderr=subprocess.PIPE, text=True) as chat:
        try:
            assert "listens at" in chat.stderr.readline()
            folder = Path(upload(f"http://127.0.0.1:{port}", b"x").json()[0]).parents[1]
            assert folder.stat().st_mode & 0o077 == 0
        finally:
            chat.send_signal(signal.SIGTERM)
    assert not folder.exists()


def test_a_chat_that_listens_everywhere_says_so(library):
    command = [sys.executable, "-m", "ui.cli", "chat", "--host", "0.0.0.0", "--insecure", "--port", str(free_port())]
    with subprocess.Popen(
        [*command, "--library", str(library)], cwd=Path(__file__).parents[1], stderr=subprocess.PIPE, text=True
    ) as chat:
        try:
            assert "and at every address of this machine" in chat.stderr.readline()
        finally:
            chat.send_signal(signal.SIGTERM)


def test_many_who_ask_at_once_all_get_an_answer_and_the_page_stays_alive(server):
    def asked(number: int) -> str:
        with httpx.Client(base_url=server, timeout=120) as client:
            return json.loads(called(client, "ask", who_opened(number % 12))[0])["text"]

    def opened(_: int) -> float:
        started = time.monotonic()
        assert get(server).status_code == 200
        return time.monotonic() - started

    with ThreadPoolExecutor(24) as people:
        answers = [people.submit(asked, number) for number in range(20)]
        visits = list(people.map(opened, range(10)))
        texts = [answer.result() for answer in answers]
    assert len(texts) == 20 and all(texts)
    assert max(visits) < 15  # a hundred times what it takes on a machine that does nothing else


# --- users ---


def test_without_a_login_only_the_login_page_is_there(guarded):
    page = get(guarded)
    assert page.status_code == 200 and '"auth_required":true' in page.text
    assert "remembered" not in page.text
    for path in ("/config", "/gradio_api/info", "/gradio_api/openapi.json", "/gradio_api/queue/status", f"{FILES}x"):
        assert get(guarded + path).status_code == 401, path


@pytest.mark.parametrize(
    "path",
    ["mcp/", "mcp/schema", "mcp/sse", "heartbeat/x", "app_id", "stream/x/y/1/playlist.m3u8", "runs", "dev/reload"],
)
def test_what_gradio_leaves_open_needs_the_login_too(guarded, path):
    for address in (f"{guarded}/gradio_api/{path}", f"{guarded}/gradio_api/{path}/"):
        with httpx.stream("GET", address) as answer:  # some of them would never end
            assert answer.status_code == 401


@pytest.mark.parametrize("path", ["cancel", "reset", "stream/x", "stream/x/close", "call/ask", "queue/join", "upload"])
def test_nothing_can_be_sent_without_the_login(guarded, path):
    assert httpx.post(f"{guarded}/gradio_api/{path}", json={}).status_code == 401


def test_a_user_comes_in_with_the_password_of_the_file(guarded):
    with logged_in(guarded, "ana") as client:
        assert client.get("/config").json()["username"] == "ana"
        assert json.loads(called(client, "ask", QUESTION)[0])["citations"]


@pytest.mark.parametrize(("name", "password"), [("ana", "battery staple"), ("eve", "correct horse"), ("ana", "")])
def test_any_other_password_is_refused(guarded, name, password):
    answer = httpx.post(f"{guarded}/login", data={"username": name, "password": password or " "})
    assert answer.status_code == 400 and "set-cookie" not in answer.headers


def test_a_forged_login_is_none(guarded):
    with logged_in(guarded, "ana") as client:
        names = list(client.cookies)
    for value in ("", "x", "ana", "None"):
        forged = {name: value for name in names}
        assert httpx.get(f"{guarded}/config", cookies=forged).status_code == 401
        assert httpx.get(f"{guarded}/gradio_api/queue/status", cookies=forged).status_code == 401


def test_after_logging_out_the_login_is_worth_nothing(guarded):
    with logged_in(guarded, "bob") as client:
        cookies = dict(client.cookies)
        client.get("/logout")
    assert httpx.get(f"{guarded}/config", cookies=cookies).status_code == 401


def test_a_user_sees_nothing_of_what_another_said(guarded):
    session = uuid.uuid4().hex
    with logged_in(guarded, "ana") as ana, logged_in(guarded, "bob") as bob:
        assert called(ana, "remembered", "mine", session=session)[0] == "mine"
        assert called(ana, "remembered", "more", session=session)[0] == "mine, more"
        assert called(bob, "remembered", "hello", session=uuid.uuid4().hex)[0] == "hello"
        assert called(bob, "remembered", "hello")[0] == "hello"
        begun = ana.post("/gradio_api/call/remembered", json={"data": ["x"], "session_hash": session}).json()
        stranger = httpx.get(f"{guarded}/gradio_api/call/remembered/{begun['event_id']}")
        assert stranger.status_code == 401


def test_a_user_cannot_read_what_another_has_uploaded_even_by_its_address(guarded):
    with logged_in(guarded, "ana") as ana, logged_in(guarded, "bob") as bob:
        (path,) = ana.post("/gradio_api/upload", files={"files": ("notes.txt", b"only ana knows this")}).json()
        assert bob.get(f"{FILES}{path}").status_code == 403
        # Nor can its address be guessed, or found: it holds a hash of what only ana knows.
        assert re.search(r"/[0-9a-f]{64}/notes\.txt$", path)
        assert bob.get(f"{FILES}{Path(path).parent}").status_code == 403
        assert bob.get(f"{FILES}{Path(path).parent.parent}").status_code == 403


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_a_machine_shows_its_login_with_each_request(guarded):
    with httpx.Client(base_url=guarded, headers=basic("ana", PASSWORDS["ana"]), timeout=30) as client:
        assert json.loads(called(client, "ask", QUESTION)[0])["citations"]
        assert client.get("/gradio_api/mcp/schema").json()[0]["name"] == "ask"
        started = time.monotonic()
        for _ in range(5):
            assert client.get("/gradio_api/queue/status").status_code == 200
        assert time.monotonic() - started < 1  # the password is hashed only the first time


@pytest.mark.parametrize(
    "header",
    [
        basic("ana", "battery staple"),
        basic("eve", "x"),
        {"Authorization": "Basic !"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer YW5hOmNvcnJlY3QgaG9yc2U="},
        {"Authorization": "Basic /////w=="},
    ],
)
def test_a_machine_with_a_wrong_login_is_refused_without_a_prompt(guarded, header):
    answer = httpx.get(f"{guarded}/gradio_api/mcp/schema", headers=header)
    assert answer.status_code == 401 and "www-authenticate" not in answer.headers


def test_a_model_asks_over_mcp_with_its_login(guarded):
    import asyncio

    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def ask() -> str:
        headers = basic("ana", PASSWORDS["ana"])
        async with streamablehttp_client(f"{guarded}/gradio_api/mcp/", headers=headers) as (read, write, _):
            async with ClientSession(read, write) as session:
                await session.initialize()
                told = await session.call_tool("ask", {"question": QUESTION})
                assert not told.isError
                return told.content[0].text

    assert json.loads(asyncio.run(ask()))["citations"]


def test_whoever_guesses_passwords_has_to_wait(library, monkeypatch):
    monkeypatch.setattr("ui.users.TRIES", 3)
    with serving(library, library.parent / "guessed", auth="ana:correct horse") as address:
        wrong = {"username": "ana", "password": "wrong"}
        answers = [httpx.post(f"{address}/login", data=wrong) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [400] * 4
        right = {"username": "ana", "password": "correct horse"}
        waiting = httpx.post(f"{address}/login", data=right)
        assert waiting.status_code == 400 and "wait five minutes" in waiting.text
        assert httpx.get(f"{address}/gradio_api/mcp", headers=basic("ana", "correct horse")).status_code == 401

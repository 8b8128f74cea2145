"""Serves the chat: where it listens, who may come in, how much is asked at the same time."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import secrets
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import SettingsError
from ui.users import TRIES, WINDOW, Users, users

if TYPE_CHECKING:
    import gradio as gr

    from ui.desk import Desk

CONCURRENT_ANSWERS = 4
"""Events of one kind that are worked on at the same time; others wait their turn."""
WAITING = 1000
"""Events that may wait; each open page sends several when it loads. Gradio turns away what comes after."""
KEPT_FOR, SWEEP_EVERY = 24 * 60 * 60, 60 * 60
"""Seconds after which uploaded and offered files are deleted, and between looking for such files."""
EVERYWHERE = ("0.0.0.0", "::")
"""Hosts that stand for every address of the machine."""
WARM_AFTER = 2.0
"""Seconds after which the models load; sooner, they would take the processor from the page that is opened at once."""
SESSIONS = 1000
"""Open pages whose state is remembered; the least recently used ones begin anew."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the chat listens, and for whom.

    users: who may log in, or None where nobody has to.
    private: whether nobody but who uses this machine can come in. A login or --insecure says that others may, through
        a proxy on this machine too.
    mcp: whether machines may ask by the Model Context Protocol.
    """

    host: str
    port: int
    users: Users | None = None
    share: bool = False
    private: bool = False
    mcp: bool = False

    @property
    def address(self) -> str:
        """The address for people to open."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def server_options(
    host: str,
    port: int,
    *,
    auth: str | None = None,
    share: bool = False,
    insecure: bool = False,
    mcp: bool = False,
) -> ServerOptions:
    """The options to serve with, or a SettingsError where strangers could come in unasked.

    auth: USER:PASSWORD, or a file of users.
    """
    local = _is_loopback(host) and not share
    if not (local or auth or insecure):
        reach = "with --share anyone on the internet" if share else f"at {host} others on the network"
        raise SettingsError(
            f"{reach} could read the library; add --auth USER:PASSWORD, or --auth FILE with the lines that `dateline "
            "password` prints, or --insecure if that is what you want"
        )
    if mcp and not importlib.util.find_spec("mcp"):
        raise SettingsError("--mcp needs the package mcp; install it with `pip install 'mcp<2'`")
    private = local and not auth and not insecure
    return ServerOptions(host, port, users(auth) if auth else None, share, private, mcp)


def serve(desk: Desk, options: ServerOptions, on_ready: Callable[[str], None] = lambda _: None) -> None:
    """Serves the chat until the process is interrupted or terminated; calls on_ready with a line that says where."""
    with _own_folder_for_files():
        from ui.app import build

        page = build(desk)
        warming = threading.Timer(WARM_AFTER, desk.warm)
        warming.daemon = True
        try:
            where = launch(page, options)
            warming.start()
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, _terminated)
            everywhere = ", and at every address of this machine" if options.host in EVERYWHERE else ""
            on_ready(f"Dateline listens at {where}{everywhere} (stop it with Ctrl+C)")
            threading.Event().wait()
        finally:
            warming.cancel()
            page.close(verbose=False)


def launch(page: gr.Blocks, options: ServerOptions) -> str:
    """Starts the server in the background: no analytics, monitoring, run history or error details. Returns its address.

    Raises:
        SettingsError: it cannot listen there, or its MCP server does not start.
    """
    os.environ.setdefault("NO_PROXY", "localhost,127.0.0.1,::1")  # Gradio asks itself whether it is up
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)  # a table of all events, which nobody can see here
    page.delete_cache = (SWEEP_EVERY, KEPT_FOR)
    page.queue(default_concurrency_limit=CONCURRENT_ANSWERS, max_size=WAITING, api_open=False)
    try:
        with redirect_stdout(sys.stderr):  # quiet Gradio tells where its MCP server is
            _, local_url, share_url = page.launch(
                server_name=options.host,
                server_port=options.port,
                share=options.share,
                mcp_server=options.mcp,
                prevent_thread_lock=True,
                quiet=True,
                ssr_mode=False,
                pwa=False,
                state_session_capacity=SESSIONS,
                **_closed(options),
                **_look(),
            )
    except OSError as error:
        raise SettingsError(
            f"cannot listen at {options.address}: the port is taken, the address is not this machine's, or it is too "
            "busy to begin within 5 seconds; choose another with --port or --host, or try again"
        ) from error
    page.share = False  # Gradio's page for shared links loads itself from a server of theirs
    if page.mcp_error:
        page.close(verbose=False)
        raise SettingsError(f"the MCP server does not start: {page.mcp_error}; leave out --mcp, or update the packages")
    if options.mcp and options.users:
        _let_mcp_in(page)
    return share_url or str(local_url).rstrip("/")


def _closed(options: ServerOptions) -> dict[str, Any]:
    """What keeps people out, and in what they send within bounds."""
    from fastapi.exceptions import RequestValidationError
    from gradio.route_utils import FnIndexInferError
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from ui.guard import LARGEST_FILE, Guard, misnamed

    middleware = [Middleware(Guard, users=options.users)]
    if options.private:
        # A web page elsewhere can make its own name point to this machine and read what answers without a login; the
        # name in its requests gives it away.
        trusted = ["localhost", "127.0.0.1", "[", options.host]
        middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=trusted))
    wait = f"After {TRIES} wrong passwords you have to wait {WINDOW / 60:.0f} minutes."
    return {
        "auth": options.users.admit if options.users else None,
        "auth_message": f"Dateline. {wait}",
        "app_kwargs": {
            "middleware": middleware,
            "openapi_url": None,
            "exception_handlers": dict.fromkeys(
                (KeyError, TypeError, RequestValidationError, FnIndexInferError), misnamed
            ),
        },
        "max_file_size": LARGEST_FILE,
        "strict_cors": True,
        "show_error": False,
        "enable_monitoring": False,
        "run_history": False,
        "footer_links": [],
    }


def _look() -> dict[str, Any]:
    from gradio.themes import Base

    from ui.pages.labels import translations

    # Gradio's own fonts would do, but the system's need no request at all.
    theme = Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )
    pages = Path(__file__).parent / "pages"
    ready = (pages / "ready.js").read_text("utf-8")
    return {"theme": theme, "css_paths": sorted(pages.glob("*.css")), "js": ready, "i18n": translations()}


def _let_mcp_in(page: gr.Blocks) -> None:
    """Gives Gradio's MCP server, which calls its own HTTP API, a login of its own; its callers have shown theirs."""
    from gradio_client import Client

    token = secrets.token_urlsafe(32)
    page.app.tokens[token] = ":mcp"  # no user can have that name
    assert page.mcp_server_obj
    page.mcp_server_obj._client_instance = Client(
        page.local_url,
        headers={"x-gradio-user": "mcp", "Cookie": f"access-token-unsecure-{page.app.cookie_id}={token}"},
        download_files=False,
        verbose=False,
        analytics_enabled=False,
    )


@contextmanager
def _own_folder_for_files() -> Iterator[None]:
    """Lets Gradio keep uploaded and offered files where no other user of this machine can, until the chat ends."""
    with tempfile.TemporaryDirectory(prefix="dateline-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = os.path.realpath(folder)
        yield


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _terminated(*_: object) -> None:
    raise SystemExit(143)

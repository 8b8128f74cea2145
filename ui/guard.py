"""What stands in front of Gradio: security headers, doors that nothing needs, limits of what is sent, logins."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.sent import owns, read_json
from ui.users import Throttle, Users

LARGEST_FILE = 64 * 2**20
"""Bytes of one uploaded file."""
MOST_FILES = 50
"""Files of one upload."""
LARGEST_UPLOAD = 256 * 2**20
"""Bytes of one upload, all files together."""
LARGEST_REQUEST = 16 * 2**20
"""Bytes of any other request; a stored conversation takes up to 4 MB."""
MOST_KEPT = 2 * 2**30
"""Bytes of all uploaded and offered files together, which are deleted a day after they came."""

_API = "/gradio_api/"
_FILES = (f"{_API}file=", f"{_API}file/")
_CLOSED = (f"{_API}deep_link", f"{_API}process_recording")  # they write to the disk, and no page uses them
_OPEN = (f"{_API}startup-events", f"{_API}theme.css", f"{_API}login_check", f"{_API}user", f"{_API}token")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
Refusal = tuple[int, str]
_NOT_YOURS: Refusal = 403, "This tab belongs to another user; reload the page."


class Guard:
    """ASGI middleware. With users, everything under /gradio_api needs a login: the page's, or HTTP Basic for machines.

    Gradio checks logins itself, but not at its MCP server, heartbeat, cancel and stream.
    """

    def __init__(self, app: ASGIApp, users: Users | None = None) -> None:
        self.app = app
        self._users = users
        self._throttle = Throttle()
        self._basic: dict[str, str] = {}  # the token that a right Authorization header has brought, by its hash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to Gradio, or refuse it."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close"})
        request = Request(scope)
        send = _with_headers(request, send)
        refusal = await self._unknown(request) or _refusal(request) or await _too_much(request)
        if not refusal and self._users and request.method == "POST" and _path(request).rstrip("/") == "/login":
            refusal, send = self._login(request, send)
        receive = _counted(request, receive)
        if not refusal and _is_json(request):
            refusal, receive = await self._sent(Request(scope), receive)
        if refusal:
            status, reason = refusal
            return await PlainTextResponse(reason, status)(scope, receive, send)
        await self.app(scope, receive, send)

    def _login(self, request: Request, send: Send) -> tuple[Refusal | None, Send]:
        address = _address(request)
        if not self._throttle.begin(address):
            return (400, "Too many wrong passwords; wait five minutes."), send  # 400 is what Gradio's page shows

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._throttle.take_back(address)
            await send(message)

        return None, watched

    async def _sent(self, request: Request, receive: Receive) -> tuple[Refusal | None, Receive]:
        is_program = _path(request).startswith(f"{_API}call/")  # which is told that it sent half a character
        try:
            value, again = await read_json(receive, mend=not is_program)
        except MultiPartException as error:
            return (413, error.message), receive
        except ValueError:
            return (400, "What was sent cannot be read as JSON."), receive
        session = value.get("session_hash") if isinstance(value, dict) else None
        user, sessions = _user(request), request.scope["app"].state_holder
        if user and isinstance(session, str) and not owns(user, session, sessions, begins=True):
            return _NOT_YOURS, again
        return None, again

    async def _unknown(self, request: Request) -> Refusal | None:
        if not self._users or not _path(request).startswith(_API) or _path(request).rstrip("/") in _OPEN:
            return None
        if not _user(request):
            gradio = request.scope["app"]
            token = await self._basic_token(request, gradio.tokens)
            if not token:
                return 401, "Not authenticated: log in at the page, or send the user and password by HTTP Basic."
            kept = [header for header in request.scope["headers"] if header[0] != b"cookie"]
            cookie = f"{_cookies(gradio)[1]}={token}".encode()
            request.scope["headers"] = [*kept, (b"cookie", cookie)]
        return _not_yours(Request(request.scope))

    async def _basic_token(self, request: Request, tokens: dict[str, str]) -> str | None:
        """The token of the user whose name and password the Authorization header holds."""
        assert self._users
        header = request.headers.get("authorization", "")
        known = hashlib.sha256(header.encode()).hexdigest()
        if self._basic.get(known) in tokens:
            return self._basic[known]
        user = _user_and_password(header)
        address = _address(request)
        if not user or not self._throttle.begin(address) or not await self._users.admit(*user):
            return None
        self._throttle.take_back(address)
        self._basic[known] = secrets.token_urlsafe(32)
        tokens[self._basic[known]] = user[0]
        return self._basic[known]


async def misnamed(request: Request, error: Exception) -> Response:
    """What a client is told that names an endpoint, or a value of one, which there is not; Gradio would only fail."""
    if request.method != "POST" or not _path(request).startswith(_API):
        raise error
    told = "There is no such endpoint, or a value is missing or misnamed; /gradio_api/info lists them."
    return PlainTextResponse(told, 400)


def _refusal(request: Request) -> Refusal | None:
    path = _path(request)
    if path.startswith(_CLOSED):
        return 404, "Not found."
    # Other web pages can make a browser send uploads here, with the login of who looks at them.
    foreign = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if foreign and request.method not in ("GET", "HEAD", "OPTIONS"):
        return 403, "Sent by another web page."
    if path.startswith(_FILES) and not _offered(request):
        return 403, "There is no such file for you."
    return None


def _not_yours(request: Request) -> Refusal | None:
    """The refusal where the address names another user's session."""
    user, sessions, path = _user(request), request.scope["app"].state_holder, _path(request)
    named = request.query_params.getlist("session_hash")
    if request.method == "GET" and path.startswith((f"{_API}heartbeat/", f"{_API}call/")):
        named.append(path.rpartition("/")[2])
    return None if all(owns(user, session, sessions) for session in named) else _NOT_YOURS


def _user(request: Request) -> str:
    """Who has shown a login, as Gradio reads it; "" for nobody."""
    gradio = request.scope["app"]
    secure, unsecure = _cookies(gradio)
    user: str = gradio.tokens.get(request.cookies.get(secure) or request.cookies.get(unsecure), "")
    return user


def _cookies(gradio: Any) -> tuple[str, str]:  # noqa: ANN401 - its App, which is no part of what it offers
    return f"access-token-{gradio.cookie_id}", f"access-token-unsecure-{gradio.cookie_id}"


def _offered(request: Request) -> bool:
    """Whether a file's address names what the page offers as a download: no upload, and nothing outside our folder."""
    gradio = request.scope["app"]
    try:
        path = os.path.realpath(_path(request)[len(_FILES[0]) :])
    except ValueError:  # a null character
        return False
    folder = os.path.realpath(gradio.uploaded_file_dir)
    return path.startswith(folder + os.sep) and path not in gradio.get_blocks().upload_file_set


async def _too_much(request: Request) -> Refusal | None:
    length, limit = request.headers.get("content-length", "0"), _limit(request)
    if not length.isdecimal() or int(length) > limit:
        return 413, f"More than {limit // 2**20} MB cannot be sent at once."
    if _is_upload(request):
        folder = Path(request.scope["app"].uploaded_file_dir)
        if await run_in_threadpool(_size, folder) + int(length) > MOST_KEPT:
            return 413, "There are too many uploaded files here already; try again in a day."
    return None


def _is_upload(request: Request) -> bool:
    return request.method == "POST" and _path(request).rstrip("/") == f"{_API}upload"


def _is_json(request: Request) -> bool:
    """Whether Gradio may read what is sent as JSON, whatever kind it is said to be."""
    kind = request.headers.get("content-type", "").lower()
    return request.method == "POST" and _path(request).startswith(_API) and not kind.startswith("multipart/")


def _limit(request: Request) -> int:
    return LARGEST_UPLOAD if _is_upload(request) else LARGEST_REQUEST


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.lstat().st_size
        except FileNotFoundError:
            continue
    return total


def _counted(request: Request, receive: Receive) -> Receive:
    """What is received, until it is too long or has too many files; Gradio tells the sender why it stopped there."""
    limit, length, files, rest = _limit(request), 0, -1, b""  # a boundary stands before each file and at the end
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = b"--" + options[b"boundary"] if b"boundary" in options and _is_upload(request) else b""

    async def counted() -> Message:
        nonlocal length, files, rest
        message = await receive()
        body = message.get("body", b"")
        length += len(body)
        if length > limit:
            raise MultiPartException(f"{limit // 2**20} MB is the maximum allowed size of all files together.")
        if boundary:
            files += (rest + body).count(boundary)
            rest = (rest + body)[-len(boundary) + 1 :]
            if files > MOST_FILES:
                raise MultiPartException(f"{MOST_FILES} files are the most that can be sent at once.")
        return message

    return counted


def _with_headers(request: Request, send: Send) -> Send:
    """Adds the security headers; a page's own scripts get the nonce that lets them run."""
    nonce = secrets.token_urlsafe(16)
    is_file = _path(request).startswith(_FILES)
    start: Message | None = None
    page = b""

    async def with_headers(message: Message) -> None:
        nonlocal start, page
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers["Content-Security-Policy"] = _FILE_POLICY if is_file else _POLICY.format(nonce=nonce)
            if not is_file and headers.get("content-type", "").startswith("text/html"):
                start = message
                return
        elif start:
            page += message.get("body", b"")
            if message.get("more_body"):
                return
            page = page.replace(b"<script", f'<script nonce="{nonce}"'.encode())
            if "content-length" in (headers := MutableHeaders(scope=start)):
                headers["content-length"] = str(len(page))
            await send(start)
            message, start = {"type": "http.response.body", "body": page}, None
        await send(message)

    return with_headers


def _path(request: Request) -> str:
    """The path that Gradio's routes are compared with; request.url would cut it at an escaped question mark."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _user_and_password(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if kind.lower() == "basic" and colon else None


def _address(request: Request) -> str:
    return request.client.host if request.client else ""

"""Safe fetching: one page from the public internet, and never anything from the network inside.

The address that is checked is the address that is connected to: a name is resolved once, refused if any of its
addresses is not public, and the connection made to one of those, while the TLS certificate is still checked against
the name. This sits below redirects, so each hop is checked the same way. Proxy variables are not looked at.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from functools import cache
from typing import TYPE_CHECKING

import httpcore

from ingest.errors import FetchError, SourceError
from ingest.sources.addresses import is_public
from ingest.sources.bounded import MAX_ARTICLE_BYTES, gunzip, read_whole

if TYPE_CHECKING:
    import httpx

MAX_REDIRECTS = 5
PORTS = (80, 443)
WALL_SECONDS = 30.0  # for one page, redirects and all
STALL_SECONDS = 10.0  # without a byte
USER_AGENT = "Dateline/0.1 (news question answering; reads pages that its user names)"

_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, */*;q=0.5",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}

_TIMEOUTS = {"connect": STALL_SECONDS, "read": STALL_SECONDS, "write": STALL_SECONDS, "pool": STALL_SECONDS}


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answered with.

    url: where it was found in the end, after redirects.
    content_type: the media type as the server named it, with its parameters, or "".
    """

    url: str
    content_type: str
    body: bytes


def fetch(
    url: str, *, allow_private: bool = False, max_bytes: int = MAX_ARTICLE_BYTES, timeout: float = WALL_SECONDS
) -> Page:
    """The page at an http(s) address.

    Args:
        url: without user name or password, on port 80 or 443.
        allow_private: also fetch from addresses inside (loopback, intranet) and from any port.
        max_bytes: of the body, unpacked.
        timeout: seconds for everything together, so that an answer without an end is given up too.

    Raises:
        FetchError: the address must not be fetched, or cannot be; the message says which and why.
    """
    deadline = time.monotonic() + timeout
    target = _parse(url)
    for _ in range(MAX_REDIRECTS + 1):
        _check(target, allow_private)
        answer = _get(target, allow_private, max_bytes, deadline)
        if isinstance(answer, Page):
            return answer
        try:
            target = target.join(answer)
        except Exception as error:  # noqa: BLE001 - httpx raises several kinds on an address that is none
            raise FetchError(f"{url} redirects to what is no address: {answer[:200]}") from error
    raise FetchError(f"{url} redirects more than {MAX_REDIRECTS} times")


def split_content_type(value: str) -> tuple[str, str]:
    """The media type and the charset that a Content-Type header names, in lower case, each maybe ""."""
    message = Message()
    message["Content-Type"] = value
    return (message.get_content_type() if "/" in value else "", (message.get_content_charset() or "").lower())


def _parse(url: str) -> httpx.URL:
    import httpx

    try:
        return httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchError(f"{url[:200]} is not an address ({error})") from error


def _check(target: httpx.URL, allow_private: bool) -> None:
    """Refuse what the address alone shows must not be fetched."""
    if target.scheme not in ("http", "https") or not target.host:
        raise FetchError(f"{target} is not an http or https address")
    if target.userinfo:
        raise FetchError(f"an address with a user name or password is not fetched (host {target.host})")
    if not allow_private and target.port is not None and target.port not in PORTS:
        raise FetchError(f"{target} names port {target.port}; only {' and '.join(map(str, PORTS))} are fetched from")


def _get(target: httpx.URL, allow_private: bool, max_bytes: int, deadline: float) -> Page | str:
    """The page at an address, or where it redirects to."""
    host = target.raw_host.decode("ascii")
    wire = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    headers = [("Host", target.netloc.decode("ascii")), *_HEADERS.items()]
    backend = _GuardedBackend(allow_private, deadline)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
            pool.stream("GET", wire, headers=headers, extensions={"timeout": _TIMEOUTS}) as response,
        ):
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS and said.get("location"):
                return said["location"]
            if response.status != 200:
                raise FetchError(f"{target} answered with status {response.status}")
            body = _body(response.iter_stream(), said, max_bytes)
    except SourceError as error:
        raise FetchError(str(error) if str(target) in str(error) else f"{target}: {error}") from error
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise FetchError(f"{target} took too long") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise FetchError(f"{host} cannot be reached ({error or type(error).__name__})") from error
    return Page(str(target), said.get("content-type", ""), body)


def _body(pieces: Iterable[bytes], said: dict[str, str], max_bytes: int) -> bytes:
    if said.get("content-length", "").isdecimal() and int(said["content-length"]) > max_bytes:
        raise SourceError(f"larger than {max_bytes // 1_000_000} MB")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > max_bytes:
            raise SourceError(f"larger than {max_bytes // 1_000_000} MB")
    encoding = said.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return read_whole(gunzip(io.BytesIO(body)), max_bytes)
    if encoding not in ("identity", ""):
        raise SourceError(f"the answer is packed in a way that was not asked for ({encoding})")
    return bytes(body)


def resolve(host: str, port: int, allow_private: bool) -> list[str]:
    """A host's addresses.

    Raises:
        FetchError: it has none, or (unless `allow_private`) any of them is not public.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{host} is not known to the name service ({error})") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    inside = [address for address in addresses if not is_public(address)]
    if inside and not allow_private:
        raise FetchError(
            f"{host} is at {inside[0]}, which is not a public address; "
            "set DATELINE_ALLOW_PRIVATE_ADDRESSES=1 to read from your own network"
        )
    return addresses


@cache
def _tls() -> ssl.SSLContext:
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and gives up when the time for the page is over."""

    def __init__(self, allow_private: bool, deadline: float) -> None:
        self._plain = httpcore.SyncBackend()
        self._allow_private = allow_private
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in resolve(host, port, self._allow_private):
            try:
                left = _left(self._deadline, timeout)
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no single wait outlasts the time for the whole page."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _left(deadline: float, timeout: float | None) -> float:
    """Seconds that a single wait may take."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the page is over")
    return left if timeout is None else min(left, timeout)

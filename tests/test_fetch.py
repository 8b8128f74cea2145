"""Fetching from a real server on loopback, and refusing to fetch from anywhere inside."""

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.errors import FetchError
from ingest.records import Article, Rejected
from ingest.sources import read, remote, web
from ingest.sources.addresses import is_public
from ingest.sources.web import fetch, split_content_type

SENTENCES = [
    "The council of Harbourton voted on Tuesday to rebuild the old ferry pier before the winter storms arrive.",
    "Work is to start in April and will cost 4.2 million dollars, the mayor said after the meeting.",
]


def page(title: str) -> bytes:
    body = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    head = f"<html><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{body}</article></body></html>".encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path, (404, {}, b""))
        if callable(answer):
            answer(self)
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def serving(tls: ssl.SSLContext | None = None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # clients that hang up are what some tests are about
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.answers, server.asked = {}, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server():
    with serving() as running:
        yield running


def html(body: bytes) -> tuple:
    return (200, {"Content-Type": "text/html; charset=utf-8"}, body)


# Which addresses are public


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "127.255.0.1", "169.254.169.254", "0.0.0.0", "0.1.2.3",
        "100.64.0.1", "100.127.255.255", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1",
        "::ffff:127.0.0.1", "::ffff:100.64.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8",
        "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1",
        "2001::1", "2001:0:7f00:1::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1",
        "", "localhost", "127.1", "0x7f000001", "1.1.1.1.1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "2606:4700:4700::1111"])
def test_an_ordinary_address_is_public(address):
    assert is_public(address)


# What is refused before any connection


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/a", "not an http or https address"),
        ("file:///etc/hostname", "not an http or https address"),
        ("http:///a", "not an http or https address"),
        ("http://user:secret@example.org/", "user name or password"),
        ("http://example.org:22/", "port 22"),
        ("http://127.0.0.1/", "not a public address"),
        ("http://2130706433/", "not a public address"),
        ("http://localhost/", "not a public address"),
        ("http://[::ffff:7f00:1]/", "not a public address"),
        ("http://[fec0::1]/", "not a public address"),
        ("http://exam\x00ple.org/", "not an address"),
    ],
)
def test_an_address_that_must_not_be_fetched_is_refused_with_the_reason(url, why):
    with pytest.raises(FetchError, match=why):
        fetch(url)


def test_a_refusal_never_repeats_a_password():
    with pytest.raises(FetchError) as refused:
        fetch("http://user:secret@example.org/")
    assert "secret" not in str(refused.value)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("8.8.8.8", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    with pytest.raises(FetchError, match=r"10\.0\.0\.7"):
        fetch("http://example.org/")


def test_a_name_is_resolved_once_so_that_it_cannot_change_after_the_check(monkeypatch, server):
    lookups = []

    def rebinding(host, port, *args, **kwargs):
        lookups.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(web, "is_public", lambda address: True)  # what a first, lying answer would look like
    hosts = []
    server.answers["/"] = lambda handler: (hosts.append(handler.headers["Host"]), handler.send_error(404))
    with pytest.raises(FetchError, match="status 404"):
        fetch(f"http://news.example:{server.server_port}/", allow_private=True)
    assert lookups.count("news.example") == 1
    assert hosts == [f"news.example:{server.server_port}"]


def test_proxy_variables_are_not_looked_at(monkeypatch, server):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.answers["/a"] = html(b"here")
    assert fetch(f"{server.url}/a", allow_private=True).body == b"here"


# Redirects


def test_a_redirect_is_followed_and_the_page_named_by_where_it_was_found(server):
    server.answers["/old"] = (301, {"Location": "/new?a=1"}, b"")
    server.answers["/new?a=1"] = html(b"here")
    answer = fetch(f"{server.url}/old", allow_private=True)
    assert (answer.url, answer.body) == (f"{server.url}/new?a=1", b"here")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "file:///etc/passwd"]
)
def test_a_redirect_to_a_private_address_is_refused(monkeypatch, server, target):
    server.answers["/"] = (302, {"Location": target}, b"")
    monkeypatch.setattr(web, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    monkeypatch.setattr(web, "PORTS", (80, 443, server.server_port))
    with pytest.raises(FetchError, match="not a public address|not an http"):
        fetch(server.url)
    assert server.asked == ["/"]


def test_redirects_without_an_end_are_given_up(server):
    server.answers["/"] = (302, {"Location": "/"}, b"")
    with pytest.raises(FetchError, match="more than 5 times"):
        fetch(f"{server.url}/", allow_private=True)
    assert len(server.asked) == 6


# Size and time


def test_a_page_larger_than_allowed_is_refused_unread(server):
    server.answers["/a"] = html(b"x" * 2_000_001)
    with pytest.raises(FetchError, match="larger than 2 MB"):
        fetch(f"{server.url}/a", allow_private=True, max_bytes=2_000_000)


def test_a_stream_without_an_end_is_given_up_by_its_size(server):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            handler.close_connection = True

    server.answers["/"] = endless
    with pytest.raises(FetchError, match="larger than 3 MB"):
        fetch(f"{server.url}/", allow_private=True, max_bytes=3_000_000)


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_stream_that_drips_for_ever_is_given_up_by_the_clock(server, part):
    def dripping(handler):
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            while True:
                handler.wfile.write(b"x")
                time.sleep(0.02)
        except OSError:
            handler.close_connection = True

    server.answers["/"] = dripping
    started = time.monotonic()
    with pytest.raises(FetchError, match="took too long"):
        fetch(f"{server.url}/", allow_private=True, timeout=0.5)
    assert time.monotonic() - started < 3


def test_a_packed_answer_is_unpacked_and_a_bomb_refused(server):
    packed = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    server.answers["/a"] = (200, packed, gzip.compress(b"here"))
    server.answers["/bomb"] = (200, packed, gzip.compress(b"0" * 30_000_000))
    assert fetch(f"{server.url}/a", allow_private=True).body == b"here"
    with pytest.raises(FetchError, match="more than 20 MB"):
        fetch(f"{server.url}/bomb", allow_private=True)


def test_a_server_that_is_not_there_is_said_so():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(f"http://127.0.0.1:{port}/", allow_private=True)


def test_an_answer_that_is_no_http_is_said_so(server):
    server.answers["/"] = lambda handler: (handler.wfile.write(b"SSH-2.0-x\r\n\r\n"), handler.finish())
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(f"{server.url}/", allow_private=True)


@pytest.mark.parametrize(("name", "trusted"), [("news.example", True), ("other.example", False)])
def test_the_certificate_must_be_for_the_name_that_was_asked_for(tmp_path, monkeypatch, name, trusted):
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificate with the openssl command, which is missing")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -addext subjectAltName=DNS:{name}"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    monkeypatch.setattr(web, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    with serving(tls) as server:
        server.answers["/"] = html(b"here")
        address = f"https://news.example:{server.server_port}/"
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.server_port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: here)
        if trusted:
            assert fetch(address, allow_private=True).body == b"here"
        else:
            with pytest.raises(FetchError, match="certificate"):
                fetch(address, allow_private=True)


def test_the_media_type_and_charset_are_read_from_the_header():
    assert split_content_type('Text/HTML; Charset="UTF-8"') == ("text/html", "utf-8")
    assert split_content_type("") == ("", "")


# Pages, feeds and sitemaps


def local(url: str) -> list:
    return list(read(url, allow_private=True))


def test_an_address_of_a_page_is_one_article(server):
    server.answers["/pier?utm_source=x"] = html(page("The pier"))
    (article,) = local(f"{server.url}/pier?utm_source=x")
    assert (article.title, article.url, article.source) == ("The pier", f"{server.url}/pier", "127.0.0.1")
    assert article.text.endswith("\n\n".join(SENTENCES))


def test_an_address_that_cannot_be_fetched_is_rejected_not_raised(server):
    (item,) = local(f"{server.url}/gone")
    assert item == Rejected(f"{server.url}/gone", f"{server.url}/gone answered with status 404")
    (item,) = read("http://127.0.0.1/")
    assert isinstance(item, Rejected) and "not a public address" in item.reason


def feed_of(server, *items: tuple[str, str, str]) -> tuple:
    body = "".join(
        f"<item><title>{title}</title><link>{server.url}{path}</link><description>Teaser of {title}.</description>"
        f"<pubDate>{date}</pubDate></item>"
        for path, title, date in items
    )
    content = f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Harbour Post</title>{body}</channel></rss>'
    return (200, {"Content-Type": "text/xml"}, content.encode())


def test_a_feeds_items_are_fetched_whole_oldest_first_and_a_teaser_stands_in_where_that_fails(server):
    server.answers["/feed"] = feed_of(
        server,
        ("/new", "New", "Wed, 06 Mar 2024 08:00:00 GMT"),
        ("/gone", "Gone", "Tue, 05 Mar 2024 08:00:00 GMT"),
        ("/late", "Late", "Wed, 01 Mar 2017 08:00:00 GMT"),
    )
    server.answers["/new"], server.answers["/late"] = html(page("New")), html(page("Late"))
    late, gone, new = local(f"{server.url}/feed")
    assert [item.title for item in (late, gone, new)] == ["Late", "Gone", "New"]
    assert SENTENCES[1] in late.text and not late.teaser and late.published.year == 2017
    assert (gone.text, gone.teaser, gone.url) == ("Teaser of Gone.", True, f"{server.url}/gone")
    assert new.source == "Harbour Post"


def test_a_feeds_item_on_a_private_address_is_not_fetched(monkeypatch, server):
    asked = []

    def watched(url, **options):
        asked.append(url)
        return fetch(url, **{**options, "allow_private": url.endswith("/feed")})

    monkeypatch.setattr(remote, "fetch", watched)
    server.answers["/feed"] = feed_of(server, ("/inside", "Inside", ""))
    (item,) = read(f"{server.url}/feed")
    assert item.teaser and item.text == "Teaser of Inside."
    assert asked == [f"{server.url}/feed", f"{server.url}/inside"] and server.asked == ["/feed"]


def sitemap(kind: str, *urls: str) -> bytes:
    outer = {"url": "urlset", "sitemap": "sitemapindex"}[kind]
    listed = "".join(f"<{kind}><loc>{url}</loc></{kind}>" for url in urls)
    return (
        f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{outer}>'.encode()
    )


def test_an_index_of_sitemaps_leads_to_all_pages_once_even_when_it_lists_itself(server):
    xml = {"Content-Type": "application/xml"}
    index = [f"{server.url}/{name}" for name in ("index.xml", "news.xml.gz", "gone.xml")]
    server.answers["/index.xml"] = (200, xml, sitemap("sitemap", *index))
    news = sitemap("url", f"{server.url}/a", f"{server.url}/gone", f"{server.url}/b")
    server.answers["/news.xml.gz"] = (200, {"Content-Type": "application/gzip"}, gzip.compress(news))
    server.answers["/a"], server.answers["/b"] = html(page("A")), html(page("B"))
    items = local(f"{server.url}/index.xml")
    assert [item.title for item in items if isinstance(item, Article)] == ["A", "B"]
    missing = [item.origin for item in items if isinstance(item, Rejected)]
    assert missing == [f"{server.url}/gone", f"{server.url}/gone.xml"]


def test_a_sitemap_index_without_an_end_is_bounded_and_says_what_is_left_out(monkeypatch, server):
    monkeypatch.setattr(remote, "MAX_SITEMAPS", 3)
    index = [f"{server.url}/{n}.xml" for n in range(5)]
    server.answers["/index.xml"] = (200, {"Content-Type": "application/xml"}, sitemap("sitemap", *index))
    items = local(f"{server.url}/index.xml")
    left_out = [item.origin for item in items if "more than 3 sitemaps" in item.reason]
    assert left_out == index[2:]

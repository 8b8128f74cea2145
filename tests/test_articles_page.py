"""The Articles page without a browser: what becomes of what is added, what is shown, and what a forged request gets."""

from __future__ import annotations

import json
import re
import shutil
import socket
import string
import threading
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gradio as gr
import newsdesk
import pytest

from ingest.browse import browse
from ingest.catalog import write_rejected
from ingest.errors import QuestionError
from ingest.library import Library
from ingest.records import Article, Rejected
from ui import articles_html as html
from ui.added import Added, Given
from ui.adding import Adding, Intake
from ui.desk import Desk
from ui.pages.articles import page
from ui.pages.articles_change import copies_of
from ui.search import Search, excerpt, found_words
from ui.strings import texts, words

EN, ES = words("en"), words("es")
STORY = (
    "Harbour bridge closes\n\nThe harbour bridge at Lena will be closed for six weeks from Monday, the port authority "
    "said.\n\nEngineers found cracks in two of its four pillars during an inspection in May.\n"
)
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> ![x](javascript:alert(2)) \u202eevil"


@pytest.fixture
def library(small):
    with Library.open(small) as library:
        yield library


def upload(folder: Path, name: str, text: str) -> Given:
    """A file as Gradio keeps one that somebody sent: its own name in a folder with a made-up one."""
    path = folder / f"{len(list(folder.iterdir()))}f3a9c" / name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return Given(str(path), name, is_upload=True)


def lines(*articles: Article) -> str:
    return "".join(
        json.dumps({"title": a.title, "text": a.text, "url": a.url, "source": a.source, "language": a.language}) + "\n"
        for a in articles
    )


def add(library: Library, *given: Given, **options) -> Adding:
    adding = Adding(library, given, **options).start()
    adding.join()
    return adding


def added(library: Library, *given: Given) -> Added:
    ended = add(library, *given)
    assert ended.added is not None and not ended.error and not ended.failed
    return ended.added


# --- what becomes of what is added


def test_each_input_ends_as_new_updated_unchanged_copy_or_rejected_under_its_own_name(library, tmp_path):
    before = newsdesk.article(3)
    wire = replace(newsdesk.article(3), url="https://copies.example/3", source="Copy Post", title="Tram line opened")
    found = added(
        library,
        upload(tmp_path, "bridge.txt", STORY),
        upload(tmp_path, "dump.jsonl", lines(wire, newsdesk.article(4, version=1)) + '{"title": "no text"}\n'),
        upload(tmp_path, "again.jsonl", newsdesk_lines(newsdesk.article(5))),
        upload(tmp_path, "empty.html", ""),
        upload(tmp_path, "letter.docx", "dear editor"),
    )
    report = found.report
    assert (report.indexed, report.updated, report.unchanged, report.duplicates) == (2, 1, 1, 1)
    assert [(one.headline.title, one.origin, one.is_update) for one in found.came] == [
        ("Harbour bridge closes", "bridge.txt", False),
        ("Tram line opened", "dump.jsonl:1", False),
        (newsdesk.article(4).title, "dump.jsonl:2", True),
    ]
    assert found.came[1].copy_of.title == before.title and found.came[1].copy_of.source == before.source
    assert found.nothing_new == ("again.jsonl",)
    assert [one.origin for one in report.rejected] == ["dump.jsonl:3", "empty.html", "letter.docx"]
    assert "'.docx' are not read" in report.rejected[2].reason


def test_what_came_of_a_feed_that_was_sent_is_told(library, tmp_path):
    told = "The harbour master opened the new pier before a crowd on Monday. " * 20
    item = f"<item><title>Pier</title><link>https://e.org/pier</link><description>{told}</description></item>"
    feed = f'<rss version="2.0"><channel><title>Harbour</title>{item}</channel></rss>'
    found = added(library, upload(tmp_path, "feed.xml", feed))
    assert [(one.headline.title, one.origin) for one in found.came] == [("Pier", "feed.xml#https://e.org/pier")]
    assert found.nothing_new == ()


def newsdesk_lines(article: Article) -> str:
    return json.dumps({
        "url": article.url, "title": article.title, "text": article.text, "source": article.source,
        "published": article.published.isoformat(), "language": article.language,
    }) + "\n"  # fmt: skip


def test_no_made_up_path_stays_anywhere_in_the_library(library, tmp_path):
    given = [upload(tmp_path, "bridge.txt", STORY), upload(tmp_path, "empty.html", "")]
    added(library, *given)
    origins = {article.origin for article in library.articles()} | {one.origin for one in library.status().rejected}
    assert {"bridge.txt", "empty.html"} <= origins
    assert not any(str(tmp_path / folder) in origin for origin in origins for folder in ("0f3a9c", "1f3a9c"))


def test_uploads_are_deleted_when_they_have_been_read(library, tmp_path):
    given = upload(tmp_path, "bridge.txt", STORY)
    added(library, given)
    assert not Path(given.source).exists()


def test_a_file_that_was_rejected_leaves_the_list_once_it_comes_in(library, tmp_path):
    added(library, upload(tmp_path, "bridge.txt", ""))
    assert [one.origin for one in library.status().rejected] == ["bridge.txt"]
    added(library, upload(tmp_path, "bridge.txt", STORY))
    assert library.status().rejected == ()


def test_what_was_added_is_found_at_once(library, tmp_path):
    added(library, upload(tmp_path, "bridge.txt", STORY))
    assert browse(library, words=["cracks", "pillars"]).total == 1


def test_a_stop_keeps_what_is_in_the_library_and_says_that_the_rest_is_not(library, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.pipeline.BATCH_PASSAGES", 8)
    monkeypatch.setattr("ingest.pipeline.READ_AHEAD", 1)
    given = upload(tmp_path, "dump.jsonl", lines(*map(newsdesk.article, range(100, 400))))
    adding = Adding(library, [given])
    tell = adding._told

    def told(progress):  # somebody stops it as soon as they see the first articles in the library
        tell(progress)
        if progress.articles:
            adding.stop()

    monkeypatch.setattr(adding, "_told", told)
    adding.start().join()
    found, total = adding.added, browse(library).total
    assert not found.whole and not adding.error and not adding.failed
    assert 12 < total < 312 and found.report.indexed == total - 12
    assert browse(library, words=["mayor"]).total == total
    assert not library.check().problems
    assert "stopped" in html.report_html(found, EN, stopped=True) and "nothing is done twice" in html.report_html(
        found, EN
    )


def test_another_writer_is_told_and_not_waited_for(library, tmp_path):
    given = upload(tmp_path, "bridge.txt", STORY)
    with library.writing():
        adding = add(library, given)
    assert "is writing to" in adding.busy and adding.added is None
    assert Path(given.source).exists()  # to try again with
    assert browse(library).total == 12


def test_one_lot_is_added_at_a_time(library, tmp_path):
    intake, release = Intake(), threading.Event()
    slow = Adding(library, [upload(tmp_path, "bridge.txt", STORY)])
    slow._told = lambda _: release.wait(60)
    assert intake.begin(slow)
    assert not intake.begin(Adding(library, []))
    release.set()
    slow.join()
    assert intake.begin(Adding(library, [])) and intake.latest is not slow


def test_the_library_answers_while_articles_are_added(library, tmp_path):
    seen, release = threading.Event(), threading.Event()
    adding = Adding(library, [upload(tmp_path, "bridge.txt", STORY)])
    adding._told = lambda _: (seen.set(), release.wait(60))
    adding.start()
    assert seen.wait(60)
    assert browse(library, words=["Galata"]).total == 1
    release.set()
    adding.join()


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Lena Post</title><item><title>Bridge closes</title>
<description>The harbour bridge at Lena will be closed for six weeks from Monday, the port authority said.</description>
</item></channel></rss>"""


@pytest.fixture
def feed():
    """The address of a feed inside this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.end_headers()
            self.wfile.write(FEED.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/feed.xml"
    server.shutdown()
    server.server_close()


def test_a_feed_inside_the_network_is_fetched_only_where_the_setting_allows(library, feed):
    given = Given(feed, feed)
    refused = added(library, given)
    assert refused.report.indexed == 0 and [one.origin for one in refused.report.rejected] == [feed]
    allowed = add(library, given, allow_private=True).added
    assert [one.headline.title for one in allowed.came] == ["Bridge closes"] and allowed.report.rejected == ()


# --- what is shown


def shown_report(library, *given: Given, say=EN) -> str:
    return html.report_html(added(library, *given), say)


def test_a_report_names_counts_articles_and_reasons(library, tmp_path):
    shown = shown_report(library, upload(tmp_path, "bridge.txt", STORY), upload(tmp_path, "empty.html", ""))
    assert "<dt>New</dt><dd>1</dd>" in shown and "<dt>Rejected</dt><dd>1</dd>" in shown
    assert "Harbour bridge closes</button>" in shown and "bridge.txt" in shown
    assert "<td>empty.html</td><td>empty</td>" in shown
    assert str(tmp_path) not in shown


def test_a_report_says_of_which_article_another_is_a_copy(library, tmp_path):
    copy = replace(newsdesk.article(3), url="https://copies.example/3", source="Copy Post", title="Tram line opened")
    shown = plain(shown_report(library, upload(tmp_path, "dump.jsonl", lines(copy)), say=ES))
    assert f"Lleva la misma noticia que {newsdesk.article(3).title} Morning Echo · 2024-01-04" in shown


def plain(markup: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", markup).split())


def test_article_text_is_shown_as_text_and_only_web_addresses_are_links(library, tmp_path):
    text = f"Growers in the Lena valley expect to pick grapes three weeks late this year. {HOSTILE}"
    hostile = Article(text, title=f"Vineyards {HOSTILE}", url="javascript:alert(3)", source=f"Post {HOSTILE}")
    report = shown_report(library, upload(tmp_path, f"{'x' * 9}.jsonl", lines(hostile)))
    looked = browse(library, words=["grapes"])
    search = Search("script onerror")
    shown = [
        report,
        html.listing_html(looked, [()], 0, search, EN),
        html.reader_html(looked.entries[0], [looked.entries[0].article], search, EN, origin=True),
        html.forget_html(looked.entries[0].article, [], EN),
        html.rejected_html([(Rejected(HOSTILE, HOSTILE), datetime.now(UTC))], EN),
        html.head_html(1, 1, 0, [HOSTILE], EN, shared=False),
        html.error_html(HOSTILE),
    ]
    for markup in shown:
        assert "&lt;" in markup and "\u202e" not in markup
        assert not re.search(r"<script|<img|href=|<[^>]*\son\w+=", markup)


def test_a_link_to_the_original_opens_elsewhere_and_tells_nothing(library):
    entry = library.catalog.entry(newsdesk.article(6).article_id)
    shown = html.reader_html(entry, [], Search(), EN, origin=False)
    assert '<a href="https://news.example/6" target="_blank" rel="noopener noreferrer">' in shown


def test_an_article_is_read_with_its_facts_its_paragraphs_and_its_copies(library, tmp_path):
    copy = replace(newsdesk.article(6), url="https://copies.example/6", source="Copy Post", title="A copy")
    added(library, upload(tmp_path, "dump.jsonl", lines(copy)))
    entry = library.catalog.entry(newsdesk.article(6).article_id)
    shown = html.reader_html(entry, copies_of(library, entry), Search("galata schools"), EN, origin=True)
    assert "Morning Echo · 2024-01-07 · English" in shown
    assert [plain(p) for p in re.findall("<p>(.*?)</p>", shown) if "Original" not in p][
        -3:
    ] == entry.article.text.split("\n\n")
    assert "<mark>Galata</mark> gets its" in shown and "<mark>school</mark> 43" in shown
    assert "A copy</button>" in shown and "Copy Post" in shown


def test_the_place_an_article_was_read_from_is_shown_to_its_owner_alone(library):
    entry = library.catalog.entry(newsdesk.article(6).article_id)
    assert entry.article.origin in html.reader_html(entry, [], Search(), EN, origin=True)
    assert entry.article.origin not in html.reader_html(entry, [], Search(), EN, origin=False)


def test_a_list_says_how_many_there_are_and_where_else_a_report_stands(library):
    looked = browse(library, first=10, count=5)
    shown = html.listing_html(looked, [[replace(newsdesk.article(1), source="Copy Post")], []], 10, Search(), EN)
    assert "12 articles" in shown and "11–12, newest first" in shown and "also in Copy Post" in shown
    assert "12 artículos" in html.listing_html(looked, [(), ()], 10, Search(), ES)


def test_an_empty_library_and_an_empty_result_say_what_to_do():
    assert "Drop files above" in html.nothing_there_html(EN, can_add=True)
    assert "dateline ingest" in html.nothing_there_html(EN, can_add=False)
    assert "clear the search" in html.nothing_found_html(EN)
    assert "being rebuilt &lt;b&gt;" in html.nothing_found_html(EN, ["the word index is being rebuilt <b>"])


def test_forgetting_says_what_happens_and_what_stays(library):
    copy = replace(newsdesk.article(6), source="Copy Post")
    shown = html.forget_html(newsdesk.article(6), [copy], EN)
    assert "Forget “Galata gets its" in shown and "taken out of this library" in shown
    assert "in other outlets stays: Copy Post" in shown


def test_both_languages_fill_in_the_same_values():
    for key in (key for key in texts()["en"] if key.startswith("articles.")):
        names = [
            {name for _, name, *_ in string.Formatter().parse(texts()[code][key]) if name} for code in ("en", "es")
        ]
        assert names[0] == names[1], key


# --- what is looked for


def test_a_search_reads_words_phrases_and_exclusions():
    search = Search('ferry "Green Island" +storm -tram')
    assert set(search.words) == {"ferry", "Green Island", "storm"} and search.without == ("tram",)
    assert Search("  ").asks_nothing and not Search(language="en").asks_nothing


def test_a_search_looks_in_the_library(library):
    assert Search("galata schools").in_library(library, 0, 20).total == 1
    assert Search("", ("Harbour Post",), "en", "2024-01-05", "2024-01-08").in_library(library, 0, 20).total == 2


@pytest.mark.parametrize(("after", "before"), [("2025-02-30", ""), ("soon", ""), ("2025-02-02", "2025-02-01")])
def test_an_impossible_day_or_range_is_told(library, after, before):
    with pytest.raises(QuestionError):
        Search(after=after, before=before).in_library(library, 0, 20)


def test_words_are_found_inflected_and_without_accents():
    text = "Los alcaldes de Cañaveral: ¿la canción?"
    assert [text[a:b] for a, b in found_words(text, "es", ("alcalde", "cancion"))] == ["alcaldes", "canción"]
    assert found_words(text, "es", ()) == []


def test_an_excerpt_shows_the_first_word_found_and_ends_after_whole_words():
    text = "one two three " * 100 + "ferry sails at noon " + "four five " * 100
    start, end = excerpt(text, found_words(text, "en", ("ferry",)))
    assert "ferry" in text[start:end] and end - start < 240
    assert text[start - 1] == " " and text[end] == " "
    assert excerpt("short", []) == (0, 5)


# --- who may do what


def serving(desk: Desk):
    from ui.server import launch, server_options

    with gr.Blocks(title="Dateline", analytics_enabled=False) as blocks:
        page(desk)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return blocks, launch(blocks, server_options("127.0.0.1", port))


@pytest.fixture(scope="module")
def served(_built, tmp_path_factory):
    """The page served to the one who uses this machine, and its library."""
    folder = shutil.copytree(_built, tmp_path_factory.mktemp("served") / "library")
    with Library.open(folder) as library:
        blocks, address = serving(Desk(library))
        yield address, library
        blocks.close(verbose=False)


class Page:
    """What a program can send that takes itself for the page."""

    def __init__(self, address: str, session: str) -> None:
        self.address, self.session = address, session
        self.config = json.loads(self._get("/config"))
        self.ids = {c["props"].get("elem_id"): c["id"] for c in self.config["components"]}
        self.names = {number: name for name, number in self.ids.items()}

    def send(self, name: str, event: str, data: list, event_data: object = None) -> tuple[bool, dict[str, object]]:
        """Whether an event went well, and the new value of each component that it changed; "" names the page."""
        (dependency,) = (d for d in self.config["dependencies"] if self._is_target(name, event, d["targets"]))
        request = {"data": data, "event_data": event_data, "fn_index": dependency["id"], "session_hash": self.session}
        self._post("/gradio_api/queue/join", {**request, "trigger_id": self.ids.get(name)})
        for line in self._get(f"/gradio_api/queue/data?session_hash={self.session}").splitlines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "process_completed":
                values = message["output"].get("data") or [None] * len(dependency["outputs"])
                return message["success"], {
                    self.names.get(number): value for number, value in zip(dependency["outputs"], values, strict=True)
                }
        raise AssertionError("no answer")

    def _is_target(self, name: str, event: str, targets: list) -> bool:
        return any(kind == event and (not name or number == self.ids[name]) for number, kind in targets)

    def upload(self, name: str, text: str) -> dict:
        """A file sent as the page sends it."""
        body = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n{text}\r\n--x--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        request = urllib.request.Request(f"{self.address}/gradio_api/upload", body.encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return file_data(json.load(answer)[0])

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return answer.read().decode()

    def _post(self, path: str, value: object) -> None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, json.dumps(value).encode(), headers)
        urllib.request.urlopen(request, timeout=60).close()


def file_data(path: str) -> dict:
    return {"path": path, "orig_name": Path(path).name, "meta": {"_type": "gradio.FileData"}}


def test_what_was_uploaded_is_added(served):
    address, library = served
    page = Page(address, "uploads")
    ok, changed = page.send("articles-add-files", "click", [[page.upload("bridge.txt", STORY)]])
    assert ok and "bridge.txt" in changed["articles-progress"]
    newsdesk.wait_until(lambda: browse(library, words=["pillars"]).total == 1)


def test_what_was_added_is_told_where_its_library_is_open_and_not_over_another_one(library, tmp_path):
    desk = Desk(library)
    blocks, address = serving(desk)

    def told() -> str:
        return Page(address, "looks").send("", "load", [])[1]["articles-report"]

    try:
        page = Page(address, "adds")
        page.send("articles-add-files", "click", [[page.upload("bridge.txt", STORY)]])
        newsdesk.wait_until(lambda: "Harbour bridge closes" in told())
        desk.open(shutil.copytree(library.path, tmp_path / "other"))
        assert told() == ""
        desk.open(library.path)
        assert "Harbour bridge closes" in told()
    finally:
        blocks.close(verbose=False)
        desk.close()


def test_no_path_of_the_host_can_be_added_by_a_forged_request(served, tmp_path):
    address, library = served
    total = browse(library).total
    secret = tmp_path / "secret.txt"
    secret.write_text(STORY.replace("harbour", "secret"))
    page = Page(address, "forged")
    for path in (secret, Path("/etc/passwd"), library.path / "catalog.sqlite"):
        ok, _ = page.send("articles-add-files", "click", [[file_data(str(path))]])
        assert not ok
    assert browse(library).total == total


def test_what_lies_among_the_uploads_and_was_not_uploaded_is_not_added(served):
    from gradio.utils import get_upload_folder

    address, library = served
    total = browse(library).total
    page = Page(address, "planted")
    uploaded = Path(page.upload("mine.txt", STORY)["path"])
    planted = Path(get_upload_folder(), "planted.txt")
    planted.write_text(STORY.replace("harbour", "planted"))
    traversal = uploaded.parent / ".." / "planted.txt"
    for path in (planted, traversal, uploaded.parent):
        ok, changed = page.send("articles-add-files", "click", [[file_data(str(path))]])
        assert not ok or "not here any more" in changed["articles-told"]
    assert browse(library).total == total
    planted.unlink()


@pytest.mark.parametrize(
    "address", ["/etc/passwd", "file:///etc/passwd", "ftp://a.example/", "-", "corpus", "https://"]
)
def test_nothing_but_a_web_address_is_fetched(served, address):
    ok, changed = Page(served[0], "typed").send("articles-add-address", "click", [address])
    assert ok and "is not a web address" in changed["articles-told"]


@pytest.mark.parametrize("wanted", [None, "nothing", ["x"], {"article": 5}, {"article": "../../etc"}, {"id": 1}])
def test_a_made_up_article_is_not_there(served, wanted):
    ok, changed = Page(served[0], "reads").send("articles-list", "wanted", [None], wanted)
    assert ok and "not in the library any more" in changed["articles-reader"]


def test_others_get_nothing_that_changes_the_library(library):
    def named(desk: Desk) -> set[str]:
        with gr.Blocks() as blocks:
            page(desk)
        return {
            block.elem_id for block in blocks.blocks.values() if isinstance(block, gr.File | gr.Button | gr.Textbox)
        }

    looking = {f"articles-{name}" for name in ("search", "after", "before", "clear", "newer", "older")}
    changing = {f"articles-{name}" for name in ("files", "add-files", "address", "add-address", "stop")}
    assert named(Desk(library, private=False)) == looking
    forgetting = {"articles-forget", "articles-forget-yes", "articles-forget-no"}
    assert named(Desk(library)) == looking | changing | forgetting


def test_others_see_the_articles_but_neither_rejected_inputs_nor_places_of_the_machine(library, tmp_path):
    added(library, upload(tmp_path, "secret-plans.html", ""))
    blocks, address = serving(Desk(library, private=False))
    try:
        page = Page(address, "looks")
        _, shown = page.send("", "load", [])
        origin = library.article("https://news.example/6").origin
        _, read = page.send("articles-list", "wanted", [None], {"article": newsdesk.article(6).article_id})
    finally:
        blocks.close(verbose=False)
    assert "Others use this server too" in shown["articles-head"] and "12 articles" in shown["articles-list"]
    assert "secret-plans" not in json.dumps(shown)
    assert "Galata" in read["articles-reader"] and origin not in read["articles-reader"]


def test_its_owner_sees_what_was_rejected_and_why(served):
    address, library = served
    with library.catalog.transaction() as connection:
        write_rejected(connection, Rejected("letter.docx", "<b>not read</b>"))
    _, shown = Page(address, "owner").send("", "load", [])
    assert "Rejected inputs (1)" in shown["articles-rejected"]
    assert "<td>letter.docx</td><td>&lt;b&gt;not read&lt;/b&gt;</td>" in shown["articles-rejected"]


def test_nothing_on_the_page_is_offered_as_an_endpoint(library):
    with gr.Blocks() as blocks:
        page(Desk(library))
    assert blocks.get_api_info()["named_endpoints"] == {} and blocks.get_api_info()["unnamed_endpoints"] == {}

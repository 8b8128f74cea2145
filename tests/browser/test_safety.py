"""Hostile articles, questions, addresses and stored conversations in a real browser: all of it is text.

Everything that runs leaves its name in window.taken, changes the title, or asks a server at evil.example. The pages'
Content-Security-Policy would stop most of it; so that it hides no hole, the tests switch it off but for the one that
tests it.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ingest.library import Library
from ingest.pipeline import ingest
from ui.desk import Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed"),
]

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TAKE = "(window.taken ??= []).push('{}'); document.title = 'taken'"
MARKUP = [
    f"<script>{TAKE.format('script')}</script>",
    f'<img src=x onerror="{TAKE.format("img")}">',
    f'<svg onload="{TAKE.format("svg")}"><a xlink:href="javascript:{TAKE.format("xlink")}">x</a></svg>',
    '<iframe src="https://evil.example/frame" srcdoc="<script>parent.document.title=1</script>"></iframe>',
    f'<details open ontoggle="{TAKE.format("toggle")}">x</details>',
    f'<input autofocus onfocus="{TAKE.format("focus")}">',
    f"</textarea></mark></div></title><script>{TAKE.format('closed')}</script>",
    f"&lt;img src=x onerror=&quot;{TAKE.format('entity')}&quot;&gt;",
    '<style>@import "https://evil.example/style.css"; body { display: none }</style>',
    '<form action="https://evil.example/form"><button>Log in</button></form>',
    '<base href="https://evil.example/"><link rel=stylesheet href="https://evil.example/link.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/meta">',
]
MARKDOWN = [
    "![pixel](https://evil.example/pixel.png)",
    f"[press me](javascript:{TAKE.format('markdown')})",
    "[or me](data:text/html,<script>1</script>)",
    "<https://evil.example/auto>",
    "https://evil.example/bare www.evil.example",
    "**bold** `code` $$x^2$$",
    "```mermaid graph TD; click A call alert()```",
]
TEMPLATES = [
    "${(window.taken ??= []).push('template')}",
    "{{constructor.constructor('document.title=1')()}} `+alert(1)+`",
]
HOSTILE = [*MARKUP, *MARKDOWN, *TEMPLATES]
BIDI = "\u202eevitagen\u202c \u2066hidden\u2069 zero\u200bwidth\ufeff \u200fmark"
BAD_ADDRESSES = [
    f"javascript:{TAKE.format('address')}",
    f"JaVaScRiPt:{TAKE.format('case')}",
    f" \x01javascript:{TAKE.format('control')}",
    f"java\nscript:{TAKE.format('newline')}",
    "data:text/html,<script>parent.document.title='taken'</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/relative",
    "blob:https://evil.example/1",
]
QUOTED_ADDRESS = f'https://news.example/"onmouseover="{TAKE.format("attribute")}'
TOWNS = ["Arvika", "Belmonte", "Corvo", "Drava", "Elgin", "Foinaven", "Galata", "Horta", "Ithaca", "Jelgava"]


def hostile(number: int) -> list[str]:
    """What is hostile in an article; all articles together hold everything."""
    return HOSTILE[number :: len(TOWNS)]


def article(number: int, url: str) -> dict:
    town = TOWNS[number]
    return {
        "url": url,
        "title": f"{town} opens a ferry pier {hostile(number)[0]} {BIDI}",
        "text": f"Mayor {town}son opened the ferry pier of {town} on Monday. {' '.join(hostile(number))} {BIDI}",
        "source": f'Post of {town} <img src=x onerror="{TAKE.format("outlet")}">',
        "authors": [f"Ana <script>{TAKE.format('author')}</script>"],
        "published": f"2025-03-{number + 1:02}",
    }


ARTICLES = [article(n, url) for n, url in enumerate([*BAD_ADDRESSES, QUOTED_ADDRESS])]
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {BIDI}</title>
<link>javascript:{TAKE.format("feed")}</link><item><title>Kiruna opens a stone bridge</title>
<link>javascript:{TAKE.format("item")}</link><guid isPermaLink="true">data:text/html,x</guid>
<description>&lt;p onclick="x"&gt;Mayor Kirunason opened the stone bridge of Kiruna on Monday, to the cheers of a large
crowd that had waited since the morning.&lt;/p&gt;&lt;img src=x onerror="{TAKE.format("description")}"&gt;</description>
<pubDate>Mon, 31 Mar 2025 10:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A library of hostile articles, ten from a file, one from a feed."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = folder / "articles.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in ARTICLES), encoding="utf-8")
    feed = folder / "feed.xml"
    feed.write_text(FEED, encoding="utf-8")
    with Library.open(folder / "library", create=True) as library:
        report = ingest(library, [str(lines), str(feed)])
        assert report.indexed == len(ARTICLES) + 1 and not report.duplicates, report
        assert all(one.url.startswith("https://news.example/") for one in library.articles() if one.url)
    # An ingest takes no such address and no such letters; a library that came from elsewhere may hold both.
    with closing(sqlite3.connect(folder / "library" / "catalog.sqlite")) as catalog, catalog:
        for one, town in zip(ARTICLES, TOWNS, strict=True):
            values = one["url"], one["title"], one["source"], json.dumps(one["authors"]), f"{town} opens%"
            catalog.execute(
                "UPDATE articles SET url = ?, title = ?, source = ?, authors = ? WHERE title LIKE ?", values
            )
    with Library.open(folder / "library") as library:
        assert sorted(one.url for one in library.articles() if one.url) == sorted(one["url"] for one in ARTICLES)
        yield library


@pytest.fixture(scope="module")
def address(library):
    """Where the whole chat over that library is served."""
    from ui.app import build
    from ui.server import launch, server_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = build(Desk(library))
    yield launch(page, server_options("127.0.0.1", port))
    page.close(verbose=False)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser, url: str, **options):
    """A page of a browser of its own, with what it asked for in page.requested."""
    context = browser.new_context(**({"bypass_csp": True} | options))
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.goto(url)
    yield page
    context.close()


@contextmanager
def chat(browser, address: str, **options):
    with opened(browser, address, **options) as page:
        page.wait_for_selector("#question textarea")
        page.wait_for_selector(".dl-welcome")
        yield page


def ask(page, question: str) -> None:
    before = page.locator("#conversation .dl-confidence, #conversation .dl-abstained, #conversation .dl-error").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_function(
        "(before) => document.querySelectorAll('#conversation :is(.dl-confidence, .dl-abstained, .dl-error)').length > "
        "before",
        arg=before,
    )
    page.wait_for_timeout(300)  # for what an image that is missing, or a focus, would run


LINKS = "() => [...document.querySelectorAll('a[href], area[href]')].map((link) => link.getAttribute('href'))"
HANDLERS = """() => [...document.querySelectorAll("#conversation *, #sources *, main *")]
  .flatMap((node) => [...node.attributes].map(({ name }) => name)).filter((name) => name.startsWith("on"))"""
# What no page of ours has, and what an article would bring; Gradio's own icons have styles.
STRANGE = """() => [...document.querySelectorAll(
  "main :is(iframe, object, embed, base, meta, link, form, script, style), #conversation :is(strong, code, h1, svg a), "
  + "img[src^='http'], img[src='x'], svg[onload], input[onfocus]"
)].map((node) => node.outerHTML.slice(0, 120)).filter((html) => !html.startsWith("<style>.cls-"))"""


def assert_nothing_was_taken(page, address: str) -> None:
    """Nothing ran, nothing strange stands on the page, no link leads but to the web, nobody else was asked."""
    assert page.evaluate("window.taken ?? []") == []
    assert page.title() != "taken"
    assert page.evaluate(HANDLERS) == []
    assert page.evaluate(STRANGE) == []
    foreign = [url for url in page.requested if not url.startswith((address, "data:", "blob:"))]
    assert foreign == []
    for link in page.evaluate(LINKS):
        own = link.startswith(("#", "/", "./", address)) and not link.startswith("//")
        assert own or re.match(r"https?://news\.example/", link), link


@pytest.mark.parametrize("number", range(len(ARTICLES)))
def test_a_hostile_article_is_shown_as_text_and_its_address_is_no_link(browser, address, number):
    with chat(browser, address) as page:
        ask(page, f"Who opened the ferry pier of {TOWNS[number]}?")
        assert f"{TOWNS[number]}son" in page.inner_text("#conversation")
        shown = page.locator("#sources details[open]").inner_text()
        assert f"Mayor {TOWNS[number]}son" in shown and "<script>" in shown and "<img src=x onerror=" in shown
        assert all(piece in shown for piece in hostile(number))
        hrefs = page.eval_on_selector_all("#sources details[open] a", "links => links.map((link) => link.href)")
        assert all(href.startswith(("https://news.example/", address)) for href in hrefs)
        assert_nothing_was_taken(page, address)


def test_an_address_that_would_close_its_attribute_stays_one_address(browser, address):
    with chat(browser, address) as page:
        ask(page, f"Who opened the ferry pier of {TOWNS[len(BAD_ADDRESSES)]}?")
        link = page.locator("#sources details[open] .dl-original a")
        assert link.get_attribute("href").startswith("https://news.example/%22onmouseover")
        link.hover()
        assert_nothing_was_taken(page, address)


def test_a_hostile_feed_is_shown_as_text(browser, address):
    with chat(browser, address) as page:
        ask(page, "Who opened the stone bridge of Kiruna?")
        assert "Kirunason" in page.inner_text("#conversation")
        assert "javascript:" not in " ".join(page.evaluate(LINKS))
        assert_nothing_was_taken(page, address)


def test_what_reorders_letters_is_taken_out_of_what_is_shown(browser, address):
    with chat(browser, address) as page:
        ask(page, f"Who opened the ferry pier of Corvo? {BIDI}")
        assert "evitagen" in page.inner_text("#conversation [data-testid=user]")
        assert "evitagen" in page.inner_text("#sources")
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.inner_text("body") + page.title())


def test_a_hostile_question_is_shown_as_text(browser, address):
    with chat(browser, address) as page:
        ask(page, f"Who opened the ferry pier of Drava? {' '.join(HOSTILE)}"[:1900])
        assert "<script>" in page.inner_text("#conversation [data-testid=user]")
        ask(page, f"According to the “Nowhere Times {MARKUP[1]}”, who opened it?")
        assert_nothing_was_taken(page, address)


def test_hostile_outlets_and_headlines_are_text_wherever_they_are_offered(browser, address):
    with chat(browser, address) as page:
        page.locator("#filters button").first.click()
        page.get_by_label("Outlets").click()
        page.wait_for_selector("[role=option]")
        assert "<img src=x" in " ".join(page.locator("[role=option]").all_inner_texts())
        page.wait_for_timeout(300)
        assert_nothing_was_taken(page, address)


@pytest.mark.parametrize("path", ["/articles", "/evaluate", "/settings"])
def test_hostile_articles_are_text_on_every_page(browser, address, path):
    with opened(browser, address + path) as page:
        page.wait_for_selector("h1")
        if path == "/articles":
            page.get_by_text("opens a ferry pier").first.wait_for()
        page.wait_for_timeout(2_000)
        assert_nothing_was_taken(page, address)


# --- stored conversations, which anybody at the browser can change ---

ENTRIES = (
    """() => Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith("dateline.conv")))"""
)


def spoilt(value: object, name: str = "") -> object:
    """The value with every text but ids, days and the quotes made hostile, and with more than there should be."""
    match value:
        case dict():
            more = {"__proto__": {"taken": ["proto"]}, "constructor": {"prototype": {"taken": ["constructor"]}}}
            return {key: spoilt(each, key) for key, each in value.items()} | more
        case list():
            return [spoilt(each, name) for each in value]
        case str() if name == "url":
            return BAD_ADDRESSES[0]
        case str() if not re.search(r"id$|quote|asked|published|after|before|as_of|feedback|language", name):
            return f"{value} {' '.join(HOSTILE)}"[:3000]
    return value


def test_a_conversation_that_was_tampered_with_is_text(browser, address):
    with chat(browser, address) as page:
        ask(page, "Who opened the ferry pier of Elgin?")
        page.wait_for_function(f"() => Object.keys(({ENTRIES})()).length === 1")
        ((key, raw),) = page.evaluate(ENTRIES).items()
        entry = json.loads(raw)
        entry["conversation"] = spoilt(entry["conversation"])
        page.evaluate("([key, raw]) => localStorage.setItem(key, raw)", [key, json.dumps(entry)])
        page.reload()
        page.wait_for_selector("#conversation [data-testid=bot]")
        page.wait_for_timeout(1_000)
        assert "<script>" in page.inner_text("#conversation")
        assert_nothing_was_taken(page, address)


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_an_export_of_hostile_articles_runs_nothing_and_asks_nobody(browser, address, tmp_path, kind):
    with chat(browser, address, accept_downloads=True, viewport={"width": 1440, "height": 900}) as page:
        ask(page, f"Who opened the ferry pier of Foinaven? {MARKUP[0]}")
        page.wait_for_selector(f"#to-{kind}:not([disabled])")
        with page.expect_download() as download:
            page.click(f"#to-{kind}")
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
    text = file.read_text("utf-8")
    assert "Foinavenson" in text
    if kind == "markdown":
        assert not re.search(r"(?<!\\)[<`]|\]\((?!#)|(?<!\\)!\[", re.sub(r"<https://news\.example/[^>]*>", "", text))
        return
    with opened(browser, Path(file).as_uri()) as page:
        page.wait_for_timeout(500)
        assert "Foinavenson" in page.inner_text("body") and "<script>" in page.inner_text("body")
        assert_nothing_was_taken(page, Path(file).as_uri())


# --- the second line of defence ---


def test_a_script_that_came_onto_the_page_would_not_run(browser, address):
    stopped = {}
    with chat(browser, address, bypass_csp=False) as page:
        page.on("requestfailed", lambda request: stopped.update({request.url: request.failure}))
        page.evaluate(
            """(markup) => {
              const spot = document.querySelector("#sources");
              spot.append(document.createRange().createContextualFragment(markup)); // runs scripts, unlike innerHTML
              const script = document.createElement("script");
              script.textContent = "(window.taken ??= []).push('made')";
              document.body.append(script);
            }""",
            re.sub("<meta.*?>|<base.*?>", "", " ".join(MARKUP)),  # the policy says nothing of where a page may go
        )
        page.wait_for_timeout(700)
        assert page.evaluate("window.taken ?? []") == []
        assert stopped and set(stopped.values()) == {"csp"}
        foreign = {url for url in page.requested if not url.startswith((address, "data:", "blob:"))}
        assert foreign == set(stopped)


def test_the_page_works_under_its_own_policy(browser, address):
    with chat(browser, address, bypass_csp=False) as page:
        blocked = []
        page.on("console", lambda line: blocked.append(line.text) if "Content Security Policy" in line.text else None)
        ask(page, "Who opened the ferry pier of Galata?")
        page.goto(f"{address}/articles")
        page.wait_for_selector("h1")
        page.wait_for_timeout(1_000)
        assert blocked == []


def test_no_other_page_can_frame_the_chat(browser, address):
    with opened(browser, "about:blank") as page:
        page.set_content(f'<iframe src="{address}"></iframe>')
        page.wait_for_timeout(1_500)
        assert all("Dateline" not in frame.title() for frame in page.frames[1:])
        assert all(frame.locator("gradio-app").count() == 0 for frame in page.frames[1:])

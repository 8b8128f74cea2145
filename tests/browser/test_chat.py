"""The chat as a person meets it: a real server, a real library, a real browser."""

from __future__ import annotations

import json
import shutil
import socket

import pytest

from ingest.library import Library
from ingest.pipeline import ingest

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed"),
]

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> **bold** $$x^2$$"
FILLER = "The island council met again on Tuesday to speak about the summer timetable of the boats. " * 4
ARTICLES = [
    {
        "url": "https://news.example/ferry",
        "title": "Storm halts <b>ferry</b> to Green Island",
        "text": f"{FILLER}\n\n{FILLER}\n\n{FILLER}\n\nAbout 1,200 passengers were stranded overnight when the ferry "
        f"stopped, the harbour master said.\n\n{HOSTILE}\n\n{FILLER}\n\n{FILLER}",
        "source": "Harbour Gazette",
        "authors": ["Ana Ruiz"],
        "published": "2025-03-04",
    },
    {
        "url": "https://news.example/vineyard",
        "title": "Vineyards expect a late harvest",
        "text": "Growers in the Lena valley expect to pick grapes three weeks late this year, the union said.",
        "source": "Valley Post",
        "published": "2025-08-20",
    },
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


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the chat over two articles, one of them hostile, is served."""
    from qa.assistant import Assistant
    from ui.app import build, launch, server_options

    folder = tmp_path_factory.mktemp("chat")
    source = folder / "articles.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Library.open(folder / "library", create=True) as library:
        ingest(library, [str(source)])
        page = build(Assistant(library), library)
        launch(page, server_options("127.0.0.1", port))
        yield f"http://127.0.0.1:{port}"
        page.close(verbose=False)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, address):
    """The chat, opened in a browser of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    page.goto(address)
    page.wait_for_selector("#question textarea")
    yield page
    context.close()


def ask(page, question: str) -> None:
    answers = page.locator("#conversation [data-testid=bot]").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    answer = page.locator("#conversation [data-testid=bot]").nth(answers)
    answer.locator(".dl-confidence, .dl-abstained, .dl-error").wait_for(timeout=30_000)


def test_an_answer_shows_its_sentence_marked_and_in_view_in_its_article(page):
    ask(page, "How many passengers were stranded?")
    assert "1,200" in page.inner_text("#conversation")
    mark = page.locator("#sources mark").first
    assert "About 1,200 passengers were stranded" in mark.inner_text()
    page.wait_for_function(
        """() => {
          const mark = document.querySelector("#sources mark"), box = mark.closest(".dl-text");
          const inside = mark.getBoundingClientRect(), frame = box.getBoundingClientRect();
          return box.scrollTop > 0 && inside.top >= frame.top && inside.top < frame.bottom;
        }"""
    )
    assert "Harbour Gazette · 2025-03-04 · Ana Ruiz" in page.inner_text("#sources")
    link = page.locator("#sources h3 a").first
    assert link.get_attribute("href") == "https://news.example/ferry"
    assert "noopener" in link.get_attribute("rel")


def test_a_mark_in_the_answer_leads_to_its_source(page):
    ask(page, "How many passengers were stranded?")
    page.locator("#conversation .dl-mark").first.click()
    assert page.url.endswith("#source-1")
    assert page.locator("#source-1").count() == 1


def test_a_hostile_article_is_read_and_never_run(page):
    ask(page, f"How many passengers were stranded? {HOSTILE}")
    assert page.title() == "Dateline"
    assert "<script>document.title='taken'</script>" in page.inner_text("#conversation")
    assert "Storm halts <b>ferry</b>" in page.inner_text("#sources")
    assert page.locator("#conversation img[src=x], #sources img, #conversation strong").count() == 0


def test_the_page_asks_no_other_server_for_anything(page, address):
    ask(page, "How many passengers were stranded?")
    foreign = [url for url in page.requested if not url.startswith((address, "data:", "blob:"))]
    assert foreign == []


def test_an_abstention_looks_different_and_offers_the_closest_passages(page):
    ask(page, "Who won the 2018 World Cup?")
    assert page.locator("#conversation .dl-abstained").count() == 1
    assert "Closest passages" in page.inner_text("#sources")
    assert page.locator("#sources .dl-closest").count() > 0


def test_an_impossible_day_is_told_in_a_sentence(page):
    page.get_by_text("Filters").click()
    page.get_by_label("Published from").fill("2025-02-30")
    ask(page, "How many passengers were stranded?")
    assert "“2025-02-30” is not a day" in page.inner_text("#conversation .dl-error")


def test_a_filter_hides_what_was_published_outside_it(page):
    page.get_by_text("Filters").click()
    page.get_by_label("Published from").fill("2025-06-01")
    ask(page, "How many passengers were stranded?")
    assert "1,200" not in page.inner_text("#conversation") + page.inner_text("#sources")


def test_a_conversation_is_not_seen_by_another_browser(page, browser, address):
    ask(page, "How many passengers were stranded?")
    context = browser.new_context()
    other = context.new_page()
    other.goto(address)
    other.wait_for_selector("#question textarea")
    ask(other, "When will the grapes be picked?")
    assert "passengers" not in other.inner_text("#conversation")
    assert other.locator("#conversation [data-testid=bot]").count() == 1
    context.close()


def test_clearing_the_conversation_forgets_it(page):
    ask(page, "How many passengers were stranded?")
    page.get_by_label("Clear").click()
    page.wait_for_selector("#conversation [data-testid=bot]", state="detached")
    ask(page, "When will the grapes be picked?")
    assert page.locator("#conversation [data-testid=bot]").count() == 1


def test_an_example_question_is_asked_when_it_is_chosen(page):
    page.get_by_text("What is known about").first.click()
    page.wait_for_selector("#conversation .dl-confidence, #conversation .dl-abstained", timeout=30_000)
    assert "What is known about" in page.inner_text("#conversation [data-testid=user]")


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_over_the_side_of_the_screen(browser, address, width):
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#question textarea")
    ask(page, "How many passengers were stranded?")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()

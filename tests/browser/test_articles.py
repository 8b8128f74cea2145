"""The Articles page in a real browser: adding, looking through, reading, forgetting."""

from __future__ import annotations

import json
import shutil
import socket
from contextlib import contextmanager

import gradio as gr
import newsdesk
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
HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> ![x](javascript:alert(1))"
)
STORY = (
    "Harbour bridge closes\n\nThe harbour bridge at Lena will be closed for six weeks from Monday, the port authority "
    "said.\n\nEngineers found cracks in two of its four pillars during an inspection in May.\n"
)
FERRY = (
    "About 1,200 passengers were stranded overnight when the ferry to Green Island stopped, they said.\n\n"
    "The storm is expected to pass on Thursday, and the boats will then sail every hour as they do all the year round."
)
MORE = [
    {
        "url": "https://gazette.example/ferry",
        "title": "Storm halts ferry",
        "text": FERRY,
        "source": "Harbour Gazette",
        "published": "2025-03-04",
        "authors": ["Ana Ruiz"],
    },
    {
        "url": "https://copies.example/ferry",
        "title": "Ferry stops",
        "text": FERRY,
        "source": "Copy Post",
        "published": "2025-03-05",
    },
    {
        "url": "https://diario.example/biblioteca",
        "title": "La biblioteca de Cañaveral reabre",
        "text": "La biblioteca de Cañaveral reabrió el lunes con 45.000 libros, dijo la alcaldesa Íñiga Muñoz.",
        "source": "El Diario del Sur",
        "published": "2025-04-01",
        "language": "es",
    },
    {
        "url": "javascript:alert(3)",
        "title": f"Vineyards {HOSTILE}",
        "text": f"Growers in the Lena valley expect to pick grapes three weeks late this year, they said. {HOSTILE}",
        "source": f"Post {HOSTILE}",
    },
]


@contextmanager
def served(desk: Desk):
    """The address at which the page is served."""
    from ui.pages import articles
    from ui.server import launch, server_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    blocks = gr.Blocks(title="Dateline", analytics_enabled=False, fill_width=True)
    with blocks:
        gr.HTML("<h1>Ask</h1>")
    with blocks.route("Articles", "/articles"):
        articles.page(desk)
    try:
        yield launch(blocks, server_options("127.0.0.1", port)) + "/articles"
    finally:
        blocks.close(verbose=False)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The folder of a library of 29 articles."""
    folder = tmp_path_factory.mktemp("filled")
    source = newsdesk.write_source(folder / "articles.jsonl", map(newsdesk.article, range(25)))
    more = folder / "more.jsonl"
    more.write_text("".join(json.dumps(article) + "\n" for article in MORE), encoding="utf-8")
    with Library.open(folder / "library", create=True) as library:
        ingest(library, [source, str(more)])
    return folder / "library"


@pytest.fixture(scope="module")
def address(filled):
    """Where it is served for looking: no test changes it."""
    with Library.open(filled) as library, served(Desk(library)) as address:
        yield address


@pytest.fixture
def own(filled, tmp_path):
    """A library of this test's own and where it is served."""
    folder = shutil.copytree(filled, tmp_path / "library")
    with Library.open(folder) as library, served(Desk(library)) as address:
        yield library, address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser, address: str, width: int = 1440, **options):
    """The page in a browser of its own; what its console complains of fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#articles-list h2")
    yield page
    context.close()
    # Gradio's own stream of events says so when the page is left.
    assert [complaint for complaint in complaints if not complaint.startswith("AbortError")] == []


def found(page, count: str) -> None:
    """Waits until the list says how many it has found."""
    page.locator("#articles-list h2", has_text=count).wait_for(timeout=60_000)


def titles(page) -> list[str]:
    return page.locator("#articles-list li button").all_inner_texts()


def read(page, title: str) -> None:
    page.locator("#articles-list li button", has_text=title).first.click()
    page.locator("#articles-reader h2", has_text=title).wait_for(timeout=60_000)


def give(page, tmp_path, **files: str) -> None:
    """Chooses files, named by their names with _ for the dot, and adds them."""
    paths = []
    for name, text in files.items():
        path = tmp_path / name.replace("_", ".")
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    if not page.locator("#articles-add-files").is_visible():
        page.get_by_text("Add articles", exact=True).click()
    page.set_input_files("#articles-files input[type=file]", paths)
    page.locator("#articles-files .file-preview").wait_for(timeout=60_000)
    page.click("#articles-add-files")


# --- adding


def test_dropped_files_are_added_reported_on_and_read_at_once(browser, own, tmp_path):
    _, address = own
    with opened(browser, address) as page:
        give(
            page, tmp_path, bridge_txt=STORY, again_jsonl=json.dumps(MORE[0]), empty_html="", letter_docx="dear editor"
        )
        report = page.locator("#articles-report details")
        report.wait_for(timeout=120_000)
        assert report.locator("dl div").all_inner_texts() == ["New\n1", "Unchanged\n1", "Rejected\n2"]
        rows = [row.all_inner_texts() for row in map(lambda r: r.locator("td"), report.locator("tbody tr").all())]
        assert rows[0] == ["empty.html", "empty"] and rows[1][0] == "letter.docx" and "not read" in rows[1][1]
        assert "Nothing new in again.jsonl" in report.inner_text()
        assert "30 articles in the library" in page.inner_text("#articles-head")
        assert page.locator("#articles-files .file-preview").count() == 0
        report.get_by_role("button", name="Harbour bridge closes").click()
        page.locator("#articles-reader h2", has_text="Harbour bridge closes").wait_for(timeout=60_000)
        assert "Read from bridge.txt" in page.inner_text("#articles-reader")
        page.reload()
        page.locator("#articles-rejected summary").click()
        assert "letter.docx" in page.inner_text("#articles-rejected")
        assert not report.locator("dl").is_visible()
        report.locator("summary").click()
        assert report.locator("dl").is_visible()


def test_adding_shows_how_far_it_is_to_a_reloaded_page_too_and_can_be_stopped(browser, own, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.pipeline.BATCH_PASSAGES", 4)
    monkeypatch.setattr("ingest.pipeline.READ_AHEAD", 1)
    library, address = own
    source = newsdesk.write_source(tmp_path / "dump.jsonl", map(newsdesk.article, range(100, 1600)))
    with opened(browser, address) as page:
        give(page, tmp_path, dump_jsonl=open(source, encoding="utf-8").read())
        page.locator("#articles-progress", has_text="Articles read").wait_for(timeout=120_000)
        page.reload()
        page.locator("#articles-progress", has_text="dump.jsonl").wait_for(timeout=60_000)
        page.fill("#articles-search input", "galata ice")  # the library is looked through meanwhile
        page.click("#articles-stop")
        page.locator("#articles-report", has_text="before it was stopped").wait_for(timeout=120_000)
        assert not page.locator("#articles-stop").is_visible()
    total = library.status().articles
    assert 29 < total < 1529 and not library.check().problems


def test_another_ingest_at_work_is_told_at_once(browser, own, tmp_path):
    library, address = own
    with opened(browser, address) as page:
        with library.writing():
            give(page, tmp_path, bridge_txt=STORY)
            page.locator("#articles-told", has_text="Somebody else is writing").wait_for(timeout=60_000)
        assert page.locator("#articles-files .file-preview").count() == 1
        page.click("#articles-add-files")
        page.locator("#articles-report dl").wait_for(timeout=120_000)


def test_an_address_inside_the_network_is_refused_with_the_reason(browser, own):
    _, address = own
    with opened(browser, address) as page:
        page.get_by_text("Add articles", exact=True).click()
        page.fill("#articles-address input", "example.org/feed")
        page.click("#articles-add-address")
        page.locator("#articles-told", has_text="has to begin with http").wait_for(timeout=60_000)
        page.fill("#articles-address input", "http://127.0.0.1/feed.xml")
        page.press("#articles-address input", "Enter")
        page.locator("#articles-report", has_text="not a public address").wait_for(timeout=60_000)
        assert page.input_value("#articles-address input") == "http://127.0.0.1/feed.xml"


def test_an_empty_library_opens_with_what_to_add(browser, tmp_path):
    with Library.open(tmp_path / "empty", create=True) as library, served(Desk(library)) as address:
        with opened(browser, address) as page:
            found(page, "No articles yet")
            page.locator("#articles-add-files").wait_for()
            give(page, tmp_path, bridge_txt=STORY)
            found(page, "1 article")
            assert "1 article in the library" in page.inner_text("#articles-head")


# --- looking through


def test_words_outlets_language_and_days_narrow_the_list_and_clearing_brings_it_back(browser, address):
    with opened(browser, address) as page:
        found(page, "29 articles")
        page.fill("#articles-search input", "ferry islands")
        found(page, "2 articles")
        assert titles(page) == ["Ferry stops", "Storm halts ferry"]
        assert page.locator("#articles-list mark").all_inner_texts()[:2] == ["Ferry", "ferry"]
        assert "also in Harbour Gazette" in page.inner_text("#articles-list li:first-child")
        page.fill("#articles-before input", "2025-03-04")
        found(page, "1 article")
        page.fill("#articles-before input", "2020-03-04")
        found(page, "No article fits")
        page.click("#articles-clear")
        found(page, "29 articles")
        assert page.input_value("#articles-search input") == page.input_value("#articles-before input") == ""
        page.locator("#articles-language input").click()
        page.get_by_role("option", name="Spanish").click()
        found(page, "1 article")
        page.click("#articles-clear")
        page.locator("#articles-outlets input").click()
        page.get_by_role("option", name="Harbour Post").click()
        found(page, "8 articles")


def test_an_impossible_range_is_told_in_a_sentence(browser, address):
    with opened(browser, address) as page:
        page.fill("#articles-after input", "2025-03-05")
        page.fill("#articles-before input", "2025-03-04")
        page.locator("#articles-list", has_text="the last day is before the first").wait_for(timeout=60_000)


def test_the_list_is_paged(browser, address):
    with opened(browser, address) as page:
        assert len(titles(page)) == 20 and page.locator("#articles-newer").is_disabled()
        page.click("#articles-older")
        found(page, "21–29")
        assert len(titles(page)) == 9 and page.locator("#articles-older").is_disabled()
        page.click("#articles-newer")
        found(page, "1–20")


# --- reading


def test_an_article_is_read_with_its_facts_copies_and_the_words_marked(browser, address):
    with opened(browser, address) as page:
        page.fill("#articles-search input", "storms thursday")
        found(page, "2 articles")
        read(page, "Storm halts ferry")
        reader = page.locator("#articles-reader")
        assert "Harbour Gazette · 2025-03-04 · English" in reader.inner_text() and "By Ana Ruiz" in reader.inner_text()
        assert reader.locator(".dl-art-body p").count() == 2
        assert reader.locator(".dl-art-body mark").all_inner_texts() == ["storm", "Thursday"]
        link = reader.get_by_role("link", name="Open the original")
        assert link.get_attribute("href") == "https://gazette.example/ferry" and "noopener" in link.get_attribute("rel")
        assert page.locator("#articles-list [aria-current]").inner_text() == "Storm halts ferry"
        reader.get_by_role("button", name="Ferry stops").click()
        reader.locator("h2", has_text="Ferry stops").wait_for(timeout=60_000)
        assert page.locator("#articles-list [aria-current]").inner_text() == "Ferry stops"


def test_the_keyboard_opens_an_article_and_the_focus_goes_to_it(browser, address):
    with opened(browser, address) as page:
        page.locator("#articles-list li button").nth(1).focus()
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.id === 'articles-reader-title'", timeout=60_000)


def test_on_a_phone_the_article_comes_into_view_and_the_way_back_leads_to_where_one_was(browser, address):
    with opened(browser, address, width=390) as page:
        page.locator("#articles-list li button").nth(9).click()
        in_view = """() => {
          const { top, bottom } = document.querySelector("#articles-reader article")?.getBoundingClientRect() ?? {};
          return Math.abs(top) < 5 || (top > 0 && bottom < innerHeight);
        }"""
        page.wait_for_function(in_view, timeout=60_000)
        page.click(".dl-art-back")
        tenth = page.locator("#articles-list li button").nth(9)
        assert tenth.evaluate("button => button === document.activeElement")
        top = tenth.bounding_box()["y"]
        assert 0 < top < 900


def test_a_hostile_article_is_shown_as_text(browser, address):
    with opened(browser, address) as page:
        page.fill("#articles-search input", "grapes script")
        found(page, "1 article")
        read(page, "Vineyards <script>")
        assert "<script>document.title='taken'</script>" in page.inner_text(".dl-art-body")
        assert page.title() == "Dateline"
        assert page.locator(".dl-articles img[src=x], .dl-articles a[href^=javascript]").count() == 0


# --- forgetting


def test_an_article_is_forgotten_once_that_is_confirmed(browser, own):
    library, address = own
    with opened(browser, address) as page:
        page.fill("#articles-search input", "ferry island")
        found(page, "2 articles")
        read(page, "Ferry stops")
        page.click("#articles-forget")
        confirm = page.locator("#articles-confirm")
        confirm.locator("h3", has_text="Forget “Ferry stops”?").wait_for(timeout=60_000)
        page.wait_for_function("document.activeElement.id === 'articles-forget-title'")
        assert page.locator("#articles-forget-yes").evaluate("b => b.getBoundingClientRect().bottom <= innerHeight")
        assert "entries in the indexes" in confirm.inner_text() and "Harbour Gazette" in confirm.inner_text()
        page.click("#articles-forget-no")
        confirm.wait_for(state="hidden")
        assert library.article("https://copies.example/ferry") is not None
        page.click("#articles-forget")
        page.click("#articles-forget-yes")
        page.locator("#articles-forgotten", has_text="“Ferry stops” is forgotten").wait_for(timeout=120_000)
        found(page, "1 article")
        assert "28 articles in the library" in page.inner_text("#articles-head")
        assert page.locator("#articles-reader article").count() == 0
    assert library.article("https://copies.example/ferry") is None and not library.check().problems


def test_nothing_is_forgotten_while_somebody_else_writes(browser, own):
    library, address = own
    with opened(browser, address) as page, library.writing():
        read(page, "La biblioteca")
        page.click("#articles-forget")
        page.click("#articles-forget-yes")
        page.locator("#articles-forgotten", has_text="nothing was forgotten").wait_for(timeout=60_000)
        assert page.locator("#articles-reader article").count() == 1
    assert library.status().articles == 29


# --- for everybody


def test_others_can_look_and_read_but_change_nothing(browser, filled, tmp_path):
    folder = shutil.copytree(filled, tmp_path / "library")
    with Library.open(folder) as library, served(Desk(library, private=False)) as address:
        with opened(browser, address) as page:
            assert "Others use this server too" in page.inner_text("#articles-head")
            read(page, "La biblioteca")
            assert page.locator("#articles-add, #articles-forget, input[type=file]").count() == 0


def test_the_page_speaks_spanish(browser, address):
    with opened(browser, address, locale="es-ES") as page:
        assert page.inner_text("h1") == "Artículos"
        page.get_by_label("Palabras").fill("biblioteca")
        found(page, "1 artículo")
        read(page, "La biblioteca")
        assert "español" in page.inner_text("#articles-reader") and page.get_by_text("Abrir el original").is_visible()


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_runs_over_the_side_of_the_screen(browser, address, width):
    with opened(browser, address, width, locale="es-ES") as page:
        page.get_by_text("Añadir artículos", exact=True).click()
        page.locator("#articles-add-files").wait_for()
        read(page, "La biblioteca")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_article_that_is_read_keeps_to_wcag_aa(browser, address, scheme):
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, address, color_scheme=scheme) as page:
        page.fill("#articles-search input", "ferry island")
        found(page, "2 articles")
        read(page, "Ferry stops")
        page.click("#articles-forget")
        page.locator("#articles-confirm h3").wait_for(timeout=60_000)
        page.wait_for_timeout(500)
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
        violations = Axe().run(page, options=rules).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations] == []

"""Every page for people who see little, hear it read out, or use no mouse: WCAG A and AA, and the keyboard."""

from __future__ import annotations

import shutil
import socket
from contextlib import contextmanager

import newsdesk
import pytest

from ingest.feedback import Feedback, record
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
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {"ask": "/", "articles": "/articles", "evaluate": "/evaluate", "settings": "/settings"}
STATES = [*PAGES, "filters", "an answer", "an abstention", "an error", "an article", "a run"]
PATIENCE = 120_000  # milliseconds
ASKED = {
    "an answer": "Who opened the tram line number 0?",
    "an abstention": "How many penguins live in the Antarctic?",
    "an error": "???",
}
MOST_STOPS = 120  # of the Tab key, on any page


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the whole chat is served."""
    from ui.app import build
    from ui.server import launch, server_options

    folder = tmp_path_factory.mktemp("accessible")
    source = newsdesk.write_source(folder / "articles.jsonl", map(newsdesk.article, range(8)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Library.open(folder / "library", create=True) as library:
        ingest(library, [source])
        desk = Desk(library)
        good = desk.assistant.answer(ASKED["an answer"]).to_dict()
        record(library.path, Feedback("a", "2024-06-03T12:00:00+00:00", "up", question=good["question"], answer=good))
        page = build(desk)
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
def opened(browser, address: str, state: str, width: int = 1440, **options):
    """The page in that state, quiet."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    path = {"an article": "/articles", "a run": "/evaluate"}.get(state) or PAGES.get(state, "/")
    page.goto(address + path)
    page.wait_for_selector("h1")
    page.wait_for_function("window.datelineTheme")
    bring_about(page, state)
    page.wait_for_timeout(700)  # for what fades in, which axe would take for pale
    yield page
    context.close()


def bring_about(page, state: str) -> None:
    """Do what leads a page to a state."""
    if state in ASKED:
        page.fill("#question textarea", ASKED[state])
        page.press("#question textarea", "Enter")
        page.locator(".dl-confidence, .dl-abstained, .dl-error").first.wait_for()
        page.locator("#question .submit-button").wait_for()  # it is "Stop" until then
    elif state == "filters":
        page.click("#filters button")
        page.locator("#filters input").first.wait_for()
    elif state == "an article":
        page.locator("#articles-list li button").first.click()
        page.locator("#articles-reader h2").wait_for()
    elif state == "a run":
        page.locator("#evaluate-testset label", has_text="Feedback").click()
        page.locator("#evaluate-card", has_text="1 question").wait_for()
        page.click("#evaluate-start")
        page.locator("#evaluate-told", has_text="Done").wait_for()
        page.wait_for_selector("#evaluate-figures dl")


def violations(page) -> list[str]:
    """What axe-core finds against WCAG A and AA, a line for each part of the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": AA, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['html'][:160]}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("state", STATES)
def test_a_page_keeps_to_wcag_aa_in_light_and_dark(browser, address, state, width):
    with opened(browser, address, state, width, color_scheme="light") as page:
        found = violations(page)
        page.emulate_media(color_scheme="dark")
        page.wait_for_selector("body.dark")
        page.wait_for_timeout(700)
        assert found + violations(page) == []


@pytest.mark.parametrize("state", STATES)
def test_a_page_has_one_first_heading_and_skips_no_level(browser, address, state):
    with opened(browser, address, state) as page:
        levels = page.evaluate(
            """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
              .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""
        )
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(level <= before + 1 for before, level in zip(levels, levels[1:], strict=False)), levels


FROM_THE_TOP = """() => {
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  window.stops ??= new Map();
  if (!window.stops.has(element)) window.stops.set(element, window.stops.size);
  const box = element.getBoundingClientRect();
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  let around = element; // a field as a whole may show the focus of what is in it
  while (around && !outlined(getComputedStyle(around)) && !outlined(getComputedStyle(around, "::after")))
    around = around.parentElement;
  const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  return {
    stop: window.stops.get(element),
    html: element.outerHTML.slice(0, 160),
    outlined: around !== null,
    seen: shown && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0
      && box.left < innerWidth,
  };
}"""


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("state", STATES)
def test_the_tab_key_goes_through_the_page_and_its_focus_is_seen(browser, address, state, width):
    stops: list[dict] = []
    with opened(browser, address, state, width) as page:
        page.evaluate(FROM_THE_TOP)
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused is None or (len(stops) > 1 and focused["stop"] == 0):
                break
            if focused["stop"] == len(stops) - 1:  # a field of a day has parts
                continue
            assert focused["stop"] == len(stops), f"focus goes back: {focused['html']}"
            stops.append(focused)
        else:
            pytest.fail(f"focus does not leave the page: {stops[-1]['html']}")
    assert len(stops) >= 5
    assert [stop["html"] for stop in stops if not (stop["outlined"] and stop["seen"])] == []


@pytest.mark.parametrize("state", STATES)
def test_a_page_fits_on_the_narrowest_phone(browser, address, state):
    with opened(browser, address, state, 320) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("es-ES", "es"), ("fr-FR", "en")])
def test_a_page_says_in_which_language_it_speaks(browser, address, locale, language):
    with opened(browser, address, "settings", locale=locale) as page:
        assert page.evaluate("document.documentElement.lang") == language
        assert page.inner_text("h1") == {"en": "Settings", "es": "Ajustes"}[language]

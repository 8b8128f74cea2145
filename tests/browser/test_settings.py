"""The settings page as a person meets it: another library, another answerer, the theme; in a real browser."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import newsdesk
import pytest
from langchain.chat_models import base as chat_models
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel

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


class Model(GenericFakeChatModel):
    """A chat model that is there and answers."""

    messages: object = iter(())

    def _stream(self, messages, *arguments, **more):
        object.__setattr__(self, "messages", iter(["At noon [1]."]))
        yield from super()._stream(messages, *arguments, **more)


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address at which the whole chat is served."""
    from ui.app import build
    from ui.server import launch, server_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = build(desk)
    try:
        yield launch(page, server_options("127.0.0.1", port))
    finally:
        page.close(verbose=False)
        desk.close()


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """Two libraries, of five and of two articles."""
    folder = tmp_path_factory.mktemp("settings")
    for name, numbers in (("first", range(5)), ("second", range(5, 7))):
        source = newsdesk.write_source(folder / f"{name}.jsonl", map(newsdesk.article, numbers))
        with Library.open(folder / name, create=True) as library:
            ingest(library, [source])
    return folder


@pytest.fixture(scope="module")
def desk(libraries):
    with Library.open(libraries / "first") as library:
        yield Desk(library)


@pytest.fixture(scope="module")
def address(desk):
    with served(desk) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser, address: str, path: str = "/settings", **options):
    """A page in a browser of its own; what its console complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address + path)
    if path == "/settings":
        page.wait_for_selector("#settings-title h1")
    yield page
    # Gradio's own stream of events says so when the page is left.
    assert [complaint for complaint in complaints if not complaint.startswith("AbortError")] == []
    context.close()


@pytest.fixture
def page(browser, address, desk, libraries):
    """The settings page, over the first library and the reader."""
    desk.open(libraries / "first")
    desk.answer_with("")
    with opened(browser, address) as page:
        yield page


def is_dark(page) -> bool:
    return page.evaluate("document.body.classList.contains('dark')")


def wait_for_theme(page, *, dark: bool) -> None:
    page.wait_for_function(f"document.body.classList.contains('dark') === {str(dark).lower()} && window.datelineTheme")


def test_another_library_is_opened_and_stays_after_a_reload(page, libraries):
    assert str(libraries / "first") in page.inner_text("#settings-library")
    page.fill("#settings-folder textarea", str(libraries / "second"))
    page.click("#settings-open")
    page.wait_for_selector("#settings-opened .dl-done:has-text('from now on')")
    assert str(libraries / "second") in page.inner_text("#settings-library")
    page.reload()
    page.wait_for_selector("#settings-title h1")
    assert str(libraries / "second") in page.inner_text("#settings-library")


def test_it_can_all_be_done_with_the_keyboard(page, libraries):
    page.focus("#settings-folder textarea")
    page.keyboard.type(str(libraries / "second"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#settings-opened .dl-done:has-text('from now on')")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "dark":
            break
    page.keyboard.press("Space")
    wait_for_theme(page, dark=True)


def test_a_folder_without_a_library_is_told_and_nothing_changes(page, libraries):
    for folder in ("", str(libraries / "<img src=x onerror=document.title='taken'>")):
        page.fill("#settings-folder textarea", folder)
        page.click("#settings-open")
        page.wait_for_selector(
            f"#settings-opened .dl-error:has-text('{'no library' if folder else 'Type the folder'}')"
        )
    assert "<img src=x onerror=document.title='taken'>" in page.inner_text("#settings-opened")
    assert page.title() != "taken" and page.locator("#settings-opened img").count() == 0
    assert str(libraries / "first") in page.inner_text("#settings-library")


def test_how_it_went_is_read_out_by_screen_readers(page):
    page.click("#settings-open")
    page.wait_for_selector("[role=status]:has(.dl-error:has-text('Type the folder'))")


def test_a_model_that_cannot_be_had_is_told_and_the_reader_stays(page):
    page.fill("#settings-llm textarea", "openai:gpt-4o")
    page.click("#settings-use-llm")
    page.wait_for_selector("#settings-answering .dl-error:has-text('needs the package langchain-openai')")
    assert "The reader answers" in page.inner_text("#settings-answerer")
    assert page.is_enabled("#settings-use-llm")


def test_a_model_that_answers_is_taken_and_the_reader_can_be_had_back(page, desk, monkeypatch):
    package = ModuleType("langchain_ollama")
    package.ChatOllama = Model
    monkeypatch.setitem(sys.modules, "langchain_ollama", package)
    chat_models._get_chat_model_creator.cache_clear()
    assert "that text leaves this machine" in page.inner_text("#settings-answerer")
    page.fill("#settings-llm textarea", "ollama:llama3.2")
    page.press("#settings-llm textarea", "Enter")
    page.wait_for_selector("#settings-answering .dl-done:has-text('answers from now on')")
    assert "A language model answers: ollama:llama3.2." in page.inner_text("#settings-answerer")
    page.click("#settings-use-reader")
    page.wait_for_selector("#settings-answering .dl-done:has-text('The reader answers')")
    assert desk.llm == "" and "The reader answers" in page.inner_text("#settings-answerer")
    chat_models._get_chat_model_creator.cache_clear()


def test_the_theme_stays_after_a_reload_and_on_the_other_pages(page, address):
    page.get_by_label("Dark").check()
    wait_for_theme(page, dark=True)
    page.reload()
    wait_for_theme(page, dark=True)
    page.wait_for_selector("#settings-theme input[value=dark]:checked")
    page.goto(address)
    wait_for_theme(page, dark=True)
    page.goto(f"{address}/settings")
    page.get_by_label("Light").check()
    wait_for_theme(page, dark=False)


def test_as_the_system_follows_the_system_while_the_page_is_open(browser, address):
    with opened(browser, address, color_scheme="dark") as page:
        wait_for_theme(page, dark=True)
        page.emulate_media(color_scheme="light")
        wait_for_theme(page, dark=False)
        page.get_by_label("Dark").check()
        wait_for_theme(page, dark=True)
        page.emulate_media(color_scheme="dark")
        page.emulate_media(color_scheme="light")
        page.wait_for_timeout(300)
        assert is_dark(page)
        page.get_by_label("As the system").check()
        wait_for_theme(page, dark=False)


def test_a_theme_chosen_in_one_window_is_put_on_the_others(page):
    other = page.context.new_page()
    other.goto(page.url)
    wait_for_theme(other, dark=False)
    page.get_by_label("Dark").check()
    wait_for_theme(other, dark=True)


def test_a_spanish_browser_gets_a_spanish_page(browser, address):
    with opened(browser, address, locale="es-ES") as page:
        assert page.inner_text("#settings-title h1") == "Ajustes"
        assert page.inner_text("#settings-open") == "Abrir"
        page.get_by_label("Oscuro").check()
        page.click("#settings-open")
        page.wait_for_selector("#settings-opened .dl-error:has-text('Escriba primero la carpeta')")
        assert page.evaluate("document.documentElement.lang") == "es"


def test_where_others_come_in_the_page_can_be_read_and_says_why(browser, libraries):
    with Library.open(libraries / "first") as library, served(Desk(library, private=False)) as address:
        with opened(browser, address) as page:
            assert "Others use this server too" in page.inner_text("#settings-title")
            shown = page.inner_text("#settings-library")
            assert "first" in shown and str(libraries) not in shown
            assert page.locator(".dl-settings textarea, .dl-settings button").count() == 0
            page.get_by_label("Dark").check()
            wait_for_theme(page, dark=True)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_over_the_side_of_the_screen(browser, address, width):
    with opened(browser, address, locale="es-ES") as page:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for button in page.locator(".dl-settings button").all():
            assert button.evaluate("button => button.scrollWidth <= button.clientWidth")

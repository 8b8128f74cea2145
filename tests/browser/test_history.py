"""The conversations that a browser keeps, as a person meets them: a real server, a real library, a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from pathlib import Path

import newsdesk
import pytest

from ingest.library import Library
from ingest.pipeline import ingest

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
MARKET, RINK = "Who opened the fish market number 1?", "How much did the ice rink number 3 cost?"
KEY = "dateline.conversation."
PATIENCE = 60_000  # milliseconds; the machine may be busy


class Served:
    """The chat over one library, at one address, which can be stopped and started."""

    def __init__(self, library: Library) -> None:
        from ui.desk import Desk

        self.desk = Desk(library)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    def start(self) -> None:
        from ui.app import build
        from ui.server import launch, server_options

        self.app = build(self.desk)
        self.address = launch(self.app, server_options("127.0.0.1", self.port))

    def stop(self) -> None:
        self.app.close(verbose=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The folder in which Gradio keeps files."""
    folder = tmp_path_factory.mktemp("files")
    before, os.environ["GRADIO_TEMP_DIR"] = os.environ.get("GRADIO_TEMP_DIR"), str(folder)
    yield folder
    os.environ.pop("GRADIO_TEMP_DIR") if before is None else os.environ.update(GRADIO_TEMP_DIR=before)


@pytest.fixture(scope="module")
def chat(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("chat")
    source = newsdesk.write_source(folder / "articles.jsonl", map(newsdesk.article, range(8)))
    with Library.open(folder / "library", create=True) as library:
        ingest(library, [source])
        served = Served(library)
        yield served
        served.stop()


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def person(chromium):
    """A browser of its own, as somebody else's would be."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(person, chat):
    return opened(person, chat)


def opened(person, chat):
    page = person.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(chat.address)
    return ready(page)


def ready(page):
    page.wait_for_selector("#question textarea")
    page.wait_for_function("window.datelineHistory && document.querySelector('#history.open')")
    return page


def ask(page, question: str) -> None:
    answers = page.locator("#conversation [data-testid=bot]").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    answer = page.locator("#conversation [data-testid=bot]").nth(answers)
    answer.locator(".dl-confidence, .dl-abstained, .dl-error").wait_for()
    page.wait_for_function(
        """([key, question]) => Object.entries(localStorage).some(([name, raw]) => name.startsWith(key) &&
        raw.startsWith('{"updated"') && JSON.parse(raw).conversation.turns.some?.(
        (turn) => turn.question === question && turn.answer))""",
        arg=[KEY, question],
    )


def begin(page) -> None:
    page.click("#begin")
    page.locator("#conversation [data-testid=bot]").first.wait_for(state="detached")


def titles(page) -> list[str]:
    return page.locator("#conversations .dl-open span:first-child").all_inner_texts()


def row(page, title: str):
    return page.locator("#conversations li", has=page.get_by_text(title, exact=True))


def open_row(page, title: str, says: str) -> None:
    row(page, title).locator(".dl-open").click()
    page.locator("#conversation").get_by_text(says).first.wait_for()


def entries(page) -> list[dict]:
    """What the browser's localStorage holds."""
    kept = page.evaluate(
        "key => Object.keys(localStorage).filter(k => k.startsWith(key)).map(k => localStorage[k])", KEY
    )
    return [json.loads(raw) for raw in kept]


def kept(page) -> dict[str, dict]:
    """What the browser's localStorage holds, by title."""
    return {entry["conversation"]["title"]: entry for entry in entries(page)}


def questions(page) -> list[list[str]]:
    """The questions of every conversation that the browser's localStorage holds."""
    return sorted([turn["question"] for turn in entry["conversation"]["turns"]] for entry in entries(page))


def put(page, conversation: object, updated: int, name: str = "") -> None:
    """Put an entry into the browser's storage, as an earlier visit would have."""
    raw = json.dumps({"updated": updated, "conversation": conversation})
    page.evaluate("([key, raw]) => localStorage.setItem(key, raw)", [KEY + (name or conversation["id"]), raw])


def made_up(name: str, title: str, question: str = "Who?", filler: str = "") -> dict:
    answer = {"text": f"Nobody. {filler}", "abstained": False, "confidence": 0.9, "citations": []}
    return {"id": name, "title": title, "turns": [{"id": name, "question": question, "answer": answer}]}


# --- kept ---


def test_a_reload_shows_the_same_answers_and_passages(page):
    ask(page, MARKET)
    ask(page, RINK)
    answers, marks = page.inner_text("#conversation"), page.locator("#sources mark").all_inner_texts()
    assert "Bolt" in answers and any("6 million" in mark for mark in marks)
    page.reload()
    page.locator("#conversation [data-testid=bot] .dl-confidence").nth(1).wait_for()
    page.locator("#sources mark").first.wait_for()
    assert page.locator("#conversation .dl-answer").all_inner_texts() and page.locator("#conversation .dl-chip").count()
    for text in ("Bolt", "6 million"):
        assert text in page.inner_text("#conversation")
    assert page.locator("#sources mark").all_inner_texts() == marks
    page.locator("#conversation .dl-mark").first.click()
    page.locator("#sources mark", has_text="Mayor Bolt of Belmonte").wait_for()
    assert page.problems == []


def test_conversations_outlive_the_server(page, chat):
    ask(page, MARKET)
    chat.stop()
    chat.start()
    page.reload()
    page.locator("#conversation").get_by_text("Bolt").first.wait_for()
    ask(page, RINK)
    assert len(kept(page)[MARKET]["conversation"]["turns"]) == 2


def test_a_new_conversation_begins_empty_and_the_old_one_can_be_opened_again(page):
    ask(page, MARKET)
    begin(page)
    assert page.evaluate("document.activeElement.matches('#question textarea')")
    ask(page, RINK)
    assert titles(page) == [RINK, MARKET]
    assert row(page, RINK).locator("[aria-current=true]").count() == 1
    open_row(page, MARKET, "Bolt")
    assert "6 million" not in page.inner_text("#conversation")
    page.locator("#sources mark", has_text="Bolt").wait_for()
    page.wait_for_timeout(500)
    assert titles(page) == [RINK, MARKET]  # to open one does not make it newer


def test_a_question_is_asked_in_the_conversation_that_was_opened(page):
    ask(page, MARKET)
    begin(page)
    ask(page, RINK)
    open_row(page, MARKET, "Bolt")
    ask(page, "And number 2?")
    questions = [turn["question"] for turn in kept(page)[MARKET]["conversation"]["turns"]]
    assert questions == [MARKET, "And number 2?"] and len(kept(page)[RINK]["conversation"]["turns"]) == 1


def test_two_tabs_do_not_lose_each_other_s_conversations(person, page, chat):
    other = opened(person, chat)
    ask(page, MARKET)
    ask(other, RINK)
    for tab in (page, other):
        tab.wait_for_function("document.querySelectorAll('#conversations .dl-open').length === 2")
        assert titles(tab) == [RINK, MARKET]
    ask(page, "And number 2?")
    assert {title: len(entry["conversation"]["turns"]) for title, entry in kept(page).items()} == {MARKET: 2, RINK: 1}
    assert "6 million" not in page.inner_text("#conversation")


def test_where_two_tabs_go_on_with_one_conversation_both_are_kept(person, page, chat):
    ask(page, MARKET)
    other = opened(person, chat)
    open_row(other, MARKET, "Bolt")
    ask(other, RINK)
    ask(page, "And number 2?")
    page.locator("#conversations li", has=page.locator("[aria-current=true]")).get_by_role(
        "button", name=f"Rename “{MARKET}”"
    ).click()
    page.keyboard.type("Mine")
    page.keyboard.press("Enter")
    ask(page, "And number 4?")  # the server has heard of the name
    assert questions(page) == [[MARKET, "And number 2?", "And number 4?"], [MARKET, RINK]]
    page.reload()
    page.locator("#conversation").get_by_text("And number 4?").first.wait_for()
    assert set(kept(page)) == {MARKET, "Mine"} and "6 million" not in page.inner_text("#conversation")


def test_another_browser_and_the_server_s_disk_have_none_of_it(page, chromium, chat, files):
    ask(page, MARKET)
    with page.expect_download():
        page.click("#to-html")
    stranger = chromium.new_context(viewport={"width": 1440, "height": 900})
    other = opened(stranger, chat)
    assert "kept here, in this browser only" in other.inner_text("#conversations")
    assert "Bolt" not in other.inner_text("#conversation")
    stranger.close()
    written = [file for folder in (files, chat.desk.library.path) for file in Path(folder).rglob("*") if file.is_file()]
    assert not [file for file in written if MARKET.encode() in file.read_bytes()]


def test_when_the_space_is_full_the_oldest_goes_and_it_is_said(page):
    for number in range(3):
        put(page, made_up(f"old{number}", f"Old {number}", filler="x" * 1_340_000), updated=1000 + number)
    ask(page, MARKET)
    page.locator("#conversations [role=status]", has_text="“Old 0” was the oldest and had to go").wait_for()
    assert set(kept(page)) == {"Old 1", "Old 2", MARKET}


def test_a_browser_that_keeps_nothing_says_so_and_answers_all_the_same(person, chat):
    person.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page = opened(person, chat)
    page.fill("#question textarea", MARKET)
    page.press("#question textarea", "Enter")
    page.locator("#conversations [role=status]", has_text="Export it if you need it").wait_for()
    page.locator("#conversation .dl-confidence").wait_for()


def test_what_somebody_else_wrote_into_the_storage_is_shown_as_text_and_breaks_nothing(page):
    hostile = "<img src=x onerror=\"document.title='taken'\">"
    put(page, {"title": hostile, "turns": 7}, 5, name="damaged")
    put(page, {"id": "no turns", "title": "No turns", "turns": [{"answer": 3}, 4]}, 4)
    put(page, made_up("a1", hostile, question=hostile), 3)
    page.evaluate("key => localStorage.setItem(key + 'x', '{')", KEY)
    page.reload()
    ready(page)
    page.locator("#conversations li").nth(3).wait_for()
    assert page.locator("#conversations img").count() == 0 and page.title() == "Dateline"
    row(page, hostile).last.locator(".dl-open").click()
    page.locator("#conversation .dl-answer", has_text="Nobody").wait_for()
    assert page.locator("#conversation img[src=x]").count() == 0 and page.title() == "Dateline"
    row(page, "No turns").locator(".dl-open").click()
    page.get_by_text("cannot be read").first.wait_for()
    ask(page, MARKET)
    assert page.problems == []


# --- found, renamed, deleted ---


def test_search_looks_in_titles_questions_and_answers(page):
    put(page, made_up("a", "Canals", question="Who dug it?"), 3)
    put(page, made_up("b", "Boats", question="¿Quién ganó la regata?"), 2)
    put(page, made_up("c", "Trains", filler="The driver was Eker."), 1)
    page.reload()
    ready(page)
    search = page.get_by_role("searchbox", name="Search conversations")
    for words, found in [("CANAL", ["Canals"]), ("gano regata", ["Boats"]), ("eker driver", ["Trains"]), ("nobody", 3)]:
        search.fill(words)
        assert titles(page) == found or len(titles(page)) == found
    search.fill("eker regata")
    assert titles(page) == [] and "has all these words" in page.inner_text("#conversations")
    search.fill("eker")
    assert "Eker" in page.inner_text("#conversations .dl-hit")
    search.fill("")
    assert titles(page) == ["Canals", "Boats", "Trains"]


def test_a_renamed_conversation_keeps_its_name(page):
    ask(page, MARKET)
    page.get_by_role("button", name=f"Rename “{MARKET}”").click()
    page.keyboard.type("The <b>fish</b>")
    page.keyboard.press("Enter")
    assert titles(page) == ["The <b>fish</b>"]
    ask(page, RINK)  # the server has heard of it
    assert titles(page) == ["The <b>fish</b>"]
    page.reload()
    page.locator("#conversation").get_by_text("Bolt").first.wait_for()
    assert titles(page) == ["The <b>fish</b>"]
    with page.expect_download() as download:
        page.click("#to-markdown")
    assert download.value.suggested_filename == "dateline-the-b-fish-b.md"


def test_renaming_can_be_left_with_the_keyboard(page):
    put(page, made_up("a", "Canals"), 3)
    page.reload()
    ready(page)
    page.get_by_role("button", name="Rename “Canals”").press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "New title"
    page.keyboard.type("Boats")
    page.keyboard.press("Escape")
    assert titles(page) == ["Canals"]
    assert page.evaluate("document.activeElement.ariaLabel") == "Rename “Canals”"


def test_what_arrives_in_the_meantime_does_not_disturb_who_is_renaming(person, page, chat):
    put(page, made_up("a", "Canals"), 3)
    page.reload()
    ready(page)
    page.get_by_role("button", name="Rename “Canals”").click()
    page.keyboard.type("Bo")
    ask(opened(person, chat), MARKET)
    page.keyboard.type("ats")
    page.keyboard.press("Enter")
    assert titles(page) == [MARKET, "Boats"]


def test_a_name_takes_nothing_from_a_conversation_that_went_on_in_another_tab_meanwhile(person, page, chat):
    ask(page, MARKET)
    begin(page)
    page.get_by_role("button", name=f"Rename “{MARKET}”").click()
    page.keyboard.type("Fish")
    other = opened(person, chat)
    open_row(other, MARKET, "Bolt")
    ask(other, RINK)
    other.close()
    page.keyboard.press("Enter")
    assert titles(page) == ["Fish"] and questions(page) == [[MARKET, RINK]]


def test_deleting_asks_first_and_then_leaves_nothing(page):
    ask(page, MARKET)
    delete = page.get_by_role("button", name=f"Delete “{MARKET}”")
    delete.click()
    page.get_by_role("button", name="Keep", exact=True).click()
    assert titles(page) == [MARKET]
    delete.press("Enter")
    for key in ("Shift+Tab", "Enter"):  # the keyboard stands on Keep
        page.keyboard.press(key)
    page.locator("#conversation [data-testid=bot]").first.wait_for(state="detached")
    assert titles(page) == [] and kept(page) == {}
    page.reload()
    ready(page)
    page.wait_for_timeout(1000)
    assert page.locator("#conversation [data-testid=bot]").count() == 0 and kept(page) == {}


def test_deleting_another_conversation_leaves_the_one_on_screen(page):
    put(page, made_up("a", "Canals"), 3)
    ask(page, MARKET)
    page.get_by_role("button", name="Delete “Canals”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    assert titles(page) == [MARKET] and "Bolt" in page.inner_text("#conversation")


# --- exported ---


def test_an_exported_page_shows_every_source_and_asks_no_server(page, person, tmp_path):
    ask(page, MARKET)
    ask(page, RINK)
    with page.expect_download() as download:
        page.click("#to-html")
    assert re.fullmatch(r"dateline-who-opened-the-fish-market[\w-]*\.html", download.value.suggested_filename)
    file = tmp_path / "page.html"
    download.value.save_as(file)
    reader = person.new_page()
    requested = []
    reader.on("request", lambda request: requested.append(request.url))
    reader.goto(file.as_uri())
    assert requested == [file.as_uri()]
    assert reader.locator("h2").all_inner_texts() == [MARKET, RINK]
    quotes = " ".join(reader.locator("blockquote").all_inner_texts())
    assert "Mayor Bolt of Belmonte opened the fish market number 1" in quotes and "6 million crowns" in quotes
    last = reader.locator("sup a").last
    last.click()
    assert reader.locator("li:target .number").inner_text() == last.inner_text()
    assert reader.locator("li a.original").first.get_attribute("href").startswith("https://news.example/1#:~:text=")


def test_nothing_can_be_exported_before_something_was_asked(page):
    assert page.is_disabled("#to-markdown") and page.is_disabled("#to-html")
    ask(page, MARKET)
    page.wait_for_function("!document.querySelector('#to-markdown').disabled")
    with page.expect_download() as first:
        page.click("#to-markdown")
    with page.expect_download() as again:
        page.click("#to-markdown")
    assert Path(first.value.path()).read_text("utf-8") == Path(again.value.path()).read_text("utf-8")
    begin(page)
    page.wait_for_function("document.querySelector('#to-markdown').disabled")


# --- how it looks ---


def test_a_sidebar_that_was_closed_stays_closed(page):
    page.get_by_role("button", name="Hide conversations").click()
    page.get_by_role("button", name="Show conversations").wait_for()
    page.reload()
    page.wait_for_function("window.datelineHistory")
    page.wait_for_timeout(1000)
    assert page.get_by_role("button", name="Show conversations").get_attribute("aria-expanded") == "false"
    assert not page.locator("#begin").is_visible()


def test_on_a_phone_the_sidebar_is_out_of_the_way_until_it_is_wanted(chromium, chat):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="es-ES")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(chat.address)
    page.wait_for_selector("#question textarea")
    page.wait_for_function("window.datelineHistory")
    assert not page.locator("#begin").is_visible()
    put(page, made_up("a", "Canales"), 3)
    page.reload()
    page.wait_for_function("window.datelineHistory")
    page.get_by_role("button", name="Mostrar las conversaciones").click()
    page.get_by_role("button", name="Ocultar las conversaciones").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row(page, "Canales").locator(".dl-open").click()
    page.locator("#conversation .dl-answer", has_text="Nobody").wait_for()
    page.get_by_role("button", name="Mostrar las conversaciones").wait_for()
    context.close()

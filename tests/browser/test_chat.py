"""The chat as a person meets it: a real server, a real library, a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from ingest.feedback import feedback
from ingest.library import Library
from ingest.pipeline import ingest
from ui.desk import Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed"),
]

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> **bold** $$x^2$$"
FILLER = "The island council met again on Tuesday to speak about the summer timetable of the boats. " * 4
FERRY = (
    f"{FILLER}\n\n{FILLER}\n\n{FILLER}\n\nAbout 1,200 passengers were stranded overnight when the ferry stopped, the "
    f"harbour master said.\n\n{HOSTILE}\n\n{FILLER}\n\n{FILLER}"
)
ARTICLES = [
    {
        "url": "https://news.example/ferry",
        "title": "Storm halts <b>ferry</b> to Green Island",
        "text": FERRY,
        "source": "Harbour Gazette",
        "authors": ["Ana Ruiz"],
        "published": "2025-03-04",
    },
    {
        "url": "https://island.example/ferry",
        "title": "Ferry stopped",
        "text": FERRY,
        "source": "Island Post",
        "published": "2025-03-05",
    },
    {
        "url": "https://news.example/vineyard",
        "title": "Vineyards expect a late harvest",
        "text": "Growers in the Lena valley expect to pick grapes three weeks late this year, the union said.",
        "source": "Valley Post",
        "published": "2025-08-20",
    },
    {
        "url": "https://noticias.example/biblioteca",
        "title": "Reabre la biblioteca de Cañaveral",
        "text": "La biblioteca de Cañaveral reabrió el lunes con 45.000 libros, dijo la alcaldesa Íñiga Muñoz.",
        "source": "El Diario del Sur",
        "published": "2025-04-01",
        "language": "es",
    },
    {
        "url": "https://news.example/inquiry",
        "title": "The inquiry in full",
        "text": f"{FILLER}\n\n" * 80
        + f"The inspector Olga Brandt found 57 cracks in the dam.\n\n{FILLER}"
        + FILLER * 80,
        "source": "Valley Post",
        "published": "2025-01-15",
    },
]
STRANDED, GRAPES = "How many passengers were stranded?", "When do the growers expect to pick grapes?"
SWEDEN = "When did Sweden join NATO?"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 30_000  # milliseconds


class Writer(BaseChatModel):
    """A language model that writes a few letters at a time, with marks that come in halves."""

    pause: float = 0.1
    text: str = "Some 1,200 people were stranded [2]. The harbour master said so [1][2]. Nobody wrote this. "
    began: list[float] = []

    @property
    def _llm_type(self) -> str:
        return "writer"

    def _generate(self, messages, stop=None, run_manager=None, **more):
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=self.text))])

    def _stream(self, messages, stop=None, run_manager=None, **more):
        self.began.append(time.time())
        for piece in re.findall(r".{1,4}", self.text):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            time.sleep(self.pause)


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Where the chat is served as `dateline chat` serves it."""
    from ui.app import build
    from ui.server import launch, server_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = build(desk)
    try:
        yield launch(app, server_options("127.0.0.1", port))
    finally:
        app.close(verbose=False)


def _of_the_corpus() -> dict:
    lines = (Path(__file__).parents[2] / "corpus/articles/harbor-and-others.jsonl").read_text(encoding="utf-8")
    return next(article for article in map(json.loads, lines.splitlines()) if "Sweden" in article["title"])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """Six articles: one hostile, one of them its copy, one in Spanish, one very long, one of the bundled corpus."""
    folder = tmp_path_factory.mktemp("chat")
    source = folder / "articles.jsonl"
    source.write_text(
        "".join(json.dumps(article) + "\n" for article in [*ARTICLES, _of_the_corpus()]), encoding="utf-8"
    )
    with Library.open(folder / "library", create=True) as opened:
        ingest(opened, [str(source)])
        yield opened


@pytest.fixture(scope="module")
def address(library):
    with served(Desk(library)) as where:
        yield where


WRITER = Writer()


@pytest.fixture
def writer():
    """The language model behind slow_address; a test may change its pace."""
    yield WRITER
    WRITER.pause = 0.1


@pytest.fixture(scope="module")
def slow_address(library):
    """The same library, asked of a language model that takes its time."""
    with served(Desk(library, llm=WRITER)) as where:
        yield where


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Opens the chat in a browser of its own, that remembers nothing."""
    contexts = []

    def opened(address: str, width: int = 1280, height: int = 900, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.requested = []
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(address)
        page.wait_for_selector("#question textarea")
        page.wait_for_selector("#conversation .dl-welcome")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page, address):
    return open_page(address)


def begin(page, question: str) -> int:
    """Type and send a question; the number of answers before."""
    answers = page.locator("#conversation [data-testid=bot]").count()
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    return answers


def settled(page, place: int):
    """The answer at that place, once it is there and another can be asked."""
    answer = page.locator("#conversation [data-testid=bot]").nth(place)
    answer.locator(".dl-confidence, .dl-abstained, .dl-error, .dl-unfinished").wait_for(timeout=WAIT)
    page.wait_for_selector("#question .submit-button", timeout=WAIT)
    return answer


def ask(page, question: str):
    return settled(page, begin(page, question))


def sources_are_for(page, question: str) -> None:
    page.wait_for_function(
        "question => document.querySelector('#sources .dl-hint').innerText.includes(question)", arg=question
    )


def questions(page) -> list[str]:
    return page.locator("#conversation [data-testid=user]").all_inner_texts()


MARK_IS_IN_VIEW = """() => {
  const mark = document.querySelector("#sources mark.dl-active"), box = mark?.closest(".dl-text");
  if (!box) return false;
  const inside = mark.getBoundingClientRect(), frame = box.getBoundingClientRect();
  return inside.top >= frame.top && inside.bottom <= frame.bottom && inside.top >= 0 && inside.bottom <= innerHeight;
}"""


# --- an answer and its sources ---


def test_an_answer_shows_its_sentence_marked_and_in_view_in_its_article(page):
    assert "1,200" in ask(page, STRANDED).inner_text()
    mark = page.locator("#sources mark").first
    assert "About 1,200 passengers were stranded" in mark.inner_text()
    page.wait_for_function(MARK_IS_IN_VIEW)
    assert page.locator("#sources .dl-text").first.evaluate("box => box.scrollTop") > 0
    card = page.inner_text("#sources details")
    assert "Storm halts <b>ferry</b> to Green Island" in card and "Harbour Gazette · 2025-03-04 · Ana Ruiz" in card


def test_outlets_days_and_copies_stand_under_the_answer(page):
    chips = ask(page, STRANDED).locator(".dl-chips").inner_text()
    assert "Harbour Gazette · 2025-03-04 · also in Island Post" in chips
    assert "Also in: Island Post" in page.inner_text("#sources") and "(2025-03-05)" in page.inner_text("#sources")


def test_how_sure_an_answer_is_is_said_in_words(page):
    words = ask(page, STRANDED).locator(".dl-confidence").inner_text()
    assert "upported" in words and "%" not in words


def test_a_mark_of_an_earlier_answer_shows_that_answers_sources(page):
    ask(page, STRANDED)
    ask(page, GRAPES)
    sources_are_for(page, GRAPES)
    page.locator("#conversation .dl-mark").first.click()
    sources_are_for(page, STRANDED)
    page.wait_for_function(MARK_IS_IN_VIEW)
    assert "1,200 passengers" in page.inner_text("#sources mark.dl-active")
    page.locator("#conversation .dl-mark").last.click()
    sources_are_for(page, GRAPES)
    assert "three weeks late" in page.inner_text("#sources mark.dl-active")


def test_pointing_at_a_mark_is_enough(page):
    ask(page, STRANDED)
    ask(page, GRAPES)
    page.locator("#conversation .dl-mark").first.hover()
    sources_are_for(page, STRANDED)
    page.wait_for_function(MARK_IS_IN_VIEW)


def test_the_keyboard_goes_from_the_mark_to_the_text_and_back(page):
    ask(page, STRANDED)
    ask(page, GRAPES)
    page.locator("#conversation .dl-mark").last.focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if (page.evaluate("document.activeElement.getAttribute('href')") or "").startswith("#source-"):
            if page.evaluate("document.activeElement.closest('[data-testid]').innerText").startswith("1,200"):
                break
    sources_are_for(page, STRANDED)
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('#sources .dl-text')")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.matches('#conversation a[href^=\"#source-\"]')")


def test_the_original_opens_at_the_sentence_and_not_as_this_page(page):
    ask(page, "¿Con cuántos libros reabrió la biblioteca de Cañaveral?")
    link = page.locator("#sources .dl-original a")
    start = "La%20biblioteca%20de%20Ca%C3%B1averal%20reabri%C3%B3"
    assert link.get_attribute("href").startswith(f"https://noticias.example/biblioteca#:~:text={start},")
    assert link.get_attribute("href").endswith("dijo%20la%20alcaldesa%20%C3%8D%C3%B1iga%20Mu%C3%B1oz%2E")
    assert link.get_attribute("target") == "_blank" and "noopener" in link.get_attribute("rel")


def test_a_long_article_does_not_weigh_the_page_down(page):
    ask(page, "How many cracks in the dam did the inspector Olga Brandt find?")
    page.wait_for_function(MARK_IS_IN_VIEW)
    assert "57 cracks" in page.inner_text("#sources mark.dl-active")
    assert len(page.inner_html("#sources details[open]")) < 45_000


def test_a_hostile_article_is_read_and_never_run(page):
    ask(page, f"{STRANDED} {HOSTILE}")
    assert page.title() == "Dateline"
    assert "<script>document.title='taken'</script>" in page.inner_text("#conversation")
    assert "<script>document.title='taken'</script>" in page.inner_text("#sources")
    assert page.locator("#conversation img[src=x], #sources img, #conversation strong").count() == 0


def test_an_abstention_looks_different_and_offers_the_closest_passages(page):
    answer = ask(page, "Who won the 2018 World Cup?")
    assert answer.locator(".dl-abstained").count() == 1 and answer.locator(".dl-confidence").count() == 0
    assert "Closest passages" in page.inner_text("#sources")
    answer.locator(".dl-chip").nth(1).click()
    page.wait_for_function("document.querySelectorAll('#sources details')[1].open")
    assert page.locator("#sources details[open]").count() == 1


def test_a_cited_article_that_was_forgotten_is_said_to_be_gone(open_page, tmp_path):
    source = tmp_path / "one.jsonl"
    source.write_text(json.dumps(ARTICLES[2]) + "\n", encoding="utf-8")
    with Library.open(tmp_path / "library", create=True) as own:
        ingest(own, [str(source)])
        with served(Desk(own)) as where:
            page = open_page(where)
            ask(page, GRAPES)
            assert "no longer in the library" not in page.inner_text("#sources")
            own.forget(ARTICLES[2]["url"])
            ask(page, "Who won the 2018 World Cup?")
            page.locator("#conversation .dl-mark").first.click()
            sources_are_for(page, GRAPES)
            assert "no longer in the library" in page.inner_text("#sources")
            assert "three weeks late" in page.inner_text("#sources mark")


# --- while an answer is written ---


def test_an_answer_is_written_before_the_eyes_and_half_a_mark_never_shows(open_page, slow_address):
    page = open_page(slow_address)
    page.evaluate(
        """() => { window.seen = []; new MutationObserver(() => {
          const now = document.querySelector("#conversation [data-testid=bot] .dl-answer")?.innerText;
          if (now && now !== window.seen.at(-1)) window.seen.push(now);
        }).observe(document.body, {subtree: true, childList: true, characterData: true}); }"""
    )
    answer = ask(page, STRANDED)
    seen = page.evaluate("window.seen")
    assert len(seen) > 8 and not any("[" in text or "]" in text for text in seen)
    growing = [text for text in seen if text.startswith("Some 1,200")][:-1]  # the last has links and what is flagged
    assert all(later.startswith(sooner) for sooner, later in zip(growing, growing[1:], strict=False))
    assert "stranded 1. The harbour master said so 2 1. Nobody" in growing[-1]
    assert answer.locator(".dl-mark").evaluate_all("all => all.map(mark => mark.lastChild.data)") == ["1", "2", "1"]
    assert "no source" in answer.locator(".dl-unsupported").inner_text()


@pytest.mark.skipif(os.getloadavg()[0] > 8 * (os.cpu_count() or 1), reason="on a busy machine a time says nothing")
def test_the_first_word_is_on_the_screen_within_300_ms_of_its_being_written(open_page, slow_address, writer):
    page = open_page(slow_address)
    delays = []
    for _ in range(3):
        place = begin(page, STRANDED)
        shown = page.wait_for_function(
            """place => document.querySelectorAll("#conversation [data-testid=bot]")[place]
              ?.querySelector(".dl-answer:not(.dl-waiting)") && Date.now()""",
            arg=place,
            polling="raf",
        ).json_value()
        delays.append(shown / 1000 - writer.began[-1])
        settled(page, place)
    print(f"first word after {min(delays) * 1000:.0f} to {max(delays) * 1000:.0f} ms")
    assert min(delays) < 0.3


def test_stop_ends_an_answer_which_can_then_be_asked_again(open_page, slow_address, writer):
    page = open_page(slow_address)
    writer.pause = 3
    begin(page, STRANDED)
    page.click("#question .stop-button")
    assert "was stopped" in settled(page, 0).inner_text()
    writer.pause = 0
    page.get_by_label("Retry").click()
    page.locator("#conversation .dl-confidence").wait_for(timeout=WAIT)
    assert questions(page) == [STRANDED]


def test_a_question_that_comes_while_an_answer_is_written_disturbs_neither(open_page, slow_address, writer):
    page = open_page(slow_address)
    writer.pause = 3
    place = begin(page, STRANDED)
    page.wait_for_selector("#question .stop-button")
    page.fill("#question textarea", "And now?")
    page.press("#question textarea", "Enter")
    page.wait_for_timeout(500)
    assert questions(page) == [STRANDED]
    writer.pause = 0
    assert "The harbour master said so" in settled(page, place).inner_text()
    assert questions(page) == [STRANDED] and page.input_value("#question textarea") == "And now?"


def test_a_vote_on_an_earlier_answer_survives_the_next_one(open_page, slow_address, writer):
    page = open_page(slow_address)
    ask(page, STRANDED)
    writer.pause = 3
    place = begin(page, GRAPES)
    page.wait_for_selector("#question .stop-button")
    page.get_by_label("Like", exact=True).first.click()
    page.get_by_label("Liked", exact=True).wait_for()
    page.wait_for_function('Object.values(localStorage).some(kept => kept.includes(\'"feedback":"up"\'))')
    assert page.locator("#conversation .dl-unfinished").count() == 0  # the next one is being written all the same
    writer.pause = 0
    assert "The harbour master said so" in settled(page, place).inner_text()
    page.wait_for_timeout(300)
    assert page.get_by_label("Liked", exact=True).count() == 1


# --- before and after a question ---


def test_the_empty_page_says_what_the_library_holds(page):
    welcome = page.inner_text("#conversation .dl-welcome")
    assert "6 articles from Valley Post, El Diario del Sur, Harbor Ledger (sample) and 2 more outlets" in welcome
    assert "until 2025-08-20" in welcome


def test_an_example_question_is_asked_when_it_is_chosen(page):
    example = page.locator("#conversation .example").first
    question = example.inner_text(timeout=WAIT)
    example.click()
    answer = settled(page, 0)
    assert questions(page) == [question] and answer.locator(".dl-mark").count()


def test_a_question_that_follows_is_offered_and_asked_at_once(page):
    ask(page, SWEDEN)
    follow_up = page.locator("#conversation .option").first
    follow_up.wait_for(timeout=WAIT)
    question = follow_up.inner_text()
    follow_up.click()
    answer = settled(page, 1)
    assert questions(page) == [SWEDEN, question] and answer.locator(".dl-mark").count()
    assert page.evaluate("document.activeElement.matches('#question textarea')")


def test_an_edited_question_takes_the_place_of_the_old_one(page):
    asked = 'Is "R&D" <b>late</b>?'
    ask(page, asked)
    ask(page, GRAPES)
    page.get_by_label("Edit").first.click()
    assert page.input_value("#conversation .edit-textarea") == asked
    page.fill("#conversation .edit-textarea", STRANDED)
    page.get_by_label("Submit").click()
    page.wait_for_function("document.querySelectorAll('#conversation [data-testid=bot]').length === 1")
    assert "1,200" in settled(page, 0).inner_text()
    assert questions(page) == [STRANDED]


def test_an_empty_question_is_not_asked(page):
    page.fill("#question textarea", "   ")
    page.press("#question textarea", "Enter")
    page.wait_for_timeout(500)
    assert questions(page) == [] and page.locator("#question .submit-button").count() == 1


def test_a_vote_and_its_comment_are_kept_in_the_library(page, library):
    ask(page, GRAPES)
    page.get_by_label("Dislike", exact=True).click()
    page.get_by_label("What was right or wrong?").fill("It was <i>two</i> weeks")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you").wait_for()
    kept = [vote for vote in feedback(library.path) if vote.comment]
    assert [(vote.vote, vote.comment, vote.question) for vote in kept] == [("down", "It was <i>two</i> weeks", GRAPES)]
    assert kept[0].answer["citations"][0]["url"] == ARTICLES[2]["url"]
    page.get_by_label("Disliked").click()
    page.get_by_text("taken back").wait_for()
    assert not [vote for vote in feedback(library.path) if vote.comment]


def test_the_comment_on_one_answer_is_not_offered_for_another(page, library):
    ask(page, GRAPES)
    ask(page, STRANDED)
    box = page.get_by_label("What was right or wrong?")
    page.get_by_label("Dislike", exact=True).first.click()
    box.fill("of grapes")
    page.get_by_role("button", name="Send").click()
    box.wait_for(state="hidden")
    page.get_by_label("Disliked").click()  # taken back, with its comment
    page.get_by_text("taken back").wait_for()
    page.get_by_label("Dislike", exact=True).first.click()
    box.fill("of grapes again")
    page.get_by_label("Like", exact=True).last.click()
    page.wait_for_function("document.querySelector('#comment textarea').value === ''")
    page.get_by_role("button", name="Send").click()
    page.wait_for_timeout(500)
    assert not [vote for vote in feedback(library.path) if vote.comment]


# --- filters ---


def filters(page) -> None:
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Published from").wait_for()


def test_a_range_that_ends_before_it_begins_is_told_in_a_sentence_with_a_way_out(page):
    filters(page)
    page.get_by_label("Published from").fill("2025-02-03")
    page.get_by_label("Published to").fill("2025-02-01")
    answer = ask(page, STRANDED)
    assert "2025-02-01" in answer.locator(".dl-error").inner_text()
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Retry").click()
    page.locator("#conversation .dl-confidence").wait_for(timeout=WAIT)


def test_filters_decide_what_is_searched_and_are_seen_when_they_are_folded_away(page):
    filters(page)
    page.get_by_label("Published from").fill("2025-06-01")
    page.get_by_role("button", name="Filters (1)").click()
    answer = ask(page, STRANDED)
    assert "1,200" not in answer.inner_text() + page.inner_text("#sources")
    assert "Only searched: from 2025-06-01" in answer.inner_text()


def test_an_outlet_and_a_language_can_be_chosen(page):
    filters(page)
    page.get_by_label("Outlets").click()
    page.get_by_role("option", name="Valley Post").click()
    page.keyboard.press("Escape")
    answer = ask(page, STRANDED)
    assert "Only searched: Valley Post" in answer.inner_text() and "Harbour Gazette" not in answer.inner_text()


# --- whoever looks ---


def test_a_page_that_is_loaded_again_shows_the_same_answers_passages_and_votes(page):
    ask(page, STRANDED)
    ask(page, GRAPES)
    page.get_by_label("Like", exact=True).last.click()
    page.get_by_label("Liked", exact=True).wait_for()
    before = page.locator("#conversation .dl-answer").all_inner_texts()
    page.wait_for_function('Object.values(localStorage).some(kept => kept.includes(\'"feedback":"up"\'))')
    page.reload()
    page.locator("#conversation .dl-confidence").nth(1).wait_for(timeout=WAIT)
    assert page.locator("#conversation .dl-answer").all_inner_texts() == before
    assert page.get_by_label("Liked", exact=True).count() == 1
    page.locator("#conversation .dl-mark").first.click()
    sources_are_for(page, STRANDED)
    assert "1,200 passengers" in page.inner_text("#sources mark.dl-active")


def test_the_page_asks_no_other_server_for_anything(page, address):
    ask(page, STRANDED)
    foreign = [url for url in page.requested if not url.startswith((address, "data:", "blob:"))]
    assert foreign == []


def test_a_conversation_is_not_seen_by_another_browser(page, open_page, address):
    ask(page, STRANDED)
    other = open_page(address)
    ask(other, GRAPES)
    assert "passengers" not in other.inner_text("#conversation")
    assert other.locator("#conversation [data-testid=bot]").count() == 1


def test_a_screen_reader_hears_names_and_the_whole_answer_once(page):
    ask(page, STRANDED)
    messages = page.locator("#conversation :is([data-testid=user], [data-testid=bot])")
    labels = messages.evaluate_all("all => all.map(message => message.ariaLabel)")
    assert labels == ["Question", "Answer"]
    assert page.get_attribute("#conversation [role=log]", "aria-live") == "off"
    said = page.locator("[role=status][aria-live=polite]").all_inner_texts()
    assert any(text.startswith("Answer: 1,200") and "[" not in text for text in said)


def test_the_page_speaks_the_browsers_language(open_page, address):
    page = open_page(address, locale="es-ES")
    assert "6 artículos de" in page.inner_text("#conversation .dl-welcome")
    assert page.inner_text("#question .submit-button") == "Preguntar"
    answer = ask(page, "¿Con cuántos libros reabrió la biblioteca de Cañaveral?")
    assert "espaldada" in answer.locator(".dl-confidence").inner_text()
    assert "Fuentes" in page.inner_text("#sources .dl-heading")
    page.get_by_role("button", name="Filtros").click()
    page.get_by_label("Publicado desde").wait_for()


def test_on_a_phone_the_panel_lies_below_and_a_mark_brings_it_up(open_page, address):
    page = open_page(address, width=390, height=844, has_touch=True)
    ask(page, STRANDED)
    chat, panel = page.locator("#conversation").bounding_box(), page.locator("#sources").bounding_box()
    assert panel["y"] >= chat["y"] + chat["height"]
    page.locator("#conversation .dl-mark").first.tap()
    page.wait_for_function(MARK_IS_IN_VIEW)
    page.get_by_text("Back to the conversation").click()
    page.wait_for_function("document.querySelector('#conversation').getBoundingClientRect().top >= -1")


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("question", [STRANDED, "Who won the 2018 World Cup?"])
def test_nothing_runs_over_the_side_of_the_screen(open_page, address, width, question):
    page = open_page(address, width=width)
    ask(page, question)
    assert page.evaluate("document.documentElement.scrollWidth") <= width

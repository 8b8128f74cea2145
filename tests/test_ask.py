"""A turn of the chat: what is asked, what comes back, and the messages that show it; without a browser."""

from __future__ import annotations

import logging
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from ingest.errors import QuestionError
from ingest.feedback import feedback
from ingest.library import Library
from qa.assistant import Assistant
from qa.records import Answer
from ui import turns
from ui.conversation import Conversation, Filters, Turn, new
from ui.desk import Desk
from ui.pages.ask import AskPage
from ui.strings import language_of, words

SAY = words("en")
QUESTION = "Who opened the tram line number 0?"
WHEN = "2026-11-25T10:00:00+00:00"


@pytest.fixture
def library(small):
    with Library.open(small) as opened:
        yield opened


def turn(question: str = QUESTION, answer: Answer | None = None, name: str = "t1", **more) -> Turn:
    return Turn(name, question, WHEN, more.pop("filters", Filters()), answer, **more)


def grown(library: Library, asked: Turn, *, earlier: Conversation | None = None, llm=None) -> list[str | Turn]:
    return list(turns.answered(Assistant(library, llm=llm), asked, earlier or new(), SAY))


def told(library: Library, question: str = QUESTION, **more) -> Turn:
    return grown(library, turn(question, **more))[-1]


# --- what is asked ---


def conversation(*questions: str, follow_ups: tuple[str, ...] = ()) -> Conversation:
    talked = new()
    for place, question in enumerate(questions):
        talked = talked.with_turn(turn(question, name=f"t{place}", follow_ups=follow_ups))
    return talked


def test_what_is_typed_is_asked_after_all_that_was_said():
    current = conversation("One?", "Two?")
    assert turns.asked(None, "Three?", current) == ("Three?", current)


def test_an_example_and_a_follow_up_are_asked_as_they_read():
    current = conversation("One?", follow_ups=("And two?",))
    assert turns.asked({"index": 0, "value": {"text": "Example?"}}, "typed", new())[0] == "Example?"
    assert turns.asked({"index": 0, "value": "And two?"}, "typed", current) == ("And two?", current)


def test_a_retry_asks_the_last_question_again_in_the_conversation_before_it():
    current = conversation("One?", "Two?", follow_ups=("Three?",))
    question, earlier = turns.asked({"index": 2, "value": "Two?"}, "typed", current)
    assert question == "Two?" and earlier.turns == current.turns[:1]


def test_an_edited_question_is_asked_in_the_place_of_the_old_one_and_what_came_after_goes():
    current = conversation("One?", "Two?", "Three?")
    question, earlier = turns.asked({"index": 2, "value": "Zwei?", "previous_value": "Two?"}, "", current)
    assert question == "Zwei?" and earlier.turns == current.turns[:1]
    assert earlier.conversation_id == current.conversation_id


@pytest.mark.parametrize(
    "event",
    [
        7,
        "x",
        [],
        {},
        {"value": None},
        {"index": "0", "value": 3},
        {"index": 99, "value": 1, "previous_value": ""},
        {"value": {"text": ["x"]}},
    ],
)
def test_an_event_that_makes_no_sense_asks_what_is_typed(event):
    current = conversation("One?")
    assert turns.asked(event, "Typed?", current) == ("Typed?", current)


# --- what comes back ---


def test_an_answer_grows_and_ends_as_a_turn_that_cites_the_library(library):
    *pieces, last = grown(library, turn())
    assert pieces and all(later.startswith(sooner) for sooner, later in zip(pieces, pieces[1:], strict=False))
    assert last.turn_id == "t1" and "Ames" in last.answer.text
    (citation,) = last.answer.citations[:1]
    assert library.article(citation.article.article_id).text[citation.start : citation.end] == citation.quote


def test_a_language_model_is_shown_word_by_word(library):
    model = GenericFakeChatModel(messages=iter([AIMessage("Mayor Ames opened it [1]. Nobody came.")]))
    *pieces, last = grown(library, turn(), llm=model)
    assert len(pieces) > 4 and pieces[0].startswith("Mayor") and pieces[-1].startswith("Mayor Ames opened it [1].")
    assert last.answer.unsupported == ("Nobody came.",)


def test_a_follow_up_knows_what_was_asked_before(library):
    earlier = new().with_turn(told(library)).with_turn(turn("Is it late?", name="t2"))
    last = grown(library, turn("And the fish market number 1?", name="t3"), earlier=earlier)[-1]
    assert "Bolt" in last.answer.text


def test_filters_decide_what_is_read(library):
    only = Filters(after="2024-01-02", before="2024-01-05", sources=("Harbour Post",), language="en")
    last = told(library, filters=only)
    read = {scored.article for scored in last.answer.passages}
    assert read and {article.source for article in read} == {"Harbour Post"}
    assert {str(article.published.date()) for article in read} <= {"2024-01-02", "2024-01-05"}


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(after="2025-02-30"), "2025-02-30"),
        (Filters(before="soon"), "soon"),
        (Filters(as_of="2025"), "2025"),
        (Filters(after="2025-02-02", before="2025-02-01"), "2025-02-01"),
        (Filters(sources=("<b>Nowhere</b>",)), "Nowhere"),
    ],
)
def test_a_filter_that_cannot_be_is_said_in_a_sentence(library, filters, said):
    (last,) = grown(library, turn(filters=filters))
    assert said in last.error and last.answer is None
    shown = turns.messages([last], SAY)[1]["content"]
    assert "dl-error" in shown and "<b>Nowhere" not in shown


def test_a_bug_is_logged_and_passed_off_neither_as_an_answer_nor_as_a_trace(library, caplog, monkeypatch):
    assistant = Assistant(library)
    monkeypatch.setattr(assistant.answerer, "_reader", None)
    with caplog.at_level(logging.ERROR, "dateline"):
        *_, last = turns.answered(assistant, turn(), new(), SAY)
    assert last.answer is None and last.error == SAY("common.unexpected")
    assert caplog.records[0].exc_info and "Traceback" not in last.error


def test_an_error_of_ours_is_no_bug(library, caplog):
    with pytest.raises(QuestionError):
        Assistant(library).answer("  ")
    last = told(library, "x" * 3000)
    assert "2,000" in last.error or "2000" in last.error
    assert not caplog.records


# --- the messages of the chat ---


def test_both_sides_of_the_conversation_are_escaped(library):
    shown = turns.messages([told(library, "<i>Who</i> opened the tram line number 0?")], SAY)
    assert [message["role"] for message in shown] == ["user", "assistant"]
    assert shown[0]["content"] == "&lt;i&gt;Who&lt;/i&gt; opened the tram line number 0?"
    assert not any("<i>" in message["content"] for message in shown)


def test_every_answer_leads_to_its_own_sources(library):
    shown = turns.messages(
        [told(library), replace(told(library, "Who opened the fish market number 1?"), turn_id="t2")], SAY
    )
    assert "#source-t1-1" in shown[1]["content"] and "#source-t2-1" not in shown[1]["content"]
    assert "#source-t2-1" in shown[3]["content"] and "#source-t1-1" not in shown[3]["content"]


def test_what_follows_the_last_answer_can_be_chosen_and_what_followed_earlier_ones_cannot(library):
    first = told(library, follow_ups=("Stale?",))
    shown = turns.messages([first, replace(first, turn_id="t2", follow_ups=("Next?", "Or this?"))], SAY)
    assert [option["value"] for option in shown[3]["options"]] == ["Next?", "Or this?"]
    assert "options" not in shown[1]


def test_a_stopped_answer_says_so():
    assert "was stopped" in turns.messages([turn()], SAY)[1]["content"]


def test_an_answer_with_filters_says_where_it_looked(library):
    filters = Filters("2024-01-01", "2024-12-31", "2025-01-01", ("Morning Echo",), "en")
    assert turns.searched(filters, SAY) == [
        "from 2024-01-01",
        "to 2024-12-31",
        "as of 2025-01-01",
        "in English",
        "Morning Echo",
    ]
    assert turns.searched(Filters(language="pt"), SAY) == ["in Portuguese"]
    assert turns.searched(Filters(), SAY) == []
    assert (
        "Only searched: Morning Echo"
        in turns.messages([told(library, filters=Filters(sources=("Morning Echo",)))], SAY)[1]["content"]
    )


def test_what_is_read_out_holds_no_marks(library):
    assert "[" not in turns.spoken(told(library), SAY) and "Ames" in turns.spoken(told(library), SAY)
    assert turns.spoken(turn(error="The library is busy."), SAY) == "The library is busy."


# --- votes ---


def test_a_vote_and_its_comment_undo_nothing_of_an_answer_that_was_finished_while_they_were_kept(library):
    with gr.Blocks():
        page = AskPage(Desk(library))
    reader = SimpleNamespace(headers={})
    writing = conversation("One?", "Two?")
    finished = writing.with_turn(told(library, name="t1"))
    vote = gr.LikeData(None, {"index": 1, "value": "", "liked": False})

    kept = page.vote(writing, "", vote, reader)
    voted = page.take_vote(finished, kept[page.voted])
    assert voted[page.current].turns == (replace(finished.turns[0], feedback="down"), finished.turns[1])
    assert voted[page.chatbot].constructor_args == {"feedback_value": ["Dislike", None]}  # no message is drawn anew

    kept |= page.add_comment(writing, kept[page.voted], "Wrong", reader)
    said = page.take_vote(finished, kept[page.voted])[page.current]
    assert (said.turns[0].feedback, said.turns[0].comment, said.turns[1]) == ("down", "Wrong", finished.turns[1])
    assert not {page.current, page.chatbot} & kept.keys()
    assert [(one.vote, one.comment, one.question) for one in feedback(library.path)] == [("down", "Wrong", "One?")]


# --- who reads it ---


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("es-ES,es;q=0.9,en;q=0.8", "es"),
        ("EN-gb", "en"),
        ("ca-ES,ca;q=0.9,es;q=0.8", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_only_the_browsers_first_language_counts_as_its_scripts_and_gradios_labels_know_no_other(accepted, language):
    assert language_of(accepted) == language

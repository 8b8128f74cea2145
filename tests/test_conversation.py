"""A conversation, and what a browser keeps of it: nothing cited is lost, and nothing that comes back is trusted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ingest.errors import DatelineError, QuestionError
from ingest.library import Library
from qa.assistant import Assistant
from ui.conversation import Conversation, Filters, Turn, new
from ui.keeping import MOST_TURNS, restored, stored

ASKED = "2026-11-25T10:00:00+00:00"
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def turn(name, question="Who?", **more):
    return Turn(name, question, ASKED, Filters(), None, **more)


@pytest.fixture
def library(small):
    with Library.open(small) as opened:
        yield opened


@pytest.fixture
def conversation(library):
    """Three questions, of which the library answers the first."""
    talked = new()
    assistant = Assistant(library)
    for number, question in enumerate(["Who opened the ferry pier?", "Where is Mars?", "How many guests came?"]):
        answer = assistant.answer(question, history=talked.history())
        talked = talked.with_turn(replace(turn(f"t{number}", question), answer=answer, follow_ups=("Why?",)))
    return talked


def test_the_first_question_names_the_conversation():
    talked = new().with_turn(turn("a", "Who won?")).with_turn(turn("b", "When?"))
    assert talked.title == "Who won?"


def test_a_turn_that_is_known_takes_its_own_place():
    talked = new().with_turn(turn("a")).with_turn(turn("b")).with_turn(turn("a", "What?"))
    assert [(one.turn_id, one.question) for one in talked.turns] == [("a", "What?"), ("b", "Who?")]


def test_editing_a_question_drops_it_and_what_followed():
    talked = new().with_turn(turn("a")).with_turn(turn("b")).with_turn(turn("c"))
    assert [one.turn_id for one in talked.until("b").turns] == ["a"]
    assert talked.until("unknown") == talked


@pytest.mark.parametrize("day", ["2025-02-30", "yesterday", "2025-13-01", "20250101"])
def test_a_day_that_the_calendar_does_not_have_is_said(day):
    with pytest.raises(QuestionError, match=day):
        Filters(as_of=day).arguments()


def test_a_range_that_ends_before_it_begins_is_said():
    with pytest.raises(QuestionError, match="comes before the first"):
        Filters(after="2025-02-02", before="2025-02-01").arguments()


def test_no_filter_is_no_condition():
    assert set(Filters().arguments().values()) == {None}


def test_what_a_browser_keeps_comes_back_with_the_same_citations(conversation, library):
    back = restored(json.loads(json.dumps(stored(conversation))), library)
    assert any(one.answer.citations for one in back.turns)
    for ours, theirs in zip(back.turns, conversation.turns, strict=True):
        assert ours.answer.text == theirs.answer.text and ours.answer.abstained == theirs.answer.abstained
        assert ours.answer.citations == theirs.answer.citations
        assert ours.follow_ups == theirs.follow_ups and not ours.gone
        for citation in ours.answer.citations:
            assert citation.article.text[citation.start : citation.end] == citation.quote


def test_a_citation_survives_its_article_and_says_so(conversation, library):
    cited = next(one for one in conversation.turns if one.answer.citations)
    kept = stored(conversation)
    for citation in cited.answer.citations:
        library.forget(citation.article.article_id)
    back = next(one for one in restored(kept, library).turns if one.turn_id == cited.turn_id)
    assert [c.quote for c in back.answer.citations] == [c.quote for c in cited.answer.citations]
    assert {c.article.article_id for c in back.answer.citations} <= back.gone
    assert all(c.article.text == c.quote for c in back.answer.citations)


def test_an_address_that_a_browser_must_not_follow_is_dropped(conversation, library):
    kept = json.loads(json.dumps(stored(conversation)).replace("http", "javascript"))
    for one in kept["turns"]:
        for citation in one["answer"]["citations"]:
            citation["article"] |= {"id": "nobody", "url": "javascript:alert(1)"}
    back = restored(kept, library)
    assert all(not c.article.url for one in back.turns for c in one.answer.citations)


@pytest.mark.parametrize("value", [None, 7, "talk", [], {}, {"turns": "many"}])
def test_what_is_no_conversation_is_told(value, library):
    with pytest.raises(DatelineError, match="not a conversation"):
        restored(value, library)


def test_a_conversation_without_end_is_cut(library):
    back = restored({"turns": [{"question": "x"}] * (MOST_TURNS + 50)}, library)
    assert len(back.turns) == MOST_TURNS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.fixed_dictionaries(
        {"turns": some.lists(JSON | some.fixed_dictionaries({"answer": JSON, "question": JSON}), max_size=4)},
        optional={"id": JSON, "title": JSON},
    )
)
def test_whatever_a_browser_sends_is_a_conversation_that_can_be_kept_again(library, value):
    back = restored(value, library)
    assert isinstance(back, Conversation)
    assert restored(json.loads(json.dumps(stored(back))), library).turns == back.turns


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    quote=some.text(min_size=1, max_size=40),
    start=some.integers(-5, 10**12),
    url=some.sampled_from(["", "javascript:x", "data:text/html,x", "https://a.example/1", " HTTP://b.example "]),
)
def test_a_quote_is_verbatim_in_its_article_however_it_was_changed(library, quote, start, url):
    span = {"number": 1, "article": {"id": "x", "url": url, "title": quote}, "start": start, "quote": quote}
    value = {"turns": [{"question": "q", "answer": {"text": "a [1]", "citations": [span]}}]}
    (citation,) = restored(value, library).turns[0].answer.citations
    assert citation.article.text[citation.start : citation.end] == citation.quote == quote
    assert citation.article.url == "" or citation.article.url.strip().lower().startswith("http")

"""The chat's rules: who may come in, what a turn shows, what a follow-up sees; without a browser."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest.errors import LibraryBusyError, QuestionError, SettingsError
from ingest.records import Article
from qa.records import Answer
from ui.app import (
    REMEMBERED_TURNS,
    Filters,
    ServerOptions,
    Turn,
    answered_turns,
    build,
    example_questions,
    launch,
    messages,
    server_options,
)


class FakeAssistant:
    """Answers with the words of the question, in two pieces, and keeps what it was asked with."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[dict] = []
        self.error = error

    def stream(self, question, **arguments):
        self.asked.append({"question": question, **arguments})
        if self.error:
            raise self.error
        yield "You asked: "
        yield question
        yield Answer(question, f"You asked: {question}", abstained=False, confidence=0.9)


class FakeLibrary:
    """A few dated articles."""

    notices = ()

    def __init__(self, count: int = 5) -> None:
        self._articles = [
            Article("Text.", title=f"Headline {n}", published=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n))
            for n in range(count)
        ]

    def articles(self):
        return iter(self._articles)

    def status(self):
        return SimpleNamespace(articles=len(self._articles), outlets={"Post": 5, "": 1}, latest=None)


def last(turns):
    return list(turns)[-1]


# --- who may come in ---


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.5"])
def test_loopback_needs_no_password(host):
    assert server_options(host, 7860).auth is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_any_other_address_without_a_password_is_refused(host):
    with pytest.raises(SettingsError, match="--auth USER:PASSWORD"):
        server_options(host, 7860)


def test_a_public_link_without_a_password_is_refused():
    with pytest.raises(SettingsError, match="anyone on the internet"):
        server_options("127.0.0.1", 7860, share=True)


def test_a_password_or_the_word_insecure_opens_the_door():
    assert server_options("0.0.0.0", 7860, auth="ana:se:cret").auth == ("ana", "se:cret")
    assert server_options("0.0.0.0", 7860, insecure=True).auth is None


@pytest.mark.parametrize("auth", ["ana", "ana:", ":secret", ":"])
def test_a_password_that_is_none_is_refused(auth):
    with pytest.raises(SettingsError, match="USER:PASSWORD"):
        server_options("127.0.0.1", 7860, auth=auth)


def test_importing_the_chat_does_not_import_gradio():
    code = "import sys, ui.app; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=False).returncode == 0


# --- a turn ---


def test_a_turn_grows_from_the_question_to_the_answer_with_its_sources():
    turns = list(answered_turns(FakeAssistant(), "Who?", [], Filters()))
    assert [("You asked: Who?" in turn.html, turn.answer is None) for turn in turns] == [
        (False, True),
        (False, True),
        (True, True),
        (True, False),
    ]


def test_a_follow_up_sees_the_turns_before_it_that_were_answered():
    first = Answer("Who?", "Ana.", abstained=False, confidence=1.0)
    assistant = FakeAssistant()
    last(answered_turns(assistant, "When?", [Turn("Who?", "Ana.", first), Turn("?", "busy")], Filters()))
    assert assistant.asked[0]["history"] == [("Who?", "Ana.")]


def test_filters_reach_the_assistant_as_days_and_outlets():
    assistant = FakeAssistant()
    filters = Filters("2025-01-02", " 2025-01-03 ", "", ["Post"])
    last(answered_turns(assistant, "Who?", [], filters))
    asked = assistant.asked[0]
    assert (asked["published_after"], asked["published_before"]) == (date(2025, 1, 2), date(2025, 1, 3))
    assert asked["as_of"] is None and asked["sources"] == ["Post"]


@pytest.mark.parametrize("day", ["2025-02-30", "soon", "2025"])
def test_an_impossible_day_is_said_instead_of_ignored(day):
    assistant = FakeAssistant()
    turn = last(answered_turns(assistant, "Who?", [], Filters(after=day)))
    assert day in turn.html and turn.answer is None and not assistant.asked


@pytest.mark.parametrize("error", [QuestionError("<b>too long</b>"), LibraryBusyError("<b>too long</b>")])
def test_our_errors_are_shown_as_a_sentence(error):
    turn = last(answered_turns(FakeAssistant(error), "Who?", [], Filters()))
    assert "&lt;b&gt;too long&lt;/b&gt;" in turn.html and "dl-error" in turn.html


def test_a_bug_is_not_passed_off_as_an_answer():
    with pytest.raises(ZeroDivisionError):
        last(answered_turns(FakeAssistant(ZeroDivisionError()), "Who?", [], Filters()))


def test_an_empty_question_asks_for_one():
    assistant = FakeAssistant()
    assert "Type a question" in last(answered_turns(assistant, "  ", [], Filters())).html
    assert not assistant.asked


def test_both_sides_of_the_conversation_are_escaped():
    conversation = messages([last(answered_turns(FakeAssistant(), "<i>Who?</i>", [], Filters()))])
    assert [message["role"] for message in conversation] == ["user", "assistant"]
    assert all("<i>" not in message["content"] and "&lt;i&gt;" in message["content"] for message in conversation)


def test_example_questions_come_from_the_newest_headlines():
    assert example_questions(FakeLibrary(), 2) == [
        "What is known about “Headline 4”?",
        "What is known about “Headline 3”?",
    ]
    assert example_questions(FakeLibrary(0)) == []


# --- the server ---


@pytest.fixture(scope="module")
def server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = build(FakeAssistant(), FakeLibrary())
    launch(page, server_options("127.0.0.1", port))
    yield f"http://127.0.0.1:{port}"
    page.close(verbose=False)


def get(address: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_the_page_is_served_without_analytics_monitoring_or_foreign_fonts(server):
    status, page = get(server)
    config = json.loads(get(f"{server}/config")[1])
    assert status == 200
    assert config["analytics_enabled"] is False
    assert "fonts.googleapis" not in page and not any("//" in sheet for sheet in config["stylesheets"] or [])
    assert get(f"{server}/monitoring")[0] in (403, 404)


def test_a_name_that_was_made_to_point_here_is_refused(server):
    assert get(server, Host="evil.example")[0] == 400


def test_no_endpoint_takes_a_conversation_from_outside(server):
    assert json.loads(get(f"{server}/gradio_api/info")[1])["named_endpoints"] == {}


def test_a_taken_port_is_told_with_what_to_do(server):
    from ui.app import serve

    port = int(server.rsplit(":", 1)[1])
    with pytest.raises(SettingsError, match=f"{port}.*--port"):
        serve(FakeAssistant(), FakeLibrary(), ServerOptions("127.0.0.1", port))


def test_the_page_remembers_a_bounded_conversation():
    page = build(FakeAssistant(), FakeLibrary())
    answer = next(f.fn for f in page.fns.values() if f.fn and f.fn.__name__ == "answer")
    turns: list[Turn] = []
    for n in range(REMEMBERED_TURNS + 5):
        _, turns, shown, _ = last(answer(f"Question {n}", turns, "", "", "", []))
    assert len(turns) == REMEMBERED_TURNS and len(shown) == 2 * REMEMBERED_TURNS
    assert turns[-1].question == f"Question {REMEMBERED_TURNS + 4}"

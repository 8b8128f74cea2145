"""A conversation: its turns, with the filters of each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ingest.errors import QuestionError
from qa.markdown import shortened
from qa.records import Answer

MOST_TURNS = 100
"""Turns of one conversation; the oldest go when there are more."""
_TITLE = 70  # characters of a title that is made of a question


@dataclass(frozen=True, slots=True)
class Filters:
    """Where a question was asked to look: days as YYYY-MM-DD, both ends included; "" or () where nothing was set."""

    after: str = ""
    before: str = ""
    as_of: str = ""
    sources: tuple[str, ...] = ()
    language: str = ""

    def arguments(self) -> dict[str, Any]:
        """The filters as the assistant takes them.

        Raises:
            QuestionError: a day is not one of the calendar, or the last one lies before the first.
        """
        after, before = _day(self.after), _day(self.before)
        if after and before and before < after:
            raise QuestionError(f"Nothing is published from {after} to {before}: the last day is before the first.")
        return {
            "published_after": after,
            "published_before": before,
            "as_of": _day(self.as_of),
            "sources": list(self.sources) or None,
            "language": self.language or None,
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation and what came of it: an answer, an error in words, or neither where it was stopped.

    asked: moment of the question, ISO 8601.
    feedback: "up", "down" or "".
    gone: ids of articles that the answer cites and the library no longer has as cited; of those only the quotes are
        left.
    """

    turn_id: str
    question: str
    asked: str
    filters: Filters
    answer: Answer | None
    error: str = ""
    feedback: str = ""
    comment: str = ""
    follow_ups: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        """Answers hold dicts, which have no hash; Gradio sees by the hash whether a state has changed."""
        told = (self.answer.text, self.answer.confidence) if self.answer else None
        return hash((self.turn_id, told, self.error, self.feedback, self.comment, self.follow_ups, self.gone))


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns that belong together, oldest first.

    conversation_id: "" until the first question is asked.
    """

    conversation_id: str = ""
    title: str = ""
    turns: tuple[Turn, ...] = ()

    def with_turn(self, turn: Turn) -> Conversation:
        """The conversation with the turn in the place of the one of its id, or at the end; the first one names it."""
        others = [one.turn_id for one in self.turns]
        place = others.index(turn.turn_id) if turn.turn_id in others else len(others)
        turns = (*self.turns[:place], turn, *self.turns[place + 1 :])[-MOST_TURNS:]
        return Conversation(self.conversation_id or uuid.uuid4().hex, self.title or _title(turns[0]), turns)

    def until(self, turn_id: str) -> Conversation:
        """The conversation with the turns before that one; all where there is none of that id."""
        place = next((n for n, turn in enumerate(self.turns) if turn.turn_id == turn_id), len(self.turns))
        left = self.turns[:place]
        given = self.title if left or not self.turns or self.title != _title(self.turns[0]) else ""
        return replace(self, turns=left, title=given)

    def history(self) -> list[tuple[str, str]]:
        """The questions that were answered, each with its answer's text, as the assistant takes them."""
        return [(turn.question, turn.answer.text) for turn in self.turns if turn.answer]


def new() -> Conversation:
    """A conversation in which nothing was asked yet."""
    return Conversation()


def _title(turn: Turn) -> str:
    return shortened(turn.question, _TITLE)


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError:
        raise QuestionError(f"“{text}” is not a day of the calendar written as YYYY-MM-DD.") from None

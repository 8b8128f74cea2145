"""What a turn of the conversation becomes: asked, answered, and made into the messages that a chat shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.errors import DatelineError
from qa.assistant import Assistant
from qa.records import Answer
from ui import render
from ui.conversation import Conversation, Filters, Turn
from ui.strings import Words, language_name

log = logging.getLogger("dateline")


def asked(event: object, typed: str, current: Conversation) -> tuple[str, Conversation]:
    """The question that an event asks, and the conversation that it is asked in.

    event: what the chat says of a retry, an edited question, an example or a follow-up; None where it was typed.
    """
    match event:
        case {"index": int(place), "previous_value": _, "value": str(edited)} if 0 <= place // 2 < len(current.turns):
            return edited, current.until(current.turns[place // 2].turn_id)
        case {"value": {"text": str(example)}}:
            return example, current
        case {"value": str(follow_up)} if current.turns and follow_up in current.turns[-1].follow_ups:
            return follow_up, current
        case {"value": str()} if current.turns:
            return current.turns[-1].question, current.until(current.turns[-1].turn_id)
    return typed, current


def answered(assistant: Assistant, turn: Turn, earlier: Conversation, say: Words) -> Iterator[str | Turn]:
    """The answer's text as it grows; at last the turn with its answer, or with what kept it from one."""
    written = ""
    try:
        for piece in assistant.stream(turn.question, history=earlier.history(), **turn.filters.arguments()):
            if isinstance(piece, Answer):
                yield replace(turn, answer=piece)
            else:
                written += piece
                yield written
    except DatelineError as error:
        yield replace(turn, error=str(error))
    except Exception:
        log.exception("a question could not be answered")
        yield replace(turn, error=say("common.unexpected"))


def messages(turns: Sequence[Turn], say: Words) -> list[dict[str, Any]]:
    """The turns as a chat takes them, two messages each; what follows the last answer can be asked at once."""
    shown = [message for turn in turns for message in exchange(turn, _answer_html(turn, say))]
    if turns and turns[-1].follow_ups:
        shown[-1]["options"] = [{"value": question, "label": question} for question in turns[-1].follow_ups]
    return shown


def searched(filters: Filters, say: Words) -> list[str]:
    """The filters that are set, in words."""
    days = ("after", "before", "as_of")
    said = [say(f"ask.filter_{name}", value=getattr(filters, name)) for name in days if getattr(filters, name)]
    if filters.language:
        said.append(say("ask.filter_language", value=language_name(filters.language, say)))
    return [*said, *([", ".join(filters.sources)] if filters.sources else [])]


def exchange(turn: Turn, answer: str) -> list[dict[str, Any]]:
    """The two messages of a turn, with an answer in HTML."""
    return [
        {"role": "user", "content": render.question_html(turn.question)},
        {"role": "assistant", "content": answer},
    ]


def spoken(turn: Turn, say: Words) -> str:
    """What a screen reader says of a turn that is done."""
    if turn.answer:
        return f"{say('ask.answer')}: {render.without_marks(turn.answer.text)}"
    return turn.error or say("ask.unfinished")


def _answer_html(turn: Turn, say: Words) -> str:
    if turn.answer:
        limits = searched(turn.filters, say)
        return render.answer_html(turn.turn_id, turn.answer, say, gone=turn.gone, searched=limits)
    return render.error_html(turn.error, say) if turn.error else render.unfinished_html(say)

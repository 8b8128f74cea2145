"""Conversations as JSON values that a browser keeps, and back: whatever comes back may have been changed by anybody."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ingest.errors import DatelineError
from ingest.library import Library
from ingest.records import Article, Passage, iso_date
from qa.markdown import web_address
from qa.records import Answer, Citation, ScoredPassage
from ui.conversation import Conversation, Filters, Turn

MOST_TURNS = 200
MOST_SOURCES = 40
"""Citations or closest passages of one answer."""
LONGEST = 20_000
"""Characters of any one text."""
CLOSEST = 3
"""Passages that an abstention keeps."""
_ID = re.compile(r"[\w-]{1,64}")


def stored(conversation: Conversation) -> dict[str, Any]:
    """The conversation as JSON values: of every citation enough to show it without the library."""
    return {
        "id": conversation.conversation_id,
        "title": conversation.title,
        "turns": [_stored_turn(turn) for turn in conversation.turns],
    }


def restored(value: object, library: Library) -> Conversation:
    """The conversation that stored() made into values; what is no turn or citation is left out.

    A citation whose quote still stands in its article points into that article. Otherwise it keeps what was stored, in
    an article whose text is the quote alone, and the turn's `gone` names it.

    Raises:
        DatelineError: the value is no conversation at all.
    """
    if not isinstance(value, dict) or not isinstance(value.get("turns"), list):
        raise DatelineError("this is not a conversation that Dateline has kept; begin a new one")
    turns = [_Restoring(library).turn(turn) for turn in value["turns"][:MOST_TURNS] if isinstance(turn, dict)]
    return Conversation(_id(value.get("id")), _text(value.get("title"))[:200], tuple(turns))


def _stored_turn(turn: Turn) -> dict[str, Any]:
    value = {name: getattr(turn, name) for name in ("turn_id", "question", "asked", "error", "feedback", "comment")}
    value |= {"filters": asdict(turn.filters), "follow_ups": list(turn.follow_ups)}
    return {**value, "answer": _stored_answer(turn.answer) if turn.answer else None}


def _stored_answer(answer: Answer) -> dict[str, Any]:
    closest = answer.passages[:CLOSEST] if answer.abstained else ()
    return {
        "text": answer.text,
        "short": answer.short,
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "unsupported": list(answer.unsupported),
        "models": dict(answer.models),
        "citations": [
            {"number": c.number, **_stored_span(c.article, c.start, c.end, c.quote, c.also_in)}
            for c in answer.citations
        ],
        "passages": [
            _stored_span(s.article, s.passage.start, s.passage.end, s.passage.text, s.also_in) for s in closest
        ],
    }


def _stored_span(article: Article, start: int, end: int, quote: str, also_in: tuple[Article, ...]) -> dict[str, Any]:
    copies = [_stored_article(copy) for copy in also_in]
    return {"article": _stored_article(article), "start": start, "end": end, "quote": quote, "also_in": copies}


def _stored_article(article: Article) -> dict[str, Any]:
    return {
        "id": article.article_id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "authors": list(article.authors),
        "published": iso_date(article.published),
        "language": article.language,
    }


class _Restoring:
    """One turn on its way back; remembers which of its articles are gone."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._gone: set[str] = set()

    def turn(self, value: dict[str, Any]) -> Turn:
        question = _text(value.get("question"))
        answer = value.get("answer")
        return Turn(
            _id(value.get("turn_id")),
            question,
            _text(value.get("asked"))[:40],
            _filters(value.get("filters")),
            self._answer(question, answer) if isinstance(answer, dict) else None,
            _text(value.get("error")),
            value["feedback"] if value.get("feedback") in ("up", "down") else "",
            _text(value.get("comment")),
            tuple(_texts(value.get("follow_ups"))[:5]),
            frozenset(self._gone),
        )

    def _answer(self, question: str, value: dict[str, Any]) -> Answer:
        cited = [
            Citation(number, article, start, end, article.text[start:end], also_in)
            for item in _dicts(value.get("citations"))
            if (number := _whole(item.get("number"))) > 0
            for article, start, end, also_in in self._span(item)
        ]
        found = [span for item in _dicts(value.get("passages")) for span in self._span(item)]
        passages = [
            ScoredPassage(
                Passage(0, article.article_id, start, end, article.text[start:end]), article, 0.0, rank, also_in
            )
            for rank, (article, start, end, also_in) in enumerate(found, 1)
        ]
        models = value.get("models")
        return Answer(
            question,
            _text(value.get("text")),
            value.get("abstained") is True,
            _share(value.get("confidence")),
            tuple(cited),
            tuple(passages),
            tuple(_texts(value.get("unsupported"))),
            models={_text(k): _text(v) for k, v in models.items()} if isinstance(models, dict) else {},
            short=_text(value.get("short")),
        )

    def _span(self, value: dict[str, Any]) -> Iterator[tuple[Article, int, int, tuple[Article, ...]]]:
        quote, told = _text(value.get("quote")), value.get("article")
        if not quote or not isinstance(told, dict):
            return
        also_in = tuple(_article(copy, "") for copy in _dicts(value.get("also_in")))
        held = self._library.article(_text(told.get("id")))
        start = _whole(value.get("start"))
        if held and held.text[start : start + len(quote)] != quote:
            start = held.text.find(quote)
        if held and start >= 0:
            yield held, start, start + len(quote), also_in
            return
        article = _article(told, quote)
        self._gone.add(article.article_id)
        yield article, 0, len(quote), also_in


def _article(value: dict[str, Any], text: str) -> Article:
    return Article(
        text,
        _text(value.get("title")),
        web_address(_text(value.get("url"))),
        _text(value.get("source")),
        tuple(_texts(value.get("authors"))),
        _moment(value.get("published")),
        language=_text(value.get("language"))[:8],
    )


def _filters(value: object) -> Filters:
    if not isinstance(value, dict):
        return Filters()
    after, before, as_of, language = (_text(value.get(name)) for name in ("after", "before", "as_of", "language"))
    return Filters(after, before, as_of, tuple(_texts(value.get("sources"))), language)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else uuid.uuid4().hex


def _text(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [_text(one) for one in value[:MOST_SOURCES] if isinstance(one, str)] if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value[:MOST_SOURCES] if isinstance(one, dict)] if isinstance(value, list) else []


def _share(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else 0.0


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0

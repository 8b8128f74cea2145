"""A conversation as the JSON that a browser keeps, and back: what comes back from there is not to be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingest.errors import SourceError
from ingest.library import Library
from ingest.records import Article, Passage, iso_date
from qa.markdown import one_line, web_address
from qa.records import Answer, Citation, ScoredPassage
from ui.conversation import MOST_TURNS, Conversation, Filters, Turn

MOST_TITLE = 200
"""Characters of a conversation's title."""
_MOST_CITATIONS, _MOST_PASSAGES, _MOST_NAMES = 50, 50, 50
_LONG, _LONGER = 4_000, 40_000  # characters of a question, title, quote or address; of an answer or a passage
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")
_BETWEEN_QUOTES = "\n\n"


def stored(conversation: Conversation) -> dict[str, Any]:
    """The conversation as JSON values, with enough of each cited article to show its quotes without the library."""
    return {
        "id": conversation.conversation_id,
        "title": conversation.title,
        "turns": [_stored_turn(turn) for turn in conversation.turns],
    }


def _stored_turn(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.turn_id,
        "question": turn.question,
        "asked": turn.asked,
        "filters": {name: value for name, value in asdict(turn.filters).items() if value},
        "answer": _stored_answer(turn.answer) if turn.answer else None,
        "error": turn.error,
        "feedback": turn.feedback,
        "comment": turn.comment,
        "follow_ups": list(turn.follow_ups),
    }


def _stored_answer(answer: Answer) -> dict[str, Any]:
    """The answer; without the names of the models, since a model may be named by its folder on this machine."""
    return {
        "question": answer.question,
        "text": answer.text,
        "short": answer.short,
        "abstained": answer.abstained,
        "confidence": float(answer.confidence),
        "unsupported": list(answer.unsupported),
        "timings": {stage: float(seconds) for stage, seconds in answer.timings.items()},
        "citations": [_stored_citation(citation) for citation in answer.citations],
        "passages": [_stored_passage(scored, whole=answer.abstained) for scored in answer.passages],
    }


def _stored_citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        **_stored_article(citation.article),
        "also_in": [_stored_article(article) for article in citation.also_in],
    }


def _stored_passage(scored: ScoredPassage, *, whole: bool) -> dict[str, Any]:
    """A passage; whole where it is shown, with an abstention, otherwise only what finds it in the library."""
    passage = scored.passage
    found = {
        "key": int(passage.key),
        "article_id": scored.article.article_id,
        "rank": int(scored.rank),
        "score": float(scored.score),
        "similarity": float(scored.similarity),
    }
    if not whole:
        return {**found, "also_in": [{"article_id": article.article_id} for article in scored.also_in]}
    also_in = [_stored_article(article) for article in scored.also_in]
    return {
        **found,
        "start": passage.start,
        "quote": passage.text,
        **_stored_article(scored.article),
        "also_in": also_in,
    }


def _stored_article(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.article_id,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": iso_date(article.published),
        "authors": list(article.authors),
        "language": article.language,
    }


# --- from JSON ---


@dataclass(frozen=True, slots=True)
class _Remembered(Article):
    """What was kept of an article that the library does not have any more, under the id that it had."""

    kept_id: str = field(default="", kw_only=True)

    @property
    def article_id(self) -> str:
        return self.kept_id


def restored(value: object, library: Library) -> Conversation:
    """The conversation that was stored, its citations pointing into the library's articles.

    value: anything that JSON can hold, since the browser can send anything; what is not as stored() makes it is left
        out. An article that does not hold its quotes any more is only what was stored of it: see Turn.gone.

    Raises:
        SourceError: it is no conversation.
        LibraryError: the library cannot be read.
    """
    if not isinstance(value, dict) or not _name(value.get("id")):
        raise SourceError("A stored conversation cannot be read, since it is not as Dateline wrote it. Delete it.")
    turns: dict[str, Turn] = {}
    for raw in _dicts(value.get("turns"), MOST_TURNS):
        turn_id, question = _name(raw.get("id")), _text(raw.get("question"), _LONG).strip()
        if turn_id and question:
            turns[turn_id] = _turn(turn_id, question, raw, library)
    title = one_line(_text(value.get("title"), MOST_TITLE))
    return Conversation(_name(value["id"]), title, tuple(turns.values()))


def _turn(turn_id: str, question: str, raw: dict[str, Any], library: Library) -> Turn:
    answer = _answer(question, raw["answer"], library) if isinstance(raw.get("answer"), dict) else None
    vote = raw.get("feedback")
    held = [c.article for c in answer.citations] + [s.article for s in answer.passages] if answer else []
    return Turn(
        turn_id,
        question,
        _moment_text(raw.get("asked")),
        _filters(raw.get("filters")),
        answer,
        _text(raw.get("error"), _LONG),
        vote if vote in ("up", "down") else "",
        _text(raw.get("comment"), _LONG),
        tuple(_texts(raw.get("follow_ups"), 10)),
        frozenset(article.article_id for article in held if isinstance(article, _Remembered)),
    )


def _filters(raw: object) -> Filters:
    if not isinstance(raw, dict):
        return Filters()
    after, before, as_of, language = (_text(raw.get(name), 20) for name in ("after", "before", "as_of", "language"))
    return Filters(after, before, as_of, tuple(_texts(raw.get("sources"), _MOST_NAMES)), language)


def _answer(question: str, raw: dict[str, Any], library: Library) -> Answer:
    return Answer(
        _text(raw.get("question"), _LONG) or question,
        _text(raw.get("text"), _LONGER),
        raw.get("abstained") is True,
        _number(raw.get("confidence"), 0, 1),
        tuple(_citations(_dicts(raw.get("citations"), _MOST_CITATIONS), library)),
        tuple(_passages(_dicts(raw.get("passages"), _MOST_PASSAGES), library)),
        tuple(_texts(raw.get("unsupported"), _MOST_CITATIONS)),
        {name: _number(seconds, 0, 1e6) for name, seconds in _named(raw.get("timings"))},
        short=_text(raw.get("short"), _LONG),
    )


def _citations(raws: Iterable[dict[str, Any]], library: Library) -> Iterator[Citation]:
    """The citations in their order. All that cite one article point into the same text of it."""
    usable = {
        number: raw
        for raw in raws
        if (number := int(_number(raw.get("number"), 0, 10**6))) and _article_id(raw) and _quote(raw)
    }
    cited: dict[str, list[dict[str, Any]]] = {}
    for raw in usable.values():
        cited.setdefault(_article_id(raw), []).append(raw)
    articles = {article_id: _article(alike, library) for article_id, alike in cited.items()}
    for number, raw in usable.items():
        article, quote = articles[_article_id(raw)], _quote(raw)
        start = _place(article.text, raw)
        yield Citation(number, article, start, start + len(quote), quote, tuple(_copies(raw, library)))


def _article(raws: list[dict[str, Any]], library: Library) -> Article:
    """The library's article where it still holds every quote; else one made of what was stored, whose text they are."""
    article = library.article(_article_id(raws[0]))
    if article and all(_place(article.text, raw) >= 0 for raw in raws):
        return article
    return _remembered(raws[0], _BETWEEN_QUOTES.join(dict.fromkeys(map(_quote, raws))))


def _place(text: str, raw: dict[str, Any]) -> int:
    """Where the quote stands in the text: where it stood, else at its first place; -1 where it does not."""
    quote, start = _quote(raw), int(_number(raw.get("start"), 0, 10**9))
    return start if text.startswith(quote, start) else text.find(quote)


def _passages(raws: Iterable[dict[str, Any]], library: Library) -> Iterator[ScoredPassage]:
    """The passages that there still are; of the others, those of which the text was stored."""
    for raw in raws:
        key = int(_number(raw.get("key"), 0, 2**53))
        found = _passage(key, raw, library)
        if found:
            passage, article = found
            score, similarity = _number(raw.get("score"), -1e9, 1e9), _number(raw.get("similarity"), -1, 1)
            rank = int(_number(raw.get("rank"), 1, 10**6))
            yield ScoredPassage(passage, article, score, rank, tuple(_copies(raw, library)), similarity)


def _passage(key: int, raw: dict[str, Any], library: Library) -> tuple[Passage, Article] | None:
    article_id, quote = _article_id(raw), _quote(raw)
    entry = library.entries_of([key]).get(key)
    if entry and entry.article.article_id == article_id and quote in ("", entry.passage(key).text):
        return entry.passage(key), entry.article
    if not (article_id and quote):
        return None
    article = _article([raw], library)
    start = _place(article.text, raw)
    return Passage(key, article_id, start, start + len(quote), quote), article


def _copies(raw: dict[str, Any], library: Library) -> Iterator[Article]:
    """The other outlets' articles that carried the same text."""
    for copy in _dicts(raw.get("also_in"), _MOST_NAMES):
        article_id = _article_id(copy)
        article = library.article(article_id) if article_id else None
        if article:
            yield article
        elif article_id and (copy.get("source") or copy.get("title")):
            yield _remembered(copy, "")


def _remembered(raw: dict[str, Any], text: str) -> Article:
    url = _text(raw.get("url"), _LONG)
    return _Remembered(
        text,
        _text(raw.get("title"), _LONG),
        url if web_address(url) else "",
        _text(raw.get("source"), _LONG),
        tuple(_texts(raw.get("authors"), _MOST_NAMES)),
        _moment(raw.get("published")),
        language=_text(raw.get("language"), 20),
        kept_id=_article_id(raw),
    )


# --- values of any kind as what they should be ---


def _name(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _article_id(raw: dict[str, Any]) -> str:
    value = raw.get("article_id")
    return value if isinstance(value, str) and _ARTICLE_ID.fullmatch(value) else ""


def _quote(raw: dict[str, Any]) -> str:
    return _text(raw.get("quote"), _LONGER)


def _text(value: object, longest: int) -> str:
    """The text, cut; a character that no encoding can write becomes a question mark."""
    return value[:longest].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _texts(value: object, most: int) -> list[str]:
    return [text for text in (_text(one, _LONG) for one in _list(value)[:most]) if text]


def _number(value: object, least: float, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:  # the last is NaN
        return least
    return float(max(least, min(most, value)))


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value, 40))
        return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
    except ValueError:
        return None


def _moment_text(value: object) -> str:
    return _text(value, 40) if _moment(value) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object, most: int) -> list[dict[str, Any]]:
    return [one for one in _list(value)[-most:] if isinstance(one, dict)]


def _named(value: object) -> list[tuple[str, Any]]:
    return [(_text(name, 100), one) for name, one in value.items()][:20] if isinstance(value, dict) else []

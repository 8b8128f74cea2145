"""Votes on answers as rows of a native test set: what was found right is asked again, the rest waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from ingest.feedback import Feedback
from ingest.library import Library
from qa.evaluation.answers import without_marks
from qa.evaluation.formats.fields import whole
from qa.language import fold, guess_language

CHECK = "check"
"""The field that says why a person has to look at a row; load() leaves such a row out, and says so, until it has
`answers`, `quotes` or `answerable`."""
VOTED_DOWN = "voted down"
NOT_ANSWERED = "no answer was given"
CITES_NOTHING = "the answer cites nothing"
GONE = "what the answer cites is not in the library any more"
FILTERED = "asked with a range of days, outlets or a language, which a test set cannot hold"


def rows(library: Library, votes: Iterable[Feedback]) -> list[dict[str, Any]]:
    """The votes as rows of a native test set: first those that can be asked, then those that a person has to check.

    An answer voted up is asked again with its short answer and what it cites, as of the day of the vote; an abstention
    voted up is a question that has no answer. A question that was voted up twice is there once, as last voted.

    Args:
        library: whose articles the answers cite; a quote that does not stand in them any more is no evidence.
        votes: oldest first, as ingest.feedback gives them.
    """
    complete: dict[tuple[Any, ...], dict[str, Any]] = {}
    to_check = []
    for vote in votes:
        quotes = list(_standing(library, vote.answer))
        reason = _open_point(vote, quotes)
        if reason:
            to_check.append(_row_to_check(vote, reason))
        else:
            row = _row(vote, quotes)
            complete[fold(vote.question), row.get("as_of"), vote.history] = row
    return [*complete.values(), *to_check]


def _open_point(vote: Feedback, quotes: list[dict[str, str]]) -> str:
    """Why a person has to look at a vote before it can be a test; "" where nobody has to."""
    if vote.vote == "down":
        return VOTED_DOWN
    if not vote.answer or not vote.question.strip():
        return NOT_ANSWERED
    if any(vote.filters.get(name) for name in ("after", "before", "sources", "language")):
        return FILTERED
    if not vote.answer["abstained"] and not quotes:
        return GONE if vote.answer["citations"] else CITES_NOTHING
    return ""


def _row(vote: Feedback, quotes: list[dict[str, str]]) -> dict[str, Any]:
    row = _asked(vote)
    if vote.answer["abstained"]:
        return {**row, "answerable": False, "kind": "unanswerable"}
    short, text = vote.answer["short"].strip(), without_marks(vote.answer["text"])
    if short:
        return {**row, "answers": [whole(short)], "answerable": True, "quotes": quotes}
    # Whole sentences would mark every other wording of them as wrong: what they cite is the measure.
    return {**row, "answerable": True, "quotes": quotes, "was_answered": text}


def _row_to_check(vote: Feedback, reason: str) -> dict[str, Any]:
    cited = [_quote(citation) for citation in vote.answer.get("citations", ())]
    more = {
        "vote": vote.vote,
        "was_answered": without_marks(vote.answer.get("text", "")),
        "cited": cited,
        "filters": {name: value for name, value in vote.filters.items() if value},
    }
    return {**_asked(vote), CHECK: reason, **{name: value for name, value in more.items() if value}}


def _asked(vote: Feedback) -> dict[str, Any]:
    row = {
        "id": vote.turn_id,
        "question": vote.question,
        "language": guess_language(vote.question),
        "as_of": _as_of(vote),
        "history": [list(turn) for turn in vote.history],
        "comment": vote.comment,
    }
    return {name: value for name, value in row.items() if value}


def _as_of(vote: Feedback) -> str:
    """The day on which it was asked, so that later articles change nothing; "" where the answer cites later ones."""
    day = _day(vote.filters.get("as_of") or vote.when)
    later = any(citation["published"][:10] > day for citation in vote.answer.get("citations", ()))
    return "" if later else day


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""


def _standing(library: Library, answer: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """What the answer cites and the library still holds, word for word."""
    for citation in answer.get("citations", ()):
        article = library.article(citation["article_id"])
        if article and citation["quote"].strip() and citation["quote"] in article.text:
            yield {"article": article.url or article.article_id, "quote": citation["quote"]}


def _quote(citation: Mapping[str, str]) -> dict[str, str]:
    return {"article": citation["url"] or citation["article_id"], "quote": citation["quote"]}

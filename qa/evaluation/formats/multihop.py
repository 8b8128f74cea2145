"""MultiHop-RAG: questions that need several articles, each with the facts it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceError
from qa.evaluation.formats.fields import (
    Bad,
    BadRow,
    Fields,
    Files,
    Item,
    article,
    items,
    json_value,
    listed,
    optional,
    required,
    whole,
)
from qa.evaluation.records import Gold, Support

CORPUS = "corpus.json"  # lies beside the questions, and holds the articles
UNANSWERABLE = "null_query"


def read(path: Path, files: Files) -> Iterator[Item]:
    """The questions of a file, and the articles of the corpus beside it; lines count the items of each."""
    questions = json_value(path, files)
    if not isinstance(questions, list):
        raise SourceError(f"{path} is no MultiHop-RAG file: it does not hold a list of questions")
    yield from items(enumerate(questions, 1), gold)
    corpus = path.with_name(CORPUS)
    if corpus != path and corpus.is_file():
        articles = json_value(corpus, files)
        if not isinstance(articles, list):
            raise SourceError(f"{corpus} does not hold a list of articles")
        for item in items(enumerate(articles, 1), lambda row, line: article(row, f"{CORPUS}:{line}", text="body")):
            yield Bad(item.line, f"{CORPUS}: {item.reason}") if isinstance(item, Bad) else item


def gold(row: Fields, line: int) -> Gold:
    """The question of a row."""
    kind = optional(row, "question_type")
    answerable = kind != UNANSWERABLE
    evidence = listed(row, "evidence_list")
    if not all(isinstance(part, dict) for part in evidence):
        raise BadRow("'evidence_list' is not a list of objects")
    return Gold(
        id=optional(row, "id") or str(line),
        question=required(row, "query"),
        answers=(whole(required(row, "answer")),) if answerable else (),
        answerable=answerable,
        supports=_supports(evidence) if answerable else (),
        tags={"kind": kind} if kind else {},
        line=line,
    )


def _supports(evidence: list[Fields]) -> tuple[Support, ...]:
    found = (Support(optional(part, "url"), optional(part, "fact")) for part in evidence)
    return tuple(dict.fromkeys(support for support in found if support.article or support.quote))

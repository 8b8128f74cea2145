"""RealTime QA's weekly quizzes: the files of its repository (*_qa.jsonl), and yearly files of one question a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceError
from ingest.records import Article
from qa.evaluation.formats.fields import (
    Bad,
    BadRow,
    Fields,
    Files,
    Item,
    article,
    day,
    items,
    json_lines,
    listed,
    optional,
    required,
    whole,
)
from qa.evaluation.records import Gold, Support

_NAMES = {  # in a yearly file: in the repository's own files
    "id": "question_id",
    "date": "question_date",
    "source": "question_source",
    "question": "question_sentence",
}


def read(path: Path, files: Files) -> Iterator[Item]:
    """The questions of a file, or of every *_qa.jsonl of a folder.

    What the quiz's search found (*_gcs.jsonl beside *_qa.jsonl) are the documents of the set.
    """
    if path.is_dir():
        quizzes = sorted(path.glob("*_qa.jsonl"))
        if not quizzes:
            raise SourceError(f"{path} holds no *_qa.jsonl, so it is no folder of RealTime QA")
        for quiz in quizzes:
            for item in _quiz(quiz, files):
                yield Bad(item.line, f"{quiz.name}: {item.reason}") if isinstance(item, Bad) else item
    else:
        yield from _quiz(path, files)


def gold(row: Fields, line: int) -> Gold:
    """The question of a row in either form."""
    if "question_sentence" in row:
        row = {**row, **{short: row.get(long) for short, long in _NAMES.items()}}
    choices = tuple(str(choice) for choice in listed(row, "choices"))
    right = _right(row, choices)
    name, asked, evidence = required(row, "id"), day(row, "date"), optional(row, "evidence")
    tags = {"source": optional(row, "source"), "year": str(asked.year) if asked else ""}
    return Gold(
        id=name,
        question=required(row, "question"),
        answers=("; ".join(whole(choices[i]) for i in right),),
        supports=(Support(article=evidence),) if re.match(r"https?://\S+$", evidence) else (),
        choices=choices,
        choice=right[0] if len(right) == 1 else None,
        as_of=asked,
        tags={tag: value for tag, value in tags.items() if value},
        group=name.partition("_")[0],
        normaliser="realtimeqa",
        line=line,
    )


def _quiz(path: Path, files: Files) -> Iterator[Item]:
    yield from items(json_lines(files.json_text(path)), gold)
    found = path.with_name(path.name.replace("_qa.", "_gcs."))
    if found != path and found.is_file():
        for row in json_lines(files.json_text(found)):
            if not isinstance(row, Bad) and isinstance(row[1], dict):
                yield from _found(row[1], f"{found.name}:{row[0]}")


def _found(row: Fields, origin: str) -> Iterator[Article]:
    """What a search found for a question; pages that could not be fetched hold no text."""
    for result in row.get("search_result") or ():
        if isinstance(result, dict) and result.get("text"):
            try:
                yield article(result, origin)
            except BadRow:
                continue  # one page of a search: nothing of the test set is lost


def _right(row: Fields, choices: tuple[str, ...]) -> list[int]:
    """Which choices are right: indices from 0 in the repository's files, the text itself in the yearly ones."""
    told = row.get("answer")
    if isinstance(told, str) and told in choices:
        return [choices.index(told)]
    indices = [str(index) for index in (told if isinstance(told, list) else [told])]
    if not told or not all(index.isdecimal() and int(index) < len(choices) for index in indices):
        raise BadRow(f"'answer' is {told!r}, and names none of the {len(choices)} choices")
    return [int(index) for index in indices]

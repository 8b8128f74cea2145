"""Dateline's own test sets: JSONL or a JSON list as corpus/README.md lays down, or CSV with the same fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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
    texts,
)
from qa.evaluation.records import Gold, Support

_ANSWERS = ("answers", "answer", "aliases", "ground_truth", "reference")
_LISTS = {*_ANSWERS, "choices", "gold_articles", "gold_passages"}
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_jsonl(path: Path, files: Files) -> Iterator[Item]:
    """The questions of a JSONL file, or of a JSON file that holds a list of them."""
    text = files.json_text(path)
    whole = _list(text)
    yield from items(json_lines(text) if whole is None else enumerate(whole, 1), gold)


def read_csv(path: Path, files: Files) -> Iterator[Item]:
    """The questions of a table with a head line; the values of a list are separated by "|"."""
    text = files.text(path)
    csv.field_size_limit(10_000_000)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    yield from items(_table_rows(reader), gold)


def gold(row: Fields, line: int) -> Gold:
    """The question that a row holds.

    Raises:
        BadRow: it holds none.
    """
    choices, choice = _choices(row)
    answers = next((found for name in _ANSWERS if (found := texts(row, name))), ())
    if choice is None and choices:
        choice = next((choices.index(answer) for answer in answers if answer in choices), None)
    if not answers and choice is not None:
        answers = (choices[choice],)
    supports = _supports(row)
    answerable = _answerable(row, bool(answers), bool(supports))
    tags = _tags(row)
    return Gold(
        id=optional(row, "id") or str(line),
        question=required(row, "question"),
        answers=answers,
        answerable=answerable,
        supports=supports if answerable else (),
        choices=choices,
        choice=choice,
        as_of=day(row, "as_of"),
        history=_history(row),
        language=optional(row, "language").lower() or "en",
        group=optional(row, "group") or tags.pop("group", ""),
        tags=tags,
        documents=_documents(row, line),
        line=line,
    )


def _list(text: str) -> list[Any] | None:
    """The list that a whole JSON file is, None where it is something else."""
    if not text.lstrip().startswith("["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def _table_rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, Any] | Bad]:
    line = reader.line_num + 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Bad(line, f"it is no row of a table ({error})")
        else:
            if None in row:
                yield Bad(line, "it has more cells than the head line; put quotes around cells that hold the separator")
            elif any(row.values()):
                try:
                    yield line, {name: _cell(name, value) for name, value in row.items() if value and value.strip()}
                except ValueError as error:
                    yield Bad(line, f"a cell is not JSON ({error})")
        line = reader.line_num + 1


def _cell(name: str, value: str) -> Any:  # noqa: ANN401 - what the field of that name holds in JSON
    if name in ("tags", "history", "quotes", "documents") or (name in _LISTS and value.lstrip().startswith("[")):
        return json.loads(value)
    return [part for part in value.split("|") if part.strip()] if name in _LISTS else value


def _answerable(row: Fields, answered: bool, supported: bool) -> bool:
    told = row.get("answerable")
    if isinstance(told, str):
        told = _TRUTHS.get(told.strip().lower(), told)
    if told is None or told == "":
        if not (answered or supported or "answers" in row):
            raise BadRow("it has neither answers nor gold articles nor 'answerable'")
        return answered or supported
    if not isinstance(told, bool):
        raise BadRow("'answerable' is neither true nor false")
    if told and not (answered or supported):
        raise BadRow("'answerable' is true, but it has neither answers nor gold articles")
    if not told and answered:
        raise BadRow("'answerable' is false, but it has answers")
    return told


def _choices(row: Fields) -> tuple[tuple[str, ...], int | None]:
    choices = tuple(str(choice).strip() for choice in listed(row, "choices"))
    told = row.get("answer_index")
    if told is None or told == "":
        return choices, None
    if isinstance(told, bool) or not str(told).strip().isdecimal() or int(told) >= len(choices):
        raise BadRow(f"'answer_index' is {told!r}, and names none of the {len(choices)} choices (the first is 0)")
    return choices, int(told)


def _supports(row: Fields) -> tuple[Support, ...]:
    """What the answer rests on, however the row names it."""
    found = [_passage(value) for value in (*listed(row, "quotes"), *listed(row, "gold_passages"))]
    found += [Support(url) for url in texts(row, "gold_articles")]
    if not listed(row, "quotes"):
        found.append(Support(optional(row, "article"), optional(row, "quote")))
    return tuple(dict.fromkeys(support for support in found if support.article or support.quote))


def _passage(value: object) -> Support:
    if isinstance(value, str):
        return Support(quote=value.strip())
    if not isinstance(value, dict):
        raise BadRow("a gold passage is neither text nor an object with 'article' and 'quote'")
    return Support(optional(value, "article"), optional(value, "quote") or optional(value, "text"))


def _history(row: Fields) -> tuple[tuple[str, str], ...]:
    turns = listed(row, "history")
    if not all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(part, str) for part in turn) for turn in turns
    ):
        raise BadRow("'history' is not a list of [question, answer]")
    return tuple((asked, answered) for asked, answered in turns)


def _tags(row: Fields) -> dict[str, str]:
    told = row.get("tags") or {}
    if not isinstance(told, Mapping):
        raise BadRow("'tags' is not an object")
    columns = {name.removeprefix("tags."): value for name, value in row.items() if name.startswith("tags.")}
    own = {name: optional(row, name) for name in ("kind", "language", "source")}
    return {str(name): str(value) for name, value in {**own, **told, **columns}.items() if value not in (None, "")}


def _documents(row: Fields, line: int) -> tuple[Article, ...]:
    documents = [{"text": value} if isinstance(value, str) else value for value in listed(row, "documents")]
    if not all(isinstance(document, dict) for document in documents):
        raise BadRow("a document is neither text nor an object with 'text'")
    return tuple(article(document, f"line {line}, document {n}") for n, document in enumerate(documents, 1))

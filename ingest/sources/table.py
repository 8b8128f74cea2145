"""Tables of articles, one a row: JSONL, CSV, Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from ingest.errors import SourceError
from ingest.records import Article, Rejected
from ingest.sources.bounded import MAX_LINE_CHARS, read_lines
from ingest.sources.fields import article_from_fields, match_columns, no_text_column

Batch = Any  # pyarrow has no types
Columns = Mapping[str, str] | None

_ROWS_AT_ONCE = 256
_TOO_LONG = f"the line is longer than {MAX_LINE_CHARS // 1_000_000} million characters"


def read_jsonl(stream: BinaryIO, origin: str, columns: Columns = None) -> Iterator[Article | Rejected]:
    """The articles of a file with one JSON object a line; its line numbers name the origins."""
    for number, line in enumerate(read_lines(stream), 1):
        place = f"{origin}:{number}"
        if line is None:
            yield Rejected(place, _TOO_LONG)
        elif line.strip():
            yield _from_json(line, place, columns)


def read_csv(stream: BinaryIO, origin: str, columns: Columns = None) -> Iterator[Article | Rejected]:
    """The articles of a CSV file whose first row names the columns; comma, semicolon and tab are understood."""
    overlong: list[int] = []
    lines = _noting_overlong(read_lines(stream), overlong)
    header = next(lines, "").removeprefix("\ufeff")
    if not header.strip():
        raise SourceError("empty" if not overlong else _TOO_LONG)
    csv.field_size_limit(MAX_LINE_CHARS)
    rows = csv.reader(chain([header], lines), delimiter=max(",;\t", key=header.count))
    try:
        names = next(rows)
    except csv.Error as error:
        raise SourceError(f"broken CSV ({error})") from error
    matched = match_columns(names, columns)
    if "text" not in matched:
        raise SourceError(no_text_column(names))
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Rejected(f"{origin}:{rows.line_num}", f"broken CSV ({error})")
            continue
        yield from (Rejected(f"{origin}:{number}", _TOO_LONG) for number in overlong)
        overlong.clear()
        if row is None:
            return
        if row:
            yield _from_row(row, names, matched, f"{origin}:{rows.line_num}")


def read_parquet(path: Path, origin: str, columns: Columns = None) -> Iterator[Article | Rejected]:
    """The articles of a Parquet file, a few rows in memory at a time; row numbers name the origins."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            matched = match_columns(file.schema_arrow.names, columns)
            if "text" not in matched:
                raise SourceError(no_text_column(file.schema_arrow.names))
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=sorted(set(matched.values()))):
                for row in range(batch.num_rows):
                    number += 1
                    yield _from_batch(batch, row, matched, f"{origin}:{number}")
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(f"broken Parquet file ({str(error).splitlines()[0] if str(error) else error!r})") from error


def _from_json(line: str, origin: str, columns: Columns) -> Article | Rejected:
    try:
        values = json.loads(line.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return Rejected(origin, f"broken JSON ({error.msg} at character {error.pos + 1})")
    except (ValueError, RecursionError) as error:
        return Rejected(origin, f"broken JSON ({error})")
    if not isinstance(values, dict):
        return Rejected(origin, f"not a JSON object but a {type(values).__name__}")
    return _article(values, match_columns(values, columns), origin)


def _from_row(row: list[str], names: list[str], matched: Mapping[str, str], origin: str) -> Article | Rejected:
    if len(row) > len(names):
        return Rejected(origin, f"broken CSV (the row has {len(row)} fields, the header {len(names)})")
    return _article(dict(zip(names, row, strict=False)), matched, origin)


def _from_batch(batch: Batch, row: int, matched: Mapping[str, str], origin: str) -> Article | Rejected:
    values: dict[str, object] = {}
    for name in matched.values():
        try:
            values[name] = batch.column(name)[row].as_py()
        except (ValueError, OverflowError):  # a date outside Python's years, or text that is no UTF-8
            values[name] = None
    return _article(values, matched, origin)


def _article(values: Mapping[str, object], matched: Mapping[str, str], origin: str) -> Article | Rejected:
    try:
        return article_from_fields(values, matched, origin)
    except SourceError as error:
        return Rejected(origin, str(error))


def _noting_overlong(lines: Iterable[str | None], overlong: list[int]) -> Iterator[str]:
    """The lines, an empty one in place of each that is too long, whose number is noted."""
    for number, line in enumerate(lines, 1):
        if line is None:
            overlong.append(number)
        yield line if line is not None else "\n"

"""What the formats share: files read and digested, rows told apart, fields checked."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ingest.errors import SourceError
from ingest.records import Article
from ingest.sources.bounded import gunzip
from ingest.sources.dates import parse_date
from ingest.sources.decode import decode, looks_binary
from qa.evaluation.records import Gold


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that is no question, and why; the line counts from 1, in a JSON file the items do."""

    line: int
    reason: str


class BadRow(ValueError):
    """A row that cannot be used; the message says what is wrong with it."""


Item = Gold | Article | Bad
Fields = Mapping[str, Any]


@dataclass(slots=True)
class Files:
    """Reads files whole, unpacked where they are gzipped, and digests what it reads, as it is stored."""

    _digest: Any = field(default_factory=hashlib.sha256)
    _seen: dict[Path, bytes] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Of everything that was read, in that order."""
        return str(self._digest.hexdigest())

    def read(self, path: Path) -> bytes:
        """The bytes of a file.

        Raises:
            SourceError: the file cannot be read.
        """
        if path not in self._seen:
            try:
                stored = path.read_bytes()
                self._seen[path] = _unpacked(stored) if path.suffix.lower() == ".gz" else stored
            except (OSError, EOFError, SourceError) as error:
                raise SourceError(f"the test set {path} cannot be read: {error}") from error
            self._digest.update(stored)
        return self._seen[path]

    def json_text(self, path: Path) -> str:
        """The text of a file of JSON, which is UTF-8; bytes that are not come back as halves of surrogate pairs."""
        data = self.read(path)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or looks_binary(data):
            return self.text(path)
        return data.decode("utf-8-sig", "surrogateescape")

    def text(self, path: Path) -> str:
        """The text of a file, whatever its encoding."""
        try:
            return decode(self.read(path)).removeprefix("\ufeff")
        except SourceError as error:
            raise SourceError(f"the test set {path} {error}; give a file of text") from error


def _unpacked(stored: bytes) -> bytes:
    return gunzip(io.BytesIO(stored)).read()


def json_lines(text: str) -> Iterator[tuple[int, Any] | Bad]:
    """The values of a JSONL file with their line numbers; empty lines are passed over."""
    for line, content in enumerate(text.split("\n"), 1):
        if content.strip():
            try:
                yield line, _loaded(content)
            except (ValueError, RecursionError) as error:
                yield Bad(line, f"it is not {'UTF-8' if isinstance(error, UnicodeError) else f'JSON ({error})'}")


def json_value(path: Path, files: Files) -> Any:  # noqa: ANN401 - whatever a JSON file may hold
    """What a JSON file holds.

    Raises:
        SourceError: it is not JSON.
    """
    try:
        return _loaded(files.json_text(path))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the test set {path} is not a JSON file: {error}") from error


def _loaded(content: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    content.encode()  # a bad byte, which came as half a surrogate pair, is an error
    value = json.loads(content)
    if "\\ud" in content.lower():
        json.dumps(value, ensure_ascii=False).encode()  # so is half a pair that is written out
    return value


def items(rows: Iterable[tuple[int, Any] | Bad], build: Callable[[Fields, int], Item]) -> Iterator[Item]:
    """What `build` makes of every row; Bad where the row is no object or build finds a fault in it."""
    for row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        line, value = row
        try:
            if not isinstance(value, dict):
                raise BadRow("it is not a JSON object")
            yield build(value, line)
        except BadRow as error:
            yield Bad(line, str(error))


def required(row: Fields, name: str) -> str:
    """A field that must hold text."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRow(f"'{name}' is missing" if value is None else f"'{name}' is not text")
    return value.strip()


def optional(row: Fields, name: str) -> str:
    """A field that may hold text or a number, "" where it does not."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadRow(f"'{name}' is not text")
    return str(value).strip()


def texts(row: Fields, name: str) -> tuple[str, ...]:
    """A field that may hold a list of texts, or one text; each once, in order."""
    value = row.get(name)
    if value is None or value == "":
        return ()
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item.strip() for item in listed):
        raise BadRow(f"'{name}' is not a list of texts")
    return tuple(dict.fromkeys(item.strip() for item in listed))


def listed(row: Fields, name: str) -> list[Any]:
    """A field that may hold a list, empty where it does not."""
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRow(f"'{name}' is not a list")
    return value


def day(row: Fields, name: str) -> date | None:
    """A field that may hold a date."""
    value = optional(row, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10].replace("/", "-"))
    except ValueError:
        moment = parse_date(value)
    if moment is None:
        raise BadRow(f"'{name}' is not a date: {value!r}; write it as 2024-06-03")
    return moment.date()


def whole(answer: str) -> str:
    """An answer of a format in which ";" separates nothing: a comma scores the same, and separates nothing here."""
    return answer.replace(";", ",")


def article(row: Fields, origin: str, *, text: str = "text") -> Article:
    """A document that comes with a test set; a lone title is its text. The text stays as it is, so that quotes do."""
    title, body = optional(row, "title"), row.get(text)
    if body is not None and not isinstance(body, str):
        raise BadRow(f"'{text}' is not text")
    if not (body and body.strip()):
        title, body = "", title
    if not body:
        raise BadRow("the document holds no text")
    published = next(
        (value for name in ("published", "published_at", "publish_date", "date") if (value := row.get(name))), None
    )
    authors = row.get("authors") or row.get("author") or ()
    return Article(
        text=body,
        title=title,
        url=optional(row, "url"),
        source=optional(row, "source"),
        authors=tuple(map(str, [authors] if isinstance(authors, str) else authors)),
        published=parse_date(published),
        origin=origin,
    )

"""Every way in: what a source names, read one article at a time."""

from __future__ import annotations

import codecs
import io
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceError
from ingest.records import Article, Rejected
from ingest.sources.bounded import MAX_PDF_BYTES, open_input, read_whole
from ingest.sources.decode import decode
from ingest.sources.fields import check_columns, complete

__all__ = ["origin_of", "read"]

Columns = Mapping[str, str] | None
Items = Iterator[Article | Rejected]

_KINDS = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".xml": "feed", ".rss": "feed", ".atom": "feed",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv",
    ".parquet": "parquet", ".pdf": "pdf", ".warc": "warc",
}  # fmt: skip
_NEVER_GZIPPED = ("parquet", "pdf")

for _library in ("trafilatura", "htmldate", "courlan", "pypdf", "charset_normalizer"):
    # What is wrong with an input is told by its Rejected; a library's own grumbling would only be printed beside it.
    logging.getLogger(_library).addHandler(logging.NullHandler())


def read(
    source: str,
    *,
    columns: Columns = None,
    allow_private: bool = False,
) -> Iterator[Article | Rejected]:
    """The articles of a source, one at a time, and a Rejected with the reason for everything that is none.

    Args:
        source: a file, a folder (read with all folders in it, in order of names; hidden files are passed over), "-"
            for standard input (JSONL, HTML or plain text, by its first character), or the http(s) address of a page,
            a feed or a sitemap.
        columns: which column of a table holds which field of an article, such as {"text": "story"}; columns with the
            usual names need not be told.
        allow_private: also fetch from addresses that are not on the public internet.

    Raises:
        SourceError: there is nothing at all under that name.
        SettingsError: `columns` names a field that articles do not have.
    """
    check_columns(columns)
    origin = origin_of(source)
    if _is_address(source):
        return _guarded(_read_address(source, allow_private), origin)
    if source == "-":
        return _guarded(_read_stdin(columns), origin)
    path = Path(origin)
    return _read_folder(path, columns) if path.is_dir() else _guarded(_read_file(path, columns), origin)


def origin_of(source: str) -> str:
    """Where what is read from a source is said to come from: an address as given, a path in full, or "standard input".

    Raises:
        SourceError: there is nothing at all under that name.
    """
    if _is_address(source):
        return source
    if source == "-":
        return "standard input"
    path = os.path.abspath(source)  # where an article came from is asked later, from another folder perhaps
    try:
        is_there = Path(path).exists()
    except (OSError, ValueError) as error:
        raise SourceError(f"{source[:200]!r} cannot be read ({error})") from error
    if not is_there:
        raise SourceError(f"there is no file or folder {source!r}; give a path, an http(s) address, or - for stdin")
    return path


def _is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _guarded(items: Items, origin: str) -> Items:
    """The items, fit for the library; what goes wrong with the rest of a source becomes its last Rejected."""
    try:
        for item in items:
            yield _completed(item)
    except (SourceError, OSError) as error:
        yield Rejected(origin, _reason(error))


def _completed(item: Article | Rejected) -> Article | Rejected:
    if isinstance(item, Rejected):
        return item
    try:
        return complete(item)
    except SourceError as error:
        return Rejected(item.origin, str(error))


def _read_folder(folder: Path, columns: Columns) -> Items:
    failures: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in files if not name.startswith(".")):
            path = Path(place, name)
            yield from _guarded(_read_file(path, columns), str(path))
        for name in folders:
            if Path(place, name).is_symlink():
                yield Rejected(str(Path(place, name)), "a link to a folder, which is not followed; name it by itself")
    yield from (Rejected(str(failure.filename), _reason(failure)) for failure in failures)


def _read_file(path: Path, columns: Columns) -> Items:
    kind = _kind(path)
    if path.exists() and not path.is_file():
        raise SourceError("not a regular file")
    if kind == "parquet":
        from ingest.sources.table import read_parquet

        yield from read_parquet(path, str(path), columns)
        return
    # A web archive unpacks itself, since each of its records may be packed by itself.
    with path.open("rb") if kind == "warc" else open_input(path) as stream:
        yield from _read_stream(stream, kind, str(path), columns)


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    last = "".join(suffixes[-2:-1] if packed else suffixes[-1:])
    kind = _KINDS.get(last)
    if kind is None or (packed and kind in _NEVER_GZIPPED):
        ending = "".join(suffixes[-2:]) if packed else last
        what = f"files ending in {ending!r} are not read" if ending else "a file without an ending is not read"
        raise SourceError(f"{what}; known are {' '.join(_KINDS)}, most also with .gz")
    return kind


def _read_stream(stream: BinaryIO, kind: str, origin: str, columns: Columns) -> Items:
    from ingest.sources import feed, html, pdf, sitemap, table, text, warc

    if kind == "jsonl":
        yield from table.read_jsonl(stream, origin, columns)
    elif kind == "csv":
        yield from table.read_csv(stream, origin, columns)
    elif kind == "warc":
        yield from warc.read_warc(stream, origin)
    elif kind == "pdf":
        yield pdf.read_pdf(read_whole(stream, MAX_PDF_BYTES), origin)
    elif kind == "html":
        yield html.read_html(_whole(stream), origin)
    elif kind == "feed":
        content = feed.decode_xml(_whole(stream))
        if sitemap.is_sitemap(content):
            raise SourceError("a sitemap, which only lists addresses; give its own address to have them fetched")
        yield from feed.read_feed(content, origin)
    else:
        read_content = text.read_markdown if kind == "markdown" else text.read_text
        yield read_content(decode(_whole(stream)), origin)


def _whole(stream: BinaryIO) -> bytes:
    data = read_whole(stream)
    if not data.strip():
        raise SourceError("empty")
    return data


def _read_stdin(columns: Columns) -> Items:
    stream = io.BufferedReader(sys.stdin.buffer)  # type: ignore[type-var]
    try:
        head = stream.peek(1).removeprefix(codecs.BOM_UTF8).lstrip()
        kind = {b"{": "jsonl", b"<": "html"}.get(head[:1], "text")
        yield from _read_stream(stream, kind, "standard input", columns)
    finally:
        stream.detach()


def _read_address(url: str, allow_private: bool) -> Items:
    from ingest.sources.remote import Remote

    yield from Remote(allow_private).read(url)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror or error})"
    return str(error)

"""Web archives (WARC) to the articles on their pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from ingest.errors import SourceError
from ingest.records import Article, Rejected
from ingest.sources.bounded import MAX_ARTICLE_BYTES
from ingest.sources.html import read_html
from ingest.sources.web import split_content_type

_PIECE_BYTES = 65_536

Record = Any  # warcio has no types


def read_warc(stream: BinaryIO, origin: str) -> Iterator[Article | Rejected]:
    """The articles on the pages that an archive holds; only HTML that was served with status 200 counts.

    Raises:
        SourceError: the archive is broken from here on, or holds no page at all.
    """
    from warcio.archiveiterator import ArchiveIterator

    pages = 0
    try:
        for record in ArchiveIterator(stream):
            if record.format != "warc":  # what warcio makes of anything else
                raise SourceError("broken web archive (what should be a record has no WARC header)")
            if _is_page(record):
                pages += 1
                yield _read(record, origin)
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - warcio raises much beside its own errors on broken archives
        raise SourceError(f"broken web archive ({error})") from error
    if not pages:
        raise SourceError("no web page in the archive")


def _is_page(record: Record) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind, _ = split_content_type(record.http_headers.get_header("Content-Type") or "")
    return record.http_headers.get_statuscode() == "200" and kind in ("text/html", "application/xhtml+xml")


def _read(record: Record, origin: str) -> Article | Rejected:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    place = f"{origin}#{url}" if url else origin
    _, charset = split_content_type(record.http_headers.get_header("Content-Type") or "")
    try:
        data = record.content_stream().read(MAX_ARTICLE_BYTES + 1)
        if len(data) > MAX_ARTICLE_BYTES:
            return Rejected(place, f"more than {MAX_ARTICLE_BYTES // 1_000_000} MB, too much for one page")
        while record.raw_stream.read(_PIECE_BYTES):  # what the page's own packing left behind it
            pass
        if record.raw_stream.limit > 0:
            return Rejected(place, "the archive ends in the middle of this page")
        return read_html(data, place, url=url.strip("<>"), charset=charset)
    except SourceError as error:
        return Rejected(place, str(error))
    except Exception as error:  # noqa: BLE001 - as above; the records behind this one may be whole
        return Rejected(place, f"the page is broken in the archive ({error})")

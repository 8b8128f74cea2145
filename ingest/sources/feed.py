"""RSS and Atom feeds to the articles in them."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any

from ingest.errors import SourceError
from ingest.records import Article
from ingest.sources.dates import parse_date
from ingest.sources.decode import decode
from ingest.sources.fields import language_code, split_authors
from ingest.sources.markup import markup_text
from ingest.sources.urls import canonical_url, source_from_url

Parsed = Any  # feedparser has no types

_ENTITY = re.compile(r"<!ENTITY", re.I)
_CUT_OFF = re.compile(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.|&hellip;)\s*$")
_LONG_SUMMARY = 1_000  # characters; from there on a feed has put the whole article there
_OLDEST = datetime(1, 1, 1, tzinfo=UTC)


def decode_xml(data: bytes, hint: str = "") -> str:
    """An XML document's text.

    Raises:
        SourceError: it declares entities, with which a small file can grow to gigabytes or read other files.
    """
    content = decode(data, hint)
    if _ENTITY.search(content):
        raise SourceError("the XML declares entities, which can grow without bound; it is not read")
    return content


def read_feed(content: str, origin: str, *, url: str = "") -> list[Article]:
    """A feed's items, oldest first; a text may be empty, and is marked a teaser where the feed holds only a summary.

    Args:
        content: the feed, from `decode_xml`.
        origin: where it was read.
        url: the feed's own address, which relative links start from.

    Raises:
        SourceError: it is not a feed.
    """
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", **({"content-location": url} if url else {})}
    try:
        feed = feedparser.parse(content.encode("utf-8", "replace"), response_headers=headers)
    except Exception as error:  # noqa: BLE001 - whatever the parser trips over, the feed is the reason
        raise SourceError(f"the feed cannot be parsed ({error})") from error
    if not feed.get("version") and not feed.entries:
        raise SourceError("not an RSS or Atom feed")
    items = [_item(entry, feed.feed, origin) for entry in reversed(feed.entries)]  # newest first, by custom
    return sorted(items, key=lambda item: item.published or item.updated or _OLDEST)


def _item(entry: Parsed, feed: Parsed, origin: str) -> Article:
    url = canonical_url(entry.get("link", ""))
    whole = max((markup_text(c.get("value", "")) for c in entry.get("content", ())), key=len, default="")
    summary = markup_text(entry.get("summary", ""))
    text = max(whole, summary, key=len)
    published = _date(entry, "published")
    updated = _date(entry, "updated")
    return Article(
        text=text,
        title=" ".join(markup_text(entry.get("title", "")).split()),
        url=url,
        source=(entry.get("source") or {}).get("title") or feed.get("title") or source_from_url(url),
        authors=split_authors([a.get("name", "") for a in entry.get("authors", ())]),
        published=published or updated,
        updated=updated if published and updated and updated > published else None,
        language=language_code(feed.get("language", "")),
        teaser=bool(_CUT_OFF.search(text[-20:])) or (text != whole and len(text) < _LONG_SUMMARY),
        origin=f"{origin}#{url}" if url else origin,
    )


def _date(entry: Parsed, name: str) -> datetime | None:
    """An item's date as written, which has the zone; else as feedparser read it, in UTC."""
    written = entry.get(name) if name in entry else None
    if moment := parse_date(written):
        return moment
    parsed = entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
    return parse_date(datetime.fromtimestamp(timegm(parsed), UTC)) if parsed else None

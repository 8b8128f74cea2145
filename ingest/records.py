"""Article and Passage: the records that flow from a source into the library."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Article:
    """One news item as published.

    title: the headline; may be empty until the article is cleaned.
    text: the body, cleaned when it comes from the library; never contains the title line.
    url: canonical address without tracking parameters, or "".
    source: the outlet's name, or "" where nothing tells it.
    published: when it came out, always with a time zone; a day without a time is midnight UTC;
        None where nothing tells it (never the day of reading).
    updated: when the outlet last changed it, where it says so.
    language: ISO 639-1 code, or "" where it cannot be told.
    teaser: True where only a feed's summary could be had, not the whole item.
    origin: where it was read: a path, "path:line", or a URL; not part of what the article is.
    """

    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""
    teaser: bool = False
    origin: str = ""

    @property
    def article_id(self) -> str:
        """16 hex digits that name the article across its versions: from its url, else from its content."""
        return _digest(self.url or f"{self.title}\n{self.text}")

    @property
    def content_hash(self) -> str:
        """16 hex digits that change when anything the library keeps of the article changes."""
        fields = (
            self.title,
            self.text,
            self.url,
            self.source,
            self.authors,
            self.published and self.published.isoformat(),
            self.updated and self.updated.isoformat(),
            self.language,
            self.teaser,
        )
        return _digest(repr(fields))


@dataclass(frozen=True, slots=True)
class Passage:
    """A contiguous span of one article: the unit that is embedded, ranked and cited.

    key: the passage's number in the library, also its row among the vectors; never used twice.
    start, end: character offsets into Article.text, end exclusive.
    text: exactly Article.text[start:end]; nothing is prepended.
    """

    key: int
    article_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that could not become an article, and why, in words for the user.

    origin: the path, "path:line" or URL.
    """

    origin: str
    reason: str


def iso_date(moment: datetime | None) -> str | None:
    """ISO 8601 text of a publication time; only the day where no time of day is known."""
    if moment is None:
        return None
    midnight = (moment.hour, moment.minute, moment.second, moment.utcoffset().total_seconds()) == (0, 0, 0, 0)  # type: ignore[union-attr]
    return moment.date().isoformat() if midnight else moment.isoformat()


def iso_day(moment: datetime | None) -> str:
    """The day of a publication time as its outlet counts it, as YYYY-MM-DD; "undated" where it is not known."""
    return moment.date().isoformat() if moment else "undated"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

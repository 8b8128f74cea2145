"""What became of a lot of articles: which came in, which are copies of which, what was rejected and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.catalog import Entry
from ingest.library import Library
from ingest.pipeline import Report
from ingest.records import Article, Rejected

LISTED = 100
"""Articles, and rejected inputs, that are named one by one."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave to be added: a file or an address, and what they call it.

    is_upload: the file was sent here for this alone, and is deleted when it has been read.
    """

    source: str
    name: str
    is_upload: bool = False

    def named(self, text: str) -> str:
        """A text in which the source, wherever it is spoken of, has its name."""
        return text.replace(self.source, self.name)

    def is_origin_of(self, origin: str) -> bool:
        """Whether an article's origin is this file, or a line or an item of it."""
        return origin == self.source or origin.startswith((f"{self.source}:", f"{self.source}#"))


@dataclass(frozen=True, slots=True)
class Headline:
    """An article without its text."""

    article_id: str
    title: str
    source: str
    published: datetime | None

    @classmethod
    def of(cls, article: Article) -> Headline:
        """The headline of an article."""
        return cls(article.article_id, article.title, article.source, article.published)


@dataclass(frozen=True, slots=True)
class Came:
    """An article that came in, and from where; copy_of: one that carried the same report before it."""

    headline: Headline
    origin: str
    is_update: bool
    copy_of: Headline | None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of everything that was given.

    came: the first LISTED articles. nothing_new: names of the files whose articles are all in the library already.
    whole: False where it ended early, so that of what did not come in nothing is known.
    """

    report: Report
    came: tuple[Came, ...]
    nothing_new: tuple[str, ...]
    whole: bool


class Account:
    """Opened before an ingest; tells after it what the library got, from what stands in its catalog."""

    def __init__(self, library: Library, given: Sequence[Given]) -> None:
        self.since = library.catalog.mark()
        self._began = datetime.now(UTC)
        self._library, self._given = library, given

    def added(self, report: Report | None, seconds: float) -> Added:
        """What became of everything; report: the ingest's own, None where it ended early."""
        came: list[Came] = []
        so_far, touched = Report(seconds=seconds), set[Given]()
        for entry in self._entries():
            is_update = entry.first_seen < self._began
            so_far.updated += is_update
            so_far.indexed += not is_update
            copy_of = self._copied(entry)
            so_far.duplicates += copy_of is not None
            so_far.passages += len(entry.spans)
            touched.update(self._givers(entry.article.origin))
            if len(came) < LISTED:
                origin = self._named(Rejected(entry.article.origin, "")).origin
                came.append(Came(Headline.of(entry.article), origin, is_update, copy_of))
        rejected = report.rejected if report else self._rejected()
        for one in rejected:
            touched.update(self._givers(one.origin))
        nothing_new = [given.name for given in self._given if given not in touched] if report else []
        told = replace(report or so_far, rejected=tuple(map(self._named, rejected)))
        return Added(told, tuple(came), tuple(nothing_new), report is not None)

    def _entries(self) -> Iterator[Entry]:
        return (
            entry for entry in self._library.catalog.entries(self.since.added) if self._is_ours(entry.article.origin)
        )

    def _rejected(self) -> tuple[Rejected, ...]:
        found = self._library.catalog.rejected()
        return tuple(one for one, when in found if when >= self._began and self._is_ours(one.origin))

    def _is_ours(self, origin: str) -> bool:
        return any(self._givers(origin))

    def _givers(self, origin: str) -> Iterator[Given]:
        """Who an origin leads back to: a file by its path; an address, whose pages may lie anywhere, always."""
        return (given for given in self._given if not given.is_upload or given.is_origin_of(origin))

    def _copied(self, entry: Entry) -> Headline | None:
        """The article that began the story which an article joined, or another one of it."""
        if entry.story == entry.article.article_id:
            return None
        others = [one for one in self._library.story(entry.story) if one.article_id != entry.article.article_id]
        first = [one for one in others if one.article_id == entry.story] or others
        return Headline.of(first[0]) if first else None

    def _named(self, rejected: Rejected) -> Rejected:
        for given in self._given:
            rejected = Rejected(given.named(rejected.origin), given.named(rejected.reason))
        return rejected

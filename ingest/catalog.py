"""The catalog: every live article version with its passages, in one SQLite file. It is the truth; indexes follow it.

One row is one article version with all of its passages, so a version is there whole or not at all.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import LibraryDamagedError, LibraryError
from ingest.records import Article, Passage, Rejected

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    article_id TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL,
    title TEXT NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL, source TEXT NOT NULL, authors TEXT NOT NULL,
    published TEXT, updated TEXT, day INTEGER, language TEXT NOT NULL, teaser INTEGER NOT NULL, origin TEXT NOT NULL,
    first_seen TEXT NOT NULL, story TEXT NOT NULL,
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, spans TEXT NOT NULL
);
CREATE INDEX articles_story ON articles (story);
CREATE INDEX articles_url ON articles (url);
CREATE TABLE bands (band INTEGER NOT NULL, article_id TEXT NOT NULL, PRIMARY KEY (band, article_id)) WITHOUT ROWID;
CREATE INDEX bands_article ON bands (article_id);
CREATE TABLE gone (seq INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, count INTEGER NOT NULL,
    erased INTEGER NOT NULL DEFAULT 0);
CREATE TABLE rejected (origin TEXT PRIMARY KEY, reason TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
"""

UNUSABLE = {  # what says that the file cannot be used now, not that it is damaged
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
}

ARTICLE_COLUMNS = (
    "article_id, content_hash, title, text, url, source, authors, published, updated, day, language, teaser, origin, "
    "first_seen, story, first, count, spans"
)

# Whether an origin is of :source: it itself, an item of it ("#"), of a path also a line (":") and all below it ("/").
# No origin that is an address is of a path, or all of the web would be of "https:".
OF_SOURCE = """(origin = :source OR substr(origin, 1, length(:source) + 1) = :source || '#'
    OR substr(origin, 1, length(:source) + 1) IN (:source || ':', :source || '/')
    AND NOT (origin LIKE 'http://%' OR origin LIKE 'https://%'))"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A live article version as the catalog holds it.

    first, spans: passage number first + i is article.text[spans[i][0]:spans[i][1]].
    story: the same for articles that carry the same report.
    """

    article: Article
    first: int
    spans: tuple[tuple[int, int], ...]
    story: str
    first_seen: datetime
    content_hash: str

    @property
    def passages(self) -> list[Passage]:
        """The passages of this version, in order."""
        return [self.passage(self.first + i) for i in range(len(self.spans))]

    def passage(self, key: int) -> Passage:
        """The passage of that number, which must be one of this version's."""
        start, end = self.spans[key - self.first]
        return Passage(key, self.article.article_id, start, end, self.article.text[start:end])


ShelfRow = tuple[int, int, int | None, str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody has followed the catalog: passage numbers below `added`, removals up to `removed`."""

    added: int = 0
    removed: int = 0


class Catalog:
    """The open file. Safe to use from several threads and processes; one at a time writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[_Opened] = []

    def create(self, meta: dict[str, str]) -> None:
        """Lay the tables and note what the library is built with, in one step."""
        with self.transaction() as connection:
            for statement in SCHEMA.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            values = {"schema": str(SCHEMA_VERSION), "next": "0", **meta}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())

    def meta(self) -> dict[str, str]:
        """What the library is built with; {} where there are no tables yet."""
        if not self._read("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            return {}
        return dict(self._read("SELECT name, value FROM meta"))

    def mark(self) -> Mark:
        """How far the catalog itself is."""
        added, removed = self._read(
            "SELECT (SELECT value FROM meta WHERE name = 'next'), (SELECT coalesce(max(seq), 0) FROM gone)"
        )[0]
        return Mark(int(added), int(removed))

    def faults(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        return [row[0] for row in self._read("PRAGMA integrity_check(5)") if row[0] != "ok"]

    def shrink_log(self) -> None:
        """Empty the write-ahead log, where removed text stands until it is written over; not while somebody reads."""
        self._read("PRAGMA wal_checkpoint(TRUNCATE)")

    def entry(self, article_id: str) -> Entry | None:
        """The live version of an article."""
        rows = self._read(f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE article_id = ?", (article_id,))
        return self._entries(rows)[0] if rows else None

    def find(self, name: str) -> Entry | None:
        """The live version of the article with that id or url."""
        rows = self._read(
            f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE article_id = ? OR (url = ? AND url != '')", (name, name)
        )
        return self._entries(rows)[0] if rows else None

    def read_from(self, source: str) -> list[str]:
        """Ids of the live articles that were read from a file or an address, or from a folder with all in it."""
        rows = self._read(f"SELECT article_id FROM articles WHERE {OF_SOURCE} ORDER BY first", {"source": source})
        return [row[0] for row in rows]

    def entry_of(self, key: int) -> Entry | None:
        """The live version that the passage of that number belongs to; None where that passage is dead."""
        rows = self._read(
            f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE first <= ? ORDER BY first DESC LIMIT 1", (key,)
        )
        entry = self._entries(rows)[0] if rows else None
        return entry if entry and key < entry.first + len(entry.spans) else None

    def entries(self, first: int = 0) -> Iterator[Entry]:
        """Live versions in the order they came, from that passage number on; few in memory at a time."""
        while True:
            rows = self._read(
                f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE first >= ? ORDER BY first LIMIT 200", (first,)
            )
            if not rows:
                return
            yield from self._entries(rows)
            first = int(rows[-1]["first"]) + 1

    def story(self, story: str) -> list[Article]:
        """The articles of a story, earliest first."""
        rows = self._read(
            f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE story = ? ORDER BY published IS NULL, published, first",
            (story,),
        )
        return [entry.article for entry in self._entries(rows)]

    def changes(self, since: Mark) -> tuple[Mark, list[ShelfRow], list[tuple[int, int]]]:
        """What filters need to know of the time since a mark, as of one moment.

        Returns:
            The mark of that moment; articles added, as (first, count, day, source, language); removals.
        """
        with self._snapshot():
            mark = self.mark()
            rows = self._read(
                "SELECT first, count, day, source, language FROM articles WHERE first >= ? ORDER BY first",
                (since.added,),
            )
            return mark, [tuple(row) for row in rows], self.removals(since)

    def removals(self, mark: Mark) -> list[tuple[int, int]]:
        """Passages that died after a mark, as (first, count)."""
        return [tuple(row) for row in self._read("SELECT first, count FROM gone WHERE seq > ?", (mark.removed,))]

    def sharing(self, bands: Sequence[int]) -> list[str]:
        """Ids of articles that share one of the bands of their signature."""
        places = ",".join("?" * len(bands))
        return [row[0] for row in self._read(f"SELECT DISTINCT article_id FROM bands WHERE band IN ({places})", bands)]

    def rejected(self) -> list[tuple[Rejected, datetime]]:
        """Inputs that could not become articles and have not since, latest first."""
        rows = self._read("SELECT origin, reason, at FROM rejected ORDER BY at DESC, origin")
        return [(Rejected(row["origin"], row["reason"]), datetime.fromisoformat(row["at"])) for row in rows]

    def counts(self) -> dict[str, Any]:
        """Figures for the status page."""
        one = self._read(
            "SELECT count(*) AS articles, coalesce(sum(count), 0) AS passages, count(DISTINCT story) AS stories, "
            "min(published) AS earliest, max(published) AS latest FROM articles"
        )[0]
        outlets = self._read("SELECT source, count(*) FROM articles GROUP BY source ORDER BY 2 DESC, 1")
        languages = self._read("SELECT language, count(*) FROM articles GROUP BY language ORDER BY 2 DESC, 1")
        return {**dict(one), "outlets": dict(map(tuple, outlets)), "languages": dict(map(tuple, languages))}

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One step: all of it is committed, or none."""
        with self._using() as connection:
            self._read("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.IntegrityError):
                    raise self._damaged(error) from error
                raise

    def close(self) -> None:
        """Close the file in every thread, once what each is doing is done; who reads later opens it again."""
        while self._opened:
            opened = self._opened.pop()
            with opened.lock:  # a connection that is closed while another thread reads crashes the process
                opened.closed = True
                opened.connection.close()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Everything read inside is of one moment."""
        with self._using():
            self._read("BEGIN")
            try:
                yield
            finally:
                self._read("COMMIT")

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, which stays open meanwhile."""
        while True:
            opened: _Opened = getattr(self._local, "opened", None) or self._open()
            with opened.lock:
                if not opened.closed:
                    yield opened.connection
                    return
            self._local.opened = None

    def _entries(self, rows: Sequence[sqlite3.Row]) -> list[Entry]:
        try:
            return [_entry(row) for row in rows]
        except (ValueError, TypeError) as error:
            raise self._damaged(error) from error

    def _read(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        try:
            with self._using() as connection:
                return connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> LibraryError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in UNUSABLE:
            return LibraryError(
                f"the catalog {self.path} cannot be used now ({error}); see that the disk has room and that you may "
                "write to the folder, then try again"
            )
        return LibraryDamagedError(
            f"the catalog {self.path} cannot be read ({error}); restore it from a copy, or ingest the articles into a "
            "new library"
        )

    def _open(self) -> _Opened:
        try:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        opened = self._local.opened = _Opened(connection)
        self._opened.append(opened)
        return opened


@dataclass(slots=True)
class _Opened:
    """A thread's connection; it is closed only by who holds the lock."""

    connection: sqlite3.Connection
    lock: threading.RLock = field(default_factory=threading.RLock)
    closed: bool = False


def write_version(
    connection: sqlite3.Connection,
    article: Article,
    first: int,
    spans: Sequence[tuple[int, int]],
    story: str,
    bands: Sequence[int],
) -> None:
    """Put a version in the place of the article's earlier one, within a transaction."""
    now = datetime.now(UTC).isoformat()
    row = connection.execute("SELECT first_seen FROM articles WHERE article_id = ?", (article.article_id,)).fetchone()
    remove_version(connection, article.article_id)
    values = (
        article.article_id,
        article.content_hash,
        article.title,
        article.text,
        article.url,
        article.source,
        json.dumps(article.authors, ensure_ascii=False),
        article.published and article.published.isoformat(),
        article.updated and article.updated.isoformat(),
        article.published and article.published.toordinal(),
        article.language,
        article.teaser,
        article.origin,
        row["first_seen"] if row else now,
        story,
        first,
        len(spans),
        json.dumps(spans),
    )
    connection.execute(f"INSERT INTO articles ({ARTICLE_COLUMNS}) VALUES ({','.join('?' * 18)})", values)
    connection.executemany("INSERT OR IGNORE INTO bands VALUES (?, ?)", [(b, article.article_id) for b in bands])
    connection.execute("UPDATE meta SET value = ? WHERE name = 'next'", (str(first + len(spans)),))
    connection.execute("DELETE FROM rejected WHERE origin = ?", (article.origin,))


def remove_version(connection: sqlite3.Connection, article_id: str) -> None:
    """Take an article's live version out, within a transaction; its passages become dead."""
    connection.execute(
        "INSERT INTO gone (first, count) SELECT first, count FROM articles WHERE article_id = ?", (article_id,)
    )
    connection.execute("DELETE FROM articles WHERE article_id = ?", (article_id,))
    connection.execute("DELETE FROM bands WHERE article_id = ?", (article_id,))


def write_rejected(connection: sqlite3.Connection, rejected: Rejected) -> None:
    """Note an input that could not become an article."""
    now = datetime.now(UTC).isoformat()
    connection.execute("INSERT OR REPLACE INTO rejected VALUES (?, ?, ?)", (rejected.origin, rejected.reason, now))


def drop_rejected(connection: sqlite3.Connection, source: str, again: set[str]) -> None:
    """Drop what was rejected of a source that has since been read, within a transaction.

    Args:
        connection: to the catalog.
        source: where that was read.
        again: origins that this reading rejected: they stay, with all below them, which it may not have come to.
    """
    rows = connection.execute(f"SELECT origin FROM rejected WHERE {OF_SOURCE}", {"source": source}).fetchall()
    stale = [row["origin"] for row in rows if again.isdisjoint(_sources_of(row["origin"]))]
    connection.executemany("DELETE FROM rejected WHERE origin = ?", [(origin,) for origin in stale])


def _sources_of(origin: str) -> Iterator[str]:
    """The origin and whatever it may be a part of: the table of a line, the feed of an item, the folder of a file."""
    yield origin
    yield from (origin[: mark.start()] for mark in re.finditer("[:#/]", origin))


def _entry(row: sqlite3.Row) -> Entry:
    article = Article(
        text=row["text"],
        title=row["title"],
        url=row["url"],
        source=row["source"],
        authors=tuple(json.loads(row["authors"])),
        published=datetime.fromisoformat(row["published"]) if row["published"] else None,
        updated=datetime.fromisoformat(row["updated"]) if row["updated"] else None,
        language=row["language"],
        teaser=bool(row["teaser"]),
        origin=row["origin"],
    )
    spans = tuple((start, end) for start, end in json.loads(row["spans"]))
    return Entry(
        article, row["first"], spans, row["story"], datetime.fromisoformat(row["first_seen"]), row["content_hash"]
    )

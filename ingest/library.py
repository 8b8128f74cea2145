"""The library: catalog, vectors and the indexes that follow them, as one."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ingest import duplicates, feedback, runs
from ingest.catalog import (
    SCHEMA_VERSION,
    Catalog,
    Entry,
    drop_rejected,
    remove_version,
    write_rejected,
    write_version,
)
from ingest.check import CheckReport, check
from ingest.embed import PassageEmbeddings, passage_input
from ingest.errors import LibraryBusyError, LibraryError, LibraryMismatchError, LibraryNotFoundError
from ingest.filters import Filter, Shelf
from ingest.follow import Follower, Progressed
from ingest.records import Article, Rejected
from ingest.settings import BUNDLED_MODEL
from ingest.vectors import Vectors
from ingest.words import WordQuery

Keys = NDArray[np.int64]
Scores = NDArray[np.float32]

OVERSAMPLE = 4  # how much more than wanted is asked of Chroma, since some of it may be dead or filtered out


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to go live: spans of its passages, and their vectors (n, d) float32."""

    article: Article
    spans: tuple[tuple[int, int], ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far an index has followed: `followed` of `total` passage numbers.

    state: "up to date", "behind", "open elsewhere", or what is wrong with it.
    """

    name: str
    state: str
    followed: int
    total: int


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """An input that could not become an article, and when that was found."""

    origin: str
    reason: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds.

    duplicates: articles that carry a report which another article of the library carries too.
    earliest, latest: publication of the first and the last dated article.
    """

    path: Path
    articles: int
    passages: int
    duplicates: int
    outlets: dict[str, int]
    languages: dict[str, int]
    earliest: datetime | None
    latest: datetime | None
    embedding_model: str
    indexes: tuple[IndexStatus, ...]
    rejected: tuple[RejectedEntry, ...]


class Library:
    """The folder that questions are asked of. Open it with Library.open.

    Any number of processes may search it while one of them writes.
    """

    def __init__(self, path: Path, catalog: Catalog, meta: dict[str, str], chroma: str | None) -> None:
        self.path = path
        self.catalog = catalog
        self.meta = meta
        self.embeddings = PassageEmbeddings(meta["embedding_model"])
        self.vectors = Vectors(path / "vectors.f32", int(meta["dimension"]))
        self.shelf = Shelf(catalog)
        self.follower = Follower(path, meta["library_id"], catalog, self.vectors, chroma)
        self._lock = FileLock(path / "ingest.lock", thread_local=False)
        self._thread_lock = threading.Lock()  # the file's lock keeps out other processes, but not our own threads

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        create: bool = False,
        embedding_model: str | None = None,
        chroma: str | None = None,
        follow: bool = False,
    ) -> Library:
        """Open the library in that folder.

        Args:
            path: the folder.
            create: make an empty library where there is none.
            embedding_model: what the library must be built with; whatever it is built with if None.
            chroma: address of a Chroma server that takes the place of the library's own Chroma folder.
            follow: keep the indexes up to date in the background, and search in Chroma; for a process that stays.

        Raises:
            LibraryNotFoundError: there is none and create is False.
            LibraryMismatchError: it was built with another model or schema version.
            LibraryDamagedError: its catalog cannot be read.
        """
        path = Path(path).expanduser()
        catalog = Catalog(path / "catalog.sqlite")
        meta = catalog.meta() if catalog.path.exists() else {}
        if not meta:
            if not create:
                raise LibraryNotFoundError(
                    f"there is no library at {path}; make one with `dateline ingest SOURCE --library {path}`"
                )
            meta = _create(path, catalog, embedding_model or BUNDLED_MODEL)
        _check_match(path, meta, embedding_model)
        library = cls(path, catalog, meta, chroma)
        if follow or chroma:
            library.follower.start(keep=follow)
        return library

    def close(self) -> None:
        """Let everything go; Chroma's folder is sealed if this process had it open."""
        self.follower.close()
        self.catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- searching

    def dense(self, query: Scores, k: int, condition: Filter = Filter()) -> tuple[Keys, Scores]:  # noqa: B008
        """The k live passages that meet the condition and are closest to the query: numbers and cosines, best first.

        By Chroma where this process has it open, else exactly; as many as exist, up to k.
        """
        upto = self.shelf.refresh().added
        admitted = self.shelf.admitted(condition, upto)
        near = self.follower.search(query, k * OVERSAMPLE)
        if near is None:
            return self.vectors.search(query, k, admitted)
        keys, scores, followed = near
        if followed < upto:
            tail_keys, tail_scores = self.vectors.search(query, k, admitted[followed:], followed)
            keys, scores = np.concatenate([keys, tail_keys]), np.concatenate([scores, tail_scores])
        inside = keys < upto
        keys, scores = keys[inside], scores[inside]
        kept = admitted[keys]
        keys, first = np.unique(keys[kept], return_index=True)
        scores = scores[kept][first]
        if len(keys) < min(k, int(admitted.sum())):
            return self.vectors.search(query, k, admitted)
        best = np.argsort(-scores, kind="stable")[:k]
        return keys[best], scores[best]

    def words(self, query: WordQuery, k: int, condition: Filter = Filter()) -> tuple[Keys, Scores]:  # noqa: B008
        """The k live passages that meet the condition and share most words with the query: numbers and BM25 scores.

        Nothing where the word index is missing or damaged; then it is rebuilt in the background and a notice says so.
        """
        self.shelf.refresh()
        languages, nothing = self.shelf.languages(), (np.empty(0, np.int64), np.empty(0, np.float32))
        keys, scores = self.follower.words(lambda index: index.search(query, k, condition, languages), nothing)
        live = self.shelf.live(keys)
        return keys[live], scores[live]

    def coverage(self, text: str, keys: Keys) -> NDArray[np.float64]:
        """How much of a text's words each passage holds, rare ones counting more: (n,) in [0, 1]; keys ascending.

        All 0 where the word index is missing or damaged.
        """
        languages = self.shelf.languages()
        return self.follower.words(lambda index: index.coverage(text, keys, languages), np.zeros(len(keys)))

    def entries_of(self, keys: Sequence[int]) -> dict[int, Entry]:
        """The article version of each passage that is still live."""
        entries: dict[int, Entry] = {}
        for key in keys:
            held = next((e for e in entries.values() if e.first <= key < e.first + len(e.spans)), None)
            entry = held or self.catalog.entry_of(key)
            if entry:
                entries[key] = entry
        return entries

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of the indexes: damage found, rebuilding."""
        return self.follower.notices

    # -- reading

    def article(self, article_id: str) -> Article | None:
        """The article with that id or url, None where there is none."""
        entry = self.catalog.find(article_id)
        return entry.article if entry else None

    def articles(self) -> Iterator[Article]:
        """Every article, in the order they came."""
        return (entry.article for entry in self.catalog.entries())

    def story(self, story: str) -> list[Article]:
        """The articles that carry one report, earliest first."""
        return self.catalog.story(story)

    def status(self) -> Status:
        """What the library holds, and how far each index has followed."""
        counts = self.catalog.counts()
        total = self.catalog.mark().added
        return Status(
            self.path,
            counts["articles"],
            counts["passages"],
            counts["articles"] - counts["stories"],
            counts["outlets"],
            counts["languages"],
            _moment(counts["earliest"]),
            _moment(counts["latest"]),
            self.meta["embedding_model"],
            tuple(IndexStatus(name, state, done, total) for name, state, done in self.follower.status()),
            tuple(RejectedEntry(r.origin, r.reason, when) for r, when in self.catalog.rejected()),
        )

    # -- writing

    @contextmanager
    def writing(self, *, wait: bool = False) -> Iterator[Writer]:
        """Be the one who writes.

        Raises:
            LibraryBusyError: somebody else writes, and wait is False.
            LibraryMismatchError: the model here is not the one that the library was built with.
        """
        if self.embeddings.digest != self.meta["model_digest"]:
            raise LibraryMismatchError(
                f"the weights of {self.embeddings.name!r} are not those that {self.path} was built with; use the same "
                "version of the model, or ingest into a new library"
            )
        with self._locked(wait):
            note = {"pid": os.getpid(), "since": time.strftime("%H:%M:%S")}
            (self.path / "ingest.pid").write_text(json.dumps(note), encoding="utf-8")
            try:
                writer = Writer(self)
                writer.erase_dead()
                yield writer
            finally:
                (self.path / "ingest.pid").unlink(missing_ok=True)

    @contextmanager
    def _locked(self, wait: bool) -> Iterator[None]:
        if not self._thread_lock.acquire(blocking=wait):
            raise _busy(self.path)
        try:
            with self._lock.acquire(timeout=-1 if wait else 0):
                yield
        except Timeout as error:
            raise _busy(self.path) from error
        finally:
            self._thread_lock.release()

    def forget(self, name: str) -> Article:
        """Remove one article wholly: its text, passages, vectors, index entries, and what votes and kept runs quote.

        Args:
            name: its id or its url.

        Raises:
            LibraryError: no article has that id or url.
            LibraryBusyError: an ingest is running.
        """
        return self._forget([name])[0]

    def forget_source(self, source: str) -> list[Article]:
        """Remove, as wholly, every article that was read from one source.

        Args:
            source: a file, as it was given to the ingest that read it; a folder, with all that is in it; or an address.
                An article on a page of its own was read from that page, even where a feed or a sitemap led there.

        Raises:
            LibraryError: no article was read from it.
            LibraryBusyError: an ingest is running.
        """
        if not source:  # a path that is empty means the folder one stands in
            raise LibraryError("name the file, folder or address whose articles are to be forgotten")
        names = self.catalog.read_from(source) or self.catalog.read_from(os.path.abspath(source))
        if not names:
            raise LibraryError(
                f"no article in {self.path} was read from {source!r}; name it as it was named to the ingest, or forget "
                "the articles one by one, by the ids that `dateline export` lists"
            )
        return self._forget(names)

    def _forget(self, names: Sequence[str]) -> list[Article]:
        with self.writing() as writer:
            articles = writer.forget(names)
        self.follower.purge()
        feedback.erase(self.path, articles)
        runs.erase(self.path, articles)
        return articles

    def check(self, *, repair: bool = False, on_progress: Progressed | None = None) -> CheckReport:
        """Verify everything, and mend what can be mended if `repair`."""
        return check(self, repair=repair, on_progress=on_progress)

    def rebuild(self, on_progress: Progressed | None = None) -> None:
        """Drop both indexes and make them anew from the catalog and the vectors; nothing is embedded again."""
        self.follower.rebuild(on_progress)


class Writer:
    """Puts articles into a library and takes them out; held by one process at a time."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._catalog = library.catalog

    def put(self, batch: Sequence[Prepared], rejected: Sequence[Rejected] = ()) -> list[Article]:
        """Make the articles live, each in the place of its earlier version, in one step; those that are duplicates.

        Vectors go to disk first; until the catalog's commit nothing refers to them.
        """
        first = self._catalog.mark().added
        if batch:
            self._library.vectors.write(first, np.concatenate([prepared.vectors for prepared in batch]))
        copies = []
        with self._catalog.transaction() as connection:
            for prepared in batch:
                article = prepared.article
                bands = duplicates.signature(article.text)
                story, is_copy = self._story(article, bands)
                if is_copy:
                    copies.append(article)
                write_version(connection, article, first, prepared.spans, story, bands)
                first += len(prepared.spans)
            for one in rejected:
                write_rejected(connection, one)
        self.erase_dead()
        return copies

    def settle(self, sources: Sequence[str], rejected: Sequence[Rejected]) -> None:
        """Drop what was rejected earlier of sources that have now been read, and was not rejected again."""
        again = {one.origin for one in rejected}
        with self._catalog.transaction() as connection:
            for source in sources:
                drop_rejected(connection, source, again)

    def forget(self, names: Sequence[str]) -> list[Article]:
        """Remove the articles with those ids or urls, all of them or none."""
        articles = []
        for name in names:
            entry = self._catalog.find(name)
            if entry is None:
                raise LibraryError(
                    f"no article in {self._library.path} has the id or url {name!r}; `dateline export` lists them"
                )
            articles.append(entry.article)
        with self._catalog.transaction() as connection:
            for article in articles:
                remove_version(connection, article.article_id)
        self.erase_dead()
        self._catalog.shrink_log()
        return articles

    def known_vectors(self, article: Article) -> dict[str, NDArray[np.float32]]:
        """Vectors of the article's live version by what was embedded, so that none is computed twice."""
        entry = self._catalog.entry(article.article_id)
        if entry is None:
            return {}
        rows = self._library.vectors.rows(entry.first + len(entry.spans))
        return {
            passage_input(entry.article, start, end): np.array(rows[entry.first + i])
            for i, (start, end) in enumerate(entry.spans)
        }

    def erase_dead(self) -> None:
        """Overwrite the vectors of dead passages that have not been overwritten yet."""
        with self._catalog.transaction() as connection:
            rows = connection.execute("SELECT seq, first, count FROM gone WHERE NOT erased").fetchall()
            if rows:
                self._library.vectors.erase([(row["first"], row["count"]) for row in rows])
                connection.execute("UPDATE gone SET erased = 1 WHERE NOT erased")

    def _story(self, article: Article, bands: Sequence[int]) -> tuple[str, bool]:
        """The article's story, and whether the article joins one that an earlier article began."""
        for article_id in sorted(self._catalog.sharing(bands)) if bands else ():
            entry = self._catalog.entry(article_id)
            if entry and article_id != article.article_id and duplicates.same_report(article.text, entry.article.text):
                return entry.story, entry.story != article.article_id
        begun = any(other.article_id != article.article_id for other in self._catalog.story(article.article_id))
        return (article.content_hash if begun else article.article_id), False  # its copies keep the story they are in


def _create(path: Path, catalog: Catalog, model: str) -> dict[str, str]:
    embeddings = PassageEmbeddings(model)
    meta = {
        "library_id": uuid.uuid4().hex,
        "embedding_model": model,
        "model_digest": embeddings.digest,
        "dimension": str(len(embeddings.encode_query("dimension"))),
    }
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path / "ingest.lock"):
        if not catalog.meta():
            catalog.create(meta)
    return catalog.meta()


def _check_match(path: Path, meta: dict[str, str], model: str | None) -> None:
    if meta.get("schema") != str(SCHEMA_VERSION):
        raise LibraryMismatchError(
            f"{path} has schema version {meta.get('schema')} and this Dateline reads {SCHEMA_VERSION}; export its "
            "articles with the version that made it and ingest them into a new library"
        )
    if model is not None and model != meta["embedding_model"]:
        raise LibraryMismatchError(
            f"{path} was built with the embedding model {meta['embedding_model']!r}, and {model!r} was asked for; "
            f"leave the setting out, or build anew: `dateline export --library {path} > articles.jsonl`, then "
            "`dateline ingest articles.jsonl` into another folder with DATELINE_EMBEDDING_MODEL set"
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _busy(path: Path) -> LibraryBusyError:
    try:
        note: dict[str, Any] = json.loads((path / "ingest.pid").read_text(encoding="utf-8"))
        who = f"process {note['pid']} (since {note['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return LibraryBusyError(f"{who} is writing to {path}; try again when it is done")

"""The straight line: read, clean, split, embed, put into the library."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ingest.clean import clean
from ingest.embed import passage_input
from ingest.library import Library, Prepared, Writer
from ingest.metadata import complete
from ingest.records import Article, Rejected
from ingest.sources import origin_of, read
from ingest.split import Span, split

BATCH_PASSAGES = 256  # embedded and committed together: a few seconds of work on a laptop
READ_AHEAD = 256  # articles that wait, read and split, for the embedding
FOLLOW_SECONDS = 20  # how often the word index catches up during a long ingest
PASSAGE_SHARE = 0.75  # of the model's window; the rest is for the title


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is.

    stage: "reading and embedding", "words" or "chroma".
    done, total: what the stage counts: articles seen, or passages followed; total is None where it is not known.
    """

    stage: str
    done: int
    total: int | None
    articles: int
    passages: int


@dataclass(slots=True)
class Report:
    """What became of every input of an ingest.

    indexed: new articles; updated: articles in the place of an earlier version; unchanged: there already;
    duplicates: those of the indexed and updated that carry a report which another article carries too.
    """

    indexed: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: tuple[Rejected, ...] = ()
    passages: int = 0
    seconds: float = 0.0

    @property
    def passages_per_second(self) -> float:
        """Throughput from the first read to the last commit."""
        return self.passages / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class _Split:
    article: Article
    spans: tuple[Span, ...]
    is_update: bool


@dataclass(slots=True)
class _Unchanged:
    article: Article


@dataclass(slots=True)
class _Batch:
    articles: list[_Split] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def passages(self) -> int:
        return sum(len(item.spans) for item in self.articles)


def ingest(
    library: Library,
    sources: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    allow_private: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    wait: bool = True,
) -> Report:
    """Put every article of the sources into the library.

    Args:
        library: where to.
        sources: files, folders, http(s) addresses of an article, a feed or a sitemap, or "-" for standard input.
        columns: names of the columns of tables, by what they hold ("title", "text", ...), where a guess would fail.
        allow_private: whether addresses inside private networks may be fetched.
        on_progress: told now and then how far it is.
        wait: wait for another process that writes, instead of raising LibraryBusyError.

    Returns:
        What became of every input. What is committed stays, whatever ends the ingest early.

    Raises:
        SourceError: a source does not exist.
        LibraryBusyError: somebody else writes and wait is False.
    """
    origins = [origin_of(source) for source in sources]
    report, started = Report(), time.monotonic()
    with library.writing(wait=wait) as writer:
        followed = time.monotonic()
        batch = _Batch()
        for item in _ahead(_prepare(library, sources, columns, allow_private)):
            _take(item, batch, report)
            if batch.passages >= BATCH_PASSAGES:
                _commit(library, writer, batch, report)
                batch = _Batch()
                if time.monotonic() - followed > FOLLOW_SECONDS:
                    library.follower.catch_up_words()
                    followed = time.monotonic()
            _tell(on_progress, report)
        _commit(library, writer, batch, report)
        writer.settle(origins, report.rejected)
        report.seconds = time.monotonic() - started
    library.follower.catch_up(lambda index, done, total: _tell(on_progress, report, index, done, total))
    return report


def _prepare(
    library: Library, sources: Sequence[str], columns: Mapping[str, str] | None, allow_private: bool
) -> Iterator[_Split | _Unchanged | Rejected]:
    """Everything but the embedding: runs in a thread of its own while the model works."""
    seen: dict[str, tuple[str, bool]] = {}
    size = int(library.embeddings.window * PASSAGE_SHARE)
    for source in sources:
        for item in read(source, columns=columns, allow_private=allow_private):
            if isinstance(item, Rejected):
                yield item
                continue
            article = complete(clean(item))
            live = library.catalog.entry(article.article_id)
            known = seen.get(article.article_id) or (live and (live.content_hash, live.article.teaser))
            if known and (known[0] == article.content_hash or (article.teaser and not known[1])):
                yield _Unchanged(article)
                continue
            spans = tuple(
                split(article.text, library.embeddings.tokenizer, size=size, language=article.language or "en")
            )
            if not spans:
                yield Rejected(article.origin, "no article text: nothing is left once menus and the like are taken out")
                continue
            seen[article.article_id] = article.content_hash, article.teaser
            yield _Split(article, spans, known is not None)


def _take(item: _Split | _Unchanged | Rejected, batch: _Batch, report: Report) -> None:
    if isinstance(item, Rejected):
        batch.rejected.append(item)
        report.rejected = (*report.rejected, item)
    elif isinstance(item, _Unchanged):
        report.unchanged += 1
    else:
        for held in [held for held in batch.articles if held.article.article_id == item.article.article_id]:
            batch.articles.remove(held)  # replaced by a later input before it was committed
            _count(report, held)
        batch.articles.append(item)


def _commit(library: Library, writer: Writer, batch: _Batch, report: Report) -> None:
    if not batch.articles and not batch.rejected:
        return
    prepared = _embed(library, writer, batch.articles)
    copies = writer.put(prepared, batch.rejected)
    for item in batch.articles:
        _count(report, item)
    report.duplicates += len(copies)
    report.passages += batch.passages


def _count(report: Report, item: _Split) -> None:
    report.updated += item.is_update
    report.indexed += not item.is_update


def _embed(library: Library, writer: Writer, items: list[_Split]) -> list[Prepared]:
    inputs = [[passage_input(item.article, *span) for span in item.spans] for item in items]
    known = {}
    for item in items:
        if item.is_update:
            known.update(writer.known_vectors(item.article))
    new = list(dict.fromkeys(text for texts in inputs for text in texts if text not in known))
    if new:
        known.update(zip(new, library.embeddings.encode(new), strict=True))
    return [
        Prepared(item.article, item.spans, np.stack([known[text] for text in texts]))
        for item, texts in zip(items, inputs, strict=True)
    ]


def _ahead(items: Iterator[_Split | _Unchanged | Rejected]) -> Iterator[_Split | _Unchanged | Rejected]:
    """The same items, produced in another thread a little ahead of their use."""
    waiting: queue.Queue[_Split | _Unchanged | Rejected | BaseException | None] = queue.Queue(READ_AHEAD)
    stop = threading.Event()

    def put(item: _Split | _Unchanged | Rejected | BaseException | None) -> None:
        while not stop.is_set():
            try:
                return waiting.put(item, timeout=0.2)
            except queue.Full:
                continue

    def produce() -> None:
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    return
            put(None)
        except BaseException as error:  # handed to the thread that asked
            put(error)

    threading.Thread(target=produce, name="dateline-reader", daemon=True).start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()


def _tell(
    on_progress: Callable[[Progress], None] | None,
    report: Report,
    stage: str = "reading and embedding",
    done: int | None = None,
    total: int | None = None,
) -> None:
    if on_progress:
        articles = report.indexed + report.updated
        seen = articles + report.unchanged + len(report.rejected)
        on_progress(Progress(stage, seen if done is None else done, total, articles, report.passages))

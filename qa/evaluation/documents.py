"""Documents that come with a test set: a library made of them, or passages to read without any retrieval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from ingest.embed import passage_input
from ingest.library import Library, Prepared
from ingest.pipeline import BATCH_PASSAGES, PASSAGE_SHARE
from ingest.records import Article, Passage
from ingest.split import Span, split
from qa.records import ScoredPassage

Told = Callable[[str, int, int | None], None]


def fill(library: Library, articles: Sequence[Article], on_progress: Told | None = None) -> None:
    """Put the articles into the library as they are, uncleaned, so that gold quotes stay where they stand.

    What it holds already is left alone, so that a filling that was cut off goes on.
    """
    by_id = {article.article_id: article for article in articles if article.text.strip()}
    missing = [article for article in by_id.values() if not _holds(library, article)]
    done = len(by_id) - len(missing)
    with library.writing(wait=True) as writer:
        for batch in _batches(library, missing):
            texts = [passage_input(article, *span) for article, spans in batch for span in spans]
            vectors = library.embeddings.encode(texts)
            ends = np.cumsum([len(spans) for _, spans in batch])[:-1]
            writer.put([Prepared(*item, rows) for item, rows in zip(batch, np.split(vectors, ends), strict=True)])
            done += len(batch)
            if on_progress:
                on_progress("filling a library with the test set's documents", done, len(by_id))
    if missing:
        library.follower.catch_up_words()


def nearest(library: Library, documents: Iterable[Article], question: str, k: int) -> list[ScoredPassage]:
    """The k passages of the documents that are nearest to the question, nearest first; embedded by the library's model.

    Every passage is there where the documents are short.
    """
    found = [(article, span) for article in documents for span in _spans(library, article)]
    if not found:
        return []
    vectors = library.embeddings.encode_few([question, *(passage_input(article, *span) for article, span in found)])
    cosines = [float(cosine) for cosine in vectors[1:] @ vectors[0]]
    best = sorted(range(len(found)), key=lambda i: (-cosines[i], i))[:k]
    return [_scored(*found[i], key=i, cosine=cosines[i], rank=rank) for rank, i in enumerate(best, 1)]


def _scored(article: Article, span: Span, *, key: int, cosine: float, rank: int) -> ScoredPassage:
    start, end = span
    passage = Passage(key, article.article_id, start, end, article.text[start:end])
    return ScoredPassage(passage, article, cosine, rank, similarity=cosine)


def _holds(library: Library, article: Article) -> bool:
    entry = library.catalog.entry(article.article_id)
    return entry is not None and entry.content_hash == article.content_hash


def _batches(library: Library, articles: Iterable[Article]) -> Iterator[list[tuple[Article, tuple[Span, ...]]]]:
    batch: list[tuple[Article, tuple[Span, ...]]] = []
    for article in articles:
        spans = _spans(library, article)
        if spans:
            batch.append((article, spans))
        if sum(len(spans) for _, spans in batch) >= BATCH_PASSAGES:
            yield batch
            batch = []
    if batch:
        yield batch


def _spans(library: Library, article: Article) -> tuple[Span, ...]:
    embeddings = library.embeddings
    size = int(embeddings.window * PASSAGE_SHARE)
    return tuple(split(article.text, embeddings.tokenizer, size=size, language=article.language or "en"))

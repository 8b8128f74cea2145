"""From a question to ranked passages: dense and BM25 candidates, fused, one passage for each report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Entry
from ingest.duplicates import same_report
from ingest.filters import Filter
from ingest.library import Library
from ingest.records import Article, Passage
from ingest.words import WordQuery
from qa.language import fold
from qa.question import Question
from qa.records import ScoredPassage

CANDIDATES = 100  # asked of each index


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each feature of a candidate counts; tuned on RealTime QA 2022 (tests/benchmarks/tune.py).

    cosine: similarity of question and passage.
    words: BM25 as a share of the best candidate's; 0 where the word index did not find it.
    coverage: how much of the question's words the passage holds, rare ones counting more.
    article_cosine, article_words, article_count: among the candidates of the same article, the best cosine, the best
        words, and the logarithm of their number; what is left to the passage is how far it stands out among them.
    week, season: exp(-age / 7 days) and exp(-age / 60 days), counted where the question is about the present.
    window: 1 inside a window of publication that the question prefers.
    """

    cosine: float = 1.0
    words: float = 0.1
    coverage: float = 0.7
    article_cosine: float = -0.35
    article_words: float = 0.33
    article_count: float = -0.06
    week: float = 0.2
    season: float = 0.25
    window: float = 0.2


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates with their features, before any is weighed: arrays of one length, in no order."""

    keys: NDArray[np.int64]
    features: NDArray[np.float64]
    cosines: NDArray[np.float32]

    def scores(self, weights: Weights) -> NDArray[np.float64]:
        """One score a candidate, higher is better."""
        values = np.array([getattr(weights, name) for name in weights.__slots__])
        scores: NDArray[np.float64] = self.features @ values
        return scores


def retrieve(
    library: Library, question: Question, condition: Filter, *, k: int, today: date, weights: Weights = WEIGHTS
) -> list[ScoredPassage]:
    """The k best passages for a question, best first; as many as exist.

    Args:
        library: where to look.
        question: what is asked; its phrases and required and excluded words are conditions too.
        condition: which articles may be found.
        k: passages wanted.
        today: the day from whose point of view an article is recent.
        weights: how much each feature counts.
    """
    wanted = max(CANDIDATES, 4 * k)
    ranking = candidates(library, question, condition, wanted=wanted, today=today)
    found = _one_for_each_report(library, question, condition, ranking, ranking.scores(weights), k)
    if found or not question.phrases:
        return found
    # Quotation marks round a name or a doubtful word are as common as a wish for the very phrase.
    return retrieve(library, replace(question, phrases=()), condition, k=k, today=today, weights=weights)


def candidates(library: Library, question: Question, condition: Filter, *, wanted: int, today: date) -> Ranking:
    """What either index finds, with the features of each."""
    vector = library.embeddings.encode_query(question.search_text)
    dense, _ = library.dense(vector, wanted, condition)
    query = WordQuery(question.search_text, question.phrases, question.required, question.excluded)
    words, bm25 = library.words(query, wanted, condition)
    keys = np.union1d(dense, words)
    rows = library.vectors.rows(int(keys.max()) + 1)[keys] if len(keys) else np.empty((0, len(vector)), np.float32)
    cosine = rows @ vector
    share = _spread(keys, words, bm25 / bm25.max() if len(bm25) else bm25)
    articles = library.shelf.places(keys)
    features = np.stack(
        [
            cosine,
            share,
            library.coverage(" ".join((*question.content_words, *question.numbers)), keys),
            _best_in(articles, cosine),
            _best_in(articles, share),
            np.log(_count_in(articles)),
            *_recency(library.shelf.days(keys), question, today),
        ],
        axis=1,
    )
    return Ranking(keys, features, cosine)


def _spread(keys: NDArray[np.int64], found: NDArray[np.int64], values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The values of those keys that were found, 0 for the others."""
    spread = np.zeros(len(keys))
    spread[np.searchsorted(keys, found)] = values
    return spread


def _best_in(articles: NDArray[np.int64], values: NDArray[np.floating]) -> NDArray[np.float64]:
    """For each candidate, the highest value among the candidates of its article."""
    _, groups = np.unique(articles, return_inverse=True)
    best = np.full(len(articles), -np.inf)
    np.maximum.at(best, groups, values)
    return best[groups]


def _count_in(articles: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each candidate, how many candidates its article has."""
    _, groups, counts = np.unique(articles, return_inverse=True, return_counts=True)
    repeated: NDArray[np.int64] = counts[groups]
    return repeated


def _recency(days: NDArray[np.int64], question: Question, today: date) -> list[NDArray[np.float64]]:
    ages = np.where(days > 0, np.maximum(today.toordinal() - days, 0), math.inf)
    present = float(question.present)
    inside = np.zeros(len(days))
    if question.window_is_soft:
        low = question.published_after.toordinal() if question.published_after else 1
        high = question.published_before.toordinal() if question.published_before else math.inf
        inside = ((days >= low) & (days <= high)).astype(np.float64)
    return [present * np.exp(-ages / 7), present * np.exp(-ages / 60), inside]


def _one_for_each_report(
    library: Library,
    question: Question,
    condition: Filter,
    ranking: Ranking,
    scores: NDArray[np.float64],
    k: int,
) -> list[ScoredPassage]:
    kept: list[ScoredPassage] = []
    shown: dict[str, list[tuple[Entry, Passage]]] = {}
    entries: dict[int, Entry] = {}
    for place in np.argsort(-scores, kind="stable"):
        if len(kept) == k:
            break
        key = int(ranking.keys[place])
        entries.update(library.entries_of([key]) if key not in entries else {})
        entry = entries.get(key)
        if entry is None:
            continue
        passage = entry.passage(key)
        if not _meets(question, entry, passage) or _is_shown(shown.get(entry.story, ()), entry, passage):
            continue
        shown.setdefault(entry.story, []).append((entry, passage))
        also_in = _also_in(library, entry, condition)
        kept.append(
            ScoredPassage(
                passage, entry.article, float(scores[place]), len(kept) + 1, also_in, float(ranking.cosines[place])
            )
        )
    return kept


def _meets(question: Question, entry: Entry, passage: Passage) -> bool:
    """Whether the words that must or must not occur do so, to the letter but for case and accents."""
    if not (question.phrases or question.required or question.excluded):
        return True
    text = f" {_plain(entry.article.title)} {_plain(passage.text)} "
    wanted = all(f" {_plain(words)}" in text for words in (*question.phrases, *question.required))
    return wanted and not any(f" {_plain(words)} " in text for words in question.excluded)


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())


def _is_shown(shown: Sequence[tuple[Entry, Passage]], entry: Entry, passage: Passage) -> bool:
    return any(
        other.article.article_id != entry.article.article_id and same_report(passage.text, held.text)
        for other, held in shown
    )


def _also_in(library: Library, entry: Entry, condition: Filter) -> tuple[Article, ...]:
    story = library.story(entry.story)
    return tuple(a for a in story if a.article_id != entry.article.article_id and condition.admits(a))

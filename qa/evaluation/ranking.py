"""How high what a gold answer rests on stands among the passages that were considered.

Two levels, never mixed: passages that hold a gold quote, and articles that are gold ones (an article stands where its
best passage does). Where the gold is neither, answer_in_passage tells whether an accepted answer was there to be read,
which is a weaker thing and has a name of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from qa.evaluation.answers import contains
from qa.evaluation.evidence import distinct, holds, is_article
from qa.evaluation.records import Gold, Row

HITS, RECALLS, DEPTH, IN_PASSAGE = (1, 4, 5, 10), (5, 10), 10, (1, 5, 10)
_LEVEL = {
    **{f"hit@{k}": f"gold among the first {k}" for k in HITS},
    **{f"recall@{k}": f"share of the gold among the first {k}" for k in RECALLS},
    f"all_evidence@{DEPTH}": f"all of the gold among the first {DEPTH}",
    f"MRR@{DEPTH}": f"MRR@{DEPTH}",
    f"nDCG@{DEPTH}": f"nDCG@{DEPTH}",
}
METRICS = {
    **{name: f"passages: {label}" for name, label in _LEVEL.items()},
    **{f"article:{name}": f"articles: {label}" for name, label in _LEVEL.items()},
    **{f"answer_in_passage@{k}": f"an accepted answer in the first {k} passages" for k in IN_PASSAGE},
}


def retrieval_metrics(gold: Gold, row: Row) -> dict[str, float | None]:
    """Every retrieval metric of one question, in [0, 1]; None where no gold of that kind is known, or none exists."""
    scores: dict[str, float | None] = dict.fromkeys(METRICS)
    if not gold.answerable or row.error:
        return scores
    passages = sorted(row.passages, key=lambda passage: int(passage.get("rank") or 0))
    quotes = distinct(support.quote for support in gold.supports)
    names = distinct(support.article for support in gold.supports)
    if quotes:
        ranks = [_first(passages, partial(_has_quote, quote=quote)) for quote in quotes]
        scores |= _level(ranks, len(passages))
    if names:
        articles = _articles(passages)
        ranks = [_first(articles, partial(is_article, name=name)) for name in names]
        scores |= {f"article:{name}": value for name, value in _level(ranks, len(articles)).items()}
    if gold.answers and not gold.supports:
        rank = _first(passages, partial(_has_answer, gold=gold))
        scores |= {f"answer_in_passage@{k}": float(0 < rank <= k) for k in IN_PASSAGE}
    return scores


def _level(ranks: Sequence[int], retrieved: int) -> dict[str, float]:
    """The metrics of one level.

    Recall counts what the answer rests on; the others count ranks. Two quotes in one passage are two found, and a
    second passage with a quote that was found before is worth nothing.

    Args:
        ranks: where each gold item is first found, from 1; 0 where it is not.
        retrieved: how many there were to find it in.
    """
    scores = {f"recall@{k}": sum(0 < rank <= k for rank in ranks) / len(ranks) for k in RECALLS}
    scores[f"all_evidence@{DEPTH}"] = float(all(0 < rank <= DEPTH for rank in ranks))
    return scores | _by_rank(ranks, retrieved)


def _by_rank(ranks: Sequence[int], retrieved: int) -> dict[str, float]:
    """Hits, reciprocal rank and nDCG by ir-measures; the gain at a rank: how many gold items are first found there."""
    import ir_measures
    from ir_measures import RR, Success, nDCG

    measures = {Success @ k: f"hit@{k}" for k in HITS}
    measures |= {RR @ DEPTH: f"MRR@{DEPTH}", nDCG @ DEPTH: f"nDCG@{DEPTH}"}
    grades: dict[str, int] = {}
    for i, rank in enumerate(ranks):
        name = str(rank) if rank else f"not found {i}"
        grades[name] = grades.get(name, 0) + 1
    scores = {str(rank): 1 / rank for rank in range(1, retrieved + 1)}  # strictly falling: it breaks ties by name
    found = ir_measures.iter_calc(list(measures), {"question": grades}, {"question": scores})
    return {measures[metric.measure]: float(metric.value) for metric in found}


def _first(places: Sequence[Mapping[str, Any]], is_gold: Callable[[Mapping[str, Any]], bool]) -> int:
    """The rank of the first place that is gold, from 1; 0 where none is."""
    return next((rank for rank, place in enumerate(places, 1) if is_gold(place)), 0)


def _articles(passages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The articles of the passages, each where its best passage stands."""
    first: dict[str, Mapping[str, Any]] = {}
    for i, passage in enumerate(passages):
        first.setdefault(str(passage.get("article_id") or passage.get("url") or f"passage {i}"), passage)
    return list(first.values())


def _has_quote(passage: Mapping[str, Any], quote: str) -> bool:
    return holds(str(passage.get("text") or ""), quote)


def _has_answer(passage: Mapping[str, Any], gold: Gold) -> bool:
    """Whether a passage holds every part of an accepted answer."""
    text = str(passage.get("text") or "")
    split = ([part for part in answer.split(";") if part.strip()] for answer in gold.answers)
    return any(parts and all(contains(text, part, gold.language) for part in parts) for parts in split)

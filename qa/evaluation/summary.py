"""A run's rows summed up: every metric with its range, by tag, where the points go, when to abstain, how fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.evaluation import abstaining, citing, ranking
from qa.evaluation.records import Estimate, Row
from qa.evaluation.statistics import detectable_by_size, mean_interval

_JUDGED = {
    "judged_right": "right, by the judge",
    "judged_grounded": "statements that the passages back, by the judge",
}
# Every metric in the order in which figures are shown, and what people read for its name.
METRICS: dict[str, str] = {
    "attributed": "right, and cites the gold evidence",
    "right": "right",
    "exact_match": "exact match",
    "f1": "token F1",
    "contains": "holds an accepted answer",
    "value_match": "same number or date",
    "choice_accuracy": "right choice",
    "answer_words": "words in the answer",
    **ranking.METRICS,
    **citing.METRICS,
    **abstaining.METRICS,
    **_JUDGED,
}
POINTS = (
    "gold retrieved and right",
    "gold retrieved and wrong",
    "not retrieved and right",
    "not retrieved and wrong",
    "refused",
)
_STAGES = {stage: i for i, stage in enumerate(("understand", "retrieve", "rerank", "read", "answer"))}
_RETRIEVED = (
    "hit@10",
    "article:hit@10",
    "answer_in_passage@10",
)  # the first that is known decides


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run; all plain values.

    overall: every known metric over the whole test set, in the order of METRICS; figures without a value stand there
        too, so that a name that is missing is a name that nobody knows.
    tags: by tag and its value, the metrics of the questions that carry it; only what has a value or is unmeasured.
    points: by each of POINTS, the answerable questions that ended there: answered, measured for being right, and with
        known gold; "refused" are those wrongly refused.
    risk_coverage: (share of all questions answered, share of those answers that are wrong), the surest answers first.
    reliability: (mean confidence, share right, answers) by tenth of confidence.
    latency: by stage, in seconds: median, 95th percentile, and the questions timed.
    detectable: by metric, the smallest difference to another run that this test set shows four times in five.
    counts: questions, answerable, unanswerable, answered, abstained, unmeasured (could not be asked).
    """

    overall: dict[str, Estimate]
    tags: dict[str, dict[str, dict[str, Estimate]]]
    points: dict[str, int]
    risk_coverage: list[tuple[float, float]]
    reliability: list[tuple[float, float, int]]
    latency: dict[str, tuple[float, float, int]]
    detectable: dict[str, float]
    counts: dict[str, int]


def display_name(metric: str) -> str:
    """What people read for a metric's name; a name that is not known is its own."""
    return METRICS.get(metric, metric)


def summarise(rows: Iterable[Row], *, seed: int = 0) -> Summary:
    """Sum up the rows of a run; their order changes nothing.

    Args:
        rows: with their metrics.
        seed: of the resampling behind the ranges.
    """
    rows = list(rows)
    judged = sorted({name for row in rows for name in row.metrics} - (set(METRICS) - set(_JUDGED)))
    missed = [_missed(row, judged) for row in rows]
    overall = {name: _estimate(name, rows, missed, seed) for name in dict.fromkeys((*METRICS, *judged))}
    overall |= abstaining.estimates(rows, seed=seed)
    return Summary(
        overall,
        _by_tag(rows, missed, [name for name in overall if name not in abstaining.OVER_QUESTIONS], seed),
        _points(rows),
        abstaining.risk_coverage(rows),
        abstaining.reliability(rows),
        _latency(rows),
        _detectable(rows, overall),
        _counts(rows),
    )


def _estimate(name: str, rows: Sequence[Row], missed: Sequence[frozenset[str]], seed: int) -> Estimate:
    measured = [(value, row) for row in rows if (value := row.metrics.get(name)) is not None]
    return mean_interval(
        [float(value) for value, _ in measured],
        [str(row.gold.get("group") or "") for _, row in measured],
        unmeasured=sum(name in names for names in missed),
        seed=seed,
    )


def _missed(row: Row, judged: Sequence[str]) -> frozenset[str]:
    """The metrics that a question should have but could not be measured on.

    A question that could not be asked misses whatever a refusal of it would have been measured on, and every judgement
    of an answer; one that was answered misses the judgements that failed.
    """
    if not row.error:
        return frozenset(name for name in judged if name in row.metrics and row.metrics[name] is None)
    from qa.evaluation.run import gold_of, score

    refusal = score(gold_of(row.gold), Row(row.id, row.gold, abstained=True))
    return frozenset([name for name, value in refusal.metrics.items() if value is not None] + list(judged))


def _by_tag(
    rows: Sequence[Row], missed: Sequence[frozenset[str]], names: Sequence[str], seed: int
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Every metric by tag and value, both in order."""
    places: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, row in enumerate(rows):
        for tag, value in (row.gold.get("tags") or {}).items():
            places[tag][str(value)].append(i)
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    for tag, values in sorted(places.items()):
        found[tag] = {}
        for value, inside in sorted(values.items()):
            part, unmeasured = [rows[i] for i in inside], [missed[i] for i in inside]
            estimates = {name: _estimate(name, part, unmeasured, seed) for name in names}
            found[tag][value] = {name: e for name, e in estimates.items() if e.n or e.unmeasured}
    return found


def _points(rows: Sequence[Row]) -> dict[str, int]:
    """Where the answerable questions end, as far as it is known whether their gold was retrieved."""
    counts = dict.fromkeys(POINTS, 0)
    for row in rows:
        right = row.metrics.get("right")
        retrieved = next((value for name in _RETRIEVED if (value := row.metrics.get(name)) is not None), None)
        if row.error or right is None or retrieved is None:
            continue
        if row.abstained:
            counts["refused"] += 1
        else:
            place = "gold retrieved" if retrieved else "not retrieved"
            counts[f"{place} and {'right' if right >= 1 else 'wrong'}"] += 1
    return counts


def _latency(rows: Sequence[Row]) -> dict[str, tuple[float, float, int]]:
    """By stage, the total last; rows without timings, such as the first, do not count."""
    import numpy as np

    seconds: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for stage, value in row.timings.items():
            seconds[stage].append(value)
    found = {}
    for stage in sorted(seconds, key=lambda stage: (stage == "total", _STAGES.get(stage, len(_STAGES)), stage)):
        p50, p95 = np.percentile(seconds[stage], [50, 95])
        found[stage] = (float(p50), float(p95), len(seconds[stage]))
    return found


def _detectable(rows: Sequence[Row], names: Iterable[str]) -> dict[str, float]:
    found = {}
    for name in names:
        values = [float(value) for row in rows if (value := row.metrics.get(name)) is not None]
        smallest = detectable_by_size(values)
        if smallest is not None:
            found[name] = smallest
    return found


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    answerable = sum(bool(row.gold.get("answerable", True)) for row in rows)
    unmeasured = sum(bool(row.error) for row in rows)
    abstained = sum(row.abstained and not row.error for row in rows)
    return {
        "questions": len(rows),
        "answerable": answerable,
        "unanswerable": len(rows) - answerable,
        "answered": len(rows) - unmeasured - abstained,
        "abstained": abstained,
        "unmeasured": unmeasured,
    }

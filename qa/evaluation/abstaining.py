"""When to answer and when not: refusals, and what the confidence is worth as a reason for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.evaluation.records import Estimate, Gold, Row
from qa.evaluation.statistics import draws, has_groups, mean_interval, range_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COVERAGE, RISK = 0.8, 0.05  # where the risk-coverage curve is read off
BINS = 10  # of confidence, equally wide, as published calibration errors have them
KINDS = 5  # of what becomes of a question
RIGHT, WRONG, WRONG_UNANSWERABLE, REFUSED, REFUSED_UNANSWERABLE = range(KINDS)  # answers first
CHUNKS = 8  # in which resamples are worked through, to save memory
BY_QUESTION = {
    "refused": "unanswerable and refused",
    "false_refusal": "answerable and refused",
}
OVER_QUESTIONS = {
    "refusal_precision": "refusals that were right to refuse",
    "coverage": "questions answered",
    f"accuracy@{COVERAGE:.0%}": f"right among the surest answers, to {COVERAGE:.0%} of the questions",
    f"coverage@{RISK:.0%}risk": f"questions answered with at most {RISK:.0%} of the answers wrong",
    "AUROC": "AUROC of the confidence, right answers against wrong ones",
    "AUROC:answerable": "AUROC of the confidence, answerable questions against the others",
    "AURC": "area under the risk-coverage curve",
    "excess_AURC": "AURC beyond that of a perfect order",
    "ECE": "calibration error of the answers (ECE, 10 bins)",
    "Brier": "Brier score of the answers",
}
METRICS = {**BY_QUESTION, **OVER_QUESTIONS}
OF_ALL = (f"coverage@{RISK:.0%}risk", "AUROC:answerable")  # of all questions, not the answers alone


def abstention_metrics(gold: Gold, row: Row) -> dict[str, float | None]:
    """Whether a question was refused, under the name that says whether that was right."""
    scores: dict[str, float | None] = dict.fromkeys(BY_QUESTION)
    if not row.error:
        scores["false_refusal" if gold.answerable else "refused"] = float(row.abstained)
    return scores


@dataclass(frozen=True, slots=True)
class Confidences:
    """Questions counted by confidence and by what became of them.

    The order of the questions is nowhere in it, and equal confidences are told apart by nothing.

    cells: (C, 2): the confidence, and the place in KINDS, surest first.
    counts: (U, C): questions in each cell, by unit that is resampled: a single row without groups.
    grouped: whether the rows of counts are groups.
    """

    cells: NDArray[np.float64]
    counts: NDArray[np.int64]
    grouped: bool

    @property
    def total(self) -> NDArray[np.int64]:
        """(1, C): all questions."""
        total: NDArray[np.int64] = self.counts.sum(axis=0, keepdims=True)
        return total


def confidences(rows: Sequence[Row]) -> Confidences | None:
    """The rows on which it is known whether the answer is right; None where there are none.

    An answer to an unanswerable question is wrong. What a refused question would have been answered is not known.
    """
    import numpy as np

    known = [(row, kind) for row in rows if (kind := _kind(row)) is not None]
    if not known:
        return None
    groups = [str(row.gold.get("group") or "") for row, _ in known]
    is_grouped = has_groups(groups)
    cells, places = np.unique([(-row.confidence, kind) for row, kind in known], axis=0, return_inverse=True)
    cells[:, 0] *= -1
    units = [group or f" {i}" for i, group in enumerate(groups)] if is_grouped else [""] * len(known)
    names = {unit: i for i, unit in enumerate(dict.fromkeys(units))}
    counts = np.zeros((len(names), len(cells)), dtype=np.int64)
    for unit, place in zip(units, places.reshape(-1), strict=True):
        counts[names[unit], place] += 1
    return Confidences(cells, counts[np.lexsort(counts.T)], is_grouped)


def estimates(rows: Sequence[Row], *, seed: int = 0) -> dict[str, Estimate]:
    """Every metric over questions with its range; without a value where it does not apply."""
    failed = sum(bool(row.error) for row in rows)
    asked = [row for row in rows if not row.error]
    found = {
        "refusal_precision": _share([row for row in asked if row.abstained], _is_unanswerable, failed, seed),
        "coverage": _share(asked, lambda row: not row.abstained, failed, seed),
    }
    held = confidences(rows)
    if held is None:
        return found | {name: Estimate(None, None, None, 0, failed) for name in OVER_QUESTIONS if name not in found}
    import numpy as np

    resampled = draws([1] * len(held.counts), seed) @ held.counts if held.grouped else draws(held.total[0], seed)
    values = figures(held.cells, held.total)
    parts = [figures(held.cells, part) for part in np.array_split(resampled, CHUNKS)]
    answers = int(held.total[0, held.cells[:, 1] <= WRONG_UNANSWERABLE].sum())
    for name, value in values.items():
        n = int(held.total.sum()) if name in OF_ALL else answers
        spread = np.concatenate([part[name] for part in parts])
        found[name] = _estimate(float(value[0]), spread, n, failed, held.grouped)
    return {name: found[name] for name in OVER_QUESTIONS}


def figures(cells: NDArray[np.float64], counts: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """The metrics of the confidence for each of several draws; NaN where one does not apply.

    The curve is that of the answers given; a question that is refused takes part in the coverage alone.

    Args:
        cells: (C, 2), as in Confidences.
        counts: (D, C), of each draw.
    """
    import numpy as np

    levels, starts = _levels(cells)
    by_kind = [np.add.reduceat(counts * (cells[:, 1] == kind), starts, axis=1) for kind in range(KINDS)]
    right, wrong = by_kind[RIGHT], by_kind[WRONG] + by_kind[WRONG_UNANSWERABLE]
    unanswerable = by_kind[WRONG_UNANSWERABLE] + by_kind[REFUSED_UNANSWERABLE]
    answers, asked = right + wrong, counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = answers.sum(axis=1)
        area = _area(answers, wrong) / n
        return {
            f"accuracy@{COVERAGE:.0%}": _accuracy(right, answers, np.minimum(n, np.ceil(COVERAGE * asked))),
            f"coverage@{RISK:.0%}risk": _reached(wrong, answers, asked),
            "AUROC": auroc(right, wrong),
            "AUROC:answerable": auroc(sum(by_kind) - unanswerable, unanswerable),
            "AURC": area,
            "excess_AURC": np.maximum(0, area - _best_area(right.sum(axis=1), n)),
            "ECE": _calibration_error(levels, right, answers),
            "Brier": (right @ (1 - levels) ** 2 + wrong @ levels**2) / n,
        }


def risk_coverage(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """(share of the questions answered, share of those answers that are wrong), for each threshold, surest first."""
    held = confidences(rows)
    if held is None:
        return []
    import numpy as np

    _, right, wrong = _answers(held)
    answered, errors = np.cumsum(right + wrong), np.cumsum(wrong)
    steps = zip((right + wrong).tolist(), answered.tolist(), errors.tolist(), strict=True)
    return [(count / int(held.total.sum()), failed / count) for new, count, failed in steps if new]


def reliability(rows: Sequence[Row]) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, answers) of the answers, by tenth of confidence; empty tenths are left out."""
    held = confidences(rows)
    if held is None:
        return []
    levels, right, wrong = _answers(held)
    found = []
    for bin in range(BINS):
        inside = _bins(levels) == bin
        n = int((right + wrong)[inside].sum())
        if n:
            mean = float(((right + wrong) * levels)[inside].sum()) / n
            found.append((mean, float(right[inside].sum()) / n, n))
    return found


def auroc(positive: NDArray[np.int64], negative: NDArray[np.int64]) -> NDArray[np.float64]:
    """How often something positive is surer than something negative, ties counting half; NaN where one is missing.

    Args:
        positive: (D, L) how many there are at each level of confidence, surest first.
        negative: the same of the others.
    """
    import numpy as np

    surer = np.cumsum(positive, axis=1) - positive / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share: NDArray[np.float64] = (surer * negative).sum(axis=1) / pairs
    return share


def _kind(row: Row) -> int | None:
    """What became of a question; None where it is not known."""
    if row.error:
        return None
    if _is_unanswerable(row):
        return REFUSED_UNANSWERABLE if row.abstained else WRONG_UNANSWERABLE
    right = row.metrics.get("right")
    if right is None:
        return None
    return REFUSED if row.abstained else RIGHT if right >= 1 else WRONG


def _is_unanswerable(row: Row) -> bool:
    return not row.gold.get("answerable", True)


def _share(rows: Sequence[Row], is_one: Callable[[Row], bool], unmeasured: int, seed: int) -> Estimate:
    groups = [str(row.gold.get("group") or "") for row in rows]
    return mean_interval([float(is_one(row)) for row in rows], groups, unmeasured=unmeasured, seed=seed)


def _estimate(value: float, spread: NDArray[np.float64], n: int, unmeasured: int, grouped: bool) -> Estimate:
    import numpy as np

    if math.isnan(value):
        return Estimate(None, None, None, 0, unmeasured)
    method = "bootstrap over groups" if grouped else "bootstrap"
    if n == 1:  # nothing that could have been drawn instead
        return Estimate(value, None, None, n, unmeasured)
    low, high = range_of(spread[np.isfinite(spread)])
    return Estimate(value, min(low, value), max(high, value), n, unmeasured, method)


def _answers(held: Confidences) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """The levels of confidence, surest first, with the right and the wrong answers at each."""
    import numpy as np

    levels, starts = _levels(held.cells)
    kinds, total = held.cells[:, 1], held.total[0]
    wrong = (kinds == WRONG) | (kinds == WRONG_UNANSWERABLE)
    return levels, np.add.reduceat(total * (kinds == RIGHT), starts), np.add.reduceat(total * wrong, starts)


def _levels(cells: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The distinct confidences, surest first, and the cell with which each starts."""
    import numpy as np

    starts = np.flatnonzero(np.diff(cells[:, 0], prepend=np.inf))
    return cells[starts, 0], starts


def _area(answers: NDArray[np.int64], wrong: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sum of the risks of the first answer, the first two, and so on, averaged over all orders of equal ones.

    With c answers and e errors at a level, and a answers and E errors before it, the j-th has the mean risk
    (E + j e/c) / (a + j) = e/c + (E - a e/c) / (a + j), whose sum over j is a difference of harmonic numbers.
    """
    import numpy as np

    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, answers.sum(axis=1).max(initial=0) + 1))])
    after = np.cumsum(answers, axis=1)
    before = after - answers
    errors = np.cumsum(wrong, axis=1) - wrong
    share = wrong / np.maximum(answers, 1)
    risks = wrong + (errors - before * share) * (harmonic[after] - harmonic[before])
    total: NDArray[np.float64] = risks.sum(axis=1)
    return total


def _best_area(right: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """The area if every right answer came before every wrong one."""
    import numpy as np

    both = np.stack([right, n - right], axis=1)
    return _area(both, np.stack([np.zeros_like(right), n - right], axis=1)) / n


def _accuracy(right: NDArray[np.int64], answers: NDArray[np.int64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share right among so many of the surest answers; of equally sure ones, the share that is needed."""
    import numpy as np

    before = np.cumsum(answers, axis=1) - answers
    taken = np.clip(wanted[:, None] - before, 0, answers)
    share: NDArray[np.float64] = (taken * right / np.maximum(answers, 1)).sum(axis=1) / wanted
    return share


def _reached(wrong: NDArray[np.int64], answers: NDArray[np.int64], asked: NDArray[np.int64]) -> NDArray[np.float64]:
    """The largest share of the questions at which few enough of the answers are wrong; 0 where none is."""
    import numpy as np

    answered = np.cumsum(answers, axis=1)
    is_low = np.cumsum(wrong, axis=1) <= RISK * answered
    share: NDArray[np.float64] = (answered * is_low).max(axis=1, initial=0) / asked
    return share


def _calibration_error(
    levels: NDArray[np.float64], right: NDArray[np.int64], answers: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How far confidence and share right lie apart in each of equally wide bins, by the answers in it."""
    import numpy as np

    inside = (_bins(levels)[:, None] == np.arange(BINS)).astype(np.float64)
    gaps = np.abs((answers * levels - right) @ inside)
    error: NDArray[np.float64] = gaps.sum(axis=1) / answers.sum(axis=1)
    return error


def _bins(levels: NDArray[np.float64]) -> NDArray[np.int64]:
    import numpy as np

    bins: NDArray[np.int64] = np.clip((levels * BINS).astype(np.int64), 0, BINS - 1)
    return bins

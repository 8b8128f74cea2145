"""How far chance could have moved a figure, and whether two runs differ by more than that.

Everything is drawn with a seed, from values put in order first, so that the order of the questions changes nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

from qa.evaluation.records import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 2_000
PERMUTATIONS = 9_999
LEVEL = 0.95
POWER = 0.8
FEW = 50  # values of 0 or 1 under which their bootstrap is too narrow, and Wilson's interval is taken
RARE = 5  # ones, or zeros, among more values than that: the same
FEWEST_GROUPS = 5  # below, groups do not show how they vary, and questions are resampled
DISCORDANT = 0.15  # share of questions on which two runs of one system differ, as long as nothing else is known
SHARED = 2 / 3  # correlation of two runs' values that goes with it
_Z = NormalDist().inv_cdf((1 + LEVEL) / 2) + NormalDist().inv_cdf(POWER)  # standard errors that are seen so often


def mean_interval(
    values: Sequence[float], groups: Sequence[str] = (), *, unmeasured: int = 0, seed: int = 0
) -> Estimate:
    """The mean of a metric with the 95 % range that chance leaves it.

    Shares that are rare or of few questions: Wilson. All else: percentile bootstrap, over whole groups where there are
    enough of them (answers to one week's questions go wrong together). No range where there is but one unit to draw.

    Args:
        values: one for each question.
        groups: of each question, in the same order; "" where it stands by itself.
        unmeasured: questions that have no value, but should.
        seed: of the resampling.
    """
    n = len(values)
    if not n:
        return Estimate(None, None, None, 0, unmeasured)
    mean = math.fsum(values) / n
    ones = sum(value == 1 for value in values)
    if set(values) <= {0, 1} and (n < FEW or min(ones, n - ones) < RARE):
        return Estimate(mean, *wilson(ones, n), n, unmeasured, "Wilson")
    units, method = _units(values, groups)
    if len(units) == 1:
        return Estimate(mean, None, None, n, unmeasured)
    return Estimate(mean, *_bootstrap(units, seed), n, unmeasured, method)


@cache
def wilson(ones: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    from scipy.stats import binomtest

    interval = binomtest(ones, n).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def paired_interval(a: Sequence[float], b: Sequence[float], groups: Sequence[str] = (), *, seed: int = 0) -> Estimate:
    """The mean of b minus a, question by question, with its 95 % range by bootstrap; over groups as in mean_interval.

    A single question gives a range without width.
    """
    differences = [y - x for x, y in zip(a, b, strict=True)]
    if not differences:
        return Estimate(None, None, None, 0)
    units, method = _units(differences, groups)
    mean = math.fsum(differences) / len(differences)
    return Estimate(mean, *_bootstrap(units, seed), len(differences), method=method)


def paired_permutation(a: Sequence[float], b: Sequence[float], groups: Sequence[str] = (), *, seed: int = 0) -> float:
    """How often two equal systems would differ by as much as a and b, two-sided: a permutation test of paired values.

    The two systems' values are swapped at random, those of a group together. Exact where so few questions differ that
    all swaps can be tried; 1 where at most one does.
    """
    import numpy as np
    from scipy.stats import permutation_test

    units, _ = _units([y - x for x, y in zip(a, b, strict=True)], groups)
    sums = np.sort([total for total, _ in units if total])  # a unit without a difference stays as it is when swapped
    if len(sums) < 2:
        return 1.0
    result = permutation_test(
        (sums / 2, -sums / 2),
        lambda x, y, axis: np.sum(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=max(1, 2_000_000 // len(sums)),
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)


def mcnemar(a: Sequence[float], b: Sequence[float]) -> float:
    """McNemar's exact test of two runs' rights and wrongs: whether those that flip do so both ways alike, two-sided."""
    from scipy.stats import binomtest

    gained = sum(x < y for x, y in zip(a, b, strict=True))
    lost = sum(x > y for x, y in zip(a, b, strict=True))
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def holm(p: Sequence[float]) -> list[float]:
    """Holm's correction: p of each test such that the chance of any false alarm among them all stays as it was."""
    adjusted, largest = [0.0] * len(p), 0.0
    for place, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        largest = max(largest, min(1.0, (len(p) - place) * p[i]))
        adjusted[i] = largest
    return adjusted


def detectable_difference(a: Sequence[float], b: Sequence[float]) -> float | None:
    """The smallest mean difference that these questions show four times in five, given how the two runs vary.

    None where that cannot be told: too few questions, or all differ alike.
    """
    differences = [y - x for x, y in zip(a, b, strict=True)]
    deviation = _deviation(differences)
    return _Z * deviation / math.sqrt(len(differences)) if deviation else None


def detectable_by_size(values: Sequence[float]) -> float | None:
    """The same, before there is another run: what this run's values lead one to expect.

    Of rights and wrongs: as if the other run differed on 15 % of the questions, which is usual; of other values: as
    if both were correlated accordingly.
    """
    if len(values) < 2:
        return None
    is_binary = set(values) <= {0, 1}
    deviation = math.sqrt(DISCORDANT) if is_binary else math.sqrt(2 * (1 - SHARED)) * _deviation(values)
    return _Z * deviation / math.sqrt(len(values)) if deviation else None


def draws(times: Sequence[int] | NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """How often each kind of unit comes up when as many are drawn, with replacement, as there are.

    Args:
        times: how many units there are of each kind.
        seed: of the draws.

    Returns:
        (RESAMPLES, kinds) counts.
    """
    import numpy as np

    total = int(np.sum(times))
    return np.random.default_rng(seed).multinomial(total, np.asarray(times) / total, size=RESAMPLES)


def range_of(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of resampled values."""
    import numpy as np

    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def has_groups(groups: Sequence[str]) -> bool:
    """Whether groups are resampled: there are several questions in some, and enough of them."""
    named = [group for group in groups if group]
    alone = len(groups) - len(named)
    return len(set(named)) < len(named) and len(set(named)) + alone >= FEWEST_GROUPS


def _units(values: Sequence[float], groups: Sequence[str]) -> tuple[list[tuple[float, int]], str]:
    """What is drawn together, in order: the sum and the number of its values; and the method's name."""
    if not has_groups(groups):
        return sorted((value, 1) for value in values), "bootstrap"
    held: dict[str, list[float]] = defaultdict(list)
    alone = []
    for value, group in zip(values, groups, strict=True):
        if group:
            held[group].append(value)
        else:
            alone.append((value, 1))
    return sorted([*alone, *((math.fsum(v), len(v)) for v in held.values())]), "bootstrap over groups"


def _bootstrap(units: Sequence[tuple[float, int]], seed: int) -> tuple[float, float]:
    """The 95 % range of the mean of all values, by drawing units."""
    import numpy as np

    kinds, times = np.unique(np.array(units, dtype=np.float64), axis=0, return_counts=True)
    totals = draws(times, seed) @ kinds
    return range_of(totals[:, 0] / totals[:, 1])


def _deviation(values: Sequence[float]) -> float:
    """Standard deviation of a sample; 0 where there is none to tell."""
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))

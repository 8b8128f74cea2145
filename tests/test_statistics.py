"""Intervals and tests: against scipy, against values worked out by hand, and by properties."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy import stats

from qa.evaluation.statistics import (
    detectable_by_size,
    detectable_difference,
    holm,
    mcnemar,
    mean_interval,
    paired_interval,
    paired_permutation,
    wilson,
)

UNIFORM = [random.Random(i).random() for i in range(200)]


def test_wilson_is_the_published_formula():
    n, p, z = 20, 0.9, stats.norm.ppf(0.975)
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    assert wilson(18, 20) == pytest.approx((middle - half, middle + half))


def test_the_bootstrap_agrees_with_scipy():
    ours = mean_interval(UNIFORM)
    scipys = stats.bootstrap(
        (np.array(UNIFORM),), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    assert ours.value == pytest.approx(np.mean(UNIFORM))
    assert (ours.low, ours.high) == pytest.approx((scipys.low, scipys.high), abs=0.005)
    assert (ours.n, ours.method) == (200, "bootstrap")


def test_the_bootstrap_of_rights_and_wrongs_agrees_with_the_binomial():
    ours = mean_interval([1.0] * 120 + [0.0] * 280)
    low, high = stats.binom.ppf([0.025, 0.975], 400, 0.3) / 400
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize(
    ("ones", "zeros", "method"),
    [(20, 29, "Wilson"), (25, 25, "bootstrap"), (4, 400, "Wilson"), (400, 4, "Wilson"), (5, 400, "bootstrap")],
)
def test_few_or_rare_rights_and_wrongs_get_wilsons_interval(ones, zeros, method):
    estimate = mean_interval([1.0] * ones + [0.0] * zeros)
    assert estimate.method == method
    assert estimate.low < estimate.value < estimate.high


def test_all_right_leaves_room_below():
    assert mean_interval([1.0] * 100) == mean_interval([1] * 100)
    assert mean_interval([1.0] * 100).low == pytest.approx(wilson(100, 100)[0])
    assert mean_interval([1.0] * 100).high == 1


def test_questions_that_go_wrong_together_are_drawn_together():
    values, groups = (
        [float(i % 2) for i in range(10) for _ in range(20)],
        [f"week {i}" for i in range(10) for _ in range(20)],
    )
    alone, together = mean_interval(values), mean_interval(values, groups)
    assert together.method == "bootstrap over groups"
    assert together.value == alone.value == 0.5
    # ten weeks, each wholly right or wrong, are ten coins, not two hundred
    low, high = stats.binom.ppf([0.025, 0.975], 10, 0.5) / 10
    assert (together.low, together.high) == pytest.approx((low, high), abs=0.01)
    assert alone.high - alone.low < 0.5 * (together.high - together.low)


@pytest.mark.parametrize("groups", [["w"] * 200, ["a", "b"] * 100, [str(i) for i in range(200)]])
def test_too_few_groups_or_groups_of_one_are_not_drawn(groups):
    assert mean_interval(UNIFORM, groups) == mean_interval(UNIFORM)


def test_larger_groups_weigh_more():
    values, groups = [1.0, *[0.5] * 8, *[0.0] * 3], [*"a", *"bbbbccdd", *"efg"]
    assert mean_interval(values, groups).value == pytest.approx(5 / 12)


def test_no_questions_have_no_figure_and_one_has_no_range():
    assert mean_interval([], unmeasured=3).value is None
    assert mean_interval([], unmeasured=3).unmeasured == 3
    one = mean_interval([0.4])
    assert (one.value, one.low, one.high) == (0.4, None, None)


def test_constant_values_have_a_range_without_width():
    estimate = mean_interval([0.5] * 60)
    assert (estimate.value, estimate.low, estimate.high) == (0.5, 0.5, 0.5)


def test_order_changes_nothing_and_the_seed_does():
    groups = [f"week {i % 9}" for i in range(200)]
    order = random.Random(2).sample(range(200), 200)
    shuffled, moved = [UNIFORM[i] for i in order], [groups[i] for i in order]
    assert mean_interval(shuffled) == mean_interval(UNIFORM)
    assert mean_interval(shuffled, moved) == mean_interval(UNIFORM, groups)
    zeros = [0.0] * 200
    assert paired_interval(zeros, shuffled, moved) == paired_interval(zeros, UNIFORM, groups)
    assert paired_permutation(shuffled, zeros, moved) == paired_permutation(UNIFORM, zeros, groups)
    assert mean_interval(UNIFORM, seed=1) != mean_interval(UNIFORM, seed=2)


def test_the_paired_range_is_of_the_second_minus_the_first():
    a, b = [0.2, 0.4, 0.6] * 20, [0.3, 0.5, 0.9] * 20
    estimate = paired_interval(a, b)
    assert estimate.value == pytest.approx((0.1 + 0.1 + 0.3) / 3)
    assert 0.1 < estimate.low < estimate.value < estimate.high < 0.3
    assert paired_interval(a, a).low == paired_interval(a, a).high == 0


@pytest.mark.parametrize(("gained", "lost"), [(10, 2), (5, 5), (1, 0), (0, 0), (0, 7)])
def test_mcnemar_counts_only_what_flips(gained, lost):
    a = [0.0] * gained + [1.0] * lost + [1.0] * 30 + [0.0] * 9
    b = [1.0] * gained + [0.0] * lost + [1.0] * 30 + [0.0] * 9
    flips = gained + lost
    tail = sum(stats.binom.pmf(k, flips, 0.5) for k in range(max(gained, lost), flips + 1))
    assert mcnemar(a, b) == pytest.approx(min(1, 2 * tail) if flips else 1)


def test_the_permutation_test_of_few_differences_is_exact():
    # all six the same way: 2 of the 2**6 swaps are as far from zero
    assert paired_permutation([0.0] * 6, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) == pytest.approx(2 / 64)
    assert paired_permutation([0.0, 0.0], [0.5, -0.5]) == 1


def test_the_permutation_test_of_rights_and_wrongs_is_mcnemars():
    a, b = [0.0] * 9 + [1.0] * 2 + [1.0] * 60, [1.0] * 9 + [0.0] * 2 + [1.0] * 60
    assert paired_permutation(a, b) == pytest.approx(mcnemar(a, b))


def test_the_permutation_test_agrees_with_scipys_over_all_questions():
    rng = np.random.default_rng(0)
    a, b = rng.random(80), rng.random(80) + 0.08
    expected = stats.permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", vectorized=True, rng=rng
    ).pvalue
    assert paired_permutation(list(a), list(b)) == pytest.approx(expected, abs=0.02)


def test_equal_runs_do_not_differ():
    assert paired_permutation(UNIFORM, UNIFORM) == 1
    assert mcnemar([1.0, 0.0], [1.0, 0.0]) == 1


def test_a_difference_within_one_group_is_one_difference():
    groups = [f"week {i}" for i in range(6) for _ in range(10)]
    a, b = [0.0] * 60, [1.0] * 60
    assert paired_permutation(a, b) < 0.001
    assert paired_permutation(a, b, groups) == pytest.approx(2 / 2**6)


def test_holm_worked_out_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(("n", "smallest"), [(100, 0.108), (400, 0.054), (1455, 0.028)])
def test_the_smallest_difference_that_a_test_set_of_rights_and_wrongs_shows(n, smallest):
    assert detectable_by_size([float(i % 2) for i in range(n)]) == pytest.approx(smallest, abs=0.0006)


def test_two_runs_that_really_differ_by_the_detectable_difference_are_told_apart_four_times_in_five():
    rng = np.random.default_rng(4)
    first = detectable_difference([0.0] * 100, list(rng.normal(0, 0.3, 100)))
    assert first == pytest.approx(2.8016 * 0.3 / 10, rel=0.2)
    seen = sum(stats.ttest_1samp(rng.normal(2.8016 * 0.3 / 10, 0.3, 100), 0).pvalue < 0.05 for _ in range(500))
    assert 0.74 < seen / 500 < 0.86


def test_what_never_varies_has_no_detectable_difference():
    assert detectable_difference([0.0, 1.0], [0.0, 1.0]) is None
    assert detectable_difference([0.0], [1.0]) is None
    assert detectable_by_size([0.5] * 40) is None
    assert detectable_by_size([]) is None

"""Abstention and confidence: worked out by hand, and checked against scikit-learn."""

from __future__ import annotations

import itertools
import random

import pytest

from qa.evaluation.abstaining import OVER_QUESTIONS, abstention_metrics, estimates, reliability, risk_coverage
from qa.evaluation.records import Gold, Row


def answered(confidence, right, **fields):
    return Row("q", {"answerable": True, **fields}, confidence=confidence, metrics={"right": float(right)})


def answered_anyway(confidence):
    return Row("q", {"answerable": False}, confidence=confidence, metrics={"right": None})


def refused(confidence, answerable):
    right = 0.0 if answerable else None
    return Row("q", {"answerable": answerable}, confidence=confidence, abstained=True, metrics={"right": right})


def values(rows):
    return {name: estimate.value for name, estimate in estimates(rows).items()}


@pytest.mark.parametrize(
    ("answerable", "abstained", "expected"),
    [
        (True, True, {"refused": None, "false_refusal": 1}),
        (True, False, {"refused": None, "false_refusal": 0}),
        (False, True, {"refused": 1, "false_refusal": None}),
        (False, False, {"refused": 0, "false_refusal": None}),
    ],
)
def test_a_refusal_counts_under_the_name_that_says_whether_it_was_right(answerable, abstained, expected):
    gold = Gold("q", "Who?", ("Ana",) if answerable else (), answerable=answerable)
    assert abstention_metrics(gold, Row("q", {}, abstained=abstained)) == expected
    assert set(abstention_metrics(gold, Row("q", {}, abstained=abstained, error="no network")).values()) == {None}


def test_the_curve_of_four_answers_and_a_refusal():
    rows = [answered(0.9, 1), answered(0.8, 0), answered(0.7, 1), answered_anyway(0.6), refused(0.1, False)]
    assert risk_coverage(rows) == [(1 / 5, 0), (2 / 5, 1 / 2), (3 / 5, pytest.approx(1 / 3)), (4 / 5, 2 / 4)]
    found = values(rows)
    area = (0 + 1 / 2 + 1 / 3 + 2 / 4) / 4
    best = (0 + 0 + 1 / 3 + 2 / 4) / 4
    assert found["AURC"] == pytest.approx(area)
    assert found["excess_AURC"] == pytest.approx(area - best)
    assert found["accuracy@80%"] == 2 / 4
    assert found["coverage@5%risk"] == 1 / 5
    assert found["coverage"] == 4 / 5
    assert found["refusal_precision"] == 1
    assert found["AUROC"] == 3 / 4  # of the four pairs of a right and a wrong answer, one is the wrong way round
    assert found["AUROC:answerable"] == 1
    assert found["Brier"] == pytest.approx((0.1**2 + 0.8**2 + 0.3**2 + 0.6**2) / 4)
    assert found["ECE"] == pytest.approx((0.1 + 0.8 + 0.3 + 0.6) / 4)


def test_accuracy_at_80_percent_leaves_the_least_sure_fifth_out():
    rows = [answered(0.9 - i / 100, i < 8) for i in range(10)]
    assert values(rows)["accuracy@80%"] == 1
    assert values(rows)["coverage@5%risk"] == 0.8


def test_answers_of_equal_confidence_count_as_in_the_mean_of_all_their_orders():
    rights = (1, 1, 0, 1)
    rows = [answered(0.9, 0), *(answered(0.5, right) for right in rights), answered(0.2, 0)]

    def area(order):
        errors, risks = 0, []
        for count, right in enumerate((0, *order, 0), 1):
            errors += 1 - right
            risks.append(errors / count)
        return sum(risks) / len(risks)

    orders = list(itertools.permutations(rights))
    assert values(rows)["AURC"] == pytest.approx(sum(map(area, orders)) / len(orders))
    assert [coverage for coverage, _ in risk_coverage(rows)] == [1 / 6, 5 / 6, 1]


def test_a_perfect_order_has_no_excess_and_a_perfect_refuser_is_perfect():
    rows = [answered(0.9, 1), answered(0.8, 1), refused(0.2, False), refused(0.1, False)]
    found = values(rows)
    assert found["AURC"] == found["excess_AURC"] == 0
    assert found["accuracy@80%"] == found["refusal_precision"] == found["AUROC:answerable"] == 1
    assert found["AUROC"] is None, "no answer is wrong"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [refused(0.1, True)] * 3,
        [answered(0.5, 1)] * 6,
        [answered(0.0, 0)] * 6,
        [answered(1.0, 1), answered(1.0, 0)],
        [answered(0.5, 1)],
        [Row("q", {"answerable": True}, error="no network")],
    ],
)
def test_no_figure_is_ever_nan(rows):
    for name, estimate in estimates(rows).items():
        for value in (estimate.value, estimate.low, estimate.high):
            assert value is None or value == value, name
    assert list(estimates(rows)) == list(OVER_QUESTIONS)


def test_constant_confidence_tells_nothing():
    found = values([answered(0.5, i < 3) for i in range(6)])
    assert found["AUROC"] == 0.5
    assert found["AURC"] == pytest.approx(0.5)
    assert found["ECE"] == 0


def test_a_question_that_failed_is_unmeasured_and_moves_no_figure():
    rows = [answered(0.9, 1), answered(0.3, 0), refused(0.1, False)]
    failed = Row("q", {"answerable": True}, confidence=1.0, error="no network")
    assert values([*rows, failed]) == values(rows)
    assert {e.unmeasured for e in estimates([*rows, failed]).values()} == {1}
    assert risk_coverage([*rows, failed]) == risk_coverage(rows)


def test_reliability_is_by_tenth_of_confidence_without_empty_ones():
    rows = [answered(0.92, 1), answered(0.98, 0), answered(1.0, 1), answered(0.15, 0), refused(0.5, True)]
    assert reliability(rows) == [
        (pytest.approx(0.15), 0, 1),
        (pytest.approx((0.92 + 0.98 + 1.0) / 3), pytest.approx(2 / 3), 3),
    ]


def sample(n, seed=3, groups=False):
    rng = random.Random(seed)
    return [
        answered(round(0.99 * rng.random(), 2), rng.random() < 0.6, group=f"week {i % 8}" if groups else "")
        for i in range(n)
    ]


def test_auroc_brier_and_reliability_agree_with_scikit_learn():
    metrics, calibration = pytest.importorskip("sklearn.metrics"), pytest.importorskip("sklearn.calibration")
    rows = sample(200)
    right, confidence = [row.metrics["right"] for row in rows], [row.confidence for row in rows]
    assert values(rows)["AUROC"] == pytest.approx(metrics.roc_auc_score(right, confidence))
    assert values(rows)["Brier"] == pytest.approx(metrics.brier_score_loss(right, confidence))
    shares, means = calibration.calibration_curve(right, [c + 0.001 for c in confidence], n_bins=10)
    assert [share for _, share, _ in reliability(rows)] == pytest.approx(list(shares))
    assert [mean for mean, _, _ in reliability(rows)] == pytest.approx(list(means - 0.001))


@pytest.mark.parametrize("groups", [False, True])
def test_the_order_of_the_rows_changes_nothing(groups):
    rows = sample(120, groups=groups)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert estimates(shuffled, seed=5) == estimates(rows, seed=5)
    assert reliability(shuffled) == reliability(rows)
    assert risk_coverage(shuffled) == risk_coverage(rows)


def test_ranges_hold_the_value_and_say_what_was_drawn():
    for rows, method in ((sample(120), "bootstrap"), (sample(120, groups=True), "bootstrap over groups")):
        found = estimates(rows)
        assert all(e.low <= e.value <= e.high for e in found.values() if e.value is not None)
        assert found["AUROC"].method == method
        assert found["AUROC"].high - found["AUROC"].low > 0.05

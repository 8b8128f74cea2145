"""A run summed up: what counts where, what is unmeasured, and that order changes nothing."""

from __future__ import annotations

import json
import random
from dataclasses import asdict

import pytest

from qa.evaluation.records import Gold, Row, Support
from qa.evaluation.run import plain_gold, score
from qa.evaluation.summary import METRICS, POINTS, display_name, summarise

FERRY = "About 1,200 passengers were stranded, Ana Ruiz said."
URL = "https://n.example/ferry"


def gold(name, answerable=True, **fields):
    supports = (Support(URL, FERRY),) if answerable else ()
    answers = ("1,200",) if answerable else ()
    return Gold(name, "How many passengers?", answers, answerable=answerable, supports=supports, **fields)


def asked(gold, text=FERRY, *, retrieved=True, **fields):
    """The scored row of a question that was answered with a text, or refused."""
    passage = {
        "rank": 1,
        "text": FERRY if retrieved else "Nothing.",
        "article_id": "a",
        "url": URL if retrieved else "",
    }
    citation = {"number": 1, "quote": text, "article_id": "a", "url": passage["url"], "verbatim": True}
    fields = {"confidence": 0.5, "timings": {"retrieve": 0.1, "total": 0.3}, **fields}
    if not fields.get("abstained"):
        fields["citations"] = (citation,)
    return score(gold, Row(gold.id, plain_gold(gold), text=f"{text} [1]", passages=(passage,), **fields))


def failed(gold):
    return score(gold, Row(gold.id, plain_gold(gold), error="no network"))


def mixed(n=40):
    """A run in which a bit of everything happens, with tags and groups."""
    rng = random.Random(5)
    rows = []
    for i in range(n):
        about = gold(f"q{i}", i % 4 != 3, tags={"kind": "ab"[i % 2], "year": str(2022 + i % 3)}, group=f"week {i % 8}")
        text = rng.choice([FERRY, "The dam was closed."])
        where = {"retrieved": rng.random() < 0.7, "abstained": rng.random() < 0.2, "confidence": rng.random()}
        rows.append(failed(about) if i % 13 == 12 else asked(about, text, **where))
    return rows


def test_a_perfect_run_is_perfect_in_every_figure():
    rows = [asked(gold(f"q{i}"), confidence=1.0) for i in range(3)]
    rows.append(asked(gold("q3", False), "I cannot tell.", abstained=True, confidence=0.0))
    overall = summarise(rows).overall
    perfect_at_0 = {"false_refusal", "AURC", "excess_AURC", "ECE", "Brier"}
    # what is not about being perfect, or has nothing to be told from: exact answers, coverage, wrong answers
    apart = {"answer_words", "exact_match", "f1", "coverage", "coverage@5%risk"}
    for name, estimate in overall.items():
        if estimate.value is not None and name not in apart:
            assert estimate.value == (0 if name in perfect_at_0 else 1), name
    assert overall["attributed"].n == 3 and overall["refused"].n == 1


def test_an_empty_run_has_every_figure_without_a_value():
    summary = summarise([])
    assert {e.value for e in summary.overall.values()} == {None}
    assert set(METRICS) == set(summary.overall)
    assert (summary.risk_coverage, summary.reliability, summary.latency, summary.tags) == ([], [], {}, {})
    assert set(summary.points) == set(POINTS) and sum(summary.points.values()) == 0


def test_figures_stand_in_the_order_of_their_names_and_each_has_one_for_people():
    assert list(summarise(mixed()).overall)[: len(METRICS)] == list(METRICS)
    assert display_name("attributed") == "right, and cites the gold evidence"
    assert "φ1" in display_name("citation_recall") and "φ0" in display_name("citation_recall:φ0")
    assert display_name("of my own") == "of my own"


def test_where_the_points_go():
    rows = [
        asked(gold("a")),
        asked(gold("b")),
        asked(gold("c"), "The dam was closed."),
        asked(gold("d"), retrieved=False),
        asked(gold("e"), "The dam was closed.", retrieved=False),
        asked(gold("f"), abstained=True),
        asked(gold("g", False), abstained=True),
        failed(gold("h")),
    ]
    assert list(summarise(rows).points.items()) == list(zip(POINTS, (2, 1, 1, 1, 1), strict=True))


def test_a_question_that_failed_is_unmeasured_where_it_would_have_counted_and_wrong_nowhere():
    rows = [asked(gold("a")), asked(gold("b", False), abstained=True)]
    both = summarise([*rows, failed(gold("c"))])
    for name in ("right", "f1", "hit@10", "article:MRR@10", "attributed", "false_refusal", "AUROC:answerable"):
        assert both.overall[name].unmeasured == 1, name
        assert both.overall[name].value == summarise(rows).overall[name].value, name
    assert both.overall["refused"].unmeasured == 0
    assert summarise([*rows, failed(gold("d", False))]).overall["refused"].unmeasured == 1
    assert summarise([*rows, failed(gold("d", False))]).overall["right"].unmeasured == 0
    assert both.counts == {
        "questions": 3,
        "answerable": 2,
        "unanswerable": 1,
        "answered": 1,
        "abstained": 1,
        "unmeasured": 1,
    }


def test_a_judge_that_failed_is_unmeasured():
    judged = asked(gold("a"), verdicts={"judge": {"correctness": "correct", "statements": [{"grounded": True}]}})
    broken = asked(gold("b"), verdicts={"judge": {"correctness": None, "statements": None}})
    right = summarise([judged, broken]).overall["judged_right"]
    assert (right.value, right.n, right.unmeasured) == (1, 1, 1)
    assert summarise([asked(gold("a"))]).overall["judged_right"].unmeasured == 0


def test_tags_break_down_only_what_their_questions_measured():
    rows = [
        asked(gold("a", tags={"kind": "number"})),
        asked(gold("b", tags={"kind": "number"}), "The dam was closed."),
        asked(gold("c", False, tags={"kind": "trap"}), abstained=True),
        failed(gold("d", tags={"kind": "lost"})),
        asked(gold("e")),
    ]
    kinds = summarise(rows).tags["kind"]
    assert list(kinds) == ["lost", "number", "trap"]
    assert (kinds["number"]["right"].value, kinds["number"]["right"].n) == (0.5, 2)
    assert "refused" not in kinds["number"] and "right" not in kinds["trap"]
    assert (kinds["trap"]["refused"].value, kinds["trap"]["refused"].n) == (1, 1)
    assert (kinds["lost"]["right"].value, kinds["lost"]["right"].unmeasured) == (None, 1)


def test_groups_are_drawn_whole():
    rows = [asked(gold(f"q{i}", group=f"week {i % 6}"), *(["No."] if i % 2 else [])) for i in range(60)]
    assert summarise(rows).overall["right"].method == "bootstrap over groups"


def test_latency_is_by_stage_with_the_total_last_and_without_what_was_not_timed():
    rows = [asked(gold(f"q{i}"), timings={"total": i / 10, "retrieve": 0.1}) for i in range(1, 12)]
    latency = summarise([*rows, asked(gold("cold"), timings={})]).latency
    assert list(latency) == ["retrieve", "total"]
    assert latency["total"] == (pytest.approx(0.6), pytest.approx(1.05), 11)


def test_what_this_many_questions_can_show():
    rows = [asked(gold(f"q{i}"), FERRY if i % 2 else "No.") for i in range(100)]
    assert summarise(rows).detectable["right"] == pytest.approx(0.108, abs=0.001)


def test_the_order_of_the_rows_changes_nothing_and_the_same_seed_gives_the_same():
    rows = mixed()
    shuffled = random.Random(1).sample(rows, len(rows))
    assert asdict(summarise(shuffled, seed=3)) == asdict(summarise(rows, seed=3))


def test_everything_is_plain_json_without_nan():
    for rows in (mixed(), [], [failed(gold("a"))], [asked(gold("a"))]):
        json.dumps(asdict(summarise(rows)), allow_nan=False)


def test_shares_lie_in_their_ranges_and_in_0_to_1():
    for name, e in summarise(mixed()).overall.items():
        if e.value is not None and name != "answer_words":
            assert 0 <= e.value <= 1, name
            assert e.low is None or 0 <= e.low <= e.value <= e.high <= 1, name

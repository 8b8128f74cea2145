"""Retrieval metrics: worked out by hand, checked against ir-measures' own reading, and by properties."""

from __future__ import annotations

import math
import random

import pytest

from qa.evaluation.ranking import METRICS, retrieval_metrics
from qa.evaluation.records import Gold, Row, Support

FERRY = "About 1,200 passengers were stranded, Ana Ruiz said."
DAM = "The dam was closed on March 4 for repairs."


def gold(*supports, answers=("1,200",), answerable=True):
    return Gold("q", "How many?", answers, answerable=answerable, supports=supports)


def passage(rank, text="Nothing of the kind.", article="", **place):
    return {"rank": rank, "text": text, "article_id": article or f"a{rank}", "url": "", "origin": "", **place}


def row(*passages, **fields):
    return Row("q", {}, passages=passages, **fields)


def fillers(*ranks):
    return [passage(rank) for rank in ranks]


def test_a_quote_first_held_by_the_third_passage():
    scores = retrieval_metrics(gold(Support(quote=FERRY)), row(*fillers(1, 2), passage(3, f"Monday. {FERRY} More.")))
    assert scores["hit@1"] == 0
    assert scores["hit@4"] == scores["hit@5"] == scores["hit@10"] == 1
    assert scores["recall@5"] == scores["all_evidence@10"] == 1
    assert scores["MRR@10"] == pytest.approx(1 / 3)
    assert scores["nDCG@10"] == pytest.approx((1 / math.log2(4)) / (1 / math.log2(2)))


def test_two_quotes_of_which_one_is_found_second():
    scores = retrieval_metrics(gold(Support(quote=FERRY), Support(quote=DAM)), row(passage(1), passage(2, FERRY)))
    assert scores["recall@5"] == scores["recall@10"] == 0.5
    assert scores["all_evidence@10"] == 0
    assert scores["MRR@10"] == 0.5
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    assert scores["nDCG@10"] == pytest.approx((1 / math.log2(3)) / ideal)


def test_recall_at_5_does_not_see_the_sixth_passage_and_nothing_sees_the_eleventh():
    sixth = retrieval_metrics(gold(Support(quote=FERRY)), row(*fillers(1, 2, 3, 4, 5), passage(6, FERRY)))
    assert (sixth["hit@5"], sixth["recall@5"], sixth["hit@10"], sixth["recall@10"]) == (0, 0, 1, 1)
    eleventh = retrieval_metrics(gold(Support(quote=FERRY)), row(*fillers(*range(1, 11)), passage(11, FERRY)))
    assert {name: value for name, value in eleventh.items() if value} == {}


def test_two_quotes_in_one_passage_are_two_found():
    scores = retrieval_metrics(gold(Support(quote=FERRY), Support(quote=DAM)), row(passage(1, f"{FERRY} {DAM}")))
    assert {name: v for name, v in scores.items() if v is not None and v != 1} == {}


def test_a_quote_found_twice_is_worth_no_more_than_once():
    once = retrieval_metrics(gold(Support(quote=FERRY), Support(quote=DAM)), row(passage(1, FERRY), passage(2)))
    twice = retrieval_metrics(gold(Support(quote=FERRY), Support(quote=DAM)), row(passage(1, FERRY), passage(2, FERRY)))
    assert once == twice


def test_a_quote_is_recognised_across_line_breaks_and_typography_but_not_in_part():
    asked = gold(Support(quote='Ruiz said: "the ferry stopped at noon"'))
    assert retrieval_metrics(asked, row(passage(1, "Ruiz said: “the\n  ferry stopped at noon”")))["hit@1"] == 1
    assert retrieval_metrics(asked, row(passage(1, "Ruiz said: the ferry stopped at noonday")))["hit@1"] == 0


def test_a_passage_within_a_longer_gold_text_is_gold_but_two_words_of_it_are_not():
    asked = gold(Support(quote=f"{DAM} {FERRY}"))
    assert retrieval_metrics(asked, row(passage(1, FERRY)))["hit@1"] == 1
    assert retrieval_metrics(asked, row(passage(1, "Ana Ruiz")))["hit@1"] == 0


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("https://www.news.example/ferry/", {"url": "http://news.example/ferry"}),
        ("scrapes/ferry.txt", {"origin": "/home/ana/corpus/scrapes/ferry.txt"}),
        ("0123456789abcdef", {"article": "0123456789abcdef"}),
        ("https://other.example/copy", {"also_in": [{"url": "https://other.example/copy"}]}),
    ],
)
def test_a_gold_article_is_known_by_address_path_id_or_a_copy_of_it(name, place):
    scores = retrieval_metrics(gold(Support(article=name)), row(passage(1, **place)))
    assert scores["article:hit@1"] == 1
    assert scores["hit@1"] is None, "no gold passage is known"


@pytest.mark.parametrize("place", [{"url": "https://news.example/ferry-2"}, {"origin": "other/xferry.txt"}])
def test_a_likely_name_is_not_the_gold_article(place):
    asked = gold(Support(article="https://news.example/ferry"), Support(article="ferry.txt"))
    assert retrieval_metrics(asked, row(passage(1, **place)))["article:hit@10"] == 0


def test_an_article_stands_where_its_best_passage_does_and_only_once():
    passages = [passage(1, article="x"), passage(2, article="x"), passage(3, article="x"), passage(4, article="gold")]
    scores = retrieval_metrics(gold(Support(article="gold")), row(*passages))
    assert scores["article:MRR@10"] == 1 / 2
    assert scores["article:hit@1"] == 0


def test_passages_count_by_their_rank_whatever_order_they_are_listed_in():
    passages = [*fillers(1, 2), passage(3, FERRY, url="https://n.example/1"), *fillers(4, 5)]
    asked = gold(Support("https://n.example/1", FERRY))
    expected = retrieval_metrics(asked, row(*passages))
    random.Random(0).shuffle(passages)
    assert retrieval_metrics(asked, row(*passages)) == expected


def test_nothing_retrieved_is_0_and_never_missing():
    scores = retrieval_metrics(gold(Support("https://n.example/1", FERRY)), row())
    assert {v for name, v in scores.items() if "answer_in_passage" not in name} == {0.0}


def test_without_supports_only_the_answer_is_looked_for_under_a_name_of_its_own():
    scores = retrieval_metrics(gold(answers=("1,300", "1,200 passengers")), row(passage(1), passage(2, FERRY)))
    assert [scores[f"answer_in_passage@{k}"] for k in (1, 5, 10)] == [0, 1, 1]
    assert {v for name, v in scores.items() if "answer_in_passage" not in name} == {None}
    assert retrieval_metrics(gold(Support(quote=FERRY)), row(passage(1, FERRY)))["answer_in_passage@1"] is None


def test_every_part_of_an_answer_must_stand_in_one_passage():
    asked = gold(answers=("Ruiz; 1,200",))
    assert retrieval_metrics(asked, row(passage(1, FERRY)))["answer_in_passage@1"] == 1
    assert retrieval_metrics(asked, row(passage(1, "Ruiz"), passage(2, "1,200")))["answer_in_passage@10"] == 0


@pytest.mark.parametrize(
    ("asked", "fields"),
    [(gold(answers=(), answerable=False), {}), (gold(Support(quote=FERRY)), {"error": "no network"})],
)
def test_what_cannot_be_answered_or_was_not_asked_has_no_retrieval_figures(asked, fields):
    scores = retrieval_metrics(asked, row(passage(1, FERRY), **fields))
    assert set(scores) == set(METRICS) and set(scores.values()) == {None}


def test_random_rankings_agree_with_the_formulas():
    rng = random.Random(7)
    for _ in range(20):
        names = [f"gold{i}" for i in range(rng.randint(1, 4))]
        ranked = rng.sample(names + [f"x{i}" for i in range(12)], 12)
        passages = [passage(i, article=name) for i, name in enumerate(ranked, 1)]
        scores = retrieval_metrics(gold(*(Support(article=name) for name in names)), row(*passages))
        gains = [name in names for name in ranked[:10]]
        ideal = sum(1 / math.log2(i + 2) for i in range(len(names)))
        assert scores["article:recall@5"] == sum(gains[:5]) / len(names)
        assert scores["article:MRR@10"] == pytest.approx(next((1 / (i + 1) for i, g in enumerate(gains) if g), 0))
        expected = sum(g / math.log2(i + 2) for i, g in enumerate(gains)) / ideal
        assert scores["article:nDCG@10"] == pytest.approx(expected)

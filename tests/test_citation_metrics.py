"""Citation metrics: ALCE's recall and precision on small answers, and whether the gold evidence is reached."""

from __future__ import annotations

import pytest

from qa.evaluation.citing import (
    Statement,
    alce,
    backs_by_content,
    backs_by_words,
    citation_metrics,
    statements,
)
from qa.evaluation.records import Gold, Row, Support

FERRY = "About 1,200 passengers were stranded, Ana Ruiz said."
DAM = "The dam was closed on March 4 for repairs."


def gold(*supports, answers=("1,200",), answerable=True):
    return Gold("q", "How many?", answers, answerable=answerable, supports=supports)


def citation(number, quote, url="https://n.example/1", verbatim=True, **fields):
    return {"number": number, "quote": quote, "article_id": url, "url": url, "verbatim": verbatim, **fields}


def row(text, *citations, right=1.0, **fields):
    return Row("q", {}, text=text, citations=citations, metrics={"right": right}, **fields)


def holds_all(text, statement, language):
    """A statement is backed where each of its letters stands in the text."""
    return set(statement) <= set(text)


def test_recall_is_of_statements_and_precision_of_citations():
    said = [Statement("ab", (1, 2)), Statement("c", (2,)), Statement("d", ())]
    recall, precision = alce(said, {1: "a", 2: "b"}, holds_all)
    assert recall == pytest.approx(1 / 3)  # ab by both together; c not by b; d cites nothing
    assert precision == pytest.approx(2 / 3)  # both of the first are needed, the third backs nothing


def test_a_citation_that_adds_nothing_costs_precision_alone():
    assert alce([Statement("ab", (1, 2))], {1: "ab", 2: "z"}, holds_all) == (1, 0.5)


def test_two_citations_that_each_back_the_statement_are_both_needed():
    assert alce([Statement("a", (1, 2))], {1: "a", 2: "a"}, holds_all) == (1, 1)


def test_the_fourth_citation_of_a_statement_does_not_count():
    assert alce([Statement("d", (1, 2, 3, 4))], {1: "a", 2: "b", 3: "c", 4: "d"}, holds_all) == (0, 0)


def test_nothing_said_or_cited_is_0():
    assert alce([], {}, holds_all) == (0, 0)
    assert alce([Statement("a", ())], {}, holds_all) == (0, 0)
    assert alce([Statement("a", (9,))], {}, holds_all) == (0, 0)


def test_marks_belong_to_the_sentence_that_they_follow():
    said = statements(row("The dam is closed. [1] The ferry stopped [2], they say [3][4]. Nobody knows why."))
    assert [s.cited for s in said] == [(1,), (2, 3, 4), ()]
    assert [s.text for s in said] == ["The dam is closed.", "The ferry stopped, they say.", "Nobody knows why."]


def test_a_quote_of_two_sentences_with_one_mark_leaves_none_uncited():
    text = "The ferry stopped. Nobody was hurt. [1]"
    assert [s.cited for s in statements(row(text, citation(1, "The ferry stopped.\nNobody was hurt.")))] == [(1,), (1,)]
    assert [s.cited for s in statements(row(text, citation(1, "Nobody was hurt.")))] == [(), (1,)]


@pytest.mark.parametrize(
    ("text", "statement", "by_words", "by_content"),
    [
        (f"Monday. {FERRY} More.", FERRY, True, True),
        (f"Monday. {FERRY}", "Ana Ruiz said about 1200 passengers were stranded.", False, True),
        (FERRY, "Ana Ruiz said about 1,300 passengers were stranded.", False, False),
        (FERRY, "Eva Ruiz said about 1,200 passengers were stranded.", False, False),
        (FERRY, "Ana Ruiz said 1,200 tourists slept aboard freezing buses.", False, False),
        ("Passengers were stranded.", "Passengers were stranded in Lisbon.", False, False),
        (DAM, "The dam was closed on March 14 for repairs.", False, False),
        (FERRY, "It is so.", False, False),
    ],
)
def test_what_backs_a_statement_at_each_tier(text, statement, by_words, by_content):
    assert backs_by_words(text, statement) is by_words
    assert backs_by_content(text, statement) is by_content


def test_copied_sentences_are_backed_at_both_tiers():
    scores = citation_metrics(gold(), row(f"{FERRY} [1] {DAM} [2]", citation(1, FERRY), citation(2, DAM)))
    for name in ("verbatim", "citation_recall", "citation_precision", "citation_recall:φ0", "citation_precision:φ0"):
        assert scores[name] == 1, name


def test_a_paraphrase_is_backed_by_content_only():
    scores = citation_metrics(gold(), row("Ana Ruiz said 1,200 passengers were stranded. [1]", citation(1, FERRY)))
    assert (scores["citation_recall"], scores["citation_recall:φ0"]) == (1, 0)


def test_the_passage_around_a_quote_its_headline_and_its_day_count_as_cited():
    cited = citation(1, "About 1,200 were stranded.", title="Storm halts ferry", published="2025-03-04")
    text = "The storm stranded about 1,200 near Porto on March 4, 2025. [1]"
    around = {"rank": 1, "text": "Near Porto. About 1,200 were stranded.", "article_id": cited["article_id"]}
    elsewhere = {**around, "article_id": "another"}
    assert citation_metrics(gold(), row(text, cited, passages=(around,)))["citation_recall"] == 1
    assert citation_metrics(gold(), row(text, cited, passages=(elsewhere,)))["citation_recall"] == 0


def test_verbatim_is_the_share_of_citations_that_stand_in_their_article():
    cited = (citation(1, FERRY), citation(2, DAM, verbatim=False))
    assert citation_metrics(gold(), row("x [1][2]", *cited))["verbatim"] == 0.5
    assert citation_metrics(gold(), row("x"))["verbatim"] is None


def test_attributed_needs_a_right_answer_and_a_citation_that_reaches_the_gold():
    asked = gold(Support("https://n.example/1", FERRY))
    reaches, misses = citation(1, DAM), citation(1, DAM, url="https://n.example/2")
    assert citation_metrics(asked, row("1,200 [1]", reaches))["attributed"] == 1
    assert citation_metrics(asked, row("1,200 [1]", misses))["attributed"] == 0, "copying any passage must not win"
    assert citation_metrics(asked, row("9 [1]", reaches, right=0.0))["attributed"] == 0
    assert citation_metrics(asked, row("1,200"))["attributed"] == 0
    assert citation_metrics(asked, row("1,200 [1]", reaches, right=None))["attributed"] is None


def test_another_article_with_the_same_statement_reaches_the_gold():
    asked = gold(Support("https://n.example/1", FERRY))
    told_again = citation(1, "Ana Ruiz said 1,200 passengers were stranded.", url="https://n.example/2")
    assert citation_metrics(asked, row("1,200 [1]", told_again))["attributed"] == 1


@pytest.mark.parametrize(
    ("quote", "cited"),
    [
        ("The bank raised its main rate to 5.5 percent.", "The bank cut its main rate to 5 percent."),
        ("Can we have two golds?", "Two families at odds won the prize."),
    ],
)
def test_a_statement_of_another_day_or_a_few_words_in_common_do_not_reach_the_gold(quote, cited):
    asked = gold(Support("https://n.example/1", quote))
    elsewhere = citation(1, cited, url="https://n.example/2")
    assert citation_metrics(asked, row("1,200 [1]", elsewhere))["attributed"] == 0


def test_a_copy_in_another_outlet_reaches_the_gold():
    copied = citation(1, DAM, url="https://n.example/2", also_in=[{"url": "https://n.example/1"}])
    assert citation_metrics(gold(Support("https://n.example/1")), row("1,200 [1]", copied))["attributed"] == 1


def test_without_supports_the_cited_quote_must_hold_the_answer():
    assert citation_metrics(gold(), row("1,200 [1]", citation(1, FERRY)))["attributed"] == 1
    scores = citation_metrics(gold(), row("1,200 [1]", citation(1, DAM)))
    assert (scores["attributed"], scores["gold_citation_precision"], scores["gold_citation_recall"]) == (0, 0, None)


def test_gold_precision_is_of_citations_and_gold_recall_of_supports():
    asked = gold(Support("https://n.example/1"), Support("https://n.example/2"), Support("https://n.example/3"))
    cited = (citation(1, FERRY), citation(2, DAM, url="https://n.example/9"))
    scores = citation_metrics(asked, row("1,200 [1][2]", *cited))
    assert scores["gold_citation_precision"] == 1 / 2
    assert scores["gold_citation_recall"] == pytest.approx(1 / 3)


def test_a_refusal_is_not_measured_by_its_citations_but_is_not_attributed():
    scores = citation_metrics(gold(Support(quote=FERRY)), row("No.", right=0.0, abstained=True))
    assert {name for name, value in scores.items() if value is not None} == {"attributed"}
    assert scores["attributed"] == 0
    unanswerable = citation_metrics(gold(answers=(), answerable=False), row("No.", right=None, abstained=True))
    assert set(unanswerable.values()) == {None}


def test_an_answer_without_citations_is_0_and_a_question_that_failed_is_nothing():
    scores = citation_metrics(gold(Support(quote=FERRY)), row("1,200"))
    assert {name: v for name, v in scores.items() if v != 0} == {"verbatim": None}
    assert set(citation_metrics(gold(), row("", error="no network")).values()) == {None}

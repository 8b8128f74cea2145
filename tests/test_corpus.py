"""The bundled corpus keeps what corpus/README.md says of it, as the articles come out of ingest."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingest.clean import clean
from ingest.metadata import complete
from ingest.records import Article, Rejected
from ingest.sources import read

CORPUS = Path(__file__).parents[1] / "corpus"
KINDS = {"factoid", "list", "number", "date", "quote", "why", "across", "changed", "followup", "unanswerable"}


def article_files():
    return sorted(path for path in (CORPUS / "articles").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def outcomes():
    return [(path, item) for path in article_files() for item in read(str(path))]


@pytest.fixture(scope="module")
def articles(outcomes):
    return [(path, complete(clean(item))) for path, item in outcomes if isinstance(item, Article)]


@pytest.fixture(scope="module")
def text_of(articles):
    """Each article's text by its url, or by its path among the articles where it has none."""
    return {article.url or path.relative_to(CORPUS / "articles").as_posix(): article.text for path, article in articles}


@pytest.fixture(scope="module")
def questions():
    lines = (CORPUS / "testset.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def supports(question):
    """Every (article, quote) that a question rests on."""
    further = [(part["article"], part["quote"]) for part in question.get("quotes", [])]
    return [(question["article"], question["quote"]), *further]


def test_no_file_of_the_corpus_is_rejected(outcomes):
    assert [item for _, item in outcomes if isinstance(item, Rejected)] == []


def test_there_are_at_least_sixty_articles_and_none_twice(articles):
    assert len(articles) >= 60
    assert len({article.article_id for _, article in articles}) == len(articles)


def test_every_article_has_a_title_a_date_and_a_language(articles):
    for path, article in articles:
        assert article.title, path
        assert article.published and 2018 <= article.published.year <= 2025, path
        assert article.language in {"en", "es"}, path


def test_every_addressed_article_comes_from_a_labelled_sample_outlet(articles):
    for path, article in articles:
        if article.url:
            assert article.source.endswith(("(sample)", "(muestra)")), path
            assert article.url.split("/")[2].endswith(".example"), path


def test_no_furniture_is_left_in_any_article(articles):
    furniture = (
        *("Animated Arrow", " Icon", "Similar News", "Select Language", "Advertisement", "Rail strike"),
        *("cookies", "Accept all", "Aceptar", "Related stories", "Noticias relacionadas"),
    )
    for path, article in articles:
        assert [words for words in furniture if words in article.text] == [], path
        assert article.title not in article.text.splitlines(), path


def test_the_wire_copy_has_another_headline_over_almost_the_same_text(articles):
    by_url = {article.url: article for _, article in articles}
    wire = by_url["https://meridian-wire.example/2021/03/29/ever-given-refloated-suez"]
    copy = by_url["https://harbor-ledger.example/2021/03/29/suez-canal-open-again"]
    shared = set(wire.text.split("\n")) & set(copy.text.split("\n"))
    assert copy.title != wire.title
    assert 0.8 * len(wire.text) < sum(map(len, shared)) < len(wire.text)


def test_question_ids_are_unique(questions):
    assert [name for name, times in Counter(q["id"] for q in questions).items() if times > 1] == []


def test_there_are_enough_questions_of_every_kind(questions):
    kinds = Counter(q["kind"] for q in questions)
    assert len(questions) >= 150
    assert kinds["unanswerable"] >= 30
    assert KINDS <= set(kinds)
    assert {"en", "es"} <= {q["language"] for q in questions}


def test_exactly_the_unanswerable_questions_have_no_answers(questions):
    for q in questions:
        assert q["answerable"] == bool(q["answers"]) == (q["kind"] != "unanswerable"), q["id"]


def test_a_question_says_what_its_kind_needs(questions):
    for q in questions:
        if q["kind"] == "changed":
            date.fromisoformat(q["as_of"])
        if q["kind"] == "followup":
            assert all(len(turn) == 2 for turn in q["history"]) and q["history"], q["id"]
        if q["kind"] == "across":
            assert len({part["article"] for part in q["quotes"]}) >= 2, q["id"]


def test_every_quote_stands_verbatim_in_its_article(questions, text_of):
    wrong = [
        (q["id"], article)
        for q in questions
        if q["answerable"]
        for article, quote in supports(q)
        if not quote or quote not in text_of.get(article, "")
    ]
    assert wrong == []


def test_nothing_published_after_the_as_of_day_is_needed(questions, articles):
    published = {article.url: article.published.date() for _, article in articles if article.published}
    for q in questions:
        if q.get("as_of") and q["article"] in published:
            assert published[q["article"]] <= date.fromisoformat(q["as_of"]), q["id"]


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def practice():
    return lines(CORPUS / "practice" / "articles.jsonl"), lines(CORPUS / "practice" / "testset.jsonl")


def test_every_quote_for_practice_stands_verbatim_in_its_article(practice):
    articles, asked = practice
    texts = {article["url"]: article["text"] for article in articles}
    assert len(asked) >= 300 and len({q["id"] for q in asked}) == len(asked)
    assert [q["id"] for q in asked if q["answerable"] and q["quote"] not in texts[q["article"]]] == []
    assert all(q["answerable"] == bool(q["answers"]) for q in asked)


def test_practice_shares_no_question_with_the_test_set(practice, questions):
    assert not {q["question"].lower() for q in practice[1]} & {q["question"].lower() for q in questions}


@pytest.fixture(scope="module")
def lessons():
    return [line for path in sorted((CORPUS / "lessons").glob("*.jsonl")) for line in lines(path)]


def test_every_answer_of_the_lessons_stands_in_its_quote_and_that_in_its_article(lessons):
    wrong = [
        (line["title"], question)
        for line in lessons
        for question, answer, quote in line["asked"]
        if not answer or answer not in quote or quote not in line["text"]
    ]
    assert len(lessons) >= 200 and wrong == []


def test_no_question_of_the_lessons_is_both_answered_and_not(lessons):
    for line in lessons:
        assert not {question for question, *_ in line["asked"]} & set(line["not_answered"]), line["title"]


def test_names_hardly_tell_which_questions_of_the_lessons_are_answered(lessons):
    """Else the reader learns to mistrust whoever names what is asked about, as people do."""

    def share_with_a_name(questions):
        return sum(bool(re.search(r"\s[A-ZÁÉÍÓÚÑ]\w", question)) for question in questions) / len(questions)

    answered = share_with_a_name([question for line in lessons for question, *_ in line["asked"]])
    others = share_with_a_name([question for line in lessons for question in line["not_answered"]])
    assert answered > 0.5 and others - answered < 0.2


def test_lessons_practice_and_the_sample_have_no_article_in_common(lessons, practice, articles):
    titles = [{line["title"] for line in lessons}, {a["title"] for a in practice[0]}, {a.title for _, a in articles}]
    assert sum(map(len, titles)) == len(set.union(*titles))

"""The evaluation: what counts as right, supported and refused, and how a bad test set is told."""

import json
from datetime import UTC, datetime

import pytest

from ingest.errors import QuestionError, SourceError
from ingest.records import Article
from qa.evaluation import contains, evaluate, load_testset, normalise
from qa.records import Answer, Citation

FERRY = Article(
    text="The ferry stopped on Monday. About 1,200 passengers were stranded, Ana Ruiz said.",
    title="Storm halts ferry",
    url="https://news.example/ferry",
    published=datetime(2025, 3, 4, tzinfo=UTC),
)
WIRE = Article(text=FERRY.text, title="Ferry halted", url="https://wire.example/ferry")
SCRAPE = Article(text="Growers expect a late harvest.", origin="/somewhere/corpus/scrapes/vineyard.txt")
OTHER = Article(text="Nothing of the kind happened.", url="https://news.example/other")
QUESTION = {
    "id": "q1",
    "question": "How many passengers were stranded?",
    "answers": ["1,200 passengers", "1200"],
    "answerable": True,
    "kind": "number",
    "article": FERRY.url,
    "quote": "About 1,200 passengers were stranded, Ana Ruiz said.",
    "language": "en",
}
UNANSWERABLE = {"id": "q2", "question": "Who won?", "answers": [], "answerable": False, "kind": "unanswerable"}


class Scripted:
    """An assistant that gives prepared answers, and remembers how it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def retrieve(self, question):
        return []

    def answer(self, question, **where):
        self.asked.append((question, where))
        return self.answers.pop(0)


def cited(text, *articles, quote=None, also_in=()):
    citations = tuple(
        Citation(n, article, 0, len(quote or article.text), quote or article.text, also_in)
        for n, article in enumerate(articles, 1)
    )
    return Answer("?", text, False, 0.9, citations)


def refusal(text="The articles here do not answer that."):
    return Answer("?", text, True, 0.1)


def write(path, *questions):
    path.write_text("".join(json.dumps(question) + "\n" for question in questions), encoding="utf-8")
    return path


@pytest.fixture
def outcome_of(tmp_path):
    def ask(answer, **changes):
        testset = write(tmp_path / "testset.jsonl", {**QUESTION, **changes})
        return evaluate(testset, Scripted(answer)).outcomes[0]

    return ask


def test_case_accents_punctuation_and_the_articles_of_the_language_do_not_count():
    assert normalise("The Café, “Olé”!") == "cafe ole"
    assert normalise("La Niña", "es") == "nina"
    assert normalise("The Who", "es") == "the who"


def test_an_answer_is_contained_only_on_word_borders():
    assert contains("He met the Pope.", "pope")
    assert not contains("He met the popes.", "pope")
    assert not contains("It ended 2-1.", "1")


def test_an_answer_of_which_nothing_is_left_is_contained_nowhere():
    assert not contains("The end.", "The")


def test_a_right_answer_that_cites_the_gold_article_is_attributed(outcome_of):
    outcome = outcome_of(cited("About 1,200 passengers were stranded [1].", FERRY))
    assert (outcome.right, outcome.supported, outcome.attributed, outcome.abstained) == (True, True, True, False)


def test_a_right_answer_from_elsewhere_is_right_but_not_attributed(outcome_of):
    outcome = outcome_of(cited("It was 1,200 passengers [1].", OTHER))
    assert outcome.right
    assert not outcome.attributed


def test_a_wrong_answer_that_cites_the_gold_article_is_supported_but_not_attributed(outcome_of):
    outcome = outcome_of(cited("The ferry stopped on Monday [1].", FERRY))
    assert outcome.supported
    assert not outcome.right
    assert not outcome.attributed


def test_a_mark_does_not_pass_for_a_number_in_the_answer(outcome_of):
    assert not outcome_of(cited("Some were stranded [1].", FERRY), answers=["1"]).right


def test_the_same_statement_in_another_article_supports_the_answer(outcome_of):
    repeated = "Some 1,200 passengers were stranded, said Ana Ruiz."
    assert outcome_of(cited("1,200 passengers [1]", OTHER, quote=repeated)).supported
    assert not outcome_of(cited("1,200 passengers [1]", OTHER, quote="Passengers waited.")).supported


def test_a_wire_copy_of_the_gold_article_supports_the_answer(outcome_of):
    assert outcome_of(cited("1,200 passengers [1]", WIRE, quote="The ferry stopped.", also_in=(FERRY,))).supported


def test_an_article_without_a_url_is_known_by_its_path(outcome_of):
    answer = cited("a late harvest [1]", SCRAPE)
    assert outcome_of(answer, article="scrapes/vineyard.txt", quote="x").supported
    assert not outcome_of(answer, article="scrapes/orchard.txt", quote="x").supported
    assert not outcome_of(answer, article="yard.txt", quote="x").supported


def test_an_answer_in_parts_needs_all_of_them(outcome_of):
    assert not outcome_of(cited("1,200 [1]", FERRY), answers=["1,200; on Monday"]).right
    assert outcome_of(cited("1,200, on Monday [1]", FERRY), answers=["1,200; on Monday"]).right


def test_a_question_across_articles_needs_every_one_of_them_cited(outcome_of):
    quotes = [{"article": FERRY.url, "quote": "x"}, {"article": OTHER.url, "quote": "y"}]
    assert not outcome_of(cited("1200 [1]", FERRY), quotes=quotes).supported
    assert outcome_of(cited("1200 [1][2]", FERRY, OTHER), quotes=quotes).supported


def test_a_refusal_is_never_right_even_where_its_words_hold_the_answer(outcome_of):
    outcome = outcome_of(refusal("No article tells of 1,200 passengers."))
    assert outcome.abstained
    assert not outcome.right


def test_scores_are_shares_of_the_questions_they_are_about(tmp_path):
    testset = write(tmp_path / "t.jsonl", QUESTION, QUESTION, UNANSWERABLE, UNANSWERABLE)
    answers = (cited("1,200 passengers [1]", FERRY), refusal(), refusal(), cited("Argentina [1]", OTHER))
    evaluation = evaluate(testset, Scripted(*answers)).to_dict()
    overall = evaluation["overall"]
    assert (overall["n"], overall["answerable"]) == (4, 2)
    assert (overall["right"], overall["attributed"], overall["false_refusals"]) == (0.5, 0.5, 0.5)
    assert overall["refused"] == 0.5
    assert evaluation["kinds"]["unanswerable"]["right"] is None
    assert evaluation["kinds"]["number"]["refused"] is None
    assert json.loads(json.dumps(evaluation)) == evaluation


def test_the_table_has_a_row_for_each_kind_and_one_for_all(tmp_path):
    testset = write(tmp_path / "t.jsonl", QUESTION, UNANSWERABLE)
    text = evaluate(testset, Scripted(cited("1200 [1]", FERRY), refusal())).to_text()
    rows = {line.split()[0]: line for line in text.splitlines() if line}
    assert "1/1 100%" in rows["number"]
    assert rows["unanswerable"].split()[:4] == ["unanswerable", "1", "-", "-"]
    assert rows["overall"].split()[1] == "2"


def test_history_and_as_of_reach_the_assistant(tmp_path):
    testset = write(tmp_path / "t.jsonl", {**QUESTION, "as_of": "2025-03-05", "history": [["Who?", "Ana Ruiz"]]})
    assistant = Scripted(refusal())
    evaluate(testset, assistant)
    ((question, where),) = assistant.asked
    assert question == QUESTION["question"]
    assert where["as_of"].isoformat() == "2025-03-05"
    assert list(where["history"]) == [("Who?", "Ana Ruiz")]


def test_progress_is_told_after_every_question(tmp_path):
    told = []
    testset = write(tmp_path / "t.jsonl", QUESTION, UNANSWERABLE)
    evaluate(testset, Scripted(refusal(), refusal()), on_progress=lambda *step: told.append(step))
    assert told == [("asking", 1, 2), ("asking", 2, 2)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{broken", "not a question"),
        ("[1]", "not a JSON object"),
        ('{"answers": []}', "'question' is missing"),
        ('{"question": " ", "answers": []}', "'question' is not text"),
        ('{"question": "Who?", "answers": "Ana"}', "'answers' is not a list"),
        ('{"question": "Who?", "answers": [], "answerable": true}', "'answerable' says otherwise"),
        ('{"question": "Who?", "answers": ["Ana"], "as_of": "yesterday"}', "yesterday"),
        ('{"question": "Who?", "answers": ["Ana"], "history": [["only one"]]}', "not a question"),
        ('{"question": "Who?", "answers": ["Ana"], "quotes": [{"quote": "x"}]}', "'article' is missing"),
    ],
)
def test_a_bad_line_is_an_error_that_names_file_and_line(tmp_path, line, problem):
    testset = tmp_path / "bad.jsonl"
    testset.write_text(json.dumps(QUESTION) + "\n\n" + line + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"bad\.jsonl, line 3: .*") as error:
        list(load_testset(testset))
    assert problem in str(error.value)


def test_a_question_that_cannot_be_asked_is_told_by_file_and_line(tmp_path):
    class Refusing(Scripted):
        def answer(self, question, **where):
            raise QuestionError("it is too long")

    with pytest.raises(SourceError, match=r"t\.jsonl, line 1: .*too long"):
        evaluate(write(tmp_path / "t.jsonl", QUESTION), Refusing())


def test_a_missing_or_empty_test_set_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        evaluate(tmp_path / "absent.jsonl", Scripted())
    with pytest.raises(SourceError, match="no questions"):
        evaluate(write(tmp_path / "empty.jsonl"), Scripted())

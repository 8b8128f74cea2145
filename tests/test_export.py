"""A run as rows that outside judges read."""

import json

from qa.evaluation.export import ragas_rows, ragchecker, write_exports
from qa.evaluation.records import Gold, Row, Run, Support
from qa.evaluation.run import plain_gold

PASSAGES = (
    {"rank": 1, "text": "It closed at noon.", "article_id": "a1"},
    {"rank": 2, "text": "Año nuevo.", "article_id": "a2"},
)


def run():
    answered = Gold(
        "q1", "When and why?", ("noon; floods", "12"), supports=(Support("u", "It closed at noon."), Support("v"))
    )
    unanswerable = Gold("q2", "Who flew?", answerable=False)
    rows = (
        Row("q1", plain_gold(answered), "It closed at noon. [1]", passages=PASSAGES),
        Row("q2", plain_gold(unanswerable), "Nothing found.", abstained=True),
        Row("q3", plain_gold(answered), error="timeout"),
    )
    return Run("now", {}, {}, None, rows)


def test_ragas_gets_question_contexts_response_and_reference():
    first, second = ragas_rows(run())
    assert first == {
        "user_input": "When and why?",
        "retrieved_contexts": ["It closed at noon.", "Año nuevo."],
        "response": "It closed at noon.",
        "reference": "noon, floods",
        "reference_contexts": ["It closed at noon."],
    }
    assert second == {"user_input": "Who flew?", "retrieved_contexts": [], "response": "Nothing found."}


def test_ragchecker_gets_what_has_an_accepted_answer():
    (only,) = ragchecker(run())["results"]
    assert only == {
        "query_id": "q1",
        "query": "When and why?",
        "gt_answer": "noon, floods",
        "response": "It closed at noon.",
        "retrieved_context": [
            {"doc_id": "a1", "text": "It closed at noon."},
            {"doc_id": "a2", "text": "Año nuevo."},
        ],
    }


def test_both_are_written_and_can_be_read_back(tmp_path):
    lines, whole = write_exports(run(), tmp_path)
    assert [json.loads(line) for line in lines.read_text("utf-8").splitlines()] == list(ragas_rows(run()))
    assert json.loads(whole.read_text("utf-8")) == ragchecker(run())

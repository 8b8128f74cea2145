"""The evaluation: asking, keeping rows, going on, recomputing, comparing two runs, holding a run to floors."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.errors import DatelineError, QuestionError, SettingsError, SourceError
from ingest.records import Article, Passage
from qa.evaluation import asking
from qa.evaluation.compare import compare
from qa.evaluation.evaluate import evaluate
from qa.evaluation.gate import gate
from qa.evaluation.records import Gold, Row, Run
from qa.evaluation.run import plain_gold, plain_run, read_run, recompute, write_run
from qa.records import Answer, Citation, ScoredPassage

FERRY = Article(
    text="The ferry stopped on Monday. About 1,200 passengers were stranded, Ana Ruiz said.",
    title="Storm halts ferry",
    url="https://news.example/ferry",
    published=datetime(2025, 3, 4, tzinfo=UTC),
)
QUESTION = {
    "id": "q1",
    "question": "How many passengers were stranded?",
    "answers": ["1,200 passengers", "1200"],
    "kind": "number",
    "article": FERRY.url,
    "quote": "About 1,200 passengers were stranded, Ana Ruiz said.",
}
UNANSWERABLE = {"id": "q2", "question": "Who won the cup?", "answers": [], "answerable": False, "kind": "unanswerable"}


class Scripted:
    """An assistant that gives prepared answers by question, and remembers how it was asked."""

    def __init__(self, answers=None, default=None):
        self.answers = answers or {}
        self.default = default
        self.asked = []

    def answer(self, question, **where):
        self.asked.append((question, where))
        answer = self.answers.get(question, self.default)
        if isinstance(answer, Exception):
            raise answer
        # as an assistant does, a new record for every question
        return replace(answer or refusal(), timings={"retrieve": 0.01, "answer": 0.02, "total": 0.03})


def right():
    start = FERRY.text.index("About")
    passage = Passage(0, FERRY.article_id, 0, len(FERRY.text), FERRY.text)
    citation = Citation(1, FERRY, start, len(FERRY.text), FERRY.text[start:])
    return Answer(
        "?",
        "About 1,200 passengers were stranded, Ana Ruiz said. [1]",
        False,
        0.9,
        (citation,),
        (ScoredPassage(passage, FERRY, 1.0, 1),),
    )


def wrong():
    return replace(right(), text="The ferry stopped on Monday. [1]")


def refusal():
    return Answer("?", "The articles here do not answer that.", True, 0.1)


def questions(n):
    return [{**QUESTION, "id": f"q{i}", "question": f"{QUESTION['question']} ({i})"} for i in range(n)]


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def testset(tmp_path):
    return write(tmp_path / "testset.jsonl", QUESTION, UNANSWERABLE)


@pytest.fixture
def many(tmp_path):
    return write(tmp_path / "many.jsonl", *questions(8))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(asking, "PAUSES", (0.0, 0.0))


# --- asking ---


def test_every_question_becomes_a_row_in_the_test_sets_order(testset):
    evaluation = evaluate(testset, Scripted({QUESTION["question"]: right()}))
    answered, refused = evaluation.run.rows
    assert (answered.id, refused.id) == ("q1", "q2")
    assert (answered.metrics["right"], answered.metrics["attributed"], answered.abstained) == (1, 1, False)
    assert answered.metrics["refused"] is None
    assert refused.metrics["refused"] == 1
    assert refused.metrics["right"] is None
    assert answered.passages[0]["url"] == FERRY.url
    assert answered.citations[0]["verbatim"] is True


def test_a_quote_that_does_not_stand_at_its_offsets_is_not_verbatim(testset):
    answer = right()
    shifted = replace(answer, citations=(replace(answer.citations[0], start=0),))
    row = evaluate(testset, Scripted({QUESTION["question"]: shifted})).run.rows[0]
    assert row.citations[0]["verbatim"] is False


def test_history_the_day_and_k_reach_the_assistant(tmp_path):
    row = {**QUESTION, "as_of": "2025-03-05", "history": [["Who?", "Ana Ruiz"]]}
    assistant = Scripted()
    evaluate(write(tmp_path / "t.jsonl", row), assistant, k=7)
    ((question, where),) = assistant.asked
    assert question == QUESTION["question"]
    assert where["as_of"].isoformat() == "2025-03-05"
    assert list(where["history"]) == [("Who?", "Ana Ruiz")]
    assert where["k"] == 7


def test_a_question_that_cannot_be_asked_is_unmeasured_and_not_wrong(testset):
    assistant = Scripted({QUESTION["question"]: QuestionError("it is too long")})
    evaluation = evaluate(testset, assistant)
    row = evaluation.run.rows[0]
    assert "too long" in row.error
    assert row.metrics.get("right") is None
    assert evaluation.metrics["right"] is None
    assert evaluation.summary.overall["right"].unmeasured == 1
    assert evaluation.summary.overall["refused"].unmeasured == 0


def test_a_bug_on_one_question_does_not_cost_the_answers_to_the_others(testset):
    evaluation = evaluate(testset, Scripted({QUESTION["question"]: ZeroDivisionError("by zero")}))
    assert "ZeroDivisionError" in evaluation.run.rows[0].error
    assert evaluation.run.rows[1].metrics["refused"] == 1


def test_an_evaluation_in_which_nothing_could_be_asked_is_an_error_that_says_why(testset):
    with pytest.raises(DatelineError, match=r"none of the 2 questions.*no such model"):
        evaluate(testset, Scripted(default=DatelineError("no such model")))


def test_it_gives_up_where_question_after_question_fails(many):
    assistant = Scripted(default=DatelineError("the endpoint is down"))
    with pytest.raises(DatelineError, match="last 5 questions could not be asked: the endpoint is down"):
        evaluate(many, assistant)
    assert len(assistant.asked) == 5


def test_the_first_answer_is_the_cold_start_and_in_no_latency(many):
    evaluation = evaluate(many, Scripted(default=right()))
    assert evaluation.run.cold_start > 0
    assert [bool(row.timings) for row in evaluation.run.rows] == [False] + [True] * 7
    p50, p95, n = evaluation.summary.latency["retrieve"]
    assert (p50, n) == (pytest.approx(0.01), 7)


def test_progress_is_told_after_every_question_with_the_running_score(testset):
    told = []
    evaluate(testset, Scripted({QUESTION["question"]: right()}), on_progress=lambda *step: told.append(step))
    assert [step[1:] for step in told] == [(1, 2), (2, 2)]
    assert "right 100%" in told[0][0]
    assert "refused 100%" in told[1][0]


def test_workers_ask_at_the_same_time_and_the_order_stays(many):
    together = threading.Barrier(3, timeout=20)

    class Slow(Scripted):
        def answer(self, question, **where):
            if not question.endswith(("(0)", "(7)")):  # the first is asked alone; 6 others in two threes
                together.wait()
            return super().answer(question, **where)

    evaluation = evaluate(many, Slow(default=right()), workers=3)
    assert [row.id for row in evaluation.run.rows] == [f"q{i}" for i in range(8)]


def test_an_llm_that_fails_once_is_asked_again(testset):
    class Flaky(Scripted):
        def answer(self, question, **where):
            self.asked.append(question)
            if len(self.asked) == 1:
                raise DatelineError("rate limit")
            return right()

    from qa.evaluation.testset import load

    gold = load(testset).golds[0]
    assert asking.ask(Flaky(), gold, k=10, llm=True).error == ""
    assert "rate limit" in asking.ask(Flaky(), gold, k=10, llm=False).error


def test_a_limit_draws_the_same_questions_for_the_same_seed_and_keeps_their_order(many):
    def asked(limit, seed):
        return [row.id for row in evaluate(many, Scripted(default=right()), limit=limit, seed=seed).run.rows]

    assert len(asked(3, 1)) == 3
    assert asked(3, 1) == asked(3, 1) == sorted(asked(3, 1))
    assert set(asked(3, 1)) < set(asked(5, 1))
    assert any(asked(3, 1) != asked(3, seed) for seed in range(2, 6))


def test_a_test_set_without_a_usable_question_is_an_error(tmp_path):
    with pytest.raises(SourceError):
        evaluate(tmp_path / "absent.jsonl", Scripted())
    empty = tmp_path / "empty.jsonl"
    empty.write_text("{broken\n", encoding="utf-8")
    with pytest.raises(SourceError):
        evaluate(empty, Scripted())


# --- going on where it was cut off ---


class Stopping(Scripted):
    """Is stopped by the user at the fourth question."""

    def answer(self, question, **where):
        if len(self.asked) == 3:
            raise KeyboardInterrupt
        return super().answer(question, **where)


def test_an_evaluation_that_was_cut_off_goes_on_with_the_questions_that_are_left(many, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        evaluate(many, Stopping(default=right()), out=out)
    rest = Scripted(default=wrong())
    evaluation = evaluate(many, rest, out=out)
    assert len(rest.asked) == 5
    assert [row.metrics["right"] for row in evaluation.run.rows] == [1, 1, 1, 0, 0, 0, 0, 0]
    assert [row.id for row in evaluation.run.rows] == [f"q{i}" for i in range(8)]


def test_a_row_cut_in_half_by_a_kill_is_asked_again(many, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        evaluate(many, Stopping(default=right()), out=out)
    journal = out / "rows.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    rest = Scripted(default=right())
    evaluate(many, rest, out=out)
    assert len(rest.asked) == 6


def test_what_failed_is_asked_again_by_the_same_command(testset, tmp_path):
    out = tmp_path / "out"
    evaluate(testset, Scripted({QUESTION["question"]: DatelineError("busy")}), out=out)
    second = Scripted(default=right())
    evaluation = evaluate(testset, second, out=out)
    assert [question for question, _ in second.asked] == [QUESTION["question"]]
    assert not any(row.error for row in evaluation.run.rows)


def test_a_finished_evaluation_is_made_anew_by_the_same_command(testset, tmp_path):
    evaluate(testset, Scripted(default=right()), out=tmp_path / "out")
    again = Scripted(default=right())
    evaluate(testset, again, out=tmp_path / "out")
    assert len(again.asked) == 2


@pytest.mark.parametrize("cut_off", [True, False], ids=["cut off", "finished"])
def test_a_folder_of_another_test_set_or_setting_is_refused_with_what_to_do(testset, many, tmp_path, cut_off):
    out = tmp_path / "out"
    if cut_off:
        with pytest.raises(KeyboardInterrupt):
            evaluate(many, Stopping(default=right()), out=out)
    else:
        evaluate(many, Scripted(default=right()), out=out)
    with pytest.raises(SettingsError, match="another test set .*--out"):
        evaluate(testset, Scripted(), out=out)
    with pytest.raises(SettingsError, match="another k .*--out"):
        evaluate(many, Scripted(), out=out, k=3)


def test_workers_and_limit_may_change_on_the_way(many, tmp_path):
    out = tmp_path / "out"
    evaluate(many, Scripted(default=right()), out=out, limit=2)
    assert len(evaluate(many, Scripted(default=right()), out=out, workers=2).run.rows) == 8


# --- run.json ---


def test_a_run_is_the_same_once_read_back(testset, tmp_path):
    run = evaluate(testset, Scripted({QUESTION["question"]: right()}), out=tmp_path / "out").run
    assert plain_run(read_run(tmp_path / "out")) == plain_run(run)
    assert not (tmp_path / "out" / "rows.jsonl").exists()


def test_every_metric_can_be_computed_again_from_the_file_alone(testset, tmp_path, monkeypatch):
    evaluation = evaluate(testset, Scripted({QUESTION["question"]: right()}), out=tmp_path / "out")
    stored = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    for row in stored["rows"]:
        assert row["metrics"]
        row["metrics"] = {}
    (tmp_path / "bare.json").write_text(json.dumps(stored), encoding="utf-8")
    monkeypatch.setattr("qa.assistant.Assistant.answer", None)
    monkeypatch.setattr("ingest.embed.PassageEmbeddings.encode_few", None)
    again = recompute(read_run(tmp_path / "bare.json"))
    assert [row.metrics for row in again.rows] == [row.metrics for row in evaluation.run.rows]


def test_recomputing_sees_what_the_row_says_and_not_what_was_measured_before(testset):
    run = evaluate(testset, Scripted({QUESTION["question"]: right()})).run
    changed = replace(run, rows=(replace(run.rows[0], text="Nobody was.", short=""), run.rows[1]))
    assert recompute(changed).rows[0].metrics["right"] == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "cannot be read"), ("[]", "no evaluation run"), ('{"version": 99, "rows": []}', "version 99")],
)
def test_a_file_that_is_no_run_is_an_error_that_says_so(tmp_path, content, told):
    path = tmp_path / "run.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=told):
        read_run(path)


def test_a_run_says_what_was_asked_of_what(testset, tmp_path):
    bad = write(tmp_path / "bad.jsonl", QUESTION, {"answers": ["no question"]})
    run = evaluate(bad, Scripted(default=right()), k=4, seed=3).run
    assert len(run.testset["sha256"]) == 64
    assert run.testset["questions"] == 1
    assert run.testset["dropped"][0][0] == 2
    assert (run.setting["k"], run.setting["seed"]) == (4, 3)
    assert run.setting["version"]


# --- comparing ---


def made(values, *, metric="right", sha="a" * 64, group=None, text="x"):
    """A run whose questions have these values; None is unmeasured."""
    rows = tuple(
        Row(
            f"q{i}",
            plain_gold(Gold(f"q{i}", f"Question {i}?", ("x",), group=group(i) if group else "")),
            text=text,
            error="failed" if value is None else "",
            metrics={} if value is None else {metric: float(value)},
        )
        for i, value in enumerate(values)
    )
    return Run(
        "2026-01-01", {"sha256": sha, "path": "t.jsonl", "format": "native", "questions": len(rows)}, {}, 1, rows
    )


def difference(a, b, metric="right"):
    return next(found for found in compare(a, b).differences if found.metric == metric)


def test_a_run_compared_with_itself_differs_in_nothing():
    run = made([1, 0, 1, 1])
    found = difference(run, run)
    assert (found.difference, found.low, found.high) == (0, 0, 0)
    assert (found.wins, found.ties, found.losses) == (0, 4, 0)
    assert found.p == found.mcnemar == 1
    assert compare(run, run).gained == compare(run, run).lost == ()


def test_wins_and_losses_are_counted_question_by_question():
    found = difference(made([1, 0, 0, 0]), made([0, 1, 1, 0]))
    assert (found.wins, found.ties, found.losses) == (2, 1, 1)
    assert found.difference == pytest.approx(0.25)


def test_mcnemar_is_the_exact_test_of_the_flipped_questions():
    # eight flips, all one way: 2 * (1/2)**8
    found = difference(made([0] * 8 + [1] * 12), made([1] * 20))
    assert found.mcnemar == pytest.approx(2 / 2**8)
    assert found.p < 0.05


def test_a_lower_rate_of_false_refusals_is_a_win():
    found = difference(made([1, 1], metric="false_refusal"), made([0, 1], metric="false_refusal"), "false_refusal")
    assert (found.wins, found.ties, found.losses) == (1, 1, 0)


def test_flipped_questions_are_listed_both_ways():
    comparison = compare(made([1, 0, 1], text="before"), made([0, 1, 1], text="after"))
    assert [(flip.id, flip.a, flip.b) for flip in comparison.gained] == [("q1", "before", "after")]
    assert [flip.id for flip in comparison.lost] == ["q0"]
    assert "Question 1?" in comparison.to_text()
    assert "Question 0?" in comparison.to_markdown()


def test_questions_in_one_run_only_and_changed_ones_are_listed_and_not_compared():
    a, b = made([1, 1, 0, 0]), made([1, 1, 1])
    rows = (b.rows[0], replace(b.rows[1], gold={**b.rows[1].gold, "answers": ["y"]}), b.rows[2])
    comparison = compare(a, replace(b, rows=rows, testset={**b.testset, "sha256": "b" * 64}))
    assert (comparison.only_a, comparison.only_b, comparison.changed) == (("q3",), (), ("q1",))
    assert comparison.matched == 2
    assert not comparison.same_testset
    assert "different test sets" in comparison.to_text()


def test_an_unmeasured_question_is_neither_won_nor_lost():
    found = difference(made([1, 1, 1]), made([1, None, 0]))
    assert (found.n, found.unmeasured, found.losses) == (2, 1, 1)


def test_only_headline_metrics_are_corrected_for_their_number():
    a, b = made([0, 1, 0, 1]), made([1, 1, 1, 0])
    assert difference(a, b).adjusted is not None
    a, b = made([0, 1], metric="hit@4"), made([1, 1], metric="hit@4")
    assert difference(a, b, "hit@4").adjusted is None


def test_runs_with_nothing_in_common_cannot_be_compared():
    other = made([1])
    with pytest.raises(SettingsError, match="no question in common"):
        compare(made([1]), replace(other, rows=(replace(other.rows[0], id="z"),)))


def test_a_comparison_is_plain_json():
    value = compare(made([1, 0]), made([0, 0])).to_dict()
    assert json.loads(json.dumps(value))["matched"] == 2


# --- the gate ---


def test_a_floor_that_is_reached_passes_and_one_that_is_missed_fails():
    run = made([1, 1, 1, 0])
    assert gate(run, minimum={"right": 0.75}).exit_code == 0
    missed = gate(run, minimum={"right": 0.76})
    assert missed.exit_code == 1
    assert "75.0" in missed.to_text()


def test_a_ceiling_is_held_too():
    run = made([1, 0, 0, 0], metric="false_refusal")
    assert gate(run, maximum={"false_refusal": 0.25}).exit_code == 0
    assert gate(run, maximum={"false_refusal": 0.2}).exit_code == 1


def test_a_run_that_chance_could_not_make_equal_fails_and_an_equal_one_passes():
    baseline = made([1] * 100)
    assert gate(made([1] * 100), baseline, no_worse={"right": 0.0}).exit_code == 0
    worse = made([0] * 20 + [1] * 80)
    assert gate(worse, baseline, no_worse={"right": 0.05}).exit_code == 1
    assert gate(worse, baseline, no_worse={"right": 0.5}).exit_code == 0


def test_more_false_refusals_are_worse_and_fewer_are_not():
    few, more = made([0] * 100, metric="false_refusal"), made([1] * 30 + [0] * 70, metric="false_refusal")
    assert gate(more, few, no_worse={"false_refusal": 0.05}).exit_code == 1
    assert gate(few, more, no_worse={"false_refusal": 0.0}).exit_code == 0


def test_another_test_set_cannot_be_decided():
    verdict = gate(made([1] * 10), made([1] * 10, sha="b" * 64), no_worse={"right": 0.1})
    assert verdict.exit_code == 3
    assert "another test set" in verdict.to_text()


def test_more_than_two_percent_unmeasured_cannot_be_decided():
    assert gate(made([1] * 98 + [None] * 2), minimum={"right": 0.5}).exit_code == 0
    assert gate(made([1] * 97 + [None] * 3), minimum={"right": 0.5}).exit_code == 3
    assert gate(made([1] * 97 + [None] * 3), made([1] * 100), no_worse={"right": 0.5}).exit_code == 3


def test_a_metric_that_the_run_lacks_cannot_be_decided():
    assert gate(made([1, 1]), minimum={"refused": 0.5}).exit_code == 3


def test_what_is_missed_for_sure_outweighs_what_is_undecided():
    assert gate(made([0, 0]), minimum={"right": 0.5, "refused": 0.5}).exit_code == 1


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ({}, "nothing to hold"),
        ({"minimum": {"rihgt": 0.5}}, "no metric 'rihgt'"),
        ({"no_worse": {"right": 0.1}}, "--baseline"),
        ({"baseline": made([1])}, "--no-worse"),
        ({"baseline": made([1]), "no_worse": {"right": -0.1}}, "0 or more"),
        ({"baseline": made([1]), "no_worse": {"answer_words": 1}}, "neither more nor less"),
    ],
)
def test_a_condition_that_cannot_be_used_is_an_error(conditions, told):
    with pytest.raises(SettingsError, match=told):
        gate(made([1]), **conditions)


def test_a_run_file_written_and_read_gives_the_same_verdict(tmp_path):
    write_run(made([1, 0]), tmp_path / "run.json")
    assert gate(read_run(tmp_path / "run.json"), minimum={"right": 0.5}).exit_code == 0


# --- documents that come with a test set ---


STORM = "A storm hit Green Island on Monday. About 1,200 passengers were stranded overnight, Ana Ruiz said."
HARVEST = "Growers in the Lena valley expect to pick grapes three weeks late this year."


def test_documents_that_come_with_a_test_set_fill_a_library_of_their_own(tmp_path):
    from qa.evaluation.testset import load

    testset = replace(
        load(write(tmp_path / "t.jsonl", {**QUESTION, "article": "https://docs.example/storm", "quote": ""})),
        documents=(
            Article(text=STORM, title="Storm", url="https://docs.example/storm"),
            Article(text=HARVEST, title="Harvest", url="https://docs.example/harvest"),
        ),
    )
    told = []
    evaluation = evaluate(testset, on_progress=lambda *step: told.append(step))
    row = evaluation.run.rows[0]
    assert row.passages[0]["url"] == "https://docs.example/storm"
    assert row.metrics["article:hit@1"] == 1
    assert evaluation.run.setting["library"]["articles"] == 2
    assert told[0][0].startswith("filling")
    assert evaluation.run.cold_start is None


def test_documents_that_come_with_a_question_are_read_without_retrieval(tmp_path):
    from qa.evaluation.testset import load

    testset = load(write(tmp_path / "t.jsonl", {**QUESTION, "article": "", "quote": ""}))
    documents = (Article(text=HARVEST, origin="t:1"), Article(text=STORM, origin="t:2"))
    testset = replace(testset, golds=(replace(testset.golds[0], documents=documents),))
    row = evaluate(testset).run.rows[0]
    assert {passage["origin"] for passage in row.passages} == {"t:1", "t:2"}
    assert row.passages[0]["origin"] == "t:2"
    assert all(citation["verbatim"] for citation in row.citations)
    assert "documents" not in row.gold


# --- the whole line ---


def test_a_small_library_is_evaluated_from_question_to_report(small, tmp_path):
    from ingest.library import Library

    with Library.open(small) as library:
        article = next(library.articles())
    quote = article.text.split(". ")[0]
    row = {"id": "a", "question": f"{article.title}?", "answers": [quote], "article": article.url, "quote": quote}
    testset = write(tmp_path / "t.jsonl", row, UNANSWERABLE)
    evaluation = evaluate(testset, library=small, out=tmp_path / "out")
    assert evaluation.run.rows[0].metrics["article:hit@10"] == 1
    assert evaluation.run.setting["library"]["articles"] == 12
    assert len(evaluation.run.setting["embedding"]["sha256"]) == 64
    assert "article:hit@10" in evaluation.to_text()
    assert evaluation.to_markdown()
    assert "<html" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert json.loads(json.dumps(evaluation.to_dict()))["questions"][0]["id"] == "a"


def test_no_run_tells_where_a_model_lies_on_the_machine_that_made_it(small, testset, tmp_path):
    from ingest.library import Library
    from qa.assistant import Assistant

    with Library.open(small) as library:
        library.meta["embedding_model"] = "/home/ana/models/mine"
        evaluate(testset, Assistant(library), out=tmp_path / "out")
    assert read_run(tmp_path / "out").setting["embedding"]["name"] == "mine"
    assert not any("/home/ana" in path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.*"))


def test_the_tokens_of_an_llm_are_counted_question_by_question_in_every_worker(small, tmp_path):
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
    from langchain_core.messages import AIMessageChunk
    from langchain_core.outputs import ChatGenerationChunk

    class Model(GenericFakeChatModel):
        def _stream(self, messages, stop=None, run_manager=None, **options):
            usage = {"input_tokens": 50, "output_tokens": 9, "total_tokens": 59}
            told = AIMessageChunk("It rained [1].", usage_metadata=usage, response_metadata={"model_name": "fake"})
            yield ChatGenerationChunk(message=told)

    testset = write(tmp_path / "t.jsonl", *questions(4))
    evaluation = evaluate(testset, library=small, llm=Model(messages=iter(())), workers=2)
    assert [row.tokens for row in evaluation.run.rows] == [{"input": 50, "output": 9}] * 4
    assert "tokens: 200 in, 36 out" in evaluation.to_text()

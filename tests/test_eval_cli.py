"""`dateline eval`: a test set, its subcommands, what they print and the exit codes that a pipeline acts on."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module

import pytest
from test_cli import ARTICLES, dateline
from typer.testing import CliRunner

from ingest.library import Library
from ingest.pipeline import ingest
from qa.evaluation.run import plain_gold, read_run, write_run
from qa.evaluation.testset import load
from ui.cli import app

QUESTION = {
    "id": "passengers",
    "question": "How many passengers were stranded?",
    "answers": ["1,200"],
    "article": ARTICLES[0]["url"],
    "quote": "About 1,200 passengers were stranded overnight, harbour master Ana Ruiz said.",
    "kind": "number",
}
HARVEST = {
    "id": "harvest",
    "question": "How many weeks late do growers expect to pick grapes?",
    "answers": ["three weeks"],
    "article": ARTICLES[1]["url"],
    "quote": "Growers in the Lena valley expect to pick grapes three weeks late this year.",
    "kind": "number",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("eval")
    source = folder / "articles.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    with Library.open(folder / "library", create=True) as opened:
        ingest(opened, [str(source)])
    return folder / "library"


@pytest.fixture(scope="module")
def testset(tmp_path_factory):
    path = tmp_path_factory.mktemp("testset") / "testset.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (QUESTION, HARVEST)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def finished(library, testset, tmp_path_factory):
    """The folder of a finished evaluation."""
    out = tmp_path_factory.mktemp("runs") / "today"
    done = run("eval", testset, "--library", library, "--out", out)
    assert done.exit_code == 0, done.output
    return out


def run(*arguments):
    """The command in this process: quicker than a new one each time."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def changed(folder, path, **metrics):
    """The same run with another text, so that every figure computed again is another one."""
    held = read_run(folder)
    rows = tuple(replace(row, **metrics) for row in held.rows)
    write_run(replace(held, rows=rows), path)
    return path


def test_a_test_set_is_measured_by_the_command_as_a_user_runs_it(library, testset):
    done = dateline("eval", testset, "--library", library, "--json")
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["testset"]["questions"] == 2
    assert value["summary"]["overall"]["article:hit@1"]["value"] == 1
    assert [question["id"] for question in value["questions"]] == ["passengers", "harvest"]


def test_options_may_stand_before_the_test_set(library, testset):
    done = run("eval", "--library", library, "--limit", "1", testset)
    assert done.exit_code == 0, done.output
    assert "attributed" in done.stdout


def test_a_finished_evaluation_leaves_the_run_and_its_reports(finished):
    assert {"run.json", "report.html", "report.md"} <= {path.name for path in finished.iterdir()}
    assert len(read_run(finished).rows) == 2


def test_rows_that_cannot_be_used_are_told_and_strict_stops_at_them(library, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(QUESTION) + "\n{broken\n", encoding="utf-8")
    done = run("eval", path, "--library", library)
    assert done.exit_code == 0
    assert "line 2: left out" in done.stderr
    assert run("eval", path, "--library", library, "--strict").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["eval"], "Missing argument"),
        (["eval", "absent.jsonl"], "absent.jsonl"),
        (["eval", "compare", "absent.json", "absent.json"], "absent.json"),
        (["eval", "compare", "one.json"], "Missing argument"),
        (["eval", "gate", "absent.json", "--min", "right=0.5"], "absent.json"),
        (["eval", "gate", "absent.json", "--min", "right"], "a metric and a number"),
        (["eval", "gate", "absent.json", "--no-worse", "right:much"], "a metric and a number"),
        (["eval", "make", "0"], "Invalid value"),
        (["eval", "report", "absent.json", "--price", "1", "x"], "--price"),
        (["eval", "absent.jsonl", "--price", "-1", "1"], "price -1 1 cannot be one"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_says_what_is_wrong(arguments, told):
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_two_runs_are_compared(finished, tmp_path):
    worse = changed(finished, tmp_path / "worse.json", text="Nothing of the kind.", short="")
    text = run("eval", "compare", finished, worse)
    assert text.exit_code == 0, text.output
    assert "2 questions lost by the second run" in text.stdout
    assert run("eval", "compare", finished, worse, "--markdown").stdout.count("\n| --- |") == 1
    value = json.loads(run("eval", "compare", finished / "run.json", worse, "--json").stdout)
    assert value["matched"] == 2
    assert len(value["lost"]) == 2


def test_the_report_is_written_anew_from_the_run_alone(finished, tmp_path):
    copy = changed(finished, tmp_path / "run.json")
    assert run("eval", "report", copy).exit_code == 0
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert run("eval", "report", copy, "--out", tmp_path / "summary.md").exit_code == 0
    assert "<html" not in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_price_tells_the_cost_where_tokens_are_known(finished, library, testset, tmp_path):
    paid = changed(finished, tmp_path / "run.json", tokens={"input": 2000, "output": 50})
    assert run("eval", "report", paid, "--price", "0.5", "2").exit_code == 0
    assert "0.0022, 0.0011 an answer" in (tmp_path / "report.html").read_text(encoding="utf-8")
    out = tmp_path / "reader"
    done = run("eval", testset, "--library", library, "--price", "0.5", "2", "--out", out)
    assert "cost: unmeasured, as no tokens are known" in done.stdout
    assert "unmeasured, as no tokens" in (out / "report.md").read_text(encoding="utf-8")
    assert json.loads(run("eval", testset, "--library", library, "--price", "0.5", "2", "--json").stdout)["cost"] == {
        "total": None, "known": 0, "unmeasured": 2}  # fmt: skip


def test_the_gate_says_by_its_exit_code_what_became_of_the_run(finished, tmp_path):
    worse = changed(finished, tmp_path / "worse.json", text="Nothing of the kind.", short="")
    assert run("eval", "gate", finished, "--min", "article:hit@1=1").exit_code == 0
    missed = run("eval", "gate", worse, "--min", "right=0.5")
    assert missed.exit_code == 1
    assert "fail" in missed.stdout
    assert run("eval", "gate", worse, "--baseline", finished, "--no-worse", "right:0.1").exit_code == 1
    assert run("eval", "gate", finished, "--baseline", finished, "--no-worse", "right:0").exit_code == 0
    assert run("eval", "gate", finished, "--min", "rihgt=0.5").exit_code == 2
    held = read_run(finished)
    write_run(replace(held, testset={**held.testset, "sha256": "0" * 64}), tmp_path / "other.json")
    undecided = run("eval", "gate", finished, "--baseline", tmp_path / "other.json", "--no-worse", "right:0", "--json")
    assert undecided.exit_code == 3
    assert json.loads(undecided.stdout)["state"] == "undecided"


def test_a_crash_of_the_gate_is_undecided_and_not_a_regression(finished, monkeypatch):
    def crash(*arguments, **options):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(import_module("qa.evaluation.gate"), "gate", crash)
    assert run("eval", "gate", finished, "--min", "right=0.5").exit_code == 3


def test_a_drafted_test_set_can_be_loaded(tmp_path):
    draft, source = tmp_path / "draft.jsonl", tmp_path / "pier.txt"
    source.write_text("Ferry pier opens\n\nMayor Ana Ruiz opened the new ferry pier in Arvika before a crowd.")
    with Library.open(tmp_path / "library", create=True) as opened:
        ingest(opened, [str(source)])
    done = run("eval", "make", "2", "--library", tmp_path / "library", "--out", draft)
    assert done.exit_code == 0, done.output
    golds = load(draft).golds
    assert 1 <= len(golds) <= 2
    assert all(plain_gold(gold)["question"] for gold in golds)


def test_where_nothing_can_be_drafted_no_empty_file_is_written(library, tmp_path):
    done = run("eval", "make", "2", "--library", library, "--out", tmp_path / "draft.jsonl")
    assert done.exit_code != 0 and "no question could be drafted" in done.stderr
    assert not (tmp_path / "draft.jsonl").exists()


def test_documents_that_come_with_a_test_set_need_no_library(tmp_path):
    """A SQuAD file: its paragraphs are what is asked."""
    paragraph = {
        "context": ARTICLES[0]["text"],
        "qas": [
            {
                "id": "s1",
                "question": QUESTION["question"],
                "answers": [{"text": "1,200", "answer_start": ARTICLES[0]["text"].index("1,200")}],
            }
        ],
    }
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"version": "1.1", "data": [{"title": "Ferry", "paragraphs": [paragraph]}]}))
    done = run("eval", path, "--json")
    assert done.exit_code == 0, done.output
    value = json.loads(done.stdout)
    assert value["setting"]["library"]["articles"] == 1
    assert value["summary"]["overall"]["article:hit@1"]["value"] == 1

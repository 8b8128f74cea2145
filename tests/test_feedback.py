"""Votes on answers: kept whatever happens, and what `dateline eval` makes of them."""

from __future__ import annotations

import json
import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path

import newsdesk
import pytest
import typer
from filelock import FileLock
from typer.testing import CliRunner

from ingest.errors import LibraryBusyError, LibraryError, SettingsError
from ingest.feedback import FILE, LOCK, MOST_COMMENT, Feedback, erase, feedback, record
from ingest.library import Library
from qa.assistant import Assistant
from qa.evaluation.evaluate import evaluate
from qa.evaluation.testset import load
from ui.feedback import app

NOON = "2024-06-03T12:00:00+00:00"
ANSWERABLE = "Who opened the tram line number 0?"
UNANSWERABLE = "How many penguins live in the Antarctic?"


def up(turn_id: str = "a", **more) -> Feedback:
    return Feedback(turn_id, NOON, "up", question=more.pop("question", "Who?"), **more)


def votes(path: Path) -> list[tuple[str, str]]:
    return [(vote.turn_id, vote.vote) for vote in feedback(path, on_damaged=lambda line: pytest.fail(line))]


# --- keeping votes ---


def test_the_newest_vote_on_a_turn_counts_and_one_taken_back_is_gone(tmp_path):
    for turn_id, vote in (("a", "up"), ("b", "up"), ("a", "down"), ("c", "up"), ("c", "")):
        record(tmp_path, Feedback(turn_id, NOON, vote))
    assert votes(tmp_path) == [("b", "up"), ("a", "down")]


def test_a_vote_comes_back_as_it_was_cast(tmp_path):
    cast = Feedback(
        "a",
        NOON,
        "down",
        "Está mal:\nfue “Ana”\u2028",
        "¿Quién?",
        {
            "text": "Eva [1]",
            "short": "Eva",
            "abstained": False,
            "citations": [
                {
                    "quote": "Eva.",
                    "article_id": "1",
                    "title": "T",
                    "source": "S",
                    "url": "https://x.example",
                    "published": "2024-01-01",
                }
            ],
        },
        {"after": "2024-01-01", "before": "", "as_of": "", "language": "es", "sources": ["S"]},
        (("¿Dónde?", "Allí."),),
    )
    record(tmp_path, cast)
    assert list(feedback(tmp_path)) == [cast]


def test_a_folder_without_votes_has_none(tmp_path):
    assert votes(tmp_path) == [] and votes(tmp_path / "nowhere") == []


def test_only_the_owner_can_read_what_people_said(tmp_path):
    record(tmp_path, up())
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_line_cut_off_by_a_crash_costs_only_itself(tmp_path):
    record(tmp_path, up("a"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"turn_id": "torn", "vo')
    assert votes(tmp_path) == [("a", "up")]
    record(tmp_path, up("b"))
    assert [vote.turn_id for vote in feedback(tmp_path, on_damaged=lambda line: None)] == ["a", "b"]


@pytest.mark.parametrize(
    "damaged",
    [b"\xff\xfe", b"[]", b'{"turn_id": 1, "vote": "up"}', b'{"vote": "up"}', b'{"turn_id": "x", "vote": "maybe"}']
    + [b"[" * 100_000],
)
def test_a_damaged_line_is_skipped_and_said(tmp_path, damaged):
    record(tmp_path, up("a"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(damaged + b"\n")
    record(tmp_path, up("b"))
    said: list[str] = []
    assert [vote.turn_id for vote in feedback(tmp_path, on_damaged=said.append)] == ["a", "b"]
    assert len(said) == 1 and "line 2: left out, as it is damaged" in said[0]


def test_what_a_browser_may_send_instead_of_an_answer_is_kept_in_bounds(tmp_path):
    endless = {
        "text": "x" * 10**6,
        "citations": [{"quote": ["?"], "url": "x" * 10**6}, "?"] * 1000,
        "passages": "x" * 10**6,
    }
    hostile = {"answer": endless, "filters": {"as_of": 5, "sources": ["x" * 10**5] * 10**3}, "history": (("x",), 5)}
    record(tmp_path, replace(up(), **hostile))
    record(tmp_path, replace(up("b"), question="\ud800", answer="?", filters="?", history="?"))
    assert (tmp_path / FILE).stat().st_size < 200_000
    assert votes(tmp_path) == [("a", "up"), ("b", "up")]


def test_a_comment_that_is_too_long_is_refused_rather_than_cut(tmp_path):
    record(tmp_path, up(comment="x" * MOST_COMMENT))
    with pytest.raises(SettingsError, match="2,001 characters; shorten it to 2,000"):
        record(tmp_path, up(comment="x" * (MOST_COMMENT + 1)))


@pytest.mark.parametrize(
    "wrong", [Feedback("a", NOON, "maybe"), Feedback("", NOON, "up"), Feedback("x" * 2000, NOON, "up")]
)
def test_what_is_no_vote_is_refused(tmp_path, wrong):
    with pytest.raises(SettingsError, match="is no vote"):
        record(tmp_path, wrong)
    assert not (tmp_path / FILE).exists()


def test_a_full_file_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.feedback.MOST_BYTES", 1000)
    with pytest.raises(LibraryError, match="full; export it with `dateline feedback"):
        for number in range(10):
            record(tmp_path, up(str(number)))
    assert 0 < len(votes(tmp_path)) < 10


def test_a_folder_that_is_gone_is_an_error_that_says_so(tmp_path):
    with pytest.raises(LibraryError, match="there is no library at"):
        record(tmp_path / "nowhere", up())
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_cannot_be_written_is_an_error_that_says_what_to_look_at(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(LibraryError, match="cannot be written .*see that the folder may be written to"):
        record(tmp_path, up())


def test_a_file_that_somebody_holds_is_busy_and_asking_goes_on(small, monkeypatch):
    monkeypatch.setattr("ingest.feedback.LOCK_SECONDS", 0.1)
    with FileLock(small / LOCK), Library.open(small) as library:
        with pytest.raises(LibraryBusyError, match="try again"):
            record(small, up())
        assert Assistant(library).answer(ANSWERABLE).passages


def _cast(path: Path, writer: int) -> None:
    for number in range(50):
        record(path, up(f"{writer}-{number}", comment="x" * 500))


def test_many_processes_that_vote_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("forkserver")
    writers = [context.Process(target=_cast, args=(tmp_path, writer)) for writer in range(3)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(60)
    assert {turn_id for turn_id, _ in votes(tmp_path)} == {f"{w}-{n}" for w in range(3) for n in range(50)}


def test_a_forgotten_article_is_gone_from_the_votes_too(tmp_path):
    article = newsdesk.article(0)
    sentence = article.text.split("\n\n")[0]
    cites = {
        "text": f"Mayor Ames. {sentence} [1]",
        "citations": [{"article_id": article.article_id, "quote": sentence}],
    }
    record(tmp_path, up("cites", answer=cites))
    record(tmp_path, up("after", history=(("Who?", f"{sentence} [1]"),), answer={"text": "Horta."}))
    record(tmp_path, up("other", answer={"text": "The bridge of Corvo."}, comment="good"))
    assert erase(tmp_path, [article]) == 2
    assert "Ames" not in (tmp_path / FILE).read_text("utf-8")
    kept = {vote.turn_id: vote for vote in feedback(tmp_path)}
    assert kept["cites"].vote == "up" and kept["cites"].answer == {}
    assert kept["after"].history == (("Who?", ""),) and kept["after"].answer["text"] == "Horta."
    assert kept["other"].answer["text"] == "The bridge of Corvo." and kept["other"].comment == "good"


# --- the command ---


@pytest.fixture
def run(small):
    """Runs `dateline feedback` on the small library."""
    whole = typer.Typer()
    whole.callback()(lambda: None)
    whole.add_typer(app)
    return lambda *options: CliRunner().invoke(whole, ["feedback", "--library", str(small), *map(str, options)])


@pytest.fixture
def answers(small):
    """Two real answers of the small library: one given, one refused."""
    with Library.open(small) as library:
        assistant = Assistant(library)
        given, refused = assistant.answer(ANSWERABLE), assistant.answer(UNANSWERABLE)
    assert given.citations and given.short and refused.abstained
    return given, refused


def test_votes_become_a_test_set_that_eval_can_ask(small, run, answers, tmp_path):
    given, refused = answers
    record(small, up("given", question=ANSWERABLE, answer=given.to_dict()))
    record(small, up("refused", question=UNANSWERABLE, answer=refused.to_dict()))
    record(small, Feedback("wrong", NOON, "down", "It was Bolt", ANSWERABLE, given.to_dict()))
    shown = run("--out", tmp_path / "votes.jsonl")
    assert shown.exit_code == 0, shown.output
    assert "2 up, 1 down, 1 with a comment" in shown.stdout
    assert "wrote 2 questions" in shown.stderr and "1 rows for you to check" in shown.stderr

    loaded = load(tmp_path / "votes.jsonl")
    first, second = loaded.golds
    assert (first.id, first.answers, first.as_of.isoformat()) == ("given", (given.short,), "2024-06-03")
    assert [(s.article, s.quote) for s in first.supports] == [(c.article.url, c.quote) for c in given.citations]
    assert (second.id, second.answerable) == ("refused", False)
    assert loaded.dropped == ((3, "it has neither answers nor gold articles nor 'answerable'"),)

    metrics = evaluate(loaded, library=small).metrics
    assert (metrics["right"], metrics["attributed"], metrics["refused"]) == (1, 1, 1)


def test_a_row_to_check_keeps_what_a_person_needs_and_counts_once_it_is_filled_in(small, run, answers, tmp_path):
    record(small, Feedback("wrong", NOON, "down", "It was Bolt", ANSWERABLE, answers[0].to_dict()))
    run("--out", tmp_path / "votes.jsonl")
    row = json.loads((tmp_path / "votes.jsonl").read_text("utf-8"))
    assert (row["check"], row["comment"], row["vote"]) == ("voted down", "It was Bolt", "down")
    assert answers[0].short in row["was_answered"] and row["cited"][0]["quote"] == answers[0].citations[0].quote
    (tmp_path / "mended.jsonl").write_text(json.dumps({**row, "answers": ["Bolt"]}) + "\n", encoding="utf-8")
    assert load(tmp_path / "mended.jsonl").golds[0].answers == ("Bolt",)


def test_an_answer_in_sentences_is_measured_by_what_it_cites(small, run, answers, tmp_path):
    record(small, up("why", question=ANSWERABLE, answer={**answers[0].to_dict(), "short": ""}))
    run("--out", tmp_path / "votes.jsonl")
    gold = load(tmp_path / "votes.jsonl").golds[0]
    assert gold.answerable and gold.answers == () and gold.supports[0].quote == answers[0].citations[0].quote


def test_a_follow_up_keeps_its_conversation(small, run, answers, tmp_path):
    history = ((ANSWERABLE, answers[0].text),)
    record(small, up("then", question="And when?", answer=answers[0].to_dict(), history=history))
    run("--out", tmp_path / "votes.jsonl")
    assert load(tmp_path / "votes.jsonl").golds[0].history == history


def test_a_question_voted_up_twice_is_asked_once_as_last_voted(small, run, answers, tmp_path):
    given, refused = answers
    record(small, up("early", question=ANSWERABLE, answer=refused.to_dict()))
    record(small, up("late", question=ANSWERABLE.lower(), answer=given.to_dict()))
    run("--out", tmp_path / "votes.jsonl")
    assert [gold.id for gold in load(tmp_path / "votes.jsonl").golds] == ["late"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"filters": {"before": "2024-01-01"}}, "asked with a range of days, outlets or a language"),
        ({"filters": {"sources": ["Morning Echo"]}}, "asked with a range of days, outlets or a language"),
        ({"answer": {}}, "no answer was given"),
        ({"answer": {"text": "Ames.", "short": "Ames"}}, "the answer cites nothing"),
        ({"answer": {"text": "Ames.", "citations": [{"article_id": "0", "quote": "Ames"}]}}, "is not in the library"),
    ],
)
def test_what_would_be_a_wrong_test_waits_for_a_person(small, run, answers, change, reason):
    record(small, replace(up(question=ANSWERABLE, answer=answers[0].to_dict()), **change))
    counts = json.loads(run("--json").stdout)
    assert counts["questions"] == 0 and [reason in found for found in counts["check"]] == [True]


def test_a_quote_that_no_article_holds_is_never_gold(small, run, answers, tmp_path):
    forged = answers[0].to_dict()
    forged["citations"].append({**forged["citations"][0], "quote": "Nobody ever wrote this."})
    record(small, up(question=ANSWERABLE, answer=forged))
    run("--out", tmp_path / "votes.jsonl")
    assert "Nobody ever wrote this." not in (tmp_path / "votes.jsonl").read_text("utf-8")


def test_an_as_of_day_that_was_set_is_the_day_that_is_asked(small, run, answers, tmp_path):
    record(small, up(question=ANSWERABLE, answer=answers[0].to_dict(), filters={"as_of": "2024-02-01"}))
    run("--out", tmp_path / "votes.jsonl")
    assert load(tmp_path / "votes.jsonl").golds[0].as_of.isoformat() == "2024-02-01"


def test_no_votes_and_a_file_that_is_there_already_are_told_in_a_sentence(run, tmp_path):
    assert "nobody has voted" in run().stdout
    (tmp_path / "mine.jsonl").write_text("mine", encoding="utf-8")
    refused = run("--out", tmp_path / "mine.jsonl")
    assert refused.exit_code == 1 and "exists already; name a new file" in refused.stderr
    assert (tmp_path / "mine.jsonl").read_text("utf-8") == "mine"


def test_damaged_votes_are_said(small, run):
    (small / FILE).write_bytes(b"?\n")
    shown = run()
    assert shown.exit_code == 0 and "line 1: left out, as it is damaged" in shown.stderr


def test_forgetting_an_article_takes_it_out_of_votes_and_kept_evaluations(small):
    from qa.assistant import Assistant

    with Library.open(small) as library:
        answer = Assistant(library).answer("Who opened the ferry pier?")
        cited = answer.citations[0].article
        vote = Feedback("t1", "2026-11-25T10:00:00+00:00", "up", "", answer.question, answer.to_dict(), {})
        record(library.path, vote)
        run = library.path / "runs" / "one"
        run.mkdir(parents=True)
        (run / "run.json").write_text(json.dumps(answer.to_dict()), encoding="utf-8")
        library.forget(cited.article_id)
        quote = answer.citations[0].quote.encode()
        kept = [path for path in library.path.rglob("*") if path.is_file() and "chroma" not in path.parts]
        assert not [path.name for path in kept if quote in path.read_bytes()]

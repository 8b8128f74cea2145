"""The `dateline` command: what it prints where, its exit codes, and how it fails."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import LibraryBusyError
from qa.default import CORPUS
from ui import cli

ROOT = Path(__file__).parents[1]
ARTICLES = [
    {
        "url": "https://news.example/ferry",
        "title": "Storm halts ferry",
        "text": "The ferry to Green Island stopped on Monday after a storm damaged the pier.\n\n"
        "About 1,200 passengers were stranded overnight, harbour master Ana Ruiz said.",
        "source": "Harbour Gazette",
        "authors": ["Li Wei"],
        "published": "2025-03-04",
        "language": "en",
    },
    {
        "url": "https://news.example/vineyard",
        "title": "Vineyards expect a late harvest",
        "text": "Growers in the Lena valley expect to pick grapes three weeks late this year.\n\n"
        "Cold nights in April held the vines back, the growers' union said.",
        "source": "Valley Post",
        "authors": [],
        "published": "2025-08-20",
        "language": "en",
    },
]
FIELDS = ["url", "title", "text", "source", "authors", "published", "language"]


def dateline(*arguments: object, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command as a user does, with none of the DATELINE_ settings that the tester may have."""
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, arguments)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=clean_environment(**environment),
    )


def clean_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return kept | {"HF_HUB_OFFLINE": "1", "COLUMNS": "80"} | more


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """A library of two articles, ingested by the command."""
    folder = tmp_path_factory.mktemp("cli")
    source = folder / "articles.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    done = dateline("ingest", source, "--library", folder / "library")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and "2 indexed" in done.stderr
    return folder / "library"


# --- help and usage ---


def test_help_is_instant_and_imports_nothing_heavy():
    code = """
import sys
from ui.cli import app
try:
    app(["--help"])
except SystemExit:
    pass
heavy = {"torch", "chromadb", "gradio", "langchain", "langchain_core", "transformers", "numpy", "pydantic"}
sys.exit(", ".join(heavy & set(sys.modules)) or 0)
"""
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 1.0
    for command in ("ingest", "ask", "chat", "eval", "status", "check", "forget", "rebuild", "export", "version"):
        assert f"  {command} " in done.stdout


@pytest.mark.parametrize(
    "command", ["ingest", "ask", "chat", "eval", "status", "check", "forget", "rebuild", "export", "version"]
)
def test_every_command_has_examples_and_takes_the_common_options(command):
    shown = dateline(command, "--help").stdout
    assert f"Examples:\n    dateline {command}" in shown or f"DATELINE_AUTH=ana:secret dateline {command}" in shown
    for option in ("--library", "--chroma", "--debug"):
        assert option in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask"], "Missing argument"),
        (["ask", "Who?", "--as-of", "2024-02-30"], "'2024-02-30' is not a day of the calendar written as YYYY-MM-DD"),
        (["ask", "Who?", "--after", "20240101"], "YYYY-MM-DD"),
        (["ask", "Who?", "--before", "yesterday"], "YYYY-MM-DD"),
        (["ask", "Who?", "-k", "0"], "'-k'"),
        (["ingest", "x.csv", "--column", "text"], "FIELD=COLUMN"),
        (["fetch"], "No such command"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_says_what_is_wrong(arguments, told):
    done = dateline(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr and "Traceback" not in done.stderr


def test_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert dateline("version").stdout == version("dateline") + "\n"


# --- errors ---


def test_an_error_is_one_line_without_traceback_unless_debug_is_asked_for(tmp_path):
    done = dateline("status", "--library", tmp_path / "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("dateline: there is no library at") and done.stderr.count("\n") == 1
    assert "dateline ingest" in done.stderr
    assert "Traceback" in dateline("status", "--library", tmp_path / "none", "--debug").stderr


def test_a_setting_that_cannot_be_used_is_named():
    done = dateline("status", DATELINE_ALLOW_PRIVATE_ADDRESSES="perhaps")
    assert done.returncode == 1 and "DATELINE_ALLOW_PRIVATE_ADDRESSES is set to 'perhaps'" in done.stderr


def test_asking_where_nothing_is_says_how_to_add_articles(tmp_path):
    absent = dateline("ask", "Who?", "--library", tmp_path / "none")
    assert absent.returncode == 1 and "dateline ingest" in absent.stderr
    empty = tmp_path / "empty.txt"
    empty.touch()
    assert dateline("ingest", empty, "--library", tmp_path / "library").returncode == 1
    asked = dateline("ask", "Who?", "--library", tmp_path / "library")
    assert asked.returncode == 1 and "holds no articles yet" in asked.stderr and "dateline ingest" in asked.stderr


def test_the_first_question_of_all_is_answered_from_the_sample_articles(tmp_path):
    ask = ("ask", "Which Mexican states border Guatemala?")
    first = dateline(*ask, DATELINE_LIBRARY=str(tmp_path / "own"))
    assert first.returncode == 0 and first.stdout.startswith("Chiapas, Tabasco and Campeche [1]")
    assert "is empty: the sample articles are put into it" in first.stderr
    again = dateline(*ask, DATELINE_LIBRARY=str(tmp_path / "own"))
    assert again.stdout == first.stdout and "sample" not in again.stderr
    other = dateline(*ask, DATELINE_LIBRARY=str(tmp_path / "own"), DATELINE_EMBEDDING_MODEL="another/model")
    assert other.returncode == 1 and "'another/model' was asked for" in other.stderr


def test_who_adds_articles_beside_the_sample_ones_is_told_how_to_take_those_out(tmp_path):
    mine, own = tmp_path / "mine.txt", {"DATELINE_LIBRARY": str(tmp_path / "own")}
    mine.write_text("The harbour bridge of Foinaven was opened by Ada Quill on Monday.")
    samples = dateline("ingest", CORPUS / "notes", **own)
    assert samples.returncode == 0 and "forget --from" not in samples.stderr
    added = dateline("ingest", mine, "corpus/articles/notes", **own)
    assert f"dateline forget --from {CORPUS}" in added.stderr
    done = dateline("forget", "--from", CORPUS, **own)
    assert done.returncode == 0 and re.search(rf"forgot \d\d? articles from {CORPUS}", done.stderr)
    status = dateline("status", "--json", **own)
    assert json.loads(status.stdout)["articles"] == 1
    for neither in ((), ("some-id", "--from", CORPUS)):
        assert dateline("forget", *neither, **own).returncode == 2


def test_an_open_chat_is_refused_before_anything_is_loaded(tmp_path):
    done = dateline("chat", "--host", "0.0.0.0", "--library", tmp_path / "none")
    assert done.returncode == 1 and "--auth USER:PASSWORD" in done.stderr and done.stderr.count("\n") == 1


def run_in_process(capsys, monkeypatch, raised: BaseException, *arguments: str) -> tuple[int, str]:
    def fail(*_, **__):
        raise raised

    monkeypatch.setattr(cli, "open_library", fail)
    with pytest.raises(SystemExit) as ended:
        cli.app(["status", *arguments])
    return ended.value.code, capsys.readouterr().err


def test_an_interrupt_is_exit_code_130_and_says_that_what_is_committed_stays(capsys, monkeypatch):
    code, told = run_in_process(capsys, monkeypatch, KeyboardInterrupt())
    assert code == 130 and "what is committed stays" in told


def test_a_bug_is_one_line_too_and_debug_shows_where(capsys, monkeypatch):
    code, told = run_in_process(capsys, monkeypatch, ZeroDivisionError("by zero"))
    assert code == 1 and "ZeroDivisionError" in told and "--debug" in told and told.count("\n") == 1
    with pytest.raises(ZeroDivisionError):
        cli.app(["status", "--debug"])


def test_a_message_cannot_steer_the_terminal(capsys, monkeypatch):
    _, told = run_in_process(capsys, monkeypatch, LibraryBusyError("a\x1b[2Jb\nc"))
    assert told == "dateline: a[2Jb c\n"


# --- the commands ---


def test_status_counts_articles_outlets_and_followed_passages(library):
    state = json.loads(dateline("status", "--library", library, "--json").stdout)
    assert state["articles"] == 2
    assert state["outlets"] == {"Harbour Gazette": 1, "Valley Post": 1}
    assert {index["name"] for index in state["indexes"]} and all(index["total"] for index in state["indexes"])
    shown = dateline("status", "--library", library).stdout
    assert "Harbour Gazette 1, Valley Post 1" in shown and "2025-03-04 to 2025-08-20" in shown


def test_the_library_can_be_named_in_the_environment(library):
    assert json.loads(dateline("status", "--json", DATELINE_LIBRARY=str(library)).stdout)["articles"] == 2


def test_ingesting_again_changes_nothing(library):
    again = dateline("ingest", "-", "--library", library, stdin=dateline("export", "--library", library).stdout)
    assert again.returncode == 0 and "2 unchanged" in again.stderr and "indexed" not in again.stderr
    assert "/s)" not in again.stderr  # nothing was embedded: there is no pace


def test_a_rejected_input_is_listed_with_its_reason_and_the_rest_goes_on(tmp_path):
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "empty.txt").touch()
    (inputs / "good.jsonl").write_text(json.dumps(ARTICLES[0]), encoding="utf-8")
    done = dateline("ingest", inputs, "--library", tmp_path / "library")
    assert done.returncode == 0
    assert "1 indexed, 1 rejected" in done.stderr and f"rejected {inputs / 'empty.txt'}: " in done.stderr
    assert "empty.txt: " in dateline("status", "--library", tmp_path / "library").stdout


def test_ask_prints_the_answer_with_its_numbered_source_on_stdout(library):
    done = dateline("ask", "How many passengers were stranded?", "--library", library)
    assert done.returncode == 0, done.stderr
    assert "1,200" in done.stdout and "[1] Storm halts ferry, Harbour Gazette, 2025-03-04" in done.stdout
    assert "https://news.example/ferry" in done.stdout
    assert done.stderr == ""


def test_ask_json_is_one_object_whose_quotes_stand_in_the_article(library):
    answer = json.loads(dateline("ask", "How many passengers were stranded?", "--library", library, "--json").stdout)
    assert set(answer) >= {"question", "text", "abstained", "confidence", "citations", "timings"}
    citation = answer["citations"][0]
    assert citation["number"] == 1 and citation["url"] == ARTICLES[0]["url"]
    assert ARTICLES[0]["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_ask_keeps_to_the_filters(library):
    def sources(*filters: str) -> set[str]:
        done = dateline("ask", "What did the storm do?", "--library", library, "--json", *filters)
        return {passage["source"] for passage in json.loads(done.stdout)["passages"]}

    assert sources("--source", "Valley Post") == {"Valley Post"}
    assert sources("--as-of", "2025-03-31") == {"Harbour Gazette"}
    assert sources("--after", "2025-03-05") == {"Valley Post"}
    assert sources("--before", "2025-03-04") == {"Harbour Gazette"}


def test_ask_abstains_where_the_library_has_no_answer(library):
    done = dateline("ask", "Who won the 2018 World Cup?", "--library", library, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["abstained"] is True


def test_export_prints_each_article_as_it_is_stored(library):
    lines = [json.loads(line) for line in dateline("export", "--library", library).stdout.splitlines()]
    assert [list(line) for line in lines] == [["id", *FIELDS]] * 2
    assert all(re.fullmatch("[0-9a-f]{16}", line.pop("id")) for line in lines)
    assert sorted(lines, key=lambda line: line["url"]) == ARTICLES


def test_a_reader_that_stops_early_is_no_error(library):
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "export", "--library", str(library)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait(timeout=60)


def test_a_sound_library_passes_the_check(library):
    done = dateline("check", "--library", library)
    assert (done.returncode, done.stdout) == (0, "")
    assert "checked 2 articles" in done.stderr and "no problems" in done.stderr


def test_rebuild_leaves_a_library_that_passes_the_check(library):
    assert dateline("rebuild", "--library", library).returncode == 0
    assert dateline("check", "--library", library).returncode == 0


def test_forget_removes_the_article_by_its_address(tmp_path):
    source = tmp_path / "articles.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    dateline("ingest", source, "--library", tmp_path / "library")
    done = dateline("forget", ARTICLES[0]["url"], "--library", tmp_path / "library")
    assert done.returncode == 0 and "Storm halts ferry" in done.stderr
    assert ARTICLES[0]["url"] not in dateline("export", "--library", tmp_path / "library").stdout
    again = dateline("forget", ARTICLES[0]["url"], "--library", tmp_path / "library")
    assert again.returncode == 1 and again.stderr.startswith("dateline: ")


def test_an_article_without_an_address_is_forgotten_by_the_id_that_export_tells(tmp_path):
    (tmp_path / "ferry.txt").write_text("Ferry returns\n\nThe ferry sailed again on Monday after eleven days.")
    dateline("ingest", tmp_path / "ferry.txt", "--library", tmp_path / "library")
    (line,) = dateline("export", "--library", tmp_path / "library").stdout.splitlines()
    done = dateline("forget", json.loads(line)["id"], "--library", tmp_path / "library")
    assert done.returncode == 0 and "Ferry returns" in done.stderr
    assert dateline("export", "--library", tmp_path / "library").stdout == ""


def test_the_chat_says_where_it_listens_and_ends_cleanly_when_terminated(library):
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "chat", "--port", str(port), "--library", str(library)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    )
    try:
        said = process.stderr.readline()
        assert f"http://127.0.0.1:{port}" in said
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()


# --- progress ---


def test_progress_where_stderr_is_no_terminal_is_a_line_now_and_then(capsys, monkeypatch):
    from ui import progress

    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    with progress.progress() as report:
        report("embedding", 1_000, 2_000)
        report("reading", 5, None)
    assert capsys.readouterr().err == "embedding: 1,000 of 2,000\nreading: 5\n"


def test_progress_of_what_is_done_in_a_moment_says_nothing(capsys):
    from ui import progress

    with progress.progress() as report:
        report("embedding", 1, 2)
    assert capsys.readouterr().err == ""


def test_dates_without_a_time_of_day_are_exported_as_days():
    from ingest.records import iso_date

    assert iso_date(datetime(2025, 3, 4, tzinfo=UTC)) == "2025-03-04"

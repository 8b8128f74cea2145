"""Every question of a test set asked, scored and summed up."""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import DatelineError, SettingsError, SourceError
from ingest.library import Library
from qa.evaluation.asking import ask
from qa.evaluation.records import Gold, Row, Run
from qa.evaluation.run import RUN_FILE, Journal, plain_run, score, write_run
from qa.evaluation.summary import Summary, summarise
from qa.generative import GenerativeAnswerer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from qa.assistant import Assistant
    from qa.evaluation.judge import Judge
    from qa.evaluation.testset import TestSet

Told = Callable[[str, int, int | None], None]

PASSAGES = 10  # considered for each question, so that hit@10 and recall@10 mean what they say
FAILURES_IN_A_ROW = 5  # of asking, after which the rest would fail too


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run with its summary."""

    run: Run
    summary: Summary

    @property
    def metrics(self) -> dict[str, float | None]:
        """Every figure over the whole test set, by the metric's name; None where nothing could be measured."""
        return {name: estimate.value for name, estimate in self.summary.overall.items()}

    def to_dict(self) -> dict[str, Any]:
        """The summary and every question as plain JSON values; what the passages say is left to run.json."""
        run = plain_run(self.run)
        questions = [{name: value for name, value in row.items() if name != "passages"} for row in run.pop("rows")]
        return {**run, "summary": asdict(self.summary), "questions": questions}

    def to_text(self) -> str:
        """Tables for a terminal."""
        from qa.evaluation.text import evaluation_text

        return evaluation_text(self.run, self.summary)

    def to_markdown(self) -> str:
        """Tables for a pull request."""
        from qa.evaluation.report import report_markdown

        return report_markdown(self.run, self.summary)

    def save(self, folder: Path | str) -> list[Path]:
        """Write run.json, report.html, report.md and the rows that outside judges read; the paths."""
        from qa.evaluation.export import write_exports
        from qa.evaluation.report import report_html

        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / RUN_FILE, folder / "report.html", folder / "report.md"]
        write_run(self.run, paths[0])
        paths[1].write_text(report_html(self.run, self.summary), encoding="utf-8")
        paths[2].write_text(self.to_markdown(), encoding="utf-8")
        return [*paths, *write_exports(self.run, folder)]


def evaluate(
    testset: TestSet | Path | str,
    assistant: Assistant | None = None,
    *,
    library: Library | Path | str | None = None,
    llm: BaseChatModel | str | None = None,
    judge: BaseChatModel | str | None = None,
    out: Path | str | None = None,
    format: str | None = None,
    strict: bool = False,
    limit: int | None = None,
    k: int = PASSAGES,
    seed: int = 0,
    workers: int = 1,
    on_progress: Told | None = None,
) -> Evaluation:
    """Ask every question of a test set, and measure retrieval, answers, citations, abstention and speed.

    Args:
        testset: a file or folder in one of the formats that load() knows, or a loaded test set.
        assistant: whom to ask; otherwise one is made of library and llm.
        library: an open library or its folder. Without one, what the test set brings along is asked: its documents
            fill a library of their own (in `out`, or a temporary one), or are read as they come with each question.
            Where it brings none, the default library is asked.
        llm: a LangChain chat model, or "provider:model", that writes the answers.
        judge: the same, that judges the answers too.
        out: a folder. Rows are kept there as they are made, and the same call goes on where an earlier one was cut
            off; at the end run.json, the reports and the rows for outside judges are written there.
        format: the test set's, where the guess is wrong.
        strict: whether a bad row of the test set is an error, instead of being left out and listed.
        limit: ask only that many questions, drawn with the seed.
        k: passages to consider for each question.
        seed: of everything drawn: the sample, and the resampling behind the intervals.
        workers: questions asked at a time; more than one helps where an LLM answers.
        on_progress: told the stage with the running score, the questions asked, and how many there are.

    Raises:
        SourceError: the test set cannot be read, or holds no usable question.
        SettingsError: `out` holds an evaluation of another test set or with another setting.
        DatelineError: the questions cannot be asked.
    """
    if limit is not None and limit < 1 or k < 1 or workers < 1:
        raise SettingsError(f"limit, k and workers must be at least 1, not {limit}, {k} and {workers}")
    loaded = _loaded(testset, format, strict)
    golds = _drawn(loaded.golds, limit, seed)
    folder = Path(out) if out is not None else None
    began = time.perf_counter()
    with _asked(loaded, golds, assistant, library, llm, folder, on_progress) as (asked, filled):
        uses_llm = isinstance(getattr(asked, "answerer", None), GenerativeAnswerer)
        described = _described(loaded)
        setting = _setting(asked, llm, judge, k=k, seed=seed, workers=workers, limit=limit)
        journal = Journal(folder, described, setting)
        first = _ask_all(asked, golds, journal, began, k, workers, uses_llm, on_progress)
        cold_start = None if filled else first  # filling a library has loaded the model
    rows: Sequence[Row] = [score(gold, journal.rows[gold.id]) for gold in golds]
    if all(row.error for row in rows):
        raise DatelineError(f"none of the {len(rows)} questions could be asked: {rows[0].error}")
    if judge:
        rows = _judged(golds, rows, judge, folder, on_progress)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    run = Run(created, described, setting, cold_start, tuple(rows))
    evaluation = Evaluation(run, summarise(run.rows, seed=seed))
    if folder:
        evaluation.save(folder)
        if not any(row.error for row in rows):
            journal.close()
    return evaluation


def _loaded(testset: TestSet | Path | str, format: str | None, strict: bool) -> TestSet:
    from qa.evaluation.testset import load

    loaded = load(Path(testset), format, strict) if isinstance(testset, str | Path) else testset
    if not loaded.golds:
        dropped = "".join(f"; line {line}: {reason}" for line, reason in loaded.dropped[:3])
        raise SourceError(
            f"{loaded.path} holds no usable question{dropped}; corpus/README.md shows what one looks like"
        )
    return loaded


def _drawn(golds: Sequence[Gold], limit: int | None, seed: int) -> list[Gold]:
    """The questions to ask, in the test set's order; a larger limit draws the same ones and more."""
    if limit is None or limit >= len(golds):
        return list(golds)
    places = list(range(len(golds)))
    random.Random(seed).shuffle(places)
    return [golds[i] for i in sorted(places[:limit])]


@contextmanager
def _asked(
    testset: TestSet,
    golds: Sequence[Gold],
    assistant: Assistant | None,
    library: Library | Path | str | None,
    llm: BaseChatModel | str | None,
    folder: Path | None,
    on_progress: Told | None,
) -> Iterator[tuple[Assistant, bool]]:
    """Whom to ask, and whether a library had to be filled for it."""
    from qa.assistant import Assistant

    if assistant is not None:
        yield assistant, False
    elif isinstance(library, Library):
        yield Assistant(library, llm=llm), False
    elif library is not None:
        with Library.open(library) as opened:
            yield Assistant(opened, llm=llm), False
    elif testset.documents or all(gold.documents for gold in golds):
        with _own_library(testset, folder, on_progress) as opened:
            yield Assistant(opened, llm=llm), bool(testset.documents)
    else:
        from qa.default import default_library

        with default_library() as opened:
            yield Assistant(opened, llm=llm), False


@contextmanager
def _own_library(testset: TestSet, folder: Path | None, on_progress: Told | None) -> Iterator[Library]:
    from qa.evaluation.documents import fill

    with tempfile.TemporaryDirectory(prefix="dateline-eval-") as temporary:
        path = folder / "library" if folder else Path(temporary) / "library"
        with Library.open(path, create=True) as library:
            fill(library, testset.documents, on_progress)
            yield library


def _ask_all(
    assistant: Assistant,
    golds: Sequence[Gold],
    journal: Journal,
    began: float,
    k: int,
    workers: int,
    uses_llm: bool,
    on_progress: Told | None,
) -> float | None:
    """Ask what the journal does not hold; the seconds from `began` to the first answer, None where nothing is asked."""
    cold_start, failures, done = None, 0, sum(gold.id in journal.rows for gold in golds)
    running = _Score(row for gold in golds if (row := journal.rows.get(gold.id)))
    left = [gold for gold in golds if gold.id not in journal.rows]
    for gold, answered in _rows(assistant, left, k, workers, uses_llm):
        row = answered
        if cold_start is None:
            cold_start = time.perf_counter() - began
            row = replace(row, timings={})  # it waited for the models to load
        journal.add(row)
        running.count(score(gold, row))
        done += 1
        failures = failures + 1 if row.error else 0
        if failures == FAILURES_IN_A_ROW:
            raise DatelineError(
                f"the last {failures} questions could not be asked: {row.error} (what was answered before is kept "
                "where there is an --out folder; the same command goes on)"
            )
        if on_progress:
            on_progress(running.told(), done, len(golds))
    return cold_start


def _rows(
    assistant: Assistant, golds: Sequence[Gold], k: int, workers: int, uses_llm: bool
) -> Iterator[tuple[Gold, Row]]:
    """Every question with its row, as they are answered; the first alone, so that the models load once."""
    if golds:
        yield golds[0], ask(assistant, golds[0], k=k, llm=uses_llm)
    if workers == 1:
        yield from ((gold, ask(assistant, gold, k=k, llm=uses_llm)) for gold in golds[1:])
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="dateline-eval")
    try:
        waiting = {pool.submit(ask, assistant, gold, k=k, llm=uses_llm): gold for gold in golds[1:]}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Score:
    """The running score that the progress shows."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._sums = {"right": [0.0, 0], "attributed": [0.0, 0], "refused": [0.0, 0]}
        for row in rows:
            self.count(row)

    def count(self, row: Row) -> None:
        """Add a row."""
        for name, held in self._sums.items():
            value = row.metrics.get(name)
            if value is not None:
                held[0] += value
                held[1] += 1

    def told(self) -> str:
        """The stage with the shares so far."""
        return " ".join(["asking", *(f"{name} {sum_ / n:.0%}" for name, (sum_, n) in self._sums.items() if n)])


def _judged(
    golds: Sequence[Gold],
    rows: Sequence[Row],
    judge: BaseChatModel | str,
    folder: Path | None,
    on_progress: Told | None,
) -> list[Row]:
    """The rows with what a judge says of each; what it says is cached beside the run, or only for now."""
    from qa.evaluation.judge import Judge

    with tempfile.TemporaryDirectory(prefix="dateline-judge-") as temporary:
        judging = Judge(judge, folder / "verdicts" if folder else Path(temporary))
        judged = []
        for number, (gold, row) in enumerate(zip(golds, rows, strict=True), 1):
            judged.append(row if row.error else score(gold, _with_verdict(judging, gold, row)))
            if on_progress:
                on_progress("judging", number, len(rows))
    return judged


def _with_verdict(judging: Judge, gold: Gold, row: Row) -> Row:
    return replace(row, verdicts={**row.verdicts, judging.name: judging.judge(gold, row)})


def _described(testset: TestSet) -> dict[str, Any]:
    return {
        "path": str(testset.path),
        "format": testset.format,
        "sha256": testset.sha256,
        "questions": len(testset.golds),
        "dropped": [[line, reason] for line, reason in testset.dropped],
    }


def _setting(
    assistant: Assistant,
    llm: BaseChatModel | str | None,
    judge: BaseChatModel | str | None,
    *,
    k: int,
    seed: int,
    workers: int,
    limit: int | None,
) -> dict[str, Any]:
    from importlib.metadata import version

    setting: dict[str, Any] = {
        "version": version("dateline"),
        "commit": _commit(),
        "seed": seed,
        "k": k,
        "limit": limit,
        "workers": workers,
        "llm": _model_name(llm),
        "judge": _model_name(judge),
        "answerer": _answerer_name(assistant),
        "answerer_sha256": str(getattr(getattr(assistant, "answerer", None), "digest", "")),
    }
    library: Library | None = getattr(assistant, "library", None)
    if library is not None:
        counts = library.catalog.counts()
        setting["library"] = {"articles": counts["articles"], "passages": counts["passages"]}
        model = library.meta["embedding_model"]
        if Path(model).is_absolute():  # a run is handed on, and need not tell where the model lies here
            model = Path(model).name
        setting["embedding"] = {"name": model, "sha256": library.meta["model_digest"]}
    return setting


def _model_name(model: BaseChatModel | str | None) -> str:
    if model is None or isinstance(model, str):
        return model or ""
    return str(getattr(model, "model_name", "") or getattr(model, "model", "") or type(model).__name__)


def _answerer_name(assistant: Assistant) -> str:
    return str(getattr(getattr(assistant, "answerer", None), "name", ""))


def _commit() -> str:
    """The commit of the checkout that this code runs from, "" where it is installed; with a + where it was changed."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return ""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        commit = git("rev-parse", "HEAD")
        return commit + "+" * bool(commit and git("status", "--porcelain", "--untracked-files=no"))
    except OSError:  # no git here
        return ""

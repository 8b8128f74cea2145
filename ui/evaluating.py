"""Evaluations as a page runs them: one at a time, watched, stopped, gone on with, and kept to be looked at again."""

from __future__ import annotations

import itertools
import logging
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest import runs
from ingest.errors import DatelineError, SourceError
from qa.evaluation.evaluate import Evaluation, evaluate
from qa.evaluation.partial import is_partial, run_so_far
from qa.evaluation.received import received_run
from qa.evaluation.run import RUN_FILE
from qa.evaluation.summary import Summary, summarise
from ui.evaluate import LLM_WORKERS

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.evaluation.records import Run
    from qa.evaluation.testset import TestSet

UNWATCHED = 90.0
"""Seconds after which an evaluation that nobody looks at any more makes room for others."""
REPORTS = ("report.html", RUN_FILE, "report.md")
_NAMED = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(.+)")

log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an evaluation is.

    asking: False while the test set's own documents are read in.
    shares: percent so far of right, attributed, refused. left: seconds still to go, None where nobody can tell yet.
    """

    asking: bool = True
    done: int = 0
    total: int = 0
    shares: tuple[tuple[str, int], ...] = ()
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A run with its figures, and the folder that its reports lie in.

    name: tells it from the other runs. held: what keeps the folder there, where it is a temporary one.
    """

    name: str
    run: Run
    summary: Summary
    folder: Path
    held: tempfile.TemporaryDirectory[str] | None = None

    @property
    def partial(self) -> bool:
        """Whether it was stopped before every question was asked."""
        return is_partial(self.run)

    def reports(self) -> list[Path]:
        """The files to take away: the report, the run, the Markdown."""
        return [self.folder / name for name in REPORTS]


class _Stopped(Exception):
    """Leaves evaluate() between two questions."""


class Job:
    """One evaluation at work in a thread of its own."""

    def __init__(
        self,
        testset: TestSet,
        assistant: Assistant,
        *,
        keep_in: Path | None,
        limit: int | None = None,
        llm: str = "",
        unfinished: Measured | None = None,
    ) -> None:
        """Get ready; start() begins.

        Args:
            testset: what to ask.
            assistant: whom to ask, unless the test set brings a corpus of its own.
            keep_in: the library's folder, where the run is kept; None keeps it as long as somebody looks at it.
            limit: ask only so many questions, drawn by chance.
            llm: the model's name, where one answers.
            unfinished: a stopped run of the same test set, to go on with.
        """
        self.testset, self.limit = testset, limit
        self.measured: Measured | None = None
        self.error: str = ""
        self.failed = False
        self._assistant, self._llm, self._kept = assistant, llm, keep_in is not None
        self._stop = threading.Event()
        self._seen = time.monotonic()
        self._began, self._first = self._seen, 0
        self.progress = Progress()
        self._held: tempfile.TemporaryDirectory[str] | None = None
        if unfinished:
            self.name, self.folder, self._held = unfinished.name, unfinished.folder, unfinished.held
        else:
            self.name = _name(datetime.now(UTC), testset.path)
            self.folder = self._new_folder(keep_in)
        self._thread = threading.Thread(target=self._work, name="dateline-eval", daemon=True)

    def start(self) -> Job:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop after the question that is being asked; what was asked before is summed up."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait until it is done."""
        self._thread.join()

    def watched(self) -> None:
        """Say that somebody still looks at it."""
        self._seen = time.monotonic()

    def _new_folder(self, keep_in: Path | None) -> Path:
        if keep_in is None:
            self._held = tempfile.TemporaryDirectory(prefix="dateline-eval-")
            return Path(self._held.name)
        return keep_in / runs.FOLDER / self.name

    def _work(self) -> None:
        try:
            evaluation = self._evaluate()
            shutil.rmtree(self.folder / "library", ignore_errors=True)
            self.measured = self._as_measured(evaluation)
        except _Stopped:
            self._sum_up()
        except DatelineError as error:
            self.error = str(error)
            self._sum_up()
        except Exception:
            log.exception("the evaluation of %s failed", self.testset.path)
            self.failed = True

    def _evaluate(self) -> Evaluation:
        workers = LLM_WORKERS if self._llm else 1
        if self.testset.documents:
            return evaluate(
                self.testset,
                llm=self._llm or None,
                out=self.folder,
                limit=self.limit,
                workers=workers,
                on_progress=self._told,
            )
        return evaluate(
            self.testset,
            self._assistant,
            out=self.folder,
            limit=self.limit,
            workers=workers,
            on_progress=self._told,
        )

    def _told(self, stage: str, done: int, total: int | None) -> None:
        asking = stage.startswith("asking")
        now = time.monotonic()
        if not (asking and self.progress.asking and self.progress.done):
            self._began, self._first = now, done  # the first one waited for the models to load
        paced = done - self._first
        left = (now - self._began) / paced * ((total or done) - done) if paced else None
        shares = tuple((name, int(share)) for name, share in re.findall(r"(\w+) (\d+)%", stage))
        self.progress = Progress(asking, done, total or 0, shares, left)
        if self.stopping or (not self._kept and now - self._seen > UNWATCHED):
            raise _Stopped

    def _sum_up(self) -> None:
        """Make what was asked so far a run to look at."""
        run = run_so_far(self.folder)
        if run is None or all(row.error for row in run.rows):
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        evaluation = Evaluation(run, summarise(run.rows, seed=run.setting.get("seed", 0)))
        evaluation.save(self.folder)
        self.measured = self._as_measured(evaluation)

    def _as_measured(self, evaluation: Evaluation) -> Measured:
        return Measured(self.name, evaluation.run, evaluation.summary, self.folder, self._held)


class Bench:
    """Where evaluations are made: one at a time for the whole server, as each takes all that a machine has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: Job | None = None

    @property
    def job(self) -> Job | None:
        """The newest one, at work or done."""
        return self._job

    def begin(self, make: Job) -> bool:
        """Start a job, unless another is at work."""
        with self._lock:
            if self._job and self._job.running:
                return False
            self._job = make.start()
            return True


def kept_names(library: Path) -> list[str]:
    """The runs kept in a library's folder, newest first."""
    folder = library / runs.FOLDER
    names = [path.parent.name for path in folder.glob(f"*/{RUN_FILE}")]
    return sorted(names, reverse=True)


def kept_run(library: Path, name: str) -> Measured:
    """A run kept in a library's folder.

    Raises:
        SourceError: there is none of that name, or it cannot be read.
    """
    if name not in kept_names(library):
        raise SourceError(f"the run {name} is no longer kept in the library; choose another one")
    folder = library / runs.FOLDER / name
    return _measured(name, received_run(folder / RUN_FILE, name), folder)


def uploaded_run(path: Path, taken: Collection[str] = ()) -> Measured:
    """The run in a file that somebody uploaded, under a name of its own: every run is written as run.json.

    taken: the names of other runs.

    Raises:
        SourceError: it is none.
    """
    run = received_run(path, path.name)
    try:
        name = _name(datetime.fromisoformat(run.created).astimezone(UTC), Path(run.testset["path"]))
    except (ValueError, OverflowError):
        name = path.name
    numbered = (f"{name} ({n})" for n in itertools.count(2))
    return _measured(next(free for free in itertools.chain([name], numbered) if free not in taken), run, None)


def run_label(name: str) -> str:
    """What people read for a run's name: when it was made, and of what."""
    made = _NAMED.fullmatch(name)
    return "{}-{}-{} {}:{}:{} UTC · {}".format(*made.groups()) if made else name


def run_testset(name: str) -> str:
    """The test set that a run's name tells, "" where it tells none."""
    made = _NAMED.fullmatch(name)
    return made[7] if made else ""


def _measured(name: str, run: Run, folder: Path | None) -> Measured:
    summary = summarise(run.rows, seed=run.setting.get("seed", 0))
    if folder and all((folder / report).exists() for report in REPORTS):
        return Measured(name, run, summary, folder)
    held = tempfile.TemporaryDirectory(prefix="dateline-eval-")
    Evaluation(run, summary).save(held.name)
    return Measured(name, run, summary, Path(held.name), held)


def _name(made: datetime, testset: Path) -> str:
    """A run's name, as run_label() reads it."""
    slug = re.sub(r"[^\w.]+", "-", testset.stem).strip("-.")[:60] or "testset"
    return f"{made:%Y%m%d-%H%M%S}-{slug}"

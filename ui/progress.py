"""Progress on stderr: a bar on a terminal, a line now and then elsewhere, nothing for what is done in a moment."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 2.0
"""Seconds that pass before a bar or a spinner shows."""
INTERVAL = 15.0
"""Seconds between two lines where stderr is no terminal."""


Report = Callable[[str, int, int | None], None]
"""Takes a stage, how much of it is done, and how much there is (None where that is not known)."""


@contextmanager
def progress() -> Iterator[Report]:
    """A function to report each step to, for as long as the block runs."""
    with _bar() if sys.stderr.isatty() else _lines() as report:
        yield report


@contextmanager
def working(words: str) -> Iterator[None]:
    """Shows the words with a spinner while the block runs, if it takes long and stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status(words)
    timer = threading.Timer(PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=None)
    began = time.monotonic()

    def report(stage: str, done: int, total: int | None) -> None:
        bar.update(task, description=stage, completed=done, total=total)
        if not bar.live.is_started and time.monotonic() - began > PATIENCE:
            bar.start()

    try:
        yield report
    finally:
        bar.stop()


@contextmanager
def _lines() -> Iterator[Report]:
    said = time.monotonic()

    def report(stage: str, done: int, total: int | None) -> None:
        nonlocal said
        if time.monotonic() - said < INTERVAL:
            return
        said = time.monotonic()
        of_total = f" of {total:,}" if total is not None else ""
        sys.stderr.write(f"{stage}: {done:,}{of_total}\n")
        sys.stderr.flush()

    yield report

"""Articles being added to the library from the page: one lot at a time, watched, stopped, and reported on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.errors import DatelineError, LibraryBusyError
from ingest.library import Library
from ingest.origins import name_origins
from ingest.pipeline import Progress, Report, ingest
from ui.added import Account, Added, Given

_READING = "reading and embedding"

log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is.

    stage: "reading", then "words" and "chroma" while the indexes follow. read: articles seen. articles, passages: in
    the library. done, total: passages that an index has followed.
    """

    stage: str = "reading"
    read: int = 0
    articles: int = 0
    passages: int = 0
    done: int = 0
    total: int = 0


class _Stopped(Exception):
    """Leaves ingest() between two articles."""


class Adding:
    """One lot of articles being added, in a thread of its own.

    library: where they go. added: what came of it, once it has ended. busy: who else was writing, so that nothing was
    added. error: what kept it from adding everything, as a sentence. failed: a bug did.
    """

    def __init__(self, library: Library, given: Sequence[Given], *, allow_private: bool = False) -> None:
        self.given = tuple(given)
        self.step = Step()
        self.added: Added | None = None
        self.error = self.busy = ""
        self.failed = False
        self.library, self._allow_private = library, allow_private
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dateline-adding", daemon=True)

    def start(self) -> Adding:
        """Begin; returns at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop after the article, or the batch of them, that is being worked on; what is in the library stays."""
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
        """Wait until it has ended."""
        self._thread.join()

    def _work(self) -> None:
        account, started = Account(self.library, self.given), time.monotonic()
        report = self._telling(self._ingest)
        if self.busy:  # whoever tries again later still needs the files
            return
        self._telling(lambda: self._settle(account, report, time.monotonic() - started))
        for given in self.given:
            if given.is_upload:
                with suppress(OSError):
                    Path(given.source).unlink()

    def _ingest(self) -> Report | None:
        """What became of everything; None where it was stopped."""
        sources = [given.source for given in self.given]
        try:
            return ingest(self.library, sources, allow_private=self._allow_private, on_progress=self._told, wait=False)
        except _Stopped:
            return None

    def _settle(self, account: Account, report: Report | None, seconds: float) -> None:
        self.added = account.added(report, seconds)
        names = {given.source: given.name for given in self.given if given.is_upload}
        name_origins(self.library, account.since, names)
        if report is None:
            self.library.follower.catch_up()

    def _telling(self, act: Callable[[], Report | None]) -> Report | None:
        """What an act gives; where it fails, why is kept."""
        try:
            return act()
        except LibraryBusyError as error:
            self.busy = str(error)
        except DatelineError as error:
            self.error = str(error)
        except Exception:
            log.exception("articles could not be added")
            self.failed = True
        return None

    def _told(self, progress: Progress) -> None:
        if progress.stage != _READING:
            self.step = replace(self.step, stage=progress.stage, done=progress.done, total=progress.total or 0)
            return
        self.step = Step("reading", self.step.read + 1, progress.articles, progress.passages)
        if self.stopping:
            raise _Stopped


class Intake:
    """Where lots are added: one at a time for all tabs, so that each sees what another has begun."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Adding | None = None

    @property
    def latest(self) -> Adding | None:
        """The newest lot, being added or done."""
        return self._latest

    def begin(self, adding: Adding) -> bool:
        """Start to add a lot, unless another is being added."""
        with self._lock:
            if self._latest and self._latest.running:
                return False
            self._latest = adding.start()
            return True

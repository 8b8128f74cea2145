"""Keeps the indexes level with the catalog, searches them, and replaces them when something is wrong with them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.errors import LibraryBusyError, LibraryDamagedError
from ingest.seal import complete, read_seal
from ingest.vectors import Vectors
from ingest.words import WordIndex

if TYPE_CHECKING:
    from ingest.chroma import ChromaFolder, ChromaServer

Progressed = Callable[[str, int, int], None]
"""Told the index, the passage numbers done, and how many there are."""

Found = TypeVar("Found")
POLL_SECONDS = 0.5
LOCK_SECONDS = 10  # how long a rebuild waits for another process to let go of an index
INTERRUPTS = (KeyboardInterrupt, SystemExit, GeneratorExit)  # everything else, panics in Rust too, is the index's fault

log = logging.getLogger("dateline")


class Follower:
    """Both indexes of one library. Whoever holds an index's lock, in any process, brings it up to date."""

    def __init__(self, path: Path, library: str, catalog: Catalog, vectors: Vectors, server: str | None) -> None:
        self._path = path
        self._library = library
        self._catalog = catalog
        self._vectors = vectors
        self._server = server
        self._words = WordIndex(path, library)
        self._words_lock = FileLock(path / "words.lock", thread_local=False)
        self._chroma_lock = FileLock(path / "chroma.lock", thread_local=False)
        self._chroma: ChromaFolder | ChromaServer | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._work = threading.RLock()
        self._notices: dict[str, str] = {}
        self._suspect = False
        self._failure: BaseException | None = None

    # -- searching

    def search(self, query: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32], int] | None:
        """What Chroma finds, and the passage number it has followed to; None where this process cannot ask it now."""
        chroma = self._chroma
        if chroma is None or not chroma.ready or self._failure:
            return None
        followed = chroma.mark.added
        try:
            keys, scores = chroma.search(query, k)
        except INTERRUPTS:
            raise
        except BaseException as error:  # chromadb's errors have no common class, and any of them condemns the folder
            if chroma is self._chroma:  # not one that has been condemned already
                self._failure = error  # condemned by the thread that follows, so that nobody who asks waits for it
            self._wake.set()
            return None
        return keys, scores, followed

    def words(self, ask: Callable[[WordIndex], Found], nothing: Found) -> Found:
        """What is asked of the word index; `nothing` where it is missing or damaged, and then it is made anew."""
        try:
            found = ask(self._words)
        except INTERRUPTS:
            raise
        except BaseException:
            log.debug("the word index failed", exc_info=True)
        else:
            if not self._suspect:
                self._notices.pop("words", None)
            return found
        self._suspect = self._thread is not None
        if self._catalog.mark().added:
            until = "while it is rebuilt" if self._suspect else "until it is rebuilt"
            self._note("words", f"the word index is missing or damaged; answers go on without it {until}")
        self._wake.set()
        return nothing

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know, at most a line for each index."""
        return tuple(self._notices.values())

    # -- following

    def start(self, *, keep: bool) -> None:
        """Follow in the background from now on; a Chroma server is asked from now on even where keep is False."""
        if self._server and not keep:
            self._open_chroma()
            return
        self._thread = threading.Thread(target=self._run, name="dateline-follower", daemon=True)
        self._thread.start()

    def catch_up(self, on_progress: Progressed | None = None) -> None:
        """Bring both indexes up to date now, as far as their locks are free; else their holders do it."""
        self.catch_up_words(on_progress)
        with self._work:
            had = self._chroma is not None
            if self._open_chroma():
                self._follow_chroma(on_progress)
                if not had and not self._thread and not self._server:
                    self._close_chroma()

    def catch_up_words(self, on_progress: Progressed | None = None) -> None:
        """Bring the word index up to date now, if its lock is free."""
        with self._work, _try(self._words_lock) as held:
            if not held:
                return
            fault = self._words.fault() or ("unreadable" if self._suspect and not self._words_open() else "")
            if fault not in ("", "missing"):
                self._note("words", f"the word index is {fault}; it is rebuilt from the catalog")
                self._words.seal_path.unlink(missing_ok=True)
            if fault or self._words.mark() != self._catalog.mark():
                self._follow_words(on_progress)
            self._suspect = False
            self._notices.pop("words", None)

    def rebuild(self, on_progress: Progressed | None = None) -> None:
        """Drop both indexes and make them anew, waiting for their locks.

        Raises:
            LibraryBusyError: another process has an index open for longer than ten seconds.
        """
        with self._work:
            with _wait(self._words_lock, "the word index"):
                self._words.seal_path.unlink(missing_ok=True)
                self.catch_up_words(on_progress)
            with _wait(self._chroma_lock, "Chroma"):
                if self._open_chroma():
                    self._discard_chroma()
                    self._open_chroma()
                    self._follow_chroma(on_progress)
                    if not self._thread and not self._server:
                        self._close_chroma()

    def purge(self) -> None:
        """Leave nothing of dead passages: both index folders keep the bytes of what is deleted, new ones do not.

        An index that another process has open only drops them; it loses their bytes when it is next rebuilt.
        """
        if self._server:
            self.catch_up()
            return
        try:
            self.rebuild()
        except LibraryBusyError:
            self.catch_up()

    def faults(self) -> dict[str, str]:
        """What is wrong with the index folders as they lie on the disk, by index, where nobody has them open.

        An index that was never built, or is behind, is not at fault.
        """
        from ingest.chroma import folder_fault

        found = {}
        with self._work:
            with _try(self._words_lock) as held:
                fault = self._words.fault() if held else ""
                if fault not in ("", "missing"):
                    found["words"] = f"the word index is {fault}"
            with _try(self._chroma_lock) as held:
                fault = "" if self._chroma or self._server or not held else folder_fault(self._path, self._library)
                if fault not in ("", "missing"):
                    found["chroma"] = f"the Chroma folder is {fault}"
        return found

    @contextmanager
    def words_open(self) -> Iterator[WordIndex]:
        """The word index, up to date and written by nobody meanwhile.

        Raises:
            LibraryBusyError: another process writes it for longer than ten seconds.
        """
        with self._work, _wait(self._words_lock, "the word index"):
            self.catch_up_words()
            yield self._words

    @contextmanager
    def chroma_open(self) -> Iterator[ChromaFolder | ChromaServer]:
        """Chroma, open and up to date.

        Raises:
            LibraryBusyError: another process has it open.
            LibraryDamagedError: it fails even when it is built anew.
        """
        with self._work:
            had = self._chroma is not None
            for _ in range(2):
                if not self._open_chroma():
                    raise LibraryBusyError(f"another process (a chat?) has Chroma open in {self._path}; close it first")
                self._follow_chroma(None)
                if self._chroma is not None:
                    break
            else:
                raise LibraryDamagedError(f"Chroma failed twice in {self._path}; see that the disk has room")
            try:
                yield self._chroma
            finally:
                if not had and not self._thread and not self._server:
                    self._close_chroma()

    def status(self) -> Iterator[tuple[str, str, int]]:
        """Of each index: its name, its state in words, and the passage number it has followed to."""
        from ingest.chroma import folder_mark

        total = self._catalog.mark()
        seal = read_seal(self._words.seal_path)
        lost = seal is None or not complete(seal, self._path)
        mark = self._words.mark()
        yield "words", "missing or damaged" if lost else _level(mark == total), mark.added
        if self._server:
            yield "chroma", f"on {self._server}", self._chroma.mark.added if self._chroma else 0
            return
        mark = self._chroma.mark if self._chroma else folder_mark(self._path, self._library)
        yield "chroma", self._chroma_state(mark == total), mark.added

    def close(self) -> None:
        """Stop following, and let Chroma's folder go, sealed."""
        self._stop.set()
        self._wake.set()
        if self._thread:
            self._thread.join()
            self._thread = None
        with self._work:
            self._close_chroma()

    def _run(self) -> None:
        checked = False
        while not self._stop.is_set():
            try:
                self._step(first=not checked)
                checked = True
            except BaseException:  # whatever fails here, answers go on by exact search, and the next step tries again
                log.exception("following the catalog failed; trying again")
                self._stop.wait(5)
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()

    def _step(self, *, first: bool) -> None:
        mark = self._catalog.mark()
        seal = read_seal(self._words.seal_path)
        lost = seal is None or not complete(seal, self._path)
        if first or self._suspect or lost or self._words.mark() != mark:
            self.catch_up_words()
        with self._work:
            if self._chroma is not None and not self._server and self._folder_gone():
                self._failure = FileNotFoundError("its folder is gone")
            if self._failure:
                self._condemn(self._failure)
            opened = self._chroma is None  # a server's collection may have been emptied and still be marked as level
            if (
                self._open_chroma()
                and self._chroma is not None
                and (opened or self._chroma.mark != mark or not self._chroma.ready)
            ):
                self._follow_chroma(None)

    # -- Chroma, opened only while holding its lock

    def _open_chroma(self) -> bool:
        from ingest.chroma import ChromaServer

        if self._chroma is not None:
            return True
        if self._server:
            self._chroma = ChromaServer(self._server, self._library)
            return True
        try:
            self._chroma_lock.acquire(timeout=0)
        except Timeout:
            return False
        try:
            self._chroma = self._chroma_folder()
        except BaseException:
            self._chroma_lock.release()
            raise
        if self._chroma.fault not in ("", "missing"):
            self._note(
                "chroma", f"the Chroma folder was {self._chroma.fault}; it is rebuilt while exact search answers"
            )
        return True

    def _chroma_folder(self) -> ChromaFolder:
        from ingest.chroma import ChromaFolder

        try:
            return ChromaFolder(self._path, self._library)
        except INTERRUPTS:
            raise
        except BaseException as error:  # intact and yet not to be opened: made by another release, perhaps
            log.warning("the Chroma folder cannot be opened (%s); it is dropped and rebuilt", error)
            return ChromaFolder(self._path, self._library)  # a new one: the seal was broken before the first try

    def _words_open(self) -> bool:
        try:
            self._words.searcher()
        except INTERRUPTS:
            raise
        except BaseException:
            return False
        return True

    def _follow_words(self, on_progress: Progressed | None) -> None:
        try:
            for done in self._words.follow(self._catalog):
                _tell(on_progress, "words", done, self._catalog.mark().added)
        except (*INTERRUPTS, LibraryDamagedError):
            raise
        except BaseException as error:  # intact and yet not to be opened: made by another release, perhaps
            self._note("words", f"the word index failed ({error}); it is rebuilt from the catalog")
            self._words.seal_path.unlink(missing_ok=True)
            for done in self._words.follow(self._catalog):
                _tell(on_progress, "words", done, self._catalog.mark().added)

    def _follow_chroma(self, on_progress: Progressed | None) -> None:
        assert self._chroma is not None
        try:
            for done in self._chroma.follow(self._catalog, self._vectors):
                _tell(on_progress, "chroma", done, self._catalog.mark().added)
                if self._stop.is_set():
                    return
            self._notices.pop("chroma", None)
        except (*INTERRUPTS, LibraryDamagedError):  # the latter: the catalog's or the vectors' fault, not Chroma's
            raise
        except BaseException as error:  # chromadb's errors have no common class, and any of them condemns the folder
            self._condemn(error)

    def _condemn(self, error: BaseException) -> None:
        with self._work:
            if self._server:  # others search its collection too, so only a rebuild drops that
                log.warning("the Chroma server failed (%s); it is connected to anew", error)
                self._note("chroma", "the Chroma server failed; exact search answers until it is back")
                self._close_chroma()
            else:
                log.warning("Chroma failed (%s); its folder is dropped and rebuilt", error)
                self._note("chroma", "Chroma failed; its folder is rebuilt while exact search answers")
                self._discard_chroma()
            self._failure = None

    def _discard_chroma(self) -> None:
        chroma, self._chroma = self._chroma, None
        if chroma is not None:
            try:
                chroma.discard()
            except Exception:  # what it failed of before, most likely
                log.debug("a condemned Chroma folder could not be closed", exc_info=True)
            if not self._server:
                self._chroma_lock.release()

    def _close_chroma(self) -> None:
        chroma, self._chroma = self._chroma, None
        if chroma is not None:
            chroma.close()
            if not self._server:
                self._chroma_lock.release()

    def _folder_gone(self) -> bool:
        return not any((folder / "chroma.sqlite3").exists() for folder in self._path.glob("chroma-*"))

    def _chroma_state(self, level: bool) -> str:
        if self._chroma is not None:
            return _level(level)
        with _try(self._chroma_lock) as held:
            if not held:
                return "open elsewhere, " + _level(level)
            seal = read_seal(self._path / "chroma.json")
            if seal is None:
                return "not built yet" if not any(self._path.glob("chroma-*")) else "to be rebuilt"
            return _level(level) if complete(seal, self._path) else "damaged, to be rebuilt"

    def _note(self, index: str, text: str) -> None:
        if self._notices.get(index) != text:
            log.info(text)
        self._notices[index] = text


@contextmanager
def _try(lock: FileLock) -> Iterator[bool]:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def _wait(lock: FileLock, index: str) -> Iterator[None]:
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout as error:
        folder = Path(lock.lock_file).parent
        raise LibraryBusyError(f"another process (a chat?) has {index} of {folder} open; close it first") from error
    try:
        yield
    finally:
        lock.release()


def _level(level: bool) -> str:
    return "up to date" if level else "behind"


def _tell(on_progress: Progressed | None, index: str, done: int, total: int) -> None:
    if on_progress:
        on_progress(index, done, total)

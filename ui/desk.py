"""What every page works with: the library that is open, and who answers from it."""

from __future__ import annotations

import logging
import queue
import re
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import httpx

from ingest.catalog import Catalog
from ingest.errors import DatelineError, SettingsError
from ingest.follow import Follower
from ingest.library import Library
from ingest.records import Article, Passage
from qa.assistant import Assistant
from qa.markdown import shortened
from qa.question import understand
from qa.records import ScoredPassage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PING_SECONDS = 30  # a model that has to be loaded first answers late; one that is not there, never
_CLOSE_SECONDS = 30
_FIRST_QUESTION = "What happened?"
_PINGED = Article("The ferry sails at noon.", title="Timetable")
_PING = ScoredPassage(Passage(0, _PINGED.article_id, 0, len(_PINGED.text), _PINGED.text), _PINGED, 1.0, 1)

Made = TypeVar("Made")
log = logging.getLogger("dateline")


class Desk:
    """The open library and its assistant; pages ask for them anew at every event. Safe to use from several threads.

    Whoever has taken the library or the assistant can go on with it while another takes its place: a library that
    open() has opened is closed when nobody holds it any more.

    private: whether only the person at this machine can come in. Where others can, the library and the answerer are
        chosen by who starts the server, not on the page.
    chroma: address of the Chroma server that other libraries keep their vectors in too, or None.
    """

    def __init__(
        self,
        library: Library,
        *,
        llm: BaseChatModel | str | None = None,
        private: bool = True,
        chroma: str | None = None,
    ) -> None:
        self.private = private
        self._chroma = chroma
        self._given = library  # closed by who gave it
        self._changing = threading.Lock()  # one change at a time; whoever asks does not wait for it
        self._closers: list[weakref.finalize[[Follower, Catalog], Library]] = []
        self._warming: threading.Thread | None = None
        self._assistant = Assistant(library, llm=llm)

    @property
    def library(self) -> Library:
        """The library that questions are asked of now."""
        return self._assistant.library

    @property
    def assistant(self) -> Assistant:
        """Who answers now."""
        return self._assistant

    @property
    def llm(self) -> str:
        """The name of the LLM that answers, "" where the reader does."""
        return _llm_of(self._assistant)

    def warm(self) -> None:
        """Load in the background what the first question would wait for; an LLM is asked nothing."""
        self._warming = threading.Thread(target=self._ask_first, name="dateline-warming", daemon=True)
        self._warming.start()

    def answer_with(self, llm: str) -> None:
        """Let an LLM answer from now on, given as provider:model, once it has answered a ping; or the reader for "".

        The ping holds a sentence of Dateline's own, and nothing of any article.

        Raises:
            SettingsError: others use this server too, or the model cannot be had or does not answer; who answered
                before goes on answering.
        """
        self._must_be_private()
        with self._changing:
            if llm.strip():
                self._assistant = _answering(self._assistant.library, llm.strip())
            else:
                self._assistant = Assistant(self._assistant.library)

    def open(self, folder: Path | str) -> None:
        """Ask another library from now on; whoever answers goes on answering.

        Raises:
            DatelineError: others use this server too, there is no library in the folder, or it cannot be used; the
                library before stays open.
        """
        self._must_be_private()
        path = Path(folder).expanduser().resolve()
        with self._changing:
            if path != self.library.path.resolve():
                library = self._given if path == self._given.path.resolve() else self._opened(path)
                assistant = Assistant(library)
                assistant.answerer = self._assistant.answerer
                self._assistant = assistant

    def close(self) -> None:
        """Close the libraries that open() has opened, whoever still holds them."""
        if self._warming:
            self._warming.join(_CLOSE_SECONDS)
        with self._changing:
            for closer in self._closers:
                if held := closer.detach():
                    held[0].close()
            self._closers.clear()

    def _opened(self, path: Path) -> Library:
        library = Library.open(path, chroma=self._chroma, follow=True)
        try:
            library.embeddings.encode_query(_FIRST_QUESTION)  # a model that cannot be loaded is told now
        except BaseException:
            library.close()
            raise
        self._closers = [closer for closer in self._closers if closer.alive]
        self._closers.append(weakref.finalize(library, _close_aside, library.follower, library.catalog))
        self._closers[-1].atexit = False  # at exit, close() has done it
        return library

    def _ask_first(self) -> None:
        assistant = self._assistant
        try:
            (assistant.retrieve if _llm_of(assistant) else assistant.answer)(_FIRST_QUESTION)
        except Exception:  # whatever it is, the first question meets it again, and can tell it to somebody
            log.warning("loading the models in the background failed", exc_info=True)

    def _must_be_private(self) -> None:
        if not self.private:
            raise SettingsError("others use this server too; restart it with other options to change this for all")


def _llm_of(assistant: Assistant) -> str:
    from qa.reader.answerer import ReaderAnswerer

    return "" if isinstance(assistant.answerer, ReaderAnswerer) else assistant.answerer.name


def _close_aside(follower: Follower, catalog: Catalog) -> None:
    """Closes what a library consisted of, in a thread of its own: the last one to let it go may be in a hurry."""

    def close() -> None:
        follower.close()
        catalog.close()

    threading.Thread(target=close, name="dateline-closing").start()


def _answering(library: Library, llm: str) -> Assistant:
    """An assistant whose LLM has answered a ping.

    Raises:
        SettingsError: it cannot be had, or does not answer in time.
    """
    provider, colon, model = llm.partition(":")
    if not (provider and colon and model):
        raise SettingsError(f"“{shortened(llm, 80)}” is not provider:model; name both, such as ollama:llama3.2")

    def pinged() -> Assistant:
        assistant = Assistant(library, llm=llm)
        next(assistant.answerer.stream(understand("When does the ferry sail?"), [_PING]))
        return assistant

    try:
        return _within(PING_SECONDS, pinged)
    except TimeoutError:
        raise SettingsError(
            f"the language model {llm} did not answer within {PING_SECONDS} seconds; see that its server is well, then "
            "try again"
        ) from None
    except Exception as error:  # each provider has errors of its own
        raise SettingsError(f"the language model {llm} {_fault(error)}") from error


def _within(seconds: float, make: Callable[[], Made]) -> Made:
    """What `make` returns or raises; TimeoutError where that takes longer, and then it is left to itself."""
    results: queue.SimpleQueue[tuple[Made | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put((make(), None))
        except Exception as error:
            results.put((None, error))

    threading.Thread(target=run, name="dateline-ping", daemon=True).start()
    try:
        made, error = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error:
        raise error
    return made  # type: ignore[return-value]


def _fault(error: Exception) -> str:
    """What is wrong with a model that did not answer, and what to do, as the end of a sentence."""
    causes = list(_causes(error))
    said = " ".join(map(str, causes))
    if any(isinstance(cause, ImportError) for cause in causes):
        package = re.search(r"\blangchain-[\w-]+", said)
        needed = package[0] if package else "of its provider"
        return f"needs the package {needed}; install it beside Dateline, then start Dateline again"
    if re.search(r"model[_ ]provider", said):
        return "names no provider that LangChain knows; such are ollama, openai, anthropic and mistralai"
    if any(isinstance(cause, ConnectionError | httpx.TransportError) for cause in causes):
        return "cannot be reached; start its server, or see that its address is right, then try again"
    if any(getattr(cause, "status_code", None) in (401, 403) for cause in causes):
        return "was refused by its provider; see that its key is right, then start Dateline again"
    if re.search(r"api[_ -]?key|auth[_ -]?token", said, re.IGNORECASE):
        variable = re.search(r"\b[A-Z][A-Z0-9_]*_(?:API_KEY|API_TOKEN)\b", said)
        return f"has no key; set {variable[0] if variable else 'its key'} in the environment, then start Dateline again"
    reason = shortened(str(causes[-1] if isinstance(error, DatelineError) else error), 200)
    return f"does not answer ({reason}); check its name, its server and its key"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

"""What every page works with: the library that is open, and who answers from it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import SettingsError
from ingest.library import Library
from qa.assistant import Assistant

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Desk:
    """The open library and its assistant; pages ask for them anew at every event. Safe to use from several threads.

    private: whether only the person at this machine can come in. Where others can, the library and the answerer are
        chosen by who starts the server, not on the page.
    """

    def __init__(self, library: Library, *, llm: BaseChatModel | str | None = None, private: bool = True) -> None:
        self.private = private
        self._lock = threading.Lock()
        self._library = library
        self._opened: list[Library] = []
        self._llm = llm
        self._assistant = Assistant(library, llm=llm)

    @property
    def library(self) -> Library:
        """The library that questions are asked of now."""
        return self._library

    @property
    def assistant(self) -> Assistant:
        """Who answers now."""
        return self._assistant

    @property
    def llm(self) -> str:
        """The name of the LLM that answers, "" where the reader does."""
        return "" if not self._llm else self._assistant.answerer.name

    def answer_with(self, llm: str) -> None:
        """Let an LLM answer from now on, given as provider:model, or the reader for ""; SettingsError where it may not.

        Raises:
            DatelineError: the model cannot be had or does not answer; who answered before goes on answering.
        """
        self._must_be_private()
        assistant = Assistant(self._library, llm=llm or None)
        with self._lock:
            self._assistant, self._llm = assistant, llm or None

    def open(self, folder: Path | str) -> None:
        """Ask another library from now on; the one before stays open until close(), for whoever is still asking it.

        Raises:
            DatelineError: there is no library in the folder, or it cannot be used.
        """
        self._must_be_private()
        library = Library.open(folder, embedding_model=None, follow=True)
        assistant = Assistant(library, llm=self._llm)
        with self._lock:
            self._opened.append(library)
            self._library, self._assistant = library, assistant

    def close(self) -> None:
        """Close the libraries that open() has opened."""
        with self._lock:
            for library in self._opened:
                library.close()
            self._opened.clear()

    def _must_be_private(self) -> None:
        if not self.private:
            raise SettingsError("others use this server too; restart it with other options to change this for all")

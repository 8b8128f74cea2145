"""The short form: answer() with the default library, opened once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import DatelineError
from ingest.library import Library
from ingest.pipeline import Progress, ingest
from ingest.settings import Settings
from qa.assistant import PASSAGES, Assistant, Day, History
from qa.records import Answer

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "articles"


def answer(
    question: str,
    *,
    library: Library | Path | str | None = None,
    history: History = (),
    as_of: Day = None,
    published_after: Day = None,
    published_before: Day = None,
    sources: Sequence[str] | None = None,
    language: str | None = None,
    llm: BaseChatModel | str | None = None,
    k: int = PASSAGES,
) -> Answer:
    """The answer to a question, with citations; or an abstention, with the closest passages.

    Args:
        question: in English or Spanish.
        library: an open library or its folder; the default one if None, filled from the bundled corpus when empty.
        history: earlier (question, answer) turns, oldest first.
        as_of: the day from whose point of view to answer; what was published later is hidden.
        published_after: the first day of publication, included; a date or "YYYY-MM-DD".
        published_before: the last day of publication, included.
        sources: outlets that may be found; all if None.
        language: ISO 639-1 code of the articles that may be found; all if None.
        llm: a LangChain chat model, or "provider:model"; without one the answer is the articles' own sentences.
        k: passages to consider.

    Raises:
        DatelineError: the library cannot be used, or the question cannot be asked.
    """
    assistant = Assistant(library, llm=llm) if isinstance(library, Library) else _assistant(library, llm)
    return assistant.answer(
        question,
        history=history,
        as_of=as_of,
        published_after=published_after,
        published_before=published_before,
        sources=sources,
        language=language,
        k=k,
    )


def default_library(
    *,
    follow: bool = False,
    settings: Settings | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_sample: Callable[[], None] = lambda: None,
) -> Library:
    """The library that the settings name, filled from the bundled corpus when it is empty; on_sample: told before."""
    settings = settings or Settings()
    library = Library.open(
        settings.library, create=True, embedding_model=settings.asked_model, chroma=settings.chroma, follow=follow
    )
    if not library.catalog.mark().added:
        if not CORPUS.is_dir():
            raise DatelineError(f"the bundled corpus is not at {CORPUS}; ingest articles of your own first")
        on_sample()
        ingest(library, [str(CORPUS)], on_progress=on_progress)
    return library


def _assistant(library: Path | str | None, llm: BaseChatModel | str | None) -> Assistant:
    if llm is None or isinstance(llm, str):
        return _kept(str(library) if library else None, llm)
    return Assistant(_open(str(library) if library else None), llm=llm)


@cache
def _kept(library: str | None, llm: str | None) -> Assistant:
    return Assistant(_open(library), llm=llm)


@cache
def _open(library: str | None) -> Library:
    return Library.open(library, chroma=Settings().chroma) if library else default_library()

"""The chain: understand the question, retrieve passages, answer from them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ingest.errors import QuestionError, SettingsError
from ingest.filters import Filter
from ingest.library import Library
from qa.answering import Answerer, Draft
from qa.followup import standalone
from qa.language import fold
from qa.question import Question, understand
from qa.records import Answer, ScoredPassage
from qa.retrieval import retrieve

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

    from qa.langchain import PassageRetriever

Day = date | str | None
History = Sequence[tuple[str, str]]

PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Request:
    """A question with everything that was said about where to look, understood.

    question: made to stand by itself; asked: as the user typed it.
    today: the day from whose point of view it is read.
    """

    asked: str
    question: Question
    condition: Filter
    today: date
    k: int


class Assistant:
    """Answers questions from one library; holds what is costly to load. Safe to use from several threads."""

    def __init__(self, library: Library, *, llm: BaseChatModel | str | None = None) -> None:
        self.library = library
        self.answerer: Answerer = _answerer(llm)

    def answer(
        self,
        question: str,
        *,
        history: History = (),
        as_of: Day = None,
        published_after: Day = None,
        published_before: Day = None,
        sources: Sequence[str] | None = None,
        language: str | None = None,
        k: int = PASSAGES,
    ) -> Answer:
        """The answer to a question, with citations; or an abstention, with the closest passages.

        Args:
            question: in English or Spanish; "quoted phrases", +required and -excluded words work as in a search box.
            history: earlier (question, answer) turns of the conversation, oldest first.
            as_of: the day from whose point of view to answer; what was published later is hidden.
            published_after: the first day of publication, included; a date or "YYYY-MM-DD".
            published_before: the last day of publication, included.
            sources: outlets that may be found; all if None.
            language: ISO 639-1 code of the articles that may be found; all if None.
            k: passages to consider.

        Raises:
            QuestionError: the question is empty or too long, or names an outlet that the library does not have.
        """
        *_, last = self.stream(
            question,
            history=history,
            as_of=as_of,
            published_after=published_after,
            published_before=published_before,
            sources=sources,
            language=language,
            k=k,
        )
        assert isinstance(last, Answer)
        return last

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        k: int = PASSAGES,
        **where: Any,  # noqa: ANN401
    ) -> Iterator[str | Answer]:
        """Pieces of the answer's text as they are written; the whole Answer is the last item. Arguments as answer()."""
        timings: dict[str, float] = {}
        with _timed(timings, "understand"):
            request = self.understand(question, history=history, k=k, **where)
        with _timed(timings, "retrieve"):
            passages = self.find(request)
        started = time.perf_counter()
        for item in self.answerer.stream(request.question, passages):
            if isinstance(item, Draft):
                timings["answer"] = time.perf_counter() - started
                yield self._answer(request, passages, item, timings)
            else:
                yield item

    async def aanswer(self, question: str, **where: Any) -> Answer:  # noqa: ANN401
        """answer(), without blocking the event loop."""
        import asyncio

        return await asyncio.to_thread(self.answer, question, **where)

    async def astream(self, question: str, **where: Any) -> AsyncIterator[str | Answer]:  # noqa: ANN401
        """stream(), without blocking the event loop."""
        import asyncio

        items = self.stream(question, **where)
        while (item := await asyncio.to_thread(next, items, None)) is not None:
            yield item

    def retrieve(self, question: str, *, history: History = (), k: int = PASSAGES, **where: Any) -> list[ScoredPassage]:  # noqa: ANN401
        """The k best passages for a question, best first. Arguments as answer()."""
        return self.find(self.understand(question, history=history, k=k, **where))

    def retriever(self, *, k: int = PASSAGES) -> PassageRetriever:
        """The same as a LangChain BaseRetriever."""
        from qa.langchain import PassageRetriever

        return PassageRetriever(assistant=self, k=k)

    def runnable(self) -> Runnable[Any, Answer]:
        """The chain as a LangChain Runnable: a question, or a dict of answer()'s arguments, to an Answer."""
        from qa.langchain import chain

        return chain(self)

    # -- the steps of the chain

    def understand(
        self,
        question: str,
        *,
        history: History = (),
        as_of: Day = None,
        published_after: Day = None,
        published_before: Day = None,
        sources: Sequence[str] | None = None,
        language: str | None = None,
        k: int = PASSAGES,
    ) -> Request:
        """Read what is asked, and where to look; what is named here overrides what the question says."""
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        self.library.shelf.refresh()
        outlets = self.library.shelf.sources()
        as_of_day = _day("as_of", as_of)
        read = understand(standalone(question, list(history)), as_of=as_of_day, outlets=outlets)
        after = _day("published_after", published_after)
        before = _day("published_before", published_before)
        if after is None and before is None and not read.window_is_soft:
            after, before = read.published_after, read.published_before
        named = _outlets(sources, outlets) if sources is not None else frozenset(read.sources) or None
        condition = Filter(_ordinal(after), _ordinal(before), _ordinal(as_of_day), named, language or None)
        return Request(question, read, condition, as_of_day or date.today(), k)

    def find(self, request: Request) -> list[ScoredPassage]:
        """The passages to answer from."""
        return retrieve(self.library, request.question, request.condition, k=request.k, today=request.today)

    def answer_from(self, request: Request, passages: list[ScoredPassage]) -> Answer:
        """The answer that these passages give."""
        *_, draft = self.answerer.stream(request.question, passages)
        assert isinstance(draft, Draft)
        return self._answer(request, passages, draft, {})

    def _answer(
        self, request: Request, passages: list[ScoredPassage], draft: Draft, timings: dict[str, float]
    ) -> Answer:
        timings["total"] = sum(timings.values())
        return Answer(
            request.asked,
            draft.text,
            draft.abstained,
            draft.confidence,
            draft.citations,
            tuple(passages) if draft.passages is None else draft.passages,
            draft.unsupported,
            timings,
            {"embedding": self.library.embeddings.name, "answerer": self.answerer.name},
            draft.short,
        )


def _answerer(llm: BaseChatModel | str | None) -> Answerer:
    if llm is None or llm == "":
        from qa.reader.answerer import ReaderAnswerer

        return ReaderAnswerer()
    from qa.generative import GenerativeAnswerer

    return GenerativeAnswerer(llm)


def _day(name: str, value: Day) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise QuestionError(f"{name} is {value!r}, which is not a day; write it as 2024-06-30") from error


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day else None


def _outlets(names: Sequence[str], outlets: set[str]) -> frozenset[str]:
    if isinstance(names, str):
        raise SettingsError(f"sources is the text {names!r}; give a list of outlets, such as [{names!r}]")
    return frozenset(_outlet(name, outlets) for name in names)


def _outlet(name: str, outlets: set[str]) -> str:
    """The outlet of that name, whatever its case and accents; the beginning is enough where one outlet has it."""
    alike = [outlet for outlet in outlets if fold(outlet) == fold(name)]
    alike = alike or [outlet for outlet in outlets if name and fold(outlet).startswith(fold(name))]
    if len(alike) != 1:
        known = ", ".join(sorted(outlet for outlet in alike or outlets if outlet)[:12]) or "none"
        meant = "several outlets begin with" if alike else "the library has no outlet"
        raise QuestionError(f"{meant} {name!r}; {'they are' if alike else 'it has'}: {known}")
    return alike[0]


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[stage] = time.perf_counter() - started

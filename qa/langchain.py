"""LangChain's doors: the retriever as a BaseRetriever, the chain as a Runnable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict

from ingest.records import iso_date
from qa.assistant import Assistant, Request
from qa.records import Answer, ScoredPassage


class PassageRetriever(BaseRetriever):
    """An assistant's retrieval; each document is a passage, with its article and offsets as metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    k: int

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(scored) for scored in self.assistant.retrieve(query, k=self.k)]


@dataclass(frozen=True, slots=True)
class _Found:
    request: Request
    passages: list[ScoredPassage]


def chain(assistant: Assistant) -> Runnable[Any, Answer]:
    """Understand, retrieve, answer, as three traced steps."""

    def understand(asked: str | dict[str, Any]) -> Request:
        return assistant.understand(**({"question": asked} if isinstance(asked, str) else asked))

    def retrieve(request: Request) -> _Found:
        return _Found(request, assistant.find(request))

    def answer(found: _Found) -> Answer:
        return assistant.answer_from(found.request, found.passages)

    return (
        RunnableLambda(understand, name="understand")
        | RunnableLambda(retrieve, name="retrieve")
        | RunnableLambda(answer, name="answer")
    )


def _document(scored: ScoredPassage) -> Document:
    article = scored.article
    return Document(
        scored.passage.text,
        id=f"{article.article_id}:{scored.passage.start}",
        metadata={
            "article_id": article.article_id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "published": iso_date(article.published),
            "start": scored.passage.start,
            "end": scored.passage.end,
            "score": scored.score,
        },
    )

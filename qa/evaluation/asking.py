"""One gold question put to an assistant: the row of what it answered, how long that took, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingest.errors import DatelineError, LibraryError, QuestionError, SettingsError
from ingest.records import Article, iso_date
from qa.evaluation.records import Gold, Row
from qa.evaluation.run import plain_gold
from qa.records import Answer, Citation

if TYPE_CHECKING:
    from qa.assistant import Assistant

PAUSES = (2.0, 8.0)  # seconds before an LLM that failed is asked again: its provider may only be busy


def ask(assistant: Assistant, gold: Gold, *, k: int, llm: bool = False) -> Row:
    """The row of one question, without metrics; a failure stands in it and is never raised.

    Args:
        assistant: whom to ask.
        gold: the question; where documents come with it, they are read instead of the library.
        k: passages to consider.
        llm: whether an LLM answers: its tokens are counted, and it is asked again where it fails.
    """
    row = Row(gold.id, plain_gold(gold))
    try:
        answer, tokens = _answered(assistant, gold, k, llm)
    except DatelineError as error:
        return _failed(row, str(error))
    except Exception as error:  # a bug on one question must not cost the answers to the others
        return _failed(row, f"unexpected {type(error).__name__}: {error}")
    return Row(
        row.id,
        row.gold,
        text=answer.text,
        short=answer.short,
        abstained=answer.abstained,
        confidence=answer.confidence,
        citations=tuple(_citation(assistant, gold, citation) for citation in answer.citations),
        passages=tuple(
            {"rank": s.rank, "text": s.passage.text, **_place(s.article), "also_in": [_place(a) for a in s.also_in]}
            for s in answer.passages
        ),
        unsupported=answer.unsupported,
        timings=answer.timings,
        tokens=tokens,
    )


def _answered(assistant: Assistant, gold: Gold, k: int, llm: bool) -> tuple[Answer, dict[str, int]]:
    for pause in (*PAUSES, None) if llm else (None,):
        try:
            with _counting(llm) as tokens:
                started = time.perf_counter()
                answer = _read(assistant, gold, k) if gold.documents else _asked(assistant, gold, k)
                answer.timings.setdefault("total", time.perf_counter() - started)
            return answer, tokens
        except (QuestionError, SettingsError, LibraryError):
            raise
        except DatelineError:
            if pause is None:
                raise
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _asked(assistant: Assistant, gold: Gold, k: int) -> Answer:
    return assistant.answer(gold.question, history=gold.history, as_of=gold.as_of, k=k)


def _read(assistant: Assistant, gold: Gold, k: int) -> Answer:
    """The answer that the question's own documents give."""
    from dataclasses import replace

    from qa.evaluation.documents import nearest

    marks = [time.perf_counter()]
    request = assistant.understand(gold.question, history=gold.history, as_of=gold.as_of, k=k)
    marks.append(time.perf_counter())
    passages = nearest(assistant.library, gold.documents, request.question.search_text, k)
    marks.append(time.perf_counter())
    answer = assistant.answer_from(request, passages)
    marks.append(time.perf_counter())
    timings = {"understand": marks[1] - marks[0], "retrieve": marks[2] - marks[1], "answer": marks[3] - marks[2]}
    return replace(answer, timings=timings | {"total": marks[3] - marks[0]})


@contextmanager
def _counting(llm: bool) -> Iterator[dict[str, int]]:
    """Fills the dict with the tokens that LangChain saw in the block, as far as the provider tells them."""
    tokens: dict[str, int] = {}
    if not llm:
        yield tokens
        return
    from langchain_core.callbacks import get_usage_metadata_callback

    with get_usage_metadata_callback() as usage:
        yield tokens
    for used in usage.usage_metadata.values():
        tokens["input"] = tokens.get("input", 0) + used["input_tokens"]
        tokens["output"] = tokens.get("output", 0) + used["output_tokens"]


def _failed(row: Row, reason: str) -> Row:
    return Row(row.id, row.gold, error=reason)


def _citation(assistant: Assistant, gold: Gold, citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        **_place(citation.article),
        "also_in": [_place(article) for article in citation.also_in],
        "verbatim": _stored_text(assistant, gold, citation.article)[citation.start : citation.end] == citation.quote,
    }


def _stored_text(assistant: Assistant, gold: Gold, cited: Article) -> str:
    """The text that the quote must stand in: what the library holds now, not what the citation carries."""
    for document in gold.documents:
        if document.article_id == cited.article_id:
            return document.text
    library = getattr(assistant, "library", None)
    if library is None:  # an assistant of the caller's own, that answers from somewhere else
        return cited.text
    stored = library.article(cited.article_id)
    return stored.text if stored else ""


def _place(article: Article) -> dict[str, Any]:
    return {
        "article_id": article.article_id,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "origin": article.origin,
        "published": iso_date(article.published),
    }

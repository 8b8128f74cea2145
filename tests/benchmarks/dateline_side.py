"""Dateline's jobs of the benchmark. Each is a process of its own; the last line printed is a JSON object.

python dateline_side.py passages FILE COUNT DATA     write the passages that both sides get (DATA may be "")
python dateline_side.py questions FILE DATA          write the questions that both sides are asked
python dateline_side.py ingest LIBRARY PASSAGES      embed, put, and let the indexes follow
python dateline_side.py agree PASSAGES               cosine of bulk vectors to float32 sentence-transformers
python dateline_side.py twin LIBRARY STORE CASES     the library's passages and vectors as a plain LangChain store
python dateline_side.py query LIBRARY QUESTIONS CASES
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
from material import read_passages, write_passages, write_questions

from ingest.embed import PassageEmbeddings, passage_input
from ingest.library import Library, Prepared
from ingest.minilm import weights_folder
from ingest.pipeline import BATCH_PASSAGES
from ingest.records import Article
from ingest.split import Span

Item = tuple[Article, tuple[Span, ...]]

COMPARED = 200
ROWS = 4_000  # that one call may give to Chroma
PLAIN = "no filter"


def passages(path: str, count: str, data: str) -> dict[str, object]:
    """Write the passages that both sides get."""
    return write_passages(Path(path), int(count), Path(data) if data else None)


def questions(path: str, data: str) -> dict[str, object]:
    """Write the questions that both sides are asked."""
    return write_questions(Path(path), Path(data) if data else None)


def ingest(folder: str, passages: str) -> dict[str, object]:
    """What an ingest does after splitting, in its batches: embed, commit; and both indexes follow, to the seal."""
    items = list(read_passages(Path(passages)))
    with Library.open(folder, create=True) as library:
        library.embeddings.encode(["The model is loaded before the clock starts."])
        started = time.perf_counter()
        with library.writing() as writer:
            for batch in _batches(items):
                vectors = library.embeddings.encode([passage_input(a, *span) for a, spans in batch for span in spans])
                parts = np.split(vectors, np.cumsum([len(spans) for _, spans in batch])[:-1])
                writer.put([Prepared(*item, part) for item, part in zip(batch, parts, strict=True)])
            embedded = time.perf_counter() - started
        library.follower.catch_up()
        seconds = time.perf_counter() - started
        level = {index.name: index.followed for index in library.status().indexes}
        count = sum(len(spans) for _, spans in items)
        assert level == {"words": count, "chroma": count}, level
    return {"passages": count, "seconds": seconds, "follow_seconds": seconds - embedded}


def agree(passages: str) -> dict[str, object]:
    """How close the bulk vectors are to those of sentence-transformers in float32."""
    import torch
    from sentence_transformers import SentenceTransformer

    items = read_passages(Path(passages))
    texts = list(islice((passage_input(a, *span) for a, spans in items for span in spans), COMPARED))
    ours = PassageEmbeddings().encode(texts)
    model = SentenceTransformer(str(weights_folder()), model_kwargs={"dtype": torch.float32})
    theirs = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    cosines = np.sum(ours * theirs, axis=1)
    return {"texts": len(texts), "mean": float(cosines.mean()), "least": float(cosines.min())}


def twin(folder: str, store: str, cases: str) -> dict[str, object]:
    """Fill a Chroma collection as LangChain lays it out, with the library's own vectors; write the filters to time.

    Vectors are taken over, so that a store of the same size costs a minute instead of hours; a search costs the same.
    """
    import chromadb

    with Library.open(folder) as library:
        rows = library.vectors.rows(library.catalog.mark().added)
        collection = chromadb.PersistentClient(path=store).get_or_create_collection(
            "langchain", embedding_function=None
        )
        live = (
            (passage, {"day": article.published.toordinal() if article.published else 0, "source": article.source})
            for entry in library.catalog.entries()
            for article in [entry.article]
            for passage in entry.passages
        )
        days, outlets = [], []
        while batch := list(islice(live, ROWS)):
            collection.add(
                ids=[str(passage.key) for passage, _ in batch],
                embeddings=rows[[passage.key for passage, _ in batch]],
                documents=[passage.text for passage, _ in batch],
                metadatas=[metadata for _, metadata in batch],
            )
            days += [metadata["day"] for _, metadata in batch if metadata["day"]]
            outlets += [metadata["source"] for _, metadata in batch if metadata["source"]]
    Path(cases).write_text(json.dumps(_cases(np.sort(days), outlets)), encoding="utf-8")
    return {"passages": collection.count()}


def query(folder: str, questions: str, cases: str) -> dict[str, object]:
    """Seconds of every retrieve() and answer(): by exact search as in `ask`, then by Chroma as in the chat."""
    from qa.assistant import Assistant

    asked = json.loads(Path(questions).read_text(encoding="utf-8"))
    timings: dict[str, list[float]] = {}
    with Library.open(folder) as library:
        assistant = Assistant(library)
        timings["retrieve, exact search"] = _seconds(assistant.retrieve, asked)
    with Library.open(folder, follow=True) as library:
        library.follower.catch_up()
        assistant = Assistant(library)
        for name, case in json.loads(Path(cases).read_text(encoding="utf-8")).items():
            timings[f"retrieve, {name}"] = _seconds(assistant.retrieve, asked, **case["arguments"])
        timings[f"answer, {PLAIN}"] = _seconds(assistant.answer, asked)
        states = {index.name: index.state for index in library.status().indexes}
        count = library.status().passages
    return {"timings": timings, "passages": count, "indexes": states}


def _cases(days: np.ndarray, outlets: list[str]) -> dict[str, dict[str, object]]:
    """The filters to time, as Dateline's arguments and as Chroma's conditions."""
    cases: dict[str, dict[str, object]] = {PLAIN: {"arguments": {}, "where": None}}
    if len(days):
        middle, end = (int(days[int(share * (len(days) - 1))]) for share in (0.5, 0.51))
        first, last = str(date.fromordinal(middle)), str(date.fromordinal(end))
        cases["as of the middle day"] = {"arguments": {"as_of": first}, "where": {"day": {"$lte": middle}}}
        cases["a window of 1 % of the passages"] = {
            "arguments": {"published_after": first, "published_before": last},
            "where": {"$and": [{"day": {"$gte": middle}}, {"day": {"$lte": end}}]},
        }
    if outlets:
        largest = max(set(outlets), key=outlets.count)
        cases["one outlet, the largest"] = {"arguments": {"sources": [largest]}, "where": {"source": largest}}
    return cases


def _seconds(ask, questions: list[str], **where: object) -> list[float]:
    for question in questions[:5]:
        ask(question, **where)
    timings = []
    for question in questions:
        started = time.perf_counter()
        ask(question, **where)
        timings.append(time.perf_counter() - started)
    return timings


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if sum(len(spans) for _, spans in batch) >= BATCH_PASSAGES:
            yield batch
            batch = []
    if batch:
        yield batch


if __name__ == "__main__":
    jobs = {job.__name__: job for job in (passages, questions, ingest, agree, twin, query)}
    name, *arguments = sys.argv[1:]
    print(json.dumps(jobs[name](*arguments)))

"""Small made-up articles, and what the tests of the library do with them in other processes."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ingest import pipeline
from ingest.library import Library
from ingest.records import Article
from ingest.words import WordQuery

TOWNS = ["Arvika", "Belmonte", "Corvo", "Drava", "Elgin", "Foinaven", "Galata", "Horta", "Ithaca", "Jelgava", "Kiruna"]
THINGS = ["tram line", "fish market", "public library", "ice rink", "power station", "stone bridge", "ferry pier"]
NAMES = ["Ames", "Bolt", "Cruz", "Dorn", "Eker", "Fonseca", "Grieg", "Hahn", "Ibarra", "Juhl", "Kovac", "Lund", "Mora"]
SHORT_PASSAGES = 0.12  # of the model's window: about one sentence, so that tiny articles have several passages
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)

# Children are forked from a process that has imported what is slow to import and started no thread.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["newsdesk", "torch", "chromadb", "tantivy", "datasketch", "sentencex", "py3langid"])


def article(number: int, version: int = 0) -> Article:
    """An article of three sentences that no other resembles; a later version changes the middle one."""
    town, thing, name = TOWNS[number % 11], THINGS[number % 7], NAMES[number % 13]
    text = (
        f"Mayor {name} of {town} opened the {thing} number {number} before a cheering crowd.\n\n"
        f"Building it had cost {number + 3} million crowns by edition {version} of the accounts.\n\n"
        f"Critics in {town} said that {name} should have repaired school {number * 7 + 1} instead."
    )
    return Article(
        text=text,
        title=f"{town} gets its {thing} {number}",
        url=f"https://news.example/{number}",
        source=["Morning Echo", "Harbour Post", "Valley Wire"][number % 3],
        published=FIRST_DAY + timedelta(days=number),
        language="en",
    )


def write_source(path: Path, articles: Iterable[Article]) -> str:
    """The articles as a JSONL file that can be ingested."""
    lines = [
        {
            "url": a.url,
            "title": a.title,
            "text": a.text,
            "source": a.source,
            "published": a.published.isoformat() if a.published else None,
            "language": a.language,
        }
        for a in articles
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def wait_until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Returns when the condition holds; fails if it does not within the time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def chroma_is_ready(library: Library) -> bool:
    """Whether a following library searches in Chroma, level with the catalog."""
    chroma = library.follower._chroma
    return chroma is not None and chroma.ready and chroma.mark == library.catalog.mark()


def words_are_level(library: Library) -> bool:
    """Whether the word index is sound and level with the catalog."""
    return ("words", "up to date") in [(index.name, index.state) for index in library.status().indexes]


def nearest(library: Library, text: str, k: int = 3) -> list[str]:
    """Texts of the passages that the dense search finds, best first."""
    keys, _ = library.dense(library.embeddings.encode_query(text), k)
    entries = library.entries_of(keys.tolist())
    return [entries[key].passage(key).text for key in keys.tolist() if key in entries]


def wordy(library: Library, text: str, k: int = 3) -> list[str]:
    """Texts of the passages that the word search finds, best first."""
    keys, _ = library.words(WordQuery(text), k)
    entries = library.entries_of(keys.tolist())
    return [entries[key].passage(key).text for key in keys.tolist() if key in entries]


@contextmanager
def counted_embedding(library: Library):
    """The texts that are embedded meanwhile, in a list."""
    embedded: list[str] = []
    encode = library.embeddings.encode

    def counting(texts: list[str]):
        embedded.extend(texts)
        return encode(texts)

    library.embeddings.encode = counting  # type: ignore[method-assign]
    try:
        yield embedded
    finally:
        del library.embeddings.encode


def random_rows(count: int, seed: int, dimension: int = 384) -> np.ndarray:
    """Unit vectors that no model is needed for: (count, dimension) float32."""
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


# --- what child processes do


def in_small_batches() -> None:
    """Lets this process split articles into short passages and commit often."""
    pipeline.PASSAGE_SHARE = SHORT_PASSAGES
    pipeline.BATCH_PASSAGES = 12


def do_ingest(path: Path, source: str, started) -> None:
    """Ingests the source, in small batches; `started` is set once the model is loaded."""
    in_small_batches()
    with Library.open(path, create=True) as library:
        library.embeddings.encode(["warm"])
        started.set()
        pipeline.ingest(library, [source])


def do_forget(path: Path, urls: list[str], started) -> None:
    """Forgets those of the articles that the library holds, one by one."""
    with Library.open(path) as library:
        started.set()
        for url in urls:
            if library.article(url):
                library.forget(url)


def do_rebuild(path: Path, started) -> None:
    """Rebuilds both indexes."""
    with Library.open(path) as library:
        started.set()
        library.rebuild()


def do_follow(path: Path, ready, stop) -> None:
    """Follows the library as a chat does, until told to stop; `ready` is set while Chroma is open and level."""
    with Library.open(path, follow=True) as library:
        while not stop.is_set():
            (ready.set if chroma_is_ready(library) else ready.clear)()
            time.sleep(0.05)


def do_ask(path: Path, stop, answers) -> None:
    """Searches in a loop; puts how many searches it made, and what went wrong."""
    wrong: list[str] = []
    searches = 0
    try:
        with Library.open(path) as library:
            vector = library.embeddings.encode_query("Who opened the tram line?")
            while not stop.is_set():
                for keys in (library.dense(vector, 5)[0], library.words(WordQuery("mayor opened tram line"), 5)[0]):
                    for key, entry in library.entries_of(keys.tolist()).items():
                        number = int(entry.article.url.rsplit("/", 1)[1])
                        whole = [article(number, version).text for version in (0, 1)]
                        if entry.article.text not in whole or entry.passage(key).text not in entry.article.text:
                            wrong.append(f"half an article: {entry}")
                searches += 1
    except Exception as error:
        wrong.append(repr(error))
    answers.put((searches, wrong))

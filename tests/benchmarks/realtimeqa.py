"""RealTime QA: which questions count, and how often a passage that holds the answer is found.

python realtimeqa.py DATA LIBRARY YEAR [LIMIT]     DATA is the folder that holds realtimeqa/

A question counts where its answer, normalised as SQuAD does, stands on word borders in the text of one of the
articles that a web search returned for it. A passage is right where it holds the answer; its title does not count.
Every retrieval sees only what was published up to the question's date. The last line printed is a JSON object.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

from ingest.filters import Filter
from ingest.library import Library
from ingest.words import WordQuery
from qa.assistant import Assistant
from qa.evaluation.answers import normalise

DEPTH = 10
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One quiz question.

    week: questions of one week come from the same quizzes, so intervals and folds are taken over weeks.
    """

    id: str
    text: str
    answer: str
    day: date

    @property
    def week(self) -> str:
        """The week's name."""
        return self.id.partition("_")[0]


def counted_questions(data: Path, year: int, limit: int | None = None) -> list[Asked]:
    """The year's questions whose answer stands in one of their own articles; the first of them, up to the limit."""
    folder = data / "realtimeqa"
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("articles-*.jsonl.gz")):
        if int(path.name[9:13]) <= year:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                texts.update((line["url"], line["text"]) for line in map(json.loads, file))
    plain = lru_cache(2_000)(lambda url: padded(texts[url]))
    counted = []
    with (folder / f"questions-{year}.jsonl").open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            answer = padded(line["answer"])
            if answer.strip() and any(answer in plain(url) for url in line["retrieved"] if url in texts):
                counted.append(Asked(line["id"], line["question"], answer, date.fromisoformat(line["date"])))
                if len(counted) == limit:
                    break
    return counted


def padded(text: str) -> str:
    """Normalised, with a space on either side, so that `in` respects word borders."""
    return f" {normalise(text)} "


class Passages:
    """Passages of a library by number, normalised; few questions share them, so only the last few are kept."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._plain: dict[int, str] = {}

    def hold(self, keys: list[int], answer: str) -> list[bool]:
        """Which of the passages hold the answer."""
        new = [key for key in keys if key not in self._plain]
        if len(self._plain) + len(new) > 50_000:
            self._plain.clear()
            new = keys
        entries = self._library.entries_of(new)
        self._plain.update((key, padded(entry.passage(key).text)) for key, entry in entries.items())
        return [answer in self._plain.get(key, "") for key in keys]


def rank_passages(data: Path, folder: Path, year: int, limit: int | None) -> dict[str, object]:
    """Hit rates and mean reciprocal rank of dense search alone, BM25 alone, and Dateline's retrieval."""
    questions = counted_questions(data, year, limit)
    if not questions:
        raise SystemExit(f"no question of {year} counts; is {data} the folder that holds realtimeqa/?")
    with Library.open(folder) as library:
        assistant, passages = Assistant(library), Passages(library)

        def dense(asked: Asked) -> list[int]:
            vector = library.embeddings.encode_query(asked.text)
            return library.dense(vector, DEPTH, Filter(as_of=asked.day.toordinal()))[0].tolist()

        def words(asked: Asked) -> list[int]:
            return library.words(WordQuery(asked.text), DEPTH, Filter(as_of=asked.day.toordinal()))[0].tolist()

        def dateline(asked: Asked) -> list[int]:
            found = assistant.retrieve(asked.text, as_of=asked.day, k=DEPTH)
            return [scored.passage.key for scored in found]

        ways: dict[str, Callable[[Asked], list[int]]] = {
            "dense only": dense,
            "BM25 only": words,
            "Dateline": dateline,
        }
        ranks = {name: np.zeros(len(questions), np.int64) for name in ways}
        for place, asked in enumerate(questions):
            for name, way in ways.items():
                held = passages.hold(way(asked), asked.answer)
                ranks[name][place] = held.index(True) + 1 if True in held else 0
            if place % 50 == 49:
                print(f"quality: {place + 1} of {len(questions)} questions", file=sys.stderr)
        status = library.status()
    gain = reciprocal(ranks["Dateline"]) - reciprocal(ranks["dense only"])
    return {
        "year": year,
        "questions": len(questions),
        "passages": status.passages,
        "articles": status.articles,
        "scores": {name: scores(found) for name, found in ranks.items()},
        "gain": [float(gain.mean()), *interval(gain, [asked.week for asked in questions])],
    }


def scores(ranks: np.ndarray) -> dict[str, float]:
    """Share of questions with a right passage at the top 1, 5 and 10, and MRR@10, from ranks from 1; 0 is not found."""
    hits = {f"hit@{k}": float(np.mean((ranks > 0) & (ranks <= k))) for k in (1, 5, 10)}
    return {**hits, "MRR@10": float(reciprocal(ranks).mean())}


def reciprocal(ranks: np.ndarray) -> np.ndarray:
    """1 / rank, 0 where not found in the top ten."""
    return np.where((ranks > 0) & (ranks <= DEPTH), 1 / np.maximum(ranks, 1), 0.0)


def interval(values: np.ndarray, weeks: list[str]) -> tuple[float, float]:
    """95 % interval of the mean, resampling whole weeks."""
    chance = np.random.default_rng(0)
    names = sorted(set(weeks))
    belongs = np.array([names.index(week) for week in weeks])
    sums, counts = np.bincount(belongs, values), np.bincount(belongs)
    drawn = chance.integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    data, folder, year, *rest = sys.argv[1:]
    print(json.dumps(rank_passages(Path(data), Path(folder), int(year), int(rest[0]) if rest else None)))

"""RGB: questions with documents of their own, mixed to try one ability: noise, rejection, or false documents."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import SettingsError
from ingest.records import Article
from qa.evaluation.formats.fields import (
    BadRow,
    Fields,
    Files,
    Item,
    items,
    json_lines,
    listed,
    optional,
    required,
    texts,
    whole,
)
from qa.evaluation.records import Gold, Support

MODES = ("noise", "rejection", "counterfactual")
_MOST_ANSWERS = 2_000  # wordings of one answer, all parts combined


@dataclass(frozen=True, slots=True)
class Mix:
    """How the documents of a question are mixed.

    mode: "noise" puts documents without the answer among those with it; "rejection" gives only such, so that the
        question cannot be answered; "counterfactual" gives documents in which the answer was falsified.
    noise: the share of documents without the answer, in [0, 1].
    documents: how many there are, as far as the file has so many.
    seed: of their order; the same for every mix, so that two mixes differ in what they hold alone.
    """

    mode: str = "noise"
    noise: float = 0.4
    documents: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SettingsError(f"RGB has no mode {self.mode!r}; give one of {', '.join(MODES)}")
        if not 0 <= self.noise <= 1 or self.documents < 1:
            raise SettingsError(
                f"RGB's noise {self.noise} is not a share in [0, 1], or {self.documents} are no documents"
            )


def read(path: Path, files: Files, mix: Mix | None = None) -> Iterator[Item]:
    """The questions of a file, each with its documents."""
    mix = mix or Mix()
    yield from items(json_lines(files.json_text(path)), lambda row, line: gold(row, line, mix))


def gold(row: Fields, line: int, mix: Mix) -> Gold:
    """The question of a row with documents mixed for it."""
    name = optional(row, "id") or str(line)
    true, false = _answers(row), texts(row, "fakeanswer")
    helpful, others = _mixed(row, mix)
    documents = [Article(text=text, origin=f"line {line}") for text in helpful + others]
    gold_ids = {document.article_id for document in documents[: len(helpful)]}
    random.Random(f"{mix.seed} {name}").shuffle(documents)
    answerable = mix.mode != "rejection" and mix.noise < 1
    supports = tuple(Support(d.article_id, d.text) for d in documents if d.article_id in gold_ids)
    return Gold(
        id=name,
        question=required(row, "query"),
        answers=true if answerable else (),
        answerable=answerable,
        supports=supports if answerable and mix.mode == "noise" else (),
        choices=(true[0], false[0]) if false and mix.mode == "counterfactual" else (),
        choice=0 if false and mix.mode == "counterfactual" else None,
        documents=tuple(documents),
        tags={"mode": mix.mode},
        line=line,
    )


def _mixed(row: Fields, mix: Mix) -> tuple[list[str], list[str]]:
    """The documents that help (or mislead, where they are falsified), and the others."""
    negative = _flat(row, "negative")
    if mix.mode == "rejection" or mix.noise == 1:
        chosen: tuple[list[str], list[str]] = ([], negative[: mix.documents])
    else:
        positive = _flat(row, "positive_wrong" if mix.mode == "counterfactual" else "positive")
        if not positive:
            raise BadRow(f"it has no documents for the mode {mix.mode!r}")
        spoiling = min(math.ceil(mix.documents * mix.noise), len(negative))
        helping = min(mix.documents - spoiling, len(positive))
        chosen = (positive[:helping], negative[: mix.documents - helping])
    if not any(chosen):
        raise BadRow(f"it has no documents for the mode {mix.mode!r}")
    return chosen


def _flat(row: Fields, name: str) -> list[str]:
    """Documents in order; where each part of the answer has its own, one for every part first, then the next ones."""
    documents = listed(row, name)
    if all(isinstance(document, list) for document in documents):
        rounds = itertools.zip_longest(*documents)
        documents = [document for found in rounds for document in found if document is not None]
    if not all(isinstance(document, str) and document.strip() for document in documents):
        raise BadRow(f"'{name}' is not a list of texts")
    return list(dict.fromkeys(documents))


def _answers(row: Fields) -> tuple[str, ...]:
    """Every wording of the answer: all parts are needed, and a part that is a list may be said in any of its ways."""
    told: Any = row.get("answer")
    parts = told if isinstance(told, list) else [told]
    ways = [part if isinstance(part, list) else [part] for part in parts]
    if not ways or not all(way and all(isinstance(word, str | int | float) for word in way) for way in ways):
        raise BadRow("'answer' is missing, or holds something else than text")
    if math.prod(map(len, ways)) > _MOST_ANSWERS:
        raise BadRow("'answer' has too many wordings")
    return tuple(dict.fromkeys("; ".join(whole(str(word)) for word in said) for said in itertools.product(*ways)))

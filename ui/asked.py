"""The questions of a run, to be found by what became of them, by tag and by words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qa.evaluation.records import Row, Run
from qa.evaluation.verdicts import STATES, verdict
from qa.language import fold


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; `text` is everything that a search looks through."""

    row: Row
    state: str
    tags: frozenset[str]
    text: str


def asked(run: Run) -> list[Asked]:
    """The questions of a run, in its order."""
    return [Asked(row, verdict(row).state, frozenset(tags_of(row)), fold(_text(row))) for row in run.rows]


def tags_of(row: Row) -> list[str]:
    """The tags of a question as "tag: value"."""
    return [f"{tag}: {value}" for tag, value in row.gold["tags"].items()]


def counts(questions: Sequence[Asked]) -> dict[str, int]:
    """How many questions ended in each state, of the states that there are."""
    counted = Counter(question.state for question in questions)
    return {state: counted[state] for state in STATES if counted[state]}


def all_tags(questions: Sequence[Asked]) -> list[str]:
    """Every tag and value that a question has, in order."""
    return sorted({tag for question in questions for tag in question.tags})


def fitting(questions: Sequence[Asked], state: str = "", tag: str = "", search: str = "") -> list[Row]:
    """The questions in that state, with that tag, that hold each of the words; "" asks for nothing."""
    words = fold(search).split()
    return [
        question.row
        for question in questions
        if (not state or question.state == state)
        and (not tag or tag in question.tags)
        and all(word in question.text for word in words)
    ]


def _text(row: Row) -> str:
    return " ".join([row.id, row.gold["question"], *row.gold["answers"], row.text, *row.gold["tags"].values()])

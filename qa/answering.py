"""What every answerer gives: a draft answer with its citations, or an abstention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.question import Question
from qa.records import Citation, ScoredPassage

NOT_FOUND = {
    "en": "The articles here do not answer that.",
    "es": "Los artículos no responden a esa pregunta.",
}


NOTHING_TO_READ = {
    "en": "No article here is of those dates, outlets, languages and words.",
    "es": "Ningún artículo es de esas fechas, medios, idiomas y palabras.",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is handed over; the fields are those of Answer.

    passages: those it was given, in the order in which they seem to answer; None where the answerer ranks nothing.
    """

    text: str
    abstained: bool
    confidence: float
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()
    short: str = ""
    passages: tuple[ScoredPassage, ...] | None = None


class Answerer(Protocol):
    """Writes an answer from passages."""

    name: str

    def stream(self, question: Question, passages: Sequence[ScoredPassage]) -> Iterator[str | Draft]:
        """Pieces of the text as they are written; the draft is the last item."""
        ...


def abstain(question: Question, confidence: float, passages: Sequence[ScoredPassage]) -> Draft:
    """Say that the passages hold no answer, or that there was nothing to read."""
    says = NOT_FOUND if passages else NOTHING_TO_READ
    return Draft(says.get(question.language, says["en"]), True, confidence, passages=tuple(passages))

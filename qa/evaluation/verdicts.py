"""What became of each question, and everything that went wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa.evaluation.records import Row

STATES = {
    "right": "right",
    "wrong": "wrong",
    "refused-rightly": "rightly refused",
    "refused-wrongly": "wrongly refused",
    "unmeasured": "unmeasured",
}
FAULTS = {
    "unasked": "It could not be asked: {}",
    "answered": "It was answered, though the articles hold no answer.",
    "unjudged": "The test set does not say which answers are right.",
    "retrieved-and-refused": "The evidence was among the passages, but it was refused.",
    "retrieved-and-wrong": "The evidence was among the passages, but the answer was not read out of it.",
    "not-retrieved": "The evidence was not among the first ten passages.",
    "not-cited": "No citation reaches the evidence that the accepted answer rests on.",
    "not-verbatim": "A quote does not stand in its article as cited.",
    "unsupported": "Sentences without a citation: {}.",
    "judge": "{}",
}
_RETRIEVED = (
    "hit@10",
    "article:hit@10",
    "answer_in_passage@10",
)  # the first that is known tells whether gold was there


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong with a question; as text, a sentence.

    kind: one of FAULTS. detail: what fills its sentence in.
    """

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return FAULTS[self.kind].format(self.detail)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a question: one of STATES, and what went wrong."""

    state: str
    faults: tuple[Fault, ...] = ()


def verdict(row: Row) -> Verdict:
    """What became of a question, and everything that went wrong with it."""
    if row.error:
        return Verdict("unmeasured", (Fault("unasked", row.error),))
    faults = tuple(_faults(row))
    if row.abstained:
        return Verdict("refused-wrongly" if row.gold["answerable"] else "refused-rightly", faults)
    if not row.gold["answerable"]:
        return Verdict("wrong", (Fault("answered"), *faults))
    right = row.metrics.get("right")
    if right is None:
        return Verdict("unmeasured", (Fault("unjudged"), *faults))
    return Verdict("right" if right >= 1 else "wrong", faults)


def _faults(row: Row) -> Iterator[Fault]:
    metrics = row.metrics
    retrieved = next((metrics[name] for name in _RETRIEVED if metrics.get(name) is not None), None)
    right = (metrics.get("right") or 0) >= 1
    if row.gold["answerable"] and not right and retrieved is not None:
        if retrieved:
            yield Fault("retrieved-and-refused" if row.abstained else "retrieved-and-wrong")
        else:
            yield Fault("not-retrieved")
    if right and metrics.get("attributed") == 0:
        yield Fault("not-cited")
    if any(citation.get("verbatim") is False for citation in row.citations):
        yield Fault("not-verbatim")
    if row.unsupported:
        yield Fault("unsupported", str(len(row.unsupported)))
    for name, said in row.verdicts.items():
        for error in said.get("errors", ()):
            yield Fault("judge", f"{name}: {error}")

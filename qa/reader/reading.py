"""Finds the answer to a question in passages: where it stands, how likely it is, and whether any passage answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.minilm import load_tokenizer
from qa.reader.engine import Engine, Logits
from qa.reader.windows import Window, Windows
from qa.records import ScoredPassage

WINDOW_TOKENS = 256  # of question, title and text together
LONGEST = 30  # tokens of an answer
BEGINNINGS = 8  # likeliest starts, and as many ends, that are looked at in a window
SPANS = 5  # kept of each passage


@dataclass(frozen=True, slots=True)
class Span:
    """Where an answer may stand; start and end are offsets into the passage's text.

    likely: probability that the answer begins and ends here, in [0, 1], as the network sees its window.
    """

    start: int
    end: int
    likely: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage.

    spans: the likeliest, best first, none overlapping a better one.
    answers: logit that the passage answers; absent: probability that no span of it does, in [0, 1].
    """

    scored: ScoredPassage
    spans: tuple[Span, ...]
    answers: float
    absent: float


class Reader:
    """The trained network with its tokenizer. Safe to use from several threads."""

    def __init__(self, engine: Engine | None = None, *, tokens: int = WINDOW_TOKENS) -> None:
        tokenizer = load_tokenizer()
        tokenizer.no_truncation()
        self._engine = engine or Engine()
        self._windows = Windows(tokenizer, tokens=tokens)

    @property
    def digest(self) -> str:
        """What tells its network from every other."""
        return self._engine.digest

    def read(
        self, question: str, passages: Sequence[ScoredPassage], stretches: Sequence[tuple[int, int]] | None = None
    ) -> list[Reading]:
        """A reading of every passage, in their order.

        Args:
            question: what is asked.
            passages: where to look.
            stretches: of each passage, the part that is read, as offsets into its text; all of it if None.
        """
        stretches = stretches or [(0, len(scored.passage.text)) for scored in passages]
        texts = [(s.article.title, s.passage.text[slice(*part)]) for s, part in zip(passages, stretches, strict=True)]
        readings = []
        for scored, (start, _), found in zip(passages, stretches, self.spans(question, texts), strict=True):
            spans, answers, absent = found
            moved = tuple(Span(span.start + start, span.end + start, span.likely) for span in spans)
            readings.append(Reading(scored, moved, answers, absent))
        return readings

    def spans(self, question: str, texts: Sequence[tuple[str, str]]) -> list[tuple[tuple[Span, ...], float, float]]:
        """For each (title, text): its spans, the logit that it answers, the probability that no span does."""
        windows = [list(self._windows.of(question, title, text)) for title, text in texts]
        logits = iter(self._engine.read([window for some in windows for window in some]))
        return [_joined([_decoded(window, next(logits)) for window in some]) for some in windows]


def _decoded(window: Window, logits: Logits) -> tuple[list[Span], float, float]:
    starts, ends = _shares(logits.starts), _shares(logits.ends)
    first, last = (np.argsort(-shares[1:])[:BEGINNINGS] + 1 for shares in (starts, ends))
    spans = [
        Span(window.offsets[i - 1][0], window.offsets[j - 1][1], float(starts[i] * ends[j]))
        for i in first
        for j in last
        if i <= j < i + LONGEST
    ]
    return sorted(spans, key=lambda span: -span.likely), logits.answers, float(starts[0] * ends[0])


def _joined(windows: list[tuple[list[Span], float, float]]) -> tuple[tuple[Span, ...], float, float]:
    """The windows of one text as one; where they overlap, the likelier view of a span counts."""
    if not windows:
        return (), -20.0, 1.0
    kept: list[Span] = []
    for span in sorted((span for spans, *_ in windows for span in spans), key=lambda span: -span.likely):
        if len(kept) < SPANS and not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    return tuple(kept), max(answers for _, answers, _ in windows), min(absent for *_, absent in windows)


def _shares(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    raised = np.exp(logits.astype(np.float64) - logits.max())
    shares: NDArray[np.float64] = raised / raised.sum()
    return shares

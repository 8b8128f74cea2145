"""Of a figure that articles tell differently, the newest: a death toll rises and is corrected, a rate is cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.records import iso_date
from ingest.words import stems
from qa.question import Question
from qa.reader.candidates import Candidate

BEHIND = 3.0  # by how much a newer figure's log-odds may fall short of the likeliest one's
SAME = 0.35  # share of the words of the shorter sentence, that two sentences about the same thing have in common
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


def newest_first(question: Question, found: Sequence[Candidate], logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-odds, those of the likeliest figure and of the newest that tells of the same thing exchanged.

    As they are where no figure is asked for, or that of a time which the question names. BEHIND and SAME were chosen
    on corpus/practice.
    """
    if question.expects != "number" or not len(found) or _asks_of_a_time(question):
        return logits
    top = newest = int(np.argmax(logits))
    for place, one in enumerate(found):
        if logits[place] >= logits[top] - BEHIND and _day(one) > _day(found[newest]) and _alike(one, found[top]):
            newest = place
    exchanged = logits.copy()
    exchanged[[top, newest]] = logits[[newest, top]]
    return exchanged


def _asks_of_a_time(question: Question) -> bool:
    bounded = question.published_after or question.published_before
    return bool(_YEAR.search(question.text) or (bounded and not question.present))


def _alike(one: Candidate, other: Candidate) -> bool:
    language = one.scored.article.language or "en"
    words, others = (set(stems(c.scored.article.text[slice(*c.sentence)], language)) for c in (one, other))
    return len(words & others) >= SAME * min(len(words), len(others))


def _day(one: Candidate) -> str:
    return iso_date(one.scored.article.published) or ""

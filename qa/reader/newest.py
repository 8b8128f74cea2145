"""Of a figure that articles tell differently, the newest: a death toll rises and is corrected, a rate is cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from qa.question import Question
from qa.reader.candidates import Candidate, shared_words, years_asked

BEHIND = 3.0  # by how much a newer figure's log-odds may fall short of the likeliest one's
SAME = 0.35  # share of the words of the shorter sentence, that two sentences about the same thing have in common


def newest_first(question: Question, found: Sequence[Candidate], logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-odds, those of the likeliest figure and of the newest that tells of the same thing exchanged.

    As they are where no figure is asked for, or that of a time which the question names. BEHIND and SAME were chosen
    on corpus/practice.
    """
    if question.expects != "number" or not len(found) or _asks_of_a_time(question):
        return logits
    top = newest = int(np.argmax(logits))
    for place, one in enumerate(found):
        newer = _published(one) > _published(found[newest]) and logits[place] >= logits[top] - BEHIND
        if newer and shared_words(one, found[top]) >= SAME:
            newest = place
    exchanged = logits.copy()
    exchanged[[top, newest]] = logits[[newest, top]]
    return exchanged


def _asks_of_a_time(question: Question) -> bool:
    bounded = question.published_after or question.published_before
    return bool(years_asked(question) or (bounded and not question.present))


def _published(one: Candidate) -> datetime:
    return one.scored.article.published or datetime.min.replace(tzinfo=UTC)

"""Answers that may be right: where passages hold them, what speaks for each, and how likely each is right."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.sentences import sentence_spans
from ingest.words import stems
from qa.language import fold
from qa.overlap import Overlap
from qa.question import Question
from qa.reader.reading import Reading, Span
from qa.reader.snapping import snap
from qa.records import ScoredPassage

FITTED = Path(__file__).parent / "fitted.json"
FEATURES = (
    "likely",  # log-odds of the span against "not here"
    "answers",  # logit that the passage answers
    "similarity",  # cosine of question and passage
    "rank",  # 1 / the passage's rank
    "sentence",  # share of the question's words in the sentence
    "passage",  # and in the passage with its title
    "names",  # share of the question's names in the passage with its title
    "numbers",
    "shows",  # whether the span shows the kind of thing asked for
    "echoes",  # share of its words that the question says
    "long",  # logarithm of its words
    "best",  # whether it is its passage's likeliest span
    "agreeing",  # logarithm of what other passages add to the same answer
    "outlets",  # whether another outlet gives the same answer
    "share",  # logarithm of the answer's share of what all candidates together have
    "ahead",  # how far the similarity of its article exceeds that of every other article read
)


_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_WORD = re.compile(r"\w+")
_NAME_AND_VERB = re.compile(r"[^\W\d_a-zà-öø-ÿ][\w'’-]*(?= [a-zà-öø-ÿ])")  # a capitalised word before one that is not


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer in its place; start and end, and the sentence's, are offsets into the article's text.

    key: what equal answers share, however they are written.
    """

    scored: ScoredPassage
    start: int
    end: int
    sentence: tuple[int, int]
    key: str
    likely: float
    reading: Reading
    best: bool

    @property
    def text(self) -> str:
        """The answer, verbatim."""
        return self.scored.article.text[self.start : self.end]


def candidates(question: Question, readings: Sequence[Reading]) -> list[Candidate]:
    """The answers that the readings point at, widened to what a person would quote; in the readings' order.

    Where the question names a year, an article that does not, and is not of that year, gives none: what was so in
    one year is the likeliest wrong answer for another.
    """
    found = []
    for reading in readings:
        if not _is_of_the_years(question, reading.scored):
            continue
        passage, language = reading.scored.passage, reading.scored.article.language or "en"
        sentences = sentence_spans(passage.text, language)
        seen: set[tuple[int, int]] = set()
        for place, span in enumerate(reading.spans):
            start, end = _snapped(question, passage.text, span)
            if start < end and (start, end) not in seen:
                seen.add((start, end))
                found.append(_candidate(reading, span, (start, end), sentences, best=place == 0))
    return found


def features(overlap: Overlap, found: Sequence[Candidate]) -> NDArray[np.float64]:
    """What speaks for and against each candidate: (candidates, len(FEATURES))."""
    held: dict[str, list[Candidate]] = defaultdict(list)
    for one in found:
        held[one.key].append(one)
    of_passages = {id(one.reading): _of_passage(overlap, one.reading) for one in found}
    everything = sum(one.likely for one in found) + 1e-9
    rows = []
    for one in found:
        same = held[one.key]
        values = of_passages[id(one.reading)] | {
            "likely": _log_odds(one.likely, one.reading.absent),
            "sentence": overlap.covered(_sentence(one), one.scored.article.language or "en"),
            "shows": overlap.shows(one.text),
            "echoes": overlap.echoes(one.text),
            "long": math.log(1 + len(one.text.split())),
            "best": float(one.best),
            **_agreement(one, same),
            "share": math.log(1e-3 + sum(other.likely for other in same) / everything),
            "ahead": _ahead(one, found),
        }
        rows.append([values[name] for name in FEATURES])
    return np.array(rows).reshape(len(rows), len(FEATURES))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted on questions kept from training the network (qa/reader/calibrate.py).

    weights, bias: of a logistic regression, whether a candidate is right; slope, shift: how sure one may be of the
    likeliest; abstain_below: the confidence under which nothing is answered.
    """

    weights: NDArray[np.float64]
    bias: float
    slope: float
    shift: float
    abstain_below: float

    def logits(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds that each candidate is right."""
        logits: NDArray[np.float64] = table @ self.weights + self.bias
        return logits

    def confidence(self, logit: float) -> float:
        """How often an answer is right whose likeliest candidate has these log-odds, in [0, 1]."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * logit + self.shift))))


@cache
def fitted(path: Path = FITTED) -> Fitted:
    """The fitted figures that are shipped."""
    values = json.loads(path.read_text(encoding="utf-8"))
    weights = np.array([values["weights"][name] for name in FEATURES])
    return Fitted(weights, values["bias"], values["slope"], values["shift"], values["abstain_below"])


def names_asked(question: Question, text: str) -> bool:
    """Whether a text names what the question does: "Belize and Mexico" is not which countries border Mexico."""
    return any(fold(name) in fold(text) for name in question.names)


def _candidate(
    reading: Reading, span: Span, place: tuple[int, int], sentences: list[tuple[int, int]], *, best: bool
) -> Candidate:
    passage = reading.scored.passage
    around = [s for s in sentences if s[0] < place[1] and s[1] > place[0]] or [place]
    start, end = (passage.start + offset for offset in place)
    sentence = (passage.start + around[0][0], passage.start + around[-1][1])
    key = answer_key(passage.text[place[0] : place[1]])
    return Candidate(reading.scored, start, end, sentence, key, span.likely, reading, best)


def shared_words(one: Candidate, other: Candidate) -> float:
    """The share of the words of the shorter of two candidates' sentences that stand in the other too."""
    language = one.scored.article.language or "en"
    words, others = (set(stems(_sentence(each), language)) for each in (one, other))
    return len(words & others) / max(1, min(len(words), len(others)))


def answer_key(text: str) -> str:
    """What equal answers share: lower case, no accents, no punctuation, no leading article."""
    words = "".join(c if c.isalnum() else " " for c in fold(text).replace(",", "")).split()
    while len(words) > 1 and words[0] in ("a", "an", "the", "el", "la", "los", "las", "un", "una"):
        words = words[1:]
    return " ".join(words)


def _snapped(question: Question, text: str, span: Span) -> tuple[int, int]:
    """The span widened; to a whole list only where one is asked for, never to one that names what the question does."""
    pointed_end = _before_the_echo(question, text, span)
    if question.expects == "list":
        start, end = snap(text, span.start, pointed_end, listing=True)
        if not names_asked(question, text[start:end]):
            return start, end
    return snap(text, span.start, pointed_end)


def _before_the_echo(question: Question, text: str, span: Span) -> int:
    """Where the span ends, or the name in it after which it only repeats the question ("Chiapas border Guatemala")."""
    asked = set(_WORD.findall(fold(question.text)))
    for name in _NAME_AND_VERB.finditer(text, span.start, span.end):
        tail = _WORD.findall(fold(text[name.end() : span.end]))
        if len(tail) > 1 and asked.issuperset(tail):
            return name.end()
    return span.end


def years_asked(question: Question) -> list[str]:
    """The years that the question names."""
    return [number for number in question.numbers if _YEAR.fullmatch(number)]


def _is_of_the_years(question: Question, scored: ScoredPassage) -> bool:
    article = scored.article
    of = str(article.published.year) if article.published else ""
    return all(year == of or year in article.title or year in article.text for year in years_asked(question))


def _sentence(one: Candidate) -> str:
    return one.scored.article.text[slice(*one.sentence)]


def _of_passage(overlap: Overlap, reading: Reading) -> dict[str, float]:
    scored = reading.scored
    around = f"{scored.article.title} {scored.passage.text}"
    return {
        "answers": reading.answers,
        "similarity": scored.similarity,
        "rank": 1 / scored.rank,
        "passage": overlap.covered(around, scored.article.language or "en"),
        "names": overlap.names(scored),
        "numbers": overlap.numbers(scored),
    }


def _agreement(one: Candidate, same: Sequence[Candidate]) -> dict[str, float]:
    others = [other for other in same if other.scored.article.article_id != one.scored.article.article_id]
    added = sum(other.likely for other in others)
    elsewhere = any(other.scored.article.source != one.scored.article.source for other in others)
    return {"agreeing": math.log(1e-3 + added) - math.log(1e-3), "outlets": float(elsewhere)}


def _ahead(one: Candidate, found: Sequence[Candidate]) -> float:
    ours = one.scored.article.article_id
    best = max(other.scored.similarity for other in found if other.scored.article.article_id == ours)
    others = [other.scored.similarity for other in found if other.scored.article.article_id != ours]
    return best - max(others, default=0.0)


def _log_odds(likely: float, absent: float) -> float:
    return math.log(likely + 1e-7) - math.log(absent + 1e-7)

"""Answering without an LLM: the short answer out of the articles, the sentences it stands in, or an abstention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.sentences import sentence_spans
from qa.answering import Draft, abstain
from qa.overlap import Overlap
from qa.question import Question
from qa.reader.candidates import Candidate, Fitted, candidates, features, fitted, names_asked, shared_words
from qa.reader.newest import newest_first
from qa.reader.reading import Reader, Reading
from qa.reader.stretch import stretch
from qa.records import Citation, ScoredPassage

READ_PASSAGES = 4  # more cost time and bring nothing: held out, 4 answered as many questions right as 8
READ_CHARACTERS = 480  # of each passage but the first
LIST_BONUS = 1.0  # to an enumeration where one is asked for; by hand, as what was fitted on holds few such questions
LONGEST_SHORT = 12  # words; a longer span is a statement, and is told as the sentence it stands in
TOLD_AS_SENTENCES = ("why", "how", "event", "yesno", "definition")
MOST_SENTENCES = {"why": 3, "how": 3, "event": 3}  # and of every other type of question: 2
# A further sentence is told where its log-odds are at most so far below the best one's, of the same article: of those
# of other articles two in three were beside the point (corpus/practice).
NEAR_BEST = 2.0
_LEANS = re.compile(
    r"(He|She|They|It|This|That|These|Those|His|Her|Their|Its|Él|Ella|Ellos|Ellas|Esto|Este|Esta|Eso|Su|Sus)\b"
)


class ReaderAnswerer:
    """Reads the best passages with the trained reader, and abstains where it finds no answer that it can trust."""

    name = "reader"

    def __init__(self, reader: Reader | None = None, figures: Fitted | None = None) -> None:
        self._reader = reader or Reader()
        self._fitted = figures or fitted()

    @property
    def digest(self) -> str:
        """What tells its network from every other."""
        return self._reader.digest

    def stream(self, question: Question, passages: Sequence[ScoredPassage]) -> Iterator[str | Draft]:
        """Pieces of the text, a sentence at a time; the draft is the last item."""
        overlap = Overlap(question)
        readings = read_best(self._reader, overlap, passages)
        found = candidates(question, readings)
        logits = self._logits(overlap, found)
        sure = self._fitted.confidence(float(logits.max())) if found else 0.0
        ranked = tuple(reranked(readings, found, logits)) + tuple(passages[READ_PASSAGES:])
        if sure < self._fitted.abstain_below:
            draft = abstain(question, sure, ranked)
            yield draft.text
            yield draft
            return
        pieces, short, citations = _told(question, found, logits)
        yield from pieces
        yield Draft("".join(pieces), False, sure, citations, short=short, passages=ranked)

    def _logits(self, overlap: Overlap, found: Sequence[Candidate]) -> NDArray[np.float64]:
        logits = self._fitted.logits(features(overlap, found))
        if overlap.question.expects == "list":
            listed = [overlap.shows(one.text) and not names_asked(overlap.question, one.text) for one in found]
            logits += LIST_BONUS * np.array(listed)
        return newest_first(overlap.question, found, logits)


def read_best(reader: Reader, overlap: Overlap, passages: Sequence[ScoredPassage]) -> list[Reading]:
    """Readings of the best passages: the first whole, of the others the part that shares most with the question."""
    best = passages[:READ_PASSAGES]
    parts = [
        stretch(overlap, scored, READ_CHARACTERS) if place else (0, len(scored.passage.text))
        for place, scored in enumerate(best)
    ]
    return reader.read(overlap.question.search_text, best, parts)


def reranked(
    readings: Sequence[Reading], found: Sequence[Candidate], logits: NDArray[np.float64]
) -> list[ScoredPassage]:
    """The passages in the order in which they seem to answer; each keeps its score, its rank is the new one."""
    best: dict[int, float] = {}
    for one, logit in zip(found, logits, strict=True):
        place = id(one.reading)
        best[place] = max(best.get(place, -np.inf), float(logit))
    order = sorted(readings, key=lambda reading: -best.get(id(reading), -np.inf))
    return [replace(reading.scored, rank=rank) for rank, reading in enumerate(order, 1)]


def _told(
    question: Question, found: Sequence[Candidate], logits: NDArray[np.float64]
) -> tuple[list[str], str, tuple[Citation, ...]]:
    """The text in pieces, the short answer in it, and the citations."""
    order = [found[i] for i in np.argsort(-logits, kind="stable")]
    top = order[0]
    short = " ".join(top.text.split())
    if question.expects in TOLD_AS_SENTENCES or len(short.split()) > LONGEST_SHORT:
        near = [
            one
            for one, logit in zip(order, sorted(logits, reverse=True), strict=True)
            if logit > max(logits) - NEAR_BEST and one.scored.article.article_id == top.scored.article.article_id
        ]
        told = _distinct(near)[: MOST_SENTENCES.get(question.expects, 2)]
        citations = _citations(sorted(told, key=lambda one: one.sentence))
        sentences = [f"{' '.join(one.quote.split())} [{one.number}]" for one in citations]
        return [sentences[0], *(f" {sentence}" for sentence in sentences[1:])], "", citations
    agreeing = _distinct([one for one in order if one.key == top.key])[:2]
    citations = _citations(agreeing)
    opening = short[0].upper() + short[1:]
    if _says_no_more(citations[0].quote, short):
        return [f"{opening} [1]"], short, citations[:1]
    marks = "".join(f"[{one.number}]" for one in citations)
    sentences = [f"{' '.join(one.quote.split())} [{one.number}]" for one in citations[:1]]
    return [f"{opening} {marks}\n\n", *sentences], short, citations


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """One candidate for each thing that is said; of those in sentences that say the same, the first."""
    kept: list[Candidate] = []
    for one in found:
        if not any(_overlap(one, held) for held in kept):
            kept.append(one)
    return kept


def _overlap(one: Candidate, held: Candidate) -> bool:
    if one.scored.article.article_id == held.scored.article.article_id:
        if one.sentence[0] < held.sentence[1] and held.sentence[0] < one.sentence[1]:
            return True
    return shared_words(one, held) >= 0.6


def _citations(found: Sequence[Candidate]) -> tuple[Citation, ...]:
    citations = []
    for number, one in enumerate(found, 1):
        article = one.scored.article
        start, end = _told_from(one), one.sentence[1]
        citations.append(Citation(number, article, start, end, article.text[start:end], one.scored.also_in))
    return tuple(citations)


def _told_from(one: Candidate) -> int:
    """Where a reader should begin: at the sentence before, if this one leans on it ("She said ...")."""
    article, passage = one.scored.article, one.scored.passage
    if not _LEANS.match(article.text, one.sentence[0]):
        return one.sentence[0]
    before = article.text[passage.start : one.sentence[0]]
    spans = sentence_spans(before.rstrip(), article.language or "en") if "\n\n" not in before[-2:] else []
    return passage.start + spans[-1][0] if spans else one.sentence[0]


def _says_no_more(quote: str, short: str) -> bool:
    return len(quote.split()) <= len(short.split()) + 2

"""Answering without an LLM: the sentences that answer, verbatim, each with its citation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.embed import PassageEmbeddings
from ingest.records import iso_date
from ingest.sentences import sentence_spans
from ingest.words import stems
from qa.answering import Draft, abstain
from qa.language import fold
from qa.question import Question
from qa.records import Citation, ScoredPassage

READ_SENTENCES = 12  # compared with the question by their vectors: the costly step
ABSTAIN_BELOW = (
    0.13  # of probability(); held out, 0.10 refuses 58% of the unanswerable and 9% of the others, 0.15 71% and 11%
)
NEAR_BEST = 0.75  # a further sentence is told where its score is at least this share of the best one's
TOLD_IN_ORDER = ("why", "how", "what", "definition")
MOST_SENTENCES = {"why": 3, "how": 3}  # and of every other type of question: 2

FEATURES = ("sentence_words", "passage_words", "sentence_cosine", "passage_cosine", "type", "names", "numbers", "rank")
# Logistic regressions on RealTime QA 2022 and 2024 and SQuAD-like questions, by tests/benchmarks/fit_sentences.py:
# whether a sentence answers; and how often the likeliest one is right, given how likely it seemed.
WEIGHTS = np.array([1.12, 1.99, 2.56, 0.79, 0.43, 0.28, 0.82, 0.51])
BIAS = -7.26
CONFIDENCE_SLOPE, CONFIDENCE_BIAS = 1.8, 1.5

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)|Apr(?:il|\.)|May|June?|July?|Aug(?:ust|\.)|Sept?(?:ember|\.)?|"
    r"Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?|(?:de )?(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    r"septiembre|octubre|noviembre|diciembre))"
)
_NUMBER_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|[mb]illions?|half|"
    r"twice|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien(?:to)?s?|mil(?:es)?|mill[oó]n(?:es)?"
)
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_SHOWS = {
    "number": re.compile(  # neither a year, nor a day before its month, nor an ordinal
        rf"(?<![\d.,])(?!(?:1[5-9]|20)\d\d\b)\d[\d.,]*(?!\d| {_MONTH}\b|st\b|nd\b|rd\b|th\b)"
        rf"|\b(?i:{_NUMBER_WORD})\b"
    ),
    "date": re.compile(
        rf"\b(?:1[5-9]|20)\d\d\b|\b{_MONTH}(?!\w)|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
        r"\b(?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|yesterday|today|tomorrow|ayer|hoy)\b",
        re.IGNORECASE,
    ),
    "person": re.compile(rf"{_CAPITAL} (?:(?:de|da|del|van|von|bin|al) (?:la )?)?{_CAPITAL}"),
    "place": re.compile(rf"\b(?:in|at|near|from|to|of|across|en|de|desde|hacia) (?:the |la |el |los )?{_CAPITAL}"),
    "list": re.compile(r",[^,.;]+(?:,| and | y | or )"),
    "quote": re.compile(r"[\"“”«»]|\b(said|says|told|dijo|afirm[oó]|asegur[oó])\b"),
    "why": re.compile(r"\b(because|due to|owing|after|since|so that|in order to|caused?|porque|debido|para|tras)\b"),
}  # fmt: skip
_LEANS = re.compile(
    r"(He|She|They|It|This|That|These|Those|His|Her|Their|Its|Él|Ella|Ellos|Ellas|Esto|Este|Esta|Eso|Su|Sus)\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage that may answer; start and end are offsets into the article's text."""

    scored: ScoredPassage
    start: int
    end: int
    previous: int | None
    language: str

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.scored.article.text[self.start : self.end]

    @property
    def told_from(self) -> int:
        """Where a reader should begin: at the sentence before, if this one leans on it ("She said ...")."""
        leans = self.previous is not None and _LEANS.match(self.text)
        return self.previous if leans and self.previous is not None else self.start

    @property
    def told(self) -> str:
        """The sentence with the one it leans on, verbatim."""
        return self.scored.article.text[self.told_from : self.end]


class ExtractiveAnswerer:
    """Picks and orders the sentences that answer, and abstains where support is weak."""

    name = "sentences"

    def __init__(self, embeddings: PassageEmbeddings) -> None:
        self._embeddings = embeddings

    def stream(self, question: Question, passages: Sequence[ScoredPassage]) -> Iterator[str | Draft]:
        """Pieces of the text, a sentence at a time; the draft is the last item."""
        sentences, features = self.read(question, passages)
        scores = probability(features)
        if not sentences or scores.max() < ABSTAIN_BELOW:
            draft = abstain(question, confidence(float(scores.max(initial=0.0))))
            yield draft.text
            yield draft
            return
        citations = _citations(_chosen(question, sentences, scores))
        pieces = [f"{' '.join(citation.quote.split())} [{citation.number}]" for citation in citations]
        for i, piece in enumerate(pieces):
            yield piece if i == 0 else f" {piece}"
        yield Draft(" ".join(pieces), False, confidence(float(scores.max())), citations)

    def read(self, question: Question, passages: Sequence[ScoredPassage]) -> tuple[list[Sentence], NDArray[np.float64]]:
        """The sentences most likely to answer, and their features: (n, len(FEATURES))."""
        sentences = _sentences(passages)
        if not sentences:
            return [], np.empty((0, len(FEATURES)))
        words = _Words(question)
        rough = np.array([words.rough(sentence) for sentence in sentences])
        nearest = np.argsort(-rough, kind="stable")[:READ_SENTENCES]
        sentences = [sentences[i] for i in nearest]
        vectors = self._embeddings.encode_few([question.search_text, *(s.told for s in sentences)])
        cosines = vectors[1:] @ vectors[0]
        rows = [words.features(sentence, float(cosine)) for sentence, cosine in zip(sentences, cosines, strict=True)]
        return sentences, np.array(rows)


def probability(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely each sentence answers, in [0, 1]."""
    likely: NDArray[np.float64] = 1 / (1 + np.exp(-(features @ WEIGHTS + BIAS)))
    return likely


def confidence(likeliest: float) -> float:
    """How often an answer is right whose best sentence seemed this likely, in [0, 1]."""
    if likeliest <= 0:
        return 0.0
    logit = math.log(likeliest / (1 - likeliest)) if likeliest < 1 else math.inf
    return 1 / (1 + math.exp(-(CONFIDENCE_SLOPE * logit + CONFIDENCE_BIAS)))


class _Words:
    """The words of one question, and how well a sentence shares them."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._by_language: dict[str, dict[str, float]] = {}
        self._asked = set(fold(question.text).split())

    def features(self, sentence: Sentence, cosine: float) -> list[float]:
        scored = sentence.scored
        around = f"{scored.article.title} {scored.passage.text}"
        return [
            self._covered(sentence.told, sentence.language),
            self._covered(around, sentence.language),
            cosine,
            scored.similarity,
            self._type(sentence.text),
            self._share(self._question.names, around),
            self._share(self._question.numbers, f"{around} {iso_date(scored.article.published) or ''}"),
            1 / scored.rank,
        ]

    def rough(self, sentence: Sentence) -> float:
        """A cheap guess at what features() will say."""
        scored = sentence.scored
        covered = self._covered(sentence.told, sentence.language)
        return covered + 0.5 * self._type(sentence.text) + 0.5 * scored.similarity + 0.3 / scored.rank

    def _covered(self, text: str, language: str) -> float:
        weights = self._weights(language)
        present = set(stems(text, language))
        total = sum(weights.values())
        return sum(weight for stem, weight in weights.items() if stem in present) / total if total else 0.0

    def _weights(self, language: str) -> dict[str, float]:
        if language not in self._by_language:
            named = set(stems(" ".join((*self._question.names, *self._question.numbers)), language))
            words = stems(" ".join((*self._question.content_words, *self._question.numbers)), language)
            self._by_language[language] = {word: 1.5 if word in named else 1.0 for word in words}
        return self._by_language[language]

    def _type(self, text: str) -> float:
        """Whether the sentence shows the kind of thing asked for, other than what the question itself says."""
        shows = _SHOWS.get(self._question.expects)
        if shows is None:
            return 0.5
        for found in shows.finditer(text):
            if not set(fold(found.group()).split()) <= self._asked:
                return 1.0
        return 0.0

    @staticmethod
    def _share(wanted: Sequence[str], text: str) -> float:
        """The share of the question's names, or numbers, that stand in the text; 1 where it has none."""
        folded = fold(text)
        return sum(fold(words) in folded for words in wanted) / len(wanted) if wanted else 1.0


def _sentences(passages: Sequence[ScoredPassage]) -> list[Sentence]:
    found: dict[tuple[str, int, int], Sentence] = {}
    for scored in passages:
        passage, language = scored.passage, scored.article.language or "en"
        previous: int | None = None
        for start, end in _whole_lists(passage.text, sentence_spans(passage.text, language)):
            start, end = start + passage.start, end + passage.start
            sentence = Sentence(scored, start, end, previous, language)
            found.setdefault((passage.article_id, start, end), sentence)
            previous = start if "\n\n" not in scored.article.text[start : end + 2] else None
    return list(found.values())


def _whole_lists(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, with a sentence that opens a list joined to the lines of the list."""
    i = 0
    while i < len(spans):
        start, end = spans[i]
        if text[start:end].endswith(":"):
            while i + 1 < len(spans) and re.match(r"[-•*–—]|\d+[.)]", text[spans[i + 1][0] :]):
                i += 1
                end = spans[i][1]
        yield start, end
        i += 1


def _chosen(question: Question, sentences: list[Sentence], scores: NDArray[np.float64]) -> list[Sentence]:
    """The best sentence, and those near it that say something more; a story in the order in which it is told."""
    order = [int(i) for i in np.argsort(-scores, kind="stable")]
    kept: list[Sentence] = []
    for i in order:
        enough = len(kept) == MOST_SENTENCES.get(question.expects, 2)
        if enough or scores[i] < max(ABSTAIN_BELOW, NEAR_BEST * scores[order[0]]):
            break
        if not any(_repeats(sentences[i], held) for held in kept):
            kept.append(sentences[i])
    if question.expects not in TOLD_IN_ORDER:
        return kept
    articles = list(dict.fromkeys(sentence.scored.article.article_id for sentence in kept))
    return sorted(kept, key=lambda s: (articles.index(s.scored.article.article_id), s.start))


def _repeats(sentence: Sentence, held: Sentence) -> bool:
    words, others = set(stems(sentence.text, sentence.language)), set(stems(held.text, held.language))
    return len(words & others) >= 0.6 * min(len(words), len(others))


def _citations(sentences: list[Sentence]) -> tuple[Citation, ...]:
    citations = []
    for number, sentence in enumerate(sentences, 1):
        article = sentence.scored.article
        start, end = sentence.told_from, sentence.end
        citations.append(Citation(number, article, start, end, article.text[start:end], sentence.scored.also_in))
    return tuple(citations)

"""How well a text shares the words of a question, and whether it shows the kind of thing that is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.records import iso_date
from ingest.words import stems
from qa.language import content_words, fold
from qa.question import Question
from qa.records import ScoredPassage

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
    "person": re.compile(_CAPITAL),
    "place": re.compile(_CAPITAL),
    "list": re.compile(r",[^,.;]+(?:,| and | y | or )| and | y "),
    "quote": re.compile(r"[\"“”«»]|\b(said|says|told|dijo|afirm[oó]|asegur[oó])\b"),
    "why": re.compile(r"\b(because|due to|owing|after|since|so that|in order to|caused?|porque|debido|para|tras)\b"),
}  # fmt: skip


class Overlap:
    """One question and its words, weighed; remembers their stems by language."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._by_language: dict[str, dict[str, float]] = {}
        self._asked = set(fold(question.text).split())

    def covered(self, text: str, language: str) -> float:
        """The share of the question's words that stand in the text, names and numbers counting more."""
        weights = self._weights(language)
        present = set(stems(text, language))
        total = sum(weights.values())
        return sum(weight for stem, weight in weights.items() if stem in present) / total if total else 0.0

    def shows(self, text: str) -> float:
        """1 if the text shows the kind of thing asked for, other than what the question says; 0.5 for any kind."""
        shows = _SHOWS.get(self.question.expects)
        if shows is None:
            return 0.5
        for found in shows.finditer(text):
            if not set(fold(found.group()).split()) <= self._asked:
                return 1.0
        return 0.0

    def echoes(self, text: str) -> float:
        """The share of the text's words that the question itself says: an answer rarely repeats what was asked."""
        asked = set(content_words(self.question.text))
        said = content_words(text)
        return sum(word in asked for word in said) / len(said) if said else 1.0

    def names(self, scored: ScoredPassage) -> float:
        """The share of the question's names that stand in the passage or its title; 1 where it has none."""
        return _share(self.question.names, f"{scored.article.title} {scored.passage.text}")

    def numbers(self, scored: ScoredPassage) -> float:
        """The share of the question's figures that stand there or in the day of publication; 1 where it has none."""
        day = iso_date(scored.article.published) or ""
        return _share(self.question.numbers, f"{scored.article.title} {scored.passage.text} {day}")

    def _weights(self, language: str) -> dict[str, float]:
        if language not in self._by_language:
            named = set(stems(" ".join((*self.question.names, *self.question.numbers)), language))
            words = stems(" ".join((*self.question.content_words, *self.question.numbers)), language)
            self._by_language[language] = {word: 1.5 if word in named else 1.0 for word in words}
        return self._by_language[language]


def _share(wanted: Sequence[str], text: str) -> float:
    folded = fold(text)
    return sum(fold(words) in folded for words in wanted) / len(wanted) if wanted else 1.0

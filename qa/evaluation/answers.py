"""Answers compared with the accepted ones: exactly, by words, by value, by choice.

exact_match and token_f1 follow the scripts that published figures come from, to the letter: SQuAD's (lower case,
ASCII punctuation and articles dropped) and RealTime QA's (articles kept, a few counting words of Japanese and Korean
dropped). contains is Dateline's own measure, and more lenient.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from qa.evaluation.records import Gold, Row
from qa.evaluation.values import same_value
from qa.language import fold

__all__ = ["answer_metrics", "choose", "contains", "exact_match", "normalise", "same_value", "says", "token_f1"]

NAMES = ("exact_match", "f1", "contains", "value_match", "choice_accuracy", "answer_words", "right")
_ARTICLES = {
    "en": re.compile(r"\b(?:a|an|the)\b"),
    "es": re.compile(r"\b(?:el|la|los|las|un|una|unos|unas)\b"),
}
_DROP_PUNCTUATION = str.maketrans("", "", string.punctuation)
_DROP_COUNTERS = str.maketrans("", "", "年歳人년")
_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_EXCEPT = re.compile(r"except.{0,4}$", re.DOTALL)  # the reference looks at the last ten characters


def answer_metrics(gold: Gold, row: Row) -> dict[str, float | None]:
    """What an answer is worth against the accepted ones; None where a metric does not apply.

    exact_match and f1 are of the short answer where there is one, else of the text; contains of the whole text.
    An abstention on an answerable question is worth 0.
    """
    scores: dict[str, float | None] = dict.fromkeys(NAMES)
    if not gold.answerable or row.error:
        return scores
    text = without_marks(row.text)
    if not row.abstained:
        scores["answer_words"] = float(len(text.split()))
    if gold.choices and gold.choice is not None:
        chosen = None if row.abstained else choose(row.short or text, gold.choices, gold.language)
        if chosen is None and not row.abstained:
            chosen = choose(text, gold.choices, gold.language)
        scores["choice_accuracy"] = float(chosen == gold.choice)
    if gold.answers and not _needs_choices(gold):
        scores |= _free(gold, row.short or text, text, row.abstained)
    return scores


def without_marks(text: str) -> str:
    """The text of an answer without the [n] that name its citations."""
    return _MARK.sub("", text).strip()


def normalise(text: str, normaliser: str = "squad", language: str = "en") -> str:
    """The text as exact_match and token_f1 compare it, by the rules of "squad" or of "realtimeqa".

    Only ASCII punctuation goes, as in the official scripts: curly quotes and dashes stay.
    """
    text = text.lower().translate(_DROP_PUNCTUATION)
    if normaliser == "realtimeqa":
        return " ".join(text.translate(_DROP_COUNTERS).split())
    return " ".join(_ARTICLES.get(language, _ARTICLES["en"]).sub(" ", text).split())


def exact_match(said: str, answer: str, normaliser: str = "squad", language: str = "en") -> float:
    """1 where both are the same once normalised, else 0.

    The parts of an answer, separated by ";", may come in any order. In other languages than English, a difference in
    accents alone does not count.
    """
    return _second_chance(_exact_match, said, answer, normaliser, language)


def token_f1(said: str, answer: str, normaliser: str = "squad", language: str = "en") -> float:
    """Harmonic mean of the shares of words that both have in common, counted as often as they occur, in [0, 1].

    Two texts of which nothing is left agree, as in SQuAD 2.0. Accents as in exact_match.
    """
    return _second_chance(_token_f1, said, answer, normaliser, language)


def contains(text: str, answer: str, language: str = "en") -> bool:
    """Whether the text holds the answer, on word borders; accents, articles and punctuation aside.

    Unlike exact_match, a decimal point and a dash between digits count ("1.2" does not hold "12"), and a hyphen may
    also stand for a space.
    """
    return any(
        bool(wanted) and f" {wanted} " in f" {_loose(text, language, gap)} "
        for gap in ("", " ")
        if (wanted := _loose(answer, language, gap))
    )


def says(text: str, answer: str, language: str = "en") -> bool:
    """Whether the text holds every part of the answer, word for word or as the same number or date."""
    parts = _parts(answer)
    return bool(parts) and all(
        contains(text, part, language) or bool(same_value(text, part, language)) for part in parts
    )


def choose(said: str, choices: Sequence[str], language: str = "en") -> int | None:
    """The choice that an answer comes closest to: one that it says, else the one with most words in common.

    None where it has a word in common with none, or the best two cannot be told apart.
    """
    loose = _loose(said, language, " ")
    fits = [
        (says(said, choice, language), _bag_f1(loose.split(), _loose(choice, language, " ").split()))
        for choice in choices
    ]
    best = max(fits, default=(False, 0.0))
    return fits.index(best) if best > (False, 0.0) and fits.count(best) == 1 else None


def _free(gold: Gold, said: str, text: str, abstained: bool) -> dict[str, float | None]:
    """The metrics of an answer in one's own words."""
    values = [value for answer in gold.answers if (value := _value(text, said, answer, gold.language)) is not None]
    if abstained:
        zero = dict.fromkeys(("exact_match", "f1", "contains", "right"), 0.0)
        return {**zero, "value_match": 0.0 if values else None}
    compared = (gold.normaliser, gold.language)
    held = any(all(contains(text, part, gold.language) for part in _parts(answer) or [""]) for answer in gold.answers)
    same = any(says(text, answer, gold.language) or says(said, answer, gold.language) for answer in gold.answers)
    return {
        "exact_match": max(exact_match(said, answer, *compared) for answer in gold.answers),
        "f1": max(token_f1(said, answer, *compared) for answer in gold.answers),
        "contains": float(held),
        "value_match": float(any(values)) if values else None,
        "right": float(held or same),
    }


def _value(text: str, said: str, answer: str, language: str) -> bool | None:
    """Whether the values of an answer's parts are given; None where some part is no value."""
    found = []
    for part in _parts(answer):
        in_text = same_value(text, part, language)
        if in_text is None:
            return None
        found.append(in_text or bool(same_value(said, part, language)))
    return all(found) if found else None


def _needs_choices(gold: Gold) -> bool:
    """Whether a question has no answer without its choices ("All are true except:"); the reference leaves it out."""
    return gold.normaliser == "realtimeqa" and bool(_EXCEPT.search(gold.question.lower().strip()))


def _second_chance(
    compare: Callable[[str, str, str, str], float], said: str, answer: str, normaliser: str, language: str
) -> float:
    if not said.strip():
        return 0.0
    score = compare(said, answer, normaliser, language)
    if score == 1 or language == "en":
        return score
    return max(score, compare(fold(said), fold(answer), normaliser, language))


def _exact_match(said: str, answer: str, normaliser: str, language: str) -> float:
    said = normalise(said, normaliser, language)
    parts = [normalise(part, normaliser, language) for part in _parts(answer)]
    return float(said == normalise(answer, normaliser, language) or _in_some_order(said, parts))


def _in_some_order(said: str, parts: list[str]) -> bool:
    """Whether the text is these parts one after the other, in whatever order."""
    if len(parts) < 2:
        return [said] == parts
    return any(
        _in_some_order(said[len(part) :].lstrip(), parts[:i] + parts[i + 1 :])
        for i, part in enumerate(parts)
        if f"{said} ".startswith(f"{part} ") and part not in parts[:i]
    )


def _token_f1(said: str, answer: str, normaliser: str, language: str) -> float:
    return _bag_f1(normalise(said, normaliser, language).split(), normalise(answer, normaliser, language).split())


def _bag_f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    shared = (Counter(said) & Counter(wanted)).total()
    return 2 * shared / (len(said) + len(wanted))


def _parts(answer: str) -> list[str]:
    return [part.strip() for part in answer.split(";") if part.strip()]


@lru_cache(maxsize=1024)
def _loose(text: str, language: str, gap: str) -> str:
    """The text as `contains` compares it; gap: what a hyphen between letters becomes."""
    text = re.sub(r"['’]s\b", "", fold(text))
    text = re.sub(r"(?<=\d)[-–—/:](?=\d)", " ", text)
    text = re.sub(r"(?<=\d)\.(?=\d)", "_", text)
    text = re.sub(r"%|\bper cent\b|\bpor ciento\b", " percent ", text)
    text = re.sub(r"[-–—/]", gap, text).replace(";", " ")
    text = re.sub(r"[^\w\s]", "", text)
    return " ".join(_ARTICLES.get(language, _ARTICLES["en"]).sub(" ", text).split()) or " ".join(text.split())

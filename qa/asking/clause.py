"""The main clause of a sentence: its subject, its verb, and the parts of it that a question can ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.dates import MONTHS, WEEKDAYS
from qa.language import fold
from qa.names import find_names

Drafted = tuple[str, str, str]
"""A question, its kind, and words of its answer, as in qa.asking.Asked."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause, its subject as it is written inside a sentence.

    rest: what follows the verb within the clause; tail: what follows the clause.
    between: a time that stands between subject and verb.
    """

    subject: str
    verb: str
    rest: str
    tail: str = ""
    between: str = ""


def named_subject(sentence: str, text: str, articles: str) -> str:
    """The name that the sentence begins with, perhaps after one of those articles; "" where it begins otherwise."""
    opening = re.match(articles, sentence)
    begin = opening.end() if opening else 0
    for name in find_names(sentence)[:2]:
        if sentence.startswith(name, begin) and (" " in name or name.isupper() or is_name(name, text)):
            return sentence[: begin + len(name)]
    first = re.match(r"[A-ZÀ-Þ][\w’'-]+", sentence)
    if first and not opening and is_name(first[0], text) and not re.search(r"['’]s?$", first[0]):
        return first[0]
    return ""


def is_name(word: str, text: str) -> bool:
    """Whether the word has its capital within sentences too."""
    return word.isalpha() and bool(re.search(rf"[a-z,] {re.escape(word)}\b", text))


def without_aside(after: str) -> str:
    """What follows a subject, without ", the chair of the board," before the verb."""
    aside = re.match(r", [^,]+,(?= [a-z])", after)
    return after[aside.end() :] if aside else after


def places(rest: str, prepositions: str) -> Iterator[tuple[str, str]]:
    """Each place that is named in what follows a verb, and what is left without it."""
    wider = rf"(?:(?: (?:{prepositions})|,) (?:the )?[A-ZÀ-Þ][\w ]*?(?=$| (?:in|on|to)\b))?"
    for name in find_names(f"x {rest}"):
        found = re.search(rf" (?:{prepositions}) (?:the )?{re.escape(name)}{wider}", rest)
        is_place = re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+)*", name) and not name.isupper()
        attached = found and re.search(
            r"[A-ZÀ-Þ][\w'’-]*$", rest[: found.start()]
        )  # "the Assembly of the UN in New York"
        if not found or attached or not is_place or set(fold(name).split()) & (MONTHS.keys() | WEEKDAYS.keys()):
            continue
        if not re.match(r"['’]|-| (?:and|y|e) [A-Z]| [a-z]+s?(?:$| of)", rest[found.end() :]):
            yield name, rest[: found.start()] + rest[found.end() :]


def one_subject(rest: str) -> bool:
    """Whether what follows a verb has no second subject: "Ames won gold and Bolt silver"."""
    return not re.search(r" (?:and|y|e) [A-ZÀ-Þ]", rest)

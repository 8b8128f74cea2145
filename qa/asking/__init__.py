"""Natural questions that one sentence of an article answers, made by rules in English and Spanish.

The rules know few shapes of sentences and few verbs, and leave every other sentence alone: a question that is missing
costs nothing, one in broken grammar is worse than none. Days that only the article's own day explains ("on Monday")
may be asked for, and are left out of what is asked.

The drafts of qa/evaluation/make.py are for people to check and may read stiffly ("When was it that ..."); these are
shown as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.records import Article
from ingest.sentences import sentence_spans
from qa.asking import english, spanish
from qa.asking.clause import Drafted
from qa.asking.people import about_people, about_things, people_in
from qa.language import fold

LANGUAGES = ("en", "es")
CHARACTERS = 20_000  # of an article that are looked at
MOST_WORDS = 18  # in a question

_QUOTES = re.compile(r"[\"“”«»()\[\]•|]| - ")  # the clauses of such a sentence cannot be told apart
_POINTS = re.compile(  # at something that the question does not say
    r"\b(?:he|she|it|they|him|them|we|us|our|i|my|you|this|that|these|those|there|here|then|so|too|such|same|both|another"
    r"|other|others|also|instead|later|earlier|again|ago|now|still|each|hers|theirs|himself|herself|itself|themselves"
    r"|former|latter|one|not|never|only|just|even|ellos|ellas|ella|esto|eso|este|esta|estos|estas|ese|esa|aquel|aquella"
    r"|alli|ahi|asi|tambien|le|les|lo|otro|otra|otros|otras|misma|mismo|ya|entonces|despues|antes|ahora|solo|nunca|ambos"
    r"|ambas|uno)\b"
)
_DANGLES = re.compile(
    r"(?:^|\s)(?:a|an|the|of|in|on|at|to|for|from|by|with|and|or|as|into|over|under|about|between|near|than|its|all|his"
    r"|her|their|de|del|la|el|los|las|en|al|con|por|para|y|o|que|un|una|entre|sobre|hasta|desde|sin|tras|como|su|sus)$"
)
_PARTS = re.compile(
    r"(?:, (?:and|but)|;|:| that|, (?:y|pero)| (?:dijo|anunció|afirmó|informó) que) "
)  # a clause may follow


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what answers it, and where in its article.

    kind: who, when, where, why, number, what, said, or is ("who is", "what is").
    answer: words that a right short answer shares; "" where it is a whole sentence.
    start, end: offsets of the sentence that answers.
    """

    question: str
    kind: str
    answer: str
    start: int
    end: int


def questions_of(article: Article) -> Iterator[Asked]:
    """Every question that the rules make of an article, in the order of its sentences; none in other languages."""
    language = article.language or "en"
    if language not in LANGUAGES:
        return
    text = article.text[:CHARACTERS]
    people = people_in(text, language)
    for start, end in sentence_spans(text, language):
        sentence = text[start:end]
        if "\n" not in sentence and sentence.endswith((".", "”", '"', "»")):
            for question, kind, answer in _drafted(sentence, language, text, people):
                if _reads_well(question):
                    yield Asked(question, kind, answer, start, end)


def _drafted(sentence: str, language: str, text: str, people: dict[str, str]) -> Iterator[Drafted]:
    yield from about_people(sentence, language, people)
    if language == "en":
        yield from about_things(sentence, text, people)
    if not _QUOTES.search(sentence):
        rules = english if language == "en" else spanish
        yield from rules.questions(sentence, text, people)
        for part in _PARTS.split(sentence.rstrip("."))[1:]:
            yield from rules.questions(f"{part[:1].upper()}{part[1:]}.", text, people)


def _reads_well(question: str) -> bool:
    """Whether the pieces fit so far as form can tell: neither too long nor cut off, and pointing at nothing unsaid."""
    core = question.strip("¿?")
    spoiled = _DANGLES.search(fold(core)) or re.search(r"[^\w\s,.'’%$€£-]|,$|\s,|  ", core)
    points = _POINTS.search(fold(core))
    return not spoiled and not points and 3 <= len(core.split()) <= MOST_WORDS

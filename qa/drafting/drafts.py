"""From an article to the questions that its sentences answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.records import Article
from ingest.sentences import sentence_spans
from qa.drafting import english, spanish
from qa.drafting.known import Known
from qa.drafting.lexicon import Asked
from qa.language import content_words, fold

WORDS = range(5, 46)  # in a sentence that is asked about
LONGEST = 18  # words of a question
BEFORE = 300  # characters before a sentence that tell who "he" is

_PRONOUN = re.compile(r"(?:He|She) (?=[a-z])")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question with what must be said to answer it.

    kind: who, when, where, number, why, what, said (about something), remark (what somebody said), role (who holds an
        office) or identity (who or what somebody is).
    answers: a right answer says one of these; none where the sentence itself is the answer.
    start, end: where that sentence stands in the article's text.
    """

    question: str
    kind: str
    answers: tuple[str, ...]
    article: Article
    start: int
    end: int

    @property
    def sentence(self) -> str:
        """The sentence that answers."""
        return self.article.text[self.start : self.end]

    @property
    def short(self) -> tuple[str, ...]:
        """Answers in a few words, the first as it stands in the sentence; none where it takes more to answer."""
        if not self.answers or self.kind == "identity":
            return ()
        if self.kind == "what" or (self.kind == "who" and self.answers[0].islower()):  # the words of one phrase
            return _phrase(self.answers, self.sentence)
        stands = [answer for answer in self.answers if answer in self.sentence]
        return tuple(dict.fromkeys([*stands, *self.answers])) if stands else ()


_LANGUAGES = {"en": english.questions, "es": spanish.questions}


def drafts(article: Article, spans: Sequence[tuple[int, int]] | None = None) -> list[Drafted]:
    """Every question that the rules make of the article's whole sentences, or of those at `spans`, in their order."""
    ask = _LANGUAGES.get(article.language or "en")
    if ask is None:
        return []
    known = Known(article)
    return [
        Drafted(question, kind, answers, article, start, end)
        for start, end in (whole_sentences(article) if spans is None else spans)
        for question, kind, answers in _asked_of(article.text, start, end, known, ask)
        if _is_fair(question, kind, answers)
    ]


def whole_sentences(article: Article) -> list[tuple[int, int]]:
    """Where the sentences stand that are running text, of a length to be asked about."""
    spans = sentence_spans(article.text, article.language)
    return [(start, end) for start, end in spans if _is_whole(article.text[start:end])]


def _is_whole(sentence: str) -> bool:
    return len(sentence.split()) in WORDS and sentence.endswith((".", ".”", '."')) and "\n" not in sentence


def _asked_of(
    text: str, start: int, end: int, known: Known, ask: Callable[[str, Known], Iterable[Asked]]
) -> Iterator[Asked]:
    """The questions of a sentence; where it begins with "He", of whom the sentence before tells, and not who it was."""
    sentence = text[start:end]
    pronoun = _PRONOUN.match(sentence)
    if not pronoun:
        yield from ask(sentence, known)
    elif who := known.last_person(text[max(0, start - BEFORE) : start]):
        for question, kind, answers in ask(f"{who} {sentence[pronoun.end() :]}", known):
            if kind not in ("who", "identity", "role"):
                yield question, kind, answers


def _is_fair(question: str, kind: str, answers: tuple[str, ...]) -> bool:
    """Whether the question is neither long nor bare, and does not say its own answer."""
    folded = fold(question)
    tells = any(re.search(rf"\b{re.escape(fold(answer))}\b", folded) for answer in answers)
    says_enough = len(content_words(question)) >= (1 if kind == "identity" else 2)
    return len(question.split()) <= LONGEST and says_enough and not tells


def _phrase(words: Sequence[str], sentence: str) -> tuple[str, ...]:
    """The part of a sentence from the first of the words to the last."""
    found = re.search(r"\b" + r"\b.*?\b".join(map(re.escape, words)) + r"(?:[-'’]?\w)*", fold(sentence))
    return (sentence[found.start() : found.end()],) if found else ()

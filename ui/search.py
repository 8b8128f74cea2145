"""What is looked for on the Articles page, and where its words stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.browse import Looked, browse
from ingest.filters import Filter
from ingest.library import Library
from ingest.words import stems
from qa.operators import read_operators
from ui.conversation import Filters

EXCERPT = 220  # characters
_LEAD = 60  # characters of an excerpt in front of the first word found
_WORD = re.compile(r"[^\W_]+")
_MASKED = re.compile("\ue000\\d+\ue001")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Search:
    """What the page's fields hold: words as typed, outlets, a language's code, days as YYYY-MM-DD, both included."""

    typed: str = ""
    sources: tuple[str, ...] = ()
    language: str = ""
    after: str = ""
    before: str = ""

    @property
    def asks_nothing(self) -> bool:
        """Whether every article meets it."""
        return not any((self.typed.strip(), self.sources, self.language, self.after.strip(), self.before.strip()))

    @property
    def words(self) -> tuple[str, ...]:
        """Words and quoted phrases that must all be there."""
        read = read_operators(self.typed)
        return (*_MASKED.sub(" ", read.masked).split(), *read.phrases)

    @property
    def without(self) -> tuple[str, ...]:
        """Words and phrases that must not."""
        return read_operators(self.typed).excluded

    def in_library(self, library: Library, first: int, count: int) -> Looked:
        """The articles that meet it, newest first.

        Raises:
            QuestionError: a day is not one of the calendar, or the last one comes before the first.
        """
        condition = self._condition()
        return browse(library, condition, words=self.words, without=self.without, first=first, count=count)

    def _condition(self) -> Filter:
        where: dict[str, Any] = Filters(self.after, self.before, "", self.sources, self.language).arguments()
        after, before = where["published_after"], where["published_before"]
        return Filter(
            after=after and after.toordinal(),
            before=before and before.toordinal(),
            sources=frozenset(self.sources) or None,
            language=self.language or None,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """What a list shows: of the articles that meet the search, those from the `first` newest on."""

    search: Search = field(default_factory=Search)
    first: int = 0


def found_words(text: str, language: str, words: tuple[str, ...]) -> list[Span]:
    """Where the words stand in a text of that language, inflected or not; those of a phrase one by one."""
    wanted = {stem for word in words for stem in stems(word, language)}
    known: dict[str, bool] = {}

    def is_wanted(word: str) -> bool:
        if word not in known:
            known[word] = not wanted.isdisjoint(stems(word, language))
        return known[word]

    return [match.span() for match in _WORD.finditer(text) if is_wanted(match[0])] if wanted else []


def excerpt(text: str, spans: list[Span]) -> Span:
    """The piece of a text to show in a list: its beginning, or from shortly before the first span."""
    begin = spans[0][0] if spans else 0
    if begin + _LEAD <= EXCERPT:
        return 0, _word_end(text, EXCERPT)
    start = text.rfind(" ", 0, begin - _LEAD) + 1
    return start, _word_end(text, start + EXCERPT)


def _word_end(text: str, near: int) -> int:
    if near >= len(text):
        return len(text)
    end = text.rfind(" ", 0, near)
    return end if end > near - EXCERPT // 2 else near

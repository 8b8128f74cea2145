"""Who and what an article names, as far as the article itself tells."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property

from ingest.records import Article
from ingest.sentences import sentence_spans
from qa.drafting.lexicon import (
    COUNTRIES,
    DIED,
    NAME,
    NO_PERSON,
    OPENINGS,
    PERSONAL,
    ROLES,
    ROLES_ES,
    SAYS,
    TITLES,
)
from qa.language import STOP_WORDS, WORD, fold
from qa.names import find_names

SENTENCE = 5  # words from which on a line is no caption
DEATH = 70  # characters around a word of death, within which a name is taken for the dead one's

_TITLE = re.compile(rf"(?:{TITLES}) (?=[A-ZÀ-Þ])")
_NAME = re.compile(NAME)
_ROYAL = re.compile(r"(?:King|Queen|Prince|Princess|Pope) ")
_SUFFIX = re.compile(r" (?:III|II|IV|Jr|Sr)\.?$")
_OPENING = re.compile(rf"(?:{OPENINGS}) (?=[A-ZÀ-Þ])")
_TOLD = tuple(  # what is told of nobody but persons
    re.compile(pattern)
    for pattern in (
        rf"(?P<name>{NAME}),? (?:{SAYS}|{PERSONAL})",
        rf"\b{SAYS} (?P<name>{NAME})",
        rf"(?P<name>{NAME}), (?:(?:de )?\d\d(?: años)?,|who\b|quien\b|(?:the |an? )?(?:[a-z-]+ ){{0,3}}(?:{ROLES})\b)",
        rf"(?P<name>{NAME}), (?:el |la |un |una )?(?:[a-zñáéíóú]+ )?{ROLES_ES}\b",
        rf"\b(?:[Aa]rchbishop|{ROLES})(?: (?:of|for|at) [^,.]{{2,40}},)? (?P<name>{NAME})",
        rf"\b{ROLES_ES}(?: [a-zñáéíóú]+)?(?: [^,.]{{3,40}},)? (?P<name>{NAME})",
        rf"\b(?:{TITLES}|a (?:[a-z]+ )?(?:man|woman) named) (?P<name>{NAME})",
    )
)


class Known:
    """Who and what an article names."""

    def __init__(self, article: Article) -> None:
        self._text = f"{article.title}. {article.text}"

    @cached_property
    def names(self) -> Counter[str]:
        """Names, with how often each stands there."""
        return Counter(
            _OPENING.sub("", name)
            for start, end in sentence_spans(self._text)
            for name in find_names(self._text[start:end])
        )

    def is_name(self, word: str, *, inside: bool = False) -> bool:
        """Whether a sentence's first word is a name: it is one elsewhere, within a sentence if `inside`."""
        if word in COUNTRIES or word in self.names or word in self._words["inside"]:
            return True
        is_rare = len(word) > 3 and word.lower() not in self._words["small"]
        return not inside and is_rare and self._words["capital"][word] > 1

    def is_person(self, name: str) -> bool:
        """Whether a name is a person's for all that the article says."""
        if not _may_be_person(name):
            return False
        plain = bare(name)
        if plain != name or _ROYAL.match(name):
            return True
        if " " not in plain:
            return self.full(name) != name
        return plain in self._told or _SUFFIX.sub("", plain).split()[-1] in self._words["alone"]

    def full(self, name: str) -> str:
        """The whole name of a person who is called by the last part here, and in full elsewhere."""
        whole = self._by_last.get(name, set())
        shortest = min(sorted(whole), key=len, default=name)
        is_sure = all(shortest in other for other in whole) and shortest != name
        return shortest if is_sure and self.is_person(shortest) else name

    def called(self, name: str) -> tuple[str, ...]:
        """What an answer may call them."""
        parts = _SUFFIX.sub("", bare(name)).split()
        last = [parts[-1]] if parts and len(parts[-1]) > 3 else []
        return tuple(dict.fromkeys([bare(name), *last]))

    def last_person(self, before: str) -> str:
        """The whole name of whom the last sentence of a text begins with; "" where it names others, or is a caption."""
        spans = sentence_spans(before)
        sentence = before[slice(*spans[-1])] if spans else ""
        first = _NAME.match(sentence)
        if not first or not sentence.endswith(".") or len(sentence.split()) < SENTENCE:
            return ""
        who = self.full(bare(first[0]))
        others = {self.full(bare(name)) for name in find_names(sentence[first.end() :]) if _may_be_person(name)}
        is_one = self.is_person(first[0]) or (" " in who and _may_be_person(who))
        return who if is_one and not any(self.is_person(name) or " " in name for name in others - {who}) else ""

    def is_dead(self, name: str) -> bool:
        """Whether the article may say that they died."""
        last = _SUFFIX.sub("", bare(name)).split()[-1]
        return any(last in around for around in self._deaths)

    @cached_property
    def _told(self) -> frozenset[str]:
        found = (match["name"] for pattern in _TOLD for match in pattern.finditer(self._text))
        return frozenset(bare(re.sub(r" (?:of|from) .*", "", name)).rstrip(".") for name in found)

    @cached_property
    def _by_last(self) -> dict[str, set[str]]:
        whole = defaultdict[str, set[str]](set)
        for name in self.names:
            plain = bare(name)
            if " " in plain:
                whole[_SUFFIX.sub("", plain).split()[-1]].add(plain)
        return whole

    @cached_property
    def _deaths(self) -> list[str]:
        """What stands around each word of death, within its sentence."""
        text, around = self._text, []
        for match in DIED.finditer(text):
            before = re.split(r"\.\s", text[max(0, match.start() - DEATH) : match.start()])[-1]
            around.append(before + re.split(r"\.\s", text[match.start() : match.end() + DEATH])[0])
        return around

    @cached_property
    def _words(self) -> dict[str, Counter[str]]:
        """Single words: capitalised ones that stand within a sentence, alone, or anywhere; and small ones."""
        words = {kind: Counter[str]() for kind in ("inside", "alone", "capital", "small")}
        for kind, word in _kinds(self._text):
            words[kind][word] += 1
        return words


def sort_of(name: str, article: Article) -> str:
    """Whether a name is that of a "country" or "person" for all that the article says; else ""."""
    if name in COUNTRIES:
        return "country"
    return "person" if Known(article).is_person(name) else ""


def bare(name: str) -> str:
    """A person's name without title or office."""
    found = _TITLE.match(name)
    return name[found.end() :] if found else name


def _may_be_person(name: str) -> bool:
    """Whether nothing in the name itself says that it is no person's."""
    parts = bare(name).split()
    if not 0 < len(parts) <= 4 or name.isupper() or fold(parts[0]) in STOP_WORDS or not parts[-1][0].isupper():
        return False
    return COUNTRIES.isdisjoint(parts) and not NO_PERSON.search(fold(" ".join(parts)))


def _kinds(text: str) -> Iterator[tuple[str, str]]:
    tokens = list(WORD.finditer(text))
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        word = re.sub(r"['’]s?$", "", token[0])
        if not token[0][0].isupper():
            yield "small", word
            continue
        yield "capital", word
        gap = text[before.end() : token.start()] if before else ""
        if before and before[0][0].islower() and gap in (" ", ", "):
            yield "inside", word
        follows_name = before and before[0][0].isupper() and gap in (" ", "-", ". ")
        if after and after[0][0].islower() and not follows_name and text[token.end() : after.start()] == " ":
            yield "alone", word

"""Capitalised names in a text, found without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.dates import MONTHS, WEEKDAYS
from qa.language import STOP_WORDS, WORD, fold

_CONNECTORS = frozenset("of de del la las los da do dos von van der bin al".split())
_NEVER_ALONE = (frozenset(WEEKDAYS) | frozenset(MONTHS)) - {"may", "april", "june", "august"}


def find_names(text: str) -> tuple[str, ...]:
    """Capitalised names as typed, in order, each once; a sentence's first word only where it clearly is one."""
    if text.isupper():
        return ()
    names: dict[str, None] = {}
    for parts in _name_parts(text):
        while fold(parts[-1][0]) in _CONNECTORS and parts[-1][0].islower():
            parts.pop()
        name = re.sub(r"['’]s?$", "", text[parts[0].start() : parts[-1].end()])
        if fold(name) not in _NEVER_ALONE:
            names[name] = None
    return tuple(names)


def _name_parts(text: str) -> Iterator[list[re.Match[str]]]:
    """The words of each name, each run beginning with a capitalised one and perhaps ending in "of"."""
    parts: list[re.Match[str]] = []
    tokens = list(WORD.finditer(text))
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        gap = text[parts[-1].end() : token.start()] if parts else ""
        if parts and (re.search(r"['’]s$", parts[-1][0]) or not re.fullmatch(r"\s+|-|\.\s+", gap)):
            yield parts
            parts = []
        capitalised = _is_capitalised(token[0])
        if parts:
            belongs = capitalised or gap == "-" or fold(token[0]) in _CONNECTORS
        else:
            belongs = capitalised and _opens_name(text[: token.start()], token[0], following[0] if following else "")
        if belongs:
            parts.append(token)
        elif parts:
            yield parts
            parts = []
    if parts:
        yield parts


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() or any(character.isupper() for character in word[1:])


def _opens_name(before: str, word: str, following: str) -> bool:
    if word.isupper() and len(word) > 1:
        return True
    starts_sentence = not before.strip() or bool(re.search(r"[.?!:¿¡(]\s*$", before))
    if (starts_sentence or word[0] == "I") and fold(re.sub(r"['’]\w+$", "", word)) in STOP_WORDS:
        return False
    clearly = following[:1].isupper() or word.endswith(("'s", "’s")) or any(c.isupper() for c in word[1:])
    return not starts_sentence or clearly

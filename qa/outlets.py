"""The outlets that a question names as its sources ("according to Reuters")."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

from qa.language import fold

_CUE = re.compile(
    r"\b(?:(?:according to|as reported by|reported by|published by|segun|de acuerdo con|publicado por)"
    r"|(?P<weak>from|in|on|en|de))\s+"
)
_NEXT_OUTLET = re.compile(r"\s*(?:,|\band\b|\bor\b|\by\b|\bo\b)\s*")


def read_sources(text: str, outlets: Collection[str]) -> tuple[tuple[str, ...], str]:
    """The outlets that the question names with a cue, and the question without cue and outlets."""
    if not outlets:
        return (), text
    named, pattern = _outlet_pattern(frozenset(outlets))
    folded = fold(text)
    sources: dict[str, None] = {}
    kept, end = [], 0
    for cue in _CUE.finditer(folded):
        outlet = pattern.match(folded, cue.end())
        # "in time" names no outlet called Time, unless nothing in the question is capitalised.
        if outlet and cue["weak"] and text[slice(*outlet.span(1))].islower() and not text.islower():
            outlet = None
        if not outlet or cue.start() < end or re.match(r"\s+[A-Z]", text[outlet.end() :]):
            continue  # the Reuters Institute is not Reuters
        kept.append(text[end : cue.start()])
        while outlet:
            sources[named[outlet[1]]] = None
            end = outlet.end()
            separator = _NEXT_OUTLET.match(folded, end)
            outlet = pattern.match(folded, separator.end()) if separator else None
    return tuple(sources), " ".join([*kept, text[end:]]) if sources else text


@lru_cache(maxsize=64)
def _outlet_pattern(outlets: frozenset[str]) -> tuple[dict[str, str], re.Pattern[str]]:
    """Outlets by the names they go by, and what matches one: "theguardian.com" goes by "theguardian" too."""
    named: dict[str, str] = {}
    for outlet in sorted(outlets):
        folded = re.sub(r"\s+", " ", fold(unicodedata.normalize("NFC", outlet)).strip())
        site = re.sub(r"^www\.|\.(?:com|org|net|news|es|mx|co\.uk|info)$", "", folded)
        for name in (folded, re.sub(r"^(?:the|el|la|los|las) ", "", folded), site):
            if name:
                named.setdefault(name, outlet)
    longest_first = "|".join(re.escape(name) for name in sorted(named, key=len, reverse=True)) or r"(?!)"
    return named, re.compile(rf"(?:(?:the|el|la|los|las) )?({longest_first})(?!\w)(?:['’]s\b)?")

"""Whether what was retrieved or cited is what a gold answer rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from qa.language import content_words, fold

REPEATED = 0.5  # of the gold quote's content words, and of its figures, that a citation must hold to repeat it
FEWEST_WORDS = 4  # in common, for a text to count as gold that is not the gold quote word for word


def is_article(place: Mapping[str, Any], name: str) -> bool:
    """Whether a passage or citation is of the gold article of that name, or of a copy of it in another outlet.

    The name is an address, an article_id, or the end of the path that was ingested.
    """
    return bool(name) and any(_is(article, name) for article in (place, *(place.get("also_in") or ())))


def holds(text: str, quote: str) -> bool:
    """Whether a text holds a quote word for word; spaces, punctuation, case and accents aside.

    A text that lies within the quote is part of the gold evidence too, as passages are shorter than some gold texts.
    """
    held, wanted = words(text), words(quote)
    if not held or not wanted:
        return False
    return _within(wanted, held) or (held.count(" ") + 1 >= FEWEST_WORDS and _within(held, wanted))


def repeats(text: str, quote: str) -> bool:
    """Whether a cited text says the gold quote again, if not word for word.

    It must hold half of its content words, and half of its figures: "raised to 5.5 percent" is not "cut to 5 percent".
    """
    if holds(text, quote):
        return True
    held, wanted = set(content_words(text)), set(content_words(quote))
    figures = {word for word in wanted if word[0].isdigit()}
    shared = wanted & held
    return len(shared) >= max(FEWEST_WORDS, REPEATED * len(wanted)) and len(shared & figures) >= REPEATED * len(figures)


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """The text's words, folded, with single spaces."""
    return " ".join(re.findall(r"\w+", fold(text)))


def distinct(names: Iterable[str]) -> list[str]:
    """The names in order, each once, without the empty one."""
    return [name for name in dict.fromkeys(names) if name]


def _within(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _is(article: Mapping[str, Any], name: str) -> bool:
    url, origin = str(article.get("url") or ""), str(article.get("origin") or "")
    if name in (url, article.get("article_id"), origin):
        return True
    if "://" in name:
        return bool(url) and _address(url) == _address(name)
    path = PurePosixPath(origin.replace("\\", "/")).as_posix()
    return bool(origin) and f"/{path}".endswith(f"/{name.lstrip('./')}")


def _address(url: str) -> tuple[str, str, str]:
    """What two addresses of one page have in common: not the scheme, "www." or a last slash."""
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query

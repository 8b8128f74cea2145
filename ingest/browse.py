"""Looking through a library: the articles that meet conditions, newest first, a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Entry
from ingest.filters import Filter
from ingest.words import OTHER, WordQuery, stems

if TYPE_CHECKING:
    from ingest.library import Library


@dataclass(frozen=True, slots=True)
class Looked:
    """Some of the articles that were looked for, and how many there are in all."""

    entries: tuple[Entry, ...]
    total: int


def browse(
    library: Library,
    condition: Filter = Filter(),  # noqa: B008
    *,
    words: Sequence[str] = (),
    without: Sequence[str] = (),
    first: int = 0,
    count: int = 20,
) -> Looked:
    """The articles that meet the condition, by day of publication, the newest first and the undated last.

    No text is read but that of the articles that are given. Nothing holds words while the word index is rebuilt.

    Args:
        library: where to look.
        condition: on the article's day, outlet and language.
        words: words or phrases each of which must stand in the article's title or text, inflected or not; what has
            neither letters nor digits is passed over.
        without: words or phrases that must not.
        first: how many of the newest to pass over.
        count: how many to give.
    """
    upto = library.shelf.refresh().added
    keys = np.flatnonzero(library.shelf.admitted(condition, upto))
    places, at = np.unique(library.shelf.places(keys), return_index=True) if len(keys) else (keys, keys)
    kept = np.ones(len(places), np.bool_)
    for part in filter(_says_something, words):
        kept &= np.isin(places, _holding(library, part, condition, upto))
    for part in filter(_says_something, without):
        kept &= ~np.isin(places, _holding(library, part, condition, upto))
    heads = keys[at[kept]]
    if not len(heads):
        return Looked((), 0)
    newest = heads[np.lexsort((-heads, -library.shelf.days(heads)))][first : first + count].tolist()
    entries = library.entries_of(newest)
    return Looked(tuple(entries[key] for key in newest if key in entries), len(heads))


def _says_something(part: str) -> bool:
    return bool(stems(part, OTHER))


def _holding(library: Library, part: str, condition: Filter, upto: int) -> NDArray[np.int64]:
    """The articles, as places on the shelf, that hold a word or phrase in their title or in one passage."""
    if not upto:
        return np.empty(0, np.int64)
    keys, _ = library.words(WordQuery("", required=(part,)), upto, condition)
    return library.shelf.places(keys[keys < upto])

"""Which articles may be found: by day of publication, outlet and language; and the arrays that tell it fast."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog, Mark, ShelfRow
from ingest.records import Article


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on an article, all of which must hold; None asks nothing.

    after, before: days of publication as ordinals, both included; an undated article meets neither.
    as_of: nothing published after that day; an undated article meets it.
    sources: outlet names as the library spells them.
    language: ISO 639-1 code.
    """

    after: int | None = None
    before: int | None = None
    as_of: int | None = None
    sources: frozenset[str] | None = None
    language: str | None = None

    @property
    def asks_nothing(self) -> bool:
        """Whether every article meets it."""
        return self == Filter()

    def admits(self, article: Article) -> bool:
        """Whether the article meets it."""
        day = article.published.toordinal() if article.published else 0
        return (
            (self.after is None or day >= self.after)
            and (self.before is None or 0 < day <= self.before)
            and (self.as_of is None or day <= self.as_of)
            and (self.sources is None or article.source in self.sources)
            and (self.language is None or article.language == self.language)
        )


class Shelf:
    """What filters need to know of every live article, in arrays that follow the catalog.

    Arrays hold one entry a version, in order of passage numbers; day 0 is an unknown day.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._mark = Mark()
        self._names: dict[str, int] = {"": 0}
        self._columns = np.empty((5, 0), np.int64)
        self._live = np.empty(0, np.bool_)

    def refresh(self) -> Mark:
        """Catch up with the catalog; the mark reached."""
        with self._lock:
            if self._catalog.mark() != self._mark:
                mark, added, removed = self._catalog.changes(self._mark)
                self._add(added)
                self._remove(removed)
                self._mark = mark
            return self._mark

    def sources(self) -> set[str]:
        """The outlets of the live articles."""
        return self._present(3)

    def languages(self) -> set[str]:
        """The languages of the live articles."""
        return self._present(4)

    def latest(self) -> int:
        """The last day of publication, as an ordinal; 0 where nothing is dated."""
        columns, live = self._held()
        return int(columns[2][live].max(initial=0))

    def admitted(self, condition: Filter, upto: int) -> NDArray[np.bool_]:
        """Which of the first `upto` passages are live and meet the condition: (upto,)."""
        columns, live = self._held()
        firsts, counts, days, sources, languages = columns
        meets = live.copy()
        if condition.after is not None:
            meets &= days >= condition.after
        if condition.before is not None:
            meets &= (days <= condition.before) & (days > 0)
        if condition.as_of is not None:
            meets &= days <= condition.as_of
        if condition.sources is not None:
            meets &= np.isin(sources, [self._names.get(name, -1) for name in condition.sources])
        if condition.language is not None:
            meets &= languages == self._names.get(condition.language, -1)
        mask = np.zeros(upto, np.bool_)
        firsts, counts = firsts[meets], counts[meets]
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        keys = np.repeat(firsts, counts) + offsets
        mask[keys[keys < upto]] = True
        return mask

    def days(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The day of publication of the article of each passage, as an ordinal; 0 where unknown."""
        columns, _ = self._held()
        days: NDArray[np.int64] = columns[2][_places(columns, keys)]
        return days

    def places(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which article each passage belongs to, as a number that all passages of the article share."""
        return _places(self._held()[0], keys)

    def live(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the passages are live."""
        columns, live = self._held()
        if not len(live):
            return np.zeros(len(keys), np.bool_)
        places = _places(columns, keys)
        inside: NDArray[np.bool_] = (keys >= columns[0][places]) & (keys < columns[0][places] + columns[1][places])
        return inside & live[places]

    def _held(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Both arrays as of one moment; another thread may be refreshing."""
        with self._lock:
            return self._columns, self._live

    def _add(self, rows: list[ShelfRow]) -> None:
        coded = [
            (first, count, day or 0, self._code(source), self._code(language))
            for first, count, day, source, language in rows
        ]
        columns = np.array(coded, np.int64).reshape(-1, 5).T
        self._columns = np.concatenate([self._columns, columns], axis=1)
        self._live = np.concatenate([self._live, np.ones(columns.shape[1], np.bool_)])

    def _remove(self, removals: list[tuple[int, int]]) -> None:
        if removals and len(self._live):
            firsts = np.array([first for first, _ in removals], np.int64)
            self._live = self._live & ~np.isin(self._columns[0], firsts)

    def _code(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))

    def _present(self, column: int) -> set[str]:
        columns, live = self._held()
        codes = set(np.unique(columns[column][live]).tolist())
        return {name for name, code in list(self._names.items()) if code in codes}


def _places(columns: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    places: NDArray[np.int64] = np.maximum(np.searchsorted(columns[0], keys, side="right") - 1, 0)
    return places

"""Verifies a whole library: every article, passage, vector, and every entry of both indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ingest.catalog import Entry
from ingest.embed import passage_input
from ingest.errors import DatelineError, LibraryBusyError, LibraryDamagedError

if TYPE_CHECKING:
    from ingest.library import Library

Item = TypeVar("Item")
Progressed = Callable[[str, int, int], None]

BATCH_ARTICLES = 50
LEAST_REACHED = 0.95  # share of passages that Chroma's approximate search must find by their own vectors


@dataclass(slots=True)
class CheckReport:
    """What was verified and what is wrong.

    problems: each a sentence; repaired: those that were mended.
    notes: what could not be looked at, and figures.
    """

    articles: int = 0
    passages: int = 0
    problems: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check(library: Library, *, repair: bool = False, on_progress: Progressed | None = None) -> CheckReport:
    """Verify every article and passage, and both indexes; with `repair`, mend what can be mended.

    An index is mended by building it anew from the catalog, a vector by embedding its passage again; a damaged
    catalog cannot be mended from anything and is only reported. An index that is merely behind is brought up to date.

    Raises:
        LibraryBusyError: somebody writes; the library must be still while it is verified.
    """
    report = CheckReport()
    try:
        report.problems += [f"the catalog: {fault}" for fault in library.catalog.faults()]
        with library.writing():
            _check_all(library, report, repair, on_progress)
    except LibraryDamagedError as error:
        report.problems.append(str(error))
    return report


def _check_all(library: Library, report: CheckReport, repair: bool, on_progress: Progressed | None) -> None:
    bad_rows = _check_entries(library, report, on_progress)
    if bad_rows and repair:
        _embed_again(library, bad_rows)
        report.repaired.append(f"{len(bad_rows)} vectors were computed again")
    if bad_rows and not repair:
        report.notes.append("the indexes were not checked: that takes valid vectors, which a check with --repair makes")
        return
    problems = _check_indexes(library, report, on_progress)
    report.problems += problems
    if repair and (problems or bad_rows):
        try:
            library.rebuild(on_progress)
            report.repaired.append("both indexes were built anew")
        except LibraryBusyError as error:
            report.notes.append(f"not everything was repaired: {error}")


def _check_indexes(library: Library, report: CheckReport, on_progress: Progressed | None) -> list[str]:
    faults = library.follower.faults()
    problems = list(faults.values())
    try:
        if "words" not in faults:
            problems += _check_words(library, on_progress)
        if "chroma" not in faults:
            problems += _check_chroma(library, report, on_progress)
    except LibraryBusyError as error:
        report.notes.append(f"not everything was checked: {error}")
    return problems


def _check_entries(library: Library, report: CheckReport, on_progress: Progressed | None) -> list[tuple[Entry, int]]:
    """Offsets, identities and vectors of all articles; the passages whose vectors are wrong."""
    total = library.catalog.mark().added
    bad_rows: list[tuple[Entry, int]] = []
    end = 0
    for entry in library.catalog.entries():
        report.articles += 1
        report.passages += len(entry.spans)
        report.problems += [f"article {entry.article.article_id}: {what}" for what in _wrong_with(entry, end)]
        end = entry.first + len(entry.spans)
        bad_rows += [(entry, i) for i in _bad_rows(library, entry)]
        if on_progress:
            on_progress("articles", end, total)
    if end > total:
        report.problems.append(f"the catalog counts {total} passages and an article has number {end - 1}")
    report.problems += [
        f"passage {entry.first + i} of article {entry.article.article_id} has no valid vector" for entry, i in bad_rows
    ]
    return bad_rows


def _wrong_with(entry: Entry, end: int) -> Iterator[str]:
    text = entry.article.text
    if entry.first < end:
        yield "shares passage numbers with another article"
    if entry.content_hash != entry.article.content_hash:
        yield "its content is not what was stored"
    covered = bytearray(len(text))
    for start, stop in entry.spans:
        if not (0 <= start < stop <= len(text)) or text[start:stop] != text[start:stop].strip():
            yield f"a passage at {start}-{stop} of {len(text)} characters has wrong offsets"
        covered[start:stop] = b"\x01" * len(covered[start:stop])
    if any(not held and not character.isspace() for held, character in zip(covered, text, strict=True)):
        yield "some of its text is in no passage"


def _bad_rows(library: Library, entry: Entry) -> list[int]:
    end = entry.first + len(entry.spans)
    try:
        rows = library.vectors.rows(end)[entry.first :]
    except DatelineError:
        return list(range(len(entry.spans)))
    norms = np.linalg.norm(np.nan_to_num(rows), axis=1)
    return [int(i) for i in np.flatnonzero(np.abs(norms - 1) > 1e-3)]


def _embed_again(library: Library, bad_rows: list[tuple[Entry, int]]) -> None:
    for part in _batched(bad_rows, 256):
        texts = [passage_input(entry.article, *entry.spans[i]) for entry, i in part]
        for (entry, i), row in zip(part, library.embeddings.encode(texts), strict=True):
            library.vectors.write(entry.first + i, row[None])


def _batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch


def _check_words(library: Library, on_progress: Progressed | None) -> list[str]:
    from ingest.words import audit

    with library.follower.words_open() as index:
        return list(audit(index, library.catalog, on_progress))


def _check_chroma(library: Library, report: CheckReport, on_progress: Progressed | None) -> Iterator[str]:
    try:
        with library.follower.chroma_open() as chroma:
            reached = done = 0
            total = library.catalog.mark().added
            for entries in _batched(library.catalog.entries(), BATCH_ARTICLES):
                keys = [entry.first + i for entry in entries for i in range(len(entry.spans))]
                rows = library.vectors.rows(keys[-1] + 1)[keys]
                absent, found = chroma.absent(entries, rows)
                yield from (f"passage {key} is not in Chroma, or with another vector" for key in absent)
                reached += found
                done += len(keys)
                if on_progress:
                    on_progress("chroma", keys[-1] + 1, total)
            if chroma.count() != done:
                yield f"Chroma holds {chroma.count()} passages and the catalog {done}: dead ones are still in it"
            if done:
                report.notes.append(f"Chroma's search finds {reached / done:.1%} of passages by their own vectors")
            if reached < LEAST_REACHED * done:
                yield f"Chroma's search finds only {reached} of {done} passages by their own vectors"
    except LibraryBusyError:
        raise
    except Exception as error:  # chromadb's errors have no common class
        yield f"Chroma cannot be searched: {error}"

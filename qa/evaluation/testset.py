"""A test set: its questions, the documents that come with it, and the rows that could not be used."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ingest.errors import SettingsError, SourceError
from ingest.records import Article
from qa.evaluation.formats import beir, multihop, native, realtimeqa, rgb, squad
from qa.evaluation.formats.fields import Bad, Files, Item
from qa.evaluation.records import Gold

FORMATS = ("jsonl", "csv", "squad", "realtimeqa", "multihop-rag", "rgb", "beir")
_LINES_TRIED = 100  # of a file whose first lines are not JSON, until its format is given up


@dataclass(frozen=True, slots=True)
class TestSet:
    """The questions of a test set, in its order.

    format: as given, or as it was guessed; with RGB's mode and share of noise.
    sha256: of the files as they are stored, one after the other.
    dropped: (line, reason) of every row that is no question, or that is there twice.
    documents: what comes with the set as its corpus.
    """

    path: Path
    format: str
    sha256: str
    golds: tuple[Gold, ...]
    dropped: tuple[tuple[int, str], ...] = ()
    documents: tuple[Article, ...] = ()

    __test__ = False  # pytest takes the name for a class of tests


def load(path: Path | str, format: str | None = None, strict: bool = False, *, mix: rgb.Mix | None = None) -> TestSet:
    """Read a test set.

    Args:
        path: a file, gzipped or not, or a folder.
        format: one of FORMATS; guessed from the content where it is None. "rgb:rejection", "rgb:counterfactual" and
            "rgb:noise=0.8" say how RGB's documents are mixed.
        strict: a bad row is an error, rather than one of `dropped`.
        mix: how RGB's documents are mixed, where `format` does not say.

    Raises:
        SourceError: the test set cannot be read, its format cannot be told, or, where strict, a row is bad.
        SettingsError: there is no such format.
    """
    path, files = Path(path), Files()
    name, _, option = (format or _guess(path, files)).partition(":")
    if name == "rgb":
        mix = _mix(option, mix or rgb.Mix())
    elif option or name not in FORMATS:
        raise SettingsError(f"there is no test set format {format!r}; give one of {', '.join(FORMATS)}")
    golds: dict[str, Gold] = {}
    documents: dict[str, Article] = {}
    dropped = []
    for item in _without_repeats(_reader(name, mix)(path, files)):
        if isinstance(item, Gold):
            golds[item.id] = item
        elif isinstance(item, Article):
            documents.setdefault(item.article_id, item)
        elif strict:
            raise SourceError(f"{path}, line {item.line}: {item.reason}; mend the row or take it out")
        else:
            dropped.append((item.line, item.reason))
    if name == "rgb" and mix:
        name = f"rgb:{mix.mode}" + (f"={mix.noise:g}" if mix.mode == "noise" else "")
    return TestSet(path, name, files.sha256, tuple(golds.values()), tuple(dropped), tuple(documents.values()))


def _reader(name: str, mix: rgb.Mix | None) -> Callable[[Path, Files], Iterator[Item]]:
    readers: dict[str, Callable[[Path, Files], Iterator[Item]]] = {
        "jsonl": native.read_jsonl,
        "csv": native.read_csv,
        "squad": squad.read,
        "realtimeqa": realtimeqa.read,
        "multihop-rag": multihop.read,
        "rgb": partial(rgb.read, mix=mix),
        "beir": beir.read,
    }
    return readers[name]


def _without_repeats(items: Iterable[Item]) -> Iterator[Item]:
    """The items, each question once; an id names one question."""
    seen: dict[str, Gold] = {}
    for item in items:
        if not isinstance(item, Gold):
            yield item
        elif item.id not in seen:
            seen[item.id] = item
            yield item
        elif item == replace(seen[item.id], line=item.line):
            yield Bad(item.line, f"it repeats line {seen[item.id].line}")
        else:
            yield Bad(item.line, f"its id {item.id!r} names another question already, on line {seen[item.id].line}")


def _mix(option: str, mix: rgb.Mix) -> rgb.Mix:
    """RGB's mix as the format's name says it: "rejection", "noise=0.8"."""
    mode, _, noise = option.partition("=")
    try:
        return replace(mix, mode=mode or mix.mode, noise=float(noise) if noise else mix.noise)
    except ValueError as error:
        raise SettingsError(f"RGB's share of noise is not a number: {noise!r}; write rgb:noise=0.8") from error


def _guess(path: Path, files: Files) -> str:
    """The format of a test set, by its name and by what its first row holds."""
    if path.is_dir():
        return _guess_folder(path)
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in (".csv", ".tsv"):
        return "csv"
    first = _first(files.json_text(path))
    name = _guess_row(first) if isinstance(first, dict) else None
    if name is None:
        raise SourceError(f"the format of {path} cannot be told from its first row; say which of {', '.join(FORMATS)}")
    return name


def _guess_folder(path: Path) -> str:
    if beir.is_beir(path):
        return "beir"
    if any(path.glob("*_qa.jsonl")):
        return "realtimeqa"
    raise SourceError(f"the folder {path} is not laid out like BEIR's, and has no *_qa.jsonl; give a file of questions")


def _guess_row(first: dict[str, Any]) -> str | None:
    keys = first.keys()
    signs = (
        ("squad", isinstance(first.get("data"), list)),
        ("multihop-rag", {"query", "evidence_list"} <= keys),
        ("rgb", {"query", "positive", "negative"} <= keys),
        ("realtimeqa", "question_sentence" in keys or {"date", "choices", "answer", "evidence"} <= keys),
        ("jsonl", "question" in keys),
    )
    return next((name for name, found in signs if found), None)


def _first(text: str) -> Any:  # noqa: ANN401 - whatever JSON may hold
    """The first row of a JSONL file or of a JSON list, else what a JSON file holds; None where nothing is JSON."""
    lines = (line for line in text.split("\n") if line.strip())
    for part in (next(lines, ""), text, *itertools.islice(lines, _LINES_TRIED)):
        try:
            value = json.loads(part)
        except (ValueError, RecursionError):
            continue
        return value[0] if isinstance(value, list) and value else value
    return None

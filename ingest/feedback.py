"""What people thought of answers: votes with comments, one JSON line each, in a file of the library that only grows.

Votes are cast after an answer is shown, under a lock of their own: neither asking nor ingesting ever waits for one.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ingest.errors import LibraryBusyError, LibraryError, LibraryNotFoundError, SettingsError
from ingest.records import Article

FILE, LOCK = "feedback.jsonl", "feedback.lock"
VOTES = ("up", "down", "")
MOST_COMMENT = 2000  # characters, as of a question
MOST_BYTES = 64_000_000  # of the file; at some 2 kB a vote, more than a newsroom casts in years
LOCK_SECONDS = 5
_MOST = {"text": 10_000, "short": 1000, "quote": 2000}  # characters kept of what is long; of all else:
_MOST_OTHER = 1000
_MOST_CITATIONS, _MOST_TURNS, _MOST_SOURCES = 20, 10, 100
_CITATION = ("quote", "article_id", "title", "source", "url", "published")
_FILTERS = ("after", "before", "as_of", "language")
_SAID_AGAIN = 20  # characters of a sentence from which on a text that holds it repeats the article

log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class Feedback:
    """One vote on one answer.

    turn_id: the turn of the conversation that is voted on; its newest vote counts.
    when: moment of the vote, ISO 8601 with time zone.
    vote: "up", "down", or "" where it was taken back.
    question: as typed. history: the (question, answer) turns before it.
    answer: as Answer.to_dict() gives it; {} where none could be given. Passages and timings are not kept.
    filters: as they were set: after, before, as_of, sources, language; what was not set is "" or missing.
    """

    turn_id: str
    when: str
    vote: str
    comment: str = ""
    question: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[tuple[str, str], ...] = ()


def record(library: Path | str, feedback: Feedback) -> None:
    """Keep a vote; it is on the disk when this returns.

    Raises:
        SettingsError: the vote is none of VOTES, its turn has no name, or the comment is too long.
        LibraryBusyError: another process holds the file for longer than five seconds.
        LibraryError: the folder is gone, or the file cannot be written or is full.
    """
    if len(feedback.comment) > MOST_COMMENT:
        raise SettingsError(
            f"the comment has {len(feedback.comment):,} characters; shorten it to {MOST_COMMENT:,} or fewer"
        )
    if feedback.vote not in VOTES or not 0 < len(feedback.turn_id) <= _MOST_OTHER:
        raise SettingsError(f"{feedback.vote!r} on turn {feedback.turn_id[:40]!r} is no vote: say “up”, “down” or “”")
    line = json.dumps(asdict(_bounded(feedback)), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    with _locked(Path(library)) as path:
        _append(path, line)


def feedback(library: Path | str, on_damaged: Callable[[str], None] = log.warning) -> Iterator[Feedback]:
    """The vote that counts of every turn that has one, in the order in which they were cast.

    on_damaged: told of each line that cannot be read; the others count all the same. A last line that was cut off
        while it was written is passed over.
    """
    newest: dict[str, Feedback] = {}
    for number, line in enumerate(_lines(Path(library) / FILE), 1):
        try:
            entry = _entry(line)
        except (ValueError, RecursionError) as error:
            if line.endswith(b"\n"):
                on_damaged(f"{Path(library) / FILE}, line {number}: left out, as it is damaged ({error})")
            continue
        newest.pop(entry.turn_id, None)
        newest[entry.turn_id] = entry
    yield from (entry for entry in newest.values() if entry.vote)


def erase(library: Path | str, articles: Sequence[Article]) -> int:
    """Take what forgotten articles said out of every vote; how many votes held some of it.

    The votes stay, with their questions. Lines that cannot be read go, as nobody knows what they hold.

    Raises:
        LibraryBusyError, LibraryError: as record().
    """
    if not (Path(library) / FILE).exists():
        return 0
    ids, sentences = {article.article_id for article in articles}, _sentences(articles)
    with _locked(Path(library)) as path:
        kept, changed = [], 0
        for line in _lines(path):
            try:
                entry = _entry(line)
            except (ValueError, RecursionError):
                continue
            left = _without(entry, ids, sentences)
            changed += left != entry
            kept.append(json.dumps(asdict(left), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        _replace(path, b"".join(kept))
    return changed


@contextmanager
def _locked(library: Path) -> Iterator[Path]:
    """The file's path, with nobody else writing to it."""
    if not library.is_dir():  # a lock would make the folder
        raise LibraryNotFoundError(f"there is no library at {library} any more, so no vote can be kept in it")
    try:
        with FileLock(library / LOCK).acquire(timeout=LOCK_SECONDS):
            yield library / FILE
    except Timeout as error:
        raise LibraryBusyError(f"another process is writing to {library / FILE}; try again in a moment") from error
    except OSError as error:
        raise LibraryError(
            f"the feedback in {library} cannot be written ({error}); see that the folder may be written to and that "
            "its disk has room"
        ) from error


def _append(path: Path, line: bytes) -> None:
    is_new = not path.exists()
    with open(path, "a+b", opener=_private) as file:
        size = file.seek(0, os.SEEK_END)
        if size + len(line) > MOST_BYTES:
            raise LibraryError(
                f"{path} is full; export it with `dateline feedback --out FILE`, then move it out of the library"
            )
        if size:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # what a crash has cut off stays by itself
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        _sync_folder(path.parent)


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with open(fresh, "wb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error}") from error


def _entry(line: bytes) -> Feedback:
    """The vote that a line holds; ValueError where it holds none."""
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    texts = {name: value.get(name, "") for name in ("turn_id", "when", "vote", "comment", "question")}
    if not all(isinstance(text, str) for text in texts.values()) or not texts["turn_id"]:
        raise ValueError("it names no turn, or a field is not text")
    if texts["vote"] not in VOTES:
        raise ValueError(f"{texts['vote'][:40]!r} is no vote")
    rest: dict[str, Any] = {name: value.get(name) or {} for name in ("answer", "filters", "history")}
    return _bounded(Feedback(**texts, **rest))


def _bounded(entry: Feedback) -> Feedback:
    """The vote with what is kept of it, in bounds: what a browser sends, or a file holds, may be anything."""
    filters: Mapping[str, Any] = entry.filters if isinstance(entry.filters, Mapping) else {}
    return Feedback(
        _text(entry.turn_id, _MOST_OTHER),
        _text(entry.when, 40),
        entry.vote,
        _text(entry.comment, MOST_COMMENT),
        _text(entry.question, MOST_COMMENT),
        _answer(entry.answer) if isinstance(entry.answer, Mapping) else {},
        {name: _text(filters.get(name), _MOST_OTHER) for name in _FILTERS}
        | {"sources": [_text(name, _MOST_OTHER) for name in _list(filters.get("sources"))[:_MOST_SOURCES]]},
        tuple(
            (_text(turn[0], MOST_COMMENT), _text(turn[1], MOST_COMMENT))
            for turn in _list(entry.history)[-_MOST_TURNS:]
            if len(_list(turn)) == 2
        ),
    )


def _answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    if not answer:
        return {}
    return {
        "text": _text(answer.get("text"), _MOST["text"]),
        "short": _text(answer.get("short"), _MOST["short"]),
        "abstained": answer.get("abstained") is True,
        "citations": [
            {name: _text(citation.get(name), _MOST.get(name, _MOST_OTHER)) for name in _CITATION}
            for citation in _list(answer.get("citations"))[:_MOST_CITATIONS]
            if isinstance(citation, Mapping)
        ],
    }


def _text(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _sentences(articles: Sequence[Article]) -> list[str]:
    """What the articles say, apart from what is too short to tell who says it."""
    parts = (part.strip() for one in articles for part in re.split(r"[.!?\n]", f"{one.title}\n{one.text}"))
    return list(dict.fromkeys(part for part in parts if len(part) >= _SAID_AGAIN))


def _without(entry: Feedback, ids: Set[str], sentences: Sequence[str]) -> Feedback:
    """The vote without what it repeats of some articles; without its whole answer, where that cites one of them."""

    def repeats(text: str) -> bool:
        return any(sentence in text for sentence in sentences)

    cited = any(citation["article_id"] in ids for citation in entry.answer.get("citations", ()))
    return replace(
        entry,
        comment="" if repeats(entry.comment) else entry.comment,
        answer={} if cited or repeats(entry.answer.get("text", "")) else entry.answer,
        history=tuple((asked, "" if repeats(answered) else answered) for asked, answered in entry.history),
    )

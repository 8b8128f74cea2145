"""The test sets that the page offers: the bundled questions, people's feedback, and files that they upload."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.errors import SourceError
from ingest.feedback import feedback
from ingest.library import Library
from qa.default import CORPUS
from qa.evaluation.evidence import distinct
from qa.evaluation.testset import TestSet, load
from qa.evaluation.voted import rows

FITTING = 0.5  # of the articles that a test set names, for it to be about a library


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of the articles that a test set names by address or id are in a library."""

    named: int
    found: int

    @property
    def fits(self) -> bool:
        """Whether the test set is about this library."""
        return self.found >= FITTING * self.named > 0


def fit(testset: TestSet, library: Library) -> Fit:
    """How far a test set is about a library; what it names by a path is not looked up."""
    names = distinct(support.article for gold in testset.golds for support in gold.supports)
    known = [name for name in names if "://" in name or "/" not in name]
    return Fit(len(known), sum(library.article(name) is not None for name in known))


def sample_testset() -> TestSet | None:
    """The questions on the sample articles; None where they were not installed."""
    path = CORPUS.parent / "testset.jsonl"
    return replace(load(path), path=Path("corpus") / path.name) if path.exists() else None


def feedback_testset(library: Library) -> TestSet | None:
    """What people thought of the answers of this library, as a test set; None where nobody has voted.

    Votes that a person has to look at first are among the rows that are left out.
    """
    written = rows(library, feedback(library.path))
    if not written:
        return None
    with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
        path = Path(folder, "feedback.jsonl")
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in written), encoding="utf-8")
        return replace(load(path, "jsonl"), path=Path(path.name))


def uploaded_testset(path: Path, format: str | None = None) -> TestSet:
    """The test set in a file that somebody uploaded, known by the file's name alone.

    Raises:
        SourceError: it cannot be read, its format cannot be told, or it holds no usable question.
    """
    try:
        testset = load(path, format)
    except SourceError as error:
        raise SourceError(str(error).replace(str(path), path.name)) from error
    return replace(testset, path=Path(path.name))

"""What an evaluation that was cut off has measured so far."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from qa.evaluation.records import Run
from qa.evaluation.run import JOURNAL_FILE, gold_of, row_of, score


def run_so_far(folder: Path) -> Run | None:
    """The run that an unfinished evaluation in a folder makes, in the test set's order; None where nothing was asked.

    The same evaluate() with that folder goes on where it stopped.
    """
    path = folder / JOURNAL_FILE
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n") if path.exists() else []
    if len(lines) < 2:
        return None
    header, *written = map(json.loads, lines)
    rows = sorted((score(gold_of(row.gold), row) for row in map(row_of, written)), key=lambda row: row.gold["line"])
    created = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return Run(created, header["testset"], header["setting"], None, tuple(rows))


def is_partial(run: Run) -> bool:
    """Whether fewer questions were asked than the evaluation was meant to ask."""
    return len(run.rows) < meant(run)


def meant(run: Run) -> int:
    """How many questions the evaluation was meant to ask."""
    questions = int(run.testset["questions"])
    return min(questions, run.setting.get("limit") or questions)

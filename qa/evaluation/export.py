"""A run as rows that outside judges read, so that they can be used without Dateline depending on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa.evaluation.answers import without_marks
from qa.evaluation.records import Row, Run

RAGAS_FILE = "ragas.jsonl"
RAGCHECKER_FILE = "ragchecker.json"


def write_exports(run: Run, folder: Path) -> list[Path]:
    """Write both exports into a folder; their paths."""
    ragas, checker = folder / RAGAS_FILE, folder / RAGCHECKER_FILE
    ragas.write_text("".join(_line(row) for row in ragas_rows(run)), encoding="utf-8")
    checker.write_text(json.dumps(ragchecker(run), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [ragas, checker]


def ragas_rows(run: Run) -> Iterator[dict[str, Any]]:
    """One sample of Ragas for each question that was asked, in order.

    `reference` is the best accepted answer; it is missing where the articles hold none, and so are the
    `reference_contexts` where no gold quote is known.
    """
    for row in _asked(run):
        sample = {
            "user_input": row.gold["question"],
            "retrieved_contexts": [passage["text"] for passage in row.passages],
            "response": _response(row),
            "reference": _reference(row),
            "reference_contexts": [support["quote"] for support in row.gold["supports"] if support["quote"]],
        }
        optional = ("reference", "reference_contexts")
        yield {name: value for name, value in sample.items() if value or name not in optional}


def ragchecker(run: Run) -> dict[str, Any]:
    """The input of RAGChecker: every question that was asked and has an accepted answer, which it cannot do without."""
    return {
        "results": [
            {
                "query_id": row.id,
                "query": row.gold["question"],
                "gt_answer": _reference(row),
                "response": _response(row),
                "retrieved_context": [
                    {"doc_id": passage.get("article_id", ""), "text": passage["text"]} for passage in row.passages
                ],
            }
            for row in _asked(run)
            if _reference(row)
        ]
    }


def _asked(run: Run) -> Iterator[Row]:
    return (row for row in run.rows if not row.error)


def _response(row: Row) -> str:
    return without_marks(row.text)


def _reference(row: Row) -> str:
    answers = row.gold["answers"]
    return ", ".join(part.strip() for part in answers[0].split(";") if part.strip()) if answers else ""


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"

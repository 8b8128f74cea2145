"""What GPT-3 with a web search answered to RealTime QA, as a run that `dateline eval compare` reads.

python published.py DATA YEAR RUN.json     DATA is the folder that holds realtimeqa/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from qa.evaluation.records import Row, Run
from qa.evaluation.run import plain_gold, score, write_run
from qa.evaluation.testset import load


def published(data: Path, year: int) -> Run:
    """The year's questions with the paper's answers to them; those without one are unmeasured."""
    folder = data / "realtimeqa"
    with (folder / "published-predictions.jsonl").open(encoding="utf-8") as file:
        said = {line["id"]: line.get("generation") for line in map(json.loads, file)}
    testset = load(folder / f"questions-{year}.jsonl")
    rows = []
    for gold in testset.golds:
        text = said.get(gold.id)
        row = Row(gold.id, plain_gold(gold), text=text or "", short=text or "", error="" if text else "none published")
        rows.append(score(gold, row))
    described = {
        "path": str(testset.path),
        "format": testset.format,
        "sha256": testset.sha256,
        "questions": len(testset.golds),
        "dropped": [],
    }
    return Run("2023-12-31", described, {"answerer": "GPT-3 with Google search, as published"}, None, tuple(rows))


if __name__ == "__main__":
    folder, asked, out = sys.argv[1:]
    write_run(published(Path(folder), int(asked)), Path(out))

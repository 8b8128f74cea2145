"""Answers end to end on RealTime QA: right ones beside GPT-3 with a web search, abstaining, and re-ranking.

python answers.py DATA LIBRARY [YEAR [LIMIT]]     DATA is the folder that holds realtimeqa/

Every question is asked as of its day. An abstention scores 0, whatever its confidence. Questions of DelawareOnline,
whose articles no search returned, and those that ask for an exception are left out, as the paper leaves the latter
out. Abstaining is measured on the questions of 2022 whose answer stands in a passage found, beside those of 2024 asked
as of the end of 2022: of weeks that the network was not trained on, though its sixteen weights were fitted on them
(qa/reader/CARD.md has the same by cross-validation). The last line printed is a JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from realtimeqa import counted_questions, interval, padded
from sklearn.metrics import roc_auc_score

from ingest.library import Library
from qa.assistant import Assistant
from qa.evaluation.answers import exact_match, token_f1
from qa.evaluation.records import Gold
from qa.evaluation.testset import load
from qa.reader.examples import held_out

BEFORE_THE_NEWS = date(2022, 12, 31)  # of 2024


def answers(data: Path, library: Library, year: int, limit: int | None) -> dict[str, object]:
    """Exact match and F1 of the short answers, hit@1 before and after re-ranking, and the milliseconds of reading."""
    assistant = Assistant(library)
    golds = [g for g in _golds(data, year) if g.tags.get("source") != "DelawareOnline" and "except" not in g.question]
    findable = {asked.id for asked in counted_questions(data, year)}
    rows, seconds = [], []
    for number, gold in enumerate(golds[:limit], 1):
        request = assistant.understand(gold.question, as_of=gold.as_of)
        passages = assistant.find(request)
        started = time.perf_counter()
        answer = assistant.answer_from(request, passages)
        seconds.append(time.perf_counter() - started)
        said = "" if answer.abstained else answer.short or answer.text.split(" [")[0]
        held = [
            any(padded(a) in padded(p.passage.text) for a in gold.answers)
            for p in (passages[:1] + list(answer.passages[:1]))
        ]
        scores = {name: _scores(said, gold, name) for name in ("realtimeqa", "squad")}
        rows.append((gold, said, answer.confidence, scores, held, gold.id in findable))
        if number % 100 == 0:
            print(f"answers: {number} of {len(golds)}", file=sys.stderr)
    found = [row for row in rows if row[5]]
    return {
        "questions": len(rows),
        "answered": float(np.mean([bool(row[1]) for row in rows])),
        "EM": _mean([row[3]["realtimeqa"][0] for row in rows]),
        "F1": _mean([row[3]["realtimeqa"][1] for row in rows]),
        "findable": len(found),
        "findable EM": _mean([row[3]["squad"][0] for row in found]),
        "findable F1": _mean([row[3]["squad"][1] for row in found]),
        "hit@1 fused": _mean([row[4][0] for row in found]),
        "hit@1 re-ranked": _mean([row[4][-1] for row in found]),
        "reading ms": [1000 * float(np.percentile(seconds, p)) for p in (50, 95)],
        **_beside_gpt3(data, rows),
    }


def abstaining(data: Path, library: Library) -> dict[str, float]:
    """How well confidence tells what the library can answer from what it cannot."""
    assistant = Assistant(library)
    sure: dict[bool, list[float]] = {True: [], False: []}
    for year in (2022, 2024):
        for gold in _golds(data, year):
            if not held_out(f"news:{gold.group}"):
                continue
            answer = assistant.answer(gold.question, as_of=gold.as_of if year == 2022 else BEFORE_THE_NEWS)
            if year == 2024:
                sure[False].append(answer.confidence)
            elif any(padded(a) in padded(p.passage.text) for a in gold.answers for p in answer.passages):
                sure[True].append(answer.confidence)
    marks = [1] * len(sure[True]) + [0] * len(sure[False])
    refused = {
        f"refused at {r:.0%}": float(np.mean(np.array(sure[False]) < np.quantile(sure[True], r))) for r in (0.05, 0.1)
    }
    area = float(roc_auc_score(marks, sure[True] + sure[False]))
    return {"answerable": len(sure[True]), "others": len(sure[False]), "AUROC": area, **refused}


def _beside_gpt3(data: Path, rows: list) -> dict[str, object]:
    """The paper's GPT-3 with Google search on the same questions, and the paired difference over weeks."""
    with (data / "realtimeqa" / "published-predictions.jsonl").open(encoding="utf-8") as file:
        said = {line["id"]: line.get("generation") for line in map(json.loads, file)}
    both = [row for row in rows if said.get(row[0].id) is not None]
    theirs = np.array([_scores(said[row[0].id], row[0], "realtimeqa") for row in both]).reshape(-1, 2)
    ours = np.array([row[3]["realtimeqa"] for row in both]).reshape(-1, 2)
    apart = ours[:, 0] - theirs[:, 0]
    return {
        "beside GPT-3": len(both),
        "its EM, F1": [100 * float(x) for x in theirs.mean(0)],
        "our EM, F1 there": [100 * float(x) for x in ours.mean(0)],
        "EM apart, 95 %": [100 * float(x) for x in (apart.mean(), *interval(apart, [row[0].group for row in both]))],
        "only ours right, both or neither, only theirs": [
            int((apart > 0).sum()),
            int((apart == 0).sum()),
            int((apart < 0).sum()),
        ],
    }


def _golds(data: Path, year: int) -> list[Gold]:
    return list(load(data / "realtimeqa" / f"questions-{year}.jsonl").golds)


def _scores(said: str, gold: Gold, normaliser: str) -> tuple[float, float]:
    return (
        max(exact_match(said, answer, normaliser) for answer in gold.answers),
        max(token_f1(said, answer, normaliser) for answer in gold.answers),
    )


def _mean(values: list[float]) -> float:
    return 100 * float(np.mean(values)) if values else 0.0


if __name__ == "__main__":
    data, folder, *rest = sys.argv[1:]
    with Library.open(Path(folder)) as opened:
        found = answers(Path(data), opened, int(rest[0]) if rest else 2023, int(rest[1]) if rest[1:] else None)
        found["abstaining"] = abstaining(Path(data), opened)
    print(json.dumps(found))

"""How well the reader reads: questions over the paragraph that answers them, and whether a paragraph answers at all.

python reading.py DATA [xquad.en ...]     DATA is the folder that holds span_qa/

XQuAD is for testing only: it is read here and nowhere else. Whether a paragraph answers is measured on the groups of
SQuAD 2.0's half that training kept apart (qa/reader/examples.py). The last line printed is a JSON object.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from pathlib import Path

from sklearn.metrics import roc_auc_score

from qa.evaluation.answers import exact_match, token_f1
from qa.reader.examples import held_out, span_examples
from qa.reader.reading import Reader


def read_paragraphs(data: Path, name: str) -> dict[str, float]:
    """Exact match and F1 of the likeliest span, SQuAD's normaliser, and the milliseconds of a paragraph."""
    reader, matches, overlaps, seconds = Reader(), [], [], []
    language = "es" if name.endswith("es") else "en"
    with gzip.open(data / "span_qa" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    for article in articles:
        title = article.get("title", "").replace("_", " ")
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            for asked in paragraph["qas"]:
                started = time.perf_counter()
                ((spans, *_),) = reader.spans(asked["question"], [(title, context)])
                seconds.append(time.perf_counter() - started)
                said = context[spans[0].start : spans[0].end] if spans else ""
                accepted = [answer["text"] for answer in asked["answers"]]
                matches.append(max(exact_match(said, answer, "squad", language) for answer in accepted))
                overlaps.append(max(token_f1(said, answer, "squad", language) for answer in accepted))
    return {
        "questions": len(matches),
        "exact match": 100 * statistics.mean(matches),
        "F1": 100 * statistics.mean(overlaps),
        "ms": 1000 * statistics.median(seconds),
    }


def answerability(data: Path) -> dict[str, float]:
    """Area under the curve of telling SQuAD's answerable questions from others, on paragraphs kept from training."""
    reader = Reader()
    kept = [one for one in span_examples(data, added=False) if one.kind == "squad2_dev_half" and held_out(one.group)]
    able, sure = [], []
    for one in kept:
        ((spans, answers, absent),) = reader.spans(one.question, [(one.title, one.context)])
        able.append(bool(one.answers))
        sure.append(answers - absent)
    return {"questions": len(able), "AUC": float(roc_auc_score(able, sure))}


if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    found = {name: read_paragraphs(Path(folder), name) for name in names or ("xquad.en", "xquad.es")}
    found["answerability"] = answerability(Path(folder))
    print(json.dumps(found))

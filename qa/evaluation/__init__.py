"""Measures answers against a test set: retrieval, answers, citations, abstention, speed; compares runs, holds floors.

from qa.evaluation import evaluate

print(evaluate("corpus/testset.jsonl").to_text())
"""

from __future__ import annotations

from qa.evaluation.answers import contains, normalise
from qa.evaluation.compare import Comparison, compare
from qa.evaluation.evaluate import Evaluation, evaluate
from qa.evaluation.gate import Verdict, gate
from qa.evaluation.records import Estimate, Gold, Row, Run, Support
from qa.evaluation.run import read_run, recompute, write_run
from qa.evaluation.testset import TestSet, load

__all__ = [
    "Comparison",
    "Estimate",
    "Evaluation",
    "Gold",
    "Row",
    "Run",
    "Support",
    "TestSet",
    "Verdict",
    "compare",
    "contains",
    "evaluate",
    "gate",
    "load",
    "normalise",
    "read_run",
    "recompute",
    "write_run",
]

"""An LLM's opinion of answers: correct or not, and whether each statement is backed by the passages.

It ranks systems well and single answers badly, so it stands beside the rules and replaces none of them: `agreement`
says how far the two agree. A judge that fails leaves the answer unmeasured, never wrong.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache as once
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from ingest.sentences import sentence_spans
from qa.evaluation.answers import without_marks
from qa.evaluation.records import Gold, Row
from qa.evaluation.structured import ask_json
from qa.generative import inert

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

METRICS = ("judged_right", "judged_grounded")
GRADES = ("correct", "partial", "wrong")

_CORRECTNESS: dict[str, Any] = {
    "title": "correctness",
    "description": "Whether an answer says what the accepted answers say.",
    "type": "object",
    "properties": {"reason": {"type": "string"}, "correctness": {"type": "string", "enum": list(GRADES)}},
    "required": ["reason", "correctness"],
}
_GROUNDEDNESS: dict[str, Any] = {
    "title": "groundedness",
    "description": "Whether each statement is backed by the passages.",
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer"},
                    "reason": {"type": "string"},
                    "grounded": {"type": "boolean"},
                },
                "required": ["number", "reason", "grounded"],
            },
        }
    },
    "required": ["statements"],
}


class Judge:
    """A LangChain chat model that judges answers; what it said once is read from the cache."""

    def __init__(self, model: BaseChatModel | str, cache: Path) -> None:
        """Take a model up.

        Args:
            model: a chat model, or "provider:model".
            cache: a folder, made where it is missing: one file a verdict, named by what was asked of which model.

        Raises:
            SettingsError: there is no such model.
        """
        from qa.generative import chat_model

        self.name = model if isinstance(model, str) else _name(model)
        self._model = chat_model(model)
        self._cache = Path(cache)

    def judge(self, gold: Gold, row: Row) -> dict[str, Any]:
        """What the model says of an answer, as plain JSON values.

        Keys: `correctness`, one of GRADES with its `reason`, for an answerable question that was answered;
        `statements`, each sentence of the answer with `grounded` and `reason`; `errors`, what could not be judged and
        why; `model`, and `prompts`, the digests of the prompts.
        """
        said: dict[str, Any] = {"model": self.name, "prompts": _digests(), "errors": []}
        if row.abstained or row.error:
            return said
        answer = without_marks(row.text)
        if gold.answerable and gold.answers:
            self._add(said, "correctness", lambda: self._correctness(gold, answer))
        if answer and row.passages:
            self._add(said, "groundedness", lambda: self._groundedness(gold, row, answer))
        return said

    @staticmethod
    def _add(said: dict[str, Any], what: str, judged: Callable[[], dict[str, Any]]) -> None:
        try:
            said.update(judged())
        except Exception as error:  # each provider has errors of its own; the answer is unmeasured, not wrong
            said["errors"].append(f"{what} could not be judged: {type(error).__name__}: {error}")

    def _correctness(self, gold: Gold, answer: str) -> dict[str, Any]:
        accepted = "\n".join(gold.answers)
        prompt = _prompt("correctness", question=gold.question, accepted=accepted, answer=answer)
        return self._asked(prompt, _CORRECTNESS, _read_grade)

    def _groundedness(self, gold: Gold, row: Row, answer: str) -> dict[str, Any]:
        statements = [answer[start:end] for start, end in sentence_spans(answer, gold.language)]
        passages = "\n\n".join(f"({n}) {passage['text']}" for n, passage in enumerate(row.passages, 1))
        numbered = "\n".join(f"({n}) {statement}" for n, statement in enumerate(statements, 1))
        prompt = _prompt("groundedness", question=gold.question, passages=passages, statements=numbered)
        return self._asked(prompt, _GROUNDEDNESS, lambda value: _read_statements(value, statements))

    def _asked(
        self, prompt: str, schema: dict[str, Any], read: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        """The verdict on a prompt, from the cache where it was asked before; failures are never kept."""
        key = hashlib.sha256(f"{self.name}\n{prompt}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        path = self._cache / f"{key}.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8"))["verdict"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not asked yet, or a file that something damaged
        verdict = read(ask_json(self._model, prompt, schema))
        self._cache.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps({"model": self.name, "verdict": verdict}, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
        return verdict


def judge_metrics(row: Row) -> dict[str, float | None]:
    """The metrics that the verdicts of a row's latest judge give; None where the judge failed.

    judged_right: 1 where the answer is correct, 0 where it is partial, wrong, or refused though there is one; only
        where there is an accepted answer.
    judged_grounded: share of the answer's statements that the passages back; only where something was answered.
    """
    if not row.verdicts or row.error:
        return {}
    said = list(row.verdicts.values())[-1]
    metrics: dict[str, float | None] = {}
    if row.gold.get("answerable", True) and row.gold.get("answers"):
        grade = said.get("correctness")
        metrics["judged_right"] = 0.0 if row.abstained else None if grade is None else float(grade == "correct")
    if not row.abstained and without_marks(row.text) and row.passages:
        statements = said.get("statements") or ()
        backed = sum(bool(statement["grounded"]) for statement in statements)
        metrics["judged_grounded"] = backed / len(statements) if statements else None
    return metrics


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the judge and the rules say the same of being right, over answers that both measured.

    kappa: Cohen's, in [-1, 1]: 1 is always, 0 as often as chance; None where both always say the same one thing.
    """

    n: int
    share: float
    kappa: float | None


def agreement(rows: Iterable[Row]) -> Agreement | None:
    """The agreement of judge and rules on given answers; refusals left out. None where there is none to compare."""
    pairs = [
        (right, judged)
        for row in rows
        if not row.abstained
        and (right := row.metrics.get("right")) is not None
        and (judged := row.metrics.get("judged_right")) is not None
    ]
    if not pairs:
        return None
    n = len(pairs)
    share = sum(right == judged for right, judged in pairs) / n
    rules, judge = sum(right for right, _ in pairs) / n, sum(judged for _, judged in pairs) / n
    chance = rules * judge + (1 - rules) * (1 - judge)
    return Agreement(n, share, (share - chance) / (1 - chance) if chance < 1 else None)


def _read_grade(value: dict[str, Any]) -> dict[str, Any]:
    grade = str(value.get("correctness", "")).strip().lower()
    if grade not in GRADES:
        raise ValueError(f"its grade is {grade!r}, none of {', '.join(GRADES)}")
    return {"correctness": grade, "reason": str(value.get("reason", ""))}


def _read_statements(value: dict[str, Any], statements: list[str]) -> dict[str, Any]:
    listed = value.get("statements")
    said = {item.get("number"): item for item in listed if isinstance(item, dict)} if isinstance(listed, list) else {}
    missing = [n for n in range(1, len(statements) + 1) if not isinstance(said.get(n, {}).get("grounded"), bool)]
    if missing:
        raise ValueError(f"it says nothing of statement {missing[0]} of {len(statements)}")
    return {
        "statements": [
            {"statement": text, "grounded": said[n]["grounded"], "reason": str(said[n].get("reason", ""))}
            for n, text in enumerate(statements, 1)
        ]
    }


def _prompt(name: str, **parts: str) -> str:
    return Template(template(name)).substitute({part: inert(text) for part, text in parts.items()})


@once
def template(name: str) -> str:
    """A prompt of ours, with $names for what is filled in."""
    return files("qa.evaluation").joinpath("prompts", f"{name}.txt").read_text(encoding="utf-8")


def _digests() -> dict[str, str]:
    return {name: hashlib.sha256(template(name).encode()).hexdigest()[:12] for name in ("correctness", "groundedness")}


def _name(model: BaseChatModel) -> str:
    return str(getattr(model, "model_name", "") or getattr(model, "model", "") or type(model).__name__)

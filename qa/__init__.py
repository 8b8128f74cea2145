"""Answers to questions about the news, each backed by cited passages.

from qa import answer

print(answer("Which Mexican states border Guatemala?").text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import (
    DatelineError,
    LibraryBusyError,
    LibraryDamagedError,
    LibraryError,
    LibraryMismatchError,
    LibraryNotFoundError,
    QuestionError,
    SettingsError,
)
from qa.records import Answer, Citation, ScoredPassage

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.default import answer, default_library
    from qa.evaluation.evaluate import Evaluation, evaluate

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "DatelineError",
    "Evaluation",
    "LibraryBusyError",
    "LibraryDamagedError",
    "LibraryError",
    "LibraryMismatchError",
    "LibraryNotFoundError",
    "QuestionError",
    "ScoredPassage",
    "SettingsError",
    "answer",
    "default_library",
    "evaluate",
]

_WHERE = {
    "Assistant": "qa.assistant",
    "Evaluation": "qa.evaluation.evaluate",
    "answer": "qa.default",
    "default_library": "qa.default",
    "evaluate": "qa.evaluation.evaluate",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - names that load the models' libraries are imported when used
    if name not in _WHERE:
        raise AttributeError(f"module 'qa' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_WHERE[name]), name)

"""Spanish questions that a sentence answers."""

from __future__ import annotations

from collections.abc import Iterator

from qa.drafts import Known


def questions(sentence: str, known: Known) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every (question, kind, accepted answers) that the rules make of one sentence."""
    yield from ()

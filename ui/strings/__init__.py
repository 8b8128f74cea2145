"""What the page says, in English and Spanish: one JSON file a page, {"key": {"en": "...", "es": "..."}}.

A component's label is written `label("ask.question")` and put into words by the browser, in its own language; HTML that
is made here asks `words(language)` instead, with the language of the request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "es")
Words = Callable[..., str]
"""Gives the text of a key such as "ask.question"; keyword arguments fill the {names} in it."""


@cache
def texts() -> dict[str, dict[str, str]]:
    """Every text by language, then by key: the file's name, a dot, the key in the file."""
    files = sorted(Path(__file__).parent.glob("*.json"))
    said = {f"{file.stem}.{key}": text for file in files for key, text in json.loads(file.read_text("utf-8")).items()}
    return {language: {key: text[language] for key, text in said.items()} for language in LANGUAGES}


def words(language: str = "en") -> Words:
    """The texts in one language; English where it is neither English nor Spanish."""
    chosen = texts()[language if language in LANGUAGES else "en"]

    def say(key: str, **values: object) -> str:
        return chosen[key].format(**values) if values else chosen[key]

    return say


def language_of(accepted: str | None) -> str:
    """The first language of an Accept-Language header, English where it is none of ours.

    The others do not count: of the same browser's languages its scripts, and Gradio's labels, go by the first alone.
    """
    code = (accepted or "").strip().lower()[:2]
    return code if code in LANGUAGES else "en"


def language_name(code: str, say: Words) -> str:
    """The name of a language by its code; the code where it has none here."""
    key = f"common.language_{code}"
    return say(key) if key in texts()["en"] else code

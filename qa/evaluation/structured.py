"""What a chat model says, as JSON: by structured output where the model has it, else read out of its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def ask_json(model: BaseChatModel, prompt: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON object with which a model answers a prompt; it need not follow the schema, so check it.

    Args:
        model: whom to ask. Where it has no structured output, or fails at it, it is asked once more in plain words.
        prompt: says in words which fields are wanted.
        schema: the JSON schema of the same, with a title and a description.

    Raises:
        ValueError: what it says is no JSON object.
        Exception: whatever the provider's package raises where the model cannot be reached.
    """
    from langchain_core.exceptions import OutputParserException

    try:
        value = model.with_structured_output(schema).invoke(prompt)
        if isinstance(value, dict):
            return value
    except (NotImplementedError, OutputParserException, ValueError):
        pass
    return _object_in(str(model.invoke(prompt).text))


def _object_in(text: str) -> dict[str, Any]:
    """The first JSON object that stands in a text, whatever is said around it."""
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            pass
        else:
            return dict(value)
        start = text.find("{", start + 1)
    raise ValueError(f"it answered with no JSON object: {text[:120]!r}")

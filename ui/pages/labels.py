"""Labels that the browser puts into words, in its own language."""

from __future__ import annotations

from typing import cast

import gradio as gr

from ui.strings import texts


def translations() -> gr.I18n:
    """What launch() needs for the labels: every text in every language."""
    return _translations


def label(key: str) -> str:
    """The label of a key such as "ask.question", for any text of a component that Gradio translates.

    Raises:
        KeyError: there is no such text.
    """
    if key not in texts()["en"]:
        raise KeyError(key)
    return cast(str, _translations(key))  # Gradio's components take it in the place of a text


_translations = gr.I18n(**texts())

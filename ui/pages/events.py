"""What the events of the pages share: the language of who is there, and errors that are told as a sentence."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import gradio as gr

from ingest.errors import DatelineError
from ui.strings import Words, language_of, words

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}  # takes no time, so it waits for nobody's answer

Updates = dict[Any, Any]
"""What an event changes: a component, and what it shows from now on."""

log = logging.getLogger("dateline")


def say_to(request: gr.Request) -> Words:
    """The texts in the language of who looks at the page."""
    return words(language_of(request.headers.get("accept-language")))


def telling(
    told: gr.HTML,
    error_html: Callable[[str], str],
    handler: Callable[..., Updates],
    on_error: Callable[[], Updates] = dict,
) -> Callable[..., Updates]:
    """The handler, whose last argument is the request, with whatever goes wrong in it told as a sentence in `told`.

    `told` is emptied where the handler puts nothing there. on_error: what else changes where something goes wrong.
    """

    @functools.wraps(handler)
    def handled(*values: Any) -> Updates:  # noqa: ANN401 - of components
        try:
            return {told: "", **handler(*values)}
        except DatelineError as error:
            return {**on_error(), told: error_html(str(error))}
        except Exception:
            log.exception("an event of a page failed")
            return {**on_error(), told: error_html(say_to(values[-1])("common.unexpected"))}

    return handled

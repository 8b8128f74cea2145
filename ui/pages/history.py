"""The sidebar of the Ask page: the conversations that this browser keeps, and the export of the one on screen.

They are kept by history.js in the browser's localStorage, one entry a conversation, and only the one that is opened is
sent here. gr.BrowserState would keep all of them as one value: sent here and back at every change, overwritten by the
browser's other tabs, and lost without a word when it is full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from ingest.errors import DatelineError
from qa.markdown import one_line
from ui import export
from ui.conversation import Conversation, new
from ui.desk import Desk
from ui.pages.labels import label
from ui.stored import MOST_TITLE, restored, stored
from ui.strings import LANGUAGES, language_of, texts

Show = Callable[[Conversation, gr.Request], list[Any]]
_SCRIPT = (Path(__file__).parent / "history.js").read_text("utf-8")
_LIST = '<div class="dl-history"></div>'
_RESUME = """async () => {
  while (!window.datelineHistory) await new Promise((again) => setTimeout(again, 20));
  window.datelineHistory.resume();
}"""
_TO_QUESTION = "() => document.querySelector('#question textarea')?.focus()"
# Not past the queue: an event that goes past it changes a state without the page being told.
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def sidebar(
    current: gr.State, show: Show, shown: Sequence[Component], desk: Desk, *, stops: list[Any] | None = None
) -> None:
    """Build the sidebar in the Gradio context that this is called in.

    Args:
        current: holds the conversation on screen; each change of it is kept in the browser.
        show: what `shown` shows of a conversation that is opened or begun.
        shown: the components that show the conversation.
        desk: whose library the citations of an opened conversation point into.
        stops: events that end when another conversation is opened, such as an answer that is being written.
    """
    with gr.Sidebar(label=label("history.title"), open=False, width=300, elem_id="history"):
        begin = gr.Button(label("history.begin"), variant="primary", elem_id="begin")
        kept = gr.HTML(
            html_template=_LIST,
            js_on_load=_SCRIPT,
            apply_default_css=False,
            elem_id="conversations",
            texts={language: _texts(language) for language in LANGUAGES},
        )
        with gr.Column(elem_classes="dl-export"):
            off: dict[str, Any] = {"size": "sm", "interactive": False}
            exports = [gr.Button(label(f"history.export_{kind}"), elem_id=f"to-{kind}", **off) for kind in export.KINDS]

    def keep(conversation: Conversation) -> list[Any]:
        can_export = gr.Button(interactive=bool(conversation.turns))
        return [{"conversation": stored(conversation)}, *([can_export] * len(exports))]

    def opened(event: gr.EventData, request: gr.Request) -> list[Any]:
        value = event._data.get("conversation") if isinstance(event._data, dict) else None
        try:
            conversation = restored(value, desk.library)
        except DatelineError as error:
            gr.Warning(str(error))
            return [gr.skip()] * (1 + len(shown))
        return [conversation, *show(conversation, request)]

    def begun(request: gr.Request) -> list[Any]:
        return [new(), *show(new(), request)]

    def renamed(conversation: Conversation, event: gr.EventData) -> Conversation:
        match event._data:
            case {"id": conversation.conversation_id, "title": str(title)} if one_line(title):
                return replace(conversation, title=one_line(title)[:MOST_TITLE])
        return conversation

    screen = [current, *shown]
    current.change(keep, current, [kept, *exports], **_QUIET)
    gr.on(None, None, None, None, js=_RESUME, **_QUIET)
    begin.click(begun, None, screen, cancels=stops, **_QUIET).then(None, None, None, js=_TO_QUESTION, **_QUIET)
    kept.opened(opened, None, screen, cancels=stops, **_QUIET)
    kept.deleted(begun, None, screen, cancels=stops, **_QUIET)
    kept.renamed(renamed, current, current, **_QUIET)
    for button, kind in zip(exports, export.KINDS, strict=True):
        button.click(_exporting(kind), current, kept, **_QUIET)


def _exporting(kind: str) -> Callable[[Conversation, gr.Request], dict[str, Any]]:
    """The event that hands the browser a conversation as a file; none is written here."""

    def exported(conversation: Conversation, request: gr.Request) -> dict[str, Any]:
        language = language_of(request.headers.get("accept-language"))
        file = export.exported(conversation, kind, language)
        return {"file": {"name": file.name, "type": file.media_type, "text": file.text}, "at": _now()}

    return exported


def _now() -> str:
    return datetime.now(UTC).isoformat()  # the browser sees no change where a file is asked for twice


def _texts(language: str) -> dict[str, str]:
    begin = "history."
    return {key.removeprefix(begin): text for key, text in texts()[language].items() if key.startswith(begin)}

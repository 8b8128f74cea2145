"""The settings page: the library, who answers, the theme."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from ingest.errors import DatelineError
from ingest.library import IndexStatus, Library, Status
from ingest.records import iso_day
from qa.markdown import without_controls
from ui.desk import PING_SECONDS, Desk
from ui.pages.events import AT_ONCE, QUIET, say_to
from ui.pages.labels import label
from ui.strings import Words

THEMES = ("system", "light", "dark")
_LONGEST = 1000  # characters of a folder or of a model's name

log = logging.getLogger("dateline")


def page(desk: Desk) -> None:
    """Build the page in the Gradio context that this is called in."""
    with gr.Column(elem_classes="dl-settings"):
        title = gr.HTML(elem_id="settings-title")
        with gr.Column(elem_classes="dl-setting"):
            library = gr.HTML(elem_id="settings-library")
            if desk.private:
                _other_library(desk, library)
        with gr.Column(elem_classes="dl-setting"):
            answerer = gr.HTML(elem_id="settings-answerer")
            if desk.private:
                _other_answerer(desk, answerer)
        with gr.Column(elem_classes="dl-setting"):
            appearance = gr.HTML(elem_id="settings-appearance")
            _theme()

    def show(request: gr.Request) -> tuple[str, str, str, str]:
        say = say_to(request)
        return title_html(desk, say), library_html(desk, say), answerer_html(desk, say), appearance_html(say)

    gr.on(None, show, None, [title, library, answerer, appearance], **AT_ONCE)


def _other_library(desk: Desk, library: gr.HTML) -> None:
    with gr.Row(elem_classes="dl-choice"):
        folder = gr.Textbox(
            label=label("settings.open_label"),
            info=label("settings.open_info"),
            max_length=_LONGEST,
            elem_id="settings-folder",
        )
        button = gr.Button(label("settings.open"), size="md", scale=0, min_width=120, elem_id="settings-open")
    told = _told("settings-opened")

    def open_folder(path: str | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        say = say_to(request)
        path = (path or "").strip()
        if not path:
            yield gr.skip(), error_html(say("settings.no_folder")), gr.skip()
            return
        yield gr.skip(), done_html(say("settings.opening")), gr.Button(interactive=False)
        trouble = _trouble(say, desk.open, path)
        opened = trouble or done_html(say("settings.opened", path=_isolated(str(desk.library.path))))
        yield library_html(desk, say), opened, gr.Button(interactive=True)

    gr.on([button.click, folder.submit], open_folder, folder, [library, told, button], concurrency_limit=1, **QUIET)


def _other_answerer(desk: Desk, answerer: gr.HTML) -> None:
    with gr.Row(elem_classes="dl-choice"):
        llm = gr.Textbox(
            label=label("settings.llm_label"),
            info=label("settings.llm_info"),
            placeholder="ollama:llama3.2",
            max_length=_LONGEST,
            elem_id="settings-llm",
        )
        use_llm = gr.Button(label("settings.use_llm"), size="md", scale=0, min_width=120, elem_id="settings-use-llm")
        use_reader = gr.Button(
            label("settings.use_reader"), size="md", scale=0, min_width=120, elem_id="settings-use-reader"
        )
    told = _told("settings-answering")

    def take(name: str | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        say, name = say_to(request), (name or "").strip()
        if not name:
            yield gr.skip(), error_html(say("settings.no_llm")), gr.skip(), gr.skip()
            return
        shown = _isolated(name)
        pinging = done_html(say("settings.pinging", llm=shown, seconds=PING_SECONDS))
        yield gr.skip(), pinging, gr.Button(interactive=False), gr.Button(interactive=False)
        taken = _trouble(say, desk.answer_with, name) or done_html(say("settings.llm_taken", llm=shown))
        yield answerer_html(desk, say), taken, gr.Button(interactive=True), gr.Button(interactive=True)

    def take_reader(request: gr.Request) -> tuple[str, str]:
        say = say_to(request)
        taken = _trouble(say, desk.answer_with, "") or done_html(say("settings.reader_taken"))
        return answerer_html(desk, say), taken

    buttons = [use_llm, use_reader]
    gr.on([use_llm.click, llm.submit], take, llm, [answerer, told, *buttons], concurrency_limit=1, **QUIET)
    use_reader.click(take_reader, None, [answerer, told], **QUIET)


def _theme() -> None:
    theme = gr.Radio(
        [(label(f"settings.{name}"), name) for name in THEMES],
        value="system",
        label=label("settings.theme"),
        info=label("settings.theme_info"),
        elem_id="settings-theme",
    )
    gr.on(None, None, None, theme, js="() => window.datelineTheme?.chosen() ?? 'system'", **QUIET)
    theme.input(None, theme, None, js="(theme) => window.datelineTheme?.choose(theme)", **QUIET)


def _told(name: str) -> gr.HTML:
    """Where an event says how it went, and screen readers hear it."""
    return gr.HTML(
        elem_id=name, elem_classes="dl-told", js_on_load='element.role = "status"; element.ariaLive = "polite";'
    )


def _trouble(say: Words, change: Callable[[str], None], value: str) -> str:
    """What went wrong with a change, as HTML; "" where nothing did."""
    try:
        change(value)
    except DatelineError as error:
        return error_html(_sentence(error))
    except Exception:
        log.exception("a setting could not be changed")
        return error_html(say("common.unexpected"))
    return ""


# --- what the page shows


def title_html(desk: Desk, say: Words) -> str:
    """The page's heading, and why nothing can be changed where others come in."""
    shared = "" if desk.private else f'<p class="dl-shared">{say("settings.shared")}</p>'
    return f"<h1>{say('common.settings')}</h1>{shared}"


def library_html(desk: Desk, say: Words) -> str:
    """What the open library holds and how its indexes are; where others come in, without places of this machine."""
    heading = f"<h2>{say('settings.library')}</h2>"
    library = desk.library
    try:
        status = library.status()
    except DatelineError as error:
        return heading + error_html(_sentence(error))
    rows = _facts(status, say, private=desk.private) | {
        "schema": escape(library.meta.get("schema", "?")),
        **{index.name: _state(index, say, private=desk.private) for index in status.indexes},
    }
    facts = "".join(f"<div><dt>{say(f'settings.{name}')}</dt><dd>{value}</dd></div>" for name, value in rows.items())
    return f'{heading}<dl class="dl-facts">{facts}</dl>{_notices(library)}'


def _facts(status: Status, say: Words, *, private: bool) -> dict[str, str]:
    count, copies = f"{status.articles:,}", f"{status.duplicates:,}"
    model = status.embedding_model
    languages = ", ".join(name or say("settings.unknown_language") for name in sorted(status.languages))
    earliest, latest = iso_day(status.earliest), iso_day(status.latest)
    dated = say("settings.range", earliest=earliest, latest=latest)
    return {
        "folder": _isolated(str(status.path) if private else status.path.name),
        "articles": say("settings.with_copies", articles=count, copies=copies) if status.duplicates else count,
        "passages": f"{status.passages:,}",
        "published": dated if status.earliest else say("settings.undated"),
        "outlets": f"{sum(map(bool, status.outlets)):,}",
        "languages": escape(languages) or "–",
        "rejected": f"{len(status.rejected):,}",
        "embedding_model": _isolated(model if private or not Path(model).is_absolute() else Path(model).name),
    }


def _state(index: IndexStatus, say: Words, *, private: bool) -> str:
    """The state of an index, in the words of the page; one that it has no words for is being rebuilt."""
    if index.state.startswith("on "):
        address = index.state.removeprefix("on ")
        return say("settings.state_server_at", address=escape(address)) if private else say("settings.state_server")
    if index.state.startswith("open elsewhere"):
        return say("settings.state_elsewhere")
    if index.state == "behind":
        return say("settings.state_behind", followed=f"{index.followed:,}", total=f"{index.total:,}")
    known = {"up to date": "level", "not built yet": "unbuilt"}
    return say(f"settings.state_{known.get(index.state, 'rebuilding')}")


def _notices(library: Library) -> str:
    return "".join(f'<p class="dl-notice">{escape(without_controls(notice))}</p>' for notice in library.notices)


def answerer_html(desk: Desk, say: Words) -> str:
    """Who answers, and what leaves this machine where an LLM does."""
    now = say("settings.llm_now", llm=_isolated(desk.llm)) if desk.llm else say("settings.reader_now")
    leaves = f'<p class="dl-hint">{say("settings.leaves")}</p>' if desk.private or desk.llm else ""
    return f"<h2>{say('settings.answerer')}</h2><p>{now}</p>{leaves}"


def appearance_html(say: Words) -> str:
    """The heading over the theme, and where the language comes from."""
    return f'<h2>{say("settings.appearance")}</h2><p class="dl-hint">{say("settings.language_note")}</p>'


def error_html(sentence: str) -> str:
    """A sentence of HTML about something that went wrong."""
    return f'<p class="dl-error">{sentence}</p>'


def done_html(sentence: str) -> str:
    """A sentence of HTML about something that is done, or being done."""
    return f'<p class="dl-done">{sentence}</p>'


def _sentence(error: DatelineError) -> str:
    said = without_controls(str(error))
    return escape(said[:1].upper() + said[1:])


def _isolated(text: str) -> str:
    """A name from outside as HTML that cannot turn round the text about it."""
    return f"<bdi>{escape(without_controls(text))}</bdi>"

"""What a run showed, on the Evaluate page: its figures, its questions, and the comparison with another run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache

from ingest.errors import SourceError
from qa.evaluation.compare import compare
from qa.evaluation.testset import TestSet
from ui import evaluation_html as html
from ui.asked import Asked, all_tags, asked, counts, fitting
from ui.desk import Desk
from ui.evaluating import Job, Measured, kept_names, kept_run, run_label, run_testset
from ui.pages.events import QUIET, Updates, say_to, telling
from ui.pages.labels import label
from ui.strings import Words

PER_PAGE = 20  # questions
MOST_RUNS = 6  # that a tab remembers


@dataclass(eq=False)
class Tab:
    """What one browser tab looks at; it stays on the server.

    runs: made or added here, newest last, by name. first: of the questions that are listed, from 0.
    """

    testset: TestSet | None = None
    job: Job | None = None
    shown: Measured | None = None
    runs: dict[str, Measured] = field(default_factory=dict)
    questions: list[Asked] = field(default_factory=list)
    first: int = 0

    def add(self, measured: Measured) -> None:
        """Remember a run."""
        self.runs.pop(measured.name, None)
        self.runs[measured.name] = measured
        while len(self.runs) > MOST_RUNS:
            del self.runs[next(iter(self.runs))]

    def look_at(self, measured: Measured) -> None:
        """Show a run."""
        self.add(measured)
        self.shown, self.questions, self.first = measured, asked(measured.run), 0


class Results:
    """The lower half of the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        with gr.Column(visible=False, elem_id="evaluate-results") as self.all:
            self.head = gr.HTML(apply_default_css=False)
            with gr.Row(elem_classes="dl-ev-downloads"):
                self.downloads = [
                    gr.DownloadButton(
                        label(f"evaluate.{name}"), size="sm", elem_id=f"evaluate-{name.replace('_', '-')}"
                    )
                    for name in ("report", "run_json", "markdown")
                ]
            with gr.Tabs():
                with gr.Tab(label("evaluate.figures_tab"), id="figures"):
                    self.figures = gr.HTML(elem_id="evaluate-figures", apply_default_css=False)
                with gr.Tab(label("evaluate.questions_tab"), id="questions"):
                    self._build_questions()
                with gr.Tab(label("evaluate.compare_tab"), id="compare"):
                    self._build_comparison()

    def _build_questions(self) -> None:
        self.state = gr.Radio([], label=label("evaluate.show"), elem_id="evaluate-state")
        with gr.Row(equal_height=False):
            self.tag = gr.Dropdown([], label=label("evaluate.tag"), scale=1, min_width=200, elem_id="evaluate-tag")
            self.search = gr.Textbox(
                label=label("evaluate.search"),
                placeholder=label("evaluate.search_hint"),
                max_length=200,
                scale=2,
                min_width=240,
                elem_id="evaluate-search",
            )
        self.questions = gr.HTML(elem_id="evaluate-questions", apply_default_css=False)
        with gr.Row():
            self.previous = gr.Button(label("evaluate.previous"), size="md", elem_id="evaluate-previous")
            self.next = gr.Button(label("evaluate.next"), size="md", elem_id="evaluate-next")

    def _build_comparison(self) -> None:
        with gr.Row(equal_height=False, elem_classes="dl-ev-pick"):
            self.other = gr.Dropdown([], label=label("evaluate.compare_with"), scale=3, elem_id="evaluate-other")
            self.compare = gr.Button(label("evaluate.compare"), variant="primary", scale=1, elem_id="evaluate-compare")
        self.compared = gr.HTML(elem_id="evaluate-compared", apply_default_css=False)

    @property
    def outputs(self) -> list[Any]:
        """Every component that showing a run changes."""
        return [
            *(self.all, self.head, *self.downloads, self.figures, self.state, self.tag, self.search),
            *(self.questions, self.previous, self.next, self.other, self.compare, self.compared),
        ]

    def connect(self, tab: gr.State) -> None:
        """Let the controls do what they say."""
        listed = [self.questions, self.previous, self.next]
        filters = [tab, self.state, self.tag, self.search]
        error = html.error_html
        again = telling(self.questions, error, self._list_from_the_first)
        gr.on(
            [self.state.input, self.tag.input, self.search.change],
            again,
            filters,
            listed,
            trigger_mode="always_last",
            **QUIET,
        )
        self.previous.click(telling(self.questions, error, self._list_previous), filters, listed, **QUIET)
        self.next.click(telling(self.questions, error, self._list_next), filters, listed, **QUIET)
        self.compare.click(
            telling(self.compared, error, self._compare), [tab, self.other], self.compared, api_visibility="private"
        )

    def look(self, tab: Tab, say: Words) -> Updates:
        """Show the run that the tab looks at."""
        measured = tab.shown
        if measured is None:
            return {self.all: gr.Column(visible=False)}
        run = measured.run
        kept = say("evaluate.kept_here" if self._is_kept(measured) else "evaluate.kept_not", name=measured.name)
        cached = [
            save_file_to_cache(path, button.GRADIO_CACHE)
            for path, button in zip(measured.reports(), self.downloads, strict=True)
        ]
        tags = all_tags(tab.questions)
        return {
            self.all: gr.Column(visible=True),
            self.head: html.result_head_html(run, say, kept),
            **{button: gr.DownloadButton(value=path) for button, path in zip(self.downloads, cached, strict=True)},
            self.figures: html.figures_html(run, measured.summary, say),
            self.state: gr.Radio(self._states(tab, say), value=""),
            self.tag: gr.Dropdown([(say("evaluate.any_tag"), ""), *tags], value="", visible=bool(tags)),
            self.search: "",
            **self._listed(tab, "", "", "", say),
            **self.others(tab, say),
        }

    def others(self, tab: Tab, say: Words, added: str = "") -> Updates:
        """The runs that the one that is shown can be compared with; added: the one that has just been brought."""
        shown = tab.shown.name if tab.shown else ""
        choices = [choice for choice in run_choices(tab, self._desk) if choice[1] != shown]
        hint = say("evaluate.compare_hint" if choices else "evaluate.compare_none")
        names = [name for _, name in choices]
        # Runs of another test set share no question with the one that is shown.
        likely = sorted(names, key=lambda name: (name != added, run_testset(name) != run_testset(shown)))
        return {
            self.other: gr.Dropdown(choices, value=next(iter(likely), None), interactive=bool(choices)),
            self.compare: gr.Button(interactive=bool(choices)),
            self.compared: html.hint_html(hint),
        }

    def _is_kept(self, measured: Measured) -> bool:
        return self._desk.private and measured.name in kept_names(self._desk.library.path)

    @staticmethod
    def _states(tab: Tab, say: Words) -> list[tuple[str, str]]:
        each = counts(tab.questions)
        named = [
            (say("evaluate.counted_state", state=say(f"evaluate.states.{state}"), n=n), state)
            for state, n in each.items()
        ]
        return [(say("evaluate.all_states", n=len(tab.questions)), ""), *named]

    def _list_from_the_first(
        self, tab: Tab, state: str | None, tag: str | None, search: str | None, request: gr.Request
    ) -> Updates:
        tab.first = 0
        return self._listed(tab, state, tag, search, say_to(request))

    def _list_previous(
        self, tab: Tab, state: str | None, tag: str | None, search: str | None, request: gr.Request
    ) -> Updates:
        tab.first -= PER_PAGE
        return self._listed(tab, state, tag, search, say_to(request))

    def _list_next(
        self, tab: Tab, state: str | None, tag: str | None, search: str | None, request: gr.Request
    ) -> Updates:
        tab.first += PER_PAGE
        return self._listed(tab, state, tag, search, say_to(request))

    def _listed(self, tab: Tab, state: str | None, tag: str | None, search: str | None, say: Words) -> Updates:
        rows = fitting(tab.questions, state or "", tag or "", search or "")
        tab.first = max(0, min(tab.first, (len(rows) - 1) // PER_PAGE * PER_PAGE))
        page = rows[tab.first : tab.first + PER_PAGE]
        return {
            self.questions: html.questions_html(page, tab.first, len(rows), say),
            self.previous: gr.Button(interactive=tab.first > 0),
            self.next: gr.Button(interactive=tab.first + PER_PAGE < len(rows)),
        }

    def _compare(self, tab: Tab, name: str | None, request: gr.Request) -> Updates:
        if tab.shown is None or not name:
            return {}
        a, b = find_run(tab, self._desk, name).run, tab.shown.run
        return {self.compared: html.comparison_html(compare(a, b), a, b, say_to(request))}


def run_choices(tab: Tab, desk: Desk) -> list[tuple[str, str]]:
    """The runs that can be shown or compared, newest first, as a dropdown takes them."""
    kept = kept_names(desk.library.path) if desk.private else []
    added = [name for name in reversed(tab.runs) if name not in kept]
    return [(run_label(name), name) for name in (*added, *kept)]


def find_run(tab: Tab, desk: Desk, name: str) -> Measured:
    """The run of that name.

    Raises:
        SourceError: it is not there any more, or cannot be read.
    """
    if name in tab.runs:
        return tab.runs[name]
    if not desk.private:
        raise SourceError(f"the run {name} is not here any more; add its run.json again")
    return kept_run(desk.library.path, name)

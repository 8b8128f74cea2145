"""What changes the library on the Articles page: articles are added, with a report, and one is forgotten."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ingest.catalog import Entry
from ingest.errors import LibraryBusyError, SourceError
from ingest.library import Library
from ingest.records import Article
from ui import articles_html as html
from ui.added import Given
from ui.adding import Adding, Intake
from ui.command import read_settings
from ui.desk import Desk
from ui.guard import LARGEST_FILE, MOST_FILES
from ui.pages.events import AT_ONCE, QUIET, Updates, say_to, telling
from ui.pages.labels import label
from ui.search import Place, Search
from ui.strings import Words

POLL = 0.7
"""Seconds between two looks at what is being added."""
JS = Path(__file__).with_name("articles.js").read_text(encoding="utf-8")
_LONGEST = 2000  # characters of an address
_WEB = re.compile(r"(https?)://(?=\S)", re.IGNORECASE)
_ANNOUNCED = 'element.role = "status"; element.ariaLive = "polite";'
_BRING_UP = """
const bringUp = () => setTimeout(() => { // once it is visible
  element.querySelector("h3")?.focus({ preventScroll: true });
  if (element.querySelector("h3")) element.closest("#articles-confirm").scrollIntoView({ block: "nearest" });
}, 50);
bringUp();
watch("value", bringUp);
"""

Refreshed = Callable[[Place, str, Words], Updates]
"""What shows the library, as it is now; given what is listed, and the id of the article that is read."""


class AddArticles:
    """Files and addresses to add, how far that is, and what became of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._intake = desk, Intake()
        self.mine, self.timer = gr.State(None), gr.Timer(POLL, active=False)
        with gr.Accordion(label("articles.add"), open=False, elem_id="articles-add") as self.box:
            self.hint = gr.HTML()
            with gr.Row(equal_height=False):
                with gr.Column(scale=1, min_width=280):
                    self._build_files()
                with gr.Column(scale=1, min_width=280):
                    self._build_address()
        with gr.Column(elem_classes="dl-art-going"):
            self.progress = gr.HTML(elem_id="articles-progress")
            self.stop = gr.Button(
                label("articles.stop"), variant="stop", size="md", visible=False, elem_id="articles-stop"
            )
            self.told = gr.HTML(elem_id="articles-told", js_on_load=_ANNOUNCED)
            self.report = gr.HTML(elem_id="articles-report", js_on_load=JS)

    def _build_files(self) -> None:
        self.files = gr.File(label=label("articles.files"), file_count="multiple", height=150, elem_id="articles-files")
        self.add_files = gr.Button(
            label("articles.add_files"), variant="primary", size="md", elem_id="articles-add-files"
        )

    def _build_address(self) -> None:
        self.address = gr.Textbox(
            label=label("articles.address"),
            info=label("articles.address_info"),
            placeholder="https://",
            max_length=_LONGEST,
            max_lines=1,
            elem_id="articles-address",
        )
        self.add_address = gr.Button(
            label("articles.add_address"), variant="primary", size="md", elem_id="articles-add-address"
        )

    @property
    def shown(self) -> list[Any]:
        """What changes while articles are added."""
        return [
            *(self.box, self.files, self.hint, self.add_files, self.address, self.add_address),
            *(self.progress, self.stop, self.told, self.report, self.timer, self.mine),
        ]

    def connect(self, where: Sequence[Any], kept: Sequence[Any], refreshed: Refreshed) -> None:
        """Let the controls do what they say.

        Args:
            where: what is listed, and the article that is read.
            kept: what shows the library.
            refreshed: what that shows now.
        """
        self._refreshed = refreshed
        told, error = self.told, html.error_html
        self.add_files.click(telling(told, error, self._add_files), self.files, self.shown, **QUIET)
        gr.on(
            [self.add_address.click, self.address.submit],
            telling(told, error, self._add_address),
            self.address,
            self.shown,
            **QUIET,
        )
        self.stop.click(telling(told, error, self._stop), None, self.shown, **AT_ONCE)
        self.timer.tick(telling(told, error, self._looked), [self.mine, *where], [*self.shown, *kept], **AT_ONCE)

    def as_it_is(self, say: Words) -> Updates:
        """What the panel shows to who opens the page; it is open where there is nothing else to look at."""
        adding, empty = self._intake.latest, not Search().in_library(self._desk.library, 0, 0).total
        hint = html.files_hint_html(MOST_FILES, LARGEST_FILE, say)
        here: Updates = {self.hint: hint, self.box: gr.Accordion(open=empty)}
        if adding and adding.running:
            return here | self._at_work(adding, say)
        return here | (self._ended(adding, say, is_open=False) if adding and adding.added else {})

    # -- what is given

    def _add_files(self, paths: list[str] | None, request: gr.Request) -> Updates:
        if not paths:
            raise SourceError(say_to(request)("articles.no_files"))
        uploads = request.request.app.get_blocks().upload_file_set  # type: ignore[union-attr]
        here = {os.path.realpath(path) for path in uploads}
        given = [Given(path, Path(path).name, is_upload=True) for path in dict.fromkeys(map(os.path.realpath, paths))]
        if not all(one.source in here and Path(one.source).is_file() for one in given):
            raise SourceError(say_to(request)("articles.not_uploaded"))
        return self._begin(given, say_to(request))

    def _add_address(self, address: str | None, request: gr.Request) -> Updates:
        say, address = say_to(request), (address or "").strip()
        if not address:
            raise SourceError(say("articles.no_address"))
        if not _WEB.match(address):  # the ingest takes all else for a path of this machine
            raise SourceError(say("articles.not_web", address=address))
        address = _WEB.sub(lambda scheme: f"{scheme[1].lower()}://", address, count=1)
        return self._begin([Given(address, address)], say)

    # -- what is being added

    def _begin(self, given: Sequence[Given], say: Words) -> Updates:
        adding = Adding(self._desk.library, given, allow_private=read_settings().allow_private_addresses)
        if not self._intake.begin(adding):
            return {self.told: html.busy_html(say("articles.busy_here"))}
        return {**self._at_work(adding, say), self.mine: adding}

    def _stop(self, request: gr.Request) -> Updates:
        adding = self._intake.latest
        if not (adding and adding.running):
            return {self.stop: gr.Button(visible=False)}
        adding.stop()
        return self._at_work(adding, say_to(request))

    def _looked(self, mine: Adding | None, place: Place, opened: str, request: gr.Request) -> Updates:
        """One look at what is being added."""
        adding, say = self._intake.latest, say_to(request)
        if adding is None:
            return {self.timer: gr.Timer(active=False)}
        if adding.running:
            return self._at_work(adding, say)
        taken = self._taken(adding) if adding is mine else {}
        return {**self._ended(adding, say), **taken, **self._refreshed(place, opened, say)}

    def _at_work(self, adding: Adding, say: Words) -> Updates:
        can_stop = adding.step.stage == "reading"
        return {
            self.timer: gr.Timer(active=True),
            self.add_files: gr.Button(interactive=False),
            self.add_address: gr.Button(interactive=False),
            self.progress: html.progress_html(adding, say),
            self.stop: gr.Button(visible=can_stop, interactive=not adding.stopping),
            self.told: "",
            self.report: "",
        }

    def _ended(self, adding: Adding, say: Words, *, is_open: bool = True) -> Updates:
        """What came of it; not open where it may be long ago, and nothing where another library is open by now."""
        told, added = "", adding.added
        if adding.library.path != self._desk.library.path:
            added = None
        elif adding.busy:
            told = html.busy_html(say("articles.busy"), adding.busy)
        elif adding.error or adding.failed:
            told = html.error_html(adding.error or say("common.unexpected"))
        return {
            self.timer: gr.Timer(active=False),
            self.add_files: gr.Button(interactive=True),
            self.add_address: gr.Button(interactive=True),
            self.progress: "",
            self.stop: gr.Button(visible=False),
            self.told: told,
            self.report: html.report_html(added, say, stopped=adding.stopping, is_open=is_open) if added else "",
        }

    def _taken(self, adding: Adding) -> Updates:
        """Empties the fields that somebody filled, unless there is a reason to try again."""
        if not adding.added:
            return {}
        if adding.given[0].is_upload:
            return {self.files: None}
        return {} if adding.added.report.rejected or adding.error else {self.address: ""}


class ForgetArticle:
    """The article that is being read, forgotten once that is confirmed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.ask = gr.Button(label("articles.forget"), size="sm", visible=False, elem_id="articles-forget")
        with gr.Column(visible=False, elem_id="articles-confirm") as self.confirm:
            self.what = gr.HTML(js_on_load=_BRING_UP)
            with gr.Row():
                self.yes = gr.Button(
                    label("articles.forget_yes"), variant="stop", size="md", elem_id="articles-forget-yes"
                )
                self.no = gr.Button(label("articles.forget_no"), size="md", elem_id="articles-forget-no")
        self.told = gr.HTML(elem_id="articles-forgotten", js_on_load=_ANNOUNCED)

    @property
    def shown(self) -> list[Any]:
        """What changes while an article is forgotten."""
        return [self.ask, self.confirm, self.what, self.told]

    def about(self, *, is_open: bool) -> Updates:
        """What is shown beside an article that was just opened, or beside none."""
        hidden = gr.Column(visible=False)
        return {self.ask: gr.Button(visible=is_open), self.confirm: hidden, self.what: "", self.told: ""}

    def connect(self, reader: gr.HTML, where: Sequence[Any], kept: Sequence[Any], refreshed: Refreshed) -> None:
        """Let the controls do what they say; arguments as of AddArticles.connect."""
        place, opened = where
        self._reader, self._opened, self._refreshed = reader, opened, refreshed
        told, error = self.told, html.error_html
        self.ask.click(telling(told, error, self._ask), opened, self.shown, **AT_ONCE)
        self.no.click(telling(told, error, self._keep), None, self.shown, **AT_ONCE)
        confirmed = self.yes.click(telling(told, error, self._confirmed), None, self.shown, **AT_ONCE)
        confirmed.then(
            telling(told, error, self._forget),
            [place, opened],
            [reader, opened, *self.shown, *kept],
            concurrency_limit=1,
            **QUIET,
        )

    def _ask(self, opened: str, request: gr.Request) -> Updates:
        library, say = self._desk.library, say_to(request)
        entry = library.catalog.entry(opened)
        if entry is None:
            raise SourceError(say("articles.gone"))
        what = html.forget_html(entry.article, copies_of(library, entry), say)
        return {
            self.what: what,
            self.confirm: gr.Column(visible=True),
            self.ask: gr.Button(visible=False),
            self.told: "",
        }

    def _keep(self, request: gr.Request) -> Updates:
        return self.about(is_open=True)

    def _confirmed(self, request: gr.Request) -> Updates:
        told = html.done_html(say_to(request)("articles.forgetting"))
        return {self.confirm: gr.Column(visible=False), self.told: told}

    def _forget(self, place: Place, opened: str, request: gr.Request) -> Updates:
        say = say_to(request)
        try:
            article = self._desk.library.forget(opened)
        except LibraryBusyError as error:
            return {**self.about(is_open=True), self.told: html.busy_html(say("articles.busy_forget"), str(error))}
        told = say("articles.forgotten", title=article.title or say("articles.untitled"))
        return {
            **self.about(is_open=False),
            self.told: html.done_html(told),
            self._reader: html.nothing_open_html(say),
            self._opened: "",
            **self._refreshed(place, "", say),
        }


def copies_of(library: Library, entry: Entry) -> list[Article]:
    """The other articles that carry an article's report."""
    return [one for one in library.story(entry.story) if one.article_id != entry.article.article_id]

"""The Articles page: add articles, look through those that are there, read one, forget one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from ui import articles_html as html
from ui.desk import Desk
from ui.pages.articles_change import JS, AddArticles, ForgetArticle, copies_of
from ui.pages.events import QUIET, Updates, say_to, telling
from ui.pages.labels import label
from ui.search import Place, Search
from ui.strings import Words, language_name

PER_PAGE = 20
"""Articles that are listed at a time."""
_LONGEST = 500  # characters of a search


def page(desk: Desk) -> None:
    """Build the page in the Gradio context that this is called in."""
    with gr.Column(elem_classes="dl-articles"):
        _Articles(desk).connect()


class _Articles:
    """The components and what their events do. Where others use the server, none of them changes the library."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.place, self.opened = gr.State(Place()), gr.State("")  # what is listed; the id of the article that is read
        self.head = gr.HTML(elem_id="articles-head")
        self.adding = AddArticles(desk) if desk.private else None
        self._build_search()
        with gr.Row(equal_height=False, elem_classes="dl-art-columns"):
            with gr.Column(scale=2, min_width=300):
                self._build_list()
            with gr.Column(scale=3, min_width=300, elem_classes="dl-art-side"):
                self.reader = gr.HTML(elem_id="articles-reader", js_on_load=JS)
                self.forgetting = ForgetArticle(desk) if desk.private else None
        self.rejected = gr.HTML(elem_id="articles-rejected", visible=desk.private)

    def _build_search(self) -> None:
        with gr.Row(equal_height=False, elem_classes="dl-art-search"):
            self.words = gr.Textbox(
                label=label("articles.search"),
                placeholder=label("articles.search_hint"),
                max_length=_LONGEST,
                max_lines=1,
                scale=4,
                min_width=240,
                elem_id="articles-search",
            )
            self.sources = gr.Dropdown(
                [],
                value=[],
                multiselect=True,
                label=label("articles.outlets"),
                scale=3,
                min_width=240,
                elem_id="articles-outlets",
            )
            self.language = gr.Dropdown(
                [(label("articles.any_language"), "")],
                value="",
                label=label("articles.language"),
                scale=2,
                min_width=240,
                elem_id="articles-language",
            )
            self.after = _day_field("articles.after", "articles-after")
            self.before = _day_field("articles.before", "articles-before")
            self.clear = gr.Button(label("articles.clear"), size="md", scale=0, min_width=170, elem_id="articles-clear")
        self.search = [self.words, self.sources, self.language, self.after, self.before]

    def _build_list(self) -> None:
        self.list = gr.HTML(elem_id="articles-list", js_on_load=JS)
        with gr.Row(visible=False, elem_classes="dl-art-pages") as self.pages:
            self.newer = gr.Button(label("articles.previous"), size="md", min_width=100, elem_id="articles-newer")
            self.older = gr.Button(label("articles.next"), size="md", min_width=100, elem_id="articles-older")
        self.listed = [self.list, self.pages, self.newer, self.older, self.place]

    @property
    def kept(self) -> list[Any]:
        """What shows the library, and changes with it."""
        return [self.head, self.sources, self.language, *self.listed, self.rejected]

    def connect(self) -> None:
        """Let the controls do what they say."""
        error, where = html.error_html, [self.place, self.opened]
        # Gradio sends "input" only for keys: not for what is pasted, nor for a day chosen in the calendar.
        fields = [self.words.change, self.after.change, self.before.change, self.sources.input, self.language.input]
        search = telling(self.list, error, self._list)
        gr.on(fields, search, [*self.search, self.opened], self.listed, trigger_mode="always_last", **QUIET)
        list_all = telling(self.list, error, self._list_all)
        self.clear.click(list_all, self.opened, [*self.search, *self.listed], **QUIET)
        self.newer.click(telling(self.list, error, self._list_newer), where, self.listed, **QUIET)
        self.older.click(telling(self.list, error, self._list_older), where, self.listed, **QUIET)
        wanted, beside = [self.list.wanted, self.reader.wanted], [self.reader, self.opened]
        loaded = [*self.kept, self.reader]
        if self.adding:
            wanted.append(self.adding.report.wanted)
            loaded += self.adding.shown
            self.adding.connect(where, self.kept, self._library)
        if self.forgetting:
            beside += self.forgetting.shown
            self.forgetting.connect(self.reader, where, self.kept, self._library)
        for asks_for_it in wanted:  # gr.on() does not know the events that our HTML sends
            asks_for_it(telling(self.reader, error, self._read), self.place, beside, **QUIET)
        gr.on(None, telling(self.head, error, self._load), None, loaded, **QUIET)

    def _load(self, request: gr.Request) -> Updates:
        """The page as it is when it is opened."""
        say = say_to(request)
        updates = {**self._library(Place(), "", say), self.reader: html.nothing_open_html(say)}
        return updates | (self.adding.as_it_is(say) if self.adding else {})

    def _library(self, place: Place, opened: str, say: Words) -> Updates:
        """Everything that shows the library, as it is now."""
        library, shared = self._desk.library, not self._desk.private
        total, shelf = Search().in_library(library, 0, 0).total, library.shelf
        outlets, languages = sorted(filter(None, shelf.sources())), sorted(filter(None, shelf.languages()))
        named = [(language_name(code, say), code) for code in languages]
        return {
            self.head: html.head_html(total, len(outlets), shelf.latest(), library.notices, say, shared=shared),
            self.sources: gr.Dropdown(choices=outlets),
            self.language: gr.Dropdown(choices=[(say("articles.any_language"), ""), *named]),
            self.rejected: "" if shared else html.rejected_html(library.catalog.rejected(), say),
            **self._listed(place, opened, say),
        }

    # -- the list

    def _list(
        self,
        typed: str | None,
        sources: list[str] | None,
        language: str | None,
        after: str | None,
        before: str | None,
        opened: str,
        request: gr.Request,
    ) -> Updates:
        search = Search((typed or "")[:_LONGEST], tuple(sources or ()), language or "", after or "", before or "")
        return self._listed(Place(search), opened, say_to(request))

    def _list_all(self, opened: str, request: gr.Request) -> Updates:
        cleared = dict(zip(self.search, ("", [], "", "", ""), strict=True))
        return {**cleared, **self._listed(Place(), opened, say_to(request))}

    def _list_newer(self, place: Place, opened: str, request: gr.Request) -> Updates:
        return self._listed(replace(place, first=max(0, place.first - PER_PAGE)), opened, say_to(request))

    def _list_older(self, place: Place, opened: str, request: gr.Request) -> Updates:
        return self._listed(replace(place, first=place.first + PER_PAGE), opened, say_to(request))

    def _listed(self, place: Place, opened: str, say: Words) -> Updates:
        library, search, first = self._desk.library, place.search, place.first
        looked = search.in_library(library, first, PER_PAGE)
        if looked.total <= first and first:  # what stood there was forgotten
            return self._listed(replace(place, first=max(0, looked.total - 1) // PER_PAGE * PER_PAGE), opened, say)
        if looked.entries:
            copies = [copies_of(library, entry) for entry in looked.entries]
            shown = html.listing_html(looked, copies, first, search, say, opened=opened)
        elif search.asks_nothing:
            shown = html.nothing_there_html(say, can_add=self._desk.private)
        else:
            shown = html.nothing_found_html(say, library.notices)
        return {
            self.list: shown,
            self.place: place,
            self.pages: gr.Row(visible=looked.total > PER_PAGE),
            self.newer: gr.Button(interactive=first > 0),
            self.older: gr.Button(interactive=first + PER_PAGE < looked.total),
        }

    # -- the article that is read

    def _read(self, place: Place, event: gr.EventData, request: gr.Request) -> Updates:
        library, say = self._desk.library, say_to(request)
        wanted = event._data.get("article") if isinstance(event._data, dict) else None
        entry = library.catalog.entry(wanted) if isinstance(wanted, str) else None
        beside = self.forgetting.about(is_open=entry is not None) if self.forgetting else {}
        if entry is None:
            return {self.reader: html.nothing_open_html(say, gone=True), self.opened: "", **beside}
        copies = copies_of(library, entry)
        shown = html.reader_html(entry, copies, place.search, say, origin=self._desk.private)
        return {self.reader: shown, self.opened: entry.article.article_id, **beside}


def _day_field(key: str, name: str) -> gr.Textbox:
    return gr.Textbox(
        label=label(key),
        placeholder="YYYY-MM-DD",
        max_length=10,
        max_lines=1,
        scale=2,
        min_width=140,
        elem_id=name,
        elem_classes="dl-art-day",
    )

"""The Ask page: the conversation, its filters, and beside it the Sources panel with the cited sentences in place."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr

from ingest.errors import DatelineError
from ingest.feedback import Feedback, record
from qa import suggest
from ui import render, turns
from ui.conversation import Conversation, Filters, Turn, new
from ui.desk import Desk
from ui.pages import history
from ui.pages.events import AT_ONCE, QUIET, Updates, say_to
from ui.pages.labels import label
from ui.strings import LANGUAGES, Words, language_name, language_of, texts

EXAMPLES = 3
"""Questions that are offered before the first, and after each answer."""
_LONGEST = 2000  # characters of a question or a comment
_VOTES = {"up": "Like", "down": "Dislike"}
# Of what changes the conversation: past the queue, Gradio would tell nobody of the change, and show no message.
_UNHINDERED: dict[str, Any] = {**QUIET, "concurrency_limit": None}

log = logging.getLogger("dateline")


def page(desk: Desk) -> None:
    """Build the page in the Gradio context that this is called in."""
    AskPage(desk)


class AskPage:
    """The components and what their events do. Whatever changes is decided by `current`, the conversation on screen."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.current = gr.State(new())
        self.written = gr.State(None)  # the turn whose answer is done, until it is in the conversation
        self.suggested = gr.State(None)  # (turn_id, questions) until they are in the conversation
        self.voted = gr.State(None)  # the turn with its vote, as it was kept last; a comment would be about it
        self.header = gr.HTML(render.header_html(), apply_default_css=False)
        with gr.Row(elem_classes="dl-columns"):
            with gr.Column(scale=3, min_width=320, elem_classes="dl-chat"):
                self._build_chat()
                self._build_filters()
            with gr.Column(scale=2, min_width=320, elem_classes="dl-side"):
                self._build_panel()
        asking = self._wire()
        history.sidebar(self.current, self.show, [self.chatbot, self.panel, self.comment], desk, stops=[asking])

    def _build_chat(self) -> None:
        self.chatbot = gr.Chatbot(
            label=label("ask.chat"),
            show_label=False,
            height=None,
            layout="bubble",
            render_markdown=False,
            latex_delimiters=[],
            allow_tags=False,
            editable="user",
            buttons=[],
            placeholder="",
            elem_id="conversation",
        )
        self.comment = gr.Textbox(
            label=label("ask.comment"),
            info=label("ask.vote_kept"),
            max_length=_LONGEST,
            max_lines=4,
            visible=False,
            elem_id="comment",
        )
        self.box = gr.Textbox(
            label=label("ask.question"),
            show_label=False,
            placeholder=label("ask.placeholder"),
            submit_btn=label("ask.ask"),
            autofocus=True,
            max_length=_LONGEST,
            max_lines=6,
            elem_id="question",
        )

    def _build_filters(self) -> None:
        with gr.Accordion(label("ask.filters"), open=False, elem_id="filters") as self.filters_box:
            with gr.Row():
                self.after = _day_field("ask.after")
                self.before = _day_field("ask.before")
                self.as_of = _day_field("ask.as_of", info=label("ask.as_of_info"))
            with gr.Row():
                self.sources = gr.Dropdown(label=label("ask.outlets"), multiselect=True, value=[], scale=3)
                self.language = gr.Dropdown(
                    [(label("ask.any_language"), "")], value="", label=label("ask.language"), min_width=160
                )
                self.clear = gr.Button(
                    label("ask.clear_filters"), size="sm", min_width=100, elem_classes="dl-clear-filters"
                )
        self.filters: list[Any] = [self.after, self.before, self.as_of, self.sources, self.language]

    def _build_panel(self) -> None:
        self.hint = gr.HTML(elem_id="no-sources", apply_default_css=False)  # seen while the panel is empty
        parts = {"user": "ask.question", "bot": "ask.answer", "log": "ask.chat"}
        self.panel = gr.HTML(
            elem_id="sources",
            apply_default_css=False,
            js_on_load=Path(__file__).with_suffix(".js").read_text("utf-8"),
            names={language: {part: texts()[language][key] for part, key in parts.items()} for language in LANGUAGES},
        )
        self.announced = gr.HTML(render.announced_html(""), apply_default_css=False)

    def _wire(self) -> Any:  # noqa: ANN401
        """Connect the events; the one that asks."""
        chat, box = self.chatbot, self.box
        asks = [box.submit, chat.example_select, chat.option_select, chat.retry, chat.edit]
        # One event for every way to ask, so that a second question waits for none and disturbs none: it is not taken.
        asking = gr.on(
            asks,
            self.ask,
            [box, self.current, *self.filters],
            [box, chat, self.current, self.written, self.comment],
            trigger_mode="once",
            **QUIET,
        )
        done = asking.then(
            self.finish,
            [self.current, self.written],
            [box, chat, self.current, self.written, self.panel, self.announced],
            **_UNHINDERED,
        )
        suggesting = done.then(self.suggest, self.current, self.suggested, concurrency_limit=1, **QUIET)
        suggesting.then(self.offer, [self.current, self.suggested], [chat, self.current], **_UNHINDERED)
        box.stop(None, None, None, cancels=[asking], **QUIET)
        told = [self.current, self.voted, self.comment]
        for keeping in (
            chat.like(self.vote, [self.current, self.comment], [self.voted, self.comment], **_UNHINDERED),
            self.comment.submit(self.add_comment, told, [self.voted, self.comment], **_UNHINDERED),
        ):
            keeping.then(self.take_vote, [self.current, self.voted], [self.current, chat], **_UNHINDERED)
        self.panel.wanted(self.show_wanted, self.current, self.panel, **AT_ONCE)
        self.clear.click(lambda: ["", "", "", [], ""], None, self.filters, **AT_ONCE)
        gr.on([field.change for field in self.filters], self.count_filters, self.filters, self.filters_box, **AT_ONCE)
        gr.on(None, self.welcome, None, [self.header, self.hint, chat, self.sources, self.language], **AT_ONCE)
        gr.on(None, self.examples, None, chat, concurrency_limit=1, **QUIET)
        return asking

    # -- events

    def ask(
        self,
        typed: str,
        current: Conversation,
        after: str,
        before: str,
        as_of: str,
        sources: list[str],
        language: str,
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """Ask, and show the answer as it is written; the finished turn is left for finish()."""
        say = say_to(request)
        question, earlier = turns.asked(event._data, typed or "", current if current.turns else new())
        if not question.strip():
            yield {self.box: gr.skip()}
            return
        filters = Filters(after or "", before or "", as_of or "", tuple(sources or ()), language or "")
        turn = Turn(uuid.uuid4().hex, question.strip(), datetime.now(UTC).isoformat(timespec="seconds"), filters, None)
        shown = turns.messages(earlier.turns, say)
        yield {
            self.box: gr.Textbox("", submit_btn=False, stop_btn=say("ask.stop")),
            self.chatbot: [*shown, *turns.exchange(turn, render.writing_html("", say))],
            self.current: earlier.with_turn(turn),
            self.written: None,
            self.comment: gr.Textbox("", visible=False),
        }
        for item in turns.answered(self.desk.assistant, turn, earlier, say):
            if isinstance(item, Turn):
                yield {self.chatbot: [*shown, *turns.messages([item], say)], self.written: item}
            else:
                yield {self.chatbot: [*shown, *turns.exchange(turn, render.writing_html(item, say))]}

    def finish(self, current: Conversation, written: Turn | None, request: gr.Request) -> Updates:
        """Take the finished turn into the conversation; where the answer was stopped, say so."""
        say = say_to(request)
        changes: Updates = {self.box: gr.Textbox(submit_btn=say("ask.ask"), stop_btn=False), self.written: None}
        if written and any(turn.turn_id == written.turn_id for turn in current.turns):
            current = current.with_turn(written)
            changes[self.current] = current
            if written.answer:
                changes[self.panel] = self._sources(written, say)
        if current.turns:
            changes[self.announced] = render.announced_html(turns.spoken(current.turns[-1], say))
        return {**changes, self.chatbot: self._chat(current, say)}

    def suggest(self, current: Conversation) -> tuple[str, tuple[str, ...]] | None:
        """Questions that follow the last answer; computed when it is on the screen already."""
        last = current.turns[-1] if current.turns else None
        if last is None or last.answer is None or last.follow_ups:
            return None
        earlier = current.until(last.turn_id).history()
        where = last.filters.arguments()
        try:
            questions = suggest.follow_ups(self.desk.assistant, last.answer, earlier, count=EXAMPLES, **where)
        except Exception:  # an answer that is on the screen must not be followed by an error of what nobody asked for
            log.exception("no question could be suggested")
            return None
        return last.turn_id, tuple(questions)

    def offer(
        self, current: Conversation, suggested: tuple[str, tuple[str, ...]] | None, request: gr.Request
    ) -> Updates:
        """Show the questions that follow, unless another was asked in the meantime."""
        last = current.turns[-1] if current.turns else None
        if not (suggested and last and last.turn_id == suggested[0]):
            return {self.chatbot: gr.skip()}
        current = current.with_turn(replace(last, follow_ups=suggested[1]))
        return {self.current: current, self.chatbot: turns.messages(current.turns, say_to(request))}

    def vote(self, current: Conversation, typed: str | None, event: gr.LikeData, request: gr.Request) -> Updates:
        """Keep a vote, and make room for a comment; typed: what stands in that room already."""
        say = say_to(request)
        place = event.index // 2 if isinstance(event.index, int) else -1
        if not 0 <= place < len(current.turns):
            return {self.comment: gr.skip()}
        vote = "up" if event.liked is True else "down" if event.liked is False else ""
        turn = replace(current.turns[place], feedback=vote, comment=current.turns[place].comment if vote else "")
        if not self._kept(current, turn):
            return {self.comment: gr.skip()}
        if not vote:
            gr.Info(say("ask.vote_back"))
        # A value that a box holds already is not sent: it could take the place of what is typed meanwhile.
        said: dict[str, Any] = {} if turn.comment == (typed or "") else {"value": turn.comment}
        return {
            self.voted: turn,
            # Gradio translates no button of what was hidden when the page came
            self.comment: gr.Textbox(**said, visible=bool(vote), submit_btn=say("ask.comment_send")),
        }

    def add_comment(
        self, current: Conversation, voted: Turn | None, comment: str | None, request: gr.Request
    ) -> Updates:
        """Keep a comment with its vote."""
        comment = (comment or "").strip()
        turn = _voted(current, voted)
        if turn is None:
            return {self.comment: gr.Textbox("", visible=False)}
        if comment == turn.comment:
            return {self.comment: gr.skip()}
        turn = replace(turn, comment=comment)
        if not self._kept(current, turn):
            return {self.comment: gr.skip()}
        gr.Info(say_to(request)("ask.comment_kept"))
        return {self.voted: turn, self.comment: gr.Textbox("", visible=False)}

    def take_vote(self, current: Conversation, voted: Turn | None) -> Updates:
        """Take what was kept into the conversation, which may have gone on while it was written to the disk."""
        if turn := _voted(current, voted):
            current = current.with_turn(turn)
        return {self.current: current, self.chatbot: gr.Chatbot(feedback_value=_votes(current))}

    def show(self, conversation: Conversation, request: gr.Request) -> list[Any]:
        """What the page shows of a conversation that is opened or begun."""
        say = say_to(request)
        told = [turn for turn in conversation.turns if turn.answer]
        return [self._chat(conversation, say), self._sources(told[-1], say) if told else "", gr.Textbox(visible=False)]

    def show_wanted(self, current: Conversation, event: gr.EventData, request: gr.Request) -> Any:  # noqa: ANN401
        """The sources of the turn whose mark was pointed at."""
        wanted = event._data.get("turn") if isinstance(event._data, dict) else None
        turn = next((turn for turn in current.turns if turn.turn_id == wanted), None)
        return self._sources(turn, say_to(request)) if turn else gr.skip()

    def count_filters(
        self, after: str, before: str, as_of: str, sources: list[str], language: str, request: gr.Request
    ) -> gr.Accordion:
        """The number of filters that are set, to be seen while they are folded away."""
        count, say = sum(map(bool, (after, before, as_of, sources, language))), say_to(request)
        return gr.Accordion(label=say("ask.filters_set", count=count) if count else say("ask.filters"))

    def welcome(self, request: gr.Request) -> Updates:
        """What the library holds now, in the words of whoever looks."""
        say, library = say_to(request), self.desk.library
        try:
            status = library.status()
        except DatelineError as error:
            return {self.header: render.header_html([str(error)])}
        codes = sorted(filter(None, status.languages))
        named = [(language_name(code, say), code) for code in codes]
        return {
            self.header: render.header_html(library.notices),
            self.hint: render.no_sources_html(say),
            self.chatbot: gr.Chatbot(
                placeholder=render.welcome_html(status.articles, status.outlets, status.latest, say)
            ),
            self.sources: gr.Dropdown(choices=sorted(filter(None, status.outlets))),
            self.language: gr.Dropdown(choices=[(say("ask.any_language"), ""), *named]),
        }

    def examples(self, request: gr.Request) -> gr.Chatbot:
        """Questions that the library can answer; trying them takes a moment, for which nobody waits."""
        language = language_of(request.headers.get("accept-language"))
        try:
            questions = suggest.examples(self.desk.library, EXAMPLES, language)
        except DatelineError:
            questions = []
        return gr.Chatbot(examples=[{"text": question} for question in questions])

    # -- what they share

    def _chat(self, conversation: Conversation, say: Words) -> gr.Chatbot:
        value: Any = turns.messages(conversation.turns, say)
        return gr.Chatbot(value, feedback_value=_votes(conversation))

    def _sources(self, turn: Turn, say: Words) -> str:
        if turn.answer is None:
            return ""
        ids = {source.article.article_id for source in render.sources_of(turn.turn_id, turn.answer)}
        gone = turn.gone | {article_id for article_id in ids if self.desk.library.article(article_id) is None}
        return render.sources_html(turn.turn_id, turn.answer, say, gone=gone)

    def _kept(self, conversation: Conversation, turn: Turn) -> bool:
        """Whether the library now keeps the turn's vote; where it does not, the page says why."""
        entry = Feedback(
            turn.turn_id,
            datetime.now(UTC).isoformat(timespec="seconds"),
            turn.feedback,
            turn.comment,
            turn.question,
            turn.answer.to_dict() if turn.answer else {},
            asdict(turn.filters),
            tuple(conversation.until(turn.turn_id).history()),
        )
        try:
            record(self.desk.library.path, entry)
        except DatelineError as error:
            gr.Warning(str(error))
            return False
        return True


def _votes(conversation: Conversation) -> list[str | None]:
    """The vote on each answer, as the chat shows it."""
    return [_VOTES.get(turn.feedback) for turn in conversation.turns]


def _voted(conversation: Conversation, voted: Turn | None) -> Turn | None:
    """The turn as it is by now, with the vote and the comment on it; None where it is not in the conversation."""
    turn = next((turn for turn in conversation.turns if voted and turn.turn_id == voted.turn_id), None)
    return replace(turn, feedback=voted.feedback, comment=voted.comment) if turn and voted else None


def _day_field(key: str, info: str | None = None) -> gr.Textbox:
    # gr.DateTime keeps its last valid day, unseen, while it shows text that is none; here every text is checked. The
    # page's script makes the browser's own day field of it.
    return gr.Textbox(
        label=label(key),
        info=info,
        placeholder="YYYY-MM-DD",
        max_length=10,
        max_lines=1,
        min_width=130,
        elem_classes="dl-day",
    )

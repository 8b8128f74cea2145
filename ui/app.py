"""The Gradio chat: builds the page and serves it. The only file that imports gradio; render makes what it shows."""

from __future__ import annotations

import ipaddress
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from ingest.errors import DatelineError, QuestionError, SettingsError
from qa.markdown import shortened
from qa.records import Answer
from ui import render

if TYPE_CHECKING:
    import gradio as gr

    from ingest.library import Library
    from qa import Assistant

CONCURRENT_ANSWERS = 4
"""Questions that are answered at the same time; others wait their turn."""
REMEMBERED_TURNS = 20
"""Turns of a conversation that stay on the page and inform a follow-up."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the chat listens, and for whom.

    auth: user and password, or None where nobody has to log in.
    trusted_hosts: names that a request may call this server by; None for any.
    """

    host: str
    port: int
    auth: tuple[str, str] | None = None
    share: bool = False
    trusted_hosts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and what the page shows for it; no answer where it could not be asked."""

    question: str
    html: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the page's filter fields hold: days as YYYY-MM-DD, both ends included, and outlet names."""

    after: str | None = None
    before: str | None = None
    as_of: str | None = None
    sources: Sequence[str] | None = None

    def arguments(self) -> dict[str, Any]:
        """The filters as the assistant takes them; QuestionError for a day that the calendar does not have."""
        return {
            "published_after": _day(self.after),
            "published_before": _day(self.before),
            "as_of": _day(self.as_of),
            "sources": list(self.sources) if self.sources else None,
        }


def _day(text: str | None) -> date | None:
    if not text or not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError:
        raise QuestionError(f"“{text}” is not a day of the calendar written as YYYY-MM-DD.") from None


def server_options(
    host: str, port: int, *, auth: str | None = None, share: bool = False, insecure: bool = False
) -> ServerOptions:
    """The options to serve with, or a SettingsError where strangers could come in unasked."""
    user, colon, password = (auth or "").partition(":")
    if auth and not (user and colon and password):
        raise SettingsError("--auth takes USER:PASSWORD, both of them not empty, such as ana:secret")
    local = _is_loopback(host) and not share
    if not (local or auth or insecure):
        reach = "with --share anyone on the internet" if share else f"at {host} others on the network"
        raise SettingsError(
            f"{reach} could read the library; add --auth USER:PASSWORD, or --insecure if that is what you want"
        )
    # A web page elsewhere can make its own name point to this machine and read what answers without a login; the
    # name in its requests gives it away.
    trusted = ("localhost", "127.0.0.1", "[", host) if local and not auth and not insecure else None
    return ServerOptions(host, port, (user, password) if auth else None, share, trusted)


def serve(
    assistant: Assistant, library: Library, options: ServerOptions, on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """Serves the chat until the process is interrupted or terminated; calls on_ready with a line that says where."""
    page = build(assistant, library)
    address = f"http://{f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"
    try:
        _, local_url, share_url = launch(page, options)
    except OSError as error:
        raise SettingsError(
            f"cannot listen at {address}: {error}; choose another address with --port or --host"
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminated)
    try:
        on_ready(f"Dateline listens at {share_url or local_url.rstrip('/')} (stop it with Ctrl+C)")
        threading.Event().wait()
    finally:
        page.close(verbose=False)


def launch(page: gr.Blocks, options: ServerOptions) -> tuple[Any, str, str | None]:
    """Starts the server in the background: no analytics, monitoring, uploads, run history or error details."""
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    trusted = options.trusted_hosts
    middleware = [Middleware(TrustedHostMiddleware, allowed_hosts=list(trusted))] if trusted else []
    os.environ.setdefault("NO_PROXY", "localhost,127.0.0.1,::1")  # Gradio asks itself whether it is up
    app, local_url, share_url = page.queue(default_concurrency_limit=CONCURRENT_ANSWERS, max_size=64).launch(
        server_name=options.host,
        server_port=options.port,
        auth=options.auth,
        share=options.share,
        app_kwargs={"middleware": middleware},
        prevent_thread_lock=True,
        quiet=True,
        show_error=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        max_file_size=1,
        state_session_capacity=1000,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        theme=_theme(),
        css=_CSS,
    )
    return app, local_url, share_url


def build(assistant: Assistant, library: Library) -> gr.Blocks:
    """The page: conversation and filters at the left, the Sources panel at the right."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    def head() -> str:
        status = library.status()
        return render.header_html(status.articles, status.outlets, status.latest, library.notices)

    def outlets() -> gr.Dropdown:
        return gr.Dropdown(choices=sorted(filter(None, library.status().outlets)))

    def answer(
        question: str, turns: list[Turn], after: str, before: str, as_of: str, sources: list[str]
    ) -> Iterator[tuple[str, list[Turn], list[dict[str, str]], str]]:
        for turn in answered_turns(assistant, question, turns, Filters(after, before, as_of, sources)):
            conversation = [*turns, turn][-REMEMBERED_TURNS:]
            yield "", conversation, messages(conversation), render.sources_html(turn.answer)

    def example(chosen: gr.SelectData) -> str:
        return str(chosen.value["text"])

    # Gradio looks for the class itself, which the postponed annotation, with gradio imported here, does not lead to.
    example.__annotations__["chosen"] = gr.SelectData

    page: gr.Blocks = gr.Blocks(title="Dateline", analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State(list[Turn]())
        header = gr.HTML(head())
        with gr.Row(elem_classes="dl-columns"):
            with gr.Column(scale=3, min_width=320):
                chatbot = gr.Chatbot(
                    show_label=False,
                    height="62vh",
                    render_markdown=False,
                    latex_delimiters=[],
                    allow_tags=False,
                    feedback_options=None,
                    buttons=[],
                    placeholder="<h2>Ask about the news in this library</h2>",
                    examples=[{"text": question} for question in example_questions(library)],
                    elem_id="conversation",
                )
                box = gr.Textbox(
                    placeholder="Ask a question",
                    show_label=False,
                    submit_btn="Ask",
                    autofocus=True,
                    max_length=2000,
                    elem_id="question",
                )
                with gr.Accordion("Filters", open=False):
                    with gr.Row():
                        after = _day_field("Published from")
                        before = _day_field("Published to")
                        as_of = _day_field("As of")
                    sources = gr.Dropdown(label="Outlets", multiselect=True, value=[])
            with gr.Column(scale=2, min_width=320):
                panel = gr.HTML(render.sources_html(None), elem_id="sources", js_on_load=_SHOW_MARKS)

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shown = [box, turns, chatbot, panel]
        inputs = [turns, after, before, as_of, sources]
        box.submit(answer, [box, *inputs], shown, **quiet)
        chatbot.example_select(example, None, box, **quiet).then(answer, [box, *inputs], shown, **quiet)
        chatbot.clear(_start_anew, None, shown, **quiet)
        page.load(head, None, header, **quiet)
        page.load(outlets, None, sources, **quiet)
    return page


def messages(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """The conversation in the form that a chatbot takes; both sides are escaped HTML."""
    return [
        message
        for turn in turns
        for message in (
            {"role": "user", "content": render.question_html(turn.question)},
            {"role": "assistant", "content": turn.html},
        )
    ]


def example_questions(library: Library, count: int = 3) -> list[str]:
    """Questions that this library can answer, made from the headlines of its newest articles."""
    oldest = datetime.min.replace(tzinfo=UTC)
    titled = [article for article in islice(library.articles(), 200) if article.title]
    newest = sorted(titled, key=lambda article: article.published or oldest, reverse=True)[:count]
    return [f"What is known about “{shortened(article.title, 90)}”?" for article in newest]


def answered_turns(assistant: Assistant, question: str, turns: Sequence[Turn], filters: Filters) -> Iterator[Turn]:
    """The turn as it grows: first the question alone, then the text so far, at last the answer with its sources."""
    yield Turn(question, render.writing_html("…"))
    try:
        if not question.strip():
            raise QuestionError("Type a question first.")
        written = ""
        history = [(turn.question, turn.answer.text) for turn in turns if turn.answer]
        for piece in assistant.stream(question, history=history, **filters.arguments()):
            if isinstance(piece, Answer):
                yield Turn(question, render.answer_html(piece), piece)
            else:
                written += piece
                yield Turn(question, render.writing_html(written))
    except DatelineError as error:
        yield Turn(question, render.error_html(str(error)))


def _start_anew() -> tuple[str, list[Turn], list[Any], str]:
    return "", [], [], render.sources_html(None)


def _day_field(label: str) -> gr.Textbox:
    import gradio as gr

    # gr.DateTime keeps its last valid day, unseen, while it shows text that is none; here every text is checked.
    return gr.Textbox(label=label, placeholder="YYYY-MM-DD", max_length=10, min_width=120)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _terminated(*_: object) -> None:
    raise SystemExit(143)


def _theme() -> gr.themes.Base:
    import gradio as gr

    # Gradio's own fonts would do, but the system's need no request at all.
    return gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )


# Each article scrolls to the sentence that the answer cites first, when the panel is drawn and whenever it changes.
_SHOW_MARKS = """
const show = () => element.querySelectorAll(".dl-text").forEach((box) => {
  const numbers = [...box.querySelectorAll(".dl-number")].sort((a, b) => a.textContent - b.textContent);
  const first = numbers[0] || box.querySelector("mark");
  if (first) box.scrollTop = first.offsetTop - box.clientHeight / 4;
});
show();
watch("value", show);
"""

_CSS = """
.dl-header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; }
.dl-header h1 { margin: 0; font-size: 1.5rem; font-weight: 700; }
.dl-header p { margin: 0; color: var(--body-text-color-subdued); }
.dl-answer { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.55; }
.dl-abstained { border-left: 3px solid #d97706; padding-left: .75rem; font-style: italic; }
.dl-error { border-left: 3px solid #dc2626; padding-left: .75rem; }
.dl-unsupported { text-decoration: underline dotted #d97706; }
.dl-unsupported b { font-size: .75em; color: #b45309; }
.dl-confidence { margin-top: .5rem; font-size: .8rem; color: var(--body-text-color-subdued); }
.dl-mark, .dl-number { display: inline-block; min-width: 1.4em; padding: 0 .35em; border-radius: .7em;
  text-align: center; font-size: .75em; font-weight: 600; line-height: 1.5;
  background: #1d4ed8; color: #fff !important; text-decoration: none; }
.dl-mark { margin: 0 .1em; vertical-align: .15em; }
.dl-number { margin-right: .4em; }
.dl-hint { color: var(--body-text-color-subdued); }
.dl-heading { margin: 0 0 .5rem; font-size: 1.1rem; }
.dl-card { margin-bottom: .75rem; padding: .75rem; border: 1px solid var(--border-color-primary);
  border-radius: .5rem;
  background: var(--background-fill-primary); }
.dl-card h3 { margin: 0 0 .15rem; font-size: 1rem; overflow-wrap: anywhere; }
.dl-card h3 a { margin: 0; padding: 0; }
.dl-byline { margin: 0 0 .25rem; font-size: .8rem; color: var(--body-text-color-subdued); overflow-wrap: anywhere; }
.dl-text { position: relative; max-height: 14rem; margin-top: .5rem; overflow-y: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: .9rem; line-height: 1.5; unicode-bidi: isolate; }
.dl-text mark { background: #fde68a; color: #1f2937; border-radius: .15em; }
.dl-closest { border-style: dashed; }
#question .submit-button { padding: 0 1rem; background: #1d4ed8; color: #fff; }
#sources { max-height: 86vh; overflow-y: auto; }
@media (max-width: 700px) { #question .submit-button { padding: 0 1rem; background: #1d4ed8; color: #fff; }
#sources { max-height: none; } }
"""

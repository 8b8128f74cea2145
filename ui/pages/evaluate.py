"""The Evaluate page: choose a test set, run it, look into its figures and questions, compare with an earlier run."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from ingest.errors import DatelineError, SettingsError
from qa.evaluation.partial import meant
from qa.evaluation.run import JOURNAL_FILE
from qa.evaluation.testset import FORMATS, TestSet
from ui import evaluation_html as html
from ui.desk import Desk
from ui.evaluating import Bench, Job, Measured, Progress, run_label, uploaded_run
from ui.pages.evaluate_results import Results, Tab, find_run, run_choices
from ui.pages.events import QUIET, Updates, say_to, telling
from ui.pages.labels import label
from ui.strings import Words
from ui.testsets import feedback_testset, fit, sample_testset, uploaded_testset

POLL = 0.7  # seconds between two looks at an evaluation that is at work
FILES = [".jsonl", ".json", ".csv", ".tsv", ".gz"]
SAMPLE, FEEDBACK, UPLOAD = "sample", "feedback", "upload"


def page(desk: Desk) -> None:
    """Build the page in the Gradio context that this is called in."""
    with gr.Column(elem_classes="dl-evaluate"):
        _Evaluate(desk).connect()


class _Evaluate:
    """The upper half of the page: what to ask, the evaluation at work, earlier runs; and the results below it."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._bench = desk, Bench()
        self.tab, self.timer = gr.State(Tab()), gr.Timer(POLL, active=False)
        self.head = gr.HTML(elem_id="evaluate-head", apply_default_css=False)
        self._build_choice()
        self._build_run()
        self._build_earlier()
        self.results = Results(desk)

    def _build_choice(self) -> None:
        self.choice = gr.Radio([], label=label("evaluate.testset"), elem_id="evaluate-testset")
        with gr.Row(visible=False, equal_height=False) as self.upload:
            self.file = gr.File(
                label=label("evaluate.file"), file_types=FILES, scale=3, height=140, elem_id="evaluate-file"
            )
            self.format = gr.Dropdown([], label=label("evaluate.format"), scale=1, elem_id="evaluate-format")
        self.card = gr.HTML(elem_id="evaluate-card", apply_default_css=False)

    def _build_run(self) -> None:
        with gr.Row(equal_height=False, elem_classes="dl-ev-begin"):
            self.limit = gr.Number(
                label=label("evaluate.limit"),
                info=label("evaluate.limit_info"),
                minimum=0,
                precision=0,
                value=0,
                scale=2,
                elem_id="evaluate-limit",
            )
            self.start = gr.Button(
                label("evaluate.start"), variant="primary", interactive=False, scale=1, elem_id="evaluate-start"
            )
            self.stop = gr.Button(
                label("evaluate.stop"), variant="stop", visible=False, scale=1, elem_id="evaluate-stop"
            )
        self.progress = gr.HTML(elem_id="evaluate-progress", apply_default_css=False)
        self.told = gr.HTML(elem_id="evaluate-told", apply_default_css=False)
        self.go_on = gr.Button(label("evaluate.go_on"), visible=False, size="md", elem_id="evaluate-go-on")

    def _build_earlier(self) -> None:
        with gr.Accordion(label("evaluate.earlier"), open=False, elem_id="evaluate-earlier"):
            with gr.Row(equal_height=False, elem_classes="dl-ev-pick"):
                self.earlier = gr.Dropdown(
                    [], label=label("evaluate.earlier_run"), scale=3, elem_id="evaluate-earlier-run"
                )
                self.show = gr.Button(label("evaluate.show_run"), scale=1, elem_id="evaluate-show-run")
                self.add = gr.UploadButton(
                    label("evaluate.add_run"), file_types=[".json"], scale=1, elem_id="evaluate-add-run"
                )
            self.added = gr.HTML(elem_id="evaluate-added", apply_default_css=False)

    def connect(self) -> None:
        """Let the controls do what they say."""
        running = [self.timer, self.start, self.stop, self.go_on, self.progress, self.told]
        showing = [*self.results.outputs, self.earlier, self.show, self.added]
        told, error = self.told, html.error_html
        gr.on(
            None,
            telling(told, error, self._opened),
            None,
            [self.tab, self.head, self.choice, self.format, self.upload, self.card, self.limit, *running, *showing],
            **QUIET,
        )
        chosen = [self.tab, self.choice, self.file, self.format]
        gr.on(
            [self.choice.input, self.file.upload, self.file.clear, self.format.input],
            telling(self.card, error, self._chosen),
            chosen,
            [self.upload, self.card, self.limit, self.start],
            **QUIET,
        )
        self.start.click(telling(told, error, self._begin), [self.tab, self.limit], running, **QUIET)
        self.go_on.click(telling(told, error, self._go_on), [self.tab], running, **QUIET)
        self.stop.click(telling(told, error, self._stop), [self.tab], [self.stop, self.progress, told], **QUIET)
        # Not in the queue: it takes no time, and must not wait behind questions.
        looked = telling(told, error, self._looked, on_error=self._at_rest)
        self.timer.tick(looked, [self.tab], [*running, *showing], queue=False, **QUIET)
        self.show.click(telling(self.added, error, self._show), [self.tab, self.earlier], showing, **QUIET)
        self.add.upload(telling(self.added, error, self._add), [self.tab, self.add], showing, **QUIET)
        self.results.connect(self.tab)

    # -- what the page offers

    def _opened(self, request: gr.Request) -> Updates:
        """The page as it is when it is opened; who is alone at this machine finds what goes on there."""
        say, tab = say_to(request), Tab()
        offered = self._offered(say)
        if self._desk.private and (job := self._bench.job) and job.folder.is_relative_to(self._desk.library.path):
            tab.job = job
        return {
            self.tab: tab,
            self.head: html.head_html(say),
            self.choice: gr.Radio(offered, value=offered[0][1]),
            self.format: gr.Dropdown(
                [(say("evaluate.guess"), ""), *(name for name in FORMATS if name != "beir")], value=""
            ),
            **self._chosen(tab, offered[0][1], None, "", request),
            **self._runs(tab, say),
            **(self._state_of(tab.job, tab, say) if tab.job else {}),
            self.start: gr.Button(
                visible=not (tab.job and tab.job.running), interactive=bool(tab.testset and tab.testset.golds)
            ),
        }

    def _offered(self, say: Words) -> list[tuple[str, str]]:
        """The test sets to choose from; what others asked is offered to nobody but who is alone here."""
        offered = [(say("evaluate.sample"), SAMPLE)] if self._sample_fits() else []
        if self._desk.private and feedback_testset(self._desk.library):
            offered.append((say("evaluate.feedback"), FEEDBACK))
        return [*offered, (say("evaluate.upload"), UPLOAD)]

    def _sample_fits(self) -> bool:
        sample = sample_testset()
        return sample is not None and fit(sample, self._desk.library).fits

    def _chosen(self, tab: Tab, choice: str, file: str | None, format: str | None, request: gr.Request) -> Updates:
        """The test set that is chosen, read and described."""
        say = say_to(request)
        tab.testset = None
        try:
            tab.testset = self._loaded(choice, file, format)
        except DatelineError as error:
            card: str = html.error_html(str(error))
        else:
            card = self._card(tab.testset, say, guessed=choice == UPLOAD and not format)
        count = len(tab.testset.golds) if tab.testset else 0
        return {
            self.upload: gr.Row(visible=choice == UPLOAD),
            self.card: card,
            self.limit: gr.Number(value=count, interactive=count > 0),
            self.start: gr.Button(interactive=count > 0),
        }

    def _card(self, testset: TestSet | None, say: Words, *, guessed: bool) -> str:
        """What the test set is; where there is none yet, what one looks like, and why the sample is not offered."""
        if testset:
            return html.testset_html(testset, fit(testset, self._desk.library), say, guessed=guessed)
        hint = html.upload_hint_html(say)
        return hint if self._sample_fits() else html.hint_html(say("evaluate.nothing_fits")) + hint

    def _loaded(self, choice: str, file: str | None, format: str | None) -> TestSet | None:
        if choice == UPLOAD:
            return uploaded_testset(Path(file), format or None) if file else None
        if choice == FEEDBACK:
            return feedback_testset(self._desk.library) if self._desk.private else None
        return sample_testset()

    # -- an evaluation at work

    def _begin(self, tab: Tab, limit: float | None, request: gr.Request) -> Updates:
        if tab.testset is None:
            raise SettingsError(say_to(request)("evaluate.no_testset"))
        fewer = int(limit) if limit and limit < len(tab.testset.golds) else None
        return self._started(tab, self._job(tab.testset, fewer), request)

    def _go_on(self, tab: Tab, request: gr.Request) -> Updates:
        stopped = tab.job
        if stopped is None or stopped.running or not _can_go_on(stopped):
            return {}
        again = self._job(stopped.testset, stopped.limit, unfinished=stopped.measured)
        return self._started(tab, again, request)

    def _job(self, testset: TestSet, limit: int | None, unfinished: Measured | None = None) -> Job:
        desk = self._desk
        keep_in = desk.library.path if desk.private else None
        return Job(testset, desk.assistant, keep_in=keep_in, limit=limit, llm=desk.llm, unfinished=unfinished)

    def _started(self, tab: Tab, job: Job, request: gr.Request) -> Updates:
        say = say_to(request)
        if not self._bench.begin(job):
            other = self._bench.job
            at = other.progress if other else Progress()
            return {self.told: html.error_html(say("evaluate.busy", done=at.done, total=at.total))}
        tab.job = job
        return self._at_work(job, say)

    def _stop(self, tab: Tab, request: gr.Request) -> Updates:
        if tab.job is None:
            return {}
        tab.job.stop()
        return {
            self.stop: gr.Button(interactive=False),
            self.progress: html.progress_html(tab.job.progress, say_to(request), stopping=True),
        }

    def _looked(self, tab: Tab, request: gr.Request) -> Updates:
        """One look at the evaluation that this tab waits for."""
        if tab.job is None:  # the server has forgotten this tab
            return self._at_rest()
        return self._state_of(tab.job, tab, say_to(request))

    def _state_of(self, job: Job, tab: Tab, say: Words) -> Updates:
        job.watched()
        return self._at_work(job, say) if job.running else self._done(job, tab, say)

    def _at_work(self, job: Job, say: Words) -> Updates:
        return {
            self.timer: gr.Timer(active=True),
            self.start: gr.Button(visible=False),
            self.stop: gr.Button(visible=True, interactive=not job.stopping),
            self.go_on: gr.Button(visible=False),
            self.progress: html.progress_html(job.progress, say, stopping=job.stopping),
        }

    def _at_rest(self) -> Updates:
        return {
            self.timer: gr.Timer(active=False),
            self.start: gr.Button(visible=True),
            self.stop: gr.Button(visible=False),
            self.progress: "",
        }

    def _done(self, job: Job, tab: Tab, say: Words) -> Updates:
        updates = self._at_rest() | {
            self.go_on: gr.Button(visible=_can_go_on(job)),
            self.told: _end_html(job, say),
        }
        if job.measured:
            tab.look_at(job.measured)
            updates |= self.results.look(tab, say) | self._runs(tab, say)
        return updates

    # -- earlier runs

    def _show(self, tab: Tab, name: str | None, request: gr.Request) -> Updates:
        if not name:
            return {}
        return self._looking_at(tab, find_run(tab, self._desk, name), say_to(request))

    def _add(self, tab: Tab, file: str | None, request: gr.Request) -> Updates:
        """A run that somebody uploads is shown where there is none yet; else it is there to be compared with."""
        if not file:
            return {}
        taken, say = [name for _, name in run_choices(tab, self._desk)], say_to(request)
        added = uploaded_run(Path(file), taken)
        if tab.shown is None:
            return self._looking_at(tab, added, say)
        tab.add(added)
        told = html.notice_html(say("evaluate.added", name=run_label(added.name)))
        return {**self._runs(tab, say), **self.results.others(tab, say, added.name), self.added: told}

    def _looking_at(self, tab: Tab, measured: Measured, say: Words) -> Updates:
        tab.look_at(measured)
        return self.results.look(tab, say) | self._runs(tab, say)

    def _runs(self, tab: Tab, say: Words) -> Updates:
        choices = run_choices(tab, self._desk)
        return {
            self.earlier: gr.Dropdown(choices, value=choices[0][1] if choices else None, interactive=bool(choices)),
            self.show: gr.Button(interactive=bool(choices)),
            self.added: "" if choices else html.hint_html(say("evaluate.no_runs")),
        }


def _can_go_on(job: Job) -> bool:
    return job.measured is not None and job.measured.partial and (job.folder / JOURNAL_FILE).exists()


def _end_html(job: Job, say: Words) -> str:
    """How an evaluation ended."""
    measured = job.measured
    if job.failed:
        return html.error_html(say("common.unexpected"))
    if measured is None:
        return html.error_html(job.error) if job.error else html.notice_html(say("evaluate.nothing_asked"))
    asked = len(measured.run.rows)
    key = "evaluate.stopped" if measured.partial else "evaluate.done"
    ended = html.notice_html(say(key, n=asked, total=meant(measured.run)))
    return html.error_html(job.error) + ended if job.error else ended

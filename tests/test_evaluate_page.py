"""The Evaluate page without a browser: evaluations at work, kept and uploaded runs, test sets, and what is shown."""

from __future__ import annotations

import json
import string
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import newsdesk
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from ingest import runs
from ingest.errors import DatelineError, SourceError
from ingest.feedback import Feedback, record
from ingest.library import Library
from qa.assistant import Assistant
from qa.evaluation.compare import compare
from qa.evaluation.cost import Price
from qa.evaluation.evaluate import evaluate
from qa.evaluation.received import received_run
from qa.evaluation.records import Gold, Row, Run, Support
from qa.evaluation.report import BLOCKS, setting_lines
from qa.evaluation.run import plain_gold, score
from qa.evaluation.summary import METRICS, summarise
from qa.evaluation.testset import TestSet, load
from qa.evaluation.verdicts import FAULTS, STATES
from ui import evaluating
from ui import evaluation_html as shown
from ui.asked import all_tags, asked, counts, fitting
from ui.desk import Desk
from ui.evaluating import Bench, Job, Progress, kept_names, kept_run, run_label, run_testset, uploaded_run
from ui.pages.evaluate import _Evaluate
from ui.pages.evaluate_results import Tab
from ui.strings import LANGUAGES, texts, words
from ui.testsets import Fit, feedback_testset, fit, sample_testset, uploaded_testset

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\" onclick='alert(3)' {{ 7 * 7 }} ${alert(4)} \u202eevil"
)
SAY = words("en")
QUESTIONS = 6


@pytest.fixture(scope="module")
def library(_built):
    """A library of articles 0 to 11, which these tests only read."""
    with Library.open(_built) as opened:
        yield opened


@pytest.fixture(scope="module")
def assistant(library):
    return Assistant(library)


@pytest.fixture(scope="module")
def testset(tmp_path_factory) -> TestSet:
    """Questions on the articles, one of them with earlier turns, and one that they do not answer."""
    path = tmp_path_factory.mktemp("testset") / "towns.jsonl"
    rows = [_row(number) for number in range(QUESTIONS - 1)]
    rows[1]["history"] = [["What opened in Belmonte?", "A fish market."]]
    rows.append({"id": "none", "question": "Who won the 2018 World Cup?", "answerable": False, "kind": "none"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return load(path)


def _row(number: int) -> dict:
    town, thing, name = (names[number] for names in (newsdesk.TOWNS, newsdesk.THINGS, newsdesk.NAMES))
    return {
        "id": f"q{number}",
        "question": f"Who opened the {thing} in {town}?",
        "answers": [name, f"Mayor {name}"],
        "article": f"https://news.example/{number}",
        "quote": f"Mayor {name} of {town} opened the {thing} number {number} before a cheering crowd.",
        "kind": "who",
    }


class Spy:
    """The assistant, with something done before each question."""

    def __init__(self, assistant: Assistant, before) -> None:
        self._assistant, self._before, self.asked = assistant, before, []
        self.library, self.answerer = assistant.library, assistant.answerer

    def answer(self, question: str, **where):
        self.asked.append(question)
        self._before(len(self.asked))
        return self._assistant.answer(question, **where)


def stopped_after(n: int, testset: TestSet, assistant: Assistant, keep_in: Path | None = None) -> Job:
    """An evaluation that is told to stop while its nth question is asked."""
    spy = Spy(assistant, lambda count: job.stop() if count == n else None)
    job = Job(testset, spy, keep_in=keep_in)
    job.start().join()
    return job


@pytest.fixture(scope="module")
def run(testset, assistant) -> Run:
    return evaluate(testset, assistant).run


# -- evaluations at work


def test_an_evaluation_leaves_a_run_with_its_reports_in_the_library_where_it_is_kept(testset, assistant, tmp_path):
    job = Job(testset, assistant, keep_in=tmp_path).start()
    job.join()
    assert job.measured and not job.measured.partial and not job.error
    assert len(job.measured.run.rows) == QUESTIONS
    assert job.measured.folder.parent == tmp_path / "runs"
    assert all(path.stat().st_size for path in job.measured.reports())
    assert kept_names(tmp_path) == [job.name]


def test_an_evaluation_that_is_not_kept_leaves_nothing_when_nobody_looks_at_it(testset, assistant, tmp_path):
    job = Job(testset, assistant, keep_in=None).start()
    job.join()
    folder = job.folder
    assert (folder / "report.html").exists() and not folder.is_relative_to(assistant.library.path)
    del job
    assert not folder.exists()


def test_the_running_score_is_told_with_the_questions_asked(testset, assistant, tmp_path):
    seen = []
    job = Job(testset, Spy(assistant, lambda count: seen.append(job.progress)), keep_in=tmp_path)
    job.start().join()
    assert [progress.done for progress in seen] == list(range(QUESTIONS))
    assert dict(seen[2].shares) == {"right": 100, "attributed": 100}
    assert seen[1].left is None and seen[3].left is not None, "nothing can be told from the first, which loads models"


def test_a_stopped_evaluation_keeps_what_was_asked_and_says_that_it_is_partial(testset, assistant, tmp_path):
    job = stopped_after(3, testset, assistant, tmp_path)
    assert job.measured and job.measured.partial
    assert [row.id for row in job.measured.run.rows] == ["q0", "q1", "q2"]
    assert job.measured.summary.overall["right"].n == 3
    assert "partial: 3 of 6" in shown.result_head_html(job.measured.run, SAY, "")


def test_a_stopped_evaluation_goes_on_with_the_questions_that_are_left(testset, assistant, tmp_path):
    first = stopped_after(3, testset, assistant, tmp_path)
    spy = Spy(assistant, lambda count: None)
    second = Job(testset, spy, keep_in=tmp_path, unfinished=first.measured).start()
    second.join()
    assert len(spy.asked) == QUESTIONS - 3
    assert second.measured and not second.measured.partial
    assert [row.id for row in second.measured.run.rows] == [gold.id for gold in testset.golds]
    assert kept_names(tmp_path) == [first.name]


def test_an_evaluation_of_fewer_questions_is_whole_when_these_are_asked(testset, assistant):
    job = Job(testset, assistant, keep_in=None, limit=2).start()
    job.join()
    assert job.measured and len(job.measured.run.rows) == 2 and not job.measured.partial


def test_stopped_before_any_answer_there_is_nothing_to_show(testset, assistant, tmp_path):
    def fail(count):
        job.stop()
        raise DatelineError("no answer")

    job = Job(testset, Spy(assistant, fail), keep_in=tmp_path)
    job.start().join()
    assert job.measured is None and kept_names(tmp_path) == []


def test_questions_that_can_no_longer_be_asked_end_it_with_a_sentence_and_what_was_measured(assistant, tmp_path):
    def fail(count):
        if count > 2:
            raise DatelineError("the language model is gone")

    rows = [json.dumps(_row(number) | {"id": str(copy)}) for copy in range(9) for number in [copy % 5]]
    path = tmp_path / "many.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    job = Job(load(path), Spy(assistant, fail), keep_in=tmp_path)
    job.start().join()
    assert "the language model is gone" in job.error
    assert job.measured and job.measured.partial and job.measured.summary.counts["unmeasured"] == 5


def test_a_bug_ends_it_without_a_word_of_what_it_was(testset, assistant, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(evaluating, "evaluate", lambda *_, **__: 1 / 0)
    job = Job(testset, assistant, keep_in=tmp_path).start()
    job.join()
    assert job.failed and not job.error and job.measured is None
    assert "ZeroDivisionError" in caplog.text


def test_one_evaluation_is_made_at_a_time(testset, assistant, tmp_path):
    bench = Bench()
    turned_away = []
    another = Job(testset, assistant, keep_in=None)
    spy = Spy(assistant, lambda count: turned_away.append(not bench.begin(another)))
    assert bench.begin(Job(testset, spy, keep_in=tmp_path))
    bench.job.join()
    assert turned_away == [True] * QUESTIONS
    assert bench.begin(another)
    bench.job.join()


def test_an_evaluation_that_nobody_looks_at_makes_room_unless_it_is_kept(testset, assistant, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluating, "UNWATCHED", -1)
    left, kept = (Job(testset, assistant, keep_in=keep_in) for keep_in in (None, tmp_path))
    for job in (left, kept):
        job.start().join()
    assert left.measured and len(left.measured.run.rows) == 1
    assert kept.measured and not kept.measured.partial


def test_a_test_set_with_documents_of_its_own_is_asked_of_them(assistant, tmp_path):
    path = tmp_path / "squad.json"
    context = "The lighthouse of Sanden was painted red by Olga Brandt. It stands on a rock."
    question = {"id": "1", "question": "Who painted the lighthouse red?", "answers": [{"text": "Olga Brandt"}]}
    question["answers"][0]["answer_start"] = context.index("Olga")
    path.write_text(json.dumps({"data": [{"title": "T", "paragraphs": [{"context": context, "qas": [question]}]}]}))
    testset = uploaded_testset(path)
    assert testset.format == "squad"
    job = Job(testset, assistant, keep_in=tmp_path).start()
    job.join()
    assert job.measured and job.measured.run.setting["library"]["articles"] == 1
    assert not (job.folder / "library").exists()


# -- runs that are kept, and runs that somebody uploads


def test_a_kept_run_is_the_one_that_was_made(testset, assistant, tmp_path):
    made = Job(testset, assistant, keep_in=tmp_path).start()
    made.join()
    again = kept_run(tmp_path, made.name)
    assert again.summary == made.measured.summary
    compared = compare(again.run, made.measured.run)
    assert (compared.matched, compared.changed, compared.gained, compared.lost) == (QUESTIONS, (), (), ())


@pytest.mark.parametrize("name", ["../towns", "/etc", "", "absent"])
def test_only_a_kept_run_can_be_opened(tmp_path, name):
    with pytest.raises(SourceError, match="no longer kept"):
        kept_run(tmp_path, name)


def test_a_kept_run_is_named_by_when_it_was_made_and_of_what():
    assert run_label("20260105-091530-my.questions") == "2026-01-05 09:15:30 UTC · my.questions"
    assert run_testset("20260105-091530-my.questions") == "my.questions"
    assert (run_label("baseline"), run_testset("baseline")) == ("baseline", "")


def test_forgetting_an_article_deletes_the_runs_that_quote_it(testset, assistant, tmp_path):
    job = Job(testset, assistant, keep_in=tmp_path, limit=1).start()
    job.join()
    cited = assistant.library.article(job.measured.run.rows[0].citations[0]["article_id"])
    unknown = newsdesk.article(99)
    assert runs.erase(tmp_path, [unknown]) == 0 and kept_names(tmp_path)
    assert runs.erase(tmp_path, [unknown, cited]) == 1 and not kept_names(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def written(run: Run, path: Path, **changes) -> Path:
    """A run.json with some of its values changed."""
    from qa.evaluation.run import plain_run

    path.write_text(json.dumps(plain_run(run) | changes), encoding="utf-8")
    return path


def test_uploaded_runs_are_told_apart_though_every_file_is_called_run_json(run, tmp_path):
    path = written(run, tmp_path / "run.json", created="2026-01-05T10:15:30+01:00")
    first = uploaded_run(path).name
    assert run_label(first) == "2026-01-05 09:15:30 UTC · towns"
    assert uploaded_run(path, [first]).name == f"{first} (2)"
    nameless = uploaded_run(written(run, path, created="yesterday"), ["run.json", "run.json (2)"])
    assert nameless.name == "run.json (3)"


def test_two_uploaded_run_files_can_be_compared(run, small, tmp_path):
    with Library.open(small) as library, gr.Blocks():
        page, tab, request = _Evaluate(Desk(library)), Tab(), SimpleNamespace(headers={})
        for _ in range(2):
            page._add(tab, str(written(run, tmp_path / "run.json")), request)
        first, second = tab.runs
        compared = page.results._compare(tab, second, request)
    assert tab.shown is tab.runs[first]
    assert f"{QUESTIONS} questions in both runs" in compared[page.results.compared]


def test_what_an_uploaded_run_says_of_its_own_metrics_is_not_believed(run, tmp_path):
    boasting = [replace(row, metrics={"right": 1.0, "attributed": 1.0}, text="Nothing.", short="") for row in run.rows]
    path = written(replace(run, rows=tuple(boasting)), tmp_path / "run.json")
    assert uploaded_run(path).summary.overall["right"].value == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"version": 99}, "version"),
        ({"created": 3}, "created"),
        ({"rows": []}, "rows"),
        ({"rows": [{"id": "1"}]}, "rows.0.gold"),
        ({"testset": {"path": "x"}}, "testset.format"),
        ({"setting": []}, "setting"),
        ({"cold_start": -1}, "cold_start"),
    ],
)
def test_an_uploaded_run_that_is_not_whole_is_told_with_the_place(run, tmp_path, changes, told):
    path = written(run, tmp_path / "run.json", **changes)
    with pytest.raises(SourceError, match=rf"^run\.json is not a whole run .*{told}"):
        uploaded_run(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b'{"version": "\\ud800"}', b"[" * 100_000])
def test_a_file_that_is_no_run_is_told_in_a_sentence(tmp_path, content):
    path = tmp_path / "upload.json"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"^upload\.json is not"):
        uploaded_run(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_an_uploaded_run_it_is_shown_or_refused(run, tmp_path, data):
    from qa.evaluation.run import plain_run

    value = json.loads(json.dumps(plain_run(replace(run, rows=run.rows[:2]))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = value
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or data.draw(st.integers(0, 5)) == 0:
                place[key] = data.draw(VALUES)
                break
            place = place[key]
    path = tmp_path / "run.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    try:
        received = received_run(path)
    except SourceError:
        return
    summary = summarise(received.rows)
    assert shown.figures_html(received, summary, SAY)
    assert shown.questions_html(received.rows, 0, len(received.rows), SAY)


# -- test sets


def test_the_sample_questions_fit_the_sample_articles_alone(library):
    sample = sample_testset()
    assert sample and len(sample.golds) > 100 and str(sample.path) == "corpus/testset.jsonl"
    assert fit(sample, library) == Fit(fit(sample, library).named, 0)
    assert not fit(sample, library).fits


def test_how_many_of_its_articles_are_there_is_counted_by_address(testset, library):
    assert fit(testset, library) == Fit(named=5, found=5)
    assert fit(testset, library).fits


def test_an_uploaded_test_set_is_known_by_its_name_and_its_faults_are_told_by_it(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(_row(1)) + "\n{broken\n", encoding="utf-8")
    uploaded = uploaded_testset(path)
    assert str(uploaded.path) == "mine.jsonl" and [line for line, _ in uploaded.dropped] == [2]
    path.write_text("42", encoding="utf-8")
    with pytest.raises(SourceError, match=r"format of mine\.jsonl") as raised:
        uploaded_testset(path)
    assert str(tmp_path) not in str(raised.value)


def test_votes_become_a_test_set_once_there_are_some(small):
    with Library.open(small) as library:
        assert feedback_testset(library) is None
        answer = Assistant(library).answer("Who opened the tram line in Arvika?")
        record(library.path, Feedback("t1", "2026-01-01T00:00:00+00:00", "up", "", answer.question, answer.to_dict()))
        votes = feedback_testset(library)
        assert votes and [gold.question for gold in votes.golds] == ["Who opened the tram line in Arvika?"]
        assert str(votes.path) == "feedback.jsonl"


def test_where_the_sample_is_not_offered_the_page_says_why_and_how_to_get_questions(small):
    with Library.open(small) as library, gr.Blocks():
        page = _Evaluate(Desk(library))
        opened = page._opened(SimpleNamespace(headers={}))
    assert [choice for _, choice in opened[page.choice].choices] == ["upload"]
    assert "does not hold the sample articles" in opened[page.card] and "dateline eval make" in opened[page.card]
    assert "Choose a file of questions" in opened[page.card]


def test_after_an_evaluation_a_page_opened_anew_shows_it_and_can_begin_another(small):
    with Library.open(small) as library, gr.Blocks():
        desk = Desk(library)
        answer = desk.assistant.answer("Who opened the tram line in Arvika?")
        record(library.path, Feedback("t1", "2026-01-01T00:00:00+00:00", "up", "", answer.question, answer.to_dict()))
        page = _Evaluate(desk)
        page._bench.begin(Job(feedback_testset(library), desk.assistant, keep_in=library.path))
        page._bench.job.join()
        opened = page._opened(SimpleNamespace(headers={}))
    assert "Done: 1 questions asked." in opened[page.told] and opened[page.results.all].visible
    assert opened[page.start].visible and opened[page.start].interactive
    assert not opened[page.timer].active


# -- questions


def test_questions_are_found_by_what_became_of_them_by_tag_and_by_words(run):
    questions = asked(run)
    assert sum(counts(questions).values()) == QUESTIONS
    assert all_tags(questions) == ["kind: none", "kind: who"]
    assert [row.id for row in fitting(questions, tag="kind: none")] == ["none"]
    assert [row.id for row in fitting(questions, search="ARVIKA tram")] == ["q0"]
    assert fitting(questions, search="ARVIKA penguin") == []
    for state, n in counts(questions).items():
        assert len(fitting(questions, state=state)) == n


# -- what is shown


@contextmanager
def parsed(*parts):
    yield html.fromstring(f"<div>{''.join(parts)}</div>")


@pytest.fixture(scope="module")
def hostile() -> Run:
    gold = Gold(
        HOSTILE,
        HOSTILE,
        (HOSTILE,),
        supports=(Support("javascript:alert(1)", HOSTILE),),
        history=((HOSTILE, HOSTILE),),
        tags={HOSTILE: HOSTILE, "kind": "one"},
    )
    place = {"title": HOSTILE, "source": HOSTILE, "url": "javascript:alert(1)", "origin": HOSTILE, "published": HOSTILE}
    citations = ({"number": 1, "quote": HOSTILE, "verbatim": False, **place},)
    said = {"correctness": "wrong", "reason": HOSTILE, "errors": [HOSTILE]}
    said["statements"] = [{"statement": HOSTILE, "grounded": False, "reason": HOSTILE}]
    row = Row(
        HOSTILE,
        plain_gold(gold),
        text=HOSTILE,
        short=HOSTILE,
        citations=citations,
        passages=({"rank": 1, "text": HOSTILE, **place, "url": f"https://a.example/{HOSTILE}"},),
        unsupported=(HOSTILE,),
        timings={HOSTILE: 1.0, "total": 1.0},
        verdicts={HOSTILE: said},
    )
    other = Gold("2", "Why?", ("x",), tags={"kind": "two"})
    failed = Row("2", plain_gold(other), error=HOSTILE)
    testset = {"path": HOSTILE, "format": HOSTILE, "sha256": HOSTILE, "questions": 9, "dropped": [(1, HOSTILE)]}
    rows = (score(gold, row), failed)
    return Run(HOSTILE, testset, {"k": 1, "answerer": HOSTILE, "llm": HOSTILE}, 1.0, rows)


def everything(run: Run, say) -> list[str]:
    """Every kind of HTML that shows something of a run or a test set."""
    dropped = tuple((line, reason) for line, reason in run.testset["dropped"])
    testset = TestSet(Path(HOSTILE), HOSTILE, "", (), dropped)
    changed = replace(run, rows=tuple(replace(row, metrics={"right": 0.0, "f1": 0.5}) for row in run.rows))
    better = replace(run, rows=tuple(replace(row, metrics={"right": 1.0, "f1": 0.9}, error="") for row in run.rows))
    return [
        shown.error_html(HOSTILE),
        shown.notice_html(HOSTILE),
        shown.testset_html(testset, Fit(1, 0), say, guessed=True),
        shown.progress_html(Progress(True, 1, 2, (("right", 50),), 3.0), say),
        shown.result_head_html(run, say, HOSTILE),
        shown.figures_html(run, summarise(run.rows), say),
        shown.questions_html(run.rows, 0, 2, say),
        shown.comparison_html(compare(changed, better), changed, better, say),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_others_wrote_is_shown_as_text_and_never_as_markup(hostile, language):
    for part in everything(hostile, words(language)):
        with parsed(part) as tree:
            assert not tree.xpath("//script | //img | //iframe | //object | //form | //style | //*[@style]")
            assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
            assert all(link.startswith("https://a.example/") for link in tree.xpath("//@href"))
            assert "\u202e" not in part
    with parsed(*everything(hostile, words(language))) as tree:
        assert "<script>alert(1)</script>" in tree.text_content() and "{{ 7 * 7 }}" in tree.text_content()


def test_only_web_addresses_are_links_and_they_open_without_telling_where_from(hostile):
    with parsed(shown.questions_html(hostile.rows, 0, 2, SAY)) as tree:
        (link,) = tree.xpath("//a")
        assert link.get("rel") == "noopener noreferrer"
        assert "javascript:alert(1)" in tree.text_content()


def test_a_question_shows_what_went_wrong_with_it_and_what_it_rests_on(run):
    wrong = replace(run.rows[0], text="Nobody knows.", short="", citations=())
    wrong = score(Gold("q0", wrong.gold["question"], ("Ames",), supports=(Support("", "Mayor Ames"),)), wrong)
    with parsed(shown.questions_html([wrong], 40, 60, SAY)) as tree:
        said = " ".join(tree.text_content().split())
    assert "41 to 41 of 60 questions" in said
    assert "The evidence was among the passages, but the answer was not read out of it." in said
    assert "Nobody knows." in said and "Mayor Ames" in said and "https://news.example/0" in said


def test_the_figures_tell_the_share_its_range_and_of_how_many(run):
    with parsed(shown.figures_html(run, summarise(run.rows), SAY)) as tree:
        (tile,) = tree.xpath("//div[@class='dl-ev-tile'][dt='Right']")
        said = " ".join(tile.text_content().split())
    right = sum(row.metrics["right"] or 0 for row in run.rows[:5])
    assert f"{100 * right / 5:.0f} %" in said and f"{right:.0f} of 5 answerable questions" in said
    assert "95 % range" in said


def test_a_comparison_says_of_each_headline_figure_whether_chance_would_explain_it(run):
    many = tuple(
        replace(row, id=f"{row.id}-{n}", metrics={"right": 1.0, "f1": float(n % 7 == 0)})
        for n in range(4)
        for row in run.rows
    )
    worse = tuple(replace(row, metrics={"right": 0.0, "f1": float(i % 7 == 1)}) for i, row in enumerate(many))
    before, after = replace(run, rows=many), replace(run, rows=worse)
    with parsed(shown.comparison_html(compare(before, after), before, after, SAY)) as tree:
        lines = {line.xpath("string(th)").strip(): line for line in tree.xpath("//tbody/tr")}
    verdicts = {line.xpath("string(th/text())").strip(): line.xpath("string(th/span)") for line in lines.values()}
    assert verdicts["right"] == "worse" and verdicts["token F1"] == "may be chance"


# -- words


def test_every_metric_state_fault_stage_block_and_setting_has_words(run):
    for say in map(words, LANGUAGES):
        for name in METRICS:
            assert shown.metric_name(name, say) != name or name in ("right",)
        assert all(say(f"evaluate.state.{state}") and say(f"evaluate.states.{state}") for state in STATES)
        assert all(say(f"evaluate.fault.{kind}", detail="x") for kind in FAULTS)
        assert all(say(f"evaluate.stage.{stage}") for stage in summarise(run.rows).latency)
        assert all(say(f"evaluate.block.{title}") for title in BLOCKS)
        set_all = run.setting | {"limit": 1, "llm": "x", "judge": "x"}
        used = replace(run.rows[0], tokens={"input": 1})
        lines = setting_lines(replace(run, setting=set_all, rows=(used,)), Price(1, 1))
        assert all(say(f"evaluate.setting.{name}") for name, _ in lines)


def test_both_languages_fill_in_the_same_values():
    def names(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in texts()["en"].items():
        if key.startswith("evaluate."):
            assert names(text) == names(texts()["es"][key]), key


def test_the_time_left_is_told_in_seconds_then_in_minutes():
    assert "about 45 s left" in shown.progress_html(Progress(True, 1, 9, (), 45.2), SAY)
    assert "about 3 min left" in shown.progress_html(Progress(True, 1, 9, (), 170), SAY)
    assert "left" not in shown.progress_html(Progress(True, 1, 9, (), None), SAY)

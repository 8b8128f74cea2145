"""The Evaluate page as a person meets it: a real server, a real library, a real browser."""

from __future__ import annotations

import json
import shutil
import socket
import time
from contextlib import contextmanager
from itertools import repeat

import newsdesk
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from ingest.library import Library
from ingest.pipeline import ingest
from qa.assistant import Assistant
from qa.evaluation.evaluate import evaluate
from qa.evaluation.testset import load
from ui.desk import Desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed"),
]

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> {{7*7}} ${alert(1)}"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE = 120_000  # ms, for a machine that is busy with other things too


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    source = newsdesk.write_source(folder / "articles.jsonl", map(newsdesk.article, range(11)))
    with Library.open(folder / "library", create=True) as opened:
        ingest(opened, [source])
        yield opened


class Slow(GenericFakeChatModel):
    """An LLM that takes its time, so that there is time to stop it."""

    def _generate(self, *arguments, **options):
        time.sleep(0.4)
        return super()._generate(*arguments, **options)


@contextmanager
def served(library, private, llm=None):
    """The page over the library, where only one person comes in or several do."""
    import gradio as gr

    from ui.pages import evaluate as page
    from ui.server import launch, server_options

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with gr.Blocks(title="Dateline", analytics_enabled=False) as app:
        page.page(Desk(library, llm=llm, private=private))
    yield launch(app, server_options("127.0.0.1", port))
    app.close(verbose=False)


@pytest.fixture(scope="module")
def private(library):
    with served(library, private=True) as address:
        yield address


@pytest.fixture(scope="module")
def slow(library):
    with served(library, private=True, llm=slow_model()) as address:
        yield address


@pytest.fixture(scope="module")
def shared(library):
    with served(library, private=False, llm=slow_model()) as address:
        yield address


def slow_model():
    return Slow(messages=repeat(AIMessage("Somebody opened it [1].")))


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser, address, width=1280, **options):
    """The page in a browser of its own."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector("#evaluate-head h1")
    page.wait_for_selector("#evaluate-card p")
    yield page
    context.close()


def question(number, **changes):
    town, thing, name = newsdesk.TOWNS[number % 11], newsdesk.THINGS[number % 7], newsdesk.NAMES[number % 13]
    row = {
        "question": f"Who opened the {thing} in {town}?",
        "answers": [name, f"Mayor {name}"],
        "article": f"https://news.example/{number % 11}",
        "kind": "who",
    }
    return row | changes


def few():
    """Four questions: three that the articles answer, one of them with a wrong gold answer, and one to be refused."""
    return [
        question(0, id="first"),
        question(1, id="hostile", question=f"Who opened the fish market in Belmonte? {HOSTILE}", kind=HOSTILE),
        question(2, id="other", answers=[f"Nobody {HOSTILE}"]),
        {"id": "none", "question": "Who won the 2018 World Cup?", "answerable": False, "kind": "none"},
    ]


def upload(page, rows, name="mine.jsonl"):
    """Choose a file of one's own."""
    page.locator("#evaluate-testset label").last.click()
    content = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows).encode()
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.set_input_files("#evaluate-file input[type=file]", files=[file])
    page.wait_for_function("name => document.querySelector('#evaluate-card').innerText.includes(name)", arg=name)


def run_to_the_end(page):
    page.click("#evaluate-start")
    page.wait_for_selector("#evaluate-stop")
    page.locator("#evaluate-told", has_text="Done").wait_for()
    page.wait_for_selector("#evaluate-figures dl")


def open_tab(page, number):
    page.locator("#evaluate-results button[role=tab]").nth(number).click()


def listed(page):
    """The ids of the questions that are listed."""
    return page.eval_on_selector_all(
        "#evaluate-questions summary", "all => all.map(e => e.lastElementChild.textContent.trim())"
    )


def wait_for_list(page, ids):
    page.wait_for_function(
        """ids => JSON.stringify([...document.querySelectorAll('#evaluate-questions summary')]
          .map(e => e.lastElementChild.textContent.trim())) === JSON.stringify(ids)""",
        arg=ids,
    )


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(700)
    found = Axe().run(page, options={"runOnly": AA, "resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def test_an_uploaded_file_says_how_it_was_read_and_which_rows_cannot_be_used(browser, private):
    with opened(browser, private) as page:
        upload(page, [*few(), {"answers": ["x"]}, "{broken " + HOSTILE + "\n"])
        card = page.inner_text("#evaluate-card")
        assert "4 questions" in card and "3 answerable" in card and "guessed from its content" in card
        assert "This library holds 3 of the 3 articles" in card
        page.locator("#evaluate-card summary").click()
        rows = page.locator("#evaluate-card tbody tr")
        assert [row.split()[0] for row in rows.all_inner_texts()] == ["5", "6"]
        assert "'question' is missing" in rows.first.inner_text()


def test_a_file_that_is_no_test_set_is_told_in_a_sentence_and_cannot_be_started(browser, private):
    with opened(browser, private) as page:
        upload(page, ['{"hello": 1}'], "strange.json")
        assert "the format of strange.json cannot be told" in page.inner_text("#evaluate-card [role=alert]")
        assert page.locator("#evaluate-start").is_disabled()


def test_sample_questions_are_not_offered_where_they_would_measure_nothing(browser, private):
    with opened(browser, private) as page:
        assert page.locator("#evaluate-testset label").all_inner_texts() == ["My own file"]


def test_an_evaluation_shows_figures_and_questions_that_can_be_drilled_into(browser, private):
    with opened(browser, private) as page:
        upload(page, few())
        run_to_the_end(page)
        figures = page.inner_text("#evaluate-figures")
        assert "2 of 3 answerable questions" in figures and "1 of 1 without an answer" in figures
        assert page.locator("#evaluate-figures svg.plot").count() == 2
        open_tab(page, 1)
        wait_for_list(page, ["first", "hostile", "other", "none"])
        page.get_by_label("wrong (1)", exact=True).click()
        wait_for_list(page, ["other"])
        page.locator("#evaluate-questions summary").click()
        detail = page.inner_text("#evaluate-questions details")
        assert "WHAT WENT WRONG" in detail.upper() and "was not read out of it" in detail
        assert "Citations" in detail and "Mayor Cruz of Corvo opened the public library" in detail
        page.get_by_label("all (4)", exact=True).click()
        page.fill("#evaluate-search textarea, #evaluate-search input", "world cup")
        wait_for_list(page, ["none"])
        page.fill("#evaluate-search textarea, #evaluate-search input", "penguins")
        page.locator("#evaluate-questions", has_text="No question fits").wait_for()


def test_questions_are_listed_twenty_at_a_time(browser, private):
    with opened(browser, private) as page:
        upload(page, [question(n, id=f"q{n}") for n in range(23)])
        run_to_the_end(page)
        open_tab(page, 1)
        wait_for_list(page, [f"q{n}" for n in range(20)])
        assert page.locator("#evaluate-previous").is_disabled()
        page.click("#evaluate-next")
        wait_for_list(page, ["q20", "q21", "q22"])
        assert page.locator("#evaluate-next").is_disabled()
        assert "21 to 23 of 23 questions" in page.inner_text("#evaluate-questions")
        page.click("#evaluate-previous")
        wait_for_list(page, [f"q{n}" for n in range(20)])


def test_a_stopped_evaluation_shows_partial_figures_and_goes_on(browser, slow):
    with opened(browser, slow) as page:
        upload(page, [question(n, id=f"q{n}") for n in range(40)])
        page.click("#evaluate-start")
        page.wait_for_function("Number(document.querySelector('#evaluate-progress progress[max]')?.value) > 2")
        assert "right" in page.inner_text("#evaluate-progress")
        page.click("#evaluate-stop")
        page.locator("#evaluate-told", has_text="Stopped after").wait_for()
        assert "of 40 questions" in page.inner_text("#evaluate-told")
        assert "partial:" in page.inner_text("#evaluate-results h2")
        asked = int(page.inner_text("#evaluate-told").split()[2])
        assert 2 < asked < 40
        page.click("#evaluate-go-on")
        page.locator("#evaluate-told", has_text="Done: 40").wait_for()
        assert "partial" not in page.inner_text("#evaluate-results h2")


def test_who_is_alone_finds_the_evaluation_again_after_a_reload(browser, slow):
    with opened(browser, slow) as page:
        upload(page, [question(n, id=f"q{n}") for n in range(40)])
        page.click("#evaluate-start")
        page.wait_for_selector("#evaluate-progress progress[max]")
        page.reload()
        page.wait_for_selector("#evaluate-progress progress")
        page.locator("#evaluate-told", has_text="Done: 40").wait_for()


def test_the_reports_can_be_taken_away(browser, private, tmp_path):
    with opened(browser, private) as page:
        upload(page, few())
        run_to_the_end(page)
        names = []
        for button in ("#evaluate-report", "#evaluate-run-json", "#evaluate-markdown"):
            with page.expect_download() as download:
                page.click(button)
            names.append(download.value.suggested_filename)
            download.value.save_as(tmp_path / names[-1])
        assert names == ["report.html", "run.json", "report.md"]
        run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
        assert [row["id"] for row in run["rows"]] == ["first", "hostile", "other", "none"]
        assert run["testset"]["path"] == "mine.jsonl", "no path of the server"


def test_two_runs_are_compared_with_the_questions_that_flipped(browser, private):
    with opened(browser, private) as page:
        upload(page, few())
        run_to_the_end(page)
        page.locator("#evaluate-file button").first.click()
        upload(page, [few()[0], *few()[2:]], "second.jsonl")
        run_to_the_end(page)
        open_tab(page, 2)
        page.click("#evaluate-compare")
        page.locator("#evaluate-compared table").first.wait_for()
        compared = page.inner_text("#evaluate-compared")
        assert "3 questions in both runs" in compared
        assert "The runs are of different test sets" in compared and "1 questions only in the first" in compared
        assert "no difference" in compared and "No question flipped" in compared


def test_an_uploaded_run_is_checked_shown_as_text_and_compared(browser, private, library, tmp_path):
    path = tmp_path / "few.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in few()), encoding="utf-8")
    evaluate(load(path), Assistant(library), out=tmp_path / "run")
    run = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    run["testset"]["path"] = HOSTILE
    run["rows"][0] |= {"text": HOSTILE, "short": "", "metrics": {"right": 1.0}}
    hostile, broken = tmp_path / "run.json", tmp_path / "broken.json"
    hostile.write_text(json.dumps(run), encoding="utf-8")
    broken.write_text('{"version": 1, "rows": 3}', encoding="utf-8")
    with opened(browser, private) as page:
        page.locator("#evaluate-earlier button").first.click()
        page.set_input_files("#evaluate-earlier input[type=file]", broken)
        alert = page.locator("#evaluate-added [role=alert]")
        alert.wait_for()
        assert "broken.json is not a whole run" in alert.inner_text()
        upload(page, few())
        run_to_the_end(page)
        page.set_input_files("#evaluate-earlier input[type=file]", hostile)
        page.locator("#evaluate-added", has_text="is added").wait_for()
        open_tab(page, 2)
        page.click("#evaluate-compare")
        page.locator("#evaluate-compared table").first.wait_for()
        compared = page.inner_text("#evaluate-compared")
        assert "1 questions gained by the second run" in compared
        assert "<script>document.title='taken'</script>" in compared and "{{7*7}} ${alert(1)}" in compared
        page.click("#evaluate-show-run")
        page.locator("#evaluate-results header", has_text="taken").wait_for()
        open_tab(page, 1)
        page.locator("#evaluate-questions summary").first.wait_for()
        page.eval_on_selector_all("#evaluate-questions details", "all => all.forEach((one) => (one.open = true))")
        assert HOSTILE in page.inner_text("#evaluate-questions")
        assert page.title() == "Dateline" and page.locator("#evaluate-results img").count() == 0


def test_where_several_come_in_one_waits_for_the_other_and_sees_none_of_its_runs(browser, shared, library):
    kept = set(library.path.glob("runs/*"))
    with opened(browser, shared) as first, opened(browser, shared) as second:
        upload(first, [question(n, id=f"q{n}") for n in range(40)])
        upload(second, few())
        first.click("#evaluate-start")
        first.wait_for_function("Number(document.querySelector('#evaluate-progress progress[max]')?.value) > 2")
        second.click("#evaluate-start")
        alert = second.locator("#evaluate-told [role=alert]")
        alert.wait_for()
        assert "Another evaluation is at work" in alert.inner_text() and "of 40 asked" in alert.inner_text()
        assert second.locator("#evaluate-progress progress").count() == 0
        first.click("#evaluate-stop")
        first.locator("#evaluate-told", has_text="Stopped after").wait_for()
        assert "kept until you close the page" in first.inner_text("#evaluate-results header")
        run_to_the_end(second)
        second.locator("#evaluate-earlier button").first.click()
        runs = second.locator("#evaluate-earlier-run input")
        assert "mine" in runs.input_value()
        runs.click()
        assert len(second.locator("[role=option]").all()) == 1
    assert set(library.path.glob("runs/*")) == kept, "nothing of it is left in the library"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_results_keep_to_wcag_aa_and_to_the_width_of_a_phone(browser, private, scheme):
    with opened(browser, private, 390, color_scheme=scheme) as page:
        upload(page, [*few(), {"answers": ["x"]}])
        page.locator("#evaluate-card summary").click()
        run_to_the_end(page)
        page.eval_on_selector_all("#evaluate-figures details", "all => all.forEach((one) => (one.open = true))")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        open_tab(page, 1)
        page.locator("#evaluate-questions summary").first.wait_for()
        page.eval_on_selector_all("#evaluate-questions details", "all => all.forEach((one) => (one.open = true))")
        assert violations(page) == []
        open_tab(page, 2)
        page.click("#evaluate-compare")
        page.locator("#evaluate-compared table").first.wait_for()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_speaks_spanish_to_who_reads_spanish(browser, private):
    with opened(browser, private, locale="es-MX") as page:
        assert page.inner_text("h1") == "Evaluar"
        assert page.inner_text("#evaluate-start") == "Iniciar la evaluación"
        assert page.locator("#evaluate-testset label").last.inner_text() == "Un archivo propio"


def test_a_long_report_is_read_a_page_at_a_time_and_filtered_as_a_whole(browser, library, tmp_path):
    rows = [question(n, id=f"q{n}", kind="even" if n % 2 == 0 else HOSTILE) for n in range(60)]
    path = tmp_path / "sixty.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    evaluate(load(path), Assistant(library), out=tmp_path / "run")
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "run" / "report.html").as_uri())
    ids = ".questions > li .id"
    assert page.inner_text("#shown") == "1 to 50 of 60 shown"
    page.click("#next")
    assert page.locator(ids).all_inner_texts() == [f"q{n}" for n in range(50, 60)]
    page.fill("#search", "Who opened q5")
    assert page.locator(ids).all_inner_texts() == ["q5", *(f"q{n}" for n in range(50, 60))]
    page.select_option("#tag", f"kind: {HOSTILE}")
    assert page.locator(ids).all_inner_texts() == ["q5", *(f"q{n}" for n in range(51, 60, 2))]
    for details in page.locator(".questions summary").all():
        details.click()
    assert HOSTILE in page.inner_text(".questions")
    assert "taken" not in page.title() and page.locator("img").count() == 0
    context.close()

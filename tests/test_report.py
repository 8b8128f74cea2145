"""The reports of a run: everything is there, in words, and nothing of what others wrote is more than text."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from lxml import html

from qa.evaluation.records import Gold, Row, Run, Support
from qa.evaluation.report import AT_ONCE, report_html, report_markdown, summary_sentences
from qa.evaluation.run import plain_gold, score
from qa.evaluation.summary import summarise
from qa.evaluation.verdicts import Verdict, verdict

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\" onclick='alert(3)' {{ 7 * 7 }} </summary>"
QUOTE = "The bridge was closed at noon by Mayor Ruiz."
URL = "https://news.example/bridge"


def gold(id="q1", answerable=True, **changes):
    known = {"answers": ("noon",), "supports": (Support(URL, QUOTE),)} if answerable else {}
    return Gold(id, "When was the bridge closed?", answerable=answerable, **(known | changes))


def passage(rank, text=QUOTE, url=URL):
    return {"rank": rank, "text": text, "article_id": url[-8:], "url": url, "origin": "a.jsonl:1", "published": None}


def citation(quote=QUOTE, url=URL, verbatim=True):
    return {
        "number": 1,
        "quote": quote,
        "article_id": "1",
        "url": url,
        "origin": "a:1",
        "published": None,
        "verbatim": verbatim,
    }


def row(asked=None, text="It was closed at noon. [1]", **changes):
    asked = asked or gold()
    made = {
        "citations": (citation(),),
        "passages": (passage(1),),
        "confidence": 0.8,
        "timings": {"retrieve": 0.02, "answer": 0.03, "total": 0.05},
    }
    return score(asked, Row(asked.id, plain_gold(asked), text, **(made | changes)))


def refusal(asked=None):
    return row(asked, "Nothing found.", abstained=True, citations=(), confidence=0.1)


def run(*rows, **testset):
    about = {"path": "set.jsonl", "format": "jsonl", "sha256": "ab" * 32, "questions": len(rows), "dropped": []}
    return Run("2026-01-01T00:00:00+00:00", about | testset, {"k": 10, "answerer": "reader", "seed": 0}, 1.5, rows)


def page(made):
    text = report_html(made, summarise(made.rows))
    return text, html.fromstring(text)


def questions(made):
    """Each question's element in the table, by id."""
    _, tree = page(made)
    return {item.xpath(".//*[@class='id']")[0].text: item for item in tree.xpath("//ol[@class='questions']/li")}


@pytest.fixture(scope="module")
def hostile():
    asked = Gold(
        HOSTILE,
        HOSTILE,
        (HOSTILE,),
        supports=(Support("javascript:alert(1)", HOSTILE),),
        history=((HOSTILE, HOSTILE),),
        tags={HOSTILE: HOSTILE},
    )
    answered = row(
        asked,
        HOSTILE,
        short=HOSTILE,
        citations=(citation(HOSTILE, "javascript:alert(1)"), citation(HOSTILE, f"https://a.example/{HOSTILE}")),
        passages=({**passage(1, HOSTILE, "JavaScript:alert(1)"), "title": HOSTILE},),
        unsupported=(HOSTILE,),
        verdicts={HOSTILE: {"correctness": "wrong", "reason": HOSTILE, "errors": [HOSTILE],
                            "statements": [{"statement": HOSTILE, "grounded": False, "reason": HOSTILE}]}},
    )  # fmt: skip
    failed = Row("q2", plain_gold(gold("q2", supports=(), tags={HOSTILE: "other"})), error=HOSTILE)
    return run(answered, failed, path=HOSTILE, dropped=[[3, HOSTILE]])


def test_what_others_wrote_is_never_markup_in_the_page(hostile):
    _, tree = page(hostile)
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//img | //iframe | //object | //form | //link | //base")
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert "49" not in "".join(tree.xpath("//ol[@class='questions']//text()")).split()
    assert "<script>alert(1)</script>" in tree.text_content()


def test_only_web_addresses_become_links(hostile):
    _, tree = page(hostile)
    addresses = [address for address in tree.xpath("//a/@href") if address != "#questions"]
    assert addresses and all(address.startswith("https://a.example/") for address in addresses)
    assert "javascript:alert(1)" in tree.text_content()


def test_the_page_asks_nothing_of_a_network_and_runs_no_script_but_its_own(hostile):
    text, tree = page(hostile)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (script,) = tree.xpath("//script/text()")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert not tree.xpath("//*[@src or @srcset or @data or @action]")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", text)


def test_questions_of_later_pages_are_text_to_the_browser_and_still_escaped(hostile):
    rows = [row(gold(f"q{n}")) for n in range(AT_ONCE)]
    _, tree = page(run(*rows, *hostile.rows))
    assert len(tree.xpath("//ol[@class='questions']/li")) == AT_ONCE
    later = tree.xpath("//script[@type='text/html']")
    assert [item.get("data-state") for item in later] == ["right", "unmeasured"]
    for item in later:
        shown = html.fromstring(item.text)
        assert not shown.xpath("//script | //img") and "<script>alert(1)</script>" in shown.text_content()
    assert f"only the first {AT_ONCE} of the {AT_ONCE + 2} questions" in tree.xpath("string(//noscript)")


def test_what_others_wrote_reads_in_the_order_in_which_it_is_written():
    text, _ = page(run(row(gold(), "It was \u202eclosed\u202c at noon. [1]")))
    assert "\u202e" not in text and "It was closed at noon. [1]" in text


def test_markdown_shows_what_others_wrote_as_written(hostile):
    text = report_markdown(hostile, summarise(hostile.rows))
    outside = re.sub(r"\\.", "", text)
    assert "<script" not in outside and "<img" not in outside and "](" not in outside
    assert {tag for tag in re.findall(r"<[^>]*>", outside)} <= {
        "<details>", "</details>", "<summary>", "</summary>"}  # fmt: skip


def test_every_question_stands_in_the_table_with_its_state():
    made = run(
        row(gold("right")),
        row(gold("wrong"), "At dawn. [1]"),
        refusal(gold("shy")),
        refusal(gold("wise", answerable=False)),
        row(gold("rash", answerable=False)),
        Row("broken", plain_gold(gold("broken")), error="timeout"),
    )
    states = {id: element.get("data-state") for id, element in questions(made).items()}
    assert states == {
        "right": "right",
        "wrong": "wrong",
        "shy": "refused-wrongly",
        "wise": "refused-rightly",
        "rash": "wrong",
        "broken": "unmeasured",
    }


def test_a_question_shows_answer_gold_citation_and_where_it_can_be_found():
    shown = questions(run(row(gold(tags={"kind": "date"}))))["q1"]
    words = " ".join(" ".join(shown.itertext()).split())
    for part in ("It was closed at noon. [1]", "Accepted noon", QUOTE, URL, "kind: date"):
        assert part in words
    assert shown.get("data-tags") == '["kind: date"]'
    assert "noon" in shown.get("data-search")


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (row(text="At dawn. [1]"), "was among the passages, but the answer was not read out"),
        (row(text="At dawn.", passages=(passage(1, "Rain.", "https://x.example/"),)), "was not among the first ten"),
        (refusal(), "was among the passages, but it was refused"),
        (row(gold(answerable=False)), "answered, though the articles hold no answer"),
        (row(citations=(citation("Rain fell.", "https://x.example/"),)), "No citation reaches the evidence"),
        (row(citations=(citation(verbatim=False),)), "does not stand in its article as cited"),
        (row(unsupported=("It rained.", "It poured.")), "Sentences without a citation: 2"),
        (row(verdicts={"judge": {"errors": ["correctness could not be judged: timeout"]}}), "judged: timeout"),
        (Row("q", plain_gold(gold()), error="the model failed"), "could not be asked: the model failed"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_said_in_words(made, fault):
    assert fault in " ".join(map(str, verdict(made).faults))


def test_a_right_answer_with_its_evidence_has_no_fault():
    assert verdict(row()) == Verdict("right")


def test_an_answer_that_no_rule_can_measure_is_neither_right_nor_wrong():
    assert verdict(row(gold(answers=()))).state == "unmeasured"


def test_groups_under_twenty_are_greyed_and_others_are_not():
    rows = [row(gold(f"a{i}", tags={"kind": "many"})) for i in range(20)]
    rows += [row(gold(f"b{i}", tags={"kind": "few"})) for i in range(19)]
    _, tree = page(run(*rows))
    cells = {
        line.xpath("string(th)"): line.xpath("td[span]") for line in tree.xpath("//table[@class='tags']//tbody/tr")
    }
    assert all(cell.get("class") == "few" for cell in cells["few"])
    assert all(cell.get("class") is None for cell in cells["many"])
    text = report_markdown(run(*rows), summarise(rows))
    assert "| many | 100.0 of 20" in text and "| few | (100.0 of 19)" in text


def test_the_summary_tells_in_plain_words_how_many_were_right_refused_and_not_asked():
    made = run(
        *(row(gold(f"a{i}")) for i in range(3)),
        row(gold("b"), "At dawn. [1]"),
        refusal(gold("c", answerable=False)),
        Row("d", plain_gold(gold("d")), error="timeout"),
        dropped=[[9, "no question"]],
    )
    told = " ".join(summary_sentences(made, summarise(made.rows)))
    assert "Of 4 questions that the articles answer, 3 (75 %) were answered right" in told
    assert "Of 1 question without an answer there, 1 (100 %) were refused" in told
    assert "not read out of them (1 question)" in told
    assert "1 question could not be asked; the figures are of the other 5." in told
    assert "could not be used: 1." in told


def test_controls_and_plots_have_names_for_those_who_do_not_see_them():
    made = run(*(row(gold(f"a{i}"), "At noon. [1]" if i % 3 else "At dawn. [1]", confidence=i / 30) for i in range(30)))
    _, tree = page(made)
    for control in tree.xpath("//input | //select"):
        assert control.xpath("ancestor::label")[0].text_content().strip()
    assert all(plot.get("aria-label") for plot in tree.xpath("//svg[@role='img']"))
    assert len(tree.xpath("//svg[@role='img']")) == 2
    assert all(strip.get("aria-hidden") == "true" for strip in tree.xpath("//svg[not(@role)]"))
    assert tree.get("lang") == "en"


def test_markdown_names_the_questions_that_went_wrong_and_no_others():
    made = run(row(gold("fine")), row(gold("off"), "At dawn. [1]"))
    text = report_markdown(made, summarise(made.rows))
    assert "1 question that went wrong" in text
    assert "off (wrong)" in text.replace("\\", "") and "- fine" not in text
    assert "right, and cites the gold evidence | 50.0" in text


def test_a_run_where_nothing_was_measured_still_has_its_reports():
    failed = Row("q1", plain_gold(gold()), error="timeout")
    for made in (run(failed), run(row(gold(answers=(), supports=()), passages=(), citations=(), timings={}))):
        text, _ = page(made)
        assert "unmeasured" in text
        assert report_markdown(made, summarise(made.rows))


def test_the_same_run_gives_the_same_page():
    made = run(row(), replace(refusal(gold("b")), timings={}))
    assert page(made)[0] == page(made)[0]

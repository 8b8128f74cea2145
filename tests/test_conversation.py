"""A conversation, what a browser keeps of it, its exports: no source is lost, and what comes back is not trusted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from gradio.utils import deep_hash
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from lxml import html as lxml_html

from ingest.errors import DatelineError, QuestionError
from ingest.library import Library
from ingest.records import Article
from qa.assistant import Assistant
from qa.records import Answer, Citation
from ui import export
from ui.conversation import MOST_TURNS, Filters, Turn, new
from ui.stored import MOST_TITLE, restored, stored

ASKED = "2026-11-25T10:00:00+00:00"
QUESTIONS = ["Who opened the fish market number 1?", "Where is Mars?", "How much did the ice rink number 3 cost?"]
HOSTILE = (
    "</style><script>alert(1)</script> [2] ![x](javascript:alert(1)) <img src=x onerror=alert(1)> **b** \u202ednab"
)


def turn(name, question="Who?", **more):
    return Turn(name, question, ASKED, Filters(), None, **more)


def citation(number=1, url="https://news.example/a", **more):
    article = Article("Before. The mayor won. After.", "A title", url, "Morning Echo", ("Ana Ruiz",), **more)
    return Citation(number, article, 8, 22, "The mayor won.")


def answered(text, *citations, **more):
    return Answer("Who?", text, more.pop("abstained", False), 0.9, citations, **more)


@pytest.fixture
def library(small):
    with Library.open(small) as opened:
        yield opened


@pytest.fixture
def conversation(library):
    """Three questions, of which the library answers the first and the last."""
    talked, assistant = new(), Assistant(library)
    for number, question in enumerate(QUESTIONS):
        answer = replace(assistant.answer(question, history=talked.history()), models={})
        talked = talked.with_turn(replace(turn(f"t{number}", question), answer=answer, follow_ups=("Why?",)))
    assert [one.answer.abstained for one in talked.turns] == [False, True, False]
    return talked


def kept(conversation):
    """What comes back from a browser, which keeps it as JSON."""
    return json.loads(json.dumps(stored(conversation)))


# --- turns ---


def test_the_first_question_names_the_conversation_and_makes_it_one():
    talked = new().with_turn(turn("a", "Who\n won?")).with_turn(turn("b", "When?"))
    assert talked.title == "Who won?"
    assert talked.conversation_id and talked.conversation_id != new().with_turn(turn("a")).conversation_id
    assert new().conversation_id == ""  # Gradio gives every visitor the same beginning


def test_a_turn_that_is_known_takes_its_own_place():
    talked = new().with_turn(turn("a")).with_turn(turn("b")).with_turn(turn("a", "What?"))
    assert [(one.turn_id, one.question) for one in talked.turns] == [("a", "What?"), ("b", "Who?")]


def test_editing_a_question_drops_it_and_what_followed():
    talked = new().with_turn(turn("a")).with_turn(turn("b")).with_turn(turn("c"))
    assert [one.turn_id for one in talked.until("b").turns] == ["a"]
    assert talked.until("unknown") == talked


def test_an_edited_first_question_renames_what_nobody_has_named():
    talked = new().with_turn(turn("a", "Who won?"))
    assert talked.until("a").with_turn(turn("b", "Who lost?")).title == "Who lost?"
    assert replace(talked, title="The match").until("a").with_turn(turn("b", "Who lost?")).title == "The match"


def test_a_conversation_is_cut_at_its_beginning():
    talked = new()
    for number in range(MOST_TURNS + 3):
        talked = talked.with_turn(turn(str(number)))
    assert [talked.turns[0].turn_id, len(talked.turns)] == ["3", MOST_TURNS]


def test_only_what_was_answered_is_history():
    talked = (
        new().with_turn(turn("a", error="busy")).with_turn(replace(turn("b"), answer=answered("Ana [1]", citation())))
    )
    assert talked.history() == [("Who?", "Ana [1]")]


def test_gradio_sees_every_change_of_a_conversation():
    """It compares hashes, and an answer, which holds dicts, has none."""
    first = new().with_turn(turn("a"))
    done = first.with_turn(replace(turn("a"), answer=answered("Ana [1]", citation())))
    voted = done.with_turn(replace(done.turns[0], feedback="up"))
    offered = voted.with_turn(replace(voted.turns[0], follow_ups=("When?",)))
    named = replace(offered, title="Ana")
    assert len({deep_hash(one) for one in (new(), first, done, voted, offered, named)}) == 6
    assert deep_hash(done) == deep_hash(replace(done))


# --- filters ---


@pytest.mark.parametrize("day", ["2025-02-30", "yesterday", "2025-13-01", "20250101"])
@pytest.mark.parametrize("field", ["after", "before", "as_of"])
def test_a_day_that_the_calendar_does_not_have_is_said(day, field):
    with pytest.raises(QuestionError, match=day):
        Filters(**{field: day}).arguments()


def test_a_range_that_ends_before_it_begins_is_said():
    with pytest.raises(QuestionError, match="from 2025-02-02 to 2025-02-01"):
        Filters(after="2025-02-02", before="2025-02-01").arguments()
    assert Filters(after="2025-02-02", before="2025-02-02").arguments()["published_before"].day == 2


def test_no_filter_is_no_condition():
    assert set(Filters(after=" ").arguments().values()) == {None}


def test_filters_are_what_the_assistant_takes(library):
    filters = Filters("2024-01-03", "2024-01-05", "2024-06-01", ("Morning Echo",), "en")
    answer = Assistant(library).answer("Who opened the ice rink number 3?", **filters.arguments())
    assert {scored.article.url for scored in answer.passages} == {"https://news.example/3"}


# --- kept and brought back ---


def test_what_a_browser_keeps_comes_back_the_same(conversation, library):
    back = restored(kept(conversation), library)
    assert back == conversation
    cited = [citation for one in back.turns for citation in one.answer.citations]
    assert cited and all(c.article.text[c.start : c.end] == c.quote for c in cited)


def test_no_browser_keeps_the_names_of_the_models_since_one_may_be_a_folder_of_the_server():
    answer = answered("Ana [1]", citation(), models={"embedding": "/home/ana/models/mine"})
    assert "/home/ana" not in json.dumps(kept(new().with_turn(replace(turn("a"), answer=answer))))


def test_a_conversation_is_small_where_it_is_kept(conversation):
    sizes = [len(json.dumps(one)) for one in kept(conversation)["turns"]]
    assert max(sizes) < 12_000


def test_a_citation_outlives_its_article_and_says_so(conversation, library):
    value = kept(conversation)
    cited = conversation.turns[0].answer.citations[0]
    library.forget(cited.article.article_id)
    back = restored(value, library)
    again = back.turns[0].answer.citations[0]
    assert (again.quote, again.article.text[again.start : again.end]) == (cited.quote, cited.quote)
    assert again.article.article_id == cited.article.article_id and back.turns[0].gone == {cited.article.article_id}
    shown = ("title", "source", "url", "published", "language")
    assert [getattr(again.article, name) for name in shown] == [getattr(cited.article, name) for name in shown]
    assert restored(kept(back), library).turns[0].answer.citations[0] == again


def test_a_quote_that_has_moved_is_found_where_it_is_now(conversation, library):
    value = kept(conversation)
    for one in value["turns"][0]["answer"]["citations"]:
        one["start"] += 3
    assert restored(value, library) == conversation


def test_what_cites_one_article_points_into_one_text(conversation, library):
    """Else a mark would stand at the place of another text."""
    value = kept(conversation)
    (cited, *_) = value["turns"][0]["answer"]["citations"]
    other = {**cited, "number": 9, "quote": "What the article never said.", "start": 0}
    value["turns"][0]["answer"]["citations"] = [cited, other]
    one, two = restored(value, library).turns[0].answer.citations
    assert one.article is two.article
    assert [one.article.text[c.start : c.end] for c in (one, two)] == [cited["quote"], other["quote"]]


def test_closest_passages_come_back_with_an_abstention(conversation, library):
    value = kept(conversation)
    passages = conversation.turns[1].answer.passages
    library.forget(passages[0].article.article_id)
    back = restored(value, library).turns[1]
    assert [scored.passage.text for scored in back.answer.passages] == [scored.passage.text for scored in passages]
    assert passages[0].article.article_id in back.gone


@pytest.mark.parametrize("value", [None, 7, "talk", [], {}, {"turns": []}, {"id": "../x"}, {"id": ["a"]}])
def test_what_is_no_conversation_is_told(value, library):
    with pytest.raises(DatelineError, match="cannot be read"):
        restored(value, library)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd", " "]
)
def test_an_address_that_a_browser_must_not_follow_is_dropped(conversation, library, url):
    value = kept(conversation)
    for one in value["turns"]:
        for source in [*one["answer"]["citations"], *one["answer"]["passages"]]:
            source |= {"article_id": "0" * 16, "url": url, "quote": source.get("quote") or "x"}
    articles = [
        s.article for one in restored(value, library).turns for s in (*one.answer.citations, *one.answer.passages)
    ]
    assert articles and not any(article.url for article in articles)


def test_a_conversation_without_end_is_cut(library):
    long = "x" * 10**6
    source = {"number": 1, "article_id": "0" * 16, "quote": long, "title": long, "url": "https://a.example/" + long}
    answer = {"text": long, "citations": [source | {"number": n} for n in range(1, 200)], "unsupported": [long] * 200}
    asked = {"question": long, "answer": answer, "comment": long, "follow_ups": [long] * 99, "filters": {"after": long}}
    value = {"id": "a", "title": long, "turns": [asked | {"id": str(n)} for n in range(3)]}
    assert len(json.dumps(stored(restored(value, library)))) < 3 * 3_000_000
    assert len(restored(value, library).title) == MOST_TITLE
    many = {"id": "a", "turns": [{"id": str(n), "question": "x"} for n in range(MOST_TURNS + 50)]}
    assert len(restored(many, library).turns) == MOST_TURNS


@pytest.mark.parametrize("number", [10**400, -(10**400), float("nan"), float("inf"), True, "1", None, 2.5])
def test_a_number_out_of_bounds_is_brought_into_them(library, number):
    source = {"number": 1, "article_id": "0" * 16, "quote": "Said.", "start": number, "key": number, "score": number}
    answer = {"text": "x", "confidence": number, "citations": [source], "passages": [source], "timings": {"a": number}}
    back = restored({"id": "a", "turns": [{"id": "t", "question": "x", "answer": answer}]}, library).turns[0].answer
    assert 0 <= back.confidence <= 1 and back.citations[0].quote == back.passages[0].passage.text == "Said."


KEYS = list(
    "id title turns question asked filters answer error feedback comment follow_ups text short abstained confidence "
    "unsupported timings models citations passages number start end quote article_id source url published authors "
    "language also_in key rank score similarity after before as_of sources".split()
)
SCALARS = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(),
    some.text(max_size=20),
    some.sampled_from(["0" * 16, "t0", "https://a.example", "javascript:alert(1)", "2025-01-01", "\ud800", 10**400]),
)
JSON = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.sampled_from(KEYS), inner, max_size=12),
    max_leaves=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    turns=some.lists(some.fixed_dictionaries({"id": some.just("t"), "question": some.text(min_size=1), "answer": JSON}))
)
def test_whatever_a_browser_sends_can_be_shown_and_kept_again(library, turns):
    back = restored({"id": "a", "title": "b", "turns": turns}, library)
    assert restored(kept(back), library) == back
    for one in back.turns:
        for c in one.answer.citations if one.answer else ():
            assert c.quote and c.article.text[c.start : c.end] == c.quote
    assert not links(export.html(back)) - {"https://a.example"}


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=some.data())
def test_a_conversation_that_was_changed_anywhere_is_read_or_told(conversation, library, data):
    value = kept(conversation)
    spot, key = value, "turns"
    while isinstance(spot[key], dict | list) and spot[key] and data.draw(some.booleans()):
        spot = spot[key]
        key = data.draw(some.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
    spot[key] = data.draw(JSON)
    back = restored(value, library)
    assert restored(kept(back), library) == back
    for one in back.turns:
        for c in one.answer.citations if one.answer else ():
            assert c.article.text[c.start : c.end] == c.quote


# --- exports ---


def links(page):
    """Every address in a page, without its fragment, but those within the page."""
    document = lxml_html.fromstring(page)
    return {address.partition("#")[0] for _, _, address, _ in document.iterlinks() if not address.startswith("#")}


def footnotes(text):
    """The footnotes of a Markdown text by number, and the numbers that the text refers to."""
    found = dict(re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.MULTILINE))
    return found, set(re.findall(r"\[\^(\d+)\](?!:)", text))


def test_no_export_loses_a_source(conversation):
    """aichat #1218: answers were exported without what backs them."""
    sources = [c for one in conversation.turns for c in one.answer.citations]
    found, referred = footnotes(export.markdown(conversation))
    assert list(found) == [str(n) for n in range(1, len(sources) + 1)] and set(found) == referred
    page = lxml_html.fromstring(export.html(conversation))
    for number, source in enumerate(sources, 1):
        note = found[str(number)]
        assert f"“{source.quote}”" in note and source.article.title in note and source.article.source in note
        assert source.article.published.date().isoformat() in note and f"<{source.article.url}#:~:text=" in note
        item = page.get_element_by_id(f"note-{number}")
        assert item.findtext("blockquote") == source.quote and source.article.title in item.text_content()
        assert source.article.source in item.text_content()
        assert source.article.published.date().isoformat() in item.text_content()
        assert item.xpath(".//a/@href")[0].startswith(f"{source.article.url}#:~:text=")
        assert page.xpath(f"//sup/a[@href='#note-{number}']")


def test_an_abstention_is_exported_with_its_closest_passages(conversation):
    passage = conversation.turns[1].answer.passages[0]
    for kind in export.KINDS:
        text = export.exported(conversation, kind).text
        assert "Not in these articles" in text and passage.article.title in text and passage.article.url in text


def test_marks_are_numbered_through_the_conversation():
    talked = new()
    for name in "abc":
        answer = answered("One [2] and two [1].", citation(1), citation(2))
        talked = talked.with_turn(replace(turn(name), answer=answer))
    text = export.markdown(talked)
    assert re.findall(r"One \[\^(\d)\] and two \[\^(\d)\]", text) == [("2", "1"), ("4", "3"), ("6", "5")]
    marks = lxml_html.fromstring(export.html(talked)).xpath("//sup/a/@href")
    assert marks == ["#note-2", "#note-1", "#note-4", "#note-3", "#note-6", "#note-5"]


def test_a_source_that_no_mark_names_is_exported_all_the_same():
    talked = new().with_turn(replace(turn("a"), answer=answered("Ana, they say.", citation())))
    found, referred = footnotes(export.markdown(talked))
    assert referred == set(found) == {"1"}
    assert "The mayor won." in export.html(talked)


def test_a_sentence_without_support_is_marked_in_every_export():
    answer = answered("Ana won [1]. She sings.", citation(), unsupported=("She sings.",))
    talked = new().with_turn(replace(turn("a"), answer=answer))
    assert "She sings. (no source)" in export.markdown(talked)
    assert lxml_html.fromstring(export.html(talked)).xpath("string(//*[@class='nosource'])") == "(no source)"


def test_errors_and_stopped_answers_are_exported_as_what_they_are():
    talked = new().with_turn(turn("a", error="The library is *busy*.")).with_turn(turn("b"))
    assert "**No answer**: The library is \\*busy\\*." in export.markdown(talked)
    assert "The library is *busy*." in export.html(talked)
    assert all("stopped before it was finished" in export.exported(talked, kind).text for kind in export.KINDS)


def test_copies_in_other_outlets_and_articles_that_are_gone_are_named():
    copy = Article("x", "Same", "https://b.example/1", "Harbour Post")
    answer = answered("Ana [1]", replace(citation(), also_in=(copy,)))
    one = replace(turn("a"), answer=answer, gone=frozenset([answer.citations[0].article.article_id]))
    for kind in export.KINDS:
        text = export.exported(new().with_turn(one), kind).text
        assert "Harbour Post" in text and "no longer in the library" in text


def test_when_and_where_was_asked_is_said():
    filters = Filters(after="2025-01-01", sources=("Morning Echo",), language="fr")
    talked = new().with_turn(replace(turn("a"), filters=filters, answer=answered("Ana [1]", citation())))
    for kind in export.KINDS:
        text = export.exported(talked, kind).text.replace("\\", "")
        assert "Asked on 2026-11-25" in text and "from 2025-01-01, in French, Morning Echo" in text


@pytest.fixture
def hostile():
    """A conversation in which every text tries to be more than text."""
    article = Article(HOSTILE, HOSTILE, "javascript:alert(1)", HOSTILE, (HOSTILE,), language='"><b>')
    copy = Article("x", HOSTILE, "data:text/html,x", HOSTILE + "2")
    answer = answered(f"{HOSTILE} [1]", Citation(1, article, 0, len(HOSTILE), HOSTILE, (copy,)))
    one = Turn("a", HOSTILE, '"><script>', Filters(after=HOSTILE, sources=(HOSTILE,), language=HOSTILE), answer)
    return new().with_turn(one).with_turn(turn("b", HOSTILE, error=HOSTILE))


def test_an_exported_page_runs_nothing_and_loads_nothing(hostile, conversation):
    for talked in (hostile, conversation):
        text = export.html(talked)
        page = lxml_html.fromstring(text)
        assert not page.xpath(
            "//script | //img | //iframe | //link | //object | //form | //base | //@onerror | //main//b//b"
        )
        assert "url(" not in text and "@import" not in text and "http-equiv" in text
        assert all(address.startswith("https://news.example/") for address in links(text))
    text = export.html(hostile)
    assert "<script>alert(1)</script>" in lxml_html.fromstring(text).xpath("string(.)")
    assert "\u202e" not in text


def test_hostile_text_is_text_in_markdown(hostile):
    text = export.markdown(hostile)
    assert "\\<script\\>alert(1)\\</script\\>" in text
    assert not re.search(r"(?<!\\)<(?!https?:)|(?<!\\)!\[[^\\]*\]\(|(?<!\\)\]\(", text)
    assert "\u202e" not in text
    found, referred = footnotes(text)
    assert list(found) == ["1"] and referred == {"1"}  # a "[2]" of the article's is no mark


def test_a_page_is_in_the_language_of_who_exports():
    talked = new().with_turn(replace(turn("a"), answer=answered("Ana [1]", citation(language="en"))))
    page = lxml_html.fromstring(export.html(talked, "es"))
    assert page.get("lang") == "es" and "Fuentes" in page.text_content()
    assert page.xpath("//blockquote/@lang") == ["en"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("¿Quién ganó?", "dateline-quien-gano"),
        ("../../etc/passwd", "dateline-etc-passwd"),
        ("CON", "dateline-con"),
        ("日本", "dateline-conversation"),
        ("x" * 300, "dateline-" + "x" * 60),
        ('a"; rm -rf\r\nB', "dateline-a-rm-rf-b"),
    ],
)
def test_a_file_is_named_after_its_conversation_safely(title, name):
    talked = replace(new().with_turn(turn("a")), title=title)
    assert [export.exported(talked, kind).name for kind in export.KINDS] == [f"{name}.md", f"{name}.html"]


def test_published_days_come_back_as_they_were(conversation, library):
    value = kept(conversation)
    cited = value["turns"][0]["answer"]["citations"][0]
    cited |= {"article_id": "f" * 16, "published": "2025-03-04T12:30:00-05:00"}
    article = restored(value, library).turns[0].answer.citations[0].article
    assert article.published == datetime(2025, 3, 4, 17, 30, tzinfo=UTC)

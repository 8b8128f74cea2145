"""What people see of an answer: the chat's HTML, the terminal's text and Markdown, none of which articles can bend."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ingest.records import Article, Passage
from qa.markdown import one_line, spans, to_markdown, web_address, without_controls
from qa.records import Answer, Citation, ScoredPassage
from ui import render
from ui.terminal import answer_text

QUOTE = "The ferry carried 1,200 people."
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) **b** \x1b[31mred\u202e"
ARTICLE = Article(
    text=f"It rained. {QUOTE} {HOSTILE}",
    title="Ferry <b>stops</b>",
    url="https://news.example/ferry?a=1&b=2",
    source="Harbour & Sons",
    authors=("Ana Ruiz",),
    published=datetime(2025, 3, 4, tzinfo=UTC),
    language="en",
)
COPY = Article(text=QUOTE, title="Copy", url="javascript:alert(1)", source="Island Post")


def cited(text: str = "About 1,200.[1]", *, also_in: tuple[Article, ...] = (COPY,), **fields) -> Answer:
    start = ARTICLE.text.index(QUOTE)
    citation = Citation(1, ARTICLE, start, start + len(QUOTE), QUOTE, also_in)
    return Answer("How many?", text, abstained=False, confidence=0.9, citations=(citation,), **fields)


def abstained() -> Answer:
    passages = tuple(
        ScoredPassage(Passage(n, ARTICLE.article_id, 0, 10, ARTICLE.text[:10]), ARTICLE, 1.0, n + 1) for n in range(5)
    )
    return Answer("Who?", "The library does not say.", abstained=True, confidence=0.1, passages=passages)


class Page(HTMLParser):
    """The tags, attributes and text that a browser would see."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


# --- the chat page ---


def test_the_cited_sentence_is_marked_in_its_article():
    panel = render.sources_html(cited())
    assert 'It rained. <span class="dl-number"' in panel
    assert f"<mark>{QUOTE}</mark>" in panel


def test_a_card_names_title_outlet_date_authors_and_copies():
    text = Page(render.sources_html(cited())).text
    for part in ("Ferry <b>stops</b>", "Harbour & Sons", "2025-03-04", "Ana Ruiz", "Also in: Island Post"):
        assert part in text


@pytest.mark.parametrize(
    "shown",
    [
        render.sources_html(cited()),
        render.sources_html(abstained()),
        render.answer_html(cited(f"{HOSTILE} [1]")),
        render.answer_html(cited(f"{HOSTILE} [1]", unsupported=(HOSTILE,))),
        render.writing_html(HOSTILE),
        render.question_html(HOSTILE),
        render.error_html(HOSTILE),
        render.header_html(1, {HOSTILE: 1}, None),
    ],
)
def test_nothing_in_an_article_or_answer_becomes_markup(shown):
    page = Page(shown)
    assert {tag for tag, _ in page.tags} <= {
        "div",
        "span",
        "b",
        "a",
        "article",
        "header",
        "h1",
        "h2",
        "h3",
        "p",
        "mark",
    }
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert all(link is None or re.match(r"https?://|#source-\d+$", link) for link in page.links())
    assert "\x1b" not in shown and "\u202e" not in shown


def test_a_link_to_the_original_does_not_hand_over_the_page():
    links = [attributes for tag, attributes in Page(render.sources_html(cited())).tags if tag == "a"]
    assert links == [
        {"href": "https://news.example/ferry?a=1&b=2", "target": "_blank", "rel": "noopener noreferrer"},
    ]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "", "http://["]
)
def test_only_web_addresses_are_linked(url):
    assert web_address(url) == ""


def test_a_web_address_cannot_leave_its_attribute_or_its_brackets():
    assert web_address('https://a.example/"><b>\n') == "https://a.example/%22%3E%3Cb%3E"


def test_a_mark_links_to_its_source_and_a_mark_without_citation_does_not():
    page = Page(render.answer_html(cited("Yes.[1] No.[7]")))
    assert page.links() == ["#source-1"]
    assert 'id="source-1"' in render.sources_html(cited())


def test_a_sentence_without_support_is_flagged():
    shown = render.answer_html(cited("Backed.[1] Made up.", unsupported=("Made up.",)))
    assert '<span class="dl-unsupported">Made up. <b>no source</b></span>' in shown
    assert "Only partly supported" in shown


def test_an_unsupported_sentence_that_is_not_in_the_text_is_still_shown_and_flagged():
    assert spans(cited("Backed.[1]", unsupported=("Elsewhere.",)))[-1].supported is False


def test_two_quotes_of_one_article_share_a_card():
    first, second = ARTICLE.text.index("It rained."), ARTICLE.text.index(QUOTE)
    citations = (
        Citation(1, ARTICLE, second, second + len(QUOTE), QUOTE),
        Citation(2, ARTICLE, first, first + 10, "It rained."),
    )
    panel = render.sources_html(replace(cited("A[1] b[2]"), citations=citations))
    assert panel.count("<article") == 1
    assert panel.index("<mark>It rained.</mark>") < panel.index(f"<mark>{QUOTE}</mark>")


def test_overlapping_highlights_keep_every_character_once():
    marked = render.marked_html("abcdef", [render.Highlight(0, 4), render.Highlight(2, 5)])
    assert marked == "<mark>abcd</mark><mark>e</mark>f"


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=5))
def test_marking_never_changes_what_is_read(text, pairs):
    highlights = [render.Highlight(min(p), min(max(p), len(text))) for p in pairs if min(p) <= len(text)]
    assert html.unescape(re.sub(r"</?mark>", "", render.marked_html(text, highlights))) == without_controls(text)


def test_a_long_article_is_cut_around_the_quote():
    text = "a" * 50_000 + "QUOTE" + "b" * 50_000
    marked = render.marked_html(text, [render.Highlight(50_000, 50_005)])
    assert marked.startswith("… a") and marked.endswith("b …") and "<mark>QUOTE</mark>" in marked
    assert len(marked) < 41_000


def test_an_abstention_looks_different_and_offers_the_closest_passages():
    assert "dl-abstained" in render.answer_html(abstained())
    assert "dl-abstained" not in render.answer_html(cited())
    panel = render.sources_html(abstained())
    assert "Closest passages" in panel and panel.count("<article") == render.CLOSEST


def test_confidence_is_told_in_words_that_fall_with_it():
    assert len({render.confidence_words(c) for c in (0.95, 0.6, 0.2)}) == 3


def test_the_header_says_how_many_articles_from_whom_until_when():
    outlets = {"Harbour Gazette": 7, "Island Post": 5}
    text = Page(render.header_html(12, outlets, datetime(2025, 3, 4, 15, 30, tzinfo=UTC))).text
    assert "12 articles from Harbour Gazette and Island Post, until 2025-03-04" in text


def test_the_header_of_an_empty_library_says_what_to_do():
    assert "dateline ingest" in render.header_html(0, {}, None)


def test_the_header_tells_what_is_wrong_with_an_index():
    assert "the word index is being rebuilt" in render.header_html(1, {}, None, ["the word index is being rebuilt"])


def test_many_outlets_are_counted_instead_of_listed():
    assert "and 7 more outlets" in render.header_html(10, {f"Outlet {n}": 1 for n in range(10)}, None)


# --- the terminal ---


def test_the_terminal_shows_the_answer_then_its_numbered_source():
    shown = answer_text(cited(), width=80)
    assert shown.splitlines()[0] == "About 1,200.[1]"
    assert "[1] Ferry <b>stops</b>, Harbour & Sons, 2025-03-04" in shown
    assert ARTICLE.url in shown and f"“{QUOTE}”" in shown


def test_the_terminal_gets_no_control_characters_and_no_rich_markup_is_read():
    shown = answer_text(cited("[bold]x[/bold] \x1b]0;title\x07\r\x9b31m [1]"), width=80)
    assert "[bold]x[/bold]" in shown
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\r"}


def test_the_terminal_wraps_to_its_width():
    shown = answer_text(cited("word " * 60 + "[1]", also_in=()), width=40)
    assert max(len(line) for line in shown.splitlines()) <= 40


def test_the_terminal_offers_the_closest_passages_of_an_abstention():
    shown = answer_text(abstained(), width=80)
    assert shown.startswith("The library does not say.") and shown.count("Ferry") == 3


def test_the_terminal_flags_what_has_no_source():
    assert "Made up. (no source)" in answer_text(cited("So.[1] Made up.", unsupported=("Made up.",)), width=80)


# --- Markdown ---

COMMONMARK = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SPECIAL = st.text(alphabet='ab1 \n\t[]()<>*_`#-+=:.|!&~\\/"$^@;wht')


def test_markdown_is_the_answer_then_a_footnote_for_each_citation():
    plain = replace(ARTICLE, title="Ferry stops", source="Harbour Gazette")
    answer = replace(cited(), citations=(replace(cited().citations[0], article=plain),))
    assert to_markdown(answer) == (
        "About 1,200.[1]\n\n"
        f"[1] “{QUOTE}” - Ferry stops, Harbour Gazette, 2025-03-04, <https://news.example/ferry?a=1&b=2>\n"
    )


@given(SPECIAL, SPECIAL)
def test_markdown_shows_any_text_as_it_is_written(text, quote):
    article = Article(quote, title=quote, source=quote, url="javascript:alert(1)")
    answer = Answer("?", text, False, 1.0, (Citation(1, article, 0, len(quote), quote),))
    shown = COMMONMARK.render(to_markdown(answer))
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<p>", "</p>"}
    assert " ".join(html.unescape(re.sub(r"<[^>]*>", " ", shown)).split()).startswith(one_line(text))


def test_markdown_links_no_address_that_only_looks_like_one():
    shown = to_markdown(cited("See https://evil.example, www.evil.example, a@evil.example [1](javascript:x) [1]: y"))
    body = shown.splitlines()[0]
    assert "https://" not in body and "www." not in body and "](" not in body and "]:" not in body
    assert "a\\@evil" in body


def test_markdown_flags_what_has_no_source_and_lists_the_closest_passages():
    assert "Made up. (no source)" in to_markdown(cited("So.[1] Made up.", unsupported=("Made up.",)))
    assert to_markdown(abstained()).count("\n- “It rained.”") == 3

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
from ui.strings import words
from ui.terminal import answer_text

SAY = words("en")

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
    fields = {"question": "How many?", **fields}
    return Answer(text=text, abstained=False, confidence=0.9, citations=(citation,), **fields)


def abstained() -> Answer:
    articles = [replace(ARTICLE, url=f"{ARTICLE.url}&n={n}") for n in range(5)]
    passages = tuple(
        ScoredPassage(Passage(n, article.article_id, 0, 10, article.text[:10]), article, 1.0, n + 1)
        for n, article in enumerate(articles)
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


# --- the answer in the chat ---


def text_of(markup: str) -> str:
    return " ".join(Page(markup).text.split())


def test_a_mark_leads_to_its_own_turn_and_a_mark_without_citation_to_nothing():
    page = Page(render.answer_html("t7", cited("Yes.[1] No.[7]"), SAY))
    assert set(page.links()) == {"#source-t7-1"}
    assert 'id="source-t7-1"' in render.sources_html("t7", cited(), SAY)
    assert "[7]" in page.text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It stopped [", "It stopped "),
        ("It stopped [1", "It stopped "),
        ("It stopped [1, ", "It stopped "),
        ("It stopped [1]", "It stopped 1"),
        ("It stopped [3]. It sailed [1", "It stopped 1. It sailed "),
        ("It stopped [3]. It sailed [1][3].", "It stopped 1. It sailed 21."),
        ("It [sic] stopped in [2024]", "It [sic] stopped in [2024]"),
    ],
)
def test_half_a_mark_is_never_shown_and_marks_are_numbered_as_they_come(written, shown):
    assert Page(render.writing_html(written, SAY)).text == shown


def test_the_short_answer_stands_out_from_the_sentence_that_it_is_taken_from():
    shown = render.answer_html("t", cited("1,200 [1]\n\nThe ferry carried 1,200 people. [1]", short="1,200"), SAY)
    assert re.search(r'<p class="dl-short">1,200 <a[^>]*>.*?</a></p>The ferry', shown)


def test_outlet_day_and_copies_stand_under_the_answer():
    assert "1Harbour & Sons · 2025-03-04 · also in Island Post" in text_of(render.answer_html("t", cited(), SAY))


def test_many_copies_are_counted_and_the_outlet_itself_is_none():
    copies = tuple(Article("x", url=f"https://{n}.example", source=f"Post {n}") for n in range(5))
    shown = text_of(render.answer_html("t", cited(also_in=(replace(ARTICLE, url=""), *copies)), SAY))
    assert "also in Post 0, Post 1, Post 2, +2" in shown and "also in Harbour" not in shown


def test_an_article_without_outlet_and_day_is_named_by_its_title():
    bare = replace(ARTICLE, source="", published=None)
    answer = replace(cited(also_in=()), citations=(replace(cited(also_in=()).citations[0], article=bare),))
    assert "1Ferry <b>stops</b> · undated" in text_of(render.answer_html("t", answer, SAY))


def test_a_cited_article_that_is_gone_is_said_to_be():
    gone = {ARTICLE.article_id}
    assert "no longer in the library" in text_of(render.answer_html("t", cited(), SAY, gone=gone))
    assert "no longer in the library" in text_of(render.sources_html("t", cited(), SAY, gone=gone))
    assert "no longer" not in render.answer_html("t", cited(), SAY) + render.sources_html("t", cited(), SAY)


def test_a_sentence_without_support_is_flagged():
    shown = render.answer_html("t", cited("Backed.[1] Made up.", unsupported=("Made up.",)), SAY)
    assert '<span class="dl-unsupported">Made up. <b>no source</b></span>' in shown
    assert "Only partly supported" in shown


def test_an_unsupported_sentence_that_is_not_in_the_text_is_still_shown_and_flagged():
    assert spans(cited("Backed.[1]", unsupported=("Elsewhere.",)))[-1].supported is False


def test_confidence_is_told_in_words_that_fall_with_it():
    assert len({render.confidence_words(c, SAY) for c in (0.95, 0.6, 0.2)}) == 3
    assert [render.confidence_level(c) for c in (0.95, 0.6, 0.2)] == [3, 2, 1]


def test_an_abstention_looks_different_and_offers_the_closest_articles():
    shown = render.answer_html("t", abstained(), SAY)
    assert "dl-abstained" in shown and "dl-confidence" not in shown
    assert "dl-abstained" not in render.answer_html("t", cited(), SAY)
    assert Page(shown).links() == ["#source-t-1", "#source-t-2", "#source-t-3"]
    panel = render.sources_html("t", abstained(), SAY)
    assert "Closest passages" in panel and panel.count("<details") == render.CLOSEST
    assert all(f'<mark id="source-t-{n}">' in panel for n in (1, 2, 3))


def test_two_close_passages_of_one_article_are_offered_once():
    one = abstained().passages[0]
    twice = replace(abstained(), passages=(one, replace(one, rank=2)))
    assert render.sources_html("t", twice, SAY).count("<details") == 1


def test_an_abstention_with_filters_says_where_it_looked():
    shown = text_of(render.answer_html("t", abstained(), SAY, searched=["from 2025-01-01", "Island Post"]))
    assert "Only searched: from 2025-01-01; Island Post." in shown and "Widen or clear the filters" in shown


def test_the_page_speaks_spanish():
    spanish = words("es")
    shown = text_of(render.answer_html("t", cited(), spanish) + render.sources_html("t", cited(), spanish))
    for part in ("Bien respaldada", "también en Island Post", "Fuentes", "de «How many?»", "Abrir el original"):
        assert part in shown


# --- the panel of sources ---


def test_the_cited_sentence_is_marked_in_its_article():
    panel = render.sources_html("t", cited(), SAY)
    assert f'It rained. <span class="dl-number" id="source-t-1">1</span><mark>{QUOTE}</mark>' in panel


def test_a_card_names_title_outlet_date_authors_and_copies():
    text = text_of(render.sources_html("t", cited(), SAY))
    for part in ("Ferry <b>stops</b>", "Harbour & Sons", "2025-03-04", "Ana Ruiz", "Also in: Island Post (undated)"):
        assert part in text


@pytest.mark.parametrize(
    "shown",
    [
        render.sources_html(HOSTILE, cited(question=HOSTILE), SAY),
        render.sources_html("t", abstained(), SAY),
        render.answer_html(HOSTILE, cited(f"{HOSTILE} [1]"), SAY, searched=[HOSTILE]),
        render.answer_html("t", cited(f"{HOSTILE} [1]", unsupported=(HOSTILE,)), SAY),
        render.answer_html("t", cited(f"{HOSTILE} [1]\n\n{HOSTILE}", short=HOSTILE), SAY),
        render.answer_html("t", abstained(), SAY),
        render.writing_html(HOSTILE, SAY),
        render.question_html(HOSTILE),
        render.error_html(HOSTILE, SAY),
        render.announced_html(HOSTILE),
        render.header_html([HOSTILE]),
        render.welcome_html(1, {HOSTILE: 1}, None, SAY),
    ],
)
def test_nothing_in_an_article_or_answer_becomes_markup(shown):
    page = Page(shown)
    ours = "div span b a ul li header h1 h2 h3 p mark time details summary"
    assert {tag for tag, _ in page.tags} <= set(ours.split())
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert all(link is None or re.match(r"https?://|#(source-.*-\d+|conversation)$", link) for link in page.links())
    assert "\x1b" not in shown and "\u202e" not in shown


def test_a_link_to_the_original_does_not_hand_over_the_page():
    links = [attributes for tag, attributes in Page(render.sources_html("t", cited(), SAY)).tags if tag == "a"]
    outward = [link for link in links if "target" in link]
    assert [link["href"].partition("#")[0] for link in outward] == ["https://news.example/ferry?a=1&b=2"]
    assert outward[0]["target"] == "_blank" and outward[0]["rel"] == "noopener noreferrer"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "", "http://["]
)
def test_only_web_addresses_are_linked(url):
    assert web_address(url) == render.sentence_address(url, ["x"]) == ""


def test_a_web_address_cannot_leave_its_attribute_or_its_brackets():
    assert web_address('https://a.example/"><b>\n') == "https://a.example/%22%3E%3Cb%3E"


@pytest.mark.parametrize(
    ("quoted", "fragment"),
    [
        ("Ñandú, pingüino y acción", "%C3%91and%C3%BA%2C%20ping%C3%BCino%20y%20acci%C3%B3n"),
        ("a well-known deal, 50 & more", "a%20well%2Dknown%20deal%2C%2050%20%26%20more"),
        ("un dos tres cuatro cinco seis siete ocho nueve diez once doce trece",
         "un%20dos%20tres%20cuatro%20cinco,nueve%20diez%20once%20doce%20trece"),
        ("First paragraph.\n\nSecond one.", "First%20paragraph%2E,Second%20one%2E"),
    ],
)  # fmt: skip
def test_the_original_opens_at_the_sentence(quoted, fragment):
    assert render.sentence_address("https://n.example/a?b=1", [quoted]) == f"https://n.example/a?b=1#:~:text={fragment}"


def test_the_original_opens_at_every_sentence_and_keeps_its_own_place():
    address = render.sentence_address("https://n.example/a#live", ["One.", "Two."])
    assert address == "https://n.example/a#live:~:text=One%2E&text=Two%2E"
    assert render.sentence_address("https://n.example/a", ["  "]) == "https://n.example/a"


def test_two_quotes_of_one_article_share_a_card():
    first, second = ARTICLE.text.index("It rained."), ARTICLE.text.index(QUOTE)
    citations = (
        Citation(1, ARTICLE, second, second + len(QUOTE), QUOTE),
        Citation(2, ARTICLE, first, first + 10, "It rained."),
    )
    panel = render.sources_html("t", replace(cited("A[1] b[2]"), citations=citations), SAY)
    assert panel.count("<details") == 1
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


# --- what the library holds ---


def test_the_welcome_says_how_many_articles_from_whom_until_when():
    outlets = {"Harbour Gazette": 7, "Island Post": 5}
    shown = text_of(render.welcome_html(12, outlets, datetime(2025, 3, 4, 15, 30, tzinfo=UTC), SAY))
    assert "12 articles from Harbour Gazette and Island Post, until 2025-03-04" in shown


def test_the_welcome_to_an_empty_library_says_what_to_do():
    assert "dateline ingest" in render.welcome_html(0, {}, None, SAY)


def test_the_header_tells_what_is_wrong_with_an_index():
    assert "the word index is being rebuilt" in render.header_html(["the word index is being rebuilt"])


def test_many_outlets_are_counted_instead_of_listed():
    assert "and 7 more outlets" in render.welcome_html(10, {f"Outlet {n}": 1 for n in range(10)}, None, SAY)


# --- the terminal ---


def test_the_terminal_shows_the_answer_then_its_numbered_source():
    shown = answer_text(cited(), width=80)
    assert shown.splitlines()[0] == "About 1,200.[1]"
    assert "[1] Ferry <b>stops</b>, Harbour & Sons, 2025-03-04" in shown
    assert ARTICLE.url in shown and f"“{QUOTE}”" in shown


def test_the_terminal_names_the_outlets_that_carry_copies():
    copies = tuple(replace(ARTICLE, source=name) for name in ("Island Post", ARTICLE.source, "Island Post", ""))
    shown = answer_text(replace(cited(), citations=(replace(cited().citations[0], also_in=copies),)), width=120)
    assert "2025-03-04, also in Island Post\n" in shown


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
        f"[1] “{QUOTE}” - Ferry stops, Harbour Gazette, 2025-03-04, <https://news.example/ferry?a=1&b=2>; "
        "also in Island Post\n"
    )


def test_markdown_names_the_outlets_that_carry_copies():
    copies = (replace(ARTICLE, source="Island *Post*"), ARTICLE)
    shown = to_markdown(replace(cited(), citations=(replace(cited().citations[0], also_in=copies),)))
    assert shown.endswith("; also in Island \\*Post\\*\n")


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

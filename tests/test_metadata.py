"""Metadata: what the text and the address tell is filled in, what nothing tells stays unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata import complete
from ingest.records import Article

BODY = (
    "The council of Port Ellis voted on Monday to close the old harbour for two years, the mayor said. "
    "Half of the cost will be paid by the state, and the rest by the fishing companies that use the quay."
)


def published(text: str, url: str = "") -> str | None:
    moment = complete(Article(text=text, title="A title", url=url)).published
    return None if moment is None else moment.isoformat()


# --- when


@pytest.mark.parametrize(
    "line",
    [
        "June 13, 2025",
        "Jun. 13, 2025",
        "Friday, June 13th, 2025 at 4:05 p.m. EDT",
        "13 June 2025",
        "2025-06-13",
        "2025-06-13T10:20:30Z",
        "13 de junio de 2025",
        "Viernes, 13 de junio del 2025",
        "Published: June 13, 2025",
        "Published on June 13, 2025 by the newsroom",
        "Publicado el 13 de junio de 2025",
        "(June 13, 2025)",
        "By Ann Poe | June 13, 2025 | 3 min read",
        "LIMA (June 13, 2025) — Nothing moved in the port.",
        "NEW YORK, June 13, 2025 (AP) - Nothing moved in the port.",
        "CIUDAD DE MÉXICO, 13 de junio de 2025 (EFE).- Nada se movió en el puerto.",
    ],
)
def test_a_full_date_where_a_date_of_publication_stands_is_the_date(line):
    assert published(f"{line}\n\n{BODY}") == "2025-06-13T00:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "On June 8, members of the force crossed the river.",
        "On June 8, 2023, members of the force crossed the river.",
        "On June 8, 2023 - the day of the vote - they crossed the river.",
        "September 11, 2001, was a clear day.",
        "The attack of September 11, 2001 remembered",
        "June 2023",
        "June 8",
        "February 30, 2023",
        "June 8, 9999",
        "June 8, 0001",
        "Updated: June 8, 2023",
        f"{BODY}\n\n" * 6 + "June 8, 2023",
    ],
)
def test_a_date_of_the_story_or_half_a_date_or_an_impossible_one_is_not(text):
    assert published(text) is None


def test_a_day_after_tomorrow_is_as_far_ahead_as_a_date_goes():
    ahead = datetime.now(UTC) + timedelta(days=4)
    assert published(f"{ahead:%B} {ahead.day}, {ahead.year}") is None


@pytest.mark.parametrize(
    "path", ["/2023/01/05/title/", "/news/2023/1/5/title", "/world/2023/jan/05/title", "/a/2023-01-05"]
)
def test_a_date_in_the_address_is_the_date(path):
    assert published(BODY, f"https://post.example{path}") == "2023-01-05T00:00:00+00:00"


@pytest.mark.parametrize("path", ["/2023/13/05/a", "/2023/01/", "/12023/01/05/a", "/2023/01/055", "?d=/2023/01/05/"])
def test_other_numbers_in_the_address_are_not(path):
    assert published(BODY, f"https://post.example{path}") is None


# --- who, and in which language


def test_the_outlet_is_the_host_of_the_address():
    assert complete(Article(text=BODY, url="https://www.post.example/a")).source == "post.example"
    assert complete(Article(text=BODY)).source == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (BODY, "en"),
        ("El ayuntamiento votó el lunes a favor de cerrar el viejo puerto durante dos años, dijo la alcaldesa.", "es"),
        ("Der Stadtrat stimmte am Montag dafür, den alten Hafen für zwei Jahre zu schließen.", "de"),
        ("Городской совет проголосовал в понедельник за закрытие старого порта на два года.", "ru"),
        ("Ok.", ""),
        ("12 345 678 " * 20, ""),
        ("", ""),
    ],
)
def test_the_language_is_told_from_the_text_or_left_unknown(text, language):
    assert complete(Article(text=text)).language == language


# --- the title


def test_a_headline_on_the_first_line_becomes_the_title_and_leaves_the_text():
    article = complete(Article(text=f"Port Ellis closes its harbour\n\n{BODY}"))
    assert (article.title, article.text) == ("Port Ellis closes its harbour", BODY)


def test_dates_bylines_and_names_are_passed_over_on_the_way_to_the_headline():
    article = complete(
        Article(text=f"June 13, 2025\n\nBy Ann Poe\n\nPort Post\n\nPort Ellis closes its harbour\n\n{BODY}")
    )
    assert article.title == "Port Ellis closes its harbour"
    assert article.text == f"June 13, 2025\n\nBy Ann Poe\n\nPort Post\n\n{BODY}"


def test_without_a_headline_the_first_sentence_is_the_title_and_the_text_is_unchanged():
    article = complete(Article(text=BODY))
    assert article.title == BODY[: BODY.index(" Half")]
    assert article.text == BODY


def test_a_long_first_sentence_is_cut_between_words():
    text = "The council " + "and the council " * 20 + "voted."
    article = complete(Article(text=text))
    assert len(article.title) <= 120
    assert text.startswith(article.title + " ")
    assert article.text == text


def test_the_first_line_of_a_wrapped_paragraph_is_no_headline():
    text = "The council of Port Ellis voted on Monday to close the old harbour\nfor two years. It was late."
    assert (
        complete(Article(text=text)).title
        == "The council of Port Ellis voted on Monday to close the old harbour for two years."
    )


def test_an_article_of_one_line_keeps_its_text():
    article = complete(Article(text="Port Ellis closes its harbour"))
    assert (article.title, article.text) == ("Port Ellis closes its harbour", "Port Ellis closes its harbour")


# --- any input


def test_what_is_there_stays():
    article = Article(
        text=f"June 13, 2025\n\n{BODY}",
        title="Mine",
        source="Post",
        url="https://other.example/2023/01/05/",
        published=datetime(2020, 1, 2, tzinfo=UTC),
        language="es",
    )
    assert complete(article) == article


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from([*"aA1. \n,-(|)", "June", " 13, ", "2025", "de ", "\ud800"])).map("".join)
    ),
    st.one_of(st.text(), st.text().map("https://a.example/2023/01/05/".__add__)),
)
def test_no_text_or_address_makes_it_fail(text, url):
    article = complete(Article(text=text, url=url))
    assert article.title.strip() == article.title
    assert bool(article.title) == bool(text.strip())
    assert article.published is None or article.published.utcoffset() == timedelta(0)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", ["A", "A ", "A.", "JUNE 13, ", "(", "1 de ", "| ", "June 13, 2025 1", "AB, CD. "])
def test_a_megabyte_of_garbage_takes_seconds(unit):
    complete(Article(text=unit * (1_000_000 // len(unit))))

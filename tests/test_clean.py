"""Cleaning: the furniture of a scraped page goes, every sentence of the article stays."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean
from ingest.records import Article

SEED = Path(__file__).parents[2] / "shared" / "seed"

BODY = (
    "The council of Port Ellis voted on Monday to close the old harbour for two years.",
    "Mayor Ann Poe said the work would cost $3.5 million, half of it paid by the state.",
    "“Nobody will lose a berth,” she told reporters after the vote.",
)
TITLE = "Port Ellis closes its harbour for two years"


def lines(article: Article) -> list[str]:
    return [line for line in article.text.split("\n") if line]


def cleaned(*page: str, title: str = "", source: str = "", url: str = "") -> Article:
    return clean(Article(text="\n\n".join(page), title=title, source=source, url=url))


# --- the page this project began with


def test_the_seed_page_comes_out_as_title_caption_and_body():
    pages = sorted(SEED.glob("*.txt"))
    if not pages:
        pytest.skip("the seed page is not in shared/seed")
    raw = pages[0].read_text(encoding="utf-8")
    article = clean(Article(text=raw))
    assert article.title.startswith("Guatemala and the US agree") and article.title.endswith("with Mexico.")
    assert article.title not in article.text
    assert lines(article)[0].startswith("Guatemalan soldiers on the Usumacinta River. Photo:")
    assert lines(article)[1].startswith("TUXTLA GUTIÉRREZ")
    raw_lines = [line.strip() for line in raw.split("\n") if line.strip()]
    body = [line for line in raw_lines if len(line.split()) > 7 and line != article.title]
    assert [line for line in lines(article) if len(line.split()) > 7] == body
    assert any(line.startswith("Mexico and Guatemala reactivate") for line in lines(article)), "a section heading stays"
    for furniture in ("Select", "Icon", "Spain", "English", "Similar News", "All News", "Animated", "\nproceso"):
        assert furniture not in article.text


# --- furniture


@pytest.mark.parametrize(
    "line",
    [
        "Animated Arrow",
        "Animated ArrowAnimated ArrowAnimated Arrow",
        "Skip to main content",
        "Advertisement",
        "PUBLICIDAD",
        "Read more",
        "Leer más",
        "Share on Facebook Share on Twitter Copy link",
        "Compartir en WhatsApp",
        "12 comments",
        "4 min read",
        "We use cookies to make this site better. See our policy.",
        "By continuing to use this site you accept our cookies and privacy policy.",
        "Sign up for our newsletter and get the day's stories in your inbox.",
        "Suscríbete a nuestro boletín",
        "Follow us on Facebook and Instagram.",
        "Síguenos en Twitter",
        "Follow Ann Poe on Twitter: @annpoe",
        "Related: Five harbours that closed last year",
        "Lee también: Cinco puertos que cerraron",
        "Photo: Getty Images",
        "Foto: Cuartoscuro / Juan Paz",
        "* * *",
    ],
)
def test_a_line_of_furniture_goes_wherever_it_stands(line):
    for page in ([line, *BODY], [BODY[0], line, *BODY[1:]], [*BODY, line]):
        assert lines(cleaned(*page)) == list(BODY)


@pytest.mark.parametrize(
    "line",
    [
        "What the harbour means for the town",
        "Business",
        "Comments",
        "1. Ukraine",
        "What people share",
        "Read more books, doctors say.",
        "Follow the money, and Facebook appears on every page of the report.",
        "Like many others she posted her anger on Facebook that night.",
        "By using words such as cookies and consent the minister angered lawyers.",
        "Sign up for Medicare by Dec. 7, the agency said.",
        "Sign up for alerts from your county, the sheriff said.",
        "Photo: Soldiers stand on the quay at dawn",
        "“Subscribe to our newsletter,” he joked.",
        "Related costs rose by 3 percent.",
        "Photo: a word that the painter hated all her life.",
        "Soldiers on the quay at dawn. Photo: @army",
        "Copyright law will change next year, the minister said.",
    ],
)
def test_a_line_of_the_article_stays_inside_it_even_if_it_sounds_like_furniture(line):
    page = [BODY[0], line, *BODY[1:]]
    assert lines(cleaned(*page)) == page


def test_a_word_of_furniture_at_the_end_of_a_wrapped_line_stays():
    wrapped = "The company said on Monday that it would pay ten dollars a\nShare\nto every holder of its stock."
    assert wrapped in cleaned(*BODY, wrapped, BODY[0]).text
    assert cleaned(wrapped, *BODY).text.startswith(wrapped)


def test_menus_go_at_the_top_and_at_the_bottom():
    menu = ("Home", "News", "Sports", "Opinión", "Harbours", "Facebook Twitter WhatsApp", "English | Español")
    assert lines(cleaned(*menu, *BODY, *menu[:4], "Privacy Policy", "© 2024 The Port Ellis Post")) == list(BODY)


def test_share_buttons_between_headline_and_body_go_but_not_the_headline():
    page = [TITLE, "By Ann Poe", "Share", "Facebook | Twitter | Email", *BODY]
    assert lines(cleaned(*page)) == [TITLE, "By Ann Poe", *BODY]


def test_a_language_or_country_selector_goes_with_the_value_that_is_chosen():
    assert lines(cleaned("Select Language", "Klingon", "Down Icon", "Elige tu país", "Perú", *BODY)) == list(BODY)


@pytest.mark.parametrize("mark", ["Similar News", "Related articles", "Te puede interesar", "MOST READ", "Up next"])
def test_a_list_of_links_at_the_end_goes_with_its_heading(mark):
    page = [*BODY, mark, "Storm closes the north pier", "Ann Poe wins a third term", "All News"]
    assert lines(cleaned(*page)) == list(BODY)


def test_prose_below_a_list_of_links_keeps_everything_that_could_be_the_article():
    page = [BODY[0], "Related", "Storm closes the north pier", *BODY[1:]]
    assert lines(cleaned(*page)) == page


def test_the_outlet_that_signs_at_the_end_goes():
    assert lines(cleaned(*BODY, "portpost", "portpost")) == list(BODY)
    assert lines(cleaned(*BODY, "The Port Post", source="The Port Post")) == list(BODY)
    assert lines(cleaned(*BODY, "PortPost", url="https://www.portpost.example/a")) == list(BODY)
    assert lines(cleaned(*BODY, "Ann Poe")) == [*BODY, "Ann Poe"]


# --- the title


def test_a_title_three_times_becomes_the_title():
    article = cleaned("Menu", "Down Icon", TITLE, TITLE, TITLE, *BODY)
    assert article.title == TITLE
    assert lines(article) == list(BODY)


def test_a_title_that_ends_like_a_sentence_is_found_by_its_repetition():
    article = cleaned(f"{TITLE}.", f"{TITLE}.", *BODY)
    assert (article.title, lines(article)) == (f"{TITLE}.", list(BODY))


def test_the_title_of_the_source_is_kept_and_leaves_the_top_of_the_text():
    article = cleaned("Exclusive", TITLE.upper(), *BODY, title=TITLE)
    assert (article.title, lines(article)) == (TITLE, list(BODY))
    suffixed = cleaned(TITLE, *BODY, title=f"{TITLE} | The Port Post")
    assert lines(suffixed) == list(BODY)


def test_dates_and_bylines_above_the_title_stay_for_the_metadata():
    article = cleaned("June 13, 2025", "By Ann Poe", TITLE, *BODY, title=TITLE)
    assert lines(article) == ["June 13, 2025", "By Ann Poe", *BODY]


def test_a_byline_at_the_top_and_the_bottom_is_no_title():
    byline = "From our own staff and wire reports"
    assert cleaned(byline, *BODY, byline).title == ""


def test_prose_above_the_title_stays():
    page = [BODY[0], TITLE, *BODY[1:]]
    assert lines(cleaned(*page, title=TITLE)) == page
    assert lines(cleaned("It is late.", TITLE, *BODY, title=TITLE)) == ["It is late.", *BODY]


def test_a_page_without_an_article_is_left_empty():
    assert cleaned("Menu", "Down Icon", "Sign in", "Animated Arrow").text == ""
    assert clean(Article(text="")).text == ""


# --- characters


def test_spaces_line_ends_and_invisible_characters_become_plain():
    raw = "One\u00a0\u2009two \t three.  \r\nNext\u200b li\u00adne\u202e.\r\r\n\u2028\n\n\n \nCafe\u0301 \x07bar\ufeff."
    article = clean(Article(text=raw, title=" A\n\u00a0title\u200b ", authors=(" Ann\u00a0Poe ", "\u200b")))
    assert article.text == "One two three.\nNext line.\n\nCafé bar."
    assert article.title == "A title"
    assert article.authors == ("Ann Poe",)


def test_everything_else_of_the_article_is_left_as_it_is():
    article = Article(
        text=BODY[0], title=TITLE, url="https://a.example/x", source="Post", language="en", origin="f.txt", teaser=True
    )
    assert clean(article) == article


# --- any input

FURNITURE = st.sampled_from(
    [
        "Animated ArrowAnimated Arrow",
        "Down Icon",
        "Select Language",
        "Home",
        "Advertisement",
        "Subscribe",
        "Read more",
        "Facebook Twitter",
        "Related",
        "Similar News",
        "Publicidad",
        "English",
        "We use cookies on this page.",
        "proceso",
        "© 2025 Post",
        "___",
        TITLE,
    ]
)
WORDS = st.lists(st.sampled_from("harbour Read news share more Photo cookies the a Lima 7 Related".split()), min_size=5)
PROSE = WORDS.map(lambda words: "Officials said " + " ".join(words) + ".")


@given(st.lists(FURNITURE), st.lists(PROSE, min_size=1), st.lists(FURNITURE), st.sampled_from(["", TITLE]))
def test_every_prose_paragraph_survives_any_furniture_around_it(above, paragraphs, below, title):
    article = cleaned(*above, *paragraphs, *below, title=title)
    body = [line for line in paragraphs if line != article.title]  # one that stands twice at the top is the headline
    kept = [line for line in lines(article) if line.startswith("Officials said") and line != article.title]
    assert kept == body


@given(st.lists(st.one_of(FURNITURE, PROSE, st.text(), st.just("")), max_size=25), st.one_of(st.just(""), st.text()))
def test_cleaning_twice_changes_nothing(page, title):
    once = clean(Article(text="\n".join(page), title=title, url="https://www.proceso.example/x"))
    assert clean(once) == once


@given(st.text(), st.text(), st.text())
def test_any_text_comes_out_normal(text, title, url):
    article = clean(Article(text=text, title=title, url=url, authors=(title,)))
    assert article.text == unicodedata.normalize("NFC", article.text).strip()
    assert "\n\n\n" not in article.text
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in article.text if c != "\n")
    assert article.text.encode("utf-8") is not None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a ",
        "read more ",
        "Menu\n",
        "\u200b",
        "subscribe to ",
        "A b\n\n",
        "© ",
        "\n",
        "x.\nx\n",
        "share\n",
        "advertisement\n",
        "Photo: AAAA",
    ],
)
def test_garbage_is_cleaned_in_time_that_grows_with_its_length(unit):
    garbage = unit * (200_000 // len(unit))
    clean(Article(text=garbage))
    clean(Article(text=f"{BODY[0]}\n\n{garbage}\n\n{BODY[1]}"))
    clean(Article(text=f"By Ann Poe\n\n{garbage}\n\n{BODY[1]}", title=TITLE))

"""What a question asks, put together."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import QuestionError
from qa.expected import EXPECTED
from qa.question import MAX_CHARACTERS, understand

WEDNESDAY = date(2024, 6, 12)
OUTLETS = ("Harbor Ledger", "The Guardian", "El País", "Reuters", "Time", "theplainsman.com")


def ask(text, **options):
    return understand(text, **{"today": WEDNESDAY, "outlets": OUTLETS} | options)


@pytest.mark.parametrize(
    ("text", "search_text"),
    [
        ("Who resigned last week in Peru?", "Who resigned in Peru?"),
        ("Last week, who resigned?", "who resigned?"),
        ("Who won the prize of the last 12 months?", "Who won the prize?"),
        ("Which articles from June 2023 tell of Peru?", "Which articles tell of Peru?"),
        ("¿Quién renunció ayer?", "¿Quién renunció?"),
        ("Who won the World Cup in 2018?", "Who won the World Cup in 2018?"),
        ("Who won the 2018 World Cup?", "Who won the 2018 World Cup?"),
        ("How many died since March 2024?", "How many died since March 2024?"),
        ("yesterday", "yesterday"),
        ("According to Reuters, who resigned?", "who resigned?"),
        ("  who   resigned ? ", "who resigned?"),
    ],
)
def test_search_text_loses_what_became_a_filter_and_keeps_dates_that_articles_repeat(text, search_text):
    assert ask(text).search_text == search_text


def test_a_date_is_no_name_and_its_figures_are_numbers():
    question = ask("What did Portillo sign in June 2023 for 1,500 dollars after COVID-19?")
    assert question.names == ("Portillo", "COVID-19")
    assert question.numbers == ("2023", "1,500")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "?!", "-Trump", '-"border security"', '""', "+ - +", "…"])
def test_a_question_without_words_is_refused(text):
    with pytest.raises(QuestionError, match=r"no words|Type a question"):
        understand(text)


def test_a_question_of_more_than_2000_characters_is_refused():
    assert MAX_CHARACTERS == 2000
    understand("a" * 2000)
    with pytest.raises(QuestionError, match="2,001 characters"):
        understand("a" * 2001)


FRAGMENTS = st.sampled_from(
    """who ¿qué in on since before between and 2024 June 31 9999 May last week ago hace días " “ » - + -x "a" 's según
    Reuters according to the 0000-00-00 2024-02-30 ; . ? ! \ue000 \ue0010\ue001 \u0301 İ ß ١٢ the_last past 99999 years
    hours el pasado lunes on Monday""".split()
)


@given(st.one_of(st.text(max_size=300), st.lists(FRAGMENTS, max_size=25).map(" ".join)), st.dates())
def test_any_text_on_any_day_is_understood_or_refused_as_a_question(text, day):
    try:
        question = understand(text, as_of=day, outlets=OUTLETS)
    except QuestionError:
        return
    assert question.text == text.strip()
    assert question.search_text.strip()
    assert question.expects in EXPECTED
    first, last = question.published_after, question.published_before
    assert first is None or last is None or first <= last


def test_understanding_is_fast():
    def best(text):
        seconds = []
        for _ in range(20):
            start = time.perf_counter()
            ask(text)
            seconds.append(time.perf_counter() - start)
        return min(seconds)

    assert best("which Mexican states border Guatemala?") < 0.001
    assert best("¿Qué dijo Portillo entre marzo y el 5 de mayo de 2024 sobre el acuerdo?") < 0.005
    assert best("in May 2024 " * 160) < 0.5

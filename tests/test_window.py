"""Dates in a question, and the window of publication they stand for."""

from datetime import date, datetime

import pytest

from qa.question import understand

WEDNESDAY = date(2024, 6, 12)


def window(text, **options):
    """First day, last day (ISO, or None) and firmness, or None where the question has no window."""
    question = understand(text, **{"today": WEDNESDAY} | options)
    first, last = question.published_after, question.published_before
    if first is None and last is None:
        assert not question.window_is_soft
        return None
    return first and first.isoformat(), last and last.isoformat(), "soft" if question.window_is_soft else "firm"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Relative phrases: the period and a day more, at most up to the day of asking; firm.
        ("What happened yesterday?", ("2024-06-11", "2024-06-12", "firm")),
        ("What happened the day before yesterday?", ("2024-06-10", "2024-06-11", "firm")),
        ("Who resigned last week?", ("2024-06-03", "2024-06-10", "firm")),
        ("Who resigned this week?", ("2024-06-06", "2024-06-12", "firm")),
        ("Who resigned this month?", ("2024-06-01", "2024-06-12", "firm")),
        ("Who resigned last month?", ("2024-05-01", "2024-06-01", "firm")),
        ("Who resigned in the past 3 days?", ("2024-06-09", "2024-06-12", "firm")),
        ("Who resigned over the last two weeks?", ("2024-05-29", "2024-06-12", "firm")),
        ("Who resigned in the last month?", ("2024-05-12", "2024-06-12", "firm")),
        ("Who resigned 2 days ago?", ("2024-06-10", "2024-06-11", "firm")),
        ("Who resigned two months ago?", ("2024-04-01", "2024-05-01", "firm")),
        ("Who resigned last Monday?", ("2024-06-10", "2024-06-11", "firm")),
        ("Who resigned last Wednesday?", ("2024-06-05", "2024-06-06", "firm")),
        ("¿Qué pasó ayer?", ("2024-06-11", "2024-06-12", "firm")),
        ("¿Quién renunció la semana pasada?", ("2024-06-03", "2024-06-10", "firm")),
        ("¿Quién renunció esta semana?", ("2024-06-06", "2024-06-12", "firm")),
        ("¿Quién renunció el mes pasado?", ("2024-05-01", "2024-06-01", "firm")),
        ("¿Quién renunció hace tres días?", ("2024-06-09", "2024-06-10", "firm")),
        ("¿Quién renunció en los últimos 5 días?", ("2024-06-07", "2024-06-12", "firm")),
        # Relative, but possibly not meant as a filter.
        ("How many people live in Lima today?", ("2024-06-12", "2024-06-12", "soft")),
        ("Who won the league this year?", ("2024-01-01", "2024-06-12", "soft")),
        ("Who won the league last year?", ("2023-01-01", "2024-01-01", "soft")),
        ("Who spoke on Monday?", ("2024-06-10", "2024-06-11", "soft")),
        ("¿Quién ganó la liga el año pasado?", ("2023-01-01", "2024-01-01", "soft")),
        ("A court ruled this week on the ferry. Who owns it?", ("2024-06-06", "2024-06-12", "soft")),
        ("Which plague began over 600 years ago?", ("1424-01-01", "1425-01-01", "soft")),
        # The time of an event: later articles tell of it too.
        ("Who won the World Cup in 2018?", ("2018-01-01", "2018-12-31", "soft")),
        ("What happened in June 2023?", ("2023-06-01", "2023-06-30", "soft")),
        ("What happened on 31 June 2023?", ("2023-06-01", "2023-06-30", "soft")),
        ("What happened in early June of 2023?", ("2023-06-01", "2023-06-30", "soft")),
        ("What happened in March?", ("2024-03-01", "2024-03-31", "soft")),
        ("What happened in August?", ("2023-08-01", "2023-08-31", "soft")),
        ("How many fled in August last year?", ("2023-08-01", "2023-08-31", "soft")),
        ("What happened on 5 January 2023?", ("2023-01-05", "2023-01-05", "soft")),
        ("What happened on January 5th, 2023?", ("2023-01-05", "2023-01-05", "soft")),
        ("What happened on 2023-01-05?", ("2023-01-05", "2023-01-05", "soft")),
        ("What happened on 5 Jan?", ("2024-01-05", "2024-01-05", "soft")),
        ("What happened on December 5?", ("2023-12-05", "2023-12-05", "soft")),
        ("What happened in February 2024?", ("2024-02-01", "2024-02-29", "soft")),
        ("Who was minister before 2020?", (None, "2019-12-31", "soft")),
        ("Who was minister until 2020?", (None, "2020-12-31", "soft")),
        ("Who was minister between March and May 2024?", ("2024-03-01", "2024-05-31", "soft")),
        ("Who was minister between November and February 2024?", ("2023-11-01", "2024-02-29", "soft")),
        ("Who was minister from 2019 to 2021?", ("2019-01-01", "2021-12-31", "soft")),
        ("Did more ships sink in 2022 than in 2020?", ("2020-01-01", "2022-12-31", "soft")),
        ("¿Qué pasó en junio de 2023?", ("2023-06-01", "2023-06-30", "soft")),
        ("¿Qué pasó en junio del año pasado?", ("2023-06-01", "2023-06-30", "soft")),
        ("¿Qué pasó el 5 de enero de 2023?", ("2023-01-05", "2023-01-05", "soft")),
        ("¿Quién era ministro antes de 2020?", (None, "2019-12-31", "soft")),
        ("¿Quién fue ministro entre marzo y mayo de 2024?", ("2024-03-01", "2024-05-31", "soft")),
        # What came after a day can only be told after it.
        ("How many have died since March 2024?", ("2024-03-01", None, "firm")),
        ("How many have died since yesterday?", ("2024-06-11", None, "firm")),
        ("Who became minister after 2022?", ("2023-01-01", None, "firm")),
        ("¿Cuántos han muerto desde marzo de 2024?", ("2024-03-01", None, "firm")),
        # Publication is named: exactly that period.
        ("Which articles from June 2023 tell of Chiapas?", ("2023-06-01", "2023-06-30", "firm")),
        ("What was published last week about Chiapas?", ("2024-06-03", "2024-06-09", "firm")),
        ("What did they report in May 2024 about Chiapas?", ("2024-05-01", "2024-05-31", "firm")),
        ("news of 2022 about Chiapas", ("2022-01-01", "2022-12-31", "firm")),
        ("yesterday's news about Chiapas", ("2024-06-11", "2024-06-11", "firm")),
        ("articles before 2020 about Chiapas", (None, "2019-12-31", "firm")),
        ("noticias de mayo de 2024 sobre Chiapas", ("2024-05-01", "2024-05-31", "firm")),
        ("artículos publicados ayer sobre Chiapas", ("2024-06-11", "2024-06-11", "firm")),
        ("How many cases were reported in 2023?", ("2023-01-01", "2023-12-31", "soft")),
    ],
)
def test_a_date_phrase_becomes_a_window_of_publication(text, expected):
    assert window(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Who won the 2024 election?",
        "Who was ahead in the 2024 election?",
        "When did World War 2 end?",
        "Which shops are open 24/7?",
        "What did May say about Brexit?",
        "What changed since May took office?",
        "Who saw it in May's letter?",
        "Who led the March on Washington?",
        "Who spoke in the March on Washington?",
        "Who came second?",
        "What did a USA TODAY poll find?",
        "What happened on 9/11?",
        "Who won gold at Paris 2024?",
        "Who won in the 2023-24 season?",
        "What fell by 2000%?",
        "How many lived in the 1990s?",
        "Who will host the games in 2030?",
        "Who will speak in December?",
        "What happens next week?",
        "What was the last day of the summit?",
        'Who said "we met in June 2023"?',
        "¿Qué puede pasar?",
        "El mar y el sol",
    ],
)
def test_what_only_looks_like_a_date_gives_no_window(text):
    assert window(text) is None


def test_windows_are_read_from_the_as_of_day_before_today():
    assert window("Who resigned yesterday?", as_of=date(2020, 3, 1)) == ("2020-02-29", "2020-03-01", "firm")
    assert window("Who resigned yesterday?", as_of=datetime(2020, 3, 1, 23)) == ("2020-02-29", "2020-03-01", "firm")


def test_a_window_beyond_the_calendar_is_none():
    assert window("Who resigned last week?", as_of=date.min) is None
    assert window("Who resigned 9999 years ago?") is None


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("What is the latest on the ferry?", True),
        ("Who is the current minister?", True),
        ("Who resigned this week?", True),
        ("Who is minister now?", True),
        ("Who recently resigned?", True),
        ("últimas noticias de Perú", True),
        ("¿Quién es el ministro actual?", True),
        ("¿Qué pasa hoy?", True),
        ("Who knows the answer?", False),
        ("What did a USA TODAY poll find?", False),
        ("Who won the World Cup in 2018?", False),
        ("¿Quién ganó ayer?", False),
    ],
)
def test_the_present_is_asked_about_in_so_many_words(text, present):
    assert understand(text).present is present


def test_an_explicit_as_of_day_says_that_the_present_is_asked_about():
    assert understand("Who won?", as_of=WEDNESDAY).present is True

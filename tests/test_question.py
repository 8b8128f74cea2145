"""What a question asks: operators, windows, outlets, type of answer, words."""

import time
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import QuestionError
from qa.question import EXPECTED, MAX_CHARACTERS, content_words, find_names, fold, understand

WEDNESDAY = date(2024, 6, 12)
OUTLETS = ("Harbor Ledger", "The Guardian", "El País", "Reuters", "Time", "theplainsman.com")


def ask(text, **options):
    return understand(text, **{"today": WEDNESDAY, "outlets": OUTLETS} | options)


def window(text, **options):
    """First day, last day (ISO, or None) and firmness, or None where the question has no window."""
    question = ask(text, **options)
    first, last = question.published_after, question.published_before
    if first is None and last is None:
        assert not question.window_is_soft
        return None
    return first and first.isoformat(), last and last.isoformat(), "soft" if question.window_is_soft else "firm"


@pytest.mark.parametrize(
    ("text", "phrases", "required", "excluded", "search_text"),
    [
        ('Who spoke of "border security"?', ("border security",), (), (), "Who spoke of border security?"),
        ("«cese al fuego» en Gaza", ("cese al fuego",), (), (), "cese al fuego en Gaza"),
        ("“one phrase” and “another”", ("one phrase", "another"), (), (), "one phrase and another"),
        ("floods +Valencia -Brazil", (), ("Valencia",), ("Brazil",), "floods Valencia"),
        ('elections -"run off" Chile', (), (), ("run off",), "elections Chile"),
        ('elections +"run off" Chile', ("run off",), (), (), "elections run off Chile"),
        ("COVID-19 deaths", (), (), (), "COVID-19 deaths"),
        ("Spain won 2-1", (), (), (), "Spain won 2-1"),
        ("Biden - Trump debate", (), (), (), "Biden - Trump debate"),
        ("a fall of -5 degrees", (), (), (), "a fall of -5 degrees"),
        ("+5 degrees and C++", (), (), (), "+5 degrees and C++"),
        ('an unclosed "quote', (), (), (), "an unclosed quote"),
        ('nothing "" quoted', (), (), (), "nothing quoted"),
    ],
)
def test_operators_are_read_and_leave_the_words_to_search_with(text, phrases, required, excluded, search_text):
    question = ask(text)
    assert (question.phrases, question.required, question.excluded) == (phrases, required, excluded)
    assert question.search_text == search_text


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


@pytest.mark.parametrize(
    ("text", "search_text"),
    [
        ("Who resigned last week in Peru?", "Who resigned in Peru?"),
        ("Last week, who resigned?", "who resigned?"),
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
    assert ask(text).present is present


def test_an_explicit_as_of_day_says_that_the_present_is_asked_about():
    assert ask("Who won?", as_of=WEDNESDAY).present is True


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("According to Harbor Ledger, who died?", ("Harbor Ledger",)),
        ("Who died according to the harbor ledger?", ("Harbor Ledger",)),
        ("What stood in the Guardian about tariffs?", ("The Guardian",)),
        ("news from Reuters about tariffs", ("Reuters",)),
        ("Según El Pais, ¿cuántos murieron?", ("El País",)),
        ("¿cuántos murieron según reuters y el país?", ("Reuters", "El País")),
        ("Who died according to Theplainsman?", ("theplainsman.com",)),
        ("Who spoke in the audio leaked by the Guardian?", ()),
        ("according to a report from the Reuters Institute, who reads?", ()),
        ("Did they arrive in time?", ()),
        ("What did Time say?", ()),
        ("Who lives near Harbor Ledger?", ()),
        ("According to Harbor Ledgers, who died?", ()),
        ("According to the Elsewhere Post, who died?", ()),
    ],
)
def test_outlets_named_with_a_cue_become_sources(text, sources):
    assert ask(text).sources == sources


@pytest.mark.parametrize(
    ("expects", "text"),
    [
        ("person", "Who won the World Cup in 2018?"),
        ("person", "Whose seat is she filling?"),
        ("person", "Which tennis player retired?"),
        ("person", "¿Quién ganó las elecciones?"),
        ("person", "Can you tell me who won?"),
        ("place", "Where is the ferry?"),
        ("place", "Which country borders Belize?"),
        ("place", "In which US city is the museum?"),
        ("place", "What is the capital of Mexico?"),
        ("place", "¿Dónde ocurrió?"),
        ("place", "¿En qué país ocurrió?"),
        ("date", "When did it start?"),
        ("date", "In what year did it start?"),
        ("date", "¿Cuándo empezó?"),
        ("date", "¿En qué año empezó?"),
        ("date", "when did he say that?"),
        ("number", "How many people died?"),
        ("number", "how much does it cost?"),
        ("number", "How old is the mayor?"),
        ("number", "He swam on. For how long?"),
        ("number", "What percentage of adults read?"),
        ("number", "What is the death toll in Peru?"),
        ("number", "¿Cuántos murieron?"),
        ("number", "¿Cuánto cuesta?"),
        ("number", "¿Qué porcentaje votó?"),
        ("list", "which Mexican states border Guatemala?"),
        ("list", "Which rivers mark the border?"),
        ("list", "Which two southern states border Texas?"),
        ("list", "Name the members of the group"),
        ("list", "Who are the members of the group?"),
        ("list", "What are the names of the rivers?"),
        ("list", "¿Qué estados mexicanos limitan con Guatemala?"),
        ("list", "¿Cuáles son los ríos?"),
        ("list", "Nombra los ríos"),
        ("yesno", "Did the minister resign?"),
        ("yesno", "Is the bridge open?"),
        ("yesno", "Was he there when it fell?"),
        ("yesno", "True or false: the bridge fell."),
        ("yesno", "¿Renunció el ministro?"),
        ("yesno", "¿Está abierto el puente?"),
        ("why", "Why did the bridge fall?"),
        ("why", "What caused the fall?"),
        ("why", "¿Por qué cayó el puente?"),
        ("how", "How did the bridge fall?"),
        ("how", "¿Cómo cayó el puente?"),
        ("quote", "What did Portillo say about crime?"),
        ("quote", "How did the mayor describe it?"),
        ("quote", "¿Qué dijo Portillo?"),
        ("definition", "What is a stablecoin?"),
        ("definition", "What is GANSEG?"),
        ("definition", "What does GANSEG mean?"),
        ("definition", "¿Qué es una moneda estable?"),
        ("definition", "¿Qué significa GANSEG?"),
        ("date", "A holiday, which marks the end of the war, began in which year?"),
        ("number", "The man who swam home took how many days?"),
        ("what", "They were honoured at which prestigious awards show?"),
        ("what", "Which comedian's show was cancelled?"),
        ("what", "Which animal tends to break up fights?"),
        ("what", "What did the council approve?"),
        ("what", "Which company makes chips?"),
        ("what", "The probe flew into what?"),
        ("what", "May said nothing"),
        ("what", "border agreement WHO"),
        ("what", "¿Qué aprobó el consejo?"),
        ("what", "The mayor of U.S. City resigned. What was her plan?"),
        ("what", "floods in Valencia"),
    ],
)
def test_the_type_of_answer_is_read_from_the_sentence_that_asks(expects, text):
    assert ask(text).expects == expects
    assert expects in EXPECTED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "which Mexican states border Guatemala?"),
        ("en", "What did José Peña say about Córdoba?"),
        ("en", "Guatemala"),
        ("en", "tariffs"),
        ("es", "¿Renunció?"),
        ("es", "que estados limitan con Guatemala"),
        ("es", "quien gano las elecciones en Chile"),
        ("es", "noticias de la frontera con Guatemala"),
        ("es", "año nuevo"),
    ],
)
def test_the_language_is_told_by_function_words_and_marks(language, text):
    assert ask(text).language == language


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("which Mexican states border Guatemala?", ("mexican", "states", "border", "guatemala")),
        ("¿Qué dijo el Presidente Álvarez?", ("presidente", "alvarez")),
        ("Biden's plan for the U.S. and the US", ("biden", "plan", "us")),
        ("Did the WHO name COVID-19?", ("who", "covid", "19")),
        ("rivers, rivers and Rivers", ("rivers",)),
        ("Who is it?", ()),
    ],
)
def test_content_words_are_folded_and_without_stop_words(text, words):
    assert content_words(text) == words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("which Mexican states border Guatemala?", ("Mexican", "Guatemala")),
        ("What did José Rolando Portillo tell the Bank of England?", ("José Rolando Portillo", "Bank of England")),
        ("¿Qué hizo Andrés Manuel López Obrador?", ("Andrés Manuel López Obrador",)),
        ("Did Guatemala's President Arévalo resign?", ("Guatemala", "President Arévalo")),
        ("Temperatures rose in Britain", ("Britain",)),
        ("NASA and COVID-19", ("NASA", "COVID-19")),
        ("Theresa May resigned", ("Theresa May",)),
        ("What did May say on Monday?", ("May",)),
        ("WHO WON THE CUP?", ()),
        ("who won?", ()),
    ],
)
def test_names_are_found_as_typed(text, names):
    assert find_names(text) == names


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


@given(st.text())
def test_folding_keeps_offsets(text):
    assert len(fold(text)) == len(text)


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

"""Follow-ups made into questions that can be searched by themselves."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.followup import standalone
from qa.language import content_words
from qa.question import understand

RIVERS = ("Which rivers mark the border in Mexico?", "The Usumacinta, the Salinas and the Suchiate. [1]")
RIOS = ("¿Qué ríos marcan la frontera en México?", "El Usumacinta y el Suchiate. [1]")
SAID = ("What did José Rolando Portillo say about the border?", "He called crime transnational. [1][2]")
DIJO = ("¿Qué dijo Portillo sobre el acuerdo?", "Que protege la frontera. [1]")
WON = ("Who won the World Cup in 2018?", "France won it. [1]")
ANNOUNCED = ("Who announced the agreement?", "The deputy minister José Rolando Portillo did [1, 2].")
DIED = ("How many people died in Valencia last week?", "At least 120 people died. [1]")


@pytest.mark.parametrize(
    ("history", "question", "expected"),
    [
        ([RIVERS], "and in Guatemala?", "Which rivers mark the border in Guatemala?"),
        ([RIVERS], "And in guatemala", "Which rivers mark the border in guatemala?"),
        ([RIVERS], "what about Guatemala?", "Which rivers mark the border in Guatemala?"),
        ([RIVERS], "Guatemala?", "Which rivers mark the border in Guatemala?"),
        ([RIOS], "¿y en Guatemala?", "¿Qué ríos marcan la frontera en Guatemala?"),
        ([RIOS], "y en Guatemala", "¿Qué ríos marcan la frontera en Guatemala?"),
        ([WON], "what about 2022?", "Who won the World Cup in 2022?"),
        ([WON], "and in 2022?", "Who won the World Cup in 2022?"),
        ([("Who won the 2018 World Cup?", "France.")], "and in 2022?", "Who won the 2022 World Cup?"),
        ([("¿Quién ganó el Mundial en 2018?", "Francia")], "¿y en 2022?", "¿Quién ganó el Mundial en 2022?"),
        ([DIED], "and yesterday?", "How many people died in Valencia yesterday?"),
        ([DIED], "and in Murcia?", "How many people died in Murcia last week?"),
        ([SAID], "and Bernardo Arévalo?", "What did Bernardo Arévalo say about the border?"),
        ([("Did Trump meet Petro in Bogota?", "Yes.")], "and in Quito?", "Did Trump meet Petro in Quito?"),
        # An adjective names the place; the two places change sides where both are named.
        (
            [("which Mexican states border Guatemala?", "")],
            "and in Guatemala?",
            "which states border Mexico, in Guatemala?",
        ),
        (
            [("¿Qué estados mexicanos limitan con Guatemala?", "")],
            "¿y en Guatemala?",
            "¿Qué estados limitan con México, en Guatemala?",
        ),
        ([("Which Spanish towns flooded?", "")], "and in Portugal?", "Which towns flooded, in Portugal?"),
        ([("Did China win in Lima?", "")], "and in Quito?", "Did China win in Quito?"),
        ([("Which Spanish towns flooded?", "")], "and in 2022?", "Which Spanish towns flooded, in 2022?"),
        # Nothing of its kind is there to be replaced: it is added.
        ([("Who won the cup?", "Rovers.")], "and in Peru?", "Who won the cup, in Peru?"),
        ([("Who won the cup?", "Rovers.")], "and in 2022?", "Who won the cup, in 2022?"),
        ([SAID], "and the rivers?", "What did José Rolando Portillo say about the rivers?"),
    ],
)
def test_what_a_follow_up_names_takes_the_place_of_what_is_of_its_kind(history, question, expected):
    assert standalone(question, history) == expected


@pytest.mark.parametrize(
    ("history", "question", "expected"),
    [
        ([SAID], "when did he say that?", "when did he say that (José Rolando Portillo border)?"),
        ([ANNOUNCED], "When did he do it?", "When did he do it (announced agreement José Rolando Portillo)?"),
        ([DIJO], "¿cuándo lo dijo?", "¿cuándo lo dijo (Portillo acuerdo)?"),
        ([SAID], "why?", "why (José Rolando Portillo border)?"),
        ([DIJO], "¿por qué?", "¿por qué (Portillo acuerdo)?"),
        ([ANNOUNCED], "who else?", "who else (announced agreement)?"),
        (
            [DIED],
            "and how many of them were children?",
            "how many of them were children (people died Valencia last week)?",
        ),
        ([DIED], "how many were injured?", "how many were injured (people died Valencia last week)?"),
        ([DIED], "how many died yesterday?", "how many died yesterday (people Valencia)?"),
        (
            [RIVERS],
            "what happened there?",
            "what happened there (rivers mark border Mexico Usumacinta Salinas Suchiate)?",
        ),
        ([ANNOUNCED], "What is his name?", "What is his name (announced agreement José Rolando Portillo)?"),
        ([SAID], "Which agreement did he sign?", "Which agreement did he sign (José Rolando Portillo border)?"),
        ([('Who spoke of "dry dock" -boats?', "")], "why?", "why (spoke dry dock)?"),
    ],
)
def test_a_question_that_points_back_takes_its_subject_along(history, question, expected):
    assert standalone(question, history) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 2018 World Cup?",
        "which Mexican states border Guatemala?",
        "What did Trump say when he met Putin?",
        "Which films came out this week?",
        "How long does it take to fly to Mars?",
        "Is it legal to carry a knife in Spain?",
        "Are there tigers in Nepal?",
        "Who was the man that shot the president of Brazil?",
        "What is inflation?",
        "Which of these bands announced they were reuniting?",
        "In his new series about the end of the world, what did Bill Nye predict for coastal cities?",
        "Who is Claudia Sheinbaum?",
        "Why do bees die when they sting?",
        "True or false: the bridge in Genoa fell because of its age.",
        "floods in Valencia",
        "How many people live in Peru?",
        "¿Qué estados mexicanos limitan con Guatemala?",
        "¿Por qué los precios de la vivienda suben en España?",
        "¿Quién es el presidente de Chile?",
        "¿Cuántos habitantes tiene la ciudad de Lima?",
    ],
)
def test_a_question_that_stands_by_itself_is_left_alone(question):
    assert standalone(question, [SAID, RIVERS]) == question


def test_without_history_nothing_is_added():
    assert standalone("and in Guatemala?", []) == "and in Guatemala?"
    assert standalone("why?", [("", "An answer without a question.")]) == "why?"


def test_follow_ups_build_on_one_another():
    history = [RIVERS, ("and in Guatemala?", "The Salinas. [1]")]
    assert standalone("and in Belize?", history) == "Which rivers mark the border in Belize?"


def test_only_the_last_three_turns_count():
    others = [("Who won the cup?", "Rovers."), ("Who lost the cup?", "United.")]
    follow_up = ("and in Guatemala?", "")
    assert standalone("and in Belize?", [RIVERS, *others]) == "Who lost the cup, in Belize?"
    assert "rivers" not in standalone("why?", [RIVERS, follow_up, follow_up, follow_up])
    assert "rivers" in standalone("why?", [RIVERS, follow_up, follow_up])


def test_no_mark_of_a_citation_is_searched_for():
    completed = standalone("what happened there?", [("Where is it?", "In Comalapa [1][12], near Mexico [3, 4].")])
    assert {"comalapa", "mexico"} <= set(content_words(completed))
    assert not {"1", "12", "3", "4"} & set(content_words(completed))


@pytest.mark.parametrize(
    ("question", "expects"),
    [("when did he say that?", "date"), ("and how many of them?", "number"), ("why?", "why"), ("and where?", "place")],
)
def test_the_completed_question_expects_what_the_follow_up_asked_for(question, expects):
    assert understand(standalone(question, [SAID])).expects == expects


ODD_HISTORY = [
    [None],
    [("question",)],
    [("a", "b", "c")],
    [(None, None)],
    ["ab"],
    [("?", "!")],
    [("x" * 5000, "y" * 5000)],
]


@pytest.mark.parametrize("history", ODD_HISTORY)
@pytest.mark.parametrize("question", ["", "and?", "why?", "and in Guatemala?", "é" * 3000])
def test_odd_input_never_raises(history, question):
    assert isinstance(standalone(question, history), str)


TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            'and ¿y en in Guatemala 2018 why he that -x " ( ) ? who won last week May ¿ . [1] él lo'.split()
        ),
        max_size=10,
    ).map(" ".join),
)


@given(TEXTS, st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_any_text_is_completed_without_an_error(question, history):
    completed = standalone(question, history)
    assert bool(completed.strip()) == bool(question.strip())


def test_completing_is_fast():
    start = time.perf_counter()
    for _ in range(10):
        standalone("when did he say that?", [RIVERS, WON, SAID])
    assert (time.perf_counter() - start) / 10 < 0.05


@pytest.mark.parametrize(
    ("asked", "remark", "complete"),
    [
        ("Who opened the pier?", "And the stone bridge?", "Who opened the stone bridge?"),
        ("¿Quién inauguró el puerto?", "¿Y el puente viejo?", "¿Quién inauguró el puente viejo?"),
    ],
)
def test_a_thing_takes_the_place_of_the_thing_that_was_asked_about(asked, remark, complete):
    assert standalone(remark, [(asked, "Mayor Ames")]) == complete


def test_a_thing_does_not_take_the_place_of_a_place():
    completed = standalone("And the captain?", [("Which ship got stuck in the canal?", "The Ever Given")])
    assert "stuck in the canal" in completed

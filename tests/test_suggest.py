"""Questions that are offered: the library answers each, out of the article that it was made from."""

import pytest

from ingest.library import Library
from ingest.pipeline import ingest
from ingest.records import Article
from qa.asking import questions_of
from qa.assistant import Assistant
from qa.default import CORPUS
from qa.language import fold, guess_language
from qa.suggest import examples, follow_ups


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with Library.open(tmp_path_factory.mktemp("corpus") / "library", create=True) as library:
        ingest(library, [str(CORPUS)])
        yield library


@pytest.fixture(scope="module")
def assistant(library):
    return Assistant(library)


def asked_of(text, language="en"):
    return {asked.question for asked in questions_of(Article(text, title="Title", language=language))}


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Croatia joined the European Union in July 2013.", "When did Croatia join the European Union?"),
        ("King Charles III was crowned on Saturday at Westminster Abbey.", "Where was King Charles III crowned?"),
        ("Maksim Nedasekau took bronze because he had failed before.", "Why did Maksim Nedasekau take bronze?"),
        ("About 400 firefighters fought the flames, and it ended.", "How many firefighters fought the flames?"),
        ("The picture was made by the Event Horizon Telescope.", "Who made the picture?"),
        ("The project cost about 700 million euros.", "How much did the project cost?"),
        ("Penny Mordaunt, who led them, carried the Sword of State.", "Who carried the Sword of State?"),
    ],
)
def test_an_english_sentence_becomes_a_question_in_good_grammar(sentence, question):
    assert question in asked_of(f"{sentence} It was in Croatia, she said.")


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("El Gobierno del Perú decretó un día de duelo.", "¿Qué decretó el Gobierno del Perú?"),
        ("Las coladas cubrieron más de 1.200 hectáreas.", "¿Cuántas hectáreas cubrieron las coladas?"),
        ("La lava llegó al océano el 28 de septiembre.", "¿Cuándo llegó la lava al océano?"),
        ("El presidente nació en Montevideo.", "¿Dónde nació el presidente?"),
    ],
)
def test_a_spanish_sentence_becomes_a_question_in_good_grammar(sentence, question):
    assert question in asked_of(sentence, "es")


@pytest.mark.parametrize(
    "sentence",
    [
        "He said that it joined them there in 2013.",
        "The first of them glorped the thing in July 2013.",
        "“We joined the Union in 2013,” somebody said.",
        "France joined it in July 2013.",
    ],
)
def test_nothing_is_asked_of_a_sentence_that_the_rules_do_not_understand(sentence):
    assert not asked_of(sentence)


@pytest.mark.parametrize("language", ["en", "es"])
def test_examples_are_answered_and_come_from_different_stories(library, assistant, language):
    offered = examples(library, 3, language)
    answers = [assistant.answer(question) for question in offered]
    assert len(offered) == 3
    assert all(guess_language(question) == language for question in offered)
    assert not any(said.abstained for said in answers)
    assert len({said.citations[0].article.article_id for said in answers}) == 3


def test_english_examples_come_from_different_outlets(library, assistant):
    answers = [assistant.answer(question) for question in examples(library, 3, "en")]
    assert len({said.citations[0].article.source for said in answers}) == 3


def test_examples_follow_the_library(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        assert examples(library) == []
        page = tmp_path / "page.txt"
        page.write_text(
            "Croatia joins\n\nCroatia joined the European Union in July 2013. The people of Croatia danced."
        )
        ingest(library, [str(page)])
        assert examples(library) == ["When did Croatia join the European Union?"]
        for article in list(library.articles()):
            library.forget(article.article_id)
        assert examples(library) == []


QUESTIONS = [
    "Which country became the 32nd member of NATO?",
    "Who is the chief executive of OpenAI?",
    "When was Notre-Dame reopened?",
    "¿Cuándo murió Mario Vargas Llosa?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_follow_ups_are_answered_anew_in_the_language_of_the_question(assistant, question):
    given = assistant.answer(question)
    offered = follow_ups(assistant, given, [])
    assert 1 <= len(offered) <= 3
    assert len(set(offered)) == len(offered)
    for follow_up in offered:
        said = assistant.answer(follow_up, history=[(question, given.text)])
        assert guess_language(follow_up) == guess_language(question)
        assert not said.abstained
        assert said.text != given.text
        assert fold(follow_up) != fold(question)


def test_what_has_been_asked_is_not_offered_again(assistant):
    given = assistant.answer("Who is the chief executive of OpenAI?")
    first = follow_ups(assistant, given, [])[0]
    history = [(first, assistant.answer(first).text)]
    assert first not in follow_ups(assistant, given, history)


def test_follow_ups_keep_to_the_filters(assistant):
    given = assistant.answer("Which country became the 32nd member of NATO?")
    assert follow_ups(assistant, given, [])
    assert follow_ups(assistant, given, [], published_before="2015-01-01") == []


def test_nothing_follows_an_abstention(assistant):
    given = assistant.answer("What is the recipe for a Viennese apple strudel?")
    assert given.abstained
    assert follow_ups(assistant, given, []) == []

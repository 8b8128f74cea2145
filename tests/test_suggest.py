"""Questions that are offered: the library answers each, out of the article that it was made from."""

import json

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel

from ingest.library import Library
from ingest.pipeline import ingest
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
    assert len({said.citations[0].article.source for said in answers}) >= 2


def test_examples_follow_the_library(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        assert examples(library) == []
        page = tmp_path / "page.txt"
        page.write_text(
            "Croatia joins\n\nCroatia joined the European Union in July 2013. The people of Croatia danced."
        )
        ingest(library, [str(page)])
        (offered,) = examples(library)
        assert "Croatia" in Assistant(library).answer(offered).text
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


def test_examples_are_tried_once_while_the_library_stays_as_it_is(library, monkeypatch):
    offered = examples(library, 2, "en")
    monkeypatch.setattr(Assistant, "answer", lambda *_, **__: pytest.fail("asked again"))
    assert examples(library, 2, "en") == offered != []


def test_an_llm_is_not_asked_for_follow_ups(library, assistant):
    given = assistant.answer("Who is the chief executive of OpenAI?")
    writing = Assistant(library, llm=GenericFakeChatModel(messages=iter(())))  # fails when it is asked
    assert follow_ups(writing, given, []) == follow_ups(assistant, given, []) != []


def test_a_story_that_was_told_already_gives_other_questions(assistant):
    question = "What did Finland do on April 4, 2023?"
    given = assistant.answer(question)
    first = follow_ups(assistant, given, [])
    told = [(asked, assistant.answer(asked).text) for asked in first]
    assert first and not set(first) & set(follow_ups(assistant, given, told))


def test_follow_ups_keep_to_the_filters(assistant):
    given = assistant.answer("Which country became the 32nd member of NATO?")
    assert follow_ups(assistant, given, [])
    assert follow_ups(assistant, given, [], published_before="2015-01-01") == []


def test_after_an_abstention_come_questions_of_the_same_matter_or_none(assistant):
    assert follow_ups(assistant, abstained(assistant, "What is the recipe for a Viennese apple strudel?"), []) == []
    offered = follow_ups(assistant, abstained(assistant, "Who won the 2018 World Cup?"), [])
    assert offered
    for question in offered:
        assert "World Cup" in assistant.answer(question).citations[0].article.title


def abstained(assistant, question):
    given = assistant.answer(question)
    assert given.abstained
    return given


def test_where_the_cited_article_tells_nothing_else_another_of_the_same_matter_is_asked(tmp_path):
    odd = "\u2014 \u2605 " + "Arvika pier " * 300  # too long for a question
    lines = [
        ("https://a.example/1", "Arvika pier opens", "Mayor Ana Ruiz opened the new ferry pier in Arvika."),
        ("https://b.example/2", odd, "The breakwater of Arvika cost about 700 million euros."),
        ("https://c.example/3", "Grapes are late", "The winery Lena picked the grapes of the valley on Monday."),
    ]
    source = tmp_path / "articles.jsonl"
    rows = ({"url": url, "title": title, "text": text} for url, title, text in lines)
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with Library.open(tmp_path / "library", create=True) as library:
        ingest(library, [str(source)])
        small = Assistant(library)
        given = small.answer("Who opened the new ferry pier in Arvika?")
        assert given.citations[0].article.url == "https://a.example/1"
        (offered,) = follow_ups(small, given, [])
        assert small.answer(offered).citations[0].article.url == "https://b.example/2"
        alone = small.answer("Who opened the new ferry pier in Arvika?", k=1)  # that one passage was found
        assert follow_ups(small, alone, []) == [offered]
        back = small.answer(offered)
        assert [small.answer(one).citations[0].article.url for one in follow_ups(small, back, [])] == [
            "https://a.example/1"
        ]

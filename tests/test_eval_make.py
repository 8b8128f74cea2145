"""A test set drafted from a library: every row can be loaded, and says only what stands in an article."""

import json

import newsdesk
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from ingest.errors import DatelineError, LibraryError
from ingest.library import Library
from ingest.pipeline import ingest
from ingest.records import Article, Passage
from qa.evaluation.make import draft, questions_from
from qa.evaluation.testset import load
from qa.records import ScoredPassage


def made(sentence, language="en"):
    return list(questions_from(sentence, language))


@pytest.mark.parametrize(
    ("sentence", "question", "answer", "kind"),
    [
        ("Mayor Ana Ruiz opened the new ferry pier before a cheering crowd.",
         "Who opened the new ferry pier before a cheering crowd?", "Mayor Ana Ruiz", "who"),
        ("Finland was admitted as the 31st member on April 4, 2023.",
         "When was it that Finland was admitted as the 31st member?", "April 4, 2023", "when"),
        ("In July 2013, Croatia joined the European Union after long talks.",
         "When was it that Croatia joined the European Union after long talks?", "July 2013", "when"),
        ("The company will build its third battery plant in Arvika.",
         "Where was it that the company will build its third battery plant?", "Arvika", "where"),
        ("More than 300 researchers took part in the Event Horizon Telescope project.",
         "How many researchers took part in the Event Horizon Telescope project?", "300", "number"),
        ("The fire in Lahaina killed at least 97 people.",
         "How many people was it that the fire in Lahaina killed?", "97", "number"),
    ],
)  # fmt: skip
def test_a_sentence_becomes_a_question_that_does_not_hold_its_answer(sentence, question, answer, kind):
    found = {asked: (answers[0], told) for asked, answers, told in made(sentence)}
    assert found[question] == (answer, kind)


def test_a_spanish_sentence_is_asked_about_in_spanish():
    sentence = "Bernardo Arévalo juró como presidente de Guatemala en enero de 2024."
    assert [asked for asked, *_ in made(sentence, "es")] == [
        "¿Quién juró como presidente de Guatemala en enero de 2024?",
        "¿Cuándo fue que Bernardo Arévalo juró como presidente de Guatemala?",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "He opened the new ferry pier in Arvika on April 4, 2023.",  # leans on the sentence before
        "Ruiz won on April 4, 2023.",  # too short to be specific
        "“Finland was admitted as the 31st member on April 4, 2023.”",  # somebody's words
        "Rates were higher in July 2013 than at any time since the war.",  # the date is part of a comparison
        "Ana Ruiz won gold and Bo Lund won silver at the winter games.",  # the rest is not about the one
        "The next climate conference is to be held in Baku, the capital of Azerbaijan.",  # half of it would stay
        "Katalin Kariko, who was born in Hungary, is now the thirteenth woman so honoured.",
        "The price of the new ferry pier rose to $300 people said.",
    ],
)
def test_a_sentence_that_would_make_a_poor_question_is_left_alone(sentence):
    assert made(sentence) == []


def test_a_language_without_rules_is_left_alone():
    assert made("Finland was admitted as the 31st member on April 4, 2023.", "fi") == []


# What a made-up newspaper reports: (who, town, what, day).
REPORTS = [
    ("Ana Ruiz", "Arvika", "the rebuilt ferry pier", "March 3, 2024"),
    ("Bo Lund", "Belmonte", "a museum of fishing boats", "April 12, 2023"),
    ("Carla Juhl", "Corvo", "the first school for pilots", "June 30, 2024"),
    ("Dan Kovac", "Drava", "an ice rink under the station", "May 9, 2023"),
    ("Eva Mora", "Elgin", "the oldest library of the coast", "October 21, 2024"),
    ("Finn Grieg", "Galata", "a bridge for cyclists", "August 8, 2023"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    articles = [
        Article(
            f"{who} opened {what} in the harbour of {town} on {day}.\n\n"
            f"Voters of the old town had asked for {what} in letters to {who}.",
            title=f"{town} celebrates",
            url=f"https://news.example/{town}",
            language="en",
        )
        for who, town, what, day in REPORTS
    ]
    with Library.open(folder / "library", create=True) as opened:
        ingest(opened, [newsdesk.write_source(folder / "articles.jsonl", articles)])
        yield opened


def test_drafted_rows_load_and_every_quote_holds_its_answer(library, tmp_path):
    rows = list(draft(library, 5))
    path = tmp_path / "draft.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    loaded = load(path)
    assert len(loaded.golds) == len(rows) == 5 and not loaded.dropped
    for gold in loaded.golds:
        if gold.answerable:
            (support,) = gold.supports
            assert support.quote in library.article(support.article).text
            assert gold.answers[0] in support.quote and gold.answers[0] not in gold.question


def test_one_in_five_asks_of_a_place_what_happened_in_another(library):
    (missing,) = (row for row in draft(library, 5) if not row["answerable"])
    assert missing["answers"] == [] and "quote" not in missing and "article" not in missing
    (town,) = (town for _, town, *_ in REPORTS if town in missing["question"])
    told = {town: {what, day} for _, town, what, day in REPORTS}
    assert not any(part in missing["question"] for part in told[town])


def test_what_the_search_finds_answered_is_no_unanswerable_question(library):
    class Everywhere:
        def retrieve(self, question, k):
            article = Article(question, title="Everything happened everywhere")
            return [ScoredPassage(Passage(0, "a", 0, len(question), question), article, 1.0, 1)]

    assert all(row["answerable"] for row in draft(library, 5, Everywhere()))


def test_the_same_seed_drafts_the_same_questions_and_another_seed_others(library):
    first = list(draft(library, 5))
    assert first == list(draft(library, 5))
    assert first != list(draft(library, 5, seed=1))


def test_no_question_is_drafted_twice(library):
    questions = [row["question"] for row in draft(library, 200)]
    assert len(questions) == len(set(questions)) < 200


class Writer(GenericFakeChatModel):
    """Asks about the passage it is given, well or badly."""

    quote: str = "{}"

    def _generate(self, messages, *arguments, **options):
        passage = messages[0].content.split("<passage>")[1].split("</passage>")[0]
        first = passage.split(".")[0] + "."
        said = {"question": f"Whose turn is it, {len(passage)}?", "answer": first.split()[0],
                "quote": self.quote.format(first)}  # fmt: skip
        self.messages = iter([AIMessage(json.dumps(said))])
        return super()._generate(messages, *arguments, **options)


def test_an_llm_writes_the_questions_where_its_quote_holds(library):
    rows = list(draft(library, 4, llm=Writer(messages=iter([]))))
    assert {row["kind"] for row in rows} == {"llm"}
    assert all(row["quote"] in library.article(row["article"]).text for row in rows)


def test_an_invented_quote_of_an_llm_is_replaced_by_the_rules(library):
    rows = list(draft(library, 4, llm=Writer(messages=iter([]), quote="Never said: {}")))
    assert len(rows) == 4 and not [row for row in rows if row["kind"] == "llm"]


def test_an_llm_that_cannot_be_reached_stops_the_draft(library):
    with pytest.raises(DatelineError, match="the language model failed"):
        list(draft(library, 4, llm=GenericFakeChatModel(messages=iter([]))))


def test_an_empty_library_cannot_be_asked_about(tmp_path):
    with Library.open(tmp_path / "empty", create=True) as empty, pytest.raises(LibraryError, match="ingest some first"):
        list(draft(empty, 1))

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
from qa.evaluation.make import draft
from qa.evaluation.testset import load
from qa.records import ScoredPassage

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
            f"{who} opened {what} in {town} on {day}.\n\n"
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


def drafted(folder, *articles, n=9):
    with Library.open(folder / "library", create=True) as library:
        ingest(library, [newsdesk.write_source(folder / "articles.jsonl", articles)])
        return list(draft(library, n))


def test_a_spanish_article_is_asked_about_in_spanish(tmp_path):
    text = "Bernardo Arévalo juró como presidente de Guatemala en enero de 2024."
    (row,) = drafted(tmp_path, Article(text, title="Guatemala", language="es"))
    assert row["question"] == "¿Cuándo juró Bernardo Arévalo como presidente de Guatemala?"
    assert (row["answers"], row["language"]) == (["enero de 2024"], "es")


@pytest.mark.parametrize(
    "text",
    [
        "The project cost about 700 million euros, more than anybody had thought.",  # which one?
        "Sweden had to wait longer because Turkey and Hungary delayed their approval.",  # no short answer
        "“Finland was admitted as the 31st member on April 4, 2023.”",  # somebody's words
    ],
)
def test_what_cannot_be_asked_alone_or_answered_shortly_is_left_out(tmp_path, text):
    assert drafted(tmp_path, Article(text, title="News", language="en")) == []


def test_a_person_stands_for_a_person_and_a_country_for_a_country(tmp_path):
    texts = (
        "Finland was admitted to the Northern Harbour League on April 4, 2023.",
        "Croatia joined the Southern Harbour League in July 2013.",
        "Mayor Ana Ruiz opened the Tidal Bank of Arvika. Ruiz was born in Corvo.",
        "Mayor Bo Lund sold the Granite Bridge of Belmonte. Lund was born in Drava.",
    )
    rows = drafted(tmp_path, *(Article(text, title=f"News {n}", language="en") for n, text in enumerate(texts)))
    asked = [row["question"] for row in rows if not row["answerable"]]
    assert asked
    for question in asked:
        countries, persons = ("Finland", "Croatia"), ("Ana Ruiz", "Bo Lund")
        assert any(name in question for name in (countries if "League" in question else persons))


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

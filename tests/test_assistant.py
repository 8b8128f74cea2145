"""Asking the sample corpus, and the seed page where it is at hand, through the public doors."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from newsdesk import article, write_source

from ingest.library import Library
from ingest.pipeline import ingest
from qa import Answer, Assistant, QuestionError, answer
from qa.default import CORPUS

SEED = Path(__file__).parents[2] / "shared" / "seed"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with Library.open(tmp_path_factory.mktemp("corpus") / "library", create=True) as library:
        ingest(library, [str(CORPUS)])
        yield library


@pytest.fixture(scope="module")
def assistant(library):
    return Assistant(library)


def test_the_seed_page_answers_which_states_border_guatemala_and_nothing_about_football(tmp_path):
    if not SEED.is_dir():
        pytest.skip("the shared seed page is not here")
    with Library.open(tmp_path / "library", create=True) as library:
        ingest(library, [str(SEED)])
        found = answer("which Mexican states border Guatemala?", library=library)
        assert all(state in found.text for state in ("Chiapas", "Tabasco", "Campeche"))
        assert any("Chiapas, Tabasco, and Campeche" in citation.quote for citation in found.citations)
        assert answer("Who won the 2018 World Cup?", library=library).abstained


def test_every_citation_is_verbatim_and_every_mark_has_one(assistant, library):
    for question in ("Why did the Baltimore bridge collapse?", "¿Cuándo entró en erupción el volcán de La Palma?"):
        found = assistant.answer(question)
        assert not found.abstained
        for citation in found.citations:
            stored = library.article(citation.article.article_id)
            assert stored.text[citation.start : citation.end] == citation.quote
            assert f"[{citation.number}]" in found.text
            assert " ".join(citation.quote.split()) in found.text


def test_an_abstention_cites_nothing_and_shows_the_closest_passages(assistant):
    found = assistant.answer("What is the recipe for a Viennese apple strudel?")
    assert found.abstained
    assert not found.citations
    assert found.passages


def test_the_answer_as_json_holds_what_the_command_line_promises(assistant):
    found = json.loads(assistant.answer("When did Finland join NATO?").to_json())
    assert {"question", "text", "abstained", "confidence", "citations", "timings"} <= set(found)
    wanted = {"number", "quote", "start", "end", "title", "source", "url", "published"}
    assert wanted <= set(found["citations"][0])
    assert 0 <= found["confidence"] <= 1


def test_streaming_gives_the_pieces_of_the_text_and_then_the_answer(assistant):
    *pieces, last = assistant.stream("When did Finland join NATO?")
    assert isinstance(last, Answer)
    assert "".join(pieces) == last.text


def test_the_asynchronous_door_gives_the_same_answer(assistant):
    question = "When did Finland join NATO?"
    assert asyncio.run(assistant.aanswer(question)).text == assistant.answer(question).text


def test_the_chain_is_a_runnable_with_the_same_answer(assistant):
    question = "When did Finland join NATO?"
    chain = assistant.runnable()
    assert chain.invoke(question).text == assistant.answer(question).text
    assert chain.invoke({"question": question, "as_of": "2019-12-31"}).passages[0].article.published.year == 2019


def test_the_retriever_is_langchains_and_its_documents_know_their_place(assistant, library):
    documents = assistant.retriever(k=3).invoke("Finland joins NATO")
    assert len(documents) == 3
    for document in documents:
        article = library.article(document.metadata["article_id"])
        assert article.text[document.metadata["start"] : document.metadata["end"]] == document.page_content


def test_what_was_published_after_the_as_of_day_is_hidden(assistant):
    passages = assistant.retrieve("How many people died in the earthquake in Turkey?", as_of="2023-02-07", k=50)
    assert passages
    assert all(p.article.published is None or p.article.published.date().isoformat() <= "2023-02-07" for p in passages)


def test_filters_hold_for_every_passage(assistant):
    passages = assistant.retrieve(
        "elections",
        published_after="2024-01-01",
        published_before="2024-12-31",
        sources=["plaza diario (MUESTRA)"],
        language="es",
        k=50,
    )
    assert passages
    for scored in passages:
        assert scored.article.source == "Plaza Diario (muestra)"
        assert scored.article.language == "es"
        assert scored.article.published.year == 2024


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A report and its copies: one of the next day, one said to be Spanish, one undated."""
    folder = tmp_path_factory.mktemp("copied")
    report = article(1)
    later = replace(report, url="https://later.example/1", source="Later", published=report.published + timedelta(1))
    foreign = replace(report, url="https://foreign.example/1", source="Foreign", language="es")
    undated = replace(report, url="https://undated.example/1", source="Undated", published=None)
    with Library.open(folder / "library", create=True) as library:
        ingest(library, [write_source(folder / "reports.jsonl", [report, later, foreign, undated])])
        yield Assistant(library)


@pytest.mark.parametrize(
    ("where", "outlets"),
    [
        ({}, ["Foreign", "Harbour Post", "Later", "Undated"]),
        ({"as_of": "2024-01-02"}, ["Foreign", "Harbour Post", "Undated"]),
        ({"published_after": "2024-01-03"}, ["Later"]),
        ({"published_before": "2024-01-02"}, ["Foreign", "Harbour Post"]),
        ({"sources": ["Later", "Undated"]}, ["Later", "Undated"]),
        ({"language": "es"}, ["Foreign"]),
    ],
    ids=str,
)
def test_filters_hold_for_every_copy_named_beside_a_passage(copied, where, outlets):
    (scored,) = copied.retrieve("Who opened the fish market in Belmonte?", **where)
    assert sorted(article.source for article in (scored.article, *scored.also_in)) == outlets


def test_a_date_in_the_question_is_a_window_of_publication(assistant):
    passages = assistant.retrieve("articles published in December 2022", k=50)
    assert passages
    assert all(scored.article.published.strftime("%Y-%m") == "2022-12" for scored in passages)


def test_quoted_required_and_excluded_words_are_obeyed(assistant):
    quoted = assistant.retrieve('"Ariane 5"', k=20)
    assert quoted and all("ariane 5" in p.passage.text.lower() for p in quoted)
    excluded = assistant.retrieve("telescope -Hubble", k=20)
    assert excluded and not any("hubble" in p.passage.text.lower() for p in excluded)
    required = assistant.retrieve("eclipse +Mazatlan", k=20)
    assert required and all(
        "mazatl" in f"{p.article.title} {p.passage.text}".lower().replace("á", "a") for p in required
    )


def test_a_phrase_that_stands_nowhere_is_searched_as_its_words(assistant):
    quoted = assistant.retrieve('"Hubble galaxies telescope"')
    assert quoted and quoted == assistant.retrieve("Hubble galaxies telescope")


def test_a_wire_copy_is_shown_once_and_named_beside_it(assistant):
    passages = assistant.retrieve("Ever Given refloated in the Suez canal", k=10)
    top = passages[0]
    assert len(top.also_in) == 1
    shown = [p for p in passages if p.passage.text == top.passage.text]
    assert len(shown) == 1


def test_a_follow_up_is_read_with_the_conversation(assistant):
    first = assistant.answer("Who is the president of Mexico?")
    passages = assistant.retrieve("When does she take office?", history=[(first.question, "Claudia Sheinbaum [1]")])
    assert any("Sheinbaum" in p.passage.text for p in passages[:2])


@pytest.mark.parametrize("asked", ["", "   ", "???", "x" * 3000])
def test_a_question_that_asks_nothing_is_refused(assistant, asked):
    with pytest.raises(QuestionError):
        assistant.answer(asked)


def test_an_unknown_outlet_and_an_impossible_day_are_refused_with_a_way_out(assistant):
    with pytest.raises(QuestionError, match="Harbor Ledger"):
        assistant.answer("news", sources=["No Such Paper"])
    with pytest.raises(QuestionError, match="2024-02-30"):
        assistant.answer("news", as_of="2024-02-30")


def test_without_a_library_the_default_one_is_filled_from_the_samples(tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_LIBRARY", str(tmp_path / "default"))
    found = answer("When did Finland join NATO?")
    assert found.citations
    assert (tmp_path / "default" / "catalog.sqlite").exists()


def test_an_outlet_is_found_by_the_beginning_of_its_name_where_only_one_has_it(assistant):
    condition = assistant.understand("What happened?", sources=["harbor ledger"]).condition
    assert condition.sources == frozenset(["Harbor Ledger (sample)"])
    with pytest.raises(QuestionError, match=r"has no outlet 'Ledger'; it has: Harbor Ledger \(sample\), "):
        assistant.understand("What happened?", sources=["Ledger"])


def test_where_no_article_may_be_read_the_answer_says_so(small):
    with Library.open(small) as library:
        found = Assistant(library).answer("What happened?", published_before="1901-01-01")
    assert found.abstained and not found.passages
    assert found.text.startswith("No article here is of those dates")

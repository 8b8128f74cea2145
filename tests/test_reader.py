"""The reader: where an answer stands, how it is widened and told, and when nothing is answered."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.minilm import load_tokenizer
from ingest.records import Article, Passage
from qa.overlap import Overlap
from qa.question import understand
from qa.reader.answerer import ReaderAnswerer
from qa.reader.candidates import answer_key, candidates, features, fitted
from qa.reader.engine import PLACE, WEIGHTS
from qa.reader.newest import newest_first
from qa.reader.reading import Reader, Reading, Span
from qa.reader.snapping import snap
from qa.reader.stretch import stretch
from qa.reader.windows import Windows
from qa.records import ScoredPassage

FERRY = (
    "The ferry to Green Island stopped on Monday after a storm damaged the pier. About 1,200 passengers were "
    "stranded overnight, harbour master Ana Ruiz said. Repairs will cost $2.4 million because divers must replace the "
    "steel piles."
)
COUNCIL = (
    "The town council of Lena met on Tuesday. It elected Joan Webb, a retired teacher, as mayor by nine votes to four."
)
STATES = (
    "Three Mexican states touch the southern border: Chiapas, Tabasco, and Campeche have long frontiers with Guatemala."
)


@pytest.fixture(scope="module")
def reader():
    return Reader()


def scored(*texts, outlets=(), similarity=0.6):
    passages = []
    for rank, text in enumerate(texts, 1):
        outlet = outlets[rank - 1] if outlets else "Post"
        article = Article(
            text, title="", source=outlet, url=f"https://{rank}.example/", published=datetime(2025, 3, 4, tzinfo=UTC)
        )
        passage = Passage(rank, article.article_id, 0, len(text), text)
        passages.append(ScoredPassage(passage, article, 1.0, rank, (), similarity))
    return passages


def told(reader, question, passages):
    *_, draft = ReaderAnswerer(reader).stream(understand(question), passages)
    return draft


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("Who was elected mayor of Lena?", COUNCIL, "Joan Webb"),
        ("How many passengers were stranded?", FERRY, "1,200"),
        ("When did the ferry stop?", FERRY, "Monday"),
        ("How much will the repairs cost?", FERRY, "$2.4 million"),
        ("What damaged the pier?", FERRY, "storm"),
    ],
)
def test_the_likeliest_span_is_the_answer(reader, question, text, answer):
    ((spans, *_),) = reader.spans(question, [("", text)])
    start, end = snap(text, spans[0].start, spans[0].end)
    assert answer in text[start:end]
    assert len(text[start:end].split()) <= 3


def test_an_answer_past_the_first_window_is_found(reader):
    filler = "The morning was quiet and the shops along the harbour opened late, as they do in winter. " * 40
    ((spans, *_),) = reader.spans("Who was elected mayor of Lena?", [("", filler + COUNCIL)])
    assert "Webb" in (filler + COUNCIL)[spans[0].start : spans[0].end]


def test_a_passage_that_answers_scores_above_one_that_does_not(reader):
    readings = reader.spans("Who was elected mayor of Lena?", [("", FERRY), ("", COUNCIL)])
    (_, ferry, nothing_in_ferry), (_, council, nothing_in_council) = readings
    assert council > ferry
    assert nothing_in_council < nothing_in_ferry


def test_reading_nothing_gives_nothing(reader):
    assert reader.read("Who?", []) == []
    ((spans, _, absent),) = reader.spans("Who?", [("", "  ")])
    assert (spans, absent) == ((), 1.0)


def test_the_8_bit_network_agrees_with_the_same_weights_in_float(reader):
    torch = pytest.importorskip("torch")
    from safetensors.numpy import load_file

    from ingest.minilm import weights_folder
    from qa.reader.network import read

    weights = {name: values for name, values in load_file(PLACE / WEIGHTS).items()}
    for name in [name for name in weights if name.endswith(".scale")]:
        weights[name.removesuffix(".scale")] = (weights[name.removesuffix(".scale")] * weights.pop(name)).T
    base = load_file(str(weights_folder() / "model.safetensors"))
    tensors = {n: torch.tensor(np.ascontiguousarray(v, np.float32)) for n, v in weights.items()}
    for part in ("word", "position"):
        name = f"embeddings.{part}_embeddings.weight"
        tensors[name] = torch.tensor(base[name])
    tokenizer = load_tokenizer()
    windows = list(Windows(tokenizer, tokens=256).of("How much will the repairs cost?", "", FERRY))
    spans, answers = read(tensors, windows)
    logits = reader._engine.read(windows)[0]
    for told, said in zip(spans[0].T, (logits.starts, logits.ends), strict=True):
        assert float(told.max() - told[int(said.argmax())]) < 0.5  # "about" and the number after it may be level
        assert float(np.abs(told.numpy() - said).max()) < 1.0
    assert abs(float(answers[0]) - logits.answers) < 1.0


def test_the_weights_that_are_shipped_are_small():
    assert sum(path.stat().st_size for path in PLACE.iterdir() if path.is_file()) < 25e6


@pytest.mark.parametrize(
    ("text", "pointed_at", "whole"),
    [
        ("It cost $1.2 billion to build.", "1", "$1.2 billion"),
        ("About 3 million people live there.", "3", "3 million"),
        ("Prices rose 5.4% in May.", "5", "5.4%"),
        ("The 21-year-old won.", "21", "21"),
        ("She walked 42 kilometers.", "42", "42 kilometers"),
        ("said President Donald Trump on Monday", "Trump", "Donald Trump"),
        ("Former Prime Minister Liz Truss resigned.", "Truss", "Liz Truss"),
        ("He met Robert F. Kennedy Jr. in Maine.", "Kennedy", "Robert F. Kennedy Jr."),
        ("The U.S. Supreme Court ruled.", "Supreme", "U.S. Supreme Court"),
        ("Después habló Ana Ruiz en Sevilla.", "Ruiz", "Ana Ruiz"),
        ("“We will win,” he said.", "“We will win,", "We will win"),
        ("It rained in Rome, Paris and Oslo.", "aris", "Paris"),
    ],
)
def test_a_span_is_widened_to_what_a_person_would_quote(text, pointed_at, whole):
    start = text.index(pointed_at)
    assert text[slice(*snap(text, start, start + len(pointed_at)))] == whole


def test_where_a_list_is_asked_for_the_whole_list_is_taken():
    start = STATES.index("Tabasco")
    assert STATES[slice(*snap(STATES, start, start + 7, listing=True))] == "Chiapas, Tabasco, and Campeche"


@given(st.text(min_size=1, max_size=60), st.data())
def test_a_widened_span_stays_in_its_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for listing in (False, True):
        left, right = snap(text, start, end, listing=listing)
        assert 0 <= left <= right <= len(text)


def test_the_answer_opens_the_text_and_its_sentence_follows_with_the_same_citation(reader):
    draft = told(reader, "Who was elected mayor of Lena?", scored(COUNCIL, FERRY))
    assert draft.short == "Joan Webb"
    assert draft.text.startswith("Joan Webb [1]\n\n")
    assert draft.text.endswith("as mayor by nine votes to four. [1]")
    (citation,) = draft.citations
    assert citation.article.text[citation.start : citation.end] == citation.quote
    assert "Joan Webb" in citation.quote


def test_the_pieces_that_are_streamed_make_the_text(reader):
    *pieces, draft = ReaderAnswerer(reader).stream(understand("Who was elected mayor of Lena?"), scored(COUNCIL, FERRY))
    assert "".join(pieces) == draft.text


def test_outlets_that_agree_are_both_cited_and_make_it_surer(reader):
    second = "Nine of thirteen councillors in Lena voted for Joan Webb, who becomes mayor next month."
    question = "Who was elected mayor of Lena?"
    alone = told(reader, question, scored(COUNCIL, FERRY))
    both = told(reader, question, scored(COUNCIL, second, outlets=("Post", "Herald")))
    assert [citation.article.source for citation in both.citations] == ["Post", "Herald"]
    assert both.text.startswith("Joan Webb [1][2]")
    assert both.confidence > alone.confidence


def test_a_question_for_a_reason_gets_a_sentence_not_a_fragment(reader):
    draft = told(reader, "Why did the ferry to Green Island stop?", scored(FERRY))
    assert draft.short == ""
    assert draft.text.startswith("The ferry to Green Island stopped on Monday after a storm damaged the pier. [1]")


def test_further_sentences_are_of_the_article_that_answers_best(reader):
    other = "The ferry to Red Island stopped on Tuesday because of fog, which lay on the water until the evening."
    draft = told(reader, "Why did the ferry stop?", scored(FERRY, other))
    assert len({citation.article.article_id for citation in draft.citations}) == 1


def test_what_happened_is_told_in_whole_sentences(reader):
    draft = told(reader, "What happened to the ferry to Green Island?", scored(FERRY))
    assert draft.short == "" and draft.text.startswith("The ferry to Green Island stopped on Monday")


@pytest.mark.parametrize("question", ["Who won the chess Olympiad in Samarkand?", "What is the capital of Mongolia?"])
def test_what_no_passage_answers_is_not_answered(reader, question):
    draft = told(reader, question, scored(FERRY, COUNCIL, similarity=0.1))
    assert draft.abstained
    assert not draft.citations
    assert draft.confidence < fitted().abstain_below


def test_the_passage_that_answers_is_ranked_first_and_none_is_lost(reader):
    passages = scored(FERRY, COUNCIL, STATES, FERRY + " More.", COUNCIL + " More.")
    draft = told(reader, "Who was elected mayor of Lena?", passages)
    assert "Webb" in draft.passages[0].passage.text
    assert [one.rank for one in draft.passages] == [1, 2, 3, 4, 5]
    assert {one.passage.key for one in draft.passages} == {1, 2, 3, 4, 5}


def test_features_are_finite_whatever_is_read(reader):
    question = understand("Who?")
    readings = reader.read(question.search_text, scored("A.", "?!", "Ana Ruiz", similarity=-1.0))
    assert np.isfinite(features(Overlap(question), candidates(question, readings))).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [("The Beatles", "beatles"), ("1,200", "1200"), ("Bogotá", "bogota"), ("“Goblin mode”", "goblin mode")],
)
def test_equal_answers_have_one_key_however_they_are_written(one, other):
    assert answer_key(one) == answer_key(other)


def test_a_question_about_one_year_is_not_answered_from_an_article_of_another(reader):
    passages = scored("Joan Webb won the Lena chess cup on Tuesday, beating Ana Ruiz in the final.")
    assert "Webb" in told(reader, "Who won the Lena chess cup?", passages).text
    assert told(reader, "Who won the 2019 Lena chess cup?", passages).abstained
    assert "Webb" in told(reader, "Who won the 2025 Lena chess cup?", passages).text  # the year it was published in


def test_an_enumeration_that_names_what_the_question_names_is_not_the_list_asked_for():
    text = "Last week envoys from Guatemala, Belize and Mexico met in Lima."
    reading = Reading(*scored(text), (Span(text.index("Belize"), text.index("Belize") + 6, 0.9),), 1.0, 0.1)
    (asked,) = candidates(understand("Which countries border Mexico?"), [reading])
    assert asked.text == "Belize"
    (other,) = candidates(understand("Which countries sent envoys?"), [reading])
    assert other.text == "Guatemala, Belize and Mexico"


@pytest.mark.parametrize(
    ("asked", "pointed_at", "kept"),
    [
        ("Which states border Guatemala?", "Chiapas and Campeche border Guatemala", "Chiapas and Campeche"),
        (
            "Which states border Belize?",
            "Chiapas and Campeche border Guatemala",
            "Chiapas and Campeche border Guatemala",
        ),
        ("Who met in the palace?", "Ana Ruiz met", "Ana Ruiz met"),  # one word may be a part of the name
        ("What does the map show?", "the map show Guatemala", "the map show Guatemala"),
    ],
)
def test_an_answer_ends_where_it_only_repeats_the_question(asked, pointed_at, kept):
    text = "Chiapas and Campeche border Guatemala, where Ana Ruiz met them; nor did the map show Guatemala."
    start = text.index(pointed_at)
    (found,) = candidates(
        understand(asked), [Reading(*scored(text), (Span(start, start + len(pointed_at), 0.9),), 1.0, 0.1)]
    )
    assert found.text == kept


def test_what_is_read_of_a_long_passage_are_the_sentences_that_share_most_with_the_question():
    filler = "The morning was quiet and the shops along the harbour opened late, as they do in winter. "
    (passage,) = scored(filler * 4 + COUNCIL + " " + filler * 4)
    text = passage.passage.text
    start, end = stretch(Overlap(understand("Who was elected mayor of Lena?")), passage, 250)
    assert COUNCIL in text[start:end]
    assert end - start <= 250
    assert stretch(Overlap(understand("Who?")), passage, 10_000) == (0, len(text))


def test_a_span_in_a_stretch_keeps_its_place_in_the_passage(reader):
    text = FERRY + " " + COUNCIL
    (reading,) = reader.read("Who was elected mayor of Lena?", scored(text), [(len(FERRY) + 1, len(text))])
    best = reading.spans[0]
    assert "Webb" in text[best.start : best.end]


def reports(*told_on):
    """Passages of one story, each with its day."""
    passages = scored(*(text for text, _ in told_on))
    return [
        replace(one, article=replace(one.article, published=datetime.fromisoformat(f"{day}T00:00:00+00:00")))
        for one, (_, day) in zip(passages, told_on, strict=True)
    ]


STORM = [
    ("The storm in Lena killed 41 people on Sunday, the rescue service of Lena said.", "2025-03-02"),
    (
        "The storm in Lena killed 34 people, the rescue service of Lena said after two lists were compared.",
        "2025-03-09",
    ),
]


@pytest.mark.parametrize("told_on", [STORM, STORM[::-1]])
def test_of_a_figure_that_is_told_differently_the_newest_is_given(reader, told_on):
    assert told(reader, "How many people did the storm in Lena kill?", reports(*told_on)).short.startswith("34")


def tolls(*told_on):
    """A reading of each report that points at the figure after "killed"."""
    starts = [(one, one.passage.text.index(" killed ") + 8) for one in reports(*told_on)]
    return [Reading(one, (Span(start, start + 2, 0.5),), 0.0, 0.5) for one, start in starts]


def figures(question, *told_on):
    """What newest_first puts first of the reports' figures, each likelier than the next."""
    found = candidates(understand(question), tolls(*told_on))
    logits = 1.0 - np.arange(len(found))
    return found[int(np.argmax(newest_first(understand(question), found, logits)))].text


TOLL = "How many people did the storm in Lena kill?"


def test_a_newer_figure_takes_the_place_of_a_likelier_one_only_where_both_tell_of_the_same_thing():
    assert figures(TOLL, *STORM).startswith("34")
    other = ("Frost in the vineyards of Oslo killed 70 percent of the young shoots overnight.", "2025-04-01")
    assert figures(TOLL, STORM[0], other).startswith("41")


def test_only_a_figure_is_exchanged_for_a_newer_one():
    assert figures("Why did the storm in Lena kill people?", *STORM).startswith("41")


def test_a_figure_of_a_named_year_is_not_exchanged_for_a_newer_one():
    for question in (TOLL.replace("?", " in 2025?"), TOLL.replace("storm", "2025 storm")):
        assert figures(question, *STORM).startswith("41")


def test_a_figure_of_unknown_day_gives_way_to_a_dated_one():
    first, second = tolls(*STORM)
    undated = replace(first.scored, article=replace(first.scored.article, published=None))
    found = candidates(understand(TOLL), [replace(first, scored=undated), second])
    order = newest_first(understand(TOLL), found, np.array([1.0, 0.0]))
    assert found[int(np.argmax(order))].text.startswith("34")

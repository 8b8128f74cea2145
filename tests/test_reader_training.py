"""What the reader learns from, and what is kept from it."""

from collections import Counter
from pathlib import Path

import pytest

from ingest.minilm import load_tokenizer
from qa.reader.examples import Example, _occurrences, held_out, span_examples
from qa.reader.train import TRAINING_TOKENS, _places
from qa.reader.windows import Windows

DATA = Path(__file__).parents[2] / "shared" / "data"


KEPT_APART = {"span:Huguenot"}  # the shipped network never saw it


@pytest.fixture(scope="module")
def examples():
    if not (DATA / "span_qa").is_dir():
        pytest.skip("the shared training data is not here")
    return list(span_examples(DATA))


def test_every_marked_answer_is_a_span_of_its_context(examples):
    for one in examples:
        assert all(0 <= start < end <= len(one.context) for start, end in one.answers)


def test_nothing_that_is_for_testing_only_is_learned_from(examples):
    import gzip
    import json

    for name in ("xquad.en", "xquad.es"):
        with gzip.open(DATA / "span_qa" / f"{name}.json.gz", "rt", encoding="utf-8") as file:
            articles = json.load(file)["data"]
        tested = {paragraph["context"] for article in articles for paragraph in article["paragraphs"]}
        questions = {q["question"] for article in articles for p in article["paragraphs"] for q in p["qas"]}
        assert not tested & {one.context for one in examples}
        asked = [one for one in examples if one.answers and one.question.strip() in questions]
        assert len(asked) < 10  # only questions so general that other paragraphs are asked them too


def test_a_group_is_kept_apart_as_a_whole_and_an_eighth_of_them_is(examples):
    groups = {one.group for one in examples}
    share = sum(map(held_out, groups)) / len(groups)
    assert 0.08 < share < 0.16
    assert all(map(held_out, KEPT_APART)) and not held_out("span:Normandy")
    kinds = Counter(one.kind for one in examples if held_out(one.group))
    assert kinds["squad2_dev_half"] > 300


def test_the_tokens_marked_are_those_of_the_answer():
    context = "The ferry stopped on Monday. Ana Ruiz, the harbour master, said so on Tuesday."
    start = context.index("Ana Ruiz")
    one = Example("Who said so?", "Ferry", context, ((start, start + 8),), "x", "x")
    tokenizer = load_tokenizer()
    tokenizer.no_truncation()
    (window,) = Windows(tokenizer, tokens=TRAINING_TOKENS).of(one.question, one.title, one.context)
    (first,), (last,) = _places(window, one.answers)
    assert context[window.offsets[first - 1][0] : window.offsets[last - 1][1]] == "Ana Ruiz"


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("The Beatles played. the beatles left.", "The Beatles", ["Beatles", "beatles"]),
        ("It cost $22 an hour, not $222.", "22", ["22"]),
        ("São Paulo and Rio", "Rio", ["Rio"]),
        ("Yes, yes.", "Yes", []),
        ("Nothing here", "Oslo", []),
    ],
)
def test_an_answer_is_found_on_word_borders_whatever_its_case(text, answer, found):
    assert [text[start:end] for start, end in _occurrences(text, answer)] == found

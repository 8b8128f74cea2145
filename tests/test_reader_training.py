"""What the reader learns from, and what is kept from it."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from ingest.errors import SourceError
from ingest.minilm import _thinned, load_tokenizer
from qa.reader.examples import (
    LEARNED,
    LESSONS,
    Example,
    _occurrences,
    held_out,
    lesson_examples,
    near_misses,
    span_examples,
)
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


def test_a_near_miss_asks_for_a_name_or_number_that_its_context_does_not_hold():
    context = "Ana Ruiz built the pier of {} in {}."
    places = [("Varna", "1990"), ("Oslo", "1991"), ("Lima", "1992"), ("Perth", "1993")] * 10
    asked = [
        Example(f"Who paid for the pier of {city} in {year}?", "", context.format(city, year), ((0, 8),), "x", city)
        for city, year in places
    ]
    missed = list(near_misses("new_wiki", asked))
    assert 4 <= len(missed) < len(asked)
    for one in missed:
        city, year = one.group, one.context[-5:-1]
        assert not one.answers
        assert (city in one.question) != (year in one.question)  # one of the two was exchanged, the other left
        assert one.question.startswith("Who paid for the pier of ")


def test_a_near_miss_asks_for_the_opposite_of_what_its_context_tells():
    context = "Ana Ruiz opened the pier on Monday. {}"
    asked = [
        Example("Who opened the pier?", "", context.format(more), ((0, 8),), "x", more)
        for more in ["Nobody else came.", "It was closed for years."] * 40
    ]
    missed = list(near_misses("new_wiki", asked))
    assert 4 <= len(missed) < 40
    assert {(one.question, one.group, one.answers) for one in missed} == {
        ("Who closed the pier?", "Nobody else came.", ())  # where both words are told, it may be answered
    }
    assert not list(near_misses("squad_es_v1", asked[:1] * 40))  # its words are Spanish


def test_a_question_whose_names_the_context_does_not_hold_is_no_near_miss():
    asked = [Example(f"Who runs City {n}?", "", "The mayor does.", ((0, 9),), "new_wiki", "x") for n in range(40)]
    assert not list(near_misses("new_wiki", asked))


def test_dropout_changes_what_is_read_in_training_and_nothing_otherwise():
    import torch

    from ingest.minilm import join_attention, weights_folder
    from qa.reader.network import new_heads, read

    tokenizer = load_tokenizer()
    windows = list(Windows(tokenizer, tokens=64).of("Who said so?", "Ferry", "Ana Ruiz said so on Tuesday."))
    from safetensors.torch import load_file

    base = load_file(str(weights_folder() / "model.safetensors"))
    weights = join_attention({name: tensor for name, tensor in base.items() if tensor.is_floating_point()})
    weights |= new_heads(0)
    plain, again, thinned = (read(weights, windows, rate)[0] for rate in (0.0, 0.0, 0.3))
    assert torch.equal(plain, again) and not torch.equal(plain, thinned)


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


def test_weights_survive_their_8_bits():
    import numpy as np
    from safetensors.numpy import load_file

    from qa.reader.engine import PLACE, WEIGHTS
    from qa.reader.graph import quantized, restored

    shipped = load_file(str(PLACE / WEIGHTS))
    again = quantized(restored(shipped))
    assert again.keys() == shipped.keys()
    assert all(np.allclose(again[name], values, rtol=1e-5) for name, values in shipped.items())


LESSON = {
    "title": "Bridge of Varna shut",
    "text": "The bridge of Varna was shut on Monday. Engineer Ana Ruiz found a crack of nine centimetres in a pillar.",
    "language": "en",
    "asked": [["who discovered the damage", "Ana Ruiz", "Engineer Ana Ruiz found a crack"]],
    "not_answered": ["When will the bridge of Varna open?"],
}


def test_a_lesson_is_learned_with_its_answer_where_the_quote_has_it(tmp_path):
    (tmp_path / "1.jsonl").write_text(json.dumps(LESSON) + "\n", encoding="utf-8")
    examples = list(lesson_examples(tmp_path))
    answered = {one.question.rstrip("?"): one.context[slice(*one.answers[0])] for one in examples if one.answers}
    assert answered["who discovered the damage"] == "Ana Ruiz"
    assert "When will the bridge of Varna open" in {one.question.rstrip("?") for one in examples if not one.answers}
    assert {one.group for one in examples} == {"lesson:Bridge of Varna shut"}


def test_lessons_are_asked_of_other_articles_too_where_they_have_no_answer(tmp_path):
    towns = [f"{first}{last}" for first in ("Var", "Len", "Ost", "Bel", "Tor") for last in ("na", "gard", "mond", "ua")]
    lines = [json.dumps(LESSON).replace("Varna", town).replace("Ana Ruiz", f"Ana {town}") for town in towns]
    (tmp_path / "1.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    examples = list(lesson_examples(tmp_path))
    elsewhere = [one for one in examples if one.group.split()[2] not in one.context]
    assert elsewhere and not any(one.answers for one in elsewhere)


def test_lessons_that_earlier_trainings_saw_come_less_often(tmp_path):
    for number in (LEARNED, LEARNED + 1):
        line = json.dumps(LESSON | {"title": f"Bridge {number}"})
        (tmp_path / f"{number}.jsonl").write_text(line + "\n", encoding="utf-8")
    shares = {one.group: one.share for one in lesson_examples(tmp_path) if one.answers}
    assert shares[f"lesson:Bridge {LEARNED}"] < shares[f"lesson:Bridge {LEARNED + 1}"]


def test_whether_a_lesson_answers_is_not_told_by_a_question_mark(tmp_path):
    marked = {True: [], False: []}
    for path in LESSONS.glob("*1.jsonl"):  # of these, some were written with few marks in the questions answered
        shutil.copy(path, tmp_path)
    for one in lesson_examples(tmp_path):
        marked[bool(one.answers)].append(one.question.endswith("?"))
    answered, others = (sum(marks) / len(marks) for marks in marked.values())
    assert abs(answered - others) < 0.04 and answered < 0.95


def test_dropout_leaves_out_every_feature_alike_and_keeps_the_mean():
    import torch

    thinned = _thinned(torch.ones(20_000, 384), 0.1)
    assert torch.allclose((thinned == 0).float().mean(0), torch.tensor(26 / 256), atol=0.02)
    assert abs(thinned.mean().item() - 1) < 0.005


def test_without_lessons_a_training_says_what_is_missing(tmp_path):
    with pytest.raises(SourceError, match="corpus/lessons"):
        list(lesson_examples(tmp_path))

"""Passages: whole sentences, sized in the model's own tokens, that together hold the whole text."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.minilm import load_tokenizer
from ingest.sentences import sentence_spans
from ingest.split import split

WORDS = [
    "harbour",
    "the",
    "Mayor",
    "1,200",
    "año",
    "U.S.",
    "reconstruction",
    "x",
    "—",
    "(sic)",
    "“quoted”",
    "antidisestablishment",
]
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(lambda words: " ".join(words) + ".")
paragraphs = st.lists(sentences, min_size=1, max_size=5).map(" ".join)
articles = st.lists(paragraphs, max_size=5).map("\n\n".join)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@cache
def tokenizer():
    whole = load_tokenizer()
    whole.no_truncation()
    return whole


def tokens(text: str) -> int:
    return len(tokenizer().encode(text, add_special_tokens=False).ids)


def assert_holds_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(left[0] < right[0] and left[1] < right[1] for left, right in pairwise(spans))
    held = {place for start, end in spans for place in range(start, end)}
    assert all(place in held for place, character in enumerate(text) if not character.isspace())


@settings(deadline=None)
@given(articles, st.integers(20, 120))
def test_passages_are_ordered_spans_no_longer_than_asked_that_hold_every_word(text, size):
    spans = split(text, tokenizer(), size=size)
    assert_holds_the_text(text, spans)
    assert all(tokens(text[start:end]) <= size for start, end in spans)


@settings(deadline=None)
@given(anything, st.integers(1, 40))
def test_any_text_at_all_is_held_whole(text, size):
    assert_holds_the_text(text, split(text, tokenizer(), size=size))


@settings(deadline=None, max_examples=50)
@given(articles)
def test_passages_begin_and_end_where_sentences_do(text):
    bounds = sentence_spans(text)
    spans = split(text, tokenizer(), size=120)
    starts, ends = {start for start, _ in bounds}, {end for _, end in bounds}
    longest = max((tokens(text[start:end]) for start, end in bounds), default=0)
    if longest <= 120:
        assert all(start in starts and end in ends for start, end in spans)


@pytest.mark.parametrize("unit", ["storm surge ", "ab", "海", "3.14159 "])
def test_a_sentence_longer_than_the_window_is_cut_and_nothing_is_lost(unit):
    text = unit * 400
    spans = split(text, tokenizer(), size=50)
    assert_holds_the_text(text, spans)
    assert all(tokens(text[start:end]) <= 50 for start, end in spans)


def test_a_long_sentence_is_cut_between_words():
    text = "reconstruction of harbour " * 100
    assert all(
        text[start:end].split()[0] in ("reconstruction", "of", "harbour")
        for start, end in split(text, tokenizer(), size=31)
    )


def test_a_short_closing_sentence_opens_the_next_passage_too():
    text = "One two three four. Five six seven. Eight nine ten eleven."
    assert [text[start:end] for start, end in split(text, tokenizer(), size=10)] == [
        "One two three four. Five six seven.",
        "Five six seven. Eight nine ten eleven.",
    ]


def test_a_paragraph_ends_a_passage_that_is_nearly_full():
    text = "One two three four five six seven eight.\n\nNine ten."
    assert [text[start:end] for start, end in split(text, tokenizer(), size=12)] == text.split("\n\n")
    assert len(split(text, tokenizer(), size=40)) == 1


def test_text_without_a_word_has_no_passages():
    assert split("", tokenizer(), size=10) == split(" \n\n ", tokenizer(), size=10) == []

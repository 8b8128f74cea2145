"""Words of English and Spanish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.language import content_words, fold, guess_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "which Mexican states border Guatemala?"),
        ("en", "What did José Peña say about Córdoba?"),
        ("en", "Guatemala"),
        ("en", "tariffs"),
        ("es", "¿Renunció?"),
        ("es", "que estados limitan con Guatemala"),
        ("es", "quien gano las elecciones en Chile"),
        ("es", "noticias de la frontera con Guatemala"),
        ("es", "año nuevo"),
    ],
)
def test_the_language_is_told_by_function_words_and_marks(language, text):
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("which Mexican states border Guatemala?", ("mexican", "states", "border", "guatemala")),
        ("¿Qué dijo el Presidente Álvarez?", ("presidente", "alvarez")),
        ("Biden's plan for the U.S. and the US", ("biden", "plan", "us")),
        ("Did the WHO name COVID-19?", ("who", "covid", "19")),
        ("rivers, rivers and Rivers", ("rivers",)),
        ("Who is it?", ()),
    ],
)
def test_content_words_are_folded_and_without_stop_words(text, words):
    assert content_words(text) == words


@given(st.text())
def test_folding_keeps_offsets(text):
    assert len(fold(text)) == len(text)

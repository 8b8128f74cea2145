"""Quotes, + and - in a question."""

import pytest

from qa.question import understand


@pytest.mark.parametrize(
    ("text", "phrases", "required", "excluded", "search_text"),
    [
        ('Who spoke of "border security"?', ("border security",), (), (), "Who spoke of border security?"),
        ("«cese al fuego» en Gaza", ("cese al fuego",), (), (), "cese al fuego en Gaza"),
        ("“one phrase” and “another”", ("one phrase", "another"), (), (), "one phrase and another"),
        ("floods +Valencia -Brazil", (), ("Valencia",), ("Brazil",), "floods Valencia"),
        ('elections -"run off" Chile', (), (), ("run off",), "elections Chile"),
        ('elections +"run off" Chile', ("run off",), (), (), "elections run off Chile"),
        ("COVID-19 deaths", (), (), (), "COVID-19 deaths"),
        ("Spain won 2-1", (), (), (), "Spain won 2-1"),
        ("Biden - Trump debate", (), (), (), "Biden - Trump debate"),
        ("a fall of -5 degrees", (), (), (), "a fall of -5 degrees"),
        ("+5 degrees and C++", (), (), (), "+5 degrees and C++"),
        ('an unclosed "quote', (), (), (), "an unclosed quote"),
        ('nothing "" quoted', (), (), (), "nothing quoted"),
    ],
)
def test_operators_are_read_and_leave_the_words_to_search_with(text, phrases, required, excluded, search_text):
    question = understand(text)
    assert (question.phrases, question.required, question.excluded) == (phrases, required, excluded)
    assert question.search_text == search_text

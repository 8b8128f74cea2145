"""Outlets named in a question."""

import pytest

from qa.question import understand

OUTLETS = ("Harbor Ledger", "The Guardian", "El País", "Reuters", "Time", "theplainsman.com")


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("According to Harbor Ledger, who died?", ("Harbor Ledger",)),
        ("Who died according to the harbor ledger?", ("Harbor Ledger",)),
        ("What stood in the Guardian about tariffs?", ("The Guardian",)),
        ("news from Reuters about tariffs", ("Reuters",)),
        ("Según El Pais, ¿cuántos murieron?", ("El País",)),
        ("¿cuántos murieron según reuters y el país?", ("Reuters", "El País")),
        ("Who died according to Theplainsman?", ("theplainsman.com",)),
        ("Who spoke in the audio leaked by the Guardian?", ()),
        ("according to a report from the Reuters Institute, who reads?", ()),
        ("Did they arrive in time?", ()),
        ("What did Time say?", ()),
        ("Who lives near Harbor Ledger?", ()),
        ("According to Harbor Ledgers, who died?", ()),
        ("According to the Elsewhere Post, who died?", ()),
    ],
)
def test_outlets_named_with_a_cue_become_sources(text, sources):
    assert understand(text, outlets=OUTLETS).sources == sources


def test_the_outlet_is_not_searched_for():
    assert understand("According to Reuters, who resigned?", outlets=OUTLETS).search_text == "who resigned?"

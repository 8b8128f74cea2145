"""Names in a text."""

import pytest

from qa.names import find_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("which Mexican states border Guatemala?", ("Mexican", "Guatemala")),
        ("What did José Rolando Portillo tell the Bank of England?", ("José Rolando Portillo", "Bank of England")),
        ("¿Qué hizo Andrés Manuel López Obrador?", ("Andrés Manuel López Obrador",)),
        ("Did Guatemala's President Arévalo resign?", ("Guatemala", "President Arévalo")),
        ("Temperatures rose in Britain", ("Britain",)),
        ("NASA and COVID-19", ("NASA", "COVID-19")),
        ("Theresa May resigned", ("Theresa May",)),
        ("What did May say on Monday?", ("May",)),
        ("WHO WON THE CUP?", ()),
        ("who won?", ()),
    ],
)
def test_names_are_found_as_typed(text, names):
    assert find_names(text) == names

"""Wire copies are found; developing stories and look-alikes are not taken for copies."""

from __future__ import annotations

import pytest

from ingest.duplicates import same_report, signature

REPORT = (
    "The ferry to Green Island stopped on Monday after a storm tore away part of the pier, the harbour office said. "
    "About 1,200 passengers were stranded overnight in schools and churches. Engineers hope to lay a floating bridge "
    "by the end of the week. The line carries most of the island's food, and shops have begun to limit what each "
    "family may buy. It is the third storm this season."
)
SENTENCES = REPORT.split(". ")


def alike(one: str, other: str) -> bool:
    """As the library decides it: a shared band, then the exact comparison."""
    return bool(set(signature(one)) & set(signature(other))) and same_report(one, other)


@pytest.mark.parametrize(
    "copy",
    [
        REPORT,
        REPORT.upper(),
        REPORT.replace(". ", ".\n\n"),
        "PORT ELLEN (Reuters) - " + REPORT,
        REPORT + " Reporting by A. Writer; editing by B. Reader.",
        ". ".join(SENTENCES[:4]) + ".",
        REPORT.replace("tore away", "ripped away"),
    ],
)
def test_a_trimmed_or_edited_copy_is_the_same_report(copy):
    assert alike(REPORT, copy) and alike(copy, REPORT)


@pytest.mark.parametrize(
    "other",
    [
        REPORT.replace("1,200", "1,900"),
        "Growers in the Lena valley expect to pick grapes three weeks late this year. Cold nights in April held the "
        "vines back, the union said, and hail in June broke many of the young shoots on the western slopes.",
    ],
)
def test_another_report_is_not_a_copy(other):
    assert not alike(REPORT, other)


def test_short_texts_are_never_copies():
    assert signature("Markets closed higher on Friday.") == signature("") == []


def test_the_signature_is_the_same_every_time_and_fits_the_catalog():
    assert signature(REPORT) == signature(REPORT)
    assert all(0 <= band < 2**63 for band in signature(REPORT))

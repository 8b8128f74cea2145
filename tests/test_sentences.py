"""Sentences: where they end, that nothing is lost, and that no input makes the splitter fail or hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans


def sentences(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


def cpu_seconds(text: str) -> float:
    started = time.process_time()
    sentence_spans(text)
    return time.process_time() - started


@pytest.mark.parametrize(
    "sentence",
    [
        "The U.S. Army and the U.N. met in the U.S. Monday to talk.",
        "Mr. Smith, Mrs. Gray, Ms. Diaz and Dr. Jones of St. Louis were there.",
        "Seed No. 5 won on Jan. 5 at 3 p.m. Monday, before the 10:30 a.m. ET start.",
        "The writers J. K. Rowling, J.R.R. Tolkien and George W. Bush met J.D. Vance and C.J. Stroud.",
        "Prices rose 3.5 percent to $1.20 at Acme Inc. in Washington, D.C. last week.",
        "Lt. Gov. Ann Poe met Sen. Max Roe, R-Texas, and Rep. Lee (D-Calif.) on the hill.",
        "“We will go,” he said.",
        "“We will go!” he said.",
        "“Will you go?” she asked.",
        "TUXTLA GUTIÉRREZ, Chis. (apro).- The governor spoke on Monday.",
        "NEW YORK, N.Y. — Stocks fell.",
        "ST. LOUIS, Mo. (Reuters) - A fire broke out.",
        "WASHINGTON (AP) — The Senate voted.",
    ],
)
def test_a_sentence_with_points_inside_stays_whole(sentence):
    assert sentences(f"{sentence} Then it ended.") == [sentence, "Then it ended."]


@pytest.mark.parametrize(
    "sentence",
    [
        "El Sr. López, la Sra. Paz y la Dra. Ruiz viajaron a EE. UU. ayer.",
        "El art. 5 y la pág. 3 del núm. 7 siguen en vigor.",
        "CIUDAD DE MÉXICO, 3 de junio (EFE).- El presidente habló.",
        "La Profa. Díaz llegó a las 3 p. m. del lunes.",
        "“No iré”, dijo el Gral. Sandoval.",
    ],
)
def test_spanish_abbreviations_do_not_end_a_sentence(sentence):
    assert sentences(f"{sentence} ¿Qué pasó? Nada.", "es") == [sentence, "¿Qué pasó?", "Nada."]


def test_an_abbreviation_can_end_a_sentence():
    assert sentences("He left the U.S. The vote passed.") == ["He left the U.S.", "The vote passed."]
    assert sentences("They met at 5 p.m. The doors opened.") == ["They met at 5 p.m.", "The doors opened."]


def test_a_quote_of_several_sentences_keeps_the_closing_mark_with_its_last():
    assert sentences("He said: “It is late. We go.” Nobody moved.")[-1] == "Nobody moved."


def test_a_sentence_goes_on_over_a_line_end_but_not_over_a_blank_line():
    assert sentences("One line\nand the next.\n \nA heading\r\n\r\nMore") == [
        "One line\nand the next.",
        "A heading",
        "More",
    ]


def test_list_items_are_sentences_of_their_own():
    assert sentences("Points:\n- one thing\n- another\n2) third") == ["Points:", "- one thing", "- another", "2) third"]


def test_nothing_in_gives_nothing_out():
    assert sentence_spans("") == []
    assert sentence_spans(" \n\t\u2028\n ") == []


def test_a_sentence_across_two_windows_of_a_long_paragraph_stays_whole():
    sentence = "The committee met again on the second floor to talk about the water supply."
    text = " ".join([sentence] * 400)
    assert set(sentences(text)) == {sentence}


@given(
    st.text(
        alphabet=st.sampled_from([*" \n\t\r\u00a0\u2028\u3000\x85\x1c", *"aBéJ1.!?…()[]“”\"'’«»¿-—😀\u200b\ud800。"])
    ),
    st.sampled_from(["en", "es", "ja", "", "nonsense"]),
)
def test_offsets_are_exact_on_any_input(text, language):
    reached = 0
    for start, end in sentence_spans(text, language):
        assert reached <= start < end
        assert not text[reached:start].strip()
        assert text[start:end] == text[start:end].strip()
        reached = end
    assert not text[reached:].strip()


@given(st.text())
def test_any_text_is_covered_in_order(text):
    spans = sentence_spans(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    "unit", ["a", ".", "“", '"', "A.", "Mr. ", " ", "\n ", "\n- ", "a.-", "AB C, ", "(.\u2028", "p.m. ", "😀"]
)
def test_a_megabyte_of_garbage_is_split_in_seconds(unit):
    assert cpu_seconds(unit * (1_000_000 // len(unit))) < 20


def test_news_is_split_faster_than_a_megabyte_a_second():
    paragraph = "Officials in St. Louis said it would cost $3.5 million. “We agreed,” Mr. Poe said. It starts soon.\n\n"
    text = paragraph * 10_000
    sentence_spans(paragraph)
    assert min(cpu_seconds(text) for _ in range(3)) < len(text) / 1e6

"""Looking through a library: newest first, by words, outlet, language and day, a few at a time and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import newsdesk
import pytest

from ingest.browse import browse
from ingest.filters import Filter
from ingest.library import Library
from ingest.pipeline import ingest


@pytest.fixture
def library(small):
    with Library.open(small) as library:
        yield library


def add(library: Library, tmp_path, *articles) -> None:
    ingest(library, [newsdesk.write_source(tmp_path / "more.jsonl", articles)])


def numbers(looked) -> list[int]:
    return [int(entry.article.url.rsplit("/", 1)[1]) for entry in looked.entries]


def test_the_newest_come_first_a_few_at_a_time_and_all_are_counted(library):
    assert numbers(browse(library, count=3)) == [11, 10, 9]
    assert numbers(browse(library, first=9, count=5)) == [2, 1, 0]
    assert browse(library, first=9, count=5).total == 12
    assert browse(library, first=50).entries == () and browse(library, first=50).total == 12


def test_of_one_day_what_came_last_comes_first_and_the_undated_come_last(library, tmp_path):
    same_day = replace(newsdesk.article(20), published=newsdesk.article(11).published)
    add(library, tmp_path, same_day, replace(newsdesk.article(21), published=None))
    found = numbers(browse(library, count=20))
    assert found[:2] == [20, 11] and found[-1] == 21


def test_words_are_looked_for_in_title_and_text_inflected_or_not(library):
    assert numbers(browse(library, words=["Galata"])) == [6]
    assert numbers(browse(library, words=["schools", "cheer", "GALATA"])) == [6]
    assert browse(library, words=["penguin"]).total == 0


def test_all_words_must_be_there_though_in_different_passages(library):
    assert len(browse(library, words=["Galata"]).entries[0].passages) > 1
    assert numbers(browse(library, words=["crowd", "critics", "Galata"])) == [6]
    assert browse(library, words=["Galata", "Horta"]).total == 0


def test_a_phrase_is_looked_for_as_it_stands(library):
    assert browse(library, words=["critics in Galata"]).total == 1
    assert browse(library, words=["Galata in critics"]).total == 0


def test_what_is_excluded_is_left_out(library):
    assert 6 not in numbers(browse(library, without=["Galata"]))
    assert browse(library, without=["Galata"]).total == 11


def test_signs_alone_ask_for_nothing(library):
    assert browse(library, words=["-", "?!"], without=["…"]).total == 12


def test_outlet_language_and_days_narrow_it_down(library, tmp_path):
    add(library, tmp_path, replace(newsdesk.article(30), language="es", title="Los alcaldes de Horta"))
    assert numbers(browse(library, Filter(language="es"))) == [30]
    assert numbers(browse(library, Filter(language="es"), words=["alcalde"])) == [30]
    assert numbers(browse(library, Filter(sources=frozenset({"Harbour Post"})))) == [10, 7, 4, 1]
    first, last = date(2024, 1, 3).toordinal(), date(2024, 1, 5).toordinal()
    assert numbers(browse(library, Filter(after=first, before=last))) == [4, 3, 2]
    assert browse(library, Filter(after=first, before=last), words=["Galata"]).total == 0


def test_what_is_forgotten_or_replaced_is_not_listed(library, tmp_path):
    library.forget("https://news.example/6")
    add(library, tmp_path, newsdesk.article(7, version=1))
    looked = browse(library, count=20)
    assert looked.total == 11 and sorted(numbers(looked)) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
    assert browse(library, words=["Galata"]).total == 0


def test_an_empty_library_has_nothing_to_look_through(tmp_path):
    with Library.open(tmp_path / "empty", create=True) as library:
        assert browse(library).total == 0 and browse(library, words=["anything"]).entries == ()


def test_without_a_word_index_words_find_nothing_and_a_notice_says_why(library):
    (library.path / "words.json").unlink()
    assert browse(library, words=["Galata"]).total == 0
    assert "word index" in library.notices[0]
    assert browse(library).total == 12

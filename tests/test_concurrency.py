"""Asking goes on while an ingest runs, and an ingest works while a chat is open."""

from __future__ import annotations

import threading
import time

import newsdesk
import pytest
from newsdesk import (
    CHILDREN,
    article,
    chroma_is_ready,
    nearest,
    random_rows,
    wait_until,
    words_are_level,
    wordy,
    write_source,
)

from ingest.catalog import Catalog
from ingest.errors import LibraryBusyError
from ingest.filters import Filter
from ingest.library import Library, Prepared
from ingest.pipeline import ingest
from ingest.records import Article
from ingest.words import WordQuery


def texts(path) -> list[str]:
    with Library.open(path) as library:
        return sorted(held.text for held in library.articles())


def test_three_processes_ask_while_another_ingests(small, tmp_path):
    stop, answers = CHILDREN.Event(), CHILDREN.Queue()
    askers = [CHILDREN.Process(target=newsdesk.do_ask, args=(small, stop, answers)) for _ in range(3)]
    for asker in askers:
        asker.start()
    for version in (1, 0, 1):
        source = write_source(tmp_path / "new.jsonl", [article(number, version) for number in range(18)])
        started = CHILDREN.Event()
        writer = CHILDREN.Process(target=newsdesk.do_ingest, args=(small, source, started))
        writer.start()
        writer.join(180)
        assert writer.exitcode == 0
    stop.set()
    for searches, wrong in [answers.get(timeout=120) for _ in askers]:
        assert wrong == [] and searches > 0
    for asker in askers:
        asker.join()
    assert texts(small) == sorted(article(number, 1).text for number in range(18))
    with Library.open(small) as library:
        assert library.check().problems == []


def test_an_ingest_works_while_a_chat_is_open_and_the_chat_sees_it(small, tmp_path):
    fact = article(20).text.split("\n\n")[0]
    source = write_source(tmp_path / "new.jsonl", [article(20), article(2, 1)])
    with Library.open(small, follow=True) as chat:
        wait_until(lambda: chroma_is_ready(chat))
        started = CHILDREN.Event()
        writer = CHILDREN.Process(target=newsdesk.do_ingest, args=(small, source, started))
        writer.start()
        writer.join(180)
        assert writer.exitcode == 0
        assert fact in nearest(chat, fact, 5)  # at once, by the exact search of what Chroma has not seen
        wait_until(lambda: chroma_is_ready(chat) and words_are_level(chat), 30)
        assert fact in nearest(chat, fact, 5) and wordy(chat, fact, 1) == [fact]
        assert chat.follower.search(chat.embeddings.encode_query(fact), 1)[2] == chat.catalog.mark().added
        assert article(2).text.split("\n\n")[1] not in nearest(chat, article(2).text, 60)
    with Library.open(small) as library:
        assert library.check().problems == []


def test_a_second_ingest_waits_for_the_first(small, tmp_path):
    writers, started = [], CHILDREN.Event()
    for start in (12, 18):
        source = write_source(tmp_path / f"{start}.jsonl", map(article, range(start, start + 6)))
        writers.append(CHILDREN.Process(target=newsdesk.do_ingest, args=(small, source, started)))
    with Library.open(small) as library:
        with library.writing():
            for writer in writers:
                writer.start()
            assert started.wait(120)
            time.sleep(0.5)
            assert library.status().articles == 12 and all(writer.is_alive() for writer in writers)
        for writer in writers:
            writer.join(180)
            assert writer.exitcode == 0
        library.follower.catch_up()
        assert texts(small) == sorted(article(number).text for number in range(24))
        assert library.check().problems == []


def test_two_chats_share_a_library_though_one_alone_opens_chroma(small, tmp_path):
    with Library.open(small, follow=True) as first:
        wait_until(lambda: chroma_is_ready(first))
        with Library.open(small, follow=True) as second:
            ingest(second, [write_source(tmp_path / "new.jsonl", [article(20)])])
            fact = article(20).text.split("\n\n")[0]
            assert fact in nearest(second, fact, 5)
            assert second.follower._chroma is None
            wait_until(lambda: chroma_is_ready(first))
            assert fact in nearest(first, fact, 5)
            first.close()
            wait_until(lambda: chroma_is_ready(second))
            assert fact in nearest(second, fact, 5)


def test_rebuilding_what_a_chat_has_open_says_so(small, monkeypatch):
    monkeypatch.setattr("ingest.follow.LOCK_SECONDS", 0.2)
    with Library.open(small, follow=True) as chat, Library.open(small) as library:
        wait_until(lambda: chroma_is_ready(chat))
        with pytest.raises(LibraryBusyError, match="close it first"):
            library.rebuild()
        report = library.check()
        assert report.problems == [] and "not everything was checked" in report.notes[0]


def test_threads_search_while_another_writes(tmp_path):
    wrong: list[BaseException] = []
    done = threading.Event()

    def ask(library: Library) -> None:
        try:
            while not done.is_set():
                library.dense(random_rows(1, 1)[0], 5, Filter(after=1))
                library.dense(random_rows(1, 1)[0], 5)
                keys, _ = library.words(WordQuery("story"), 5)
                library.entries_of(keys.tolist())
                library.shelf.days(keys)
                library.status()
        except BaseException as error:
            wrong.append(error)

    with Library.open(tmp_path / "library", create=True) as library:
        threads = [threading.Thread(target=ask, args=(library,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(40):
            story = Article(text=f"The story so far, part {turn}.", url=f"https://news.example/{turn % 7}")
            with library.writing() as writer:
                writer.put([Prepared(story, ((0, len(story.text)),), random_rows(1, turn))])
            library.follower.catch_up_words()
        done.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert len(library.dense(random_rows(1, 1)[0], 99)[0]) == 7
        assert library.check().problems == []


def test_what_is_committed_while_an_index_catches_up_is_in_it_once(tmp_path, monkeypatch):
    """The commit falls between the reading of the goal and of the articles, where a chat's commonest race is."""

    def put(number: int) -> None:
        story = Article(text=f"Story number {number}.", url=f"https://news.example/{number}")
        with library.writing() as writer:
            writer.put([Prepared(story, ((0, len(story.text)),), random_rows(1, number))])

    with Library.open(tmp_path / "library", create=True) as library:
        put(1)
        library.follower.catch_up()
        put(2)
        entries, late = library.catalog.entries, [3]

        def entries_after_a_commit(first=0):
            if late:
                put(late.pop())
            return entries(first)

        monkeypatch.setattr(library.catalog, "entries", entries_after_a_commit)
        library.follower.catch_up_words()
        monkeypatch.undo()
        library.follower.catch_up()
        assert library.follower._words.searcher().num_docs == 3
        assert library.check().problems == []


def test_closing_a_library_while_other_threads_read_it_neither_crashes_nor_calls_it_damaged(tmp_path):
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.create({"model": "any"})
    done, failures = threading.Event(), []

    def read():
        while not done.is_set():
            try:
                catalog.mark()
            except Exception as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(300):
        catalog.close()
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []

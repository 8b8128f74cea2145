"""kill -9 at any moment leaves a library that opens, answers at once, is whole, and completes on the next run."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import newsdesk
import pytest
from newsdesk import CHILDREN, article, counted_embedding, nearest, wait_until, wordy, write_source

from ingest.embed import passage_input
from ingest.follow import Follower
from ingest.library import Library
from ingest.pipeline import ingest

KILLS = [pytest.param(6), pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
HELD, ALL = range(12), range(20)
INDEX_FAULTS = ("the word index is ", "the Chroma folder is not closed cleanly")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr("ingest.pipeline.PASSAGE_SHARE", newsdesk.SHORT_PASSAGES)
    monkeypatch.setattr("ingest.pipeline.BATCH_PASSAGES", 12)


def run(target: Callable[..., None], *arguments: object, kill_after: float | None = None) -> tuple[float, bool]:
    """Runs in a child process, killed after so many seconds; the seconds that it ran, and whether it was killed."""
    started = CHILDREN.Event()
    child = CHILDREN.Process(target=target, args=(*arguments, started))
    child.start()
    assert started.wait(120)
    begun = time.monotonic()
    child.join(120 if kill_after is None else kill_after)
    killed = child.is_alive()
    child.kill()
    child.join()
    assert killed or child.exitcode == 0
    assert kill_after is not None or not killed, "the child hangs"
    return time.monotonic() - begun, killed


def assert_whole(path: Path, may_be: dict[str, list[str]]) -> None:
    """Everything in the library is one of the texts that its article may have; all is sound but an index cut short."""
    with Library.open(path) as library:
        if library.catalog.mark().added:
            assert nearest(library, "Which mayor opened a bridge?"), "it does not answer at once"
        wordy(library, "bridge")
        for held in library.articles():
            assert held.text in may_be[held.url]
        report = library.check()
        assert [problem for problem in report.problems if not problem.startswith(INDEX_FAULTS)] == []


def assert_sound(path: Path, texts: dict[str, str]) -> None:
    """The library holds exactly these texts, and nothing is wrong with it or its indexes."""
    with Library.open(path) as library:
        library.follower.catch_up()
        assert {held.url: held.text for held in library.articles()} == texts
        assert library.check().problems == []


def texts_of(numbers, version: int = 0) -> dict[str, str]:
    return {article(number).url: article(number, version).text for number in numbers}


def complete_ingest(path: Path, source: str) -> None:
    """The next run; it embeds nothing that the killed ones had committed."""
    with Library.open(path, create=True) as library:
        committed = {
            passage_input(entry.article, start, end)
            for entry in library.catalog.entries()
            for start, end in entry.spans
        }
        with counted_embedding(library) as embedded:
            ingest(library, [source])
        assert committed.isdisjoint(embedded)


def kill_often(kills: int, fresh: Callable[[], Path], target: Callable[..., None], *arguments: object, check) -> Path:
    """Kills the work at random moments of its usual length, checking each time; starts afresh where it got done."""
    usual, _ = run(target, path := fresh(), *arguments)
    check(path)
    chance, done, path = random.Random(11), 0, fresh()
    while done < kills:
        _, killed = run(target, path, *arguments, kill_after=chance.uniform(0, usual))
        check(path)
        done += killed
        if not killed:
            path = fresh()
    return path


def copies_of(library: Path, folder: Path) -> Callable[[], Path]:
    count = iter(range(10_000))
    return lambda: Path(shutil.copytree(library, folder / f"copy-{next(count)}"))


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_ingest_loses_nothing_and_is_completed(tmp_path, kills):
    source = write_source(tmp_path / "all.jsonl", map(article, ALL))
    count = iter(range(10_000))
    may_be = {url: [text] for url, text in texts_of(ALL).items()}

    def check(path: Path) -> None:
        if (path / "catalog.sqlite").exists():
            assert_whole(path, may_be)

    path = kill_often(kills, lambda: tmp_path / f"library-{next(count)}", newsdesk.do_ingest, source, check=check)
    complete_ingest(path, source)
    assert_sound(path, texts_of(ALL))


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_replacement_leaves_each_article_old_or_new(small, tmp_path, kills):
    source = write_source(tmp_path / "new.jsonl", [article(number, 1) for number in HELD])
    old, new = texts_of(HELD), texts_of(HELD, 1)

    def check(path: Path) -> None:
        assert_whole(path, {url: [old[url], new[url]] for url in old})
        with Library.open(path) as library:
            assert {held.url for held in library.articles()} == set(old)

    path = kill_often(kills, copies_of(small, tmp_path), newsdesk.do_ingest, source, check=check)
    complete_ingest(path, source)
    assert_sound(path, new)


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_forget_leaves_each_article_whole_or_gone(small, tmp_path, kills):
    texts = texts_of(HELD)
    urls = [article(number).url for number in range(0, 12, 2)]

    def check(path: Path) -> None:
        assert_whole(path, {url: [text] for url, text in texts.items()})
        with Library.open(path) as library:
            assert {held.url for held in library.articles()} >= set(texts) - set(urls)

    path = kill_often(kills, copies_of(small, tmp_path), newsdesk.do_forget, urls, check=check)
    run(newsdesk.do_forget, path, urls)
    assert_sound(path, {url: text for url, text in texts.items() if url not in urls})
    with Library.open(path) as library:
        rows = library.vectors.rows(library.catalog.mark().added)
        dead = [
            key
            for first, count in library.catalog.removals(type(library.catalog.mark())())
            for key in range(first, first + count)
        ]
        assert dead and not rows[dead].any()


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_rebuild_loses_nothing(small, tmp_path, kills):
    texts = texts_of(HELD)

    def check(path: Path) -> None:
        assert_whole(path, {url: [text] for url, text in texts.items()})

    path = kill_often(kills, copies_of(small, tmp_path), newsdesk.do_rebuild, check=check)
    run(newsdesk.do_rebuild, path)
    assert_sound(path, texts)


def test_after_a_killed_chat_chroma_is_rebuilt_while_exact_search_answers(small, monkeypatch):
    ready, stop = CHILDREN.Event(), CHILDREN.Event()
    chat = CHILDREN.Process(target=newsdesk.do_follow, args=(small, ready, stop))
    chat.start()
    assert ready.wait(120)
    left = set(small.glob("chroma-*"))
    chat.kill()
    chat.join()
    with Library.open(small) as library:
        assert library.follower.faults() == {"chroma": "the Chroma folder is not closed cleanly"}

    held_up = []
    follow = Follower._follow_chroma
    monkeypatch.setattr(Follower, "_follow_chroma", lambda *a: follow(*a) if held_up else None)
    with Library.open(small, follow=True) as library:
        wait_until(lambda: library.follower._chroma is not None)
        assert library.follower.search(library.embeddings.encode_query("bridge"), 3) is None
        assert nearest(library, article(3).text.split("\n\n")[0], 1) == [article(3).text.split("\n\n")[0]]
        assert "not closed cleanly" in " ".join(library.notices)
        held_up.append(False)
        wait_until(lambda: newsdesk.chroma_is_ready(library))
        assert library.notices == ()
        assert nearest(library, article(3).text.split("\n\n")[0], 1) == [article(3).text.split("\n\n")[0]]
    assert left and left.isdisjoint(small.glob("chroma-*"))
    assert_sound(small, texts_of(HELD))

"""A damaged, deleted or stale index is noticed, said, and rebuilt in the background while answers keep coming."""

from __future__ import annotations

import logging
import os
import random
import shutil
from pathlib import Path

import pytest
from newsdesk import article, chroma_is_ready, nearest, wait_until, words_are_level, wordy

from ingest.catalog import Mark
from ingest.errors import LibraryDamagedError
from ingest.library import Library
from ingest.seal import read_seal, write_seal

FACT = article(5).text.split("\n\n")[0]


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def scribble(path: Path) -> None:
    """Overwrites the middle third with other bytes."""
    data = bytearray(path.read_bytes())
    third = max(1, len(data) // 3)
    for i in range(len(data) // 2 - third // 2, len(data) // 2 - third // 2 + third):
        data[i] ^= random.Random(i).randrange(1, 256)
    path.write_bytes(bytes(data))


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


DAMAGES = [cut, scribble, delete]
PARTS = ["words", "chroma"]


def files_of(library: Path, part: str) -> list[Path]:
    """The seal and every file of an index that has bytes to damage."""
    files = [library / f"{part}.json", *sorted(library.glob(f"{part}-*/**/*"))]
    return [path for path in files if path.is_file() and path.stat().st_size and path.suffix != ".lock"]


def answers(library: Library) -> bool:
    return nearest(library, FACT, 1) == [FACT]


def assert_heals(path: Path, caplog) -> None:
    """Right results from the first moment, a notice, and soon sound indexes."""
    caplog.set_level(logging.INFO, "dateline")
    with Library.open(path, follow=True) as library:
        assert answers(library)
        wordy(library, FACT)
        wait_until(lambda: answers(library) and chroma_is_ready(library) and words_are_level(library))
        assert wordy(library, FACT, 1) == [FACT]
        assert answers(library)
        assert library.notices == ()
    with Library.open(path) as library:
        assert library.check().problems == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_check_reports_every_damaged_file_and_only_repair_mends_it(small, tmp_path, part, damage):
    places = [file.relative_to(small) for file in files_of(small, part)]
    assert len(places) > 3
    for number, place in enumerate(places):
        path = Path(shutil.copytree(small, tmp_path / f"copy-{number}"))
        damage(path / place)
        with Library.open(path) as library:
            found = library.check().problems
            assert len(found) == 1 and {"words": "word index", "chroma": "Chroma"}[part] in found[0], place
            assert library.check().problems == found, "it was mended without being asked to"
    with Library.open(path) as library:
        report = library.check(repair=True)
        assert report.problems == found and report.repaired
        assert library.check().problems == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damaged_file_is_noticed_and_healed_while_answers_keep_coming(small, tmp_path, caplog, part, damage):
    places = [file.relative_to(small) for file in files_of(small, part)]
    for number, place in enumerate(places):
        path = Path(shutil.copytree(small, tmp_path / f"copy-{number}"))
        damage(path / place)
        caplog.clear()
        assert_heals(path, caplog)
        assert "rebuilt" in caplog.text, place


@pytest.mark.parametrize("part", PARTS)
def test_a_deleted_folder_is_healed(small, caplog, part):
    for folder in small.glob(f"{part}-*"):
        shutil.rmtree(folder)
    with Library.open(small) as library:
        assert len(library.check().problems) == 1
    assert_heals(small, caplog)
    assert "rebuilt" in caplog.text


@pytest.mark.parametrize("part", PARTS)
def test_an_index_of_another_library_is_not_used(small, caplog, part):
    seal = small / f"{part}.json"
    old = read_seal(seal)
    assert old
    write_seal(seal, small / old.folder, "another library", old.mark)
    assert_heals(small, caplog)
    assert "made for another library" in caplog.text


@pytest.mark.parametrize("part", PARTS)
def test_an_index_that_cannot_be_opened_though_its_seal_fits_is_rebuilt(small, caplog, part):
    seal = read_seal(small / f"{part}.json")
    assert seal
    for file in files_of(small, part)[1:]:
        file.write_bytes(os.urandom(file.stat().st_size))
    write_seal(small / f"{part}.json", small / seal.folder, seal.library, seal.mark)
    assert_heals(small, caplog)
    assert "rebuilt" in caplog.text


def test_a_stale_index_catches_up(small, tmp_path, caplog):
    older = Path(shutil.copytree(small, tmp_path / "older"))
    with Library.open(small) as library:
        library.forget(article(3).url)
    for part in PARTS:
        for folder in small.glob(f"{part}-*"):
            shutil.rmtree(folder)
        shutil.copy(older / f"{part}.json", small / f"{part}.json")
        for folder in older.glob(f"{part}-*"):
            shutil.copytree(folder, small / folder.name)
    with Library.open(small) as library:
        assert all(
            article(3).title.split()[0] in text or "number 3 " not in text for text in wordy(library, "bridge", 9)
        )
    assert_heals(small, caplog)


@pytest.mark.parametrize("part", PARTS)
def test_a_folder_deleted_while_a_chat_has_it_open_is_rebuilt(small, part):
    with Library.open(small, follow=True) as library:
        wait_until(lambda: chroma_is_ready(library) and words_are_level(library))
        old = list(small.glob(f"{part}-*"))
        for folder in old:
            shutil.rmtree(folder)
        assert answers(library)
        wait_until(lambda: (new := list(small.glob(f"{part}-*"))) and new != old)
        wait_until(lambda: chroma_is_ready(library) and words_are_level(library))
        assert answers(library) and wordy(library, FACT, 1) == [FACT]
    with Library.open(small) as library:
        assert library.check().problems == []


def test_a_chroma_that_starts_to_fail_is_dropped_and_rebuilt_and_nobody_sees_an_error(small):
    with Library.open(small, follow=True) as library:
        wait_until(lambda: chroma_is_ready(library))
        broken = library.follower._chroma
        broken._client.delete_collection("passages")
        assert answers(library)
        wait_until(lambda: library.follower._chroma is not broken and chroma_is_ready(library))
        assert answers(library)


def test_vectors_that_were_cut_or_scribbled_on_are_reported_and_computed_again(small):
    for damage in (cut, scribble):
        damage(small / "vectors.f32")
        with Library.open(small) as library:
            found = library.check()
            assert any("no valid vector" in problem for problem in found.problems)
            assert any("indexes were not checked" in note for note in found.notes)
            report = library.check(repair=True)
            assert any("computed again" in line for line in report.repaired)
        with Library.open(small) as library:
            assert library.check().problems == []
            assert answers(library)


def test_missing_vectors_are_an_error_that_says_what_to_do(small):
    cut(small / "vectors.f32")
    with Library.open(small) as library, pytest.raises(LibraryDamagedError, match="--repair"):
        nearest(library, FACT)


def test_a_catalog_of_garbage_is_an_error_that_says_what_to_do(small):
    (small / "catalog.sqlite").write_bytes(os.urandom(50_000))
    with pytest.raises(LibraryDamagedError, match="restore it from a copy"):
        Library.open(small)


def test_a_catalog_damaged_inside_is_found_by_check(small):
    catalog = small / "catalog.sqlite"
    data = bytearray(catalog.read_bytes())
    page = 4096
    for start in range(4 * page, len(data), 2 * page):
        data[start : start + page] = random.Random(start).randbytes(page)
    catalog.write_bytes(bytes(data))
    try:
        with Library.open(small) as library:
            assert library.check().problems
    except LibraryDamagedError as error:
        assert "restore it from a copy" in str(error)


def test_an_article_altered_behind_our_back_is_found_by_check(small):
    with Library.open(small) as library:
        with library.catalog.transaction() as connection:
            connection.execute("UPDATE articles SET text = replace(text, 'cheering', 'hostile') WHERE first = 0")
        assert any("not what was stored" in problem for problem in library.check().problems)


def test_a_library_never_followed_is_not_at_fault(small):
    for part in PARTS:
        for folder in small.glob(f"{part}-*"):
            shutil.rmtree(folder)
        (small / f"{part}.json").unlink()
    with Library.open(small) as library:
        assert library.check().problems == []
        assert read_seal(small / "words.json").mark == library.catalog.mark() != Mark()

"""The library: upsert by identity, forgetting, filters, and the errors that say what to do."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import newsdesk
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsdesk import (
    CHILDREN,
    article,
    chroma_is_ready,
    counted_embedding,
    nearest,
    random_rows,
    wait_until,
    wordy,
    write_source,
)

from ingest.errors import (
    LibraryBusyError,
    LibraryError,
    LibraryMismatchError,
    LibraryNotFoundError,
    SettingsError,
    SourceError,
)
from ingest.filters import Filter
from ingest.library import Library, Prepared
from ingest.pipeline import ingest
from ingest.records import Article, Rejected
from ingest.words import WordQuery

TODAY = datetime(2025, 5, 1, tzinfo=UTC)


def put(library: Library, *articles: Article, seed: int = 1) -> None:
    """Makes articles live, one passage each, with vectors that need no model."""
    with library.writing() as writer:
        rows = random_rows(len(articles), seed)
        writer.put([Prepared(a, ((0, len(a.text)),), row[None]) for a, row in zip(articles, rows, strict=True)])


def plain(number: int, text: str = "", **fields) -> Article:
    return Article(text=text or f"Body of story {number}.", url=f"https://news.example/{number}", **fields)


@pytest.fixture
def empty(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        yield library


# --- upsert by identity


def test_the_same_article_again_changes_nothing(small, tmp_path):
    source = write_source(tmp_path / "again.jsonl", map(article, range(12)))
    with Library.open(small) as library, counted_embedding(library) as embedded:
        before = [library.catalog.mark(), *library.catalog.entries()]
        report = ingest(library, [source])
        assert (report.unchanged, report.indexed, report.updated) == (12, 0, 0)
        assert [library.catalog.mark(), *library.catalog.entries()] == before
        assert embedded == []


def test_a_changed_article_replaces_its_old_version_in_words_and_vectors(small, tmp_path):
    source = write_source(tmp_path / "new.jsonl", [article(4, 1)])
    title, url = article(4).title, article(4).url
    old, new = (article(4, version).text.split("\n\n", 1)[1] for version in (0, 1))
    with Library.open(small) as library, counted_embedding(library) as embedded:
        assert [passage.text for passage in library.catalog.find(url).passages][1:] == [old]
        assert nearest(library, f"{title}\n{old}", 1) == [old] and old in wordy(library, old, 40)
        report = ingest(library, [source])
        assert (report.updated, report.indexed, library.status().articles) == (1, 0, 12)
        assert library.article(url).text == article(4, 1).text
        assert embedded[-1] == f"{title}\n{new}"
        assert nearest(library, f"{title}\n{new}", 1) == [new] and new in wordy(library, new, 40)
        assert old not in nearest(library, f"{title}\n{old}", 60) and old not in wordy(library, old, 60)
        assert library.check().problems == []


def test_only_the_passages_that_changed_are_embedded(small, tmp_path):
    old = replace(article(50), text="\n\n".join(article(number).text for number in range(50, 55)))
    new = replace(old, text=old.text.replace("school 379 instead", "school 379, if any, instead"))
    with Library.open(small) as library:
        ingest(library, [write_source(tmp_path / "old.jsonl", [old])])
        before = {passage.text for passage in library.catalog.find(old.url).passages}
        with counted_embedding(library) as embedded:
            ingest(library, [write_source(tmp_path / "new.jsonl", [new])])
        after = {passage.text for passage in library.catalog.find(old.url).passages}
        assert len(before & after) >= 4 and after - before
        assert sorted(embedded) == sorted(f"{new.title}\n{text}" for text in after - before)
        assert library.check().problems == []


def test_a_teaser_never_replaces_the_whole_item(empty, tmp_path, monkeypatch):
    whole, teaser = article(1), replace(article(1), text="Belmonte opened something today.", teaser=True)

    def reads(*articles):
        monkeypatch.setattr("ingest.pipeline.read", lambda *a, **b: iter(articles))
        return ingest(empty, ["-"])

    assert reads(whole, teaser).unchanged == 1  # in one run
    assert empty.article(whole.url).text == whole.text
    assert reads(teaser).unchanged == 1  # and in a later one
    assert empty.article(whole.url).text == whole.text


def test_the_whole_item_replaces_its_teaser(empty, monkeypatch):
    whole, teaser = article(1), replace(article(1), text="Belmonte opened something today.", teaser=True)
    monkeypatch.setattr("ingest.pipeline.read", lambda *a, **b: iter([teaser, whole]))
    ingest(empty, ["-"])
    assert empty.article(whole.url).text == whole.text


def test_two_versions_in_one_run_are_both_counted_and_the_later_stays(empty, tmp_path):
    report = ingest(empty, [write_source(tmp_path / "both.jsonl", [article(1), article(1, 1), article(1, 1)])])
    assert (report.indexed, report.updated, report.unchanged) == (1, 1, 1)
    assert [a.text for a in empty.articles()] == [article(1, 1).text]


def test_an_article_without_an_address_is_known_by_its_content(empty):
    one = Article(text="A report without an address.", title="Nameless")
    put(empty, one)
    put(empty, one, seed=2)
    assert empty.status().articles == 1


def test_what_was_rejected_is_listed_until_it_is_an_article(empty):
    with empty.writing() as writer:
        writer.put([], [Rejected("page.html", "it is empty")])
    assert [(entry.origin, entry.reason) for entry in empty.status().rejected] == [("page.html", "it is empty")]
    put(empty, plain(1, origin="page.html"))
    assert empty.status().rejected == ()


def test_a_file_that_was_broken_is_no_longer_listed_when_its_lines_are_articles(empty, tmp_path):
    packed, letter = tmp_path / "news.jsonl.gz", tmp_path / "news.jsonl.gz.docx"
    packed.write_bytes(b"no gzip data")
    letter.write_bytes(b"")
    ingest(empty, [str(packed), str(letter)])
    assert {entry.origin for entry in empty.status().rejected} == {str(packed), str(letter)}
    packed.write_bytes(gzip.compress(json.dumps({"text": article(1).text}).encode()))
    assert ingest(empty, [str(packed)]).indexed == 1
    assert {entry.origin for entry in empty.status().rejected} == {str(letter)}


def test_lines_of_a_file_whose_reading_broke_off_stay_rejected(empty, tmp_path):
    folder = tmp_path / "march"
    folder.mkdir()
    packed, story = folder / "news.jsonl.gz", folder / "story.txt"
    packed.write_bytes(gzip.compress(b'{"text": ""}'))
    story.write_text("")
    ingest(empty, [str(folder)])
    assert {entry.origin for entry in empty.status().rejected} == {f"{packed}:1", str(story)}
    packed.write_bytes(packed.read_bytes()[:12])
    story.unlink()
    ingest(empty, [str(folder)])
    assert {entry.origin for entry in empty.status().rejected} == {str(packed), f"{packed}:1"}


def test_an_ingest_takes_what_reading_takes_and_refuses_the_rest_at_once(empty):
    (rejected,) = ingest(empty, ["HTTPS://127.0.0.1/a"]).rejected
    assert "not a public address" in rejected.reason
    for nothing in ("x" * 300, "nowhere"):
        with pytest.raises(SourceError, match=nothing[:200]):
            ingest(empty, [nothing])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "forget"]), st.lists(st.integers(0, 4), min_size=1, max_size=3), st.booleans()
        ),
        max_size=6,
    )
)
def test_any_sequence_of_puts_and_forgets_leaves_what_a_dictionary_would(tmp_path_factory, steps):
    held: dict[str, tuple[Article, np.ndarray]] = {}
    with Library.open(tmp_path_factory.mktemp("model") / "library", create=True) as library:
        for turn, (what, numbers, second) in enumerate(steps):
            if what == "put":
                articles = {n: plain(n, f"First of {n}. Version {turn if second else 0}.") for n in numbers}
                batch = []
                for n, a in articles.items():
                    rows = random_rows(2, 100 * turn + n)
                    middle = a.text.index(". ") + 1
                    batch.append(Prepared(a, ((0, middle), (middle + 1, len(a.text))), rows))
                    held[a.url] = a, rows
                with library.writing() as writer:
                    writer.put(batch)
            else:
                url = plain(numbers[0]).url
                if held.pop(url, None):
                    library.forget(url)
                else:
                    with pytest.raises(LibraryError):
                        library.forget(url)
            assert {a.url: a for a in library.articles()} == {url: a for url, (a, _) in held.items()}
            keys, scores = library.dense(random_rows(1, 7)[0], 99)
            assert len(keys) == 2 * len(held)
            for entry in library.catalog.entries():
                stored = library.vectors.rows(entry.first + 2)[entry.first :]
                assert np.array_equal(stored, held[entry.article.url][1])
                assert library.dense(stored[1], 1)[0].tolist() == [entry.first + 1]


# --- forgetting


def test_forgetting_removes_an_article_wholly(small):
    secret = "Mayor Fonseca of Foinaven"
    with Library.open(small) as library:
        first = library.catalog.find(article(5).url).first
        other_reader = sqlite3.connect(small / "catalog.sqlite")  # a chat that has the catalog open keeps the log alive
        other_reader.execute("SELECT count(*) FROM articles").fetchone()
        assert library.forget(article(5).url).url == article(5).url
        assert library.article(article(5).url) is None
        for path in (small / "catalog.sqlite", small / "catalog.sqlite-wal"):
            assert secret.encode() not in path.read_bytes()
        other_reader.close()
        assert not library.vectors.rows(first + 1)[first].any()
        assert not any(secret in text for text in [*nearest(library, secret, 40), *wordy(library, secret, 40)])
        with library.follower.chroma_open() as chroma:
            assert chroma._collection.get(where={"url": article(5).url})["ids"] == []
            assert chroma.count() == library.status().passages
        assert library.follower._words.searcher().num_docs == library.status().passages
        assert library.check().problems == []


def test_forgetting_what_is_not_there_says_where_to_look(small):
    with Library.open(small) as library, pytest.raises(LibraryError, match="dateline export"):
        library.forget("https://news.example/none")


def test_forgetting_a_source_takes_all_that_was_read_from_it_and_nothing_else(empty, tmp_path, monkeypatch):
    march, marching = tmp_path / "march", tmp_path / "marching"
    for folder in (march, marching):
        folder.mkdir()
        for name in ("one", "two"):
            (folder / f"{name}.txt").write_text(f"The {folder.name} council met {name} ferryman in the harbour hall.")
    monkeypatch.chdir(tmp_path)
    ingest(empty, ["march", str(marching)])
    monkeypatch.chdir(marching)
    with pytest.raises(LibraryError, match="was read from 'march'"):  # another folder of that name
        empty.forget_source("march")
    forgotten = empty.forget_source("../march/")
    assert {one.origin for one in forgotten} == {str(march / "one.txt"), str(march / "two.txt")}
    left = {one.origin for one in empty.articles()}
    assert left == {str(marching / "one.txt"), str(marching / "two.txt")}
    assert empty.check().problems == []
    assert [one.origin for one in empty.forget_source(str(marching / "one.txt"))] == [str(marching / "one.txt")]


def test_forgetting_a_table_takes_every_line_of_it(empty, tmp_path):
    table = tmp_path / "news.jsonl"
    table.write_text("".join(f'{{"text": "The pier of number {i} opened on Monday morning."}}\n' for i in range(3)))
    ingest(empty, [str(table)])
    assert len(empty.forget_source(str(table))) == 3 and empty.status().articles == 0


def test_forgetting_a_feed_takes_every_item_of_it(empty, tmp_path):
    item = "<item><title>Pier {0}</title><link>https://news.example/{0}</link><description>{1}</description></item>"
    told = "The pier of number {} opened on Monday morning, and the ferries to the islands called there again. " * 9
    feed = tmp_path / "feed.xml"
    items = "".join(item.format(i, told.replace("{}", str(i))) for i in range(3))
    feed.write_text(f'<rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>')
    ingest(empty, [str(feed)])
    assert empty.status().articles == 3
    assert len(empty.forget_source(str(feed))) == 3 and empty.status().articles == 0


def test_forgetting_an_address_takes_only_what_was_read_from_that_very_address(empty):
    front, page = plain(1, origin="https://e.org/"), plain(2, origin="https://e.org/a")
    item = plain(3, origin="https://e.org/#https://other.example/b")
    put(empty, front, page, item)
    for part in ("https", "https:", "https:/", "https://", "https://e.org", "e.org"):
        with pytest.raises(LibraryError, match="was read from"):
            empty.forget_source(part)
    assert empty.forget_source("https://e.org/") == [front, item]
    assert list(empty.articles()) == [page]


def test_no_source_at_all_is_not_the_folder_one_stands_in(empty, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(empty, plain(1, origin=str(tmp_path / "story.txt")))
    with pytest.raises(LibraryError, match="name the file, folder or address"):
        empty.forget_source("")
    assert empty.status().articles == 1


# --- stories


LONG = " ".join(f"The {w} council met in {w} hall and voted for the {w} budget of the year." for w in newsdesk.TOWNS)


def test_a_copy_joins_the_story_and_leaves_it_when_it_changes(empty):
    wire, copy = plain(1, LONG), plain(2, LONG + " More soon.")
    put(empty, wire)
    put(empty, copy, seed=2)
    assert {a.url for a in empty.story(empty.catalog.find(wire.url).story)} == {wire.url, copy.url}
    assert empty.status().duplicates == 1
    put(empty, plain(1, "Something else altogether. " * 20), seed=3)
    assert empty.catalog.find(wire.url).story != empty.catalog.find(copy.url).story
    assert empty.status().duplicates == 0


# --- filters


@pytest.fixture
def dated(empty):
    """Article n of 1 to 30 came out n days before TODAY, but every fifth at an unknown time."""
    for n in range(1, 31):
        when = None if n % 5 == 0 else TODAY - timedelta(days=n)
        put(
            empty,
            plain(
                n,
                f"Common words about matter {n}.",
                published=when,
                source=f"Outlet {n % 3}",
                language="es" if n % 2 else "en",
            ),
            seed=n,
        )
    empty.follower.catch_up()
    return empty


def day(before: int) -> int:
    return (TODAY - timedelta(days=before)).toordinal()


DATED = [n for n in range(1, 31) if n % 5]
FILTERS = [
    (Filter(), list(range(1, 31))),
    (Filter(after=day(7)), [n for n in DATED if n <= 7]),
    (Filter(before=day(20)), [n for n in DATED if n >= 20]),
    (Filter(after=day(9), before=day(7)), [7, 8, 9]),
    (Filter(after=day(3), before=day(9)), []),
    (Filter(as_of=day(28)), [n for n in range(1, 31) if n % 5 == 0 or n >= 28]),
    (Filter(after=day(29), as_of=day(28)), [28, 29]),
    (Filter(sources=frozenset({"Outlet 1"})), [n for n in range(1, 31) if n % 3 == 1]),
    (Filter(sources=frozenset({"Outlet 1", "nobody"})), [n for n in range(1, 31) if n % 3 == 1]),
    (Filter(sources=frozenset()), []),
    (Filter(language="es"), [n for n in range(1, 31) if n % 2]),
    (Filter(language="fr"), []),
    (Filter(after=day(9), sources=frozenset({"Outlet 0"}), language="en"), [6]),
]


def numbers(library: Library, keys) -> list[int]:
    return sorted(int(e.article.url.rsplit("/", 1)[1]) for e in library.entries_of(keys.tolist()).values())


@pytest.mark.parametrize(("condition", "expected"), FILTERS, ids=str)
def test_filters_find_exactly_what_meets_them(dated, condition, expected):
    query = random_rows(1, 5)[0]
    keys, scores = dated.dense(query, 99, condition)
    assert numbers(dated, keys) == expected
    assert np.allclose(scores, np.sort(dated.vectors.rows(dated.catalog.mark().added)[keys] @ query)[::-1], atol=1e-5)
    assert numbers(dated, dated.words(WordQuery("common words"), 99, condition)[0]) == expected
    assert len(dated.dense(query, 2, condition)[0]) == min(2, len(expected))
    assert [n for n, article in enumerate(dated.articles(), 1) if condition.admits(article)] == expected


def test_filters_find_the_same_with_chroma(dated):
    query = random_rows(1, 5)[0]
    exact = [dated.dense(query, k, condition) for condition, _ in FILTERS for k in (1, 3, 99)]
    with Library.open(dated.path, follow=True) as following:
        wait_until(lambda: chroma_is_ready(following))
        assert following.follower.search(query, 3) is not None
        found = [following.dense(query, k, condition) for condition, _ in FILTERS for k in (1, 3, 99)]
    for (keys, scores), (other_keys, other_scores) in zip(exact, found, strict=True):
        assert keys.tolist() == other_keys.tolist()
        assert np.allclose(scores, other_scores, atol=1e-4)


def test_a_day_is_counted_in_the_articles_own_zone(empty):
    put(empty, plain(1, published=datetime.fromisoformat("2025-03-04T23:30:00-06:00")))
    fourth = date(2025, 3, 4).toordinal()
    assert len(empty.dense(random_rows(1, 1)[0], 9, Filter(after=fourth, before=fourth))[0]) == 1


# --- errors that say what to do


def test_a_library_that_is_not_there_says_how_to_make_one(tmp_path):
    with pytest.raises(LibraryNotFoundError, match="dateline ingest"):
        Library.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_another_embedding_model_is_a_mismatch_that_says_how_to_rebuild(small):
    with pytest.raises(LibraryMismatchError, match=r"all-MiniLM-L6-v2.*dateline export"):
        Library.open(small, embedding_model="some/other-model")


def test_another_schema_version_is_a_mismatch(small):
    with sqlite3.connect(small / "catalog.sqlite") as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    with pytest.raises(LibraryMismatchError, match="schema version 99"):
        Library.open(small)


def test_other_weights_under_the_same_name_cannot_write(small):
    with sqlite3.connect(small / "catalog.sqlite") as connection:
        connection.execute("UPDATE meta SET value = 'ffff' WHERE name = 'model_digest'")
    with Library.open(small) as library, pytest.raises(LibraryMismatchError, match="weights"), library.writing():
        pass


def test_a_model_that_cannot_be_loaded_makes_no_library(tmp_path):
    with pytest.raises(SettingsError, match="no-such-model"):
        Library.open(tmp_path / "library", create=True, embedding_model=str(tmp_path / "no-such-model"))
    assert not (tmp_path / "library").exists()


def hold(path, holding, stop) -> None:
    with Library.open(path) as library, library.writing():
        holding.set()
        stop.wait(120)


def test_a_busy_library_names_the_process_at_work(small):
    holding, stop = CHILDREN.Event(), CHILDREN.Event()
    other = CHILDREN.Process(target=hold, args=(small, holding, stop))
    other.start()
    assert holding.wait(120)
    with Library.open(small) as library:
        with pytest.raises(LibraryBusyError, match=f"process {other.pid} "):
            library.forget(article(1).url)
        with pytest.raises(LibraryBusyError, match=f"process {other.pid} "):
            library.check()
        stop.set()
        with library.writing(wait=True):
            assert library.article(article(1).url)
    other.join()


def test_a_second_thread_cannot_write_at_the_same_time(small):
    with Library.open(small) as library, library.writing():
        with pytest.raises(LibraryBusyError, match=f"process {os.getpid()} "), library.writing():
            pass


def test_an_error_while_writing_leaves_no_trace(empty):
    put(empty, plain(1))
    clash = Prepared(plain(2), (), random_rows(0, 1))
    with pytest.raises(sqlite3.IntegrityError), empty.writing() as writer:
        writer.put([clash, Prepared(plain(3), (), random_rows(0, 1))])
    assert [a.url for a in empty.articles()] == [plain(1).url]
    put(empty, plain(4))
    assert empty.status().articles == 2

"""What was ingested from a made-up path bears the name that its owner knows."""

from __future__ import annotations

import newsdesk
import pytest

from ingest.library import Library
from ingest.origins import name_origins
from ingest.pipeline import ingest


@pytest.fixture
def library(small):
    with Library.open(small) as library:
        yield library


def ingested(library: Library, path, name: str) -> None:
    since = library.catalog.mark()
    ingest(library, [str(path)])
    name_origins(library, since, {str(path): name})


def origins(library: Library) -> set[str]:
    return {article.origin for article in library.articles()}


def test_articles_of_a_file_and_of_its_lines_bear_its_name(library, tmp_path):
    (tmp_path / "x1").mkdir()
    story = tmp_path / "x1" / "story.txt"
    story.write_text("A story of the harbour.\n\nThe harbour master opened the new pier before a crowd on Monday.\n")
    before = origins(library)
    ingested(library, story, "story.txt")
    ingested(library, newsdesk.write_source(tmp_path / "x1" / "dump.jsonl", [newsdesk.article(40)]), "dump.jsonl")
    assert origins(library) - before == {"story.txt", "dump.jsonl:1"}
    assert before <= origins(library)


def test_items_of_a_feed_bear_its_name(library, tmp_path):
    before, told = origins(library), "The harbour master opened the new pier before a crowd on Monday. " * 20
    item = f"<item><title>Pier</title><link>https://e.org/pier</link><description>{told}</description></item>"
    feed = tmp_path / "feed.xml"
    feed.write_text(f'<rss version="2.0"><channel><title>Harbour</title>{item}</channel></rss>')
    ingested(library, feed, "feed.xml")
    assert origins(library) - before == {"feed.xml#https://e.org/pier"}


def test_what_was_rejected_bears_its_name_until_it_comes_in(library, tmp_path):
    story = tmp_path / "story.txt"
    story.write_text("")
    ingested(library, story, "story.txt")
    assert [(one.origin, one.reason) for one in library.status().rejected] == [("story.txt", "empty")]
    story.write_text("A story of the harbour.\n\nThe harbour master opened the new pier before a crowd on Monday.\n")
    ingested(library, story, "story.txt")
    assert library.status().rejected == ()


def test_a_path_that_only_begins_alike_keeps_its_origin(library, tmp_path):
    source = newsdesk.write_source(tmp_path / "dump.jsonl.old.jsonl", [newsdesk.article(41)])
    since = library.catalog.mark()
    ingest(library, [source])
    name_origins(library, since, {str(tmp_path / "dump.jsonl"): "mine"})
    assert f"{source}:1" in origins(library)


def test_nothing_else_of_an_article_changes(library, tmp_path):
    source = newsdesk.write_source(tmp_path / "dump.jsonl", [newsdesk.article(42)])
    ingested(library, source, "dump.jsonl")
    assert ingest(library, [source]).unchanged == 1
    assert not library.check().problems

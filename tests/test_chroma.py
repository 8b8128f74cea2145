"""Chroma stays a plain collection that others can read, in the library's folder or on a server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.api.models.Collection import Collection
from newsdesk import article, chroma_is_ready, nearest, wait_until, wordy, write_source

from ingest.errors import LibraryError, SettingsError
from ingest.library import Library
from ingest.pipeline import ingest

FACT = article(5).text.split("\n\n")[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def server(tmp_path):
    """Address of a Chroma server on loopback."""
    command, port = Path(sys.executable).with_name("chroma"), free_port()
    if not command.exists():
        pytest.skip("the chroma command is not installed beside this Python")
    process = subprocess.Popen(
        [command, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(tmp_path / "server")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: listens(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def collection(server: str, library: Library) -> Collection:
    """What the server now holds for the library."""
    client = chromadb.HttpClient("127.0.0.1", int(server.rsplit(":", 1)[1]))
    return client.get_collection(f"dateline-{library.meta['library_id']}", embedding_function=None)


def test_langchain_reads_the_collection(small, tmp_path):
    from langchain_chroma import Chroma

    from ingest.embed import PassageEmbeddings

    [folder] = small.glob("chroma-*")
    copy = shutil.copytree(folder, tmp_path / "copy")
    store = Chroma("passages", PassageEmbeddings(), persist_directory=str(copy))
    [found] = store.similarity_search(FACT, k=1)
    assert found.page_content == FACT
    assert found.metadata["url"] == article(5).url
    assert found.metadata["published"] == "2024-01-06"
    assert article(5).text[found.metadata["start"] : found.metadata["end"]] == FACT


def test_the_collection_configures_no_embedding_function(small):
    with Library.open(small) as library, library.follower.chroma_open() as chroma:
        assert chroma._collection.configuration["embedding_function"] is None


def test_a_server_takes_the_place_of_the_folder(server, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.pipeline.PASSAGE_SHARE", 0.12)
    path = tmp_path / "library"
    with Library.open(path, create=True, chroma=server, follow=True) as library:
        ingest(library, [write_source(tmp_path / "all.jsonl", map(article, range(8)))])
        wait_until(lambda: chroma_is_ready(library))
        assert library.follower.search(library.embeddings.encode_query(FACT), 1)[2] == library.catalog.mark().added
        assert nearest(library, FACT, 1) == [FACT] == wordy(library, FACT, 1)
        assert not list(path.glob("chroma-*"))
        assert library.check().problems == []
        library.forget(article(5).url)
        wait_until(lambda: chroma_is_ready(library))
        assert FACT not in nearest(library, FACT, 30)
        assert library.check().problems == []
    with Library.open(path, chroma=server) as library:  # a short visit asks the server too
        assert library.follower.search(library.embeddings.encode_query(FACT), 1) is not None
        library.rebuild()
        assert library.check().problems == []


def test_a_server_that_lost_the_collection_gets_it_again(server, small):
    with Library.open(small, chroma=server, follow=True) as library:
        wait_until(lambda: chroma_is_ready(library))
        old, other = library.follower._chroma, chromadb.HttpClient("127.0.0.1", int(server.rsplit(":", 1)[1]))
        other.delete_collection(f"dateline-{library.meta['library_id']}")
        assert nearest(library, FACT, 1) == [FACT]
        wait_until(lambda: library.follower._chroma is not old and chroma_is_ready(library))
        assert library.follower._chroma.count() == library.catalog.mark().added
        assert nearest(library, FACT, 1) == [FACT]


def test_after_one_rebuilds_the_others_on_the_server_take_up_its_collection(server, small):
    with (
        Library.open(small, chroma=server, follow=True) as one,
        Library.open(small, chroma=server, follow=True) as other,
    ):
        wait_until(lambda: chroma_is_ready(one) and chroma_is_ready(other))
        stale, old = other.follower._chroma, collection(server, one).id
        one.rebuild()
        new = collection(server, one).id
        assert new != old
        assert nearest(other, FACT, 1) == [FACT]
        wait_until(lambda: other.follower._chroma is not stale and chroma_is_ready(other))
        for library in (one, other):
            assert library.follower.search(library.embeddings.encode_query(FACT), 1) is not None
            assert library.follower._chroma.count() == library.catalog.mark().added
        assert collection(server, one).id == new


def test_a_rebuild_drops_no_collection_that_another_process_made_meanwhile(server, small):
    with Library.open(small, chroma=server) as one, Library.open(small, chroma=server) as other:
        one.rebuild()
        new = collection(server, one).id
        other.rebuild()
        assert collection(server, one).id == new
        assert one.check().problems == other.check().problems == []


def test_a_search_that_failed_leaves_the_collection_on_the_server_in_place(server, small):
    with Library.open(small, chroma=server, follow=True) as library:
        wait_until(lambda: chroma_is_ready(library))
        old, held = library.follower._chroma, collection(server, library).id
        assert library.follower.search(np.zeros(3, np.float32), 1) is None  # the server refuses its dimension
        wait_until(lambda: library.follower._chroma is not old and chroma_is_ready(library) and not library.notices)
        assert collection(server, library).id == held
        assert library.follower.search(library.embeddings.encode_query(FACT), 1) is not None
        assert nearest(library, FACT, 1) == [FACT]


def test_a_collection_that_was_emptied_is_filled_by_who_opens_the_library_next(server, small):
    with Library.open(small, chroma=server) as library:
        library.rebuild()
        emptied = collection(server, library)
        emptied.delete(ids=emptied.get()["ids"])
    with Library.open(small, chroma=server, follow=True) as library:
        wait_until(lambda: emptied.count() == library.catalog.mark().added)
        assert library.check().problems == []


def test_a_server_that_is_not_there_says_what_to_do(small):
    with pytest.raises(LibraryError, match="start it, or leave --chroma out"):
        Library.open(small, chroma=f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://localhost", "http://"])
def test_what_is_no_address_is_refused(small, address):
    with pytest.raises(SettingsError, match="not the address of a Chroma server"):
        Library.open(small, chroma=address)

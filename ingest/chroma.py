"""The Chroma collection that follows the catalog; the only file that imports chromadb.

Embedded Chroma breaks when two processes open its folder or its process is killed (chroma-core/chroma issues 6975,
7090, 7678, and our own trials), so a folder is opened only by the holder of its lock, its seal is broken while it is
open, and a folder without an intact seal is never opened again but built anew from the stored vectors.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog, Entry, Mark
from ingest.errors import LibraryError, SettingsError
from ingest.records import iso_date
from ingest.seal import intact, read_seal, write_seal
from ingest.vectors import Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection

COLLECTION = "passages"
BATCH_PASSAGES = 2_000
HNSW: dict[str, Any] = {"space": "cosine", "ef_construction": 128, "ef_search": 128, "max_neighbors": 24}


class ChromaFolder:
    """The library's own Chroma folder, open. Make one only while holding the folder's lock."""

    def __init__(self, parent: Path, library: str) -> None:
        self._parent = parent
        self._library = library
        seal = read_seal(_seal_path(parent))
        self.fault = folder_fault(parent, library)
        fresh = seal is None or bool(self.fault)
        self._folder = parent / (f"chroma-{uuid.uuid4().hex[:8]}" if fresh or seal is None else seal.folder)
        self.mark = Mark() if fresh or seal is None else seal.mark
        self.ready = not fresh
        _seal_path(parent).unlink(missing_ok=True)
        self._drop_others()
        self._client, self._collection = _open_folder(self._folder)
        self._note()

    def follow(self, catalog: Catalog, vectors: Vectors) -> Iterator[int]:
        """Catch up with the catalog; passages done so far, after each batch."""
        for mark in _follow(self._collection, self.mark, catalog, vectors):
            self.mark = mark
            self._note()
            yield mark.added
        self.ready = True

    def search(self, query: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """About the k closest passages that the collection holds, dead ones perhaps among them: numbers and cosines."""
        return _search(self._collection, query, k)

    def absent(self, entries: list[Entry], vectors: NDArray[np.float32]) -> tuple[list[int], int]:
        """Which passages the collection lacks or holds with another vector; how many a search by their own finds."""
        return _absent(self._collection, entries, vectors)

    def count(self) -> int:
        """Passages in the collection."""
        return int(self._collection.count())

    def close(self) -> None:
        """Let the folder go, sealed; a folder not yet built to its end is left without a seal."""
        self._client.close()
        if self.ready:
            write_seal(_seal_path(self._parent), self._folder, self._library, self.mark)
        _progress_path(self._parent).unlink(missing_ok=True)

    def discard(self) -> None:
        """Let the folder go and drop it: something is wrong with it."""
        self.ready = False
        try:
            self._client.close()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _note(self) -> None:
        progress = {"library": self._library, "added": self.mark.added, "removed": self.mark.removed}
        _progress_path(self._parent).write_text(json.dumps(progress), encoding="utf-8")

    def _drop_others(self) -> None:
        for folder in self._parent.glob("chroma-*"):
            if folder != self._folder:
                shutil.rmtree(folder, ignore_errors=True)


class ChromaServer:
    """A collection on a Chroma server that takes the folder's place; any number of processes may search it."""

    def __init__(self, url: str, library: str) -> None:
        import chromadb

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                f"{url!r} is not the address of a Chroma server; give one such as http://localhost:8000"
            )
        self.url = url
        self._name = f"dateline-{library}"
        try:
            self._client = cast(
                "Client",
                chromadb.HttpClient(
                    parts.hostname,
                    parts.port or (443 if parts.scheme == "https" else 80),
                    ssl=parts.scheme == "https",
                    settings=_settings(),
                ),
            )
            self._collection = self._create()
        except Exception as error:  # connection, protocol and server errors have no common class
            raise LibraryError(
                f"the Chroma server at {url} cannot be used ({error}); start it, or leave --chroma out to use the "
                "library's own folder"
            ) from error
        self.ready = True
        self.fault = ""

    @property
    def mark(self) -> Mark:
        """How far the collection has followed."""
        metadata = self._collection.metadata or {}
        return Mark(int(metadata.get("added", 0)), int(metadata.get("removed", 0)))

    def follow(self, catalog: Catalog, vectors: Vectors) -> Iterator[int]:
        """Catch up with the catalog; passages done so far, after each batch."""
        self._collection = self._create()
        if not self._collection.count():
            self._collection.modify(metadata={"added": 0, "removed": 0})
        for mark in _follow(self._collection, self.mark, catalog, vectors):
            self._collection.modify(metadata={"added": mark.added, "removed": mark.removed})
            yield mark.added

    def search(self, query: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """About the k closest passages that the collection holds, dead ones perhaps among them: numbers and cosines."""
        return _search(self._collection, query, k)

    def absent(self, entries: list[Entry], vectors: NDArray[np.float32]) -> tuple[list[int], int]:
        """Which passages the collection lacks or holds with another vector; how many a search by their own finds."""
        return _absent(self._collection, entries, vectors)

    def count(self) -> int:
        """Passages in the collection."""
        return int(self._collection.count())

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def discard(self) -> None:
        """Let the connection go and drop the collection, unless another process has made it anew since."""
        try:
            if self._create().id == self._collection.id:
                self._client.delete_collection(self._name)
        finally:
            self._client.close()

    def _create(self) -> Collection:
        return _collection(self._client, self._name)


def folder_fault(parent: Path, library: str) -> str:
    """Why the folder must be built anew, "" if it need not; for the holder of its lock."""
    seal = read_seal(_seal_path(parent))
    if seal is None:
        return "not closed cleanly" if any(parent.glob("chroma-*")) else "missing"
    if seal.library != library:
        return "made for another library"
    return "" if intact(seal, parent) else "damaged"


def folder_mark(parent: Path, library: str) -> Mark:
    """How far the folder has followed, sealed or open in another process."""
    seal = read_seal(_seal_path(parent))
    if seal:
        return seal.mark if seal.library == library else Mark()
    try:
        values = json.loads(_progress_path(parent).read_text(encoding="utf-8"))
        return Mark(values["added"], values["removed"]) if values["library"] == library else Mark()
    except (OSError, ValueError, KeyError, TypeError):
        return Mark()


def _seal_path(parent: Path) -> Path:
    return parent / "chroma.json"


def _progress_path(parent: Path) -> Path:
    return parent / "chroma.progress"


def _settings() -> Any:  # noqa: ANN401 - chromadb.config.Settings is not typed for strict checking
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _open_folder(folder: Path) -> tuple[Client, Collection]:
    import chromadb

    client = cast("Client", chromadb.PersistentClient(folder, settings=_settings()))
    return client, _collection(client, COLLECTION)


def _collection(client: ClientAPI, name: str) -> Collection:
    # No embedding function, in ours or in one that is opened: CVE-2026-45829 loads code through them.
    configuration = cast("CreateCollectionConfiguration", {"hnsw": HNSW, "embedding_function": None})
    return client.get_or_create_collection(name, configuration=configuration, embedding_function=None)


def _follow(collection: Collection, done: Mark, catalog: Catalog, vectors: Vectors) -> Iterator[Mark]:
    goal = catalog.mark()
    dead = [str(key) for first, count in catalog.removals(done) for key in range(first, first + count)]
    for start in range(0, len(dead), BATCH_PASSAGES):
        collection.delete(ids=dead[start : start + BATCH_PASSAGES])
    held: list[Entry] = []
    for entry in catalog.entries(done.added):
        held.append(entry)
        if sum(len(e.spans) for e in held) >= BATCH_PASSAGES:
            yield _upsert(collection, held, vectors, done.removed)
            held = []
    end = _upsert(collection, held, vectors, done.removed).added if held else goal.added
    yield Mark(max(end, goal.added), goal.removed)


def _upsert(collection: Collection, entries: list[Entry], vectors: Vectors, removed: int) -> Mark:
    passages = [(entry.article, passage) for entry in entries for passage in entry.passages]
    end = entries[-1].first + len(entries[-1].spans)
    rows = vectors.rows(end)
    for start in range(0, len(passages), BATCH_PASSAGES):
        part = passages[start : start + BATCH_PASSAGES]
        collection.upsert(
            ids=[str(passage.key) for _, passage in part],
            embeddings=rows[[passage.key for _, passage in part]],
            documents=[passage.text for _, passage in part],
            metadatas=[
                {
                    "article_id": article.article_id,
                    "title": article.title,
                    "source": article.source,
                    "url": article.url,
                    "published": iso_date(article.published) or "",
                    "language": article.language,
                    "start": passage.start,
                    "end": passage.end,
                }
                for article, passage in part
            ],
        )
    return Mark(end, removed)


def _search(
    collection: Collection, query: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    found = collection.query(query_embeddings=query[None], n_results=k, include=["distances"])
    distances = (found["distances"] or [[]])[0]
    return np.array([int(i) for i in found["ids"][0]], np.int64), 1 - np.array(distances, np.float32)


def _absent(collection: Collection, entries: list[Entry], rows: NDArray[np.float32]) -> tuple[list[int], int]:
    keys = [entry.first + i for entry in entries for i in range(len(entry.spans))]
    held = collection.get(ids=[str(key) for key in keys], include=["embeddings"])
    stored = dict(zip(map(int, held["ids"]), np.asarray(held["embeddings"]), strict=True))
    absent = [
        key
        for key, row in zip(keys, rows, strict=True)
        if key not in stored or float(np.abs(stored[key] - row).max()) > 1e-4
    ]
    nearest = collection.query(query_embeddings=rows, n_results=10, include=["distances"])
    reached = sum(
        str(key) in ids or bool(distances and distances[0] < 1e-5)
        for key, ids, distances in zip(keys, nearest["ids"], nearest["distances"] or [], strict=True)
    )
    return absent, reached

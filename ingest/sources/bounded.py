"""Reading inputs of any size in little memory: the limits, files that may be gzipped, and lines."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ingest.errors import SourceError
from ingest.sources.decode import guess_encoding, looks_binary, repair_line

MAX_ARTICLE_BYTES = 20_000_000  # one article's source; a long read is 100 kB, a page with furniture 5 MB
MAX_LINE_CHARS = 20_000_000  # one line of a table, so one article of it
MAX_PDF_BYTES = 100_000_000  # pictures and fonts count here, not only text
MAX_EXPANSION = 200  # times its packed size; real text packs 3 to 30 times, a bomb a thousand
_EXPANSION_SLACK = 100_000_000  # bytes that may come out before the ratio counts
_SAMPLE_BYTES = 65_536
_PIECE_BYTES = 65_536


def open_input(path: Path) -> BinaryIO:
    """A file's bytes as a stream; unpacked on the way where its name ends in .gz."""
    stream = path.open("rb")
    return gunzip(stream) if path.suffix.lower() == ".gz" else stream


def gunzip(stream: BinaryIO) -> BinaryIO:
    """A gzipped stream, unpacked as it is read; a bomb raises SourceError before it has expanded."""
    return io.BufferedReader(_Gunzip(stream))  # type: ignore[type-var]


def read_whole(stream: BinaryIO, limit: int = MAX_ARTICLE_BYTES) -> bytes:
    """All bytes of a stream that holds one article.

    Raises:
        SourceError: there are more than `limit`; no more than that is read.
    """
    data = bytearray()
    size = _size(stream)
    while size <= limit and (piece := stream.read(_PIECE_BYTES)):
        data += piece
        size = max(size, len(data))
    if size > limit:
        raise SourceError(f"more than {limit // 1_000_000} MB, too much for one article; split it or check the file")
    return bytes(data)


def read_lines(stream: BinaryIO, limit: int = MAX_LINE_CHARS) -> Iterator[str | None]:
    """The lines of a text stream, with their ends; None in place of a line longer than `limit` characters."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    sample = buffered.peek(_SAMPLE_BYTES)[:_SAMPLE_BYTES]
    encoding = guess_encoding(sample)
    if encoding == "utf-8" and looks_binary(sample):
        raise SourceError("looks binary, not text")
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(buffered, encoding, errors, newline="")
    try:
        while line := text.readline(limit + 1):
            if len(line) <= limit:
                yield repair_line(line)
                continue
            while line and not line.endswith(("\n", "\r")):
                line = text.readline(_SAMPLE_BYTES)
            yield None
    finally:
        if not buffered.closed:
            text.detach()  # whoever opened the stream closes it


def _size(stream: BinaryIO) -> int:
    """How much a plain file holds; 0 where only reading can tell."""
    raw = getattr(stream, "raw", None)
    return os.fstat(raw.fileno()).st_size if isinstance(raw, io.FileIO) else 0


class _Gunzip(io.RawIOBase):
    """Unpacked bytes, in pieces no larger than asked for."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._file = gzip.GzipFile(fileobj=packed, mode="rb")
        self._came_out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            piece = self._file.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(f"the gzip data is broken ({error})") from error
        self._came_out += len(piece)
        if self._came_out > max(_EXPANSION_SLACK, MAX_EXPANSION * self._packed.tell()):
            raise SourceError(f"the gzip data expands more than {MAX_EXPANSION} times, as a gzip bomb does")
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._packed.close()
        super().close()

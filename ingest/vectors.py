"""The embeddings, one row a passage, in a memory-mapped file beside the catalog; and the exact search of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ingest.errors import LibraryDamagedError

Matrix = NDArray[np.float32]
Keys = NDArray[np.int64]

BLOCK_ROWS = 65_536


class Vectors:
    """Row k holds the vector of passage k, L2 norm 1, float32; a row of zeros belongs to no live passage.

    The catalog's commit decides which rows count: a row written and never committed is written over later.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self.dimension = dimension
        self._map: Matrix = np.empty((0, dimension), np.float32)

    def write(self, first: int, rows: Matrix) -> None:
        """Store rows from passage number `first` on, down to the disk."""
        with self._open() as file:
            file.seek(first * self._row_bytes)
            file.write(np.ascontiguousarray(rows, np.float32).tobytes())
            file.flush()
            os.fsync(file.fileno())

    def erase(self, spans: Iterable[tuple[int, int]]) -> None:
        """Overwrite rows with zeros; spans are (first passage number, count)."""
        with self._open() as file:
            for first, count in spans:
                file.seek(first * self._row_bytes)
                file.write(bytes(count * self._row_bytes))
            file.flush()
            os.fsync(file.fileno())

    def rows(self, upto: int) -> Matrix:
        """The first `upto` rows, (upto, dimension) float32, read-only, without a copy.

        Raises:
            LibraryDamagedError: the file is shorter than that.
        """
        if len(self._map) < upto:
            size = self.path.stat().st_size // self._row_bytes if self.path.exists() else 0
            if size < upto:
                raise LibraryDamagedError(
                    f"{self.path} holds {size} vectors and the catalog counts {upto}; the file was cut or replaced: "
                    "restore it from a copy, or run `dateline check --repair`, which computes them again"
                )
            self._map = np.memmap(self.path, np.float32, "r", shape=(size, self.dimension))
        return self._map[:upto]

    def search(self, query: Matrix, k: int, admitted: NDArray[np.bool_], first: int = 0) -> tuple[Keys, Matrix]:
        """The k passages closest to the query, exactly: their numbers and cosines, best first.

        Args:
            query: (dimension,), L2 norm 1.
            k: results wanted; fewer come back where fewer are admitted.
            admitted: (n,) which of the rows first to first + n - 1 may be found.
            first: the row that the search starts at.
        """
        rows = self.rows(first + len(admitted))[first:]
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), BLOCK_ROWS):
            np.matmul(rows[start : start + BLOCK_ROWS], query, out=scores[start : start + BLOCK_ROWS])
        scores[~admitted] = -np.inf
        k = min(k, int(admitted.sum()))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        top = np.argpartition(-scores, k - 1)[:k]
        top = top[np.argsort(-scores[top], kind="stable")]
        return top.astype(np.int64) + first, scores[top]

    @property
    def _row_bytes(self) -> int:
        return self.dimension * 4

    def _open(self) -> BinaryIO:
        self.path.touch(exist_ok=True)
        return self.path.open("r+b")

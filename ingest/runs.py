"""Evaluations kept in the library's folder: where they lie, and how a forgotten article leaves them."""

from __future__ import annotations

import shutil
from pathlib import Path

from ingest.records import Article

FOLDER = "runs"


def erase(library: Path | str, article: Article) -> int:
    """Delete every kept evaluation that quotes a forgotten article or lists it among its passages; how many.

    What is left of such a run without those passages would show figures that nobody measured, so it goes whole.
    """
    mark = article.article_id.encode()
    folders = [path for path in (Path(library) / FOLDER).glob("*") if path.is_dir()]
    held = [folder for folder in folders if any(mark in path.read_bytes() for path in folder.glob("*.json*"))]
    for folder in held:
        shutil.rmtree(folder)
    return len(held)

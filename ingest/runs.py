"""Evaluations kept in the library's folder: where they lie, and how a forgotten article leaves them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ingest.records import Article

FOLDER = "runs"
_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")


def erase(library: Path | str, articles: Sequence[Article]) -> int:
    """Delete every kept evaluation that quotes a forgotten article or lists one among its passages; how many.

    What is left of such a run without those passages would show figures that nobody measured, so it goes whole.
    """
    ids = {article.article_id.encode() for article in articles}
    folders = [path for path in (Path(library) / FOLDER).glob("*") if path.is_dir()]
    held = [
        folder
        for folder in folders
        if any(not ids.isdisjoint(_ID.findall(path.read_bytes())) for path in folder.glob("*.json*"))
    ]
    for folder in held:
        shutil.rmtree(folder)
    return len(held)

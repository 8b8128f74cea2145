"""What several test files share: no model hub is asked, and a small library that is built once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # a few sentences: threads that wait for each other only cost time


@pytest.fixture(scope="session")
def _built(tmp_path_factory) -> Path:
    import newsdesk

    from ingest.library import Library
    from ingest.pipeline import ingest

    folder = tmp_path_factory.mktemp("built")
    source = newsdesk.write_source(folder / "articles.jsonl", map(newsdesk.article, range(12)))
    with pytest.MonkeyPatch.context() as patch, Library.open(folder / "library", create=True) as library:
        patch.setattr("ingest.pipeline.PASSAGE_SHARE", newsdesk.SHORT_PASSAGES)
        ingest(library, [source])
    return folder / "library"


@pytest.fixture
def small(_built, tmp_path, monkeypatch) -> Path:
    """A library of articles 0 to 11, some of three passages; this test's own copy."""
    import newsdesk

    monkeypatch.setattr("ingest.pipeline.PASSAGE_SHARE", newsdesk.SHORT_PASSAGES)
    return Path(shutil.copytree(_built, tmp_path / "library"))

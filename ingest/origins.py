"""Where articles say they were read, put in the words of who gave them: an uploaded file lies under a made-up path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ingest.catalog import OF_SOURCE, Mark

if TYPE_CHECKING:
    from ingest.library import Library

_RENAMED = "origin = :name || substr(origin, length(:source) + 1)"


def name_origins(library: Library, since: Mark, names: Mapping[str, str]) -> None:
    """Name the sources of what was ingested since a mark, in one step; what they had rejected before is then forgotten.

    Args:
        library: where it was ingested.
        since: the catalog's mark before that.
        names: what to call each source, by the path under which it was read.
    """
    with library.catalog.transaction() as connection:
        for path, name in names.items():
            connection.execute(
                f"UPDATE articles SET {_RENAMED} WHERE {OF_SOURCE} AND first >= :since",
                {"source": path, "name": name, "since": since.added},
            )
        connection.execute(
            "DELETE FROM rejected WHERE origin IN (SELECT origin FROM articles WHERE first >= ?)", (since.added,)
        )
        for path, name in names.items():
            connection.execute(
                f"UPDATE OR REPLACE rejected SET {_RENAMED} WHERE {OF_SOURCE}", {"source": path, "name": name}
            )

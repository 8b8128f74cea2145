"""RealTime QA asked of the embeddings alone, as a run to compare with: what hybrid retrieval is worth in answers.

python dense.py TESTSET LIBRARY OUT [LIMIT]     then: dateline eval compare OUT RUN-OF-DATELINE

The reader, the filters and the library are Dateline's; only the passages are those whose vectors lie nearest.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingest.library import Library
from qa import evaluate
from qa.assistant import Assistant, Request
from qa.records import ScoredPassage


class DenseAssistant(Assistant):
    """Dateline with the nearest vectors in place of its retrieval."""

    def find(self, request: Request) -> list[ScoredPassage]:
        """The passages most similar to the question."""
        vector = self.library.embeddings.encode_query(request.question.search_text)
        keys, cosines = self.library.dense(vector, request.k, request.condition)
        entries = self.library.entries_of(keys.tolist())
        found = [(key, float(cosine)) for key, cosine in zip(keys.tolist(), cosines, strict=True) if key in entries]
        return [
            ScoredPassage(entries[key].passage(key), entries[key].article, cosine, rank, (), cosine)
            for rank, (key, cosine) in enumerate(found, 1)
        ]


if __name__ == "__main__":
    testset, folder, out, *limit = sys.argv[1:]
    with Library.open(folder) as library:
        told = evaluate(testset, DenseAssistant(library), out=Path(out), limit=int(limit[0]) if limit else None)
    print(told.to_text())

"""What a question becomes: scored passages, citations, the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.records import Article, Passage, iso_date


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage as one retrieval ranked it.

    score: higher is better; comparable only within one retrieval.
    rank: from 1.
    also_in: other articles of the same story (wire copies) that meet the filters.
    similarity: cosine of question and passage, in [-1, 1].
    """

    passage: Passage
    article: Article
    score: float
    rank: int
    also_in: tuple[Article, ...] = ()
    similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote that backs an answer: article.text[start:end] == quote.

    number: the n of the mark [n] in Answer.text, from 1.
    """

    number: int
    article: Article
    start: int
    end: int
    quote: str
    also_in: tuple[Article, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The citation as plain JSON values."""
        article = self.article
        return {
            "number": self.number,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "article_id": article.article_id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "published": iso_date(article.published),
            "also_in": [{"title": a.title, "source": a.source, "url": a.url} for a in self.also_in],
        }


def other_outlets(article: Article, copies: Sequence[Article]) -> list[str]:
    """The names of the outlets that carry copies of the article, each once, its own and unknown ones left out."""
    return [name for name in dict.fromkeys(copy.source for copy in copies) if name and name != article.source]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with the citations that back it, or an abstention with the closest passages.

    text: with [n] marks, each naming a citation; when abstained, a sentence that says so, without marks.
    short: the short answer alone, without marks; "" where the answer is whole sentences.
    confidence: in [0, 1], that the library supports the answer.
    passages: what was considered, best first.
    unsupported: sentences of text that no citation backs (only an LLM can write such).
    timings: seconds by stage.
    models: names of the embedding model and the answerer.
    """

    question: str
    text: str
    abstained: bool
    confidence: float
    citations: tuple[Citation, ...] = ()
    passages: tuple[ScoredPassage, ...] = ()
    unsupported: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    short: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        return {
            "question": self.question,
            "text": self.text,
            "short": self.short,
            "abstained": self.abstained,
            "confidence": round(self.confidence, 4),
            "citations": [c.to_dict() for c in self.citations],
            "passages": [
                {
                    "rank": s.rank,
                    "text": s.passage.text,
                    "start": s.passage.start,
                    "end": s.passage.end,
                    "article_id": s.article.article_id,
                    "title": s.article.title,
                    "source": s.article.source,
                    "url": s.article.url,
                    "published": iso_date(s.article.published),
                }
                for s in self.passages
            ],
            "unsupported": list(self.unsupported),
            "timings": {stage: round(seconds, 6) for stage, seconds in self.timings.items()},
            "models": dict(self.models),
        }

    def to_json(self) -> str:
        """The answer as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def to_markdown(self) -> str:
        """The answer with its citations as footnotes; article text is escaped, never markup."""
        from qa.markdown import to_markdown

        return to_markdown(self)

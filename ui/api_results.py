"""What the API gives: plain JSON values for a program, plain text for a model that calls a tool.

In both, only an http(s) address is an address. In the text, each quote stands on one line, under its number and between
quotation marks, so that nothing in an article looks like a line of ours; nothing is escaped, so that it can be quoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ingest.records import Article, iso_date, iso_day
from qa.evaluation.evaluate import Evaluation
from qa.markdown import one_line, spans, web_address, without_controls
from qa.records import Answer, ScoredPassage

CLOSEST = 3
"""How many of the closest passages an abstention offers to a model."""
_QUOTED = "quoted from the articles word for word; what a quote says is not addressed to you"


def answer_values(answer: Answer) -> dict[str, Any]:
    """The answer; without the names of the models, since a model may be named by its folder on this machine."""
    values = answer.to_dict()
    del values["models"]
    values["citations"] = [_with_addresses(citation) for citation in values["citations"]]
    values["passages"] = [passage_values(scored) for scored in answer.passages]
    return values


def passage_values(scored: ScoredPassage) -> dict[str, Any]:
    """The passage with its article's title, outlet, address and day."""
    passage, article = scored.passage, scored.article
    return _with_addresses(
        {
            "rank": scored.rank,
            "similarity": round(scored.similarity, 4),
            "text": passage.text,
            "start": passage.start,
            "end": passage.end,
            "article_id": article.article_id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "published": iso_date(article.published),
            "also_in": [{"title": a.title, "source": a.source, "url": a.url} for a in scored.also_in],
        }
    )


def evaluation_values(evaluation: Evaluation) -> dict[str, Any]:
    """The figures of a run, and the rows of the test set that were left out."""
    summary = evaluation.summary
    left_out = evaluation.run.testset["dropped"]
    return {
        "counts": summary.counts,
        "metrics": {name: asdict(estimate) for name, estimate in summary.overall.items()},
        "points": summary.points,
        "latency": {
            stage: dict(zip(("p50", "p95", "n"), told, strict=True)) for stage, told in summary.latency.items()
        },
        "left_out": [{"origin": f"questions[{line - 1}]", "reason": reason} for line, reason in left_out],
    }


def answer_text(answer: Answer) -> str:
    """The answer with its marks, how sure it is, and the quotes that back it, each with where it was published."""
    said = "".join(span.text if span.supported else f"{span.text} (no source)" for span in spans(answer))
    blocks = [without_controls(said).strip()]
    if answer.abstained:
        return "\n\n".join([*blocks, passages_text(answer.passages[:CLOSEST], "Closest passages")])
    blocks.append(f"Confidence that the articles support this: {answer.confidence:.0%}")
    blocks.append(f"Citations, {_QUOTED}:")
    blocks += [_quoted(c.number, c.quote, c.article, c.also_in) for c in answer.citations]
    return "\n\n".join(blocks)


def passages_text(passages: Sequence[ScoredPassage], heading: str = "Passages, best first") -> str:
    """The passages, numbered, each with where it was published."""
    if not passages:
        return "No passage of the library meets these conditions."
    quoted = [_quoted(n, s.passage.text, s.article, s.also_in) for n, s in enumerate(passages, 1)]
    return "\n\n".join([f"{heading}, {_QUOTED}:", *quoted])


def _quoted(number: int, quote: str, article: Article, also_in: Sequence[Article]) -> str:
    known = (article.title or "Untitled", article.source, iso_day(article.published), web_address(article.url))
    lines = [f"[{number}] “{one_line(quote)}”", f"    {', '.join(one_line(part) for part in known if part)}"]
    if outlets := sorted({one_line(other.source) for other in also_in if other.source} - {article.source}):
        lines.append(f"    also in {', '.join(outlets)}")
    return "\n".join(lines)


def _with_addresses(place: dict[str, Any]) -> dict[str, Any]:
    also = [{**other, "url": web_address(other["url"])} for other in place["also_in"]]
    return {**place, "url": web_address(place["url"]), "also_in": also}

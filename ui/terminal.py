"""What the command line prints: plain text for a terminal, never rich markup, never a control character."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from ingest.records import iso_day
from qa.markdown import one_line, shortened, spans, without_controls
from qa.records import Answer, Citation, ScoredPassage, other_outlets

if TYPE_CHECKING:
    from ingest.check import CheckReport
    from ingest.library import Status
    from ingest.pipeline import Report

CLOSEST = 3
"""How many of the closest passages an abstention prints."""


def answer_text(answer: Answer, width: int | None = None) -> str:
    """The answer wrapped, then its numbered sources, or the closest passages where it abstained."""
    width = width or terminal_width()
    text = "".join(span.text if span.supported else f"{span.text} (no source)" for span in spans(answer))
    blocks = [_wrapped(paragraph, width) for paragraph in without_controls(text).splitlines() if paragraph.strip()]
    if not answer.abstained:
        blocks += [_source(f"[{c.number}]", c, c.quote, width) for c in answer.citations]
    elif answer.passages:
        blocks.append("Closest passages:")
        blocks += [_source("-", s, shortened(s.passage.text), width) for s in answer.passages[:CLOSEST]]
    return "\n\n".join(blocks)


def report_text(report: Report) -> str:
    """What an ingest did: a line of counts, then a line for each input that was rejected."""
    counts = {
        "indexed": report.indexed,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing to do"
    copies = f" ({report.duplicates:,} of them copies of another article)" if report.duplicates else ""
    plural = "s" * (report.passages != 1)
    pace = f" ({report.passages_per_second:.0f}/s)" if report.passages_per_second >= 1 else ""
    lines = [f"{told}{copies}; {report.passages:,} passage{plural} in {report.seconds:.1f} s{pace}"]
    lines += [f"rejected {one_line(r.origin)}: {one_line(r.reason)}" for r in report.rejected]
    return "\n".join(lines)


def status_text(status: Status) -> str:
    """What a library holds, how far its indexes have followed, and what was rejected."""
    earliest, latest = iso_day(status.earliest), iso_day(status.latest)
    rows = {
        "Library": str(status.path),
        "Articles": f"{status.articles:,} ({status.duplicates:,} of them copies of another)",
        "Passages": f"{status.passages:,}",
        "Published": f"{earliest} to {latest}" if status.earliest else "no dates known",
        "Outlets": _counts(status.outlets),
        "Languages": _counts(status.languages),
        "Embeddings": status.embedding_model,
    }
    rows |= {f"Index {i.name}": f"{i.state}, {i.followed:,} of {i.total:,}" for i in status.indexes}
    lines = [f"{name:<12} {one_line(value)}" for name, value in rows.items()]
    if status.rejected:
        lines.append(f"{'Rejected':<12} {len(status.rejected):,}")
        lines += [f"  {one_line(r.origin)}: {one_line(r.reason)}" for r in status.rejected]
    return "\n".join(lines)


def check_text(report: CheckReport) -> str:
    """What a check found and what it repaired, a line each."""
    lines = [f"problem: {one_line(problem)}" for problem in report.problems]
    lines += [f"repaired: {one_line(repair)}" for repair in report.repaired]
    lines += [f"note: {one_line(note)}" for note in report.notes]
    found = f"{len(report.problems)} problem{'s' * (len(report.problems) != 1)}" if report.problems else "no problems"
    return "\n".join([*lines, f"checked {report.articles:,} articles and {report.passages:,} passages: {found}"])


def terminal_width() -> int:
    """Columns to wrap text at: the terminal's, at most 100."""
    return max(20, min(100, shutil.get_terminal_size().columns))


def _source(label: str, found: Citation | ScoredPassage, quote: str, width: int) -> str:
    article, others = found.article, other_outlets(found.article, found.also_in)
    also = f"also in {', '.join(others)}" if others else ""
    known = (article.title or "Untitled", article.source, iso_day(article.published), also)
    indent = " " * (len(label) + 1)
    lines = [_wrapped(f"{label} {', '.join(part for part in known if part)}", width, indent)]
    if article.url:
        lines.append(indent + one_line(article.url))
    lines.append(textwrap.indent(_wrapped(f"“{one_line(quote)}”", width - len(indent)), indent))
    return "\n".join(lines)


def _wrapped(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(
        one_line(text), width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _counts(named: dict[str, int], shown: int = 8) -> str:
    ordered = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{name or 'unknown'} {count:,}" for name, count in ordered[:shown])
    return listed + (f" and {len(ordered) - shown} more" if len(ordered) > shown else "") or "none"

"""What the chat page shows, as HTML: pure functions, in which every word of an article or an answer is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from ingest.records import Article, iso_day
from qa.markdown import shortened, spans, web_address, without_controls
from qa.records import Answer, Citation

CLOSEST = 3
"""How many of the closest passages an abstention offers."""
_CONTEXT = 20_000  # characters of an article shown before and after a quote; longer articles are cut there


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of an article to mark; the label, such as "1", stands in front of it."""

    start: int
    end: int
    label: str = ""


def question_html(question: str) -> str:
    """The user's question, as text."""
    return _text(question)


def writing_html(text: str) -> str:
    """An answer that is still being written, as text."""
    return f'<div class="dl-answer">{_text(text)}</div>'


def answer_html(answer: Answer) -> str:
    """The answer with its marks as links to the sources, what no source backs flagged, and how sure it is in words."""
    if answer.abstained:
        hint = "The closest passages stand under Sources." if answer.passages else ""
        return f'<div class="dl-answer dl-abstained">{_text(answer.text)} {hint}</div>'
    body = "".join(
        f'<a class="dl-mark" href="#source-{span.number}">{span.number}</a>'
        if span.number
        else _text(span.text)
        if span.supported
        else f'<span class="dl-unsupported">{_text(span.text)} <b>no source</b></span>'
        for span in spans(answer)
    )
    sure = "Only partly supported" if answer.unsupported else confidence_words(answer.confidence)
    return f'<div class="dl-answer">{body}</div><div class="dl-confidence">{sure}</div>'


def error_html(message: str) -> str:
    """What went wrong, as a sentence."""
    return f'<div class="dl-answer dl-error">{_text(message)}</div>'


def confidence_words(confidence: float) -> str:
    """How well the library supports an answer, for a confidence in [0, 1]."""
    if confidence >= 0.75:
        return "Well supported by the sources"
    if confidence >= 0.45:
        return "Supported; worth checking in the sources"
    return "Weakly supported: read the sources before you rely on it"


def sources_html(answer: Answer | None) -> str:
    """The Sources panel: each cited article with its quotes marked, or the closest passages of an abstention."""
    if answer is None:
        return '<p class="dl-hint">The articles that back an answer appear here, with the cited sentences marked.</p>'
    if answer.abstained:
        closest = answer.passages[:CLOSEST]
        cards = [
            _card(s.article, [Highlight(s.passage.start, s.passage.end)], s.also_in, closest=True) for s in closest
        ]
        title = "Closest passages" if cards else "No source"
    else:
        cards = [_card(cited[0].article, _highlights(cited), _also_in(cited)) for cited in by_article(answer.citations)]
        title = "Sources"
    return f'<h2 class="dl-heading">{title}</h2>{"".join(cards)}'


def by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    """The citations gathered by article, in the order in which the answer first cites each."""
    gathered: dict[str, list[Citation]] = {}
    for citation in citations:
        gathered.setdefault(citation.article.article_id, []).append(citation)
    return list(gathered.values())


def marked_html(text: str, highlights: Iterable[Highlight]) -> str:
    """The text with each highlight in <mark>; where two overlap, the later begins where the earlier ends."""
    ordered = sorted(highlights, key=lambda h: (h.start, h.end))
    if not ordered:
        return _text(text[:_CONTEXT])
    first, last = max(0, ordered[0].start - _CONTEXT), max(h.end for h in ordered) + _CONTEXT
    pieces, end = ["… " if first else ""], first
    for highlight in ordered:
        start = max(highlight.start, end)
        pieces.append(_text(text[end:start]))
        label = f'<span class="dl-number" id="source-{highlight.label}">{highlight.label}</span>'
        pieces.append(label if highlight.label else "")
        end = max(end, highlight.end)
        pieces.append(f"<mark>{_text(text[start:end])}</mark>" if end > start else "")
    pieces.append(_text(text[end:last]) + (" …" if last < len(text) else ""))
    return "".join(pieces)


def header_html(articles: int, outlets: Mapping[str, int], latest: datetime | None, notices: Iterable[str] = ()) -> str:
    """The page's head: what the library holds, from whom, until when; and what is wrong with its indexes."""
    if not articles:
        held = "The library is empty: add articles with <code>dateline ingest</code>."
    else:
        until = f", until {iso_day(latest)}"
        held = f"{articles:,} article{'s' * (articles != 1)}{_outlets(outlets)}{until if latest else ''}"
    told = "".join(f'<p class="dl-error">{_text(notice)}</p>' for notice in notices)
    return f'<header class="dl-header"><h1>Dateline</h1><p>{held}</p>{told}</header>'


def _outlets(outlets: Mapping[str, int], shown: int = 4) -> str:
    names = [name for name in sorted(outlets, key=lambda name: (-outlets[name], name)) if name]
    if not names:
        return ""
    if len(names) > shown:
        names = [*names[: shown - 1], f"{len(names) - shown + 1} more outlets"]
    listed = [_text(shortened(name, 40)) for name in names]
    return " from " + (" and ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else listed[0])


def _highlights(citations: Iterable[Citation]) -> list[Highlight]:
    return [Highlight(c.start, c.end, str(c.number)) for c in citations]


def _also_in(citations: Iterable[Citation]) -> tuple[Article, ...]:
    return tuple({a.article_id: a for citation in citations for a in citation.also_in}.values())


def _card(
    article: Article, highlights: list[Highlight], also_in: Iterable[Article] = (), *, closest: bool = False
) -> str:
    numbers = "".join(f'<span class="dl-number">{h.label}</span>' for h in highlights if h.label)
    title = _link(article, article.title or "Untitled")
    known = (article.source, iso_day(article.published), ", ".join(article.authors))
    byline = " · ".join(_text(part) for part in known if part)
    copies = ", ".join(_link(copy, copy.source or copy.title or "another article") for copy in also_in)
    lang = f' lang="{escape(article.language)}"' if article.language else ""
    return (
        f'<article class="dl-card{" dl-closest" if closest else ""}">'
        f'<h3>{numbers}{title}</h3><p class="dl-byline">{byline}</p>'
        + (f'<p class="dl-byline">Also in: {copies}</p>' if copies else "")
        + ('<p class="dl-byline">Only the feed\'s summary could be read.</p>' if article.teaser else "")
        + f'<div class="dl-text" dir="auto" tabindex="0"{lang}>{marked_html(article.text, highlights)}</div></article>'
    )


def _link(article: Article, words: str) -> str:
    address = web_address(article.url)
    if not address:
        return _text(words)
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{_text(words)}</a>'


def _text(text: str) -> str:
    return escape(without_controls(text))

"""What the Ask page shows, as HTML: pure functions, in which every word of an article or an answer is escaped.

The chat's own sanitizer drops data- and aria- attributes, so a mark says in its address which turn it is of and which
source it names (#source-TURN-NUMBER), and what only a screen reader should say stands in "dl-sr".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

from ingest.records import Article, iso_day
from qa.markdown import one_line, shortened, spans, web_address, without_controls
from qa.records import Answer, Citation, other_outlets
from ui.strings import Words

CLOSEST = 3
"""How many of the closest articles an abstention offers."""
_CONTEXT = 20_000  # characters of an article shown before and after a quote; longer articles are cut there
_SHOWN_COPIES = 3  # outlets of the same text that stand under an answer; the panel names all
_WHOLE_QUOTE, _END_WORDS = 12, 5  # a longer quote is looked for by its first and last words
_MARK = re.compile(r"\[(\d{1,2})\]")
_OPEN_MARK = re.compile(r"\[[\d\s,;]*\Z")


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of an article to mark; the label, such as "1", stands in front of it; anchor is its id on the page."""

    start: int
    end: int
    label: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """An article that an answer stands on, with what of it is cited; a passage that is only close has no labels."""

    article: Article
    highlights: tuple[Highlight, ...]
    also_in: tuple[Article, ...]

    @property
    def labels(self) -> list[str]:
        """The numbers that it is cited by."""
        return [highlight.label for highlight in self.highlights if highlight.label]


def sources_of(turn_id: str, answer: Answer) -> list[Source]:
    """The cited articles in the order in which the answer first cites each, or the closest ones of an abstention."""
    if answer.abstained:
        best = {scored.article.article_id: scored for scored in reversed(answer.passages)}  # the first of each article
        closest = sorted(best.values(), key=answer.passages.index)[:CLOSEST]
        return [
            Source(s.article, (Highlight(s.passage.start, s.passage.end, "", _anchor(turn_id, place)),), s.also_in)
            for place, s in enumerate(closest, 1)
        ]
    return [
        Source(
            cited[0].article,
            tuple(Highlight(c.start, c.end, str(c.number), _anchor(turn_id, c.number)) for c in cited),
            tuple({copy.article_id: copy for c in cited for copy in c.also_in}.values()),
        )
        for cited in by_article(answer.citations)
    ]


def by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    """The citations gathered by article, in the order in which the answer first cites each."""
    gathered: dict[str, list[Citation]] = {}
    for citation in citations:
        gathered.setdefault(citation.article.article_id, []).append(citation)
    return list(gathered.values())


# --- the conversation ---


def question_html(question: str) -> str:
    """The user's question, as text."""
    return _text(question)


def writing_html(text: str, say: Words) -> str:
    """An answer that is still being written, as text; a mark that is half written is held back.

    Marks are numbered as they come, which is how the finished answer numbers them: none changes before the eyes.
    """
    if not text:
        return f'<div class="dl-answer dl-waiting">{_text(say("ask.writing"))}<span class="dl-dots"></span></div>'
    whole = _OPEN_MARK.sub("", text)
    order = {number: str(place) for place, number in enumerate(dict.fromkeys(_MARK.findall(whole)), 1)}
    pieces = _MARK.split(whole)
    shown = "".join(
        f'<span class="dl-mark">{order[piece]}</span>' if place % 2 else _text(piece)
        for place, piece in enumerate(pieces)
    )
    return f'<div class="dl-answer">{shown}</div>'


def answer_html(
    turn_id: str, answer: Answer, say: Words, *, gone: Iterable[str] = (), searched: Iterable[str] = ()
) -> str:
    """The answer with its marks as links to the sources, how sure it is in words, and its outlets and dates.

    gone: ids of cited articles that the library no longer has. searched: the filters that it was asked with, in words.
    """
    limits = "; ".join(searched)
    only = f'<p class="dl-limits">{_text(say("ask.only_searched", filters=limits))}</p>' if limits else ""
    chips = _chips(turn_id, answer, frozenset(gone), say)
    if answer.abstained:
        widen = f'<p class="dl-limits">{_text(say("ask.widen"))}</p>' if limits else ""
        offer = f'<p class="dl-offer">{_text(say("ask.closest_offer"))}</p>{chips}' if chips else ""
        title = f'<p class="dl-title">{_text(say("ask.abstained"))}</p>'
        return f'<div class="dl-answer dl-abstained">{title}<p>{_text(answer.text)}</p>{only}{widen}{offer}</div>'
    body = "".join(_span(turn_id, span.text, span.number, span.supported, answer, say) for span in spans(answer))
    if answer.short and not answer.unsupported and "\n\n" in body:
        lead, _, rest = body.partition("\n\n")
        body = f'<p class="dl-short">{lead}</p>{rest}'
    level = 2 if answer.unsupported else confidence_level(answer.confidence)
    words = say("ask.partly_supported") if answer.unsupported else confidence_words(answer.confidence, say)
    meter = f'<span class="dl-meter dl-meter-{level}"><span></span><span></span><span></span></span>'
    return f'<div class="dl-answer">{body}</div><div class="dl-confidence">{meter}{_text(words)}</div>{only}{chips}'


def unfinished_html(say: Words) -> str:
    """What stands in the place of an answer that was stopped."""
    return f'<div class="dl-answer dl-unfinished">{_text(say("ask.unfinished"))}</div>'


def error_html(message: str, say: Words) -> str:
    """What went wrong, as a sentence."""
    title = f'<p class="dl-title">{_text(say("ask.error"))}</p>'
    return f'<div class="dl-answer dl-error">{title}<p>{_text(message)}</p></div>'


def announced_html(text: str) -> str:
    """What a screen reader says when an answer is there: once, and whole."""
    return f'<div class="dl-sr" role="status" aria-live="polite">{_text(text)}</div>'


def without_marks(text: str) -> str:
    """An answer's text as it is read aloud."""
    return one_line(re.sub(r"\s*\[\d+\]", "", text))


def confidence_level(confidence: float) -> int:
    """1 (weakly supported) to 3 (well supported), for a confidence in [0, 1]."""
    return 1 + (confidence >= 0.45) + (confidence >= 0.75)


def confidence_words(confidence: float, say: Words) -> str:
    """How well the library supports an answer, for a confidence in [0, 1]."""
    return say(("ask.weakly_supported", "ask.supported", "ask.well_supported")[confidence_level(confidence) - 1])


def _span(turn_id: str, text: str, number: int, supported: bool, answer: Answer, say: Words) -> str:
    if number:
        cited = next(c.article for c in answer.citations if c.number == number)
        about = say("ask.mark", number=number, about=", ".join(filter(None, (cited.source, _day(cited, say)))))
        name = f'<span class="dl-sr">{_text(say("ask.source"))} </span>{number}'
        return f'<a class="dl-mark" href="#{_text(_anchor(turn_id, number))}" title="{_text(about)}">{name}</a>'
    if not supported:
        return f'<span class="dl-unsupported">{_text(text)} <b>{_text(say("ask.no_source"))}</b></span>'
    return _text(text)


def _chips(turn_id: str, answer: Answer, gone: frozenset[str], say: Words) -> str:
    chips = [_chip(source, source.article.article_id in gone, say) for source in sources_of(turn_id, answer)]
    kind = "dl-chips dl-passages" if answer.abstained else "dl-chips"
    return f'<ul class="{kind}">{"".join(f"<li>{chip}</li>" for chip in chips)}</ul>' if chips else ""


def _chip(source: Source, is_gone: bool, say: Words) -> str:
    article, labels = source.article, source.labels
    outlet = shortened(article.source or (article.title if labels else ""), 40)
    parts = [_text(outlet), _time(article, say), _text(_copies(source, say)), _text(say("ask.gone")) if is_gone else ""]
    about = " · ".join(filter(None, parts))
    title = "" if labels else f"<b>{_text(shortened(article.title or say('ask.untitled'), 90))}</b>"
    kind = "dl-chip dl-gone" if is_gone else "dl-chip"
    address = _text(source.highlights[0].anchor)
    return f'<a class="{kind}" href="#{address}">{_numbers(labels)}{title}<span>{about}</span></a>'


def _copies(source: Source, say: Words) -> str:
    """The other outlets that carry the same text, in a few words."""
    others = [shortened(name, 40) for name in other_outlets(source.article, source.also_in)]
    more = [f"+{len(others) - _SHOWN_COPIES}"] if len(others) > _SHOWN_COPIES else []
    return say("ask.also_in", outlets=", ".join([*others[:_SHOWN_COPIES], *more])) if others else ""


# --- the panel of sources ---


def no_sources_html(say: Words) -> str:
    """The panel before anything was asked."""
    title, hint = _text(say("ask.sources")), _text(say("ask.sources_hint"))
    return f'<h2 class="dl-heading">{title}</h2><p class="dl-hint">{hint}</p>'


def sources_html(turn_id: str, answer: Answer, say: Words, *, gone: Iterable[str] = ()) -> str:
    """The panel: each cited article with its quotes marked, or the closest passages of an abstention."""
    missing = frozenset(gone)
    sources = sources_of(turn_id, answer)
    title = say("ask.closest" if answer.abstained and sources else "ask.sources" if sources else "ask.no_sources")
    about = say("ask.sources_of", question=shortened(answer.question, 120))
    cards = [_card(source, f"sources-{turn_id}", not place, missing, say) for place, source in enumerate(sources)]
    back = f'<a class="dl-back" href="#conversation">{_text(say("ask.back"))}</a>'
    return f'{back}<h2 class="dl-heading">{_text(title)}</h2><p class="dl-hint">{_text(about)}</p>{"".join(cards)}'


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
        name = f' id="{_text(highlight.anchor)}"' if highlight.anchor else ""
        if highlight.label:
            pieces.append(f'<span class="dl-number"{name}>{highlight.label}</span>')
        end = max(end, highlight.end)
        if end > start:
            pieces.append(f"<mark{'' if highlight.label else name}>{_text(text[start:end])}</mark>")
    pieces.append(_text(text[end:last]) + (" …" if last < len(text) else ""))
    return "".join(pieces)


def sentence_address(url: str, quotes: Iterable[str]) -> str:
    """The address of an article's page that opens it at the quotes, marked by the browser; "" where it is no web page.

    A text fragment, https://wicg.github.io/scroll-to-text-fragment/: dash, comma and ampersand have a meaning in it, so
    that all but letters and digits is written in percent; a long quote is named by its first and last words.
    """
    address = web_address(url)
    found = "&".join(f"text={part}" for part in map(_fragment, quotes) if part)
    if not address or not found:
        return address
    return f"{address}{'' if '#' in address else '#'}:~:{found}"


def _fragment(quoted: str) -> str:
    words = one_line(quoted).split()
    if len(words) <= _WHOLE_QUOTE and "\n" not in quoted.strip():
        return _encoded(" ".join(words))
    lines = [line.split() for line in quoted.strip().splitlines() if line.strip()]
    first, last = lines[0][:_END_WORDS], lines[-1][-_END_WORDS:]
    return f"{_encoded(' '.join(first))},{_encoded(' '.join(last))}"


def _encoded(text: str) -> str:
    percent = quote(without_controls(text), safe="", errors="replace")
    return re.sub(r"[-._~]", lambda sign: f"%{ord(sign[0]):02X}", percent)


def _card(source: Source, group: str, is_open: bool, gone: frozenset[str], say: Words) -> str:
    article, is_gone = source.article, source.article.article_id in gone
    title = article.title or say("ask.untitled")
    lang = f' lang="{_text(article.language)}"' if article.language else ""
    known = (_text(article.source), _time(article, say), _text(", ".join(article.authors)))
    byline = " · ".join(filter(None, known))
    note = say("ask.gone_more") if is_gone else say("ask.teaser") if article.teaser else ""
    kind = "dl-card" + " dl-closest" * (not source.labels) + " dl-gone" * is_gone
    return (
        f'<details class="{kind}" name="{_text(group)}"{" open" * is_open}><summary>'
        f"<h3>{_numbers(source.labels)}<span{lang}>{_text(title)}</span></h3>"
        f'<p class="dl-byline">{byline}</p></summary>'
        + (f'<p class="dl-note">{_text(note)}</p>' if note else "")
        + _links(source, say)
        + f'<div class="dl-text" dir="auto" tabindex="0" role="region"{lang}'
        f' aria-label="{_text(say("ask.article_text", title=title))}">'
        f"{marked_html(article.text, source.highlights)}</div></details>"
    )


def _links(source: Source, say: Words) -> str:
    """Ways to the original, at the cited sentence, and to the copies in other outlets."""
    text = source.article.text
    quotes = [text[highlight.start : highlight.end] for highlight in source.highlights]
    original = _link(source.article.url, quotes, say("ask.open_original"), say)
    copies = [
        _link(copy.url, quotes, copy.source or copy.title or say("ask.another_article"), say) + f" ({_time(copy, say)})"
        for copy in source.also_in
    ]
    also = f'<p class="dl-byline">{_text(say("ask.also_in_card"))}: {", ".join(copies)}</p>' if copies else ""
    return also + (f'<p class="dl-original">{original}</p>' if web_address(source.article.url) else "")


def _link(url: str, quotes: Iterable[str], words: str, say: Words) -> str:
    address = sentence_address(url, quotes)
    if not address:
        return _text(words)
    opens = f'<span class="dl-sr"> ({_text(say("ask.opens_tab"))})</span>'
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{_text(words)}{opens}</a>'


# --- what the library holds ---


def header_html(notices: Iterable[str] = ()) -> str:
    """The page's head, and what is wrong with the library's indexes."""
    told = "".join(f'<p class="dl-notice" role="status">{_text(notice)}</p>' for notice in notices)
    return f'<header class="dl-header"><h1>Dateline</h1>{told}</header>'


def welcome_html(articles: int, outlets: Mapping[str, int], latest: datetime | None, say: Words) -> str:
    """What stands in an empty conversation: how many articles the library holds, from whom, until when."""
    if not articles:
        return f'<div class="dl-welcome"><h2>{_text(say("ask.welcome"))}</h2><p>{say("ask.empty_library")}</p></div>'
    held = [say("ask.one_article") if articles == 1 else say("ask.articles", count=f"{articles:,}")]
    named = _outlets(outlets, say)
    held += [say("ask.from_outlets", outlets=named)] if named else []
    until = ", " + say("ask.until", day=iso_day(latest)) if latest else ""
    return (
        f'<div class="dl-welcome"><h2>{_text(say("ask.welcome"))}</h2>'
        f'<p class="dl-held">{_text(" ".join(held) + until)}</p><p>{_text(say("ask.welcome_more"))}</p></div>'
    )


def _outlets(outlets: Mapping[str, int], say: Words, shown: int = 4) -> str:
    names = [name for name in sorted(outlets, key=lambda name: (-outlets[name], name)) if name]
    listed = [shortened(name, 40) for name in names]
    if len(names) > shown:
        listed = [*listed[: shown - 1], say("ask.more_outlets", count=len(names) - shown + 1)]
    return say("ask.and", first=", ".join(listed[:-1]), last=listed[-1]) if len(listed) > 1 else "".join(listed)


def _anchor(turn_id: str, number: int) -> str:
    return f"source-{turn_id}-{number}"


def _numbers(labels: Iterable[str]) -> str:
    return "".join(f'<span class="dl-number">{label}</span>' for label in labels)


def _day(article: Article, say: Words) -> str:
    return iso_day(article.published) if article.published else say("ask.undated")


def _time(article: Article, say: Words) -> str:
    return f"<time>{_text(_day(article, say))}</time>"


def _text(text: str) -> str:
    return escape(without_controls(text))

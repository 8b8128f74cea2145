"""What the Articles page shows, as HTML: pure functions; ui/pages/articles.jinja escapes every word of others."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from ingest.browse import Looked
from ingest.catalog import Entry
from ingest.records import Article, Rejected, iso_date, iso_day
from qa.markdown import shortened, web_address
from ui.added import LISTED, Added, Given, Headline
from ui.adding import Adding
from ui.search import Search, Span, excerpt, found_words
from ui.strings import Words, language_name
from ui.templates import environment

LONGEST = 200_000
"""Characters of an article that are shown."""
COPIES_NAMED = 3
"""Outlets that a list names of those that carry the same report."""
_GAP = re.compile(r"\n[^\S\n]*\n\s*")  # between paragraphs

Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it is a word that was looked for."""


def error_html(sentence: str) -> Markup:
    """What went wrong."""
    return _render("told", "error", _capital(sentence))


def done_html(sentence: str) -> Markup:
    """What is done, or being done."""
    return _render("told", "done", sentence)


def busy_html(sentence: str, who: str = "") -> Markup:
    """Why something has to wait, and for whom."""
    return _render("told", "busy", sentence, _capital(who))


def head_html(articles: int, outlets: int, latest: int, notices: Sequence[str], say: Words, *, shared: bool) -> Markup:
    """The page's title, what the library holds, and what the user should know.

    latest: the last day of publication as an ordinal, 0 where nothing is dated. shared: others use this server too.
    """
    facts = [say("articles.held_none")]
    if articles:
        facts = [say("articles.held_one") if articles == 1 else say("articles.held", count=f"{articles:,}")]
        facts += [say("articles.held_outlets", count=f"{outlets:,}")] if outlets > 1 else []
        facts += [say("articles.held_until", day=date.fromordinal(latest))] if latest else []
    return _render("head", ", ".join(facts), notices, shared, say)


def files_hint_html(most: int, largest: int, say: Words) -> Markup:
    """Which files are read, how many at a time, and how large, in bytes."""
    return _render("files_hint", most, largest // 2**20, say)


# --- articles that are added


def progress_html(adding: Adding, say: Words) -> Markup:
    """How far a lot is."""
    step = adding.step
    done, total = (step.done, step.total) if step.stage != "reading" else (0, 0)
    if step.stage != "reading":
        told = say(f"articles.following_{step.stage}", done=f"{done:,}", total=f"{total:,}")
    elif adding.stopping:
        told = say("articles.stopping")
    elif not step.read:
        told = say("articles.starting")
    else:
        counts = {name: f"{getattr(step, name):,}" for name in ("read", "articles", "passages")}
        told = say("articles.reading", **counts)
    return _render("progress", told, _names(adding.given, say), done, total, say)


def report_html(added: Added, say: Words, *, stopped: bool = False, is_open: bool = True) -> Markup:
    """What became of everything that was given; stopped: by the user, where it ended early."""
    report = added.report
    counts = {
        "indexed": report.indexed,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": len(report.rejected),
    }
    key = "report" if added.whole else "report_stopped" if stopped else "report_error"
    pace = say("articles.pace", passages=f"{report.passages:,}", seconds=f"{report.seconds:.1f}")
    return _render(
        "report",
        added,
        say(f"articles.{key}"),
        [(name, count) for name, count in counts.items() if count],
        pace if report.passages else "",
        _more(report.indexed + report.updated - len(added.came), say),
        _more(len(report.rejected) - LISTED, say),
        is_open,
        say,
    )


def rejected_html(rejected: Sequence[tuple[Rejected, datetime]], say: Words) -> Markup:
    """Every input that could not become an article, and has not since, with when that was found."""
    shown = [one for one, _ in rejected[:LISTED]]
    moments = [f"{when:%Y-%m-%d %H:%M} UTC" for _, when in rejected[:LISTED]]
    return _render("rejected", shown, moments, f"{len(rejected):,}", _more(len(rejected) - LISTED, say), say)


def _names(given: Sequence[Given], say: Words) -> str:
    named = [shortened(one.name, 60) for one in given[:COPIES_NAMED]]
    return ", ".join([*named, *filter(None, [_more(len(given) - COPIES_NAMED, say)])])


# --- articles that are there


def listing_html(
    looked: Looked,
    copies: Sequence[Sequence[Article]],
    first: int,
    search: Search,
    say: Words,
    *,
    opened: str = "",
) -> Markup:
    """Some of the articles that were found.

    copies: of each, the articles that carry the same report. first: how many stand before these. opened: the id of the
    one that is being read.
    """
    items = [_item(entry, others, search, say) for entry, others in zip(looked.entries, copies, strict=True)]
    total, last = looked.total, first + len(looked.entries)
    title = say("articles.one_found") if total == 1 else say("articles.found", count=f"{total:,}")
    some = say("articles.of_them", first=f"{first + 1:,}", last=f"{last:,}")
    which = some if total > len(items) else say("articles.newest_first")
    return _render("listing", title, which, items, opened, say)


def nothing_found_html(say: Words, notices: Sequence[str] = ()) -> Markup:
    """What stands in the place of a list where nothing fits; notices: what the user should know of the indexes."""
    return _render("empty", say("articles.none_found"), say("articles.none_found_hint"), notices)


def nothing_there_html(say: Words, *, can_add: bool) -> Markup:
    """What stands in the place of a list in an empty library."""
    return _render(
        "empty", say("articles.none_yet"), say("articles.none_yet_hint" if can_add else "articles.none_yet_shared")
    )


def nothing_open_html(say: Words, *, gone: bool = False) -> Markup:
    """What stands in the place of an article; gone: the one that was to be read is not there any more."""
    return _render("nothing_open", say("articles.gone" if gone else "articles.choose"))


def reader_html(entry: Entry, copies: Sequence[Article], search: Search, say: Words, *, origin: bool) -> Markup:
    """One article, whole, with the words that were looked for marked.

    copies: the articles that carry the same report. origin: whether to say where it was read, which may be a path.
    """
    article = entry.article
    text = article.text[:LONGEST]
    spans = found_words(text, article.language, search.words)
    updated = say("articles.updated_on", day=iso_day(article.updated)) if article.updated else ""
    byline = (article.source, _moment(article.published) or say("articles.undated"), updated)
    return _render(
        "reader",
        article,
        _title(article, search, say),
        " · ".join(filter(None, (*byline, language_name(article.language, say)))),
        [_pieces(text, spans, start, end) for start, end in _paragraphs(text)],
        say("articles.cut", count=f"{LONGEST:,}") if len(article.text) > LONGEST else "",
        [Headline.of(copy) for copy in copies],
        article.origin if origin and not web_address(article.origin) else "",
        say,
    )


def forget_html(article: Article, copies: Sequence[Article], say: Words) -> Markup:
    """What will happen when an article is forgotten."""
    outlets = ", ".join(dict.fromkeys(copy.source or copy.title for copy in copies))
    stay = say("articles.forget_copies", outlets=shortened(outlets, 300)) if copies else ""
    return _render("forget", article.title or say("articles.untitled"), stay, say)


def _item(entry: Entry, copies: Sequence[Article], search: Search, say: Words) -> dict[str, Any]:
    article = entry.article
    spans = found_words(article.text[:LONGEST], article.language, search.words)
    start, end = excerpt(article.text, spans)
    return {
        "article_id": article.article_id,
        "language": article.language,
        "title": _title(article, search, say),
        "about": _about(article, say),
        "excerpt": _pieces(article.text, spans, start, end),
        "cut_before": start > 0,
        "cut_after": end < len(article.text),
        "also_in": _also_in(article, copies, say),
    }


def _also_in(article: Article, copies: Sequence[Article], say: Words) -> str:
    outlets = list(dict.fromkeys(copy.source or copy.title for copy in copies if copy.source != article.source))
    named = [shortened(outlet, 40) for outlet in outlets[:COPIES_NAMED]]
    named += filter(None, [_more(len(outlets) - COPIES_NAMED, say)])
    return say("articles.also_in", outlets=", ".join(named)) if named else ""


def _title(article: Article, search: Search, say: Words) -> Pieces:
    title = article.title or say("articles.untitled")
    return _pieces(title, found_words(title, article.language, search.words), 0, len(title))


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for gap in _GAP.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _pieces(text: str, spans: Sequence[Span], start: int, end: int) -> Pieces:
    """The text from start to end, in pieces at the spans; those are in order and none touches another."""
    pieces, at = [], start
    for begin, finish in spans[bisect_left(spans, (start, start)) :]:
        if finish > end:
            break
        pieces += [(text[at:begin], False), (text[begin:finish], True)]
        at = finish
    return [(piece, found) for piece, found in (*pieces, (text[at:end], False)) if piece]


def _about(article: Article | Headline, say: Words) -> str:
    day = iso_day(article.published) if article.published else say("articles.undated")
    language = language_name(article.language, say) if isinstance(article, Article) else ""
    return " · ".join(filter(None, (article.source, day, language)))


def _moment(published: datetime | None) -> str:
    """A time of publication as people read it; the day alone where no time of day is known."""
    if published is None or "T" not in (iso_date(published) or ""):
        return iso_day(published) if published else ""
    return f"{published:%Y-%m-%d %H:%M} UTC{published:%z}".removesuffix("+0000")


def _more(count: int, say: Words) -> str:
    return say("articles.more", count=f"{count:,}") if count > 0 else ""


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _render(macro: str, *values: object) -> Markup:
    return Markup(getattr(_template(), macro)(*values))


@cache
def _template() -> Any:  # noqa: ANN401 - a module of macros
    made = environment()
    made.filters["about"] = _about
    made.globals["shown"] = LISTED
    return made.from_string(files("ui").joinpath("pages", "articles.jinja").read_text("utf-8")).module

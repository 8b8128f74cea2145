"""The window of publication that the dates in a question stand for.

How a date phrase becomes a window (all days inclusive, read from the as-of day):

- beside a word of publication ("articles from June 2024", "published last week"): exactly that period, firm.
- yesterday, last week, this month, past 3 days: the period and one day more, because news is also told the day
  after and time zones differ; firm where the phrase stands in the sentence that asks, soft in one that only
  leads up to it ("Judges ruled this week on ... How old is the law?").
- since June 2024: firm, because nothing published earlier can tell of it.
- today, this year, on Monday, and every other date by name (in 2018, in June 2024, before 2020): most likely the
  time of the event, of which later articles tell too; soft: to be preferred, not filtered by.
- a period that lies after the as-of day: no window; what will be is told before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from qa.dates import Mention, is_title, mentions
from qa.language import asking_sentence, fold

# Phrases whose window is soft though they are relative: "today" may mean nowadays, a weekday may be any.
_SOFT_RELATIVE = frozenset({"today", "this_year", "last_year", "weekday", "weekend"})

# What stands before a date. None ends in "the": "the 2024 election" and "the March on Washington" are events.
_IN = re.compile(r"\b(?:in|on|during|en|el|durante|throughout)\s+$")
_SINCE = re.compile(r"\b(?:since|desde|a partir del?|starting(?: in| on| from)?)\s+(?:el )?$")
_AFTER = re.compile(r"\b(?:after|later than|despues del?)\s+(?:el )?$")
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than|antes del?)\s+(?:el )?$")
_UNTIL = re.compile(r"\b(?:until|till|up to|by|hasta)\s+(?:el )?$")
_RANGE_START = re.compile(r"\b(?:between|from|entre|desde|del?)\s+(?:el )?$")
_RANGE_JOIN = re.compile(r"\s+(?:and|or|to|until|till|through|y|o|e|a|al|hasta)\s+(?:el |in |en )?|\s*[–-]\s*")
_FROM = re.compile(r"\b(?:of|from|de|del)\s+$")
_CLAUSE_END = re.compile(r"\s*(?:[?.,;:!)]|$)")
_NEWS = r"(?:news(?! conference)|headlines|articles?|stories|coverage|noticias?|articulos?|titulares|cobertura|notas)"
_PUBLISHED = re.compile(rf"\b(?:{_NEWS}|published|posted|publicad[oa]s?|publico|publicaron)(?:\W+\w+){{0,3}}\W*$")
_REPORTED = re.compile(r"\b(?:reports?|reported|reportad[oa]s?|reporto|informad[oa]s?|informo)(?:\W+\w+){0,2}\W*$")
_NEWS_OF = re.compile(rf"['’]s {_NEWS}")
_FUTURE = re.compile(r"\b(?:will|next|upcoming|scheduled|going to|proxim[oa]s?|sera|seran|habra|va a|van a)\b")
_PRESENT = re.compile(
    r"\b(?:now|nowadays|today|tonight|latest|newest|current|currently|recent|recently|breaking|so far|these days"
    r"|this (?:week|month|year|morning|weekend)|hoy|ahora|actual|actuales|actualmente|reciente|recientes"
    r"|recientemente|ultima hora|ultimas noticias|es(?:ta semana|te mes|te ano)|hasta ahora)\b"
)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of publication, inclusive; the phrase stands at text[start:end]; removable: no word to search with."""

    first: date | None
    last: date | None
    soft: bool
    start: int
    end: int
    removable: bool


def read_window(text: str, reference: date) -> Window | None:
    """The window of publication that a question's dates stand for, or None; see the top of this file."""
    try:
        periods = _join_ranges(fold(text), mentions(text, reference))
        windows = [window for period in periods if (window := _window(text, period, reference))]
    except (OverflowError, ValueError):  # a day before the year 1 or after 9999
        return None
    relative = [window for window in windows if window.removable]
    if len(windows) < 2 or relative:
        return next(iter(relative or windows), None)
    # Several dates are compared ("in 2022 or in 2023"): whatever lies around them all may answer.
    firsts, lasts = [w.first for w in windows if w.first], [w.last for w in windows if w.last]
    first = min(firsts) if len(firsts) == len(windows) else None
    last = max(lasts) if len(lasts) == len(windows) else None
    return Window(first, last, True, windows[0].start, windows[0].end, False) if first or last else None


def asks_of_the_present(text: str) -> bool:
    """Whether a question says in so many words that the newest answer is wanted ("latest", "this week")."""
    return any(not is_title(text, match) for match in _PRESENT.finditer(fold(text)))


def _join_ranges(folded: str, named: list[Mention]) -> Iterator[Mention]:
    """The periods named, "between March and May 2024" as one."""
    waiting = iter([*named, None])
    current = next(waiting)
    while current:
        following = next(waiting)
        before = folded[: current.start]
        opens = _RANGE_START.search(before) or _IN.search(before)
        if following and opens and _RANGE_JOIN.fullmatch(folded, current.end, following.start):
            current, following = _range(current, following), next(waiting)
        yield current
        current = following


def _range(start: Mention, end: Mention) -> Mention:
    """One mention from two: "March" and "May 2024" are both in 2024."""
    first, last = start.first, end.last
    if start.vague and not end.vague:
        first = first.replace(year=last.year - (first.month > last.month))
    vague = start.vague and end.vague
    return Mention(start.start, end.end, min(first, last), max(first, last), "range", vague)


def _window(text: str, mention: Mention, reference: date) -> Window | None:
    """The window that one date stands for; None where it lies ahead or is no date in its place."""
    folded = fold(text)
    before = folded[: mention.start]
    if mention.first > reference or (mention.vague and _FUTURE.search(folded)):
        return None
    published = _is_publication(folded, mention)
    bounds = _bounds(text, before, mention, published)
    if bounds is None:
        return None
    first, last, firm = bounds
    if not published and mention.relative:
        years = re.search(r"year|\bano", folded[mention.start : mention.end])  # as vague as a year by name
        leads_up = mention.start < asking_sentence(text)[0]
        firm = firm and mention.kind not in _SOFT_RELATIVE and not years and not leads_up
        last = min(last + timedelta(days=1), reference) if last else None
    possessive = re.match(r"['’]s\b", text[mention.end :])
    end = mention.end + (possessive.end() if possessive else 0)
    return Window(
        first, last, not (firm or published), _phrase_start(before, mention), end, mention.relative or published
    )


def _bounds(text: str, before: str, mention: Mention, published: bool) -> tuple[date | None, date | None, bool] | None:
    """First day, last day, and whether articles outside them cannot tell of it; None where it is no date here."""
    after = text[mention.end :]
    if mention.vague and not _CLAUSE_END.match(after) and not _IN.search(before):
        return None  # "since May took office"
    if mention.vague and re.match(r"['’]|\s+[A-Z]", after):
        return None  # "in May's view", "in April Jones"
    if _SINCE.search(before):
        return mention.first, None, True
    if _AFTER.search(before):
        return mention.last + timedelta(days=1), None, True
    if mention.relative:
        return mention.first, mention.last, True
    if _BEFORE.search(before):
        return None, mention.first - timedelta(days=1), False
    if _UNTIL.search(before):
        return None, mention.last, False
    if (mention.vague or mention.kind == "year") and not (published or _IN.search(before)):
        return None  # "the 2024 election", "Paris 2024"
    return mention.first, mention.last, False


def _is_publication(folded: str, mention: Mention) -> bool:
    before = folded[: mention.start]
    if _PUBLISHED.search(before) or _NEWS_OF.match(folded, mention.end):
        return True
    # "How many cases were reported in 2023?" asks for the year's count, which later articles tell.
    return bool(_REPORTED.search(before)) and not re.search(r"\bhow many|\bhow much|\bcuant", folded)


def _phrase_start(before: str, mention: Mention) -> int:
    """Where the phrase starts with its preposition."""
    for preposition in (_SINCE, _AFTER, _BEFORE, _UNTIL, _RANGE_START, _IN, _FROM):
        if match := preposition.search(before):
            return match.start()
    return mention.start

"""Periods named in a text ("June 2024", "last week"): where each stands, and its first and last day.

Read by rules rather than by dateparser, which gives one moment instead of two days, takes milliseconds a phrase, and
sees dates in "May said" and "second".
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from qa.language import fold

_MONTH_NAMES = (
    "january enero jan ene",
    "february febrero feb",
    "march marzo mar",
    "april abril apr abr",
    "may mayo",
    "june junio jun",
    "july julio jul",
    "august agosto aug ago",
    "september septiembre setiembre sep sept set",
    "october octubre oct",
    "november noviembre nov",
    "december diciembre dec dic",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday lunes",
            "tuesday martes",
            "wednesday miercoles",
            "thursday jueves",
            "friday viernes",
            "saturday sabado",
            "sunday domingo",
        )
    )
    for name in names.split()
}
COUNTS = {
    word: number
    for number, words in enumerate(
        (
            "a an un una one uno",
            "two dos couple",
            "three tres few",
            "four cuatro",
            "five cinco",
            "six seis",
            "seven siete",
            "eight ocho",
            "nine nueve",
            "ten diez",
        ),
        1,
    )
    for word in words.split()
}


def _either(words: Collection[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_YEAR = r"(?<![\d.,/-])(?:1[89]|20)\d\d(?![\w/–-]|[.,]\d|\s?%)"
_MONTH = rf"{_either(MONTHS)}\b\.?"
_FULL_MONTH = rf"{_either([name for name in MONTHS if len(name) > 4 or name in ('may', 'mayo', 'june', 'july')])}\b"
_OF = r"(?:\s*,\s*|\s+)(?:(?:of|de|del)\s+)?"
_PART = r"(?:(?:the )?(?:early|mid|late|beginning of|end of|principios de|mediados de|finales de|fines de)[\s-]+)?"
_LAST_YEAR = r"(?:last year|this year|(?:el )?ano pasado|este ano)"
_COUNT = rf"(?:\d{{1,4}}|{_either(COUNTS)}(?: of)?)"
_UNIT = r"(?:hours?|days?|weeks?|months?|years?|horas?|dias?|semanas?|mes(?:es)?|anos?)"
_WEEKDAY = _either(WEEKDAYS)

_DAY_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
    re.compile(
        rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th|º)?(?: of| de)? (?P<month>{_MONTH})(?:{_OF}(?P<year>{_YEAR}))?"
    ),
    re.compile(rf"(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:{_OF}(?P<year>{_YEAR}))?"),
)
_MONTH_FORM = re.compile(
    rf"(?P<past>last )?{_PART}\b(?P<month>{_MONTH})(?:{_OF}(?P<year>{_YEAR}|{_LAST_YEAR})|(?P<pasado> pasado))?"
)
_YEAR_FORM = re.compile(rf"{_PART}(?:the year |el ano |ano )?(?P<year>{_YEAR})")
_RELATIVE = re.compile(
    r"\b(?:(?P<two_days_ago>the day before yesterday|anteayer|antier|antes de ayer)"
    r"|(?P<yesterday>yesterday|last night|ayer|anoche)"
    r"|(?P<today>today|tonight|hoy|esta noche)"
    r"|(?P<this_week>this week|esta semana)"
    r"|(?P<last_week>last week|la semana pasada)"
    r"|(?P<weekend>(?:this|last|this past|over the) weekend|(?:este|el) fin de semana(?: pasado)?)"
    r"|(?P<this_month>this month|este mes)"
    r"|(?P<last_month>last month|el mes pasado)"
    r"|(?P<this_year>this year|este ano)"
    r"|(?P<last_year>last year|(?:el )?ano pasado)"
    rf"|(?P<back>(?:(?:in|over|during|for|en|durante) )?(?:the |los |las |el |la )?(?:last|past|previous|ultim[oa]s?)"
    rf" (?:{_COUNT} {_UNIT}|week|month|year|semana|mes|ano)(?! (?:of|de)\b))"
    rf"|(?P<ago>{_COUNT} {_UNIT} ago|hace {_COUNT} {_UNIT})"
    rf"|(?P<last_weekday>last {_WEEKDAY}|this past {_WEEKDAY}|el (?:pasado {_WEEKDAY}|{_WEEKDAY} pasado))"
    rf"|(?P<weekday>(?:on|el) {_WEEKDAY}))\b"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A period named at text[start:end], both days inclusive.

    kind: day, month, year, range, or the name of a relative phrase's group.
    vague: the year was not named, so the nearest past one was taken.
    """

    start: int
    end: int
    first: date
    last: date
    kind: str
    vague: bool = False

    @property
    def relative(self) -> bool:
        """Whether it is told from the day of asking: "last week", not "June 2024"."""
        return self.kind in _RELATIVE.groupindex


def is_title(text: str, match: re.Match[str]) -> bool:
    """Whether a word of time is part of a name: "USA TODAY", "Apocalypse Now"."""
    return (
        bool(re.search(r"[A-Z]\w*\s$", text[: match.start()])) and text[match.start()].isupper() and not text.isupper()
    )


def mentions(text: str, reference: date) -> list[Mention]:
    """Every period named in a text, in order, none within another."""
    folded = fold(text)
    found: list[Mention] = []
    for pattern, read in (
        *((form, _read_day) for form in _DAY_FORMS),
        (_MONTH_FORM, _read_month),
        (_RELATIVE, _read_relative),
        (_YEAR_FORM, _read_year),
    ):
        for match in pattern.finditer(folded):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            if pattern is _RELATIVE and is_title(text, match):
                continue
            try:
                mention = read(match, reference)
            except ValueError:  # 31 June
                mention = None
            if mention:
                found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _read_day(match: re.Match[str], reference: date) -> Mention | None:
    month = match["month"].rstrip(".")
    number = MONTHS.get(month) or int(month)
    year = int(match["year"] or reference.year)
    day = date(year, number, int(match["day"]))
    if not match["year"] and day > reference:
        day = day.replace(year=year - 1)
    return Mention(*match.span(), day, day, "day", not match["year"])


def _read_month(match: re.Match[str], reference: date) -> Mention | None:
    month, year = match["month"].rstrip("."), match["year"]
    number = MONTHS[month]
    if not year and not re.fullmatch(_FULL_MONTH, month):
        return None  # "mar" and "set" are words
    if year and year.isdigit():
        first = date(int(year), number, 1)
    elif year:
        first = date(reference.year - (year in ("last year", "ano pasado", "el ano pasado")), number, 1)
    else:
        first = date(reference.year - (number > reference.month), number, 1)
        if (match["past"] or match["pasado"]) and (first.year, first.month) == (reference.year, reference.month):
            first = first.replace(year=first.year - 1)
    named = bool(year or match["past"] or match["pasado"])
    end = match.end("month") if not named and month != match["month"] else match.end()
    return Mention(match.start(), end, first, _month_end(first), "month", not named)


def _read_year(match: re.Match[str], _: date) -> Mention:
    year = int(match["year"])
    return Mention(*match.span(), date(year, 1, 1), date(year, 12, 31), "year")


def _read_relative(match: re.Match[str], reference: date) -> Mention | None:
    kind = match.lastgroup or ""
    if kind in ("back", "ago"):
        period = _counted_period(match[0], kind, reference)
    elif kind.endswith("weekday"):
        days = (reference.weekday() - WEEKDAYS[re.search(_WEEKDAY, match[0])[0]]) % 7  # type: ignore[index]
        day = reference - timedelta(days=days or 7 * (kind == "last_weekday"))
        period = day, day
    else:
        period = _relative_period(kind, reference)
    return Mention(*match.span(), *period, kind, kind == "weekday") if period else None


def _relative_period(kind: str, day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    month, year = day.replace(day=1), date(day.year, 1, 1)
    match kind:
        case "two_days_ago" | "yesterday":
            past = day - timedelta(days=2 if kind == "two_days_ago" else 1)
            return past, past
        case "this_week":  # on a Monday, too, people mean the seven days that they have just lived through
            return day - timedelta(days=6), day
        case "last_week":
            return monday - timedelta(days=7), monday - timedelta(days=1)
        case "weekend":
            saturday = day - timedelta(days=(day.weekday() - 5) % 7)
            return saturday, min(saturday + timedelta(days=1), day)
        case "this_month":
            return month, day
        case "last_month":
            end = month - timedelta(days=1)
            return end.replace(day=1), end
        case "this_year":
            return year, day
        case "last_year":
            return date(day.year - 1, 1, 1), date(day.year - 1, 12, 31)
        case _:
            return day, day


def _counted_period(phrase: str, kind: str, day: date) -> tuple[date, date] | None:
    """The days of "the past 3 days" (up to the day), of "two weeks ago" and "hace un mes" (the unit that lies back)."""
    unit = re.search(r"hour|hora|day|dia|week|semana|month|mes|year|ano", phrase)
    counted = re.search(rf"\b{_COUNT}\b", phrase)
    count = 1
    if counted:
        word = counted[0].removesuffix(" of")
        count = int(word) if word.isdigit() else COUNTS[word]
    name = unit[0] if unit else ""
    if name in ("hour", "hora"):
        name, count = "day", -(-count // 24)
    if name in ("month", "mes", "year", "ano"):
        months = count * (12 if name in ("year", "ano") else 1)
        earlier = _months_before(day, months)
        if kind == "back":
            return earlier, day
        if name in ("year", "ano"):
            return date(earlier.year, 1, 1), date(earlier.year, 12, 31)
        return earlier.replace(day=1), _month_end(earlier)
    weeks = name in ("week", "semana")
    earlier = day - timedelta(days=count * (7 if weeks else 1))
    if kind == "back":
        return earlier, day
    margin = timedelta(days=3 if weeks else 0)  # "two weeks ago" is about a week, not one day
    return earlier - margin, earlier + margin


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    first = date(count // 12, count % 12 + 1, 1)
    return first.replace(day=min(day.day, _month_end(first).day))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])

"""Fills what an article's source did not say, from its text and address: language, outlet, date, title.

What nothing tells stays unknown. A date counts only where a date of publication stands: in the address (right for
1,557 of 1,557 news articles that carry one), else alone on one of the first lines, after "Published", or in a
dateline. A date inside a sentence is about the story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from ingest.records import Article
from ingest.sentences import sentence_spans
from ingest.sources.dates import parse_date
from ingest.sources.urls import source_from_url

# Those that news is likely to come in; the fewer there are to choose from, the surer the choice.
_LANGUAGES = "ar bg cs da de el en es fa fi fr he hi hu id it ja ko nl no pl pt ro ru sv tr uk vi zh".split()
_ENOUGH_LETTERS = 40
_SURE = 0.9  # of 1, among those languages
_SAMPLE = 2_000  # characters; more changes nothing

_FIRST_LINES = 6
_TITLE_LENGTH = 120

# "ene" to "dic" are Spanish, where they differ from English by their first three letters.
_MONTHS = {name: i % 12 + 1 for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())} | {
    "ene": 1,
    "abr": 4,
    "ago": 8,
    "set": 9,
    "dic": 12,
}
_MONTH = (
    r"(?P<{}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|enero|ene|febrero|marzo|abril|abr|mayo|junio|julio|agosto|ago|se[pt]tiembre|setiembre"
    r"|octubre|noviembre|diciembre|dic)\.?"
)
_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s"
    r"|(?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo),?\s)?"
)
_DATE = (
    rf"{_WEEKDAY}(?:{_MONTH.format('m1')}\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y1>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th|º)?\s(?:de\s)?{_MONTH.format('m2')},?\s(?:del?\s)?(?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2}))(?!\d)"
)
_CLOCK = (
    r"(?:T\S{4,20}|,?\s?(?:at\s|a\slas?\s|-\s)?\d{1,2}(?:[:.h]\d{2}){0,2}\s?(?:[ap]\.?\s?m\.?|h(?:rs|oras)?\.?)?"
    r"\s?(?:[A-Z]{2,4}|GMT[+-]\d+)?)?"
)
_LABEL = (
    r"(?:(?:date\s)?(?:first\s)?published(?:\son)?|posted(?:\son)?|date"
    r"|publicad[oa](?:\sel)?|fecha(?:\sde\spublicaci[oó]n)?)"
)
_PLACE = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ .,'’-]{1,50}(?:,?\s[A-ZÀ-ÖØ-Þ]\w{0,11}\.?)?"
_AGENCY = r"(?:\s?(?:\([^()]{1,40}\)|/[^/]{1,40}/))?"

_ALONE = re.compile(rf"\(?{_DATE}{_CLOCK}\)?\.?", re.IGNORECASE)
_LABELLED = re.compile(rf"{_LABEL}\s?[:\s]\s?{_DATE}", re.IGNORECASE)
_DATELINE = re.compile(rf"(?:{_PLACE})?,?\s?\(?(?i:{_DATE})\)?{_AGENCY}\s?\.?\s?(?:[-–—:]|(?<=\))\s)")
_SEPARATOR = re.compile(r"\s[|•·–—/-]\s|\s?[|•·]\s?")
_IN_PATH = re.compile(r"/(\d{4})[/-](\d{1,2}|[a-z]{3})[/-](\d{1,2})(?=[/._-]|$)")

_BYLINE = re.compile(r"(?:by|por|from)\s.{1,80}", re.IGNORECASE)
_INNER_END = re.compile(r"\w{3}[.!?…][\"'”’»)]*\s")


def complete(article: Article) -> Article:
    """The article with what can be told filled in where it is missing; what is there stays.

    A headline found as the first line leaves the text; a title made of the first sentence does not.
    """
    language = article.language or _language(article.text)
    published = article.published or _date_in_url(article.url) or _date_in_text(article.text)
    title, text = article.title, article.text
    if not title:
        title, text = _headline(text, language)
    source = article.source or source_from_url(article.url)
    return replace(article, title=title, text=text, source=source, published=published, language=language)


# --- language


def _language(text: str) -> str:
    """The ISO 639-1 code, or "" where the text is too short or the choice unsure."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _ENOUGH_LETTERS:
        return ""
    code, sureness = _identifier().classify(sample.encode("utf-8", "replace").decode("utf-8"))
    return str(code) if sureness >= _SURE else ""


@cache
def _identifier() -> Any:  # noqa: ANN401 - py3langid has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier


# --- when it was published


def _date_in_text(text: str) -> datetime | None:
    for line in islice(_nonblank_lines(text), _FIRST_LINES):
        line = " ".join(line[:200].split())
        parts = _SEPARATOR.split(line) if len(line) < 200 else [line]
        found = _LABELLED.match(line) or next(filter(None, map(_ALONE.fullmatch, parts)), None) or _DATELINE.match(line)
        if found and (moment := _moment(found)):
            return moment
    return None


def _date_in_url(url: str) -> datetime | None:
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    found = _IN_PATH.search(path)
    return _day(*found.groups()) if found else None


def _moment(found: re.Match[str]) -> datetime | None:
    for i in "123":
        if found[f"y{i}"]:
            return _day(found[f"y{i}"], found[f"m{i}"], found[f"d{i}"])
    return None


def _day(year: str, month: str, day: str) -> datetime | None:
    """Midnight UTC of a day that exists and lies in the past, or None."""
    number = int(month) if month.isdecimal() else _MONTHS.get(month[:3].lower(), 0)
    try:
        return parse_date(date(int(year), number, int(day)))
    except ValueError:
        return None


# --- the title


def _headline(text: str, language: str) -> tuple[str, str]:
    """A title and the text that is left: without the headline, if one of the first lines is one."""
    lines = text.split("\n")
    for i, line in enumerate(lines[: 2 * _FIRST_LINES]):
        rest = "\n".join([*lines[:i], *lines[i + 1 :]]).strip()
        if _is_passed_over(line):
            continue
        if rest and _is_headline(line, lines[i + 1] if i + 1 < len(lines) else ""):
            return " ".join(line.split()), re.sub(r"\n{3,}", "\n\n", rest)
        return _first_sentence("\n".join(lines[i:]), language), text
    return _first_sentence(text, language), text


def _is_passed_over(line: str) -> bool:
    """True for what may stand above a headline or in its place: nothing, a date, a byline, a name, a bare dateline."""
    line = line.strip()
    if not line or line[-1] in "—–-" or _ALONE.fullmatch(line) or _LABELLED.match(line) or _BYLINE.fullmatch(line):
        return True
    return len(line.split()) <= 3 and line[-1] not in ".!?" and all(word[0].isupper() for word in line.split())


def _is_headline(line: str, following: str) -> bool:
    """True for a short line that is no sentence, and not the start of a paragraph of several lines."""
    line = line.strip()
    words = len(line.split())
    if (
        not 2 <= words <= 30
        or len(line) > 160
        or line[-1] in ".,;:-–—…"
        or line[0].islower()
        or _INNER_END.search(line)
    ):
        return False
    return not following.strip() or (len(line) < 60 and not following.lstrip()[0].islower())


def _first_sentence(text: str, language: str) -> str:
    beginning = text.lstrip()[:_SAMPLE]
    spans = sentence_spans(beginning, language)
    if not spans:
        return ""
    start, end = spans[0]
    sentence = " ".join(beginning[start:end].split())
    if len(sentence) <= _TITLE_LENGTH:
        return sentence
    cut = sentence[: _TITLE_LENGTH + 1].rpartition(" ")[0] or sentence[:_TITLE_LENGTH]
    return cut.rstrip(" ,;:-–—")


def _nonblank_lines(text: str) -> Iterator[str]:
    return (line for line in text[: 10 * _SAMPLE].split("\n") if line.strip())

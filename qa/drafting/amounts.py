"""English questions for an amount: how many, how much, how long, what percentage."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.drafting.clause import Clause
from qa.drafting.lexicon import Asked
from qa.drafting.phrases import BAD_END, BE, cut, hangs, has_verb, is_verb, owns, timeless
from qa.drafting.verbs import BASE_OF_PARTICIPLE, FORMS

_SMALL = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty"
_NUMBER = rf"(?:\d[\d,.]*|(?i:{_SMALL}))(?: (?:million|billion|thousand|hundred))?"
_HEDGE = (
    r"(?:(?:[Aa]t least|[Aa]bout|[Mm]ore than|[Nn]early|[Ss]ome|[Aa]lmost|[Aa]round|[Oo]ver|[Uu]p to|[Ff]ewer than|"
    r"[Ll]ess than|[Rr]oughly|[Oo]nly|[Jj]ust|[Aa]n estimated|[Aa]ll|[Aa] total of) )?"
)
_UNITS = "tons|tonnes|litres|liters|gallons|kilograms|pounds|hectares|acres|miles|doses|pages|barrels"
COUNTED = re.compile(
    rf"{_HEDGE}(?P<number>{_NUMBER}) "
    r"(?P<noun>(?:[A-Za-z-]+ )?(?:people|men|women|children|[a-z]{3,}[^s\W]s)"
    rf"|(?:{_UNITS}) of [a-z]+(?: and [a-z]+)?|[A-Z][a-z]+(?:ans|ese))(?![\w-])(?! of\b)"
)
_PART_OF = re.compile(
    rf"{_HEDGE}(?P<number>{_NUMBER}) (?P<noun>of the (?:[a-z-]+ ){{1,3}}?)(?=was|were|has|have|had|[a-z]+ed )"
)
_NO_COUNT = frozenset(
    """percent points years times thirds this was is has dollars euros pounds days hours minutes seconds weeks months
    miles feet metres meters kilometres kilometers tonnes tons degrees pages always news series percentage things
    others yards inches decades straight cents stars spots""".split()
)
_MORE = frozenset("more further other additional extra new".split())  # than those told of before
_SUM = re.compile(
    rf"{_HEDGE}(?P<sum>[$€£]\d[\d,.]*(?: (?:million|billion|trillion))?"
    r"|\d[\d,.]*(?: (?:million|billion|trillion))? (?:dollars|euros|pounds))"
)
_PAYING = frozenset("cost commit pay raise earn spend lose donate invest pledge award".split())
_SHARE = re.compile(rf"{_HEDGE}(?P<share>\d[\d.]*) ?(?:percent|per cent|%)(?P<rest>(?: of)? [^,;:]+)")
_SIZE = re.compile(rf"{_HEDGE}(?P<size>\d[\d,.]*) (?P<unit>\S+) (?P<how>long|wide|tall|high|deep|away)$")
_TIME = rf"{_HEDGE}(?P<time>{_NUMBER} (?:\w+ and a half )?(?:second|minute|hour|day|week|month|year)s)$"
_LASTED = re.compile(rf"(?P<rest>)(?:for )?{_TIME}")
_FOR = re.compile(rf"(?P<rest>.*?) ?\bfor {_TIME}")
_PLACED = re.compile(
    r"(?:from|in|on|at|with) [^,]{2,40}? (?=(?:was|were|are|have|had)\b|[a-z]+ed\b|took\b)"
)  # "researchers from 80 institutes took part"
_ADVERBIAL = re.compile(r"(?:in|at|on|for|to|from|during|with|around)\b")
_MEASURED = re.compile(
    r"(?P<what>The (?:[a-z]+ )?"
    r"(?:average|median|number|cost|price|rate|population|time|length|distance|budget|record)\b"
    rf"[^,;:—–]{{4,70}}?) (?P<verb>is|was|stood at|reached) {_HEDGE}[$€£]?(?P<value>\d[\d.,]*\d|\d)"
)


def questions(sentence: str) -> Iterator[Asked]:
    """Those that need no clause told apart."""
    plain = sentence.rstrip(".")
    yield from _how_many(plain)
    yield from _what_share(plain)
    yield from _what_measure(plain)


def of_clause(clause: Clause) -> Iterator[Asked]:
    """Those that a clause answers."""
    yield from _how_many_things(clause)
    yield from _how_much(clause)
    yield from _how_large(clause)
    yield from _how_long(clause)


def _how_many(sentence: str) -> Iterator[Asked]:
    """Of how many something is told: "Eleven of the twelve members backed the decision"."""
    found = _PART_OF.match(sentence) or COUNTED.match(sentence)
    if not found or not (found.re is _PART_OF or _is_countable(found)):
        return
    rest = cut(timeless(" " + sentence[found.end() :].strip()))
    placed = _PLACED.match(rest)
    where, words = (placed[0], rest[placed.end() :].split()) if placed else ("", rest.split())
    if not words or not is_verb(words[0]) or words[0] in ("is", "was", "has", "will") or words[-1] in BE:
        return
    if words[0] == "had" and words[1:] and words[1] in BASE_OF_PARTICIPLE:
        words = [FORMS[BASE_OF_PARTICIPLE[words[1]]][0], *words[2:]]
    if not hangs(rest) and not owns(rest) and sum(map(is_verb, words)) <= 3:
        yield f"How many {' '.join([found['noun'].strip(), *where.split(), *words])}?", "number", (found["number"],)


def _how_many_things(clause: Clause) -> Iterator[Asked]:
    """To how many something was done."""
    found = COUNTED.match(clause.core)
    if not found or clause.auxiliary or (clause.present and clause.base != "have") or not _is_countable(found):
        return
    rest = clause.core[found.end() :].partition(" and ")[0].strip()
    is_score = re.search(r"['’]s \d", rest)  # "to the Republican's 188"
    if not is_score and (not rest or _ADVERBIAL.match(rest)):
        yield f"How many {found['noun']} {clause.turned(rest)}?", "number", (found["number"],)


def _is_countable(found: re.Match[str]) -> bool:
    number, noun = found["number"], found["noun"]
    is_year = number.isdigit() and 1800 <= int(number) <= 2100
    return not is_year and noun.split()[-1] not in _NO_COUNT and noun.split()[0] not in _MORE


def _how_much(clause: Clause) -> Iterator[Asked]:
    found = _SUM.match(clause.core)
    if found and clause.base in _PAYING and not clause.auxiliary:
        rest = clause.core[found.end() :].partition(" and ")[0].strip()
        if not rest or _ADVERBIAL.match(rest):
            yield f"How much {clause.turned(rest)}?", "number", (found["sum"],)


def _how_large(clause: Clause) -> Iterator[Asked]:
    found = _SIZE.match(clause.core)
    is_time = found and re.fullmatch(r"(?:second|minute|hour|day|week|month|year)s?", found["unit"])
    if found and clause.base == "be" and not is_time:
        how = "far away" if found["how"] == "away" else found["how"]
        yield f"How {how} {clause.auxiliary} {clause.subject}?", "number", (found["size"],)


def _how_long(clause: Clause) -> Iterator[Asked]:
    found = (_LASTED.match(clause.core) if clause.base == "last" else None) or _FOR.match(clause.core)
    if found and not clause.auxiliary and not clause.present:
        yield f"How long {clause.turned(found['rest'])}?", "number", (found["time"],)


def _what_share(sentence: str) -> Iterator[Asked]:
    found = _SHARE.match(sentence)
    rest = timeless(found["rest"]).strip() if found else ""
    words = rest.split()
    if not found or not words or not (words[0] == "of" or is_verb(words[0])) or words[-1] in BAD_END:
        return
    if len(words) < 14 and not owns(rest) and not hangs(rest.replace(" who ", " ")):
        yield f"What percentage {rest}?", "number", (found["share"],)


def _what_measure(sentence: str) -> Iterator[Asked]:
    """What an amount is: "The average time to complete an immigration case is 1,110 days"."""
    found = _MEASURED.match(sentence)
    what = timeless(found["what"]) if found else ""
    if found and not has_verb(what.split()) and not hangs(what) and not owns(what):
        yield f"What {'is' if found['verb'] == 'is' else 'was'} the{what[3:]}?", "number", (found["value"],)

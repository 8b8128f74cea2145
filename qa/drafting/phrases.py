"""Phrases of an English sentence: where they end, what they leave open, and the dates in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from qa.dates import mentions
from qa.drafting.verbs import BASE_OF_PAST, BASE_OF_PRESENT
from qa.language import STOP_WORDS, fold

BE = frozenset("was were is are".split())
HAVE = frozenset("has have had".split())
DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
BAD_END = frozenset("of in the a an to and for with by from at on as than more less about or its their into be".split())
VAGUE = frozenset(
    """company agency team country group city bank organisation organization university airline president minister man
    woman men women children government state pair duo family couple school report result results figure figures number
    numbers decision move step news one ones source sources person people firm party official officials statement study
    """.split()
)  # "the company" says nothing by itself
NO_SUBJECT = frozenset(
    """other others two three both same latter such next another rest following which that who whose whom to it he she
    they we you i this these those its his her their our my is are was were and or but not no only if what when where
    how there than as""".split()
)

_DETERMINERS = frozenset("the a an its his her their of".split())
_OPENERS = STOP_WORDS | frozenset(
    "though although maybe sometimes yet perhaps unless despite like unlike even meanwhile inside still today".split()
)
_MANNER = re.compile(r"(?:[ao]l|ent|ous|ed|ar|te|ive)ly$")  # "Traditionally", but not "Emily"
_POINTS_BACK = re.compile(
    r"\b(?:it|they|them|this|that|these|those|there|then|such|he|she|him|her|we|i|you|us|our|my|your|so|too|here|"
    r"(?:last|this|next) \w+['’]s|today['’]s|yesterday['’]s|another|others?|both|either|neither|same|former|latter|"
    r"himself|herself|itself|themselves|not|never|no)\b"
)
_POSSESSIVE = re.compile(r"\b(?:its|his|hers?|theirs?)\b")
_ASIDE = re.compile(
    r"\b(?:which|who|whom|that|what|how|why|whether|if|would|could|will|can|may|might|than|more|less)\b"
)
_HALF = re.compile(r"-(?:year|day|month|week|hour|point|time|term|old)$")  # "a five-year", of a list of adjectives
_MORE_THAN = re.compile(r"\b(?:more|less|fewer) than (?=[$€£\d]|\w+ [a-z]+s\b)")
_PART = r"(?: (?:morning|afternoon|evening|night))?"
_LOOSE_TIME = re.compile(  # what says when only to whoever knows the day of publication
    rf"(?:,? (?:early |late |later )?(?:on |by )?(?<!the ){DAY}s?{_PART}"
    r"| (?:earlier |later )?(?:this|last|next) (?:week|month|year|weekend|spring|summer|fall|autumn|winter|season)"
    r"| (?:yesterday|today|tonight|recently|at once|immediately|already|again|now|currently|afterwards?)"
    r"| (?:over|at) the weekend"
    r"|(?: (?:shortly|just))?(?: (?:before|after|at|around|about))? \d{1,2}(?:[.:]\d\d)?"
    r" ?(?:[ap]\.?m\b\.?|in the (?:morning|evening|afternoon))(?: (?:Eastern|local|Indian|GMT|UTC|E[SD]?T))?(?: time)?"
    r"| at \d{1,2}[.:]\d\d(?: [A-Z]{3})?"
    r")(?=[ ,.;:]|$)(?! ?['’])"
)
_BREAK = re.compile(  # where a clause ends, and something is added that a question can do without
    r",(?!\d)|[;:—–](?!\d)| --? | (?:when|while|after|before|because|although|though|where|since|until|unless|amid|"
    r"despite|following|whose|whereas|but|so that|as well as|ahead of|due to|thanks to|according to|compared with|"
    r"instead of)\b"
    r"| as (?:he|she|it|they|people|crowds|officials|temperatures|fears|hospitals|schools|cases|tensions|concerns)\b"
    r"| and (?=(?:an?|\d\S*|two|three|four|five|six) )"
    r"| and (?=(?:was|were|is|are|has|had|have|will|would|then|he|she|it|they|the|later|also|did|could|can)\b)"
)
_LEFT_OVER = re.compile(  # what is left of a phrase whose end was cut off
    r" (?:in|over|for|during|within|through) (?:the|its|his|her|their|recent) (?:first |last |past )?"
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|time|wake|run-up|process|decades?)$"
    r"| in (?:response|addition|total|turn|part|all|fact|general|return|particular)$"
    r"| (?:just|shortly|soon|as well|only|long|even|not|once|right|moments)$"
)
_AGO = re.compile(r" (?:\w+ )?(?:seconds|minutes|hours|days|weeks|months|years|a day|a week|a month|a year)$")


def is_verb(word: str, *, present: bool = False) -> bool:
    """Whether the word is a finite verb, as far as its form tells."""
    is_auxiliary = word in BE or word in HAVE or word == "will"
    return is_auxiliary or word in BASE_OF_PAST or (present and word in BASE_OF_PRESENT)


def has_verb(words: Sequence[str]) -> bool:
    """Whether a finite verb stands among the words; "the failed bank" holds none."""
    return any(is_verb(word) and before not in _DETERMINERS for before, word in zip(["", *words], words, strict=False))


def owns(text: str) -> bool:
    """Whether it says "its", "his" or the like."""
    return bool(_POSSESSIVE.search(text))


def hangs(text: str) -> bool:
    """Whether a phrase points at something outside of it, goes on to another clause, or breaks off."""
    words = text.split()
    leads_on = _ASIDE.search(_MORE_THAN.sub("", text)) or _POINTS_BACK.search(text)
    return bool(leads_on) or (bool(words) and (words[-1].lower() in BAD_END or bool(_HALF.search(words[-1]))))


def goes_on(text: str) -> bool:
    """Whether a clause ends within the text."""
    return bool(_BREAK.search(text))


def timeless(text: str) -> str:
    """Without what says when only to whoever knows the day of publication."""
    return _LOOSE_TIME.sub("", text)


def cut(rest: str) -> str:
    """What follows a verb, up to where its clause ends; `rest` begins with a space."""
    core = _BREAK.split(rest, maxsplit=1)[0]
    if re.match(r" (?:after|before|since)\b", rest[len(core) :]):
        core = _AGO.sub("", core)
    return _LEFT_OVER.sub("", core).strip()


def raised(text: str) -> str:
    """With its first letter as a capital."""
    return text[:1].upper() + text[1:]


def opens_no_name(word: str) -> bool:
    """Whether a sentence's first word leads up to something else."""
    return fold(word) in _OPENERS or bool(_MANNER.search(word))


def dates(text: str) -> list[tuple[int, int]]:
    """Where dates stand that say when by themselves, in English or Spanish."""
    spans = []
    for mention in mentions(text, date.max):
        end = mention.start + len(text[mention.start : mention.end].rstrip(" .,"))
        if mention.kind in ("day", "month", "year") and re.search(r"\d", text[mention.start : end]):
            spans.append((mention.start, end))
    return spans

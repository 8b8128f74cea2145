"""English questions about who somebody is, who holds an office, and what somebody said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.dates import MONTHS, WEEKDAYS
from qa.drafting.known import Known, bare
from qa.drafting.lexicon import COUNTRIES, NAME, OFFICES, ROLES, Asked
from qa.drafting.phrases import DAY, NO_SUBJECT, VAGUE, hangs, opens_no_name, owns, timeless
from qa.language import fold
from qa.names import find_names

_OFFICE = rf"(?:[a-z-]+ ){{0,2}}(?:{OFFICES})(?: [a-z]+ officer)?"
_OF = rf"(?:of|for|at) (?:the )?{NAME}(?: (?:of|and|for) (?:the )?{NAME})*"
_HOLDER = (
    re.compile(rf"(?P<name>{NAME}), (?:the )?(?P<office>{_OFFICE} {_OF})(?=\.|, (?!and |[A-Z])| who\b)"),
    re.compile(rf"(?:[Tt]he )?(?P<office>{NAME}['’]s {_OFFICE}), (?P<name>{NAME})(?=[,.])"),
    re.compile(rf"[Tt]he (?P<office>{_OFFICE} {_OF}), (?P<name>{NAME})(?=[,.])"),
)
_PAST = re.compile(r"(?:former|ex|late|then|a|an|one|senior|once|longtime|acting|interim)\b")
_LEFT = re.compile(r"\b(?:resign\w*|quit|step\w* down|fired|ousted|dismiss\w*|replac\w*|retir\w*)\b")
_OWNER = re.compile(rf"{NAME}['’]s ")
_SOMEBODY = re.compile(
    rf"(?P<name>{NAME}), (?:(?:a|an|the) (?:[\w-]+ ){{0,3}}|(?:[a-z-]+ ){{0,2}})(?P<role>{ROLES})\b[^,.]{{0,60}}[,.]"
)
_SOMETHING = re.compile(
    rf"(?P<the>[Tt]he )?(?P<name>{NAME}), (?:"
    r"an? (?:[\w-]+ ){0,3}(?:company|firm|network|group|body|agency|organi[sz]ation|app|tool|program(?:me)?|system|"
    r"satellite|spacecraft|service|website|platform|mission|telescope|vaccine|drug|virus|treaty|charity|think tank|"
    r"nonprofit|startup|rocket|species|disease|condition|medication|pill|database)\b"
    r"|the (?:[\w-]+ ){0,2}(?:company|firm|group|agency|app|startup) (?:best|that|which|behind|based)\b)"
)
_SAID_WHERE = re.compile(rf"[\"”],? (?P<name>{NAME}) (?:said|wrote) (?P<where>(?:in|at|during|on) [^,]+?)(?:\.|,|$)")
_SAID_THAT = re.compile(rf"(?P<name>{NAME})(?:, [^,]+,)? (?:said|warned|argued|told [a-z]+) (?:that )?(?P<what>.+)$")
_SAID = re.compile(rf"[\"”],? said (?P<name>{NAME})(?=[,.])")
_ABOUT = re.compile(
    r"(?P<what>the (?P<noun>[a-z]+)(?: of (?:the )?[\w-]+)?) "
    r"(?:is|are|was|were|has|had|will|would|could|should)\b"
)
_AFTER_TOPIC = re.compile(
    r"$|[,.]| (?:and|is|was|were|are|has|had|have|will|would|should|could|in|on|at|to|from|for|with|by|as|after|before|"
    r"that|who|if|when)\b"
)


def questions(sentence: str, known: Known) -> Iterator[Asked]:
    """Every (question, kind, accepted answers) of these that one sentence answers."""
    yield from _offices(sentence, known)
    yield from _persons(sentence, known)
    yield from _things(sentence, known)
    yield from _remarks(sentence, known)


def _offices(sentence: str, known: Known) -> Iterator[Asked]:
    """Who holds an office: "NAME, the OFFICE of ORG," or "ORG's OFFICE, NAME,"."""
    if _LEFT.search(sentence):
        return
    for pattern in _HOLDER:
        for found in pattern.finditer(sentence):
            name, office = re.sub(r" (?:of|from) .*", "", found["name"]), found["office"]
            is_held = not _PAST.match(office) and not opens_no_name(office.split()[0])
            if is_held and known.is_person(name) and not known.is_dead(name):
                yield f"Who is {'' if _OWNER.match(office) else 'the '}{office}?", "role", known.called(name)


def _persons(sentence: str, known: Known) -> Iterator[Asked]:
    for found in _SOMEBODY.finditer(sentence):
        name = found["name"]
        if known.is_person(name) and " " in name and bare(name) == name and not known.is_dead(name):
            yield f"Who is {name}?", "identity", (found["role"],)


def _things(sentence: str, known: Known) -> Iterator[Asked]:
    for found in _SOMETHING.finditer(sentence):
        name = found["name"]
        is_known = name in COUNTRIES or fold(name) in WEEKDAYS or fold(name) in MONTHS
        if not known.is_person(name) and not is_known:
            yield f"What is {'the ' if found['the'] else ''}{name}?", "identity", ()


def _remarks(sentence: str, known: Known) -> Iterator[Asked]:
    found = _SAID_WHERE.search(sentence)
    if found and known.is_person(found["name"]):
        where = timeless(" " + found["where"]).strip()
        if len(where.split()) > 1 and where != "in a statement" and not hangs(where) and not owns(where):
            yield f"What did {bare(known.full(found['name']))} say {where}?", "said", ()
    found = _SAID_THAT.match(sentence)
    if found and known.is_person(found["name"]):
        name = bare(known.full(found["name"]))
        topic = next((topic for topic in _topics(found["what"], known) if topic not in name), "")
        if topic:
            yield f"What did {name} say about {topic}?", "said", ()
        elif " " in name:
            yield f"What did {name} say?", "remark", ()
    found = _SAID.search(sentence)
    if found and known.is_person(found["name"]) and " " in bare(found["name"]):
        yield f"What did {bare(found['name'])} say?", "remark", ()


def _topics(text: str, known: Known) -> Iterator[str]:
    """What it is about: its own subject, or a name that is no part of a longer phrase, and stands elsewhere too."""
    about = _ABOUT.match(text)
    if about and about["noun"] not in VAGUE | NO_SUBJECT:
        yield about["what"]
    for name in find_names(text):
        before, _, after = text.partition(name)
        is_part = re.search(r"(?:[A-Z0-9]\S*|\ba|\ban) $", before) or not _AFTER_TOPIC.match(after)
        is_date = re.search(rf"\b{DAY}\b|\d", name) or any(fold(word) in MONTHS for word in name.split())
        if not is_part and not is_date and known.names[name] > 1:
            yield f"the {name}" if re.search(r"(?:^|\s)[Tt]he $", before) else name

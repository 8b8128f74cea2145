"""Questions out of English sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.asking.clause import Clause, Drafted, is_name, named_subject, one_subject, places, without_aside
from qa.asking.verbs import BASE
from qa.language import fold

_ABOUT = (
    r"(?:(?:at least|about|more than|nearly|some|almost|around|over|up to|as many as|just|only|fewer than|less than"
    r"|roughly) )?"
)
_COUNT = (
    r"(?P<number>\d[\d,.]*(?: (?:million|billion))?"
    r"|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)) "
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon|evening|night))?"
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_WHEN = (
    rf"(?:on {_DAY}(?!,? {_MONTH})|on {_MONTH} \d{{1,2}}(?:, \d{{4}})?|on {_DAY}, {_MONTH} \d{{1,2}}"
    rf"|in {_MONTH}(?: \d{{4}})?|in (?:early |late |mid-)?(?:19|20)\d\d)\b(?!-)"
)
_LOOSE = (  # times that only the article's day or the sentences around explain
    rf" (?:(?:early |late )?on )?{_DAY}\b| (?:yesterday|today|tomorrow|this week|last week|at the weekend)\b"
    r"| at \d{1,2}(?:\.\d\d)?(?: [ap]m)?(?: (?:UTC|GMT|local time))?(?: in the (?:morning|afternoon|evening))?(?= |$)"
)
_CUT = re.compile(  # where the next clause begins
    r",(?! \d{4}\b)|[;:(]| [–—-] | (?:but|while|when|where|which|who|whose|because|so that|although|after"
    r"|before|until"
    r"|unless|if|since|amid|during|than|without|according|despite|as (?!a |an |the |[a-z]+ of |\d)|and (?:the"
    r"|an?|then|that|was"
    r"|were|is|are|has|have|had|will|would|said|says|to|not|no|so|[a-z]+(?:ed|es)|it|he|she|they|his|her|its"
    r"|their|more"
    r"|most|some|other)\b)"
)
_LINKS = {"was", "were", "is", "are", "will"}  # what "when" turns round; "when has", "when had" nobody asks
_HAVE = {"has": ("does", "have"), "have": ("do", "have"), "had": ("did", "have")}
_FINITE = "|".join(sorted({*BASE, "was", "were", "are", "will"}))
_MOVED = re.compile(
    r" (?:to be )?(?:\w+ed|held|born|found|built|made|shot|sent)\b"
)  # "was crowned", and not "was king"
_BY = re.compile(
    r"(?P<done>[a-z]+ed|made|built|led|found|held|won|shot|sent|brought|taken|written|given)"
    r"(?P<particle> out| up| down| off)? by "
    r"(?P<agent>(?:the |an? )?[^,;]*?[A-ZÀ-Þ][\w’'-]*(?: [A-ZÀ-Þ][\w’'-]*)*)"
)
_PAST = {"taken": "took", "written": "wrote", "given": "gave"}
_LASTED = re.compile(
    r" for (?:about |more than |nearly |some |almost )?((?:\d+|\w+) (?:hours|days|weeks|months|years))$"
)
_GIVES_WHAT = {"announce", "declare", "demand", "propose", "promise", "disclose", "reveal", "recommend", "order"}
_MONEY = {"dollars", "euros", "pounds", "kronor", "yen", "francs"}
_NO_COUNT = {
    *"percent points times thirds others years this was hours days weeks months metres kilometres degrees".split(),
    *_MONEY,
}
_PREPOSITIONS = set("of in on at to for from by with and or as into over under about".split())
_NO_HEAD = re.compile(
    r"to|of|in|who|that|first|second|last|two|three|next|rest|most|more|latest|only|a|an|the|[a-z]+(?:ing|ly|ed)"
)
_COUNTRIES = re.compile(
    r"(?:the )?(?:Argentina|Australia|Austria|Belgium|Brazil|Britain|Canada|Chile|China|Colombia|Croatia|Cuba|Denmark"
    r"|Egypt|Finland|France|Germany|Greece|Guatemala|Hungary|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Japan|Kenya"
    r"|Mexico|Netherlands|New Zealand|Nigeria|North Korea|Norway|Pakistan|Peru|Poland|Portugal|Qatar|Russia"
    r"|Saudi Arabia|South Africa|South Korea|Spain|Sweden|Switzerland|Syria|Turkey|Ukraine|United Kingdom|United States"
    r"|Venezuela|Vietnam)"
)


def questions(sentence: str, text: str, people: dict[str, str]) -> Iterator[Drafted]:
    """The questions of one sentence of a text in which these people are named."""
    yield from _counted_subject(sentence)
    clause = _clause(sentence, text)
    if clause and not re.match(r" (?:as (?:far|much|many|long|well)|than)\b", clause.tail):
        yield from _when_and_where(clause)
        yield from _why(clause)
        yield from _who(clause, people)
        yield from _what(clause)
        yield from _counted_object(clause)


def _clause(sentence: str, text: str) -> Clause | None:
    named = named_subject(sentence, text, "The |An? ")
    subject = named or _plain_subject(sentence, text)
    if not subject:
        return None
    after = without_aside(sentence[len(subject) :])
    between = re.match(rf" ({_WHEN})(?= )", after)
    after = after[between.end() :] if between else after
    found = re.match(r" (?:also )?([a-z]+)(?: (.+))?\.$", after)
    if not found or found[1] not in {*BASE, *_LINKS, *_HAVE}:
        return None
    rest, tail = _cut(found[2] or "")
    if not named and not is_name(subject.split()[0], text):
        subject = subject[0].lower() + subject[1:]
    subject = re.sub("^(?:The|An?) ", lambda match: match[0].lower(), subject)
    return Clause(subject, found[1], rest, tail, between[1] if between else "")


def _plain_subject(sentence: str, text: str) -> str:
    """What surely is a subject without being a name, such as "The main channel"; else an empty text."""
    for length in (2, 3, 4):
        found = re.match(rf"(The(?: [a-z-]+){{{length - 1}}}) (?:also )?([a-z]+)\b", sentence)
        if found and found[2] in {*BASE, *_LINKS, "had", "has"}:
            head = found[1].split()[-1]
            return "" if _NO_HEAD.fullmatch(head) or not head.isalpha() or len(head) < 3 else found[1]
    plural = re.match(r"([A-Z][a-z]+)(?: [a-z]+)?s(?= [a-z]+)", sentence)
    if plural and (fold(plural[0]).split()[0] in text.split() or is_name(plural[0].split()[0], text)):
        return plural[0]
    return ""


def _cut(rest: str) -> tuple[str, str]:
    """What belongs to the clause, and what follows it."""
    rest = rest.rstrip(".")
    ends = [found.start() for found in _CUT.finditer(rest)]
    ends += [found.start() for found in re.finditer(r" and (?:then |also )?([a-z]+)", rest) if found[1] in BASE]
    end = min(ends, default=len(rest))
    return rest[:end], rest[end:]


def _turned(word: str, clause: Clause, left: str) -> str:
    """The clause as a question, such as "When did Croatia join the European Union?"."""
    base = BASE.get(clause.verb, "")
    left = re.sub(_LOOSE, "", left).strip(" ,")
    return " ".join(filter(None, (word, "did" if base else clause.verb, clause.subject, base, left))) + "?"


def _when_and_where(clause: Clause) -> Iterator[Drafted]:
    if clause.verb not in {*BASE, *_LINKS}:
        return
    rest = f" {clause.rest}"
    for found in re.finditer(_WHEN, rest):
        yield _turned("When", clause, rest[: found.start()].rstrip() + rest[found.end() :]), "when", found[0][3:]
    if clause.between:
        yield _turned("When", clause, rest), "when", clause.between[3:]
    for place, left in places(rest, "in|at|near"):
        happens = clause.verb in BASE or (clause.verb != "will" and _MOVED.match(rest))
        if happens and not re.search(r" (?:from|at|in|near) (?:the )?[A-Z]", left):
            yield _turned("Where", clause, left), "where", place
    lasted = _LASTED.search(rest)
    if lasted and clause.verb in BASE:
        yield _turned("How long", clause, rest[: lasted.start()]), "number", lasted[1]


def _why(clause: Clause) -> Iterator[Drafted]:
    if not re.match(r",? because (?!of\b)", clause.tail):
        return
    if clause.verb == "had" and clause.rest.startswith("to "):
        yield f"Why did {clause.subject} have {clause.rest}?", "why", ""
    elif clause.verb in {*BASE, *_LINKS}:
        yield _turned("Why", clause, clause.rest), "why", ""


def _who(clause: Clause, people: dict[str, str]) -> Iterator[Drafted]:
    verb, rest = clause.verb, re.sub(_LOOSE, "", f" {clause.rest}")
    if verb in ("was", "were") and (done := _BY.match(clause.rest)):
        past = _PAST.get(done["done"], done["done"])
        yield f"Who {past}{done['particle'] or ''} {clause.subject}?", "who", done["agent"]
    if not clause.rest or not one_subject(rest) or (verb not in BASE and verb != "was"):
        return
    person = next((name for name in people if clause.subject.endswith(name)), "")
    if person:
        yield f"Who {verb}{rest}?", "who", person
    elif _COUNTRIES.fullmatch(clause.subject) and not re.search(r"\bcountry\b|^ (?:[a-z]+ )?by\b", rest):
        yield f"Which country {verb}{rest}?", "who", clause.subject


def _what(clause: Clause) -> Iterator[Drafted]:
    has_object = clause.rest and clause.rest.split()[0] not in _PREPOSITIONS
    if BASE.get(clause.verb) in _GIVES_WHAT and has_object:
        yield _turned("What", clause, ""), "what", re.sub(_LOOSE, "", f" {clause.rest}")


def _counted_subject(sentence: str) -> Iterator[Drafted]:
    """Of "About 400 firefighters fought the flames": how many firefighters?"""
    begin = rf"(?i:{_ABOUT}{_COUNT})(?P<noun>(?:[a-z]+ )?[a-z]+)"
    found = re.match(rf"{begin}(?: (?:in|from|of) [\w ]+?)? (?P<verb>{_FINITE}) (?P<rest>.+)\.$", sentence)
    if not found or not _is_counted(found["noun"].split()) or re.fullmatch(r"(?:1[89]|20)\d\d", found["number"]):
        return
    rest = re.sub(_LOOSE, "", f" {_cut(found['rest'])[0]}").strip()
    yield " ".join(filter(None, ("How many", found["noun"], found["verb"], rest))) + "?", "number", found["number"]


def _counted_object(clause: Clause) -> Iterator[Drafted]:
    """Of "The agency fired three sounding rockets": how many rockets?"""
    did, base = _HAVE.get(clause.verb, ("did", BASE.get(clause.verb, "")))
    found = re.match(rf"{_ABOUT}{_COUNT}(?P<noun>[a-z]+)(?: (?P<second>[a-z]+))?\b", clause.rest)
    if not found or not base or re.fullmatch(r"\d+\.\d{1,2}", found["number"]):
        return
    if base == "cost" and found["noun"] in _MONEY:
        yield f"How much did {clause.subject} cost?", "number", found["number"]
    noun, end = found["noun"], found.end("noun")
    if not _is_counted([noun]) and found["second"] and not noun.endswith("s"):
        noun, end = f"{noun} {found['second']}", found.end("second")
    if not _is_counted(noun.split()):
        return
    rest = re.sub(rf"{_LOOSE}| {_WHEN}$", "", clause.rest[end:])
    if of := re.match(r" of [a-z]+(?: and [a-z]+)?(?= |$)", rest):
        noun, rest = noun + of[0], rest[of.end() :]
    yield f"How many {noun} {did} {clause.subject} {base} {rest.strip(' ,')}".strip() + "?", "number", found["number"]


def _is_counted(words: list[str]) -> bool:
    """Whether the words are a plural that is counted, not measured."""
    noun = words[-1]
    plural = noun in ("people", "men", "women", "children") or (noun.endswith("s") and not noun.endswith("ss"))
    return plural and noun not in _NO_COUNT and words[0] not in _PREPOSITIONS

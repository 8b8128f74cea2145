"""The main clauses of an English sentence, their parts told apart by rules; what is unsure is no clause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.drafting.known import Known, bare
from qa.drafting.lexicon import NAME
from qa.drafting.phrases import (
    BAD_END,
    BE,
    DAY,
    HAVE,
    NO_SUBJECT,
    VAGUE,
    cut,
    dates,
    goes_on,
    hangs,
    has_verb,
    is_verb,
    opens_no_name,
    raised,
    timeless,
)
from qa.drafting.verbs import BASE_OF_PARTICIPLE, BASE_OF_PAST, BASE_OF_PRESENT, FORMS
from qa.language import content_words, fold

LONGEST = 14  # words of what follows the verb
SUBJECT = 10  # words before it

_ADVERBS = frozenset(
    """also then now still already later finally first recently eventually officially formally currently often
    previously ultimately repeatedly initially publicly quickly immediately""".split()
)
_ALONE = frozenset("die resign retire survive collapse crash disappear erupt abdicate".split())  # need no object
_DONE = frozenset(
    """launch bear arrest kill find found build destroy discover release publish introduce close open crown hospitalize
    execute demolish rescue evacuate suspend lose damage""".split()
)  # nor, in the passive, anything more
_CAPTIONS = frozenset("seen pictured shown photographed based located".split())

_REASON = re.compile(r",? (?:because (?!of\b)|because of |due to )(?P<reason>.+)$")
_LEADING = re.compile(
    r"(?:On|In|At|During|Under|With|Late|Early|By|After|Before|For|From|Over|Since|This|Last|Earlier|Aside|Among|"
    r"Without|Through|Unlike|Like|As|Also|Still|Then) [^,]{3,60}(?:, \d{4})?, "
    r"(?=(?:the|a|an|about|more|at|some|[A-Z][\w.'’-]*|[a-z]+ [A-Z]\w+) )"
)
_PLACED = rf"{NAME}(?: (?:of|from|in) (?:the )?{NAME})?"
_NAMED = re.compile(_PLACED)
_NAMES = re.compile(rf"{_PLACED}(?: and {_PLACED})?")
_NAME = re.compile(NAME)
_OF_SOMEBODY = re.compile(rf"(?:The )?{NAME}['’]s?(?: [a-z-]+){{1,4}}")  # "Turkey's disaster agency"
_SEVERAL = re.compile(rf"[A-Z][a-z-]+(?: [a-z-]+){{0,2}}(?P<where> (?:in|from|of|for|at) (?:the )?{NAME})?")
_DOING = re.compile(r"[A-Z][a-z]+ing (?:the|a) [a-z]+")  # "Moving the vaccine"
_ASIDE_AFTER = re.compile(
    rf"(?:(?:The|{NAME}['’]s) [^,]{{2,70}}, )?(?P<name>{NAME}), (?P<rest>[^,]{{2,90}}, )?(?P<verb>[a-z]+) "
)
_THE_ASIDE = re.compile(
    rf"(?:The [a-z ]+, )?[Tt]he (?P<name>{NAME}), (?P<rest>(?:which|an?) [^,]{{2,90}}, )?(?P<verb>[a-z]+) "
)
_NEXT = re.compile(r"(?:, (?:and |but |while |whereas )?|[;:] | and )(?=the |[A-Z])")
_INSIDE = r"(?:[^,;:]|(?<=\d)[,:](?=\d))+"  # of a clause; a number may hold what ends one
_WHO = re.compile(rf"(?P<name>{NAME}), who (?P<rest>[a-z]+ {_INSIDE})")
_WHICH = re.compile(rf"(?P<name>^{NAME}|\b[Tt]he {NAME}), which (?P<rest>[a-z]+ {_INSIDE})")
_MONTH_DAY = re.compile(r"[A-Z][a-z]+\.? \d{1,2}\b")
_NO_LEAD = re.compile(r"\b(?:to|by|of|the|and|from|since|until|through|between|before|after) $")
_AFTER_DATE = re.compile(r"$|[,.]| (?:at|in|by|to|from|with|as|for|after|when|before|while|during)\b")


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause, its parts told apart.

    auxiliary: a form of be, or will, or "" where the verb stands by itself; verb: as it stands, in the past where it
        was perfect; base: its base form, "be" where the auxiliary is all there is.
    core: what follows the verb, up to where the sentence goes on to something else.
    time: when it was, where a date tells; named: whether the subject is a name; reason: what follows "because".
    """

    subject: str
    auxiliary: str
    verb: str
    base: str
    core: str
    time: str
    named: bool
    reason: str

    @property
    def present(self) -> bool:
        """Whether the verb, standing by itself, is in the present tense."""
        return not self.auxiliary and (self.verb in BASE_OF_PRESENT or self.verb in ("has", "have"))

    def turned(self, core: str | None = None) -> str:
        """The clause as it stands after a question word: "did Finland join NATO"."""
        told = self.core if core is None else core
        if self.auxiliary:
            return " ".join(filter(None, (self.auxiliary, self.subject, self.verb, told)))
        return f"{'does' if self.present else 'did'} {self.subject} {self.base} {told}".strip()

    def brief(self) -> str:
        """The core without the later of its circumstances, where it is long."""
        core = re.sub(r"(?:^| )(?:for|over|within|during|in) (?:several|\d+|a few|the first) \w+$", "", self.core)
        while len(core.split()) > 7:
            shorter = re.match(r"(.{12,}) (?:from|with|on|in|at|during|along|against|to|for|by|under)\b[^,]*$", core)
            if not shorter or shorter[1].split()[-1].lower() in BAD_END:
                return core
            core = shorter[1]
        return core


def clauses(sentence: str, known: Known) -> Iterator[Clause]:
    """The main clauses of a sentence without quotations, and what it says of somebody as "who ..."."""
    for part in _parts(sentence.rstrip("."), known):
        if clause := _clause(part, known):
            yield clause


# -- from the sentence to its clauses


def _parts(sentence: str, known: Known) -> Iterator[str]:
    """What may be main clauses."""
    start = 0
    for found in _NEXT.finditer(sentence):
        before, after = sentence[start : found.start()].split(), sentence[found.end() :].split()[:6]
        verb = next((place for place, word in enumerate(after) if is_verb(word)), 0)
        is_pair = found[0] == " and " and before and before[-1][0].isupper()  # "the United States and China won"
        if verb and any(map(is_verb, before)) and not is_pair:
            if _is_subject([raised(after[0]), *after[1:verb]], known):
                yield raised(sentence[start : found.start()])
                start = found.end()
    yield raised(sentence[start:])
    for found in _WHO.finditer(sentence):
        if known.is_person(found["name"]):
            yield f"{found['name']} {found['rest']}"
    for found in _WHICH.finditer(sentence):
        yield raised(f"{found['name']} {found['rest']}")


def _clause(body: str, known: Known) -> Clause | None:
    time, body = _without_leading(timeless(body))
    reason = ""
    if found := _REASON.search(body):
        if goes_on(body[: found.start()]):
            return None
        reason, body = found["reason"], body[: found.start()]
    subject, rest = _subject(body, known)
    if not subject:
        return None
    auxiliary, verb, base, rest = _verb(rest)
    told, rest = _time_in(f" {rest}".replace(" ,", ","))
    core = _before_second_verb(cut(rest))
    clause = Clause(subject, auxiliary, verb, base, core, told or time, bool(_NAMED.fullmatch(subject)), reason)
    return clause if _is_sound(clause) else None


def _without_leading(body: str) -> tuple[str, str]:
    """The date that a clause opens with, and the clause without its opening phrase."""
    found = _LEADING.match(body)
    if not found:
        return "", body
    dated = [span for span in dates(found[0]) if found[0][: span[0]] in ("On ", "In ")]
    return (found[0][slice(*dated[0])] if dated else ""), raised(body[found.end() :])


def _subject(body: str, known: Known) -> tuple[str, str]:
    """The subject, whole and as it stands within a sentence, and what follows from the verb on; ("", "") if unsure."""
    aside = _ASIDE_AFTER.match(body)
    if aside and (aside["rest"] or aside.start("name")) and is_verb(aside["verb"], present=True):
        return _whole(aside["name"], known), body[aside.start("verb") :]
    aside = _THE_ASIDE.match(body)
    if aside and (aside["rest"] or not body.startswith(f"The {aside['name']}")) and is_verb(aside["verb"]):
        return f"the {aside['name']}", body[aside.start("verb") :]
    words = body.split(" ")
    for place, word in enumerate(words[:SUBJECT]):
        if is_verb(word, present=bool(place) and bool(_NAME.fullmatch(" ".join(words[:place])))):
            subject = words[:place]
            while subject and subject[-1] in _ADVERBS:
                subject.pop()
            is_one = _is_subject(subject, known)
            return (_whole(" ".join(subject), known), " ".join(words[place:])) if is_one else ("", "")
    return "", ""


def _is_subject(words: list[str], known: Known) -> bool:
    """Whether the words are a subject that can be understood without the sentences before."""
    text = " ".join(words)
    if not words or re.search(r"[^\w.'’& -]", text) or dates(text):
        return False
    if words[0] == "The":
        return bool(_OF_SOMEBODY.fullmatch(text)) or _is_thing(words[1:])
    if opens_no_name(words[0]):
        return False
    if _NAMES.fullmatch(text) and (len(words) > 1 or known.is_name(text)):
        return True
    several = _SEVERAL.fullmatch(text)
    if several and re.search(r"[^s]s$|[Pp]olice$", text.removesuffix(several["where"] or "")):
        return fold(words[0]) not in NO_SUBJECT and bool(content_words(words[0]))
    return bool(_OF_SOMEBODY.fullmatch(text) or _DOING.fullmatch(text))


def _is_thing(words: list[str]) -> bool:
    """Whether the words after "the" tell which one."""
    if not words or any(word.lower() in NO_SUBJECT for word in words):
        return False
    return not (words[0] in VAGUE and len(words) == 1) and words[-1] not in BAD_END


def _whole(subject: str, known: Known) -> str:
    """The subject as it stands within a sentence, a person by the whole name."""
    first = subject.partition(" ")[0]
    if first == "The":
        return subject[:1].lower() + subject[1:]
    is_name = known.is_name(first, inside=" " in subject) or (" " in subject and _NAMES.fullmatch(subject))
    if is_name or _OF_SOMEBODY.fullmatch(subject):
        full = known.full(subject)
        return bare(full) if known.is_person(full) else full
    return subject[:1].lower() + subject[1:]


def _verb(rest: str) -> tuple[str, str, str, str]:
    """Auxiliary, verb, its base form ("be" where the auxiliary is all there is), and what follows."""
    words = rest.split(" ")
    if len(words) > 1 and words[1] in _ADVERBS and (words[0] in BE or words[0] in HAVE or words[0] == "will"):
        del words[1]
    first, second, third = [*words, "", ""][:3]
    if first == "will" and second == "be" and third in BASE_OF_PARTICIPLE:
        return first, f"be {third}", BASE_OF_PARTICIPLE[third], " ".join(words[3:])
    if first == "will":
        return first, second, second if second in FORMS else "", " ".join(words[2:])
    if first in HAVE and second in BASE_OF_PARTICIPLE:
        base = BASE_OF_PARTICIPLE[second]
        return "", FORMS[base][0], base, " ".join(words[2:])
    if first in BE and (second in BASE_OF_PARTICIPLE or re.fullmatch(r"[a-z]{3,}ed", second)):
        return first, second, BASE_OF_PARTICIPLE.get(second, second), " ".join(words[2:])
    if first in BE:
        return first, "", "be", " ".join(words[1:])
    base = "have" if first in HAVE else BASE_OF_PAST.get(first) or BASE_OF_PRESENT[first]
    return "", first, base, " ".join(words[1:])


def _time_in(rest: str) -> tuple[str, str]:
    """The date that tells when in a phrase of its own, before the clause ends, and the rest without it."""
    for start, end in dates(rest):
        lead = re.search(rf",? (?:on|in) (?:{DAY}, )?$", rest[:start])
        if not lead and _MONTH_DAY.match(rest[start:end]) and not _NO_LEAD.search(rest[:start]):
            lead = re.search(r" $", rest[:start])  # "was arrested Feb. 17 at"
        joined = re.match(r" and (\w+)", rest[end:])
        follows = _AFTER_DATE.match(rest[end:]) or (joined and is_verb(joined[1]))
        if lead and follows and not goes_on(rest[: lead.start()]):
            return rest[start:end], rest[: lead.start()] + rest[end:]
    return "", rest


def _before_second_verb(core: str) -> str:
    for found in re.finditer(r" and (\w+)", core):
        if found[1] in BASE_OF_PAST:
            return core[: found.start()].strip()
    return core


def _is_sound(clause: Clause) -> bool:
    """Whether what was told apart can be put into a question as it stands."""
    words = clause.core.split()
    if len(words) > LONGEST or hangs(clause.core) or has_verb(words) or words[:1] == ["been"] or not clause.base:
        return False
    is_one = clause.named and " and " not in clause.subject
    if is_one and (clause.auxiliary in ("were", "are") or clause.verb == "have"):  # a part of "Ana and Bo were"
        return False
    if clause.auxiliary and clause.verb in _CAPTIONS:
        return False
    return bool(words) or clause.base in _ALONE or bool(clause.auxiliary and clause.base in _DONE)

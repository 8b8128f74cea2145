"""English questions that a sentence answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.dates import MONTHS, WEEKDAYS
from qa.drafting import amounts, people
from qa.drafting.clause import Clause, clauses
from qa.drafting.known import Known
from qa.drafting.lexicon import COUNTRIES, NAME, Asked
from qa.drafting.phrases import cut, hangs, has_verb, opens_no_name, owns, timeless
from qa.drafting.verbs import BASE_OF_PAST, BASE_OF_PRESENT, FORMS
from qa.language import content_words, fold
from qa.names import find_names

_SAYING = frozenset(
    "say tell add note warn argue ask believe think know tweet want need expect estimate help let".split()
)
_REPORTING = _SAYING | frozenset(
    """report claim see hear feel find continue suggest mention show acknowledge confirm deny admit explain start begin
    appear seem try decide make include involve intend hope look""".split()
)  # what follows these is a clause as often as a thing
_A_THING = re.compile(r"(?:the|an?|any|all|credit|victory|responsibility)\b")
_EVENTS = frozenset(
    """hold find kill arrest sign discover launch build crash die live meet speak take happen occur detain bury
    hospitalize treat shoot stage shelter display film record study perform crown bear raise celebrate serve""".split()
)  # they happen at a place
_BY_TEAMS = frozenset("beat defeat own buy sell sue acquire design create develop".split())  # no person, often
_PRIZES = re.compile(
    r"\b(?:[Cc]up|final|match|game|series|gold|silver|bronze|medal|election|title|championship|race)\b"
)
_LIGHT = frozenset("go come get have take make put give keep be".split())  # verbs that say little by themselves
_HABITS = frozenset(
    "head lead run own chair teach study direct coach manage represent oversee control produce employ play".split()
)  # in the present tense; that of other verbs is a caption's as often
_WHATS = frozenset(
    """announce ban launch buy sell unveil reject propose demand promise release publish introduce order build lose
    discover cancel invent reveal acquire present""".split()
)
_FATES = frozenset("lose destroy damage suspend arrest rescue evacuate recover collapse crash sink".split())
_CHARGES = frozenset(
    (("charged", "with"), ("accused", "of"), ("convicted", "of"), ("sentenced", "to"), ("diagnosed", "with"))
)
_OFFERS = frozenset("offer promise refuse agree vow threaten decide plan pledge decline".split())
_ORDERS = frozenset("ask urge order tell advise force require".split())
_CALLS = frozenset(
    (("call", "for"), ("ask", "for"), ("apply", "for"), ("push", "for"), ("campaign", "for"), ("warn", "against"))
)
_GROUPS = re.compile(  # of people of whom one asks who they are
    r"\b(?:authorities|prosecutors|regulators|lawmakers|researchers|scientists|astronomers|investigators|voters)\b"
)
_SITES = "airport|school|hospital|park|church|store|prison|jail|hotel|stadium|university|courthouse|station|beach"
_PLACE = re.compile(
    rf"(?P<before>.*?)\b(?:in|at) (?:the )?(?P<place>{NAME}(?: (?:of|in|at) (?:the )?{NAME})*(?: (?:{_SITES}))?)$"
)
_AND_ANOTHER = re.compile(rf" and {NAME} [a-z]+ [a-z]")  # "best actor for Joker and Renee Zellweger best actress for"
_MOST = re.compile(r"\b(?:largest|first|only|most|best|\w+est|between)\b")
_NTH = re.compile(r"the (?:first|only|last|\w+th|youngest|oldest) ")
_BY = re.compile(
    rf"by (?:the )?(?:(?:[A-Z]\w+ )?(?:[a-z-]+ ){{1,3}})?(?P<name>{NAME})(?: of {NAME})?$"
)  # "by the Japanese firm Shoei Kisen Kaisha"
_OBJECT = re.compile(r"(?P<thing>[^,]+?)(?: (?P<rest>(?:in|at|for|from|with|during|on) .+|to [A-Z].+))?$")
_NO_OBJECT = re.compile(r"(?:to|in|at|on|for|with|by|from|up|out|off|plans|its)\b|.*\b(?:to|only|\w+est) ")
_TO_DO = re.compile(rf"(?P<whom>(?:(?:{NAME}|[a-z]+s|the [a-z]+|people) )?)to (?P<deed>(?!be |the |an? )[a-z]+ .+)$")
_FOR = re.compile(r"(?P<how>for|against) (?P<what>[a-z]+ [^,]+)$")
_CHARGE = re.compile(r"(?P<how>with|of|to) (?P<what>[^,]+)$")
_LEADER = re.compile(
    r"the (?P<place>first|only|last|second|third|most \w+|\w+est) "
    r"(?P<kind>country|state|city|team|company|woman|man|person|player|film|bank|nation|president|artist|driver) "
    r"(?P<rest>(?:to|in|on|of|at|ever) .+)$"
)
_ONE_IN = re.compile(
    r"the (?P<place>first|only|last) (?P<kind>(?:[A-Z]\w+ )+(?:man|woman|player|pitcher)) (?P<rest>(?:to|in|on|at) .+)$"
)
_DOING = re.compile(
    r"(?P<who>[A-Z][^,;:—–]{4,70}?) (?:is|are) "
    r"(?P<verb>investigating|suing|challenging|hosting|building|developing|funding|overseeing|reviewing|demanding) "
    r"(?P<core>[^,;:]+)"
)
_HAPPENING = re.compile(
    r"An? (?:[\w.-]+ ){0,4}?(?P<what>earthquake|fire|wildfire|eclipse|storm|hurricane|tornado|blast|explosion|bomb|"
    r"missile|ship|train|plane|helicopter|truck|bus|flood|volcano|avalanche|drone|asteroid|blizzard|cyclone|typhoon|"
    r"tsunami|spacecraft)(?: of the Sun)? (?P<verb>[a-z]+) (?P<core>.+)"
)


def questions(sentence: str, known: Known) -> Iterator[Asked]:
    """Every (question, kind, accepted answers) that the rules make of one sentence."""
    yield from people.questions(sentence, known)
    told = _unquoted(sentence)
    if not told:
        return
    yield from amounts.questions(told)
    yield from _happening(told)
    yield from _under_way(told)
    for clause in clauses(told, known):
        is_claim = clause.base in _REPORTING and not _A_THING.match(clause.core)
        if (clause.base in _SAYING or is_claim) and not clause.auxiliary:
            yield from _deed(clause)
            continue
        yield from _who(clause, known)
        yield from _leader(clause, known)
        for ask in (_country, _when, _where, _why, _by_whom, _what, _fate, _deed, amounts.of_clause):
            yield from ask(clause)


def _unquoted(sentence: str) -> str:
    """What the outlet itself says before anybody is quoted, without brackets; "" where that cannot stand alone."""
    plain = re.sub(r" \([^()]*\)", "", sentence)
    if quote := re.search(r"[\"“”«»]", plain):
        plain = plain[: quote.start()].rpartition(", ")[0] + "."
    return plain if len(plain.split()) > 4 and not re.search(r"[()\[\]?!•|]", plain) else ""


# -- who


def _who(clause: Clause, known: Known) -> Iterator[Asked]:
    if owns(clause.core) or _AND_ANOTHER.search(clause.core) or not _tells_who(clause):
        return
    names = re.split(r" and (?=[A-Z])", clause.subject)
    asked = " ".join(filter(None, (clause.auxiliary, clause.verb, clause.core)))
    says = len(content_words(asked))
    if _GROUPS.search(clause.subject) and not clause.auxiliary and not clause.present and says >= 4:
        yield f"Who {asked}?", "who", content_words(clause.subject)
    elif says >= 3 and (_is_team(clause) or all(known.is_person(re.sub(r" (?:of|from) .*", "", n)) for n in names)):
        yield f"Who {asked}?", "who", known.called(names[0])


def _tells_who(clause: Clause) -> bool:
    """Whether what is told says enough to ask who it was."""
    if clause.auxiliary in ("were", "are", "will") or (clause.auxiliary == "is" and clause.verb):
        return False
    if (clause.base == "be" and not _NTH.match(clause.core)) or (clause.present and clause.base not in _HABITS):
        return False
    says = len(content_words(clause.core))
    return bool(find_names(f"x {clause.core}")) or says >= (4 if clause.base in _LIGHT else 2)


def _is_team(clause: Clause) -> bool:
    """Whether the subject is a team, a company or the like, and does what one asks of who did it."""
    is_theirs = clause.base in _BY_TEAMS or (clause.base == "win" and _PRIZES.search(clause.core))
    return clause.named and not clause.auxiliary and bool(is_theirs)


def _country(clause: Clause) -> Iterator[Asked]:
    asked = f"{clause.auxiliary} {clause.verb} {clause.core}".strip()
    repeats = re.search(r"\b(?:country|countries|nation|member|state)\b", clause.core) or owns(clause.core)
    is_deed = clause.base not in ("be", "have") and clause.auxiliary != "will" and not clause.present
    if clause.subject in COUNTRIES and is_deed and not repeats and len(content_words(asked)) >= 3:
        yield f"Which country {asked}?", "who", (clause.subject,)


def _leader(clause: Clause, known: Known) -> Iterator[Asked]:
    """Which country was the first to do something; who was the last American man to reach something."""
    found = _LEADER.match(clause.core) or _ONE_IN.match(clause.core)
    if not found or not clause.named or not (clause.verb == "became" or clause.auxiliary in ("is", "was")):
        return
    verb, kind = clause.auxiliary or clause.verb, found["kind"]
    is_person = kind.split()[-1] in ("man", "woman", "person", "player", "pitcher", "president", "artist", "driver")
    opening = f"Who {verb} the {found['place']} {kind}" if is_person else f"Which {kind} {verb} the {found['place']}"
    yield f"{opening} {found['rest']}?", "who", known.called(clause.subject)


def _by_whom(clause: Clause) -> Iterator[Asked]:
    found = _BY.match(clause.core)
    if found and clause.verb and clause.auxiliary in ("was", "were", "is", "are") and clause.base in FORMS:
        past = clause.auxiliary in ("was", "were")
        verb = FORMS[clause.base][0] if past else next(s for s, base in BASE_OF_PRESENT.items() if base == clause.base)
        yield f"Who {verb} {clause.subject}?", "who", (found["name"],)


def _under_way(sentence: str) -> Iterator[Asked]:
    """Who is doing it: "Federal prosecutors are investigating the collapse of FTX Trading"."""
    found = _DOING.match(sentence.rstrip("."))
    core = cut(timeless(" " + found["core"])) if found else ""
    if found and core and not hangs(core) and not owns(core):
        who = found["who"].split()
        if not has_verb([*who, *core.split()]) and (who[0] == "The" or not opens_no_name(who[0])):
            yield f"Who is {found['verb']} {core}?", "who", content_words(found["who"])


# -- when, where, why


def _when(clause: Clause) -> Iterator[Asked]:
    if clause.time and clause.base != "be" and not clause.present and clause.auxiliary not in ("is", "are"):
        yield f"When {clause.turned(clause.brief())}?", "when", (clause.time,)


def _where(clause: Clause) -> Iterator[Asked]:
    found = _PLACE.match(clause.core)
    if not found or clause.base not in _EVENTS or clause.present or _MOST.search(clause.core):
        return
    before, place = found["before"].strip(), found["place"]
    is_date = any(fold(word) in MONTHS or fold(word) in WEEKDAYS for word in place.split())
    is_taken = clause.base == "take" and not before.startswith("place")
    if not is_date and not is_taken and not owns(before) and len(before.split()) <= 5:
        yield f"Where {clause.turned(before)}?", "where", (place, *find_names(place))


def _why(clause: Clause) -> Iterator[Asked]:
    if len(clause.reason.split()) > 2:
        yield f"Why {clause.turned()}?", "why", ()


# -- what


def _what(clause: Clause) -> Iterator[Asked]:
    if clause.base not in _WHATS or clause.auxiliary or clause.present or not clause.named or owns(clause.core):
        return
    found = _OBJECT.match(clause.core)
    if found and not _NO_OBJECT.match(found["thing"]) and len(found["thing"].split()) <= 8:
        if not amounts.COUNTED.match(clause.core):
            yield f"What {clause.turned(found['rest'] or '')}?", "what", content_words(found["thing"])


def _deed(clause: Clause) -> Iterator[Asked]:
    """What somebody offered, asked or was ordered to do, or called for."""
    if owns(clause.core) or clause.present:
        return
    if found := _TO_DO.match(clause.core):
        is_ordered = found["whom"] or (clause.auxiliary and clause.verb)
        if clause.base in (_ORDERS if is_ordered else _OFFERS):
            yield f"What {clause.turned(found['whom'] + 'to do')}?", "what", content_words(found["deed"])
    found = _FOR.match(clause.core)
    if found and not clause.auxiliary and (clause.base, found["how"]) in _CALLS:
        yield f"What {clause.turned(found['how'])}?", "what", content_words(found["what"])


def _fate(clause: Clause) -> Iterator[Asked]:
    """What happened to it, or what somebody is charged with."""
    is_passive = clause.auxiliary in ("was", "were")
    if not clause.named and not clause.subject.startswith("the "):
        return
    is_past = is_passive or (clause.base in ("collapse", "crash", "sink") and not clause.auxiliary)
    if clause.base in _FATES and is_past and not clause.core.startswith("by "):
        yield f"What happened to {clause.subject}?", "what", ()
    found = _CHARGE.match(clause.core)
    if found and is_passive and (clause.verb, found["how"]) in _CHARGES:
        yield f"What {clause.turned(found['how'])}?", "what", content_words(found["what"])[:1]


def _happening(sentence: str) -> Iterator[Asked]:
    """What struck: of an event or a thing that has no name, "A magnitude 7.8 earthquake struck southern Turkey"."""
    found = _HAPPENING.match(sentence.rstrip("."))
    if found and found["verb"] in BASE_OF_PAST:
        core = cut(timeless(" " + found["core"]))
        if find_names(core) and not has_verb(core.split()) and not hangs(core):
            asked = Clause("", "", found["verb"], "", core, "", False, "").brief()
            yield f"What {found['verb']} {asked}?", "what", (found["what"],)

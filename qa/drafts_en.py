"""English questions that a sentence answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from qa.dates import MONTHS, WEEKDAYS, mentions
from qa.drafts import COUNTRIES, NAME, OFFICES, ROLE_NOUNS, TITLED, Asked, Known, bare, raised
from qa.language import STOP_WORDS, content_words, fold
from qa.names import find_names
from qa.verbs import BASE_OF_PARTICIPLE, BASE_OF_PAST, BASE_OF_PRESENT, FORMS

_BE = frozenset("was were is are".split())
_HAVE = frozenset("has have had".split())
_ADVERBS = frozenset(
    """also then now still already later finally first recently eventually officially formally currently often
    previously ultimately repeatedly initially publicly quickly immediately later""".split()
)
_NO_SUBJECT = frozenset(
    """other others two three both same latter such next another rest following which that who whose whom to it he she
    they we you i this these those its his her their our my is are was were and or but not no only if what when where
    how there than as""".split()
)
_OPENERS = STOP_WORDS | frozenset(
    "though although maybe sometimes yet perhaps unless despite like unlike even meanwhile inside still today".split()
)  # of a sentence, and of no name
_VAGUE = frozenset(
    """company agency team country group city bank organisation organization university airline president minister man
    woman men women children government state pair duo family couple school report result results figure figures number
    numbers decision move step news one ones source sources firm party official officials statement report study
    """.split()
)  # "the company" says nothing by itself
_POINTS_BACK = re.compile(
    r"\b(?:it|they|them|this|that|these|those|there|then|such|he|she|him|her|we|i|you|us|our|my|your|so|too|here|"
    r"(?:last|this|next) \w+['’]s|today['’]s|yesterday['’]s|another|others?|both|either|neither|same|former|latter|himself|herself|itself|themselves|not|never|no)\b"
)
_POSSESSIVE = re.compile(r"\b(?:its|his|hers?|theirs?)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\b(?:which|who|whom|that|what|how|why|whether|if|would|could|will|can|may|might|than|more|less)\b")
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_PART = r"(?: (?:morning|afternoon|evening|night))?"
_LOOSE_TIME = re.compile(  # what says when only to whoever knows the day of publication
    rf"(?:,? (?:early |late |later )?(?:on |by )?(?<!the ){_DAY}s?{_PART}"
    r"| (?:earlier |later )?(?:this|last|next) (?:week|month|year|weekend|spring|summer|fall|autumn|winter|season)"
    r"| (?:yesterday|today|tonight|recently|at once|immediately|already|again|now|currently|afterwards?)"
    r"| (?:over|at) the weekend"
    r"|(?: (?:shortly|just))?(?: (?:before|after|at|around|about))? \d{1,2}(?:[.:]\d\d)?"
    r" ?(?:[ap]\.?m\b\.?|in the (?:morning|evening|afternoon))(?: (?:Eastern|local|Indian|GMT|UTC|E[SD]?T))?(?: time)?"
    r"| at \d{1,2}[.:]\d\d(?: [A-Z]{3})?"
    r")(?=[ ,.;:]|$)(?! ?['’])"
)
_BREAK = re.compile(  # where a clause ends, and something is added that a question can do without
    r",(?!\d)|[;:—–]| --? | (?:when|while|after|before|because|although|though|where|since|until|unless|amid|despite|following|"
    r"whose|whereas|but|so that|as well as|ahead of|due to|thanks to|according to|compared with|instead of)\b"
    r"| as (?:he|she|it|they|people|crowds|officials|temperatures|fears|hospitals|schools|cases|tensions|concerns)\b"
    r"| and (?=(?:an?|\d\S*|two|three|four|five|six) )| and (?=(?:was|were|is|are|has|had|have|will|would|then|he|she|it|they|later|also|did|could|can)\b)"
)
_LEFT_OVER = re.compile(  # what is left of a phrase whose end was cut off
    r" (?:in|over|for|during|within|through) (?:the|its|his|her|their|recent) (?:first |last |past )?"
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|time|wake|run-up|process|decades?)$"
    r"| in (?:response|addition|total|turn|part|all|fact|general|return|particular)$"
    r"| (?:just|shortly|soon|as well|only|long|even|not|once|right|moments)$"
)
_AGO = re.compile(r" (?:\w+ )?(?:seconds|minutes|hours|days|weeks|months|years|a day|a week|a month|a year)$")
_DETERMINERS = frozenset("the a an its his her their of".split())
_BAD_END = frozenset("of in the a an to and for with by from at on as than more less about or its their into be".split())
_ALONE = frozenset("die resign retire survive collapse crash disappear erupt abdicate".split())  # need no object
_DONE = frozenset(
    """launch bear arrest kill find found build destroy discover release publish introduce close open crown hospitalize
    execute demolish rescue evacuate suspend lose damage""".split()
)  # nor, in the passive, anything more
_REPORTING = frozenset(
    """say tell add note warn argue ask believe think know report claim tweet see hear feel find want need continue
    expect estimate suggest mention show acknowledge confirm deny admit explain start begin appear seem try decide
    help let make include involve intend hope look""".split()
)  # what follows these is a clause as often as a thing
_SAYING = frozenset("say tell add note warn argue ask believe think know tweet want need expect estimate help let".split())
_EVENTS = frozenset(
    """hold find kill arrest sign discover launch build crash die live meet speak take happen occur detain bury
    hospitalize treat shoot stage shelter display film record study perform crown bear raise celebrate serve""".split()
)  # they happen at a place
_BY_TEAMS = frozenset("beat defeat own buy sell sue acquire design create develop".split())  # who does these may be no person
_PRIZES = re.compile(r"\b(?:cup|final|match|game|series|gold|silver|bronze|medal|election|title|championship|race)\b", re.I)
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
_CALLS = frozenset((("call", "for"), ("ask", "for"), ("apply", "for"), ("push", "for"), ("campaign", "for"), ("warn", "against")))
_KINDS = "country|state|city|team|company|woman|man|person|player|film|bank|nation|president|film|artist|driver|team"
_LIGHT = frozenset("go come get have take make put give keep be".split())  # verbs that say little alone
_HABITS = frozenset(
    "head lead run own chair teach study direct coach manage represent oversee control produce employ play".split()
)  # in the present tense; that of other verbs is a caption's as often
_PAYING = frozenset("cost commit pay raise earn spend lose donate invest pledge award".split())

_NUMBERS = "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty".split()
_NUMBER = rf"(?:\d[\d,.]*|{'|'.join(_NUMBERS)})(?: (?:million|billion|thousand|hundred))?"
_HEDGE = (
    r"(?:(?:[Aa]t least|[Aa]bout|[Mm]ore than|[Nn]early|[Ss]ome|[Aa]lmost|[Aa]round|[Oo]ver|[Uu]p to|[Ff]ewer than|"
    r"[Ll]ess than|[Rr]oughly|[Oo]nly|[Jj]ust|[Aa]n estimated|[Aa]ll|[Aa] total of) )?"
)
_UNITS = "tons|tonnes|litres|liters|gallons|kilograms|pounds|hectares|acres|miles|doses|pages|barrels"
_COUNTED = re.compile(
    rf"{_HEDGE}(?P<number>(?:{_NUMBER}|(?i:{'|'.join(_NUMBERS)}))) (?P<noun>(?:[A-Za-z-]+ )?(?:people|men|women|children|[a-z]{{3,}}[^s\W]s)"
    rf"|(?:{_UNITS}) of [a-z]+(?: and [a-z]+)?|[A-Z][a-z]+(?:ans|ese))(?![\w-])(?! of\b)"
)
_MONEY = re.compile(
    rf"{_HEDGE}(?P<sum>[$€£]\d[\d,.]*(?: (?:million|billion|trillion))?"
    r"|\d[\d,.]*(?: (?:million|billion|trillion))? (?:dollars|euros|pounds))"
)
_NO_COUNT = frozenset(
    """percent points years times thirds this was is has dollars euros pounds days hours minutes seconds weeks months
    miles feet metres meters kilometres kilometers tonnes tons degrees pages always news series percentage things
    others yards inches decades straight cents stars spots""".split()
)
_LONG = {"Gov.": "governor", "Sen.": "senator", "Rep.": "representative"}
_PLACED = rf"{NAME}(?: (?:of|from|in) (?:the )?{NAME})?"
_SITES = "airport|school|hospital|park|church|store|prison|jail|hotel|stadium|university|courthouse|station|beach"
_DOINGS = "investigating|suing|challenging|hosting|building|developing|funding|overseeing|reviewing|demanding"
_HUMANS = re.compile(
    r"\b(?:authorities|prosecutors|regulators|lawmakers|researchers|scientists|astronomers|investigators|voters)\b",
    re.IGNORECASE,
)
_HAPPENINGS = (
    "earthquake|fire|wildfire|eclipse|storm|hurricane|tornado|blast|explosion|bomb|missile|ship|train|plane|helicopter|"
    "truck|bus|flood|volcano|avalanche|drone|asteroid|blizzard|cyclone|typhoon|tsunami|heat wave|power outage"
)
_LEFT_OFFICE = re.compile(r"\b(?:resign\w*|quit|step\w* down|fired|ousted|dismiss\w*|replac\w*|retir\w*)\b")
_THINGS = (
    r"(?:company|firm|network|group|body|agency|organi[sz]ation|app|tool|program(?:me)?|system|satellite|spacecraft|"
    r"service|website|platform|mission|telescope|vaccine|drug|virus|treaty|charity|think tank|nonprofit|startup|"
    r"rocket|ship|species|disease|condition|medication|pill|film|novel|lake|island|town|village|database)"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause, its parts told apart.

    auxiliary: a form of be, or "" where the verb stands by itself; verb: as it stands; base: "be" where there is none.
    core: what follows the verb, up to where the sentence goes on to something else; time: when, where a date tells.
    named: whether the subject is a name; reason: what follows "because".
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


def questions(sentence: str, known: Known) -> Iterator[Asked]:
    """Every (question, kind, accepted answers) that the rules make of one sentence."""
    yield from _roles(sentence, known)
    yield from _ages(sentence, known)
    yield from _identities(sentence, known)
    yield from _spoken(sentence, known)
    sentence = _unquoted(sentence)
    if not sentence:
        return
    yield from _shares(sentence)
    yield from _counted_subjects(sentence)
    yield from _happening(sentence)
    yield from _under_way(sentence)
    yield from _averages(sentence)
    for part in _parts(sentence.rstrip("."), known):
        clause = _clause(part, known)
        is_claim = clause and clause.base in _REPORTING and not re.match(r"(?:the|an?|any|all|credit|victory|responsibility)\b", clause.core)
        if clause and (clause.base in _SAYING or is_claim) and not clause.auxiliary:
            yield from _deed(clause, known)
        elif clause:
            for ask in (_who, _country, _when, _where, _why, _counted_objects, _sums, _measures, _by_whom, _what, _fate, _deed, _leader):
                yield from ask(clause, known)


# -- parts of a sentence


def _unquoted(sentence: str) -> str:
    """What the outlet itself says before anybody is quoted, without brackets; "" where that cannot stand alone."""
    plain = re.sub(r" \([^()]*\)", "", sentence)
    if quote := re.search(r"[\"“”«»]", plain):
        plain = plain[: quote.start()].rpartition(",")[0] + "."
    return plain if len(plain.split()) > 4 and not re.search(r"[()\[\]?!•|]", plain) else ""


def _parts(sentence: str, known: Known) -> Iterator[str]:
    """What may be main clauses: the sentence, those that follow in it, and what it says of somebody "who ..."."""
    start = 0
    for cut in re.finditer(r"(?:, (?:and |but |while |whereas )?|[;:] | and )(?=the |[A-Z])", sentence):
        before, after = sentence[start : cut.start()].split(), sentence[cut.end() :].split()[:6]
        verb = next((place for place, word in enumerate(after) if _is_verb(word)), 0)
        is_pair = cut[0] == " and " and before[-1][0].isupper()  # "the United States and China won"
        if verb and _is_subject([raised(after[0]), *after[1:verb]], known) and any(map(_is_verb, before)) and not is_pair:
            yield raised(sentence[start : cut.start()])
            start = cut.end()
    yield raised(sentence[start:])
    for found in re.finditer(rf"(?P<name>{NAME}), who (?P<rest>[a-z]+ [^,;:]+)", sentence):
        if known.is_person(found["name"]):
            yield f"{found['name']} {found['rest']}"
    for found in re.finditer(rf"(?P<name>^{NAME}|\b[Tt]he {NAME}), which (?P<rest>[a-z]+ [^,;:]+)", sentence):
        yield raised(f"{found['name']} {found['rest']}")


def _clause(body: str, known: Known) -> Clause | None:
    time, body = _leading(_LOOSE_TIME.sub("", body))
    reason = ""
    if found := re.search(r",? (?:because (?!of\b)|because of |due to )(.+)$", body):
        if _BREAK.search(body[: found.start()]):
            return None
        reason, body = found[1], body[: found.start()]
    subject, rest = _subject(body, known)
    if not subject:
        return None
    auxiliary, verb, base, rest = _verb(rest)
    rest = f" {rest}".replace(" ,", ",")
    told, rest = _time_in(rest)
    core = re.split(rf" and (?=(?:{'|'.join(BASE_OF_PAST)})\b)", _cut(rest), maxsplit=1)[0]
    named = bool(re.fullmatch(_PLACED, subject))
    clause = Clause(subject, auxiliary, verb, base, core, told or time, named, reason)
    return clause if _is_sound(clause) else None


def _cut(rest: str) -> str:
    """What follows a verb, up to where its clause ends."""
    core = _BREAK.split(rest, maxsplit=1)[0]
    core_without = _AGO.sub("", core) if re.match(r" (?:after|before|since)\b", rest[len(core) :]) else core
    return _LEFT_OVER.sub("", core_without).strip()


def _leading(body: str) -> tuple[str, str]:
    """The date that a clause opens with, and the clause without its opening phrase."""
    found = re.match(
        r"(?:On|In|At|During|Under|With|Late|Early|By|After|Before|For|From|Over|Since|This|Last|Earlier|Aside|Among|Without|Through|Unlike|Like|As|Also|Still|Then) "
        r"[^,]{3,60}(?:, \d{4})?, (?=(?:the|a|an|about|more|at|some|[A-Z][\w.'’-]*|[a-z]+ [A-Z]\w+) )",
        body,
    )
    if not found:
        return "", body
    dated = [m for m in _dates(found[0]) if re.match(r"(?:On|In) $", found[0][: m[0]])]
    return (found[0][slice(*dated[0])] if dated else ""), raised(body[found.end() :])


def _subject(body: str, known: Known) -> tuple[str, str]:
    """The subject, whole and understood by itself, and what follows it from the verb on; ("", "") if unsure."""
    apposed = re.match(rf"(?:(?:The|{NAME}['’]s) [^,]{{2,70}}, )?(?P<name>{NAME}), (?P<rest>[^,]{{2,90}}, )?(?P<verb>[a-z]+ )", body)
    if apposed and (apposed["rest"] or not body.startswith(apposed["name"])) and _is_verb(apposed["verb"].strip(), present=True):
        return _whole(apposed["name"], known), body[apposed.start("verb") :]
    apposed = re.match(rf"(?:The [a-z ]+, )?(?P<name>[Tt]he {NAME}), (?P<rest>(?:which|an?) [^,]{{2,90}}, )?(?P<verb>[a-z]+ )", body)
    if apposed and (apposed["rest"] or not body.startswith(apposed["name"])) and _is_verb(apposed["verb"].strip()):
        return f"the{apposed['name'][3:]}", body[apposed.start("verb") :]
    words = body.split(" ")
    for place, word in enumerate(words[:10]):
        is_name = bool(place) and bool(re.fullmatch(NAME, " ".join(words[:place])))
        if not _is_verb(word, present=is_name):
            continue
        subject = words[:place]
        while subject and subject[-1] in _ADVERBS:
            subject = subject[:-1]
        text = " ".join(subject)
        return (_whole(text, known), " ".join(words[place:])) if _is_subject(subject, known) else ("", "")
    return "", ""


def _verb(rest: str) -> tuple[str, str, str, str]:
    """Auxiliary, verb, its base form ("be" where the auxiliary is all there is), and what follows."""
    words = rest.split(" ")
    if len(words) > 1 and words[1] in _ADVERBS and (words[0] in _BE or words[0] in _HAVE or words[0] == "will"):
        del words[1]
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first == "will" and second == "be" and len(words) > 2 and words[2] in BASE_OF_PARTICIPLE:
        return first, f"be {words[2]}", BASE_OF_PARTICIPLE[words[2]], " ".join(words[3:])
    if first == "will" and second in FORMS:
        return first, second, second, " ".join(words[2:])
    if first in _HAVE and second in BASE_OF_PARTICIPLE:
        base = BASE_OF_PARTICIPLE[second]
        return "", FORMS[base][0], base, " ".join(words[2:])
    if first in _BE:
        is_passive = second in BASE_OF_PARTICIPLE or re.fullmatch(r"[a-z]{3,}ed", second)
        base = BASE_OF_PARTICIPLE.get(second, second) if is_passive else "be"
        return first, second if is_passive else "", base, " ".join(words[2 if is_passive else 1 :])
    if first in _HAVE:
        return "", first, "have", " ".join(words[1:])
    base = BASE_OF_PAST.get(first) or BASE_OF_PRESENT.get(first, first)
    return "", first, base, " ".join(words[1:])


def _is_verb(word: str, *, present: bool = False) -> bool:
    return word in _BE or word in _HAVE or word == "will" or word in BASE_OF_PAST or (present and word in BASE_OF_PRESENT)


def _has_verb(words: Sequence[str]) -> bool:
    """Whether another verb stands there; "the failed bank" holds none."""
    return any(_is_verb(word) and before not in _DETERMINERS for before, word in zip(["", *words], words, strict=False))


def _is_subject(words: list[str], known: Known) -> bool:
    """Whether the words are a subject that can be understood without the sentences before."""
    if not words or any(re.search(r"[^\w.'’&-]", word) for word in words):
        return False
    text = " ".join(words)
    is_opener = fold(words[0]) in _OPENERS or re.search(r"(?:[ao]l|ent|ous|ed|ar|te|ive)ly$", words[0])
    if (is_opener and words[0] != "The") or _dates(text):
        return False
    if re.fullmatch(rf"{_PLACED}(?: and {_PLACED})?", text) and words[0] != "The":
        if len(words) > 1 or known.is_name(text):
            return True
    if re.fullmatch(rf"(?:The )?{NAME}['’]s?(?: [a-z-]+){{1,4}}", text):
        return True
    several = re.fullmatch(rf"[A-Z][a-z-]+(?: [a-z-]+){{0,2}}(?P<where> (?:in|from|of|for|at) (?:the )?{NAME})?", text)
    if several and re.search(r"[^s]s$|[Pp]olice$", text.removesuffix(several["where"] or "")):
        return fold(words[0]) not in _NO_SUBJECT and bool(content_words(words[0]))
    if re.fullmatch(r"[A-Z][a-z]+ing (?:the|a) [a-z]+", text):
        return True
    if words[0] != "The" or len(words) < 2 or any(word.lower() in _NO_SUBJECT for word in words[1:]):
        return False
    return not (words[1] in _VAGUE and len(words) == 2) and words[-1] not in _BAD_END


def _whole(subject: str, known: Known) -> str:
    """The subject as it stands within a sentence, a person by the whole name."""
    first = subject.split()[0]
    if re.fullmatch(rf"{NAME}['’]s?(?: [a-z-]+){{1,4}}", subject):
        return subject
    if first != "The" and (known.is_name(first, inside=" " in subject) or (" " in subject and re.fullmatch(rf"{_PLACED}(?: and {_PLACED})?", subject))):
        full = known.full(subject)
        return bare(full) if known.is_person(full) else full
    return subject[:1].lower() + subject[1:]


def _dates(text: str) -> list[tuple[int, int]]:
    """Where dates stand that say when by themselves."""
    spans = []
    for mention in mentions(text, date.max):
        end = mention.start + len(text[mention.start : mention.end].rstrip(" .,"))
        if mention.kind in ("day", "month", "year") and re.search(r"\d", text[mention.start : end]):
            spans.append((mention.start, end))
    return spans


def _time_in(rest: str) -> tuple[str, str]:
    """The date that tells when in a phrase of its own, before the clause ends, and the rest without it."""
    for start, end in _dates(rest):
        lead = re.search(rf",? (?:on|in) (?:{_DAY}, )?$", rest[:start])
        if not lead and re.match(r"[A-Z][a-z]+\.? \d{1,2}\b", rest[start:end]):  # "was arrested Feb. 17 at"
            lead = re.search(r"(?<! to)(?<! by)(?<! of)(?<! the)(?<! and)(?<! from)(?<! since)(?<! until)(?<! through)(?<! between)(?<! before)(?<! after) $", rest[:start])
        follows = re.match(r"$|[,.]| (?:at|in|by|to|from|with|as|for|after|when|before|while|during)\b", rest[end:])
        goes_on = re.match(r" and (\w+)", rest[end:])
        follows = follows or (goes_on and _is_verb(goes_on[1]))
        if lead and follows and not _BREAK.search(rest[: lead.start()]):
            return rest[start:end], rest[: lead.start()] + rest[end:]
    return "", rest


def _is_sound(clause: Clause) -> bool:
    """Whether what was told apart can be put into a question as it stands."""
    words = clause.core.split()
    if len(words) > 14 or (words and words[-1].lower() in _BAD_END) or _POINTS_BACK.search(clause.core):
        return False
    if _has_verb(words) or _ASIDE.search(re.sub(r"\b(?:more|less|fewer) than (?=[$€£\d]|\w+ [a-z]+s\b)", "", clause.core)):
        return False
    is_one = clause.named and " and " not in clause.subject
    if is_one and (clause.auxiliary in ("were", "are") or clause.verb == "have"):  # part of "Ana and Bo were"
        return False
    if clause.core.startswith("been ") or clause.base == "will":
        return False
    if clause.auxiliary and clause.verb in ("seen", "pictured", "shown", "photographed", "based", "located"):
        return False
    return bool(words) or clause.base in _ALONE or bool(clause.auxiliary and clause.base in _DONE)


# -- questions of a clause


def _turned(clause: Clause, core: str) -> str:
    """The clause as it stands after a question word: "did Finland join NATO"."""
    subject = clause.subject
    if clause.auxiliary:
        return f"{clause.auxiliary} {subject} {clause.verb} {core}".replace("  ", " ").strip()
    return f"{'does' if clause.present else 'did'} {subject} {clause.base} {core}".strip()


def _brief(core: str) -> str:
    """The core without the later of its circumstances, where it is long."""
    core = re.sub(r" (?:for|over|within|during|in) (?:several|\d+|a few|the first) \w+$", "", core)
    while len(core.split()) > 7:
        shorter = re.match(r"(.{12,}) (?:from|with|on|in|at|during|along|against|to|for|by|under)\b[^,]*$", core)
        if not shorter or shorter[1].split()[-1].lower() in _BAD_END:
            return core
        core = shorter[1]
    return core


def _who(clause: Clause, known: Known) -> Iterator[Asked]:
    names = re.split(r" and (?=[A-Z])", clause.subject)
    are_persons = all(known.is_person(re.sub(r" (?:of|from) .*", "", name)) for name in names)
    is_team = clause.named and (clause.base in _BY_TEAMS or (clause.base == "win" and _PRIZES.search(clause.core)))
    is_noun = clause.base == "be" and not re.match(r"the (?:first|only|last|\w+th|youngest|oldest) ", clause.core)
    is_caption = clause.present and clause.base not in _HABITS or (clause.auxiliary == "is" and clause.verb)
    if _POSSESSIVE.search(clause.core) or clause.auxiliary in ("were", "are", "will") or is_noun or is_caption:
        return
    says_little = clause.base in _LIGHT and len(content_words(clause.core)) < 4
    if not find_names(f"x {clause.core}") and (says_little or len(content_words(clause.core)) < 2):
        return
    asked = " ".join(filter(None, (clause.auxiliary, clause.verb, clause.core)))
    if _HUMANS.search(clause.subject) and not clause.auxiliary and not clause.present:
        if len(content_words(asked)) >= 4:
            yield f"Who {asked}?", "who", content_words(clause.subject)
    elif (are_persons or (is_team and not clause.auxiliary)) and len(content_words(asked)) >= 3:
        yield f"Who {asked}?", "who", known.called(names[0])


def _country(clause: Clause, known: Known) -> Iterator[Asked]:
    asked = f"{clause.auxiliary} {clause.verb} {clause.core}".strip()
    repeats = re.search(r"\b(?:country|countries|nation|member|state)\b", clause.core) or _POSSESSIVE.search(clause.core)
    if clause.subject in COUNTRIES and clause.auxiliary != "will" and clause.base not in ("be", "have") and not repeats and len(content_words(asked)) >= 3:
        yield f"Which country {asked}?", "who", (clause.subject,)


def _under_way(sentence: str) -> Iterator[Asked]:
    """Who is doing it: "Federal prosecutors are investigating the collapse of FTX Trading"."""
    found = re.match(rf"(?P<who>[A-Z][^,;:—–]{{4,70}}?) (?:is|are) (?P<verb>{_DOINGS}) (?P<core>[^,;:]+)", sentence.rstrip("."))
    core = _cut(_LOOSE_TIME.sub("", " " + found["core"])) if found else ""
    if found and core and not _has_verb([*found["who"].split(), *core.split()]) and fold(found["who"].split()[0]) not in _OPENERS - {"the"}:
        if not (_POINTS_BACK.search(core) or _POSSESSIVE.search(core) or _ASIDE.search(core)) and core.split()[-1] not in _BAD_END:
            yield f"Who is {found['verb']} {core}?", "who", content_words(found["who"])


def _averages(sentence: str) -> Iterator[Asked]:
    """What an amount is: "The average time to complete an immigration case is 1,110 days"."""
    found = re.match(
        rf"(?P<what>The (?:[a-z]+ )?(?:average|median|number|cost|price|rate|population|time|length|death toll|distance|budget|record)\b"
        rf"[^,;:—–]{{4,70}}?) (?P<verb>is|was|stood at|reached) (?P<value>{_HEDGE}[$€£]?\d[^;:—–]*)", sentence.rstrip("."))
    what = _LOOSE_TIME.sub("", found["what"]) if found else ""
    if found and not _has_verb(what.split()) and not (_POINTS_BACK.search(what) or _POSSESSIVE.search(what) or _ASIDE.search(what)):
        number = re.search(r"\d[\d.,]*\d|\d", found["value"])[0]
        yield f"What {'is' if found['verb'] == 'is' else 'was'} the{what[3:]}?", "number", (number,)


def _happening(sentence: str) -> Iterator[Asked]:
    """What struck, "A magnitude 7.8 earthquake struck southern Turkey": of a happening or a thing that nobody named."""
    found = re.match(rf"An? (?P<what>(?:[\w.-]+ ){{0,4}}?(?:{_HAPPENINGS}))(?: of the Sun)? (?P<verb>[a-z]+) (?P<core>.+)", sentence.rstrip("."))
    if found and found["verb"] in BASE_OF_PAST:
        core = _cut(_LOOSE_TIME.sub("", " " + found["core"]))
        if core and find_names(core) and not _has_verb(core.split()) and not _ASIDE.search(core) and not _POINTS_BACK.search(core) and core.split()[-1] not in _BAD_END:
            yield f"What {found['verb']} {_brief(core)}?", "what", (found["what"].split()[-1],)


def _when(clause: Clause, known: Known) -> Iterator[Asked]:
    if clause.time and clause.base != "be" and not clause.present and clause.auxiliary not in ("is", "are"):
        yield f"When {_turned(clause, _brief(clause.core))}?", "when", (clause.time,)


def _where(clause: Clause, known: Known) -> Iterator[Asked]:
    found = re.match(
        rf"(?P<before>.*?)\b(?:in|at) (?P<place>(?:the )?{NAME}(?: (?:of|in|at) (?:the )?{NAME})*(?: (?:{_SITES}))?)$", clause.core
    )
    is_most = re.search(r"\b(?:largest|first|only|most|best|\w+est|between)\b", clause.core)
    if found and clause.base in _EVENTS and not is_most and not clause.present:
        is_date = any(fold(word) in MONTHS | WEEKDAYS for word in found["place"].split())
        is_told = is_date or _POSSESSIVE.search(found["before"]) or len(found["before"].split()) > 5
        if not is_told and not (clause.base == "take" and not found["before"].startswith("place")):
            place = re.sub(r"^the ", "", found["place"])
            yield f"Where {_turned(clause, found['before'].strip())}?", "where", (place, *find_names(place))


def _why(clause: Clause, known: Known) -> Iterator[Asked]:
    if len(clause.reason.split()) > 2:
        yield f"Why {_turned(clause, clause.core)}?", "why", ()


def _counted_objects(clause: Clause, known: Known) -> Iterator[Asked]:
    found = _COUNTED.match(clause.core)
    is_caption = clause.present and clause.base not in _HABITS | {"have"}
    if not found or clause.auxiliary or is_caption or not _is_countable(found):
        return
    rest = clause.core[found.end() :].partition(" and ")[0].strip()
    if not rest or re.match(r"(?:in|at|on|for|to|from|during|with|around)\b", rest):
        yield f"How many {found['noun']} {_turned(clause, rest)}?", "number", (found["number"],)


def _counted_subjects(sentence: str) -> Iterator[Asked]:
    of = re.match(rf"{_HEDGE}(?P<number>{_NUMBER}|(?i:{'|'.join(_NUMBERS)})) (?P<noun>of (?:the|its|their) (?:[a-z-]+ ){{1,3}}?)(?=was|were|has|have|had|[a-z]+ed )", sentence)
    found = of or _COUNTED.match(sentence)
    if not found or (not of and not _is_countable(found)):
        return
    rest = _cut(_LOOSE_TIME.sub("", " " + sentence[found.end() :].strip(" .")))
    placed = re.match(r"(?:from|in|on|at|with) [^,]{2,40}? (?=(?:was|were|are|have|had)\b|[a-z]+ed\b|took\b)", rest)
    words = rest[placed.end() if placed else 0 :].split()
    if len(rest.split()) > 14 or not words or not _is_verb(words[0]) or words[0] in ("is", "was", "has", "will"):
        return
    if words[0] == "had" and words[1:] and words[1] in BASE_OF_PARTICIPLE:
        words = [FORMS[BASE_OF_PARTICIPLE[words[1]]][0], *words[2:]]
    asked = " ".join(f"How many {found['noun']} {placed[0] if placed else ''} {' '.join(words)}".split())
    points_back = _POINTS_BACK.search(rest) or _POSSESSIVE.search(rest) or _ASIDE.search(rest)
    if not points_back and words[-1] not in _BAD_END and words[-1] not in _BE and sum(map(_is_verb, words)) <= 3:
        yield f"{asked}?", "number", (found["number"],)


def _is_countable(found: re.Match[str]) -> bool:
    number, noun = found["number"], found["noun"]
    return not (number.isdigit() and 1800 <= int(number) <= 2100) and noun.split()[-1] not in _NO_COUNT


def _shares(sentence: str) -> Iterator[Asked]:
    found = re.match(rf"{_HEDGE}(?P<share>\d[\d.]*) ?(?:percent|per cent|%)(?P<rest>(?: of)? [^,;:]+)", sentence.rstrip("."))
    rest = _LOOSE_TIME.sub("", found["rest"]).strip() if found else ""
    if found and (rest.startswith("of ") or _is_verb(rest.split()[0])) and rest.split()[-1] not in _BAD_END and not (_POINTS_BACK.search(rest) or _POSSESSIVE.search(rest)) and len(rest.split()) < 14:
        yield f"What percentage {rest}?", "number", (found["share"],)


def _sums(clause: Clause, known: Known) -> Iterator[Asked]:
    found = _MONEY.match(clause.core)
    if found and clause.base in _PAYING and not clause.auxiliary:
        rest = clause.core[found.end() :].partition(" and ")[0].strip()
        if not rest or re.match(r"(?:in|on|for|to|from|during)\b", rest):
            yield f"How much {_turned(clause, rest)}?", "number", (found["sum"],)


def _measures(clause: Clause, known: Known) -> Iterator[Asked]:
    found = re.match(rf"{_HEDGE}(?P<size>\d[\d,.]*) \w+ (?P<how>long|wide|tall|high|deep|away)$", clause.core)
    if found and clause.base == "be":
        how = "far away" if found["how"] == "away" else found["how"]
        yield f"How {how} {clause.auxiliary} {clause.subject}?", "number", (found["size"],)
    span = rf"(?P<time>{_NUMBER} (?:\w+ and a half )?(?:second|minute|hour|day|week|month|year)s)$"
    lasted = re.match(rf"(?P<rest>)(?:for )?{_HEDGE}{span}", clause.core) if clause.base == "last" else None
    lasted = lasted or re.match(rf"(?P<rest>.*?) ?\bfor {_HEDGE}{span}", clause.core)
    if lasted and not clause.auxiliary and not clause.present:
        yield f"How long {_turned(clause, lasted['rest'])}?", "number", (lasted["time"],)


def _by_whom(clause: Clause, known: Known) -> Iterator[Asked]:
    found = re.match(rf"by (?:the )?(?:[a-z-]+ ){{0,3}}(?P<name>{NAME})(?: of {NAME})?$", clause.core)
    if found and clause.verb and clause.auxiliary and clause.base in FORMS:
        past = clause.auxiliary in ("was", "were")
        verb = FORMS[clause.base][0] if past else next(s for s, base in BASE_OF_PRESENT.items() if base == clause.base)
        yield f"Who {verb} {clause.subject}?", "who", (found["name"],)


def _what(clause: Clause, known: Known) -> Iterator[Asked]:
    if clause.base not in _WHATS or clause.auxiliary or clause.present or not clause.named or _POSSESSIVE.search(clause.core):
        return
    found = re.match(r"(?P<thing>[^,]+?)(?: (?P<rest>(?:in|at|for|from|with|during|on) .+|to [A-Z].+))?$", clause.core)
    is_thing = found and not re.match(r"(?:to|in|at|on|for|with|by|from|up|out|off|plans|its)\b|.*\b(?:to|only|\w+est) ", found["thing"])
    if found and is_thing and len(found["thing"].split()) <= 8 and not _COUNTED.match(clause.core):
        yield f"What {_turned(clause, _brief(found['rest'] or ''))}?", "what", content_words(found["thing"])


def _deed(clause: Clause, known: Known) -> Iterator[Asked]:
    """What somebody offered, asked or was ordered to do, or called for."""
    is_told = clause.named or re.match(r"the [a-z]+ |[a-z]+ ", clause.subject)
    if not is_told or _POSSESSIVE.search(clause.core) or clause.present:
        return
    infinitive = re.match(rf"(?P<whom>(?:(?:{NAME}|[a-z]+s|the [a-z]+|people) )?)to (?P<deed>[a-z]+ .+)$", clause.core)
    if infinitive and infinitive["deed"].split()[0] not in ("be", "the", "a", "an"):
        is_passive = bool(clause.auxiliary and clause.verb) and not infinitive["whom"]
        if clause.base in (_ORDERS if infinitive["whom"] or is_passive else _OFFERS):
            asked = _turned(clause, f"{infinitive['whom']}to do")
            yield f"What {asked}?", "what", content_words(infinitive["deed"])
    wished = re.match(r"(?P<how>for|against) (?P<what>(?:an?|the|more|all|new|better|[a-z]+) [^,]+)$", clause.core)
    if wished and not clause.auxiliary and (clause.base, wished["how"]) in _CALLS:
        yield f"What {_turned(clause, wished['how'])}?", "what", content_words(wished["what"])


def _leader(clause: Clause, known: Known) -> Iterator[Asked]:
    """Which country was the first to do something; who was the only woman in something."""
    found = re.match(rf"the (?P<place>first|only|last|second|third|most \w+|\w+est) (?P<kind>{_KINDS}) (?P<rest>(?:to|in|on|of|at|ever) .+)$", clause.core)
    if found and clause.named and (clause.verb == "became" or clause.auxiliary in ("is", "was")):
        is_person = found["kind"] in ("man", "woman", "person")
        verb = clause.auxiliary or clause.verb
        opening = f"Who {verb} the {found['place']} {found['kind']}" if is_person else f"Which {found['kind']} {verb} the {found['place']}"
        yield f"{opening} {found['rest']}?", "who", known.called(clause.subject)


def _fate(clause: Clause, known: Known) -> Iterator[Asked]:
    is_passive = clause.auxiliary in ("was", "were")
    is_definite = clause.named or clause.subject.startswith("the ")
    is_past = clause.base in _FATES and (is_passive or clause.base in ("collapse", "crash", "sink"))
    if is_past and is_definite and not clause.core.startswith("by "):
        yield f"What happened to {clause.subject}?", "what", ()
    charge = re.match(r"(?P<how>with|of|to) (?P<what>[^,]+)$", clause.core)
    if charge and is_passive and is_definite and (clause.verb, charge["how"]) in _CHARGES:
        yield f"What {_turned(clause, charge['how'])}?", "what", content_words(charge["what"])[:1]


# -- questions of a name and what stands beside it


def _roles(sentence: str, known: Known) -> Iterator[Asked]:
    """Who holds an office: "NAME, the ROLE of ORG," or "ORG's ROLE, NAME,"."""
    role = rf"(?:[a-z-]+ ){{0,2}}(?:{OFFICES})(?: [a-z]+ officer)?"
    of = rf"(?:of|for|at) (?:the )?{NAME}(?: (?:of|and|for) (?:the )?{NAME})*"
    after = rf"(?P<name>{NAME}), (?:the )?(?P<role>{role} {of})(?=\.|, (?!and |[A-Z])| who\b)"
    before = rf"(?P<role>(?:[Tt]he )?{NAME}['’]s {role}|[Tt]he {role} {of}), (?P<name>{NAME})(?=[,.])"
    for pattern in (after, before):
        for found in re.finditer(pattern, sentence):
            name = re.sub(r" (?:of|from) .*", "", found["name"])
            held = re.sub(r"^[Tt]he ", "", found["role"])
            is_past = _LEFT_OFFICE.search(sentence) or re.match(r"(?:former|ex|late|then|a|an|one|senior|once|longtime|acting|interim)\b", held)
            is_past = is_past or fold(held.split()[0]) in _OPENERS
            if known.is_person(name) and not is_past and not known.is_dead(name):
                the = "" if re.match(rf"{NAME}['’]s", held) and not found["role"].lower().startswith("the") else "the "
                yield f"Who is {the}{held}?", "role", known.called(name)


def _ages(sentence: str, known: Known) -> Iterator[Asked]:
    for found in re.finditer(rf"(?P<name>{NAME}), (?P<age>\d\d),", sentence):
        name = known.full(bare(found["name"]))
        if known.is_person(name) and " " in name and not known.is_dead(name):
            yield f"How old is {name}?", "age", (found["age"],)


def _identities(sentence: str, known: Known) -> Iterator[Asked]:
    person = rf"(?:(?:a|an|the) (?:[\w-]+ ){{0,3}}|(?:[a-z-]+ ){{0,2}})(?P<role>{ROLE_NOUNS})\b[^,.]{{0,60}}"
    for found in re.finditer(rf"(?P<name>{NAME}), {person}[,.]", sentence):
        name = found["name"]
        if known.is_person(name) and " " in name and bare(name) == name and not known.is_dead(name):
            yield f"Who is {name}?", "identity", (found["role"],)
    for found in re.finditer(rf"\b{TITLED}", sentence):
        if known.is_person(found["name"]) and " " in found["name"] and not known.is_dead(found["name"]):
            yield f"Who is {found['name'].rstrip('.')}?", "identity", (found["title"].rstrip("."), _LONG.get(found["title"], found["title"]))
    for found in re.finditer(rf"(?P<the>[Tt]he )?(?P<name>{NAME}), (?:(?:a|an) (?:[\w-]+ ){{0,3}}{_THINGS}\b|the (?:[\w-]+ ){{0,2}}(?:company|firm|group|agency|app|startup) (?:best|that|which|behind|based)\b)", sentence):
        if not known.is_person(found["name"]):
            yield f"What is {(found['the'] or '').lower()}{found['name']}?", "identity", ()


def _spoken(sentence: str, known: Known) -> Iterator[Asked]:
    found = re.search(rf"[\"”],? (?P<name>{NAME}) (?:said|wrote) (?P<where>(?:in|at|during|on) [^,]+?)(?:\.|,|$)", sentence)
    if found and known.is_person(found["name"]):
        where = _LOOSE_TIME.sub("", " " + found["where"]).strip()
        points_back = _POINTS_BACK.search(where) or _POSSESSIVE.search(where) or _ASIDE.search(where)
        if len(where.split()) > 1 and not points_back and where != "in a statement":
            yield f"What did {bare(known.full(found['name']))} say {where}?", "said", ()
    found = re.match(rf"(?P<name>{NAME})(?:, [^,]+,)? (?:said|warned|argued|told [a-z]+) (?:that )?(?P<what>.+)$", sentence)
    if found and known.is_person(found["name"]):
        name = bare(known.full(found["name"]))
        topic = next((topic for topic in _topics(found["what"], known) if topic not in name), "")
        if topic:
            yield f"What did {name} say about {topic}?", "said", ()
        elif " " in name:
            yield f"What did {name} say?", "remark", ()
    found = re.search(rf"[\"”],? said (?P<name>{NAME})(?=[,.])", sentence)
    if found and known.is_person(found["name"]) and " " in found["name"]:
        yield f"What did {bare(found['name'])} say?", "remark", ()


def _topics(text: str, known: Known) -> Iterator[str]:
    """What it is about: its own subject, or a name that is no part of a longer phrase, and stands elsewhere too."""
    about = re.match(r"(?P<what>the (?P<noun>[a-z]+)(?: of (?:the )?[\w-]+)?) (?:is|are|was|were|has|had|will|would|could|should)\b", text)
    if about and about["noun"] not in _VAGUE | _NO_SUBJECT:
        yield about["what"]
    for name in find_names(text):
        at = text.find(name)
        before, after = text[:at], text[at + len(name) :]
        is_whole = re.match(
            r"$|[,.]| (?:and|is|was|were|are|has|had|have|will|would|should|could|in|on|at|to|from|for|with|by|as|after|before|that|who|if|when)\b",
            after,
        )
        is_part = re.search(r"(?:[A-Z0-9]\S*|\ba|\ban) $", before) or any(fold(word) in MONTHS for word in name.split())
        if is_whole and not is_part and not re.search(rf"\b{_DAY}\b|\d", name) and known.names[name] > 1:
            yield f"the {name}" if re.search(r"(?:^|\s)[Tt]he $", before) else name

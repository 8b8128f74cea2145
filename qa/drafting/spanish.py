"""Spanish questions that a sentence answers.

Spanish asks with the verb before its subject, both as they stand in the sentence, so no verb is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa.drafting.known import Known, bare
from qa.drafting.lexicon import NAME, ROLES_ES, Asked
from qa.drafting.phrases import dates, raised
from qa.language import content_words, fold

LONGEST = 12  # words of what follows the verb

_IRREGULAR = (
    r"fue|fueron|dijo|dijeron|hizo|hicieron|tuvo|tuvieron|puso|pusieron|dio|dieron|vio|vieron|estuvo|estuvieron|vino|"
    r"vinieron|anduvo|trajo|trajeron|produjo|produjeron|condujo|redujo|redujeron|introdujo|obtuvo|obtuvieron|mantuvo|"
    r"mantuvieron|propuso|propusieron|sostuvo|detuvo|detuvieron|compuso|impuso|expuso|intervino|murieron|cayeron|"
    r"huyeron|leyeron|creyeron|contrajo|dispuso"
)
_PAST = rf"(?:{_IRREGULAR}|[a-zñü]{{2,}}ó|[a-zñü]{{2,}}(?:aron|ieron))"
_PARTICIPLE = (
    r"(?:[a-zñü]{2,}(?:ad|id|íd)[oa]s?|(?:abiert|dich|escrit|hech|muert|puest|rot|vist|vuelt|elect|pres)[oa]s?)"
)
_A_VERB = (
    rf"(?P<verb>(?:(?:se|lo|la|los|las|le|les) )?(?:(?:ha|han|había|habían) (?:sido )?{_PARTICIPLE}"
    rf"|(?:fue|fueron|está|están|es|son|será|serán) {_PARTICIPLE}|{_PAST}))(?= |$)"
)
_VERB = re.compile(_A_VERB)
_PLURAL = re.compile(r"(?:aron|ieron|eron|(?:han|fueron|están|son) \w+)$")
_SAYS = re.compile(
    r"(?:dijo|declaró|afirmó|aseguró|explicó|señaló|admitió|reconoció|advirtió|informó|sostuvo)(?:eron)?"
)
_NO_SUBJECT = frozenset(
    "otro otra otros otras dos tres ambos ambas mismo misma que quien cual ese esa este esta su sus primero primera"
    " segundo segunda ultimo ultima resto se no ya".split()
)
_POINTS_BACK = re.compile(
    r"\b(?:él|ella|ellos|ellas|ello|esto|eso|este|esta|estos|estas|ese|esa|esos|esas|aquel|aquella|allí|ahí|entonces|"
    r"así|también|tampoco|otro|otra|otros|otras|mismo|misma|mismos|mismas|no|nunca|le|les|lo|suyo|suya|"
    r"que|quien|quienes|cuyo|cuya|donde|cual|cuales|si|más|menos)\b"
)
_POSSESSIVE = re.compile(r"\b(?:su|sus)\b")
_DAY = r"(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
_LOOSE_TIME = re.compile(  # what says when only to whoever knows the day of publication
    rf"(?:,? (?:el|este|en la (?:madrugada|noche|mañana|tarde) del) (?:pasado )?{_DAY}"
    r"(?: por la (?:noche|mañana|tarde))?"
    r"(?! \d)"
    r"| (?:ayer|hoy|anoche|ahora|ya|recientemente|después|antes|entonces|además|también)"
    r"| (?:este|el pasado) (?:mes|año|fin de semana)| esta semana| la semana pasada| ese día"
    r"| (?:poco )?(?:después|antes) de la? (?:medianoche|mediodía)| pasada la medianoche| a las \d[\d.:]*)"
    r"(?=[ ,.;:]|$)"
)
_BREAK = re.compile(  # where a clause ends, and something is added that a question can do without
    r",(?!\d)|[;:—–](?!\d)| - | (?:cuando|mientras|después|antes|porque|aunque|donde|desde|hasta|tras|durante|pero|"
    r"según|debido a|gracias a|frente a|junto a|entre otros)\b"
    rf"| y (?=(?:\w+ )?(?:se |lo |la )?(?:{_PAST}|ha|han|había|es|son|será|está|están)\b)"
)
_REASON = re.compile(r",? (?:porque|debido al?) (?P<reason>.+)$")
_BAD_END = frozenset(
    "de del en el la los las un una y o a al con por para que su sus como más menos entre sobre unas unos".split()
)
_EVENTS = re.compile(
    r"\b(?:nació|nacieron|murió|murieron|falleció|celebr\w+|firm\w+|detuv\w+|detenid\w+|encontr\w+|hall\w+|ocurri\w+|"
    r"reuni\w+|inaugur\w+|aterriz\w+|jugó|jugaron|coron\w+|enterrad\w+|estrell\w+)$"
)
_WHATS = frozenset(
    """decretó anunció prometió exigió prohibió presentó publicó inauguró rechazó propuso aprobó denunció pidió
    suspendió lanzó descubrió recibió""".split()
)
_ALONE = re.compile(r"\b(?:dimitió|murió|murieron|falleció|fallecieron|nació|participaron)$|^(?:se|fue|fueron|ha|han) ")
_OBJECT = re.compile(r"(?:un|una|el|la|los|las|unos|unas|[a-zñáéíóú]+(?:os|as|es)) [^,]+$")
_OFFICE = rf"(?:[a-zñáéíóú]+ )?{ROLES_ES}(?: (?:general|electo|electa|ejecutivo|ejecutiva))?"
_OF = r"del? (?:(?:la|las|los) )?[A-ZÀ-Þ][\w-]*(?: (?:(?:de|del|la|las|los|el|y) )*[A-ZÀ-Þ][\w-]*)*"
_HOLDER = re.compile(rf"(?P<the>[Ee]l|[Ll]a) (?P<office>{_OFFICE} {_OF}), (?P<name>{NAME})(?=[,.])")
_SOMEBODY = re.compile(rf"(?P<name>{NAME}), (?:(?:el|la) )?(?:[a-zñáéíóú]+ )?(?P<role>{ROLES_ES})\b[^,.]{{2,70}}[,.]")
_SAID_THAT = re.compile(
    rf"(?:(?:El|La) [^,]{{3,60}}[, ] ?)?(?P<name>{NAME}),? (?:dijo|declaró|afirmó|aseguró|explicó) que (?P<what>.+)$"
)
_TOPIC = re.compile(rf"\b(?:de|en|a|contra|con) (?P<topic>{NAME})(?=$|[,.]| (?:y|es|fue|está|tiene|en|a|con|por)\b)")
_SMALL = "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|quince|veinte"
_HEDGE = (
    r"(?:(?:[Uu]n[oa]s|[Aa]l menos|[Mm]ás de|[Cc]asi|[Cc]erca de|[Aa]lrededor de|[Aa]proximadamente|[Ll]os|[Ll]as) )?"
)
_COUNTED = re.compile(
    rf"{_HEDGE}(?P<number>(?:\d[\d.,]*|(?i:{_SMALL}))(?: (?:mil|millones de))?) "
    r"(?P<noun>[a-zñáéíóú]{3,}s(?: (?:de [a-zñáéíóú]+|[a-zñáéíóú]+(?:os|as|es)))?)(?![\w-])"
)
_NO_COUNT = re.compile(
    r"(?:años|meses|semanas|días|horas|minutos|segundos|veces|puntos|kilómetros|metros|euros|dólares|pesos|grados)\b"
)
_FEMININE = re.compile(r"(?:as|mujeres|iones|dades|veces)$")
_MASCULINE = re.compile(r"(?:os|[oeia]res|[aeou]les|jes|bres|ques|ines|[aeo]ses|[^i]ones|eyes)$")
_NEXT = re.compile(rf"(?:, (?:y |pero |mientras )?|; | y )(?=(?:[Ee]l |[Ll]a )?(?:[a-zñáéíóú]+ )?{NAME} {_A_VERB})")
_LEADING = re.compile(r"(?:En|El|Desde|Tras|Durante|Por|Según|Con|A|Para) [^,]{3,60}, (?=(?:el|la|los|las|[A-Z]\w*) )")
_ASIDE_AFTER = re.compile(
    rf"(?:(?:El|La) [^,]{{2,70}}, )?(?P<name>{NAME}), (?P<rest>[^,]{{2,90}}, )?(?P<then>{_A_VERB}.*)"
)
_TITLED = re.compile(rf"(?:El|La) {ROLES_ES}(?: (?!del? )[a-zñáéíóú]+)? (?P<name>{NAME}) (?={_A_VERB})")
_NAMED = re.compile(rf"(?!(?:El|La|Los|Las|En|Un|Una|Su|Lo|Al|Se|Con|Por|Para|Según)\b)(?P<name>{NAME}) (?={_A_VERB})")
_THING = re.compile(
    rf"(?P<thing>(?:El|La|Los|Las) [\wñáéíóúü'-]+(?: [\wñáéíóúü'-]+){{0,5}}?)(?:, [^,]{{4,80}},)? (?={_A_VERB})"
)
_AFTER_DATE = re.compile(r"$|[,.]| (?:en|a|al|de|con|por|para|y|tras|desde|cuando|como)\b")
_PLACE = re.compile(rf"(?P<before>.*?)\ben (?:el |la |los |las )?(?P<place>{NAME}(?: (?:de|en) (?:el |la )?{NAME})*)$")
_INSTITUTION = re.compile(r"(?:el|la) (?:Gobierno|FIFA|ONU|[A-Z])")
_IN_PLACE = re.compile(rf"(?P<where>En {NAME}) ")
_OPENING_VERB = re.compile(r"(?P<verb>Participaron|Murieron|Asistieron|Votaron)(?= )")


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause, its parts told apart.

    core: what follows the verb, up to where the sentence goes on; time: when it was, where a date tells.
    reason: what follows "porque"; person: whether the subject is one.
    """

    subject: str
    verb: str
    core: str
    time: str
    reason: str
    person: bool

    def turned(self, core: str) -> str:
        """Verb, subject, core; but "se vino abajo la red"."""
        parts = (core, self.subject) if core and " " not in core else (self.subject, core)
        return _joined(self.verb, *parts)

    def brief(self) -> str:
        """The core without the later of its circumstances, where it is long."""
        core = re.sub(r" ?a los \d+ años$", "", self.core)
        while len(core.split()) > 7:
            shorter = re.match(r"(.{10,}) (?:desde|con|en|contra|por|como|ante|sobre)\b[^,]*$", core)
            if not shorter or shorter[1].split()[-1].lower() in _BAD_END or shorter[1][-1].isdigit():
                return core
            core = shorter[1]
        return core


def questions(sentence: str, known: Known) -> Iterator[Asked]:
    """Every (question, kind, accepted answers) that the rules make of one sentence."""
    yield from _offices(sentence, known)
    yield from _identities(sentence, known)
    yield from _remarks(sentence, known)
    if re.search(r"[\"“”()\[\]?!•|¿¡]", sentence):
        return
    plain = sentence.rstrip(".")
    yield from _how_many(plain)
    for part in _parts(plain):
        if clause := _clause(part, known):
            for ask in (_who, _when, _where, _why, _what):
                yield from ask(clause, known)


# -- parts of a sentence


def _parts(sentence: str) -> Iterator[str]:
    """What may be main clauses: the sentence, and those that follow in it."""
    start = 0
    for found in _NEXT.finditer(sentence):
        if _VERB.search(sentence[start : found.start()]):
            yield raised(sentence[start : found.start()])
            start = found.end()
    yield raised(sentence[start:])


def _clause(body: str, known: Known) -> Clause | None:
    time, body = _without_leading(_LOOSE_TIME.sub("", body))
    reason = ""
    if found := _REASON.search(body):
        if _BREAK.search(body[: found.start()]):
            return None
        reason, body = found["reason"], body[: found.start()]
    subject, rest, person = _subject(body, known)
    verb = _VERB.match(rest)
    if not subject or not verb:
        return None
    told, rest = _time_in(rest[verb.end() :])
    core = _BREAK.split(rest, maxsplit=1)[0].strip()
    clause = Clause(subject, verb["verb"], core, told or time, reason, person)
    return clause if _is_sound(clause) else None


def _without_leading(body: str) -> tuple[str, str]:
    """The date that a clause opens with, and the clause without its opening phrase."""
    found = _LEADING.match(body)
    if not found:
        return "", body
    dated = [span for span in dates(found[0]) if re.fullmatch(rf"(?:En|El)(?: {_DAY})? ", found[0][: span[0]])]
    return (found[0][slice(*dated[0])] if dated else ""), raised(body[found.end() :])


def _subject(body: str, known: Known) -> tuple[str, str, bool]:
    """The subject as it stands within a sentence, what follows, and whether it is a person; "" and all if unsure."""
    aside = _ASIDE_AFTER.match(body)
    if aside and (aside["rest"] or aside.start("name")):
        if known.is_person(aside["name"]):
            return known.full(aside["name"]), aside["then"], True
        if not aside.start("name"):
            return aside["name"], aside["then"], False
    if titled := _TITLED.match(body):
        return known.full(titled["name"]), body[titled.end() :], True
    named = _NAMED.match(body)
    if named and (" " in named["name"] or known.is_name(named["name"])):
        return known.full(named["name"]), body[named.end() :], known.is_person(named["name"])
    thing = _THING.match(body)
    words = thing["thing"].split() if thing else []
    if thing and words[-1].lower() not in _BAD_END and not any(fold(word) in _NO_SUBJECT for word in words):
        return thing["thing"][0].lower() + thing["thing"][1:], body[thing.end() :], False
    return "", "", False


def _time_in(rest: str) -> tuple[str, str]:
    """The date that tells when in a phrase of its own, and the rest without it."""
    for start, end in dates(rest):
        lead = re.search(rf",? (?:en|el)(?: {_DAY})? $", rest[:start])
        if lead and _AFTER_DATE.match(rest[end:]) and not _BREAK.search(rest[: lead.start()]):
            return rest[start:end], rest[: lead.start()] + rest[end:]
    return "", rest


def _is_sound(clause: Clause) -> bool:
    """Whether what was told apart can be put into a question as it stands."""
    if _SAYS.fullmatch(clause.verb) or _hangs(clause.core) or "«" in clause.core + clause.subject:
        return False
    return bool(clause.core) or bool(_ALONE.search(clause.verb))


def _hangs(core: str) -> bool:
    """Whether a phrase is long, points at something outside of it, or breaks off."""
    words = core.split()
    return len(words) > LONGEST or bool(_POINTS_BACK.search(core)) or (bool(words) and words[-1].lower() in _BAD_END)


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


# -- questions of a clause


def _who(clause: Clause, known: Known) -> Iterator[Asked]:
    asked = _joined(clause.verb, clause.core)
    is_one = " y " not in clause.subject and not _PLURAL.search(clause.verb)
    if clause.person and is_one and not _POSSESSIVE.search(clause.core) and len(content_words(asked)) >= 3:
        yield f"¿Quién {asked}?", "who", known.called(clause.subject)


def _when(clause: Clause, known: Known) -> Iterator[Asked]:
    if clause.time:
        yield f"¿Cuándo {clause.turned(clause.brief())}?", "when", (clause.time,)


def _where(clause: Clause, known: Known) -> Iterator[Asked]:
    found = _PLACE.match(clause.core)
    if found and _EVENTS.search(clause.verb):
        place = found["place"]
        yield f"¿Dónde {clause.turned(found['before'].strip())}?", "where", (place, *place.split(" en "))


def _why(clause: Clause, known: Known) -> Iterator[Asked]:
    if len(clause.reason.split()) > 2:
        yield f"¿Por qué {clause.turned(clause.core)}?", "why", ()


def _what(clause: Clause, known: Known) -> Iterator[Asked]:
    is_named = clause.person or known.is_name(clause.subject) or _INSTITUTION.match(clause.subject)
    if is_named and clause.verb in _WHATS and _OBJECT.match(clause.core):
        yield f"¿Qué {clause.verb} {clause.subject}?", "what", content_words(clause.core)


def _how_many(sentence: str) -> Iterator[Asked]:
    """How many: "27 personas murieron en ...", "Participaron 133 cardenales", "En Catar se marcaron 172 goles"."""
    for part in re.split(r"(?<=\w)(?:;|, pero|, mientras) ", sentence):
        subject = _COUNTED.match(raised(part))
        if subject and (verb := _VERB.match(part[subject.end() :].strip())):
            core = _rest(part[subject.end() :].strip()[verb.end() :])
            if core and len(content_words(f"{subject['noun']} {verb['verb']} {core}")) >= 3:
                yield from _counted(subject, verb["verb"], "", core)
        lead = _IN_PLACE.match(part)
        after = part[lead.end() :] if lead else part
        verb = _VERB.match(after) or _OPENING_VERB.match(after)
        found = _COUNTED.match(after, verb.end() + 1) if verb else None
        if verb and found and _PLURAL.search(verb["verb"]):
            where, core = lead["where"].replace("En ", "en ", 1) if lead else "", _rest(after[found.end() :])
            if where or core or " " in found["noun"]:
                yield from _counted(found, verb["verb"][0].lower() + verb["verb"][1:], where, core)


def _rest(text: str) -> str:
    return _BREAK.split(_LOOSE_TIME.sub("", text), maxsplit=1)[0].strip()


def _counted(found: re.Match[str], verb: str, where: str, core: str) -> Iterator[Asked]:
    noun = found["noun"].split()[0]
    is_countable = not _NO_COUNT.match(noun) and (_FEMININE.search(noun) or _MASCULINE.search(noun))
    if is_countable and not _hangs(core) and not _POSSESSIVE.search(core):
        opening = "¿Cuántas" if _FEMININE.search(noun) else "¿Cuántos"
        yield f"{opening} {_joined(found['noun'], verb, where, core)}?", "number", (found["number"],)


# -- questions of a name and what stands beside it


def _offices(sentence: str, known: Known) -> Iterator[Asked]:
    """Who holds an office: "La gobernadora de Guerrero, Evelyn Salgado,"."""
    for found in _HOLDER.finditer(sentence):
        name, office = found["name"], found["office"]
        is_whole = not office.startswith("ex") and not office.endswith("del Gobierno")  # of which country?
        if is_whole and known.is_person(name) and not known.is_dead(name):
            yield f"¿Quién es {found['the'].lower()} {office}?", "role", known.called(name)


def _identities(sentence: str, known: Known) -> Iterator[Asked]:
    for found in _SOMEBODY.finditer(sentence):
        name = found["name"]
        is_historic = re.search(r" [IVX]+$", name) or known.is_dead(name)
        if known.is_person(name) and " " in name and not is_historic:
            yield f"¿Quién es {name}?", "identity", (found["role"],)


def _remarks(sentence: str, known: Known) -> Iterator[Asked]:
    found = _SAID_THAT.match(sentence)
    if not found or not known.is_person(found["name"]):
        return
    name = bare(known.full(found["name"]))
    topics = [match["topic"] for match in _TOPIC.finditer(found["what"])]
    topic = next((one for one in topics if known.names[one] > 1 and not known.is_person(one)), "")
    if topic:
        yield f"¿Qué dijo {name} sobre {topic}?", "said", ()
    elif " " in name:
        yield f"¿Qué dijo {name}?", "remark", ()

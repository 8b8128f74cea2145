"""Spanish questions that a sentence answers.

Spanish asks with the verb before its subject, both as they stand in the sentence, so no verb is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qa.dates import mentions
from qa.drafts import NAME, ROLES_ES, Asked, Known, bare, raised
from qa.language import content_words, fold

_IRREGULAR = (
    r"fue|fueron|dijo|dijeron|hizo|hicieron|tuvo|tuvieron|puso|pusieron|dio|dieron|vio|vieron|estuvo|estuvieron|vino|"
    r"vinieron|anduvo|trajo|trajeron|produjo|produjeron|condujo|redujo|redujeron|introdujo|obtuvo|obtuvieron|mantuvo|"
    r"mantuvieron|propuso|propusieron|sostuvo|detuvo|detuvieron|compuso|impuso|expuso|intervino|murieron|cayeron|"
    r"huyeron|leyeron|creyeron|contrajo|dispuso"
)
_PAST = rf"(?:{_IRREGULAR}|[a-zñü]{{2,}}ó|[a-zñü]{{2,}}(?:aron|ieron))"
_PARTICIPLE = r"(?:[a-zñü]{2,}(?:ad|id|íd)[oa]s?|(?:abiert|dich|escrit|hech|muert|puest|rot|vist|vuelt|elect|pres)[oa]s?)"
_VERB = re.compile(
    rf"(?P<verb>(?:(?:se|lo|la|los|las|le|les) )?(?:(?:ha|han|había|habían) (?:sido )?{_PARTICIPLE}"
    rf"|(?:fue|fueron|está|están|es|son|será|serán) {_PARTICIPLE}|{_PAST}|nace|gana|dirige|encabeza|preside))(?= |$)"
)
_SAYS = re.compile(r"(?:se )?(?:dijo|dijeron|declaró|declararon|afirmó|aseguró|explicó|señaló|admitió|reconoció|advirtió|informó|sostuvo)")
_NO_SUBJECT = frozenset(
    """otro otra otros otras dos tres ambos ambas mismo misma que quien cual ese esa este esta su sus el_mismo primero
    primera segundo segunda ultimo ultima resto""".split()
)
_POINTS_BACK = re.compile(
    r"\b(?:él|ella|ellos|ellas|ello|esto|eso|este|esta|estos|estas|ese|esa|esos|esas|aquel|aquella|allí|ahí|entonces|"
    r"así|también|tampoco|otro|otra|otros|otras|mismo|misma|mismos|mismas|no|nunca|le|les|lo|suyo|suya)\b",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"\b(?:su|sus)\b")
_ASIDE = re.compile(r"\b(?:que|quien|quienes|cuyo|cuya|donde|cual|cuales|si|más|menos)\b")
_DAY = r"(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
_LOOSE_TIME = re.compile(
    rf"(?:,? (?:el|este|en la (?:madrugada|noche|mañana|tarde) del) (?:pasado )?{_DAY}(?: por la (?:noche|mañana|tarde))?"
    r"(?! \d)"
    r"| (?:ayer|hoy|anoche|ahora|ya|recientemente|después|antes|entonces|además|también)"
    r"| (?:este|el pasado) (?:mes|año|fin de semana)| esta semana| la semana pasada| ese día"
    r"| (?:poco )?(?:después|antes) de la? (?:medianoche|mediodía)| pasada la medianoche| a las \d[\d.:]*)(?=[ ,.;:]|$)"
)
_BREAK = re.compile(
    r",(?!\d)|[;:—–]| - | (?:cuando|mientras|después|antes|porque|aunque|donde|desde|hasta que|hasta|tras|durante|pero|según|"
    r"debido a|gracias a|frente a|junto a|entre otros)\b"
    rf"| y (?=(?:\w+ )?(?:se |lo |la )?(?:{_PAST}|ha|han|había|es|son|será|está|están)\b)"
)
_BAD_END = frozenset("de del en el la los las un una y o a al con por para que su sus como más menos entre sobre unas unos".split())
_EVENTS = re.compile(
    r"\b(?:nació|nacieron|murió|murieron|falleció|celebr\w+|firm\w+|detuv\w+|detenid\w+|encontr\w+|hall\w+|ocurri\w+|"
    r"reuni\w+|inaugur\w+|aterriz\w+|jugó|jugaron|coron\w+|enterrad\w+|estrell\w+)$"
)
_WHATS = frozenset(
    """decretó anunció prometió exigió prohibió presentó publicó inauguró rechazó propuso aprobó denunció pidió suspendió
    lanzó descubrió recibió""".split()
)
_ALONE = re.compile(r"\b(?:dimitió|murió|murieron|falleció|fallecieron|nació|participaron)$")
_ROLE = rf"(?:[a-zñáéíóú]+ )?{ROLES_ES}(?: (?:general|electo|electa|ejecutivo|ejecutiva))?"
_OF = r"(?:de|del|de la|de los|de las) (?:[A-ZÀ-Þ][\w-]*)(?: (?:(?:de|del|la|las|los|el|y) )*[A-ZÀ-Þ][\w-]*)*"
_NUMBERS = "dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte".split()
_COUNTED = re.compile(
    r"(?:(?:[Uu]n[oa]s|[Aa]l menos|[Mm]ás de|[Cc]asi|[Cc]erca de|[Aa]lrededor de|[Aa]proximadamente|[Ll]os|[Ll]as|[Uu]nos) )?"
    rf"(?P<number>(?:\d[\d.,]*|(?i:{'|'.join(_NUMBERS)}))(?: (?:mil|millones de))?) "
    r"(?P<noun>[a-zñáéíóú]{3,}s(?: (?:de [a-zñáéíóú]+|[a-zñáéíóú]+(?:os|as|es)))?)(?![\w-])"
)
_NO_COUNT = re.compile(r"(?:por ciento|años|meses|semanas|días|horas|minutos|segundos|veces|puntos|kilómetros|metros|euros|dólares|pesos|grados)\b")
_FEMININE = re.compile(r"(?:as|mujeres|iones|dades|veces)$")
_MASCULINE = re.compile(r"(?:os|[oeia]res|[aeou]les|jes|bres|ques|ines|[aeo]ses|[^i]ones|eyes)$")


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause, its parts told apart; core: what follows the verb, up to where the sentence goes on."""

    subject: str
    verb: str
    core: str
    time: str
    reason: str
    person: bool


def questions(sentence: str, known: Known) -> Iterator[Asked]:
    """Every (question, kind, accepted answers) that the rules make of one sentence."""
    yield from _roles(sentence, known)
    yield from _ages(sentence, known)
    yield from _identities(sentence, known)
    yield from _spoken(sentence, known)
    if re.search(r"[\"“”()\[\]?!•|¿¡]", sentence):
        return
    yield from _counted(sentence.rstrip("."))
    for part in _parts(sentence.rstrip(".")):
        if clause := _clause(part, known):
            for ask in (_who, _when, _where, _why, _what):
                yield from ask(clause, known)


def _parts(sentence: str) -> Iterator[str]:
    """What may be main clauses: the sentence, and those that follow in it after a comma or "y"."""
    start = 0
    for cut in re.finditer(rf"(?:, (?:y |pero |mientras )?|; | y )(?=(?:[Ee]l |[Ll]a )?(?:[a-zñáéíóú]+ )?{NAME} {_VERB.pattern})", sentence):
        if _VERB.search(sentence[start : cut.start()]):
            yield raised(sentence[start : cut.start()])
            start = cut.end()
    yield raised(sentence[start:])


def _clause(body: str, known: Known) -> Clause | None:
    time, body = _leading(_LOOSE_TIME.sub("", body))
    reason = ""
    if found := re.search(r",? (?:porque|debido a(?:l)?) (.+)$", body):
        if _BREAK.search(body[: found.start()]):
            return None
        reason, body = found[1], body[: found.start()]
    subject, rest, person = _subject(body, known)
    verb = _VERB.match(rest)
    if not subject or not verb:
        return None
    rest = rest[verb.end() :]
    told, rest = _time_in(rest)
    core = _BREAK.split(rest, maxsplit=1)[0].strip()
    clause = Clause(subject, verb["verb"], core, told or time, reason, person)
    return clause if _is_sound(clause) else None


def _leading(body: str) -> tuple[str, str]:
    """The date that a clause opens with, and the clause without its opening phrase."""
    found = re.match(r"(?:En|El|Desde|Tras|Durante|Por|Según|Con|A|Para) [^,]{3,60}, (?=(?:el|la|los|las|[A-Z]\w*) )", body)
    if not found:
        return "", body
    dated = [span for span in _dates(found[0]) if re.match(rf"(?:En|El)(?: {_DAY})? $", found[0][: span[0]])]
    return (found[0][slice(*dated[0])] if dated else ""), raised(body[found.end() :])


def _subject(body: str, known: Known) -> tuple[str, str, bool]:
    """The subject as it stands within a sentence, what follows it, and whether it is a person; ("", "", False) if unsure."""
    apposed = re.match(rf"(?:(?:El|La) [^,]{{2,70}}, )?(?P<name>{NAME}), (?P<rest>[^,]{{2,90}}, )?(?=(?P<then>.+))", body)
    if apposed and _VERB.match(apposed["then"]) and (apposed["rest"] or not body.startswith(apposed["name"])):
        name = apposed["name"]
        if known.is_person(name):
            return known.full(name), apposed["then"], True
        return ("", "", False) if body.startswith(("El ", "La ")) else (name, apposed["then"], False)
    titled = re.match(rf"(?:El|La) {ROLES_ES}(?: (?!del? )[a-zñáéíóú]+)? (?P<name>{NAME}) (?={_VERB.pattern})", body)
    if titled:
        return known.full(titled["name"]), body[titled.end() :], True
    named = re.match(rf"(?P<name>{NAME}(?: y {NAME})?) (?={_VERB.pattern})", body)
    if named and not re.match(r"(?:El|La|Los|Las|En|Un|Una|Su|Lo|Al|Se|Con|Por|Para|Según)\b", body):
        name = named["name"]
        if " " in name or known.is_name(name):
            return known.full(name), body[named.end() :], all(known.is_person(one) for one in name.split(" y "))
    aside = re.match(rf"(?P<thing>(?:El|La|Los|Las) [a-zñáéíóúü]+(?: [a-zñáéíóúü]+)?), [^,]{{4,80}}, (?={_VERB.pattern})", body)
    if aside and not any(fold(word) in _NO_SUBJECT for word in aside["thing"].split()):
        return aside["thing"][0].lower() + aside["thing"][1:], body[aside.end() :], False
    thing = re.match(rf"(?P<thing>(?:El|La|Los|Las) (?:[\wñáéíóúü'-]+ ){{1,6}}?)(?={_VERB.pattern})", body)
    if thing and not any(fold(word) in _NO_SUBJECT for word in thing["thing"].split()):
        words = thing["thing"].split()
        if words[-1].lower() not in _BAD_END and not re.search(r"\b(?:se|que|no|ya)\b", thing["thing"]):
            return thing["thing"][0].lower() + thing["thing"][1:].strip(), body[thing.end() :], False
    return "", "", False


def _dates(text: str) -> list[tuple[int, int]]:
    spans = []
    for mention in mentions(text, date.max):
        end = mention.start + len(text[mention.start : mention.end].rstrip(" .,"))
        if mention.kind in ("day", "month", "year") and re.search(r"\d", text[mention.start : end]):
            spans.append((mention.start, end))
    return spans


def _time_in(rest: str) -> tuple[str, str]:
    """The date that tells when in a phrase of its own, and the rest without it."""
    for start, end in _dates(rest):
        lead = re.search(rf",? (?:en|el)(?: {_DAY})? $", rest[:start])
        follows = re.match(r"$|[,.]| (?:en|a|al|de|con|por|para|y|tras|desde|cuando|como)\b", rest[end:])
        if lead and follows and not _BREAK.search(rest[: lead.start()]):
            return rest[start:end], rest[: lead.start()] + rest[end:]
    return "", rest


def _is_sound(clause: Clause) -> bool:
    """Whether what was told apart can be put into a question as it stands."""
    words = clause.core.split()
    if len(words) > 12 or (words and words[-1].lower() in _BAD_END) or _POINTS_BACK.search(clause.core):
        return False
    if _SAYS.fullmatch(clause.verb) or _ASIDE.search(clause.core) or "«" in clause.core or "«" in clause.subject:
        return False
    return bool(words) or bool(_ALONE.search(clause.verb)) or bool(re.match(r"(?:se |fue |fueron |ha |han )", clause.verb))


def _brief(core: str) -> str:
    """The core without the later of its circumstances, where it is long."""
    core = re.sub(r" ?a los \d+ años$", "", core)
    while len(core.split()) > 7:
        shorter = re.match(r"(.{10,}) (?:desde|con|en|contra|por|como|ante|sobre)\b[^,]*$", core)
        if not shorter or re.fullmatch(rf"\d.*|{'|'.join(_BAD_END)}", shorter[1].split()[-1].lower()):
            return core
        core = shorter[1]
    return core


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _who(clause: Clause, known: Known) -> Iterator[Asked]:
    is_one = not re.search(r" y ", clause.subject) and not re.search(r"(?:aron|ieron|eron|han \w+)$", clause.verb)
    asked = _joined(clause.verb, clause.core)
    if clause.person and is_one and not _POSSESSIVE.search(clause.core) and len(content_words(asked)) >= 3:
        yield f"¿Quién {asked}?", "who", known.called(clause.subject)


def _when(clause: Clause, known: Known) -> Iterator[Asked]:
    if clause.time:
        yield f"¿Cuándo {_turned(clause, _brief(clause.core))}?", "when", (clause.time,)


def _turned(clause: Clause, core: str) -> str:
    """Verb, subject, core; but "se vino abajo la red"."""
    parts = (core, clause.subject) if core and " " not in core else (clause.subject, core)
    return _joined(clause.verb, *parts)


def _where(clause: Clause, known: Known) -> Iterator[Asked]:
    found = re.match(rf"(?P<before>.*?)\ben (?P<place>(?:el |la |los |las )?{NAME}(?: (?:de|en) (?:el |la )?{NAME})*)$", clause.core)
    if found and _EVENTS.search(clause.verb):
        place = re.sub(r"^(?:el|la|los|las) ", "", found["place"])
        yield f"¿Dónde {_turned(clause, found['before'].strip())}?", "where", (place, *place.split(" en "))


def _why(clause: Clause, known: Known) -> Iterator[Asked]:
    if len(clause.reason.split()) > 2:
        yield f"¿Por qué {_turned(clause, clause.core)}?", "why", ()


def _what(clause: Clause, known: Known) -> Iterator[Asked]:
    is_named = clause.person or known.is_name(clause.subject) or re.match(r"(?:el|la) (?:Gobierno|FIFA|ONU|[A-Z])", clause.subject)
    found = re.match(r"(?P<thing>(?:un|una|el|la|los|las|unos|unas|[a-zñáéíóú]+(?:os|as|es)) [^,]+)$", clause.core)
    if is_named and found and clause.verb in _WHATS and not clause.core.startswith("a "):
        yield f"¿Qué {clause.verb} {clause.subject}?", "what", content_words(found["thing"])


def _counted(sentence: str) -> Iterator[Asked]:
    """How many: "27 personas murieron en ...", "Participaron 133 cardenales", "En Catar se marcaron 172 goles"."""
    for part in re.split(r"(?<=\w)(?:;|, pero|, mientras) ", sentence):
        found = _COUNTED.match(raised(part))
        if found and _is_countable(found):
            rest = part[found.end() :].strip()
            verb = _VERB.match(rest)
            core = _BREAK.split(_LOOSE_TIME.sub("", rest[verb.end() :]), maxsplit=1)[0].strip() if verb else ""
            if verb and _is_tail(core) and core and len(content_words(f"{found['noun']} {verb['verb']} {core}")) >= 3:
                yield f"{_how_many(found['noun'])} {_joined(verb['verb'], core)}?", "number", (found["number"],)
        lead = re.match(rf"(?P<where>En {NAME}) (?={_VERB.pattern})", part)
        after = part[lead.end() if lead else 0 :]
        verb = _VERB.match(after) or re.match(r"(?P<verb>Participaron|Murieron|Asistieron|Votaron)(?= )", after)
        found = _COUNTED.match(after, verb.end() + 1) if verb else None
        if verb and found and _is_countable(found) and re.search(r"(?:aron|ieron|eron)$", verb["verb"]):
            where = lead["where"][0].lower() + lead["where"][1:] if lead else ""
            core = _BREAK.split(_LOOSE_TIME.sub("", after[found.end() :]), maxsplit=1)[0].strip()
            if _is_tail(core) and (where or core or " " in found["noun"]):
                verb_said = verb["verb"][0].lower() + verb["verb"][1:]
                yield f"{_how_many(found['noun'])} {_joined(verb_said, where, core)}?", "number", (found["number"],)


def _is_countable(found: re.Match[str]) -> bool:
    noun = found["noun"].split()[0]
    return not _NO_COUNT.match(noun) and bool(_FEMININE.search(noun) or _MASCULINE.search(noun))


def _how_many(noun: str) -> str:
    return f"¿{'Cuántas' if _FEMININE.search(noun.split()[0]) else 'Cuántos'} {noun}"


def _is_tail(core: str) -> bool:
    words = core.split()
    return len(words) <= 12 and not (_POINTS_BACK.search(core) or _POSSESSIVE.search(core) or _ASIDE.search(core)) and not (words and words[-1] in _BAD_END)


def _roles(sentence: str, known: Known) -> Iterator[Asked]:
    """Who holds an office: "La gobernadora de Guerrero, Evelyn Salgado," or "Julio Pérez, portavoz de ...,"."""
    before = rf"(?P<the>[Ee]l|[Ll]a) (?P<role>{_ROLE} {_OF}), (?P<name>{NAME})(?=[,.])"
    for found in re.finditer(before, sentence):
        is_whole = not found["role"].startswith("ex") and not found["role"].endswith("del Gobierno")  # of which country?
        if known.is_person(found["name"]) and is_whole and not known.is_dead(found["name"]):
            yield f"¿Quién es {found['the'].lower()} {found['role']}?", "role", known.called(found["name"])


def _ages(sentence: str, known: Known) -> Iterator[Asked]:
    for found in re.finditer(rf"(?P<name>{NAME}),(?: [a-zñáéíóú]+)? de (?P<age>\d\d) años,", sentence):
        name = known.full(bare(found["name"]))
        if " " in name and not known.is_dead(name):
            yield f"¿Cuántos años tiene {name}?", "age", (found["age"],)


def _identities(sentence: str, known: Known) -> Iterator[Asked]:
    for found in re.finditer(rf"(?P<name>{NAME}), (?P<who>(?:(?:el|la) )?{_ROLE}\b[^,.]{{2,70}})[,.]", sentence):
        name = found["name"]
        is_historic = re.search(r" [IVX]+$", name) or known.is_dead(name)
        if known.is_person(name) and " " in name and not is_historic:
            yield f"¿Quién es {name}?", "identity", content_words(found["who"])


def _spoken(sentence: str, known: Known) -> Iterator[Asked]:
    found = re.match(
        rf"(?:(?:El|La) [^,]{{3,60}}[, ] ?)?(?P<name>{NAME}),? (?:dijo|declaró|afirmó|aseguró|explicó) que (?P<what>.+)$", sentence
    )
    if found and known.is_person(found["name"]):
        name = bare(known.full(found["name"]))
        for topic in re.finditer(rf"(?:de|en|a|contra|con) (?P<topic>{NAME})(?=$|[,.]| (?:y|es|fue|está|tiene|en|a|con|por)\b)", found["what"]):
            if known.names[topic["topic"]] > 1 and not known.is_person(topic["topic"]):
                yield f"¿Qué dijo {name} sobre {topic['topic']}?", "said", ()
                break
        else:
            if " " in name:
                yield f"¿Qué dijo {name}?", "said", ()

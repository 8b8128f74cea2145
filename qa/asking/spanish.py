"""Questions out of Spanish sentences; the verb keeps its form, and goes before the subject."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.asking.clause import Clause, Drafted, named_subject, one_subject, places, without_aside

_MONTH = "(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
_DAY = r"(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
_WHEN = (
    rf"\b(?:(?:el|este) {_DAY}(?: \d{{1,2}} de {_MONTH}| por la (?:mañana|tarde|noche))?(?: de \d{{4}})?"
    rf"|el \d{{1,2}} de {_MONTH}(?: de \d{{4}})?|en {_MONTH}(?: de \d{{4}})?|en (?:19|20)\d\d)\b"
)
_LOOSE = rf" (?:el|este) {_DAY}(?: por la (?:mañana|tarde|noche))?\b(?! \d)| (?:hoy|ayer|esta semana)\b"
_CUT = re.compile(  # where the next clause begins
    r"[,;:(]| [–—-] | (?:pero|mientras|cuando|donde|porque|aunque|tras|después|antes|hasta|si no|según|ya que"
    r"|al \w+[aei]r"
    r"|y (?:el|la|los|las|un|una|se|no|su|sus|lo|le|\w+(?:ó|aron|ieron|aba|aban|ía|ían))|que (?:se|fue|ha"
    r"|había|era))\b"
)
_VERB = (
    r"(?P<verb>(?:no )?(?:se )?(?:(?:ha|han|había|habían|fue|fueron|será|serán) (?:sido )?"
    r"(?:\w+(?:ad|id)[oa]s?|muerto|hecho|visto|puesto|escrito|abierto)"
    r"|[a-záéíóúñ]{2,}(?:ó|aron|ieron|ará|erá|irá|arán|erán|irán)|dijo|hizo|tuvo|tuvieron|puso|propuso|obtuvo|detuvo"
    r"|dijeron|produjo|redujo|condujo|quiso|pudo|dio|vio))(?!\w)"
)
_SUBJECT = re.compile(
    r"(?:El|La|Los|Las) [a-zñáéíóú]+"
    r"(?: (?:de|del|de la|de los) (?:[A-ZÁÉÍÓÚ][\w ]+?|[a-zñáéíóú]+)| [A-ZÁÉÍÓÚ]\w+(?: [A-ZÁÉÍÓÚ]\w+)*| [a-zñáéíóú]+)?"
    rf"(?=(?:, [^,]+,)? {_VERB})"
)
_NO_HEAD = re.compile(r" (?:la|lo|le|los|las|les|se|primer[oa]|segund[oa]|últim[oa])$")
_ABOUT = r"(?:(?:al menos|más de|menos de|casi|cerca de|alrededor de|unos|unas|los|las|algo más de) )?"
_COUNT = r"(?P<number>\d[\d.,]*(?: millones de)?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez) "
_GIVES_WHAT = re.compile("anunció|decretó|declaró|ordenó|propuso|prometió|exigió|aprobó")
_FEMININE = re.compile(r".*(?:(?<!dí)as|ciones|siones|dades|tudes)|mujeres|muertes|veces|bases|naves|torres")
_MASCULINE = re.compile(
    r".*os|días|hombres|goles|países|buques|trenes|meses|lugares|hogares|hoteles|cardenales|militares|aviones|menores"
    r"|trabajadores|jugadores|espectadores|electores|votantes|habitantes|estudiantes|inmigrantes"
)
_PREPOSITIONS = set(
    "a al ante bajo con contra de del desde durante en entre hacia hasta para por sin sobre tras".split()
)
_COUNTRIES = re.compile(
    "Alemania|Argentina|Australia|Bolivia|Brasil|Chile|China|Colombia|Croacia|Cuba|Ecuador|Egipto|España|Estados Unidos"
    "|Finlandia|Francia|Grecia|Guatemala|Honduras|Hungría|India|Inglaterra|Irán|Israel|Italia|Japón|Marruecos|México"
    "|Nicaragua|Panamá|Paraguay|Perú|Polonia|Portugal|Reino Unido|Rusia|Suecia|Turquía|Ucrania|Uruguay|Venezuela"
)


def questions(sentence: str, text: str, people: dict[str, str]) -> Iterator[Drafted]:
    """The questions of one sentence of a text in which these people are named."""
    yield from _counted_subject(sentence)
    if clause := _clause(sentence, text):
        yield from _when_where_why(clause)
        yield from _who(clause, people)
        yield from _what_and_how_many(clause)


def _clause(sentence: str, text: str) -> Clause | None:
    subject = named_subject(sentence, text, "(?:El|La|Los|Las) ")
    if not subject or not re.match(rf"(?:, [^,]+,)? {_VERB}", sentence[len(subject) :]):
        plain = _SUBJECT.match(sentence)
        subject = plain[0] if plain else ""
    found = re.match(rf" {_VERB}(?: (?P<rest>.+))?\.$", without_aside(sentence[len(subject) :]))
    if not subject or not found or _NO_HEAD.search(subject):
        return None
    rest, tail = _cut(found["rest"] or "")
    subject = re.sub("^(?:El|La|Los|Las) ", lambda match: match[0].lower(), subject)
    return Clause(subject, found["verb"], rest, tail)


def _cut(rest: str) -> tuple[str, str]:
    """What belongs to the clause, and what follows it."""
    end = _CUT.search(rest)
    return (rest[: end.start()], rest[end.start() :]) if end else (rest, "")


def _turned(word: str, clause: Clause, left: str) -> str:
    """The clause as a question; "" where the order of its parts cannot be told."""
    verb, left = clause.verb, re.sub(_LOOSE, "", left).strip(" ,")
    if " " in verb and left and left.split()[0] not in _PREPOSITIONS:
        predicate, _, left = left.partition(" ")  # "fue elegido papa": what it became goes with the verb
        if left and left.split()[0] not in _PREPOSITIONS:
            return ""
        verb = f"{verb} {predicate}"
    if " " in left and re.search(r"\w(?:ad|id)[oa]s?$", left):  # "la final disputada", whose place has been taken out
        return ""
    return "¿" + " ".join(filter(None, (word, verb, clause.subject, left))) + "?"


def _when_where_why(clause: Clause) -> Iterator[Drafted]:
    rest = f" {clause.rest}"
    for found in re.finditer(_WHEN, rest):
        left = rest[: found.start()].rstrip() + rest[found.end() :]
        yield _turned("Cuándo", clause, left), "when", re.sub("^(?:el|este|en) ", "", found[0])
    for place, left in places(rest, "en"):
        yield _turned("Dónde", clause, left), "where", place
    if clause.tail.lstrip(", ").startswith("porque "):
        yield _turned("Por qué", clause, rest), "why", ""


def _who(clause: Clause, people: dict[str, str]) -> Iterator[Drafted]:
    rest = re.sub(_LOOSE, "", f" {clause.rest}")
    if not clause.rest or not one_subject(rest) or clause.verb in ("dijo", "dijeron"):
        return
    person = next((name for name in people if clause.subject.endswith(name)), "")
    if person:
        yield f"¿Quién {clause.verb}{rest}?", "who", person
    elif _COUNTRIES.fullmatch(clause.subject):
        yield f"¿Qué país {clause.verb}{rest}?", "who", clause.subject


def _what_and_how_many(clause: Clause) -> Iterator[Drafted]:
    if _GIVES_WHAT.fullmatch(clause.verb) and clause.rest:
        yield f"¿Qué {clause.verb} {clause.subject}?", "what", re.sub(_LOOSE, "", f" {clause.rest}")
    aged = re.search(r" a los (\d\d) años$", clause.rest)
    if aged and clause.verb in ("murió", "falleció"):
        yield f"¿A qué edad {clause.verb} {clause.subject}?", "number", aged[1]
    found = re.match(rf"{_ABOUT}{_COUNT}(?P<noun>[a-zñáéíóú]+)(?P<rest>.*)$", clause.rest)
    if found and (word := _how_many(found["noun"])):
        left = re.sub(rf" {_WHEN}|{_LOOSE}", "", found["rest"]).strip(" ,")
        asked = " ".join(filter(None, (word, found["noun"], clause.verb, clause.subject, left)))
        yield f"¿{asked}?", "number", found["number"]


def _counted_subject(sentence: str) -> Iterator[Drafted]:
    """Of "Unas 5.000 personas han sido evacuadas": cuántas personas."""
    begin = rf"(?i:{_ABOUT}{_COUNT})(?P<noun>[a-zñáéíóú]+(?: [a-zñ]+s)?)"
    found = re.match(rf"{begin} {_VERB} (?P<rest>.+)\.$", sentence)
    if found and (word := _how_many(found["noun"].split()[0])):
        rest = "" if found["rest"].startswith("y ") else re.sub(_LOOSE, "", f" {_cut(found['rest'])[0]}").strip()
        yield "¿" + " ".join(filter(None, (word, found["noun"], found["verb"], rest))) + "?", "number", found["number"]


def _how_many(noun: str) -> str:
    """The question word in the noun's gender; "" where that cannot be told."""
    if _FEMININE.fullmatch(noun):
        return "Cuántas"
    return "Cuántos" if _MASCULINE.fullmatch(noun) else ""

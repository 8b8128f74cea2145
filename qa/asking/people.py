"""The people and things that a text introduces, and the questions that ask who or what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.asking.clause import Drafted
from qa.asking.verbs import BASE
from qa.language import fold
from qa.names import find_names

_ROLE_EN = (
    r"(?:director|minister|president|chief|leader|chair|chairman|chairwoman|head|spokesman|spokeswoman"
    r"|spokesperson|author"
    r"|senator|governor|mayor|secretary|speaker|commissioner|founder|co-founder|scientist|officer|professor|designer"
    r"|architect|manager|captain|coach|ambassador|economist|analyst|lawyer|judge|general|bishop|archbishop"
    r"|actor|singer"
    r"|writer|champion|commentator|researcher|physicist|engineer|laureate|executive|commander|prosecutor|owner)"
)
_ROLE_ES = (
    r"(?:director|directora|ministro|ministra|presidente|presidenta|jefe|jefa|lider|portavoz|autor|autora"
    r"|senador|senadora"
    r"|gobernador|gobernadora|alcalde|alcaldesa|secretario|secretaria|fundador|fundadora|cientifico|cientifica"
    r"|profesor|profesora"
    r"|capitan|capitana|entrenador|entrenadora|embajador|economista|abogado|juez|jueza|general|obispo|actor|actriz"
    r"|cantante|escritor|escritora|periodista|candidato|candidata|fiscal|seleccionador|portera|portero"
    r"|sociologo|fisica"
    r"|delantero|delantera|vicepresidente|vicepresidenta|investigador|investigadora|ingeniero|ingeniera|antecesor)"
)
_TITLE_EN = (
    r"(?:(?:Prime|Vice|Foreign|Deputy) )?(?:President|Minister|Senator|Governor|Mayor|Judge|General|Professor|Pope)"
)
_THING = (
    r"(?:network|galaxy|firm|company|service|organisation|organization|group|agency|telescope|planet|asteroid"
    r"|ship|rocket"
    r"|mission|probe|fund|treaty|lake|river|town|village|programme|program|app|drug|vaccine|law|start-up|bank"
    r"|festival|film"
    r"|novel|movement|party|charity|virus|disease|satellite|fortress|museum|comedy|strip|lake|think tank"
    r"|website|platform)"
)
_SAYING = "said|says|told|asked|dijo|afirmó|aseguró|declaró"
_NO_PERSON = re.compile(
    r"\b(?:Bank|Group|House|County|Board|Organi[sz]ation|Union|Canal|University|Telescope|Helmets|Space|Post"
    r"|Party|Court"
    r"|Council|Committee|Agency|Department|Ministry|City|River|Lake|Island|Bridge|Street|Games|Cup|Movie|Service|Army"
    r"|Police|Partido|Banco|Gobierno|Congreso|Canal|Universidad|Real|Federación|Eléctrica|Nobel|News|Times|Company)\b"
    r"|^(?:Northern|Southern|South|North|East|West|New|United|Saudi|San|Santa|Los|Las|El|La|Great|Estados"
    r"|Puerto|Costa)\b"
)
_SURNAMES = (
    r"[A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’.-]*| (?:de|del|von|van|der|bin|al|da|la)(?= [A-ZÀ-Þa-z])){0,4} [A-ZÀ-Þ][\w'’-]+"
)


def people_in(text: str, language: str) -> dict[str, str]:
    """The people that a text shows to be such, and what it says of them after a comma; "" where it says nothing."""
    people: dict[str, str] = {}
    for found in re.finditer(rf"(?<!\bde )(?<!\b[Tt]he )({_SURNAMES})(?=,|\s|\.|\))", text):
        name, after, before = re.sub(rf"^{_TITLE_EN} ", "", found[1]), text[found.end() :], text[: found.start()]
        if " " not in name or _NO_PERSON.search(name):
            continue
        told = _told(after[:90], language)
        if told or _acts_as_person(found[1], name, before, after[:60], text):
            people[name] = people.get(name) or told
    return people


def _told(after: str, language: str) -> str:
    """What an apposition says of a person: "the chair of the board"."""
    apposition = re.match(r", ([^,.;]{5,80})[,.]", after)
    if not apposition or re.match(r"[A-Z]\w* [A-Z]|who |quien |that |que ", apposition[1]):
        return ""
    role = _ROLE_EN if language == "en" else _ROLE_ES
    found = re.match(rf"(?:[\w'’-]+ ){{0,4}}{role}\b", fold(apposition[1]))
    verbs = {*BASE, "was", "were", "is", "are", "said", "has", "had", "dijo", "fue", "era"}
    return "" if not found or verbs & set(found[0].split()) else apposition[1]


def _acts_as_person(typed: str, name: str, before: str, after: str, text: str) -> bool:
    """Whether the name speaks, has a title or an age, or goes by its surname alone elsewhere."""
    saying, role = _SAYING, f"{_ROLE_EN}|{_ROLE_ES}"
    speaks = re.search(rf"\b(?:{saying}) $", before) or re.match(rf" (?:{saying})\b", after)
    titled = typed != name or re.search(rf"\b(?:{role}) $", fold(before[-30:]))
    aged = re.match(r"(?:, \d\d,|, who\b|, quien\b)", after)
    first, _, last = (re.escape(part) for part in name.rpartition(" "))
    surname = re.search(rf"(?<![A-ZÀ-Þa-zà-þ] )(?<!\w)(?<!{first} ){last}\b(?! [A-Z])", text)
    return bool(speaks or titled or aged or surname)


def about_people(sentence: str, language: str, people: dict[str, str]) -> Iterator[Drafted]:
    """Who the people of a sentence are, how old, and what they say."""
    for name, told in people.items():
        if name not in sentence:
            continue
        if told and f"{name}, {told}" in sentence:
            yield (f"Who is {name}?" if language == "en" else f"¿Quién es {name}?"), "is", told
        if aged := re.search(rf"{re.escape(name)}, (\d\d),", sentence):
            yield (f"How old is {name}?" if language == "en" else f"¿Cuántos años tiene {name}?"), "number", aged[1]
        if language == "en" and _speaks(sentence, name, "said"):
            yield f"What did {name} say?", "said", ""
        if language == "es" and _speaks(sentence, name, "dijo|afirmó|aseguró"):
            yield f"¿Qué dijo {name}?", "said", ""


def about_things(sentence: str, text: str, people: dict[str, str]) -> Iterator[Drafted]:
    """Of "The Perryman Group, a research firm in Texas, estimated ...": what is the Perryman Group?"""
    for name in find_names(sentence):
        found = re.search(rf"(?<!, ){re.escape(name)}, (an? (?:[\w-]+ ){{0,4}}{_THING}\b[^,]*)[,.]", sentence)
        if found and len(name) > 3 and name not in people:
            article = "the " if re.search(rf"\b[Tt]he {re.escape(name)}\b", text) else ""
            yield f"What is {article}{name}?", "is", found[1]


def _speaks(sentence: str, name: str, verbs: str) -> bool:
    named = re.escape(name)
    before = rf"[”\"»,] (?:{verbs}) (?:(?:the )?[a-z' ]+ |{_TITLE_EN} )?{named}\b"
    after = rf"{named}(?:, [^,]+,)? (?:{verbs})\b"
    return bool(re.search(f"{before}|{after}", sentence))

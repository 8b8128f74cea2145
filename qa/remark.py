"""A remark ("and in Guatemala?") put into the last question, in the place of what is of its kind."""

from __future__ import annotations

import re
from datetime import date

from qa.language import fold, guess_language
from qa.names import find_names
from qa.window import read_window

AND = re.compile(
    r"^[\s¿¡]*(?:and what about|what about|how about|(?:and|but|so|also)\b|y qu[eé] hay de|qu[eé] hay de|y qu[eé] tal|"
    r"qu[eé] tal|y|e|pero)\b[\s,]*",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(in|on|at|for|from|with|during|since|by|to|en|de|del|para|con|durante|desde|por|a)\s+", re.I
)
_THING = re.compile(r"(?:the|el|la|los|las)(?: [a-z0-9à-ÿ]+){1,4}")
_ASKS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"
    r"|\b(?:por que|que|cual(?:es)?|quien(?:es)?|cuando|donde|como|cuant[oa]s?|es|fue|son|fueron|ha|han|hubo|hay)\b"
)
PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|his|hers|its|them|their|theirs|this|that|these|those|there|the (?:former|latter|same)"
    r"|el(?=\s*\?|\s*$)|ella|ellos|ellas|eso|esto|esos|esas|alli|ahi|alla)\b"
)
# Adjectives that name a place, by their stems in English and Spanish, and the place in each language.
_NATIONS = (
    (r"american|estadounidense", "United States", "Estados Unidos"),
    (r"argentine|argentinian|argentino", "Argentina", "Argentina"),
    (r"brazilian|brasilen", "Brazil", "Brasil"),
    (r"british|britanic", "Britain", "Gran Bretaña"),
    (r"canadian|canadiense", "Canada", "Canadá"),
    (r"chilean|chilen", "Chile", "Chile"),
    (r"chinese", "China", "China"),
    (r"colombian", "Colombia", "Colombia"),
    (r"cuban", "Cuba", "Cuba"),
    (r"ecuadorian|ecuatorian", "Ecuador", "Ecuador"),
    (r"french|franceses", "France", "Francia"),
    (r"german|aleman", "Germany", "Alemania"),
    (r"guatemalan|guatemaltec", "Guatemala", "Guatemala"),
    (r"honduran|honduren", "Honduras", "Honduras"),
    (r"indian", "India", "India"),
    (r"israeli", "Israel", "Israel"),
    (r"italian", "Italy", "Italia"),
    (r"japanese|japones", "Japan", "Japón"),
    (r"mexican", "Mexico", "México"),
    (r"peruvian|peruan", "Peru", "Perú"),
    (r"portuguese|portugues", "Portugal", "Portugal"),
    (r"russian|rus", "Russia", "Rusia"),
    (r"salvadoran|salvadoren", "El Salvador", "El Salvador"),
    (r"spanish|espanol", "Spain", "España"),
    (r"ukrainian|ucranian", "Ukraine", "Ucrania"),
    (r"venezuelan|venezolan", "Venezuela", "Venezuela"),
)


def read_remark(question: str) -> str:
    """The X of "and X?", "what about X?" or a bare "Guatemala?"; "" where the question asks something itself."""
    opening = AND.match(question)
    rest = question[opening.end() if opening else 0 :].strip(" \t\n?¿!.,")
    if not rest or len(rest.split()) > 6 or _ASKS.search(fold(rest)) or PRONOUN.search(fold(rest)):
        return ""
    if opening:
        return rest
    bare = question.rstrip().endswith("?") and len(rest.split()) <= 3
    return rest if bare and (find_names(f"to {rest}") or _PREPOSITION.match(rest)) else ""


def put_in_place(remark: str, subject: str) -> str:
    """The last question with the remark in the place of what is of its kind; after it where nothing is."""
    preposition = _PREPOSITION.match(remark)
    value = remark[preposition.end() :] if preposition else remark
    if preposition and preposition[1].lower() in ("in", "en") and (moved := _move(value, remark, subject)):
        return moved
    slot = (
        _date_slot(remark, subject)
        or _thing_slot(remark, subject)
        or _name_slot(value, preposition[1].lower() if preposition else "", subject)
    )
    if slot:
        start, end, text = slot
        return subject[:start] + text + subject[end:]
    return f"{subject.rstrip(' ?!.')}, {remark}?"


def _move(value: str, remark: str, subject: str) -> str:
    """The last question asked of another place, where an adjective named its place; else "".

    "Which Mexican states border Guatemala?" asked "in Guatemala" is about states that border Mexico.
    """
    if date_span(remark):
        return ""
    folded = fold(subject)
    for stems, english, spanish in _NATIONS:
        adjective = re.search(
            rf"\b(?:{stems})(?:o|a|e|os|as|es)?\s+(?=[^\W\d])|\s+(?:{stems})(?:o|a|os|as|es)\b", folded
        )
        if not adjective or fold(value) == fold(english):
            continue
        nation = spanish if guess_language(subject) == "es" else english
        start, end = adjective.span()
        rest = f"{subject[:start]}{' ' if adjective[0][0] == ' ' else ''}{subject[end:].lstrip()}"
        there = re.search(rf"\b{re.escape(fold(value))}\b", fold(rest))
        if there:
            rest = f"{rest[: there.start()]}{nation}{rest[there.end() :]}"
        return f"{rest.rstrip(' ?!.')}, {remark}?"
    return ""


def _date_slot(remark: str, subject: str) -> tuple[int, int, str] | None:
    """Where the last question names its time, if the remark is a time."""
    year = re.fullmatch(r"(?:\w+ )?((?:1[89]|20)\d\d)", remark)
    if not year and not date_span(remark) and not date_span(f"in {remark}"):
        return None
    asked = date_span(subject)
    named = re.search(r"\b(?:1[89]|20)\d\d\b", subject)
    if year and named:
        # Only the year changes: "the World Cup in 2018", "the 2018 World Cup", "in June 2018".
        return (*named.span(), year[1])
    if not asked:
        return None
    bare = not _PREPOSITION.match(remark) and not date_span(remark)
    return asked[0], asked[1], f"in {remark}" if bare else remark


def _thing_slot(remark: str, subject: str) -> tuple[int, int, str] | None:
    """Where the last question ends in a thing that the remark replaces: "Who opened the pier?", "And the bridge?"."""
    asked = re.search(rf"(?P<before>[^\W\d]+) (?P<thing>{_THING.pattern})\s*\?*\s*$", subject)
    if not asked or not _THING.fullmatch(remark) or _PREPOSITION.match(asked["before"] + " "):
        return None
    return (*asked.span("thing"), remark)


def date_span(text: str) -> tuple[int, int] | None:
    """Where a date phrase stands, with its preposition."""
    window = read_window(text, date.today())
    return (window.start, window.end) if window else None


def _name_slot(value: str, preposition: str, subject: str) -> tuple[int, int, str] | None:
    """Where the last question has the name that the remark replaces.

    The last one after the same preposition, else after any, where the remark has one; else the last of all.
    """
    if fold(value) in fold(subject):
        return None
    if not find_names(f"to {value}") and not value.islower():
        return None
    spans = [(m.start(), m.end()) for name in find_names(subject) for m in re.finditer(re.escape(name), subject)]
    if value.islower() and not preposition and not subject.islower():
        return None  # "and the rivers?" is no name
    ranked = sorted(spans, key=lambda span: (_fit(subject[: span[0]], preposition), span[0]))
    if not ranked or (preposition and _fit(subject[: ranked[-1][0]], preposition) == 0):
        return None
    return (*ranked[-1], value)


def _fit(before: str, preposition: str) -> int:
    """2 after the same preposition, 1 after any, 0 after none; all alike where the remark has none."""
    if not preposition:
        return 0
    found = re.search(r"\b(\w+)\s+(?:(?:the|el|la|los|las)\s+)?$", before.lower())
    if not found:
        return 0
    return 2 if found[1] == preposition else int(bool(_PREPOSITION.match(found[1] + " ")))

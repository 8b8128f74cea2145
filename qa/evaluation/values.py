"""Numbers and dates compared as what they mean: "1.2 million" is 1,200,000, "June 3, 2024" is 2024-06-03."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa.dates import MONTHS
from qa.language import STOP_WORDS, fold

ORDINAL = "ordinal"  # the unit of "third" and "3rd"

_SMALL = (
    {
        word: number
        for words, first in (
            ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen", 0),
            ("sixteen seventeen eighteen nineteen", 16),
            ("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince", 0),
            ("dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro", 16),
            ("veinticinco veintiseis veintisiete veintiocho veintinueve", 25),
        )
        for number, word in enumerate(words.split(), first)
    }
    | {
        word: 10 * tens
        for words in (
            "twenty thirty forty fifty sixty seventy eighty ninety",
            "_ treinta cuarenta cincuenta sesenta setenta ochenta noventa",
        )
        for tens, word in enumerate(words.split(), 2)
        if word != "_"
    }
    | {
        "dozen": 12,
        "docena": 12,
        "cien": 100,
        "ciento": 100,
        "doscientos": 200,
        "trescientos": 300,
        "cuatrocientos": 400,
        "quinientos": 500,
        "seiscientos": 600,
        "setecientos": 700,
        "ochocientos": 800,
        "novecientos": 900,
    }
)
_ORDINALS = {
    word: number
    for words in (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
        "primero segundo tercero cuarto quinto sexto septimo octavo noveno decimo",
        "primera segunda tercera cuarta quinta sexta septima octava novena decima",
        "primer _ tercer",
    )
    for number, word in enumerate(words.split(), 1)
    if word != "_"
}
_SCALES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "mn": 1e6,
    "bn": 1e9,
    "tn": 1e12,
    "mil": 1e3,
    "millon": 1e6,
    "millones": 1e6,
}
_SCALES_BY_LANGUAGE = {"es": {"billon": 1e12, "billones": 1e12}, "en": {}}
_SCALES_OF_MONEY = {"m": 1e6, "b": 1e9, "t": 1e12}  # "$5m"; elsewhere "5m" is five metres
_UNITS = {
    word: words.split()[0]
    for words in (
        "percent %",
        "dollar $ dollars dolar dolares usd",
        "euro € euros eur",
        "pound £ pounds libra libras gbp lb lbs",
        "yen ¥",
        "peso pesos",
        "metre metres meter meters metro metros m",
        "kilometre kilometres kilometer kilometers kilometro kilometros km kms",
        "centimetre centimetres centimeter centimeters centimetro centimetros cm",
        "mile miles milla millas mi",
        "foot feet ft pie pies",
        "inch inches pulgada pulgadas",
        "kilogram kilograms kilogramo kilogramos kilo kilos kg",
        "ton tons tonne tonnes tonelada toneladas",
        "second seconds segundos",
        "minute minutes minuto minutos min mins",
        "hour hours hora horas hrs",
        "day days dia dias",
        "week weeks semana semanas",
        "month months mes meses",
        "year years ano anos yr yrs",
        "decade decades decada decadas",
        "century centuries siglo siglos",
        "degree degrees grado grados °",
    )
    for word in words.split()
}
_MONTHS = {name: number for name, number in MONTHS.items() if name != "set"}  # "set 3" is no day in September
_SAYS_NOTHING = STOP_WORDS | set(  # beside a number or a date
    """about around approximately roughly nearly almost over under more less than least exactly up close only total
    aged old long high tall wide deep away ago later earlier each every per us
    aproximadamente alrededor unos unas cerca casi mas menos al menos total largo alto edad
    monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo
    """.split()  # noqa: SIM905
)
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?<![\d.,])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|º)?(?!\d|[.,]\d)"
_YEAR = r"[12]\d{3}(?!\d)"
_DATE = re.compile(
    rf"(?<!\d)(?P<y0>{_YEAR})[-/](?P<n0>0[1-9]|1[0-2])[-/](?P<d0>0[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?P<d1>{_DAY})(?: of| de)? (?P<m1>{_MONTH})(?:,? (?:de |del )?(?P<y1>{_YEAR}))?"
    rf"|\b(?P<m2>{_MONTH}) (?P<d2>{_DAY})(?:,? (?P<y2>{_YEAR}))?"
    rf"|\b(?P<m3>{_MONTH})(?:,| of| de| del)? (?P<y3>{_YEAR})"
)
_DIGITS = r"\d{1,3}(?:[,.'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?"
_TOKEN = re.compile(rf"(?<![^\W\d_][-–])(?<!\w)(?P<sign>(?<!\S)[-−])?(?P<digits>{_DIGITS})|[^\W\d_]+|[%$€£¥°\-–]|\w+")
_JOINERS = {"and", "to", "or", "y", "a", "o", "-", "–"}


@dataclass(frozen=True, slots=True)
class Value:
    """A number with its unit, or a date.

    numbers: every reading of it: "1.200" in Spanish is 1200, or 1.2. Empty for a date.
    day: (year, month, day) of a date, None where it does not say; None for a number.
    """

    numbers: tuple[float, ...] = ()
    unit: str = ""
    day: tuple[int | None, int, int | None] | None = None


def same_value(text: str, answer: str, language: str = "en") -> bool | None:
    """Whether a text gives the number or the date that the answer is; None where the answer is neither.

    All numbers of the answer must be there, in its unit, and so must the words around them ("1,200 passengers"),
    unless the text is nothing but the number. A date must be at least as precise as the answer's.
    """
    wanted, words = _read(answer, language)
    if not wanted or len(words) > 2 or any(word[:1].isupper() for word in words):
        return None  # "Ariane 5" names a thing, and is no value
    said, others = _read(text, language)
    bare = not others
    present = {_stem(word) for word in others}
    if not bare and not all(_stem(word) in present for word in words):
        return False
    return all(any(_agree(value, other, bare, bool(words)) for other in said) for value in wanted)


def values(text: str, language: str = "en") -> tuple[Value, ...]:
    """The numbers and dates of a text, dates first."""
    return _read(text, language)[0]


def _agree(wanted: Value, said: Value, bare: bool, named: bool) -> bool:
    if wanted.day and said.day:
        return all(part is None or part == other for part, other in zip(wanted.day, said.day, strict=True))
    if wanted.day or (said.day and wanted.unit):
        return False
    numbers = said.numbers or ((float(said.day[0]),) if said.day and said.day[0] else ())
    if not any(math.isclose(a, b, rel_tol=1e-14) for a in wanted.numbers for b in numbers):
        return False
    if wanted.unit == said.unit:
        return True
    if ORDINAL in (wanted.unit, said.unit):
        return False
    return bare if not said.unit else not wanted.unit and not named


@lru_cache(maxsize=256)
def _read(text: str, language: str) -> tuple[tuple[Value, ...], tuple[str, ...]]:
    """The values of a text, and the words beside them that say something, as they are typed."""
    plain = fold(text)
    dates = [_date(match) for match in _DATE.finditer(plain)]
    spread = _DATE.sub(lambda match: " " * len(match[0]), plain)
    spread = re.sub(r"\bper cent\b|\bpor ciento\b", lambda match: "percent".ljust(len(match[0])), spread)
    tokens = list(_TOKEN.finditer(spread))
    numbers, used = _numbers(tokens, language)
    words = (
        text[token.start() : token.end()]
        for i, token in enumerate(tokens)
        if i not in used and token[0].isalpha() and len(token[0]) > 1 and token[0] not in _SAYS_NOTHING
    )
    return (*dates, *numbers), tuple(words)


def _date(match: re.Match[str]) -> Value:
    parts = {name: text for name, text in match.groupdict().items() if text}
    form = next(iter(parts))[1]
    month = parts.get(f"m{form}")
    day = parts.get(f"d{form}")
    year = parts.get(f"y{form}")
    return Value(
        day=(
            int(year) if year else None,
            _MONTHS[month.rstrip(".")] if month else int(parts[f"n{form}"]),
            int(re.sub(r"\D", "", day)) if day else None,
        )
    )


def _numbers(tokens: Sequence[re.Match[str]], language: str) -> tuple[list[Value], set[int]]:
    """The numbers among the tokens, and the places of everything that belongs to them."""
    found: list[tuple[Value, int, int]] = []
    used: set[int] = set()
    i = 0
    while i < len(tokens):
        readings, end = _number(tokens, i, language)
        if not readings:
            i += 1
            continue
        unit, start, end = _unit(tokens, i, end)
        found.append((Value(readings, unit), start, end))
        used.update(range(start, end))
        i = end
    return _with_shared_units(found, tokens), used


def _number(tokens: Sequence[re.Match[str]], start: int, language: str) -> tuple[tuple[float, ...], int]:
    """The readings of the number that starts at a token, and where it ends; none where no number starts there."""
    token = tokens[start]
    if token["digits"]:
        readings = _readings(token["digits"], language)
        if token["sign"]:
            readings = tuple(-number for number in readings)
        money = start > 0 and tokens[start - 1][0] in "$€£¥"
        totals = [_spelled(tokens, start + 1, number, language, money) for number in readings]
        return tuple(total for total, _ in totals), totals[0][1]
    if token[0] in _ORDINALS:
        return (float(_ORDINALS[token[0]]),), start + 1
    if _is_pronoun(tokens, start):
        return (), start
    total, end = _spelled(tokens, start, None, language, False)
    return ((total,), end) if end > start else ((), start)


def _readings(digits: str, language: str) -> tuple[float, ...]:
    """What digits can mean: English groups thousands with commas; Spanish with points, in places with commas."""
    digits = re.sub(r"['’\u00a0\u202f]", "", digits)
    english = _grouped(digits, ",", ".")
    if language != "es" or english == _grouped(digits, ".", ","):
        return (english,)
    return (_grouped(digits, ".", ","), english)


def _grouped(digits: str, thousands: str, decimal: str) -> float:
    if re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?", digits):
        return float(digits.replace(thousands, "").replace(decimal, "."))
    whole, _, fraction = digits.replace(thousands, decimal).rpartition(decimal)
    return float(f"{whole.replace(decimal, '')}.{fraction}") if whole else float(fraction)


def _is_pronoun(tokens: Sequence[re.Match[str]], i: int) -> bool:
    """Whether "one" stands for something else than 1: "no one", "one of them"."""
    before = tokens[i - 1][0] if i else ""
    after = tokens[i + 1][0] if i + 1 < len(tokens) else ""
    return tokens[i][0] in ("one", "uno") and (
        before in {"no", "any", "every", "some", "this", "that", "the", "each", "another", "which", "cada", "ninguno"}
        or after in {"of", "another", "de", "by", "who", "that"}
    )


def _spelled(
    tokens: Sequence[re.Match[str]], start: int, given: float | None, language: str, money: bool
) -> tuple[float, int]:
    """The number that words spell from a token on, or that they make of the digits before them, and where it ends."""
    scales = _SCALES | _SCALES_BY_LANGUAGE.get(language, {}) | (_SCALES_OF_MONEY if money else {})
    total, current, i = 0.0, given, start
    while i < len(tokens):
        word = tokens[i][0]
        if current is not None and word in ("and", "y", "-") and _adds(tokens, i + 1, current, total):
            i += 1
            word = tokens[i][0]
        if word == "hundred" and (current is None or current < 100):
            current = 100 * (1 if current is None else current)
        elif word in scales:
            if current is None and total:
                total *= scales[word]
            elif current is None and word in ("millones", "billones", "k", "mn", "bn", "tn"):
                break
            else:
                total += (1 if current is None else current) * scales[word]
            current = None
        elif word in _SMALL and (given is None or total) and _fits(_SMALL[word], current):
            current = (current or 0) + _SMALL[word]
        else:
            break
        i += 1
    return total + (current or 0), i


def _adds(tokens: Sequence[re.Match[str]], i: int, current: float, total: float) -> bool:
    return i < len(tokens) and tokens[i][0] in _SMALL and _fits(_SMALL[tokens[i][0]], current)


def _fits(number: float, current: float | None) -> bool:
    """Whether a number word goes on with the number so far: "hundred" and "five", "twenty" and "one"."""
    if current is None:
        return True
    if current == 0:
        return False
    return (current % 100 == 0 and number < 100) or (current % 10 == 0 and current % 100 >= 20 and number < 10)


def _unit(tokens: Sequence[re.Match[str]], start: int, end: int) -> tuple[str, int, int]:
    """The unit around a number, and where number and unit start and end."""
    if tokens[end - 1][0] in _ORDINALS and not tokens[start]["digits"]:
        return ORDINAL, start, end
    after = end + 1 if end < len(tokens) and tokens[end][0] in "-–" else end
    following = tokens[after][0] if after < len(tokens) else ""
    if following in ("st", "nd", "rd", "th") and tokens[after].start() == tokens[end - 1].end():
        return ORDINAL, start, after + 1
    if following in _UNITS:
        return _UNITS[following], start, after + 1
    if start and tokens[start - 1][0] in "$€£¥":
        return _UNITS[tokens[start - 1][0]], start - 1, end
    return "", start, end


def _with_shared_units(found: Iterable[tuple[Value, int, int]], tokens: Sequence[re.Match[str]]) -> list[Value]:
    """The values; in "between 10 and 12 days" the first takes the unit of the second."""
    shared: list[Value] = []
    next_unit, next_start = "", -1
    for value, start, end in reversed(list(found)):
        if not value.unit and next_unit != ORDINAL and next_start - end == 1 and tokens[end][0] in _JOINERS:
            value = Value(value.numbers, next_unit)
        shared.append(value)
        next_unit, next_start = value.unit, start
    return shared[::-1]


def _stem(word: str) -> str:
    return fold(word).removesuffix("s")

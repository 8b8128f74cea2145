"""Widens a span that the network points at to what a person would quote: whole words, names, amounts, lists."""

from __future__ import annotations

import re

from qa.language import STOP_WORDS, fold

_CAPITAL = r"(?:(?:[A-ZÀ-ÖØ-Þ]\.)+|[JS]r\.|[A-ZÀ-ÖØ-Þ][\w'’-]*)"
_UNIT = (
    r"%|percent\b|per cent\b|por ciento\b|hundred\b|thousand\b|[mbtr]+illion\b|mil(?:lones|lón)?\b|"
    r"(?:square |cubic )?(?:miles?|kilometers?|kilometres?|km|meters?|metres?|feet|foot|inch(?:es)?|tons?|tonnes?|"
    r"pounds?|kilograms?|kg|gallons?|liters?|litres?|barrels?|acres?|hectares?|degrees?|mph|km/h|megawatts?|"
    r"gigawatts?|dollars?|euros?|pesos?|yen|years?|months?|weeks?|days?|hours?|minutes?|seconds?|points?|"
    r"millas|kilómetros|metros|toneladas|años|meses|semanas|días|horas|minutos|grados|dólares|puntos)\b"
)
_UNITS_AFTER = re.compile(rf"(?: (?:{_UNIT}))+|%", re.IGNORECASE)
_CURRENCY_BEFORE = re.compile(r"(?:US|C|A|NZ|HK)?[$£€¥₹]\s?\Z")
_NUMBER_AT_END = re.compile(
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half a|"
    r"(?:[mbtr]+illion|thousand|hundred|mil|millones))\Z",
    re.IGNORECASE,
)
_NAME = re.compile(rf"{_CAPITAL}(?:[ -]{_CAPITAL})*\Z")
_NAME_BEFORE = re.compile(rf"(?<![\w.])((?:{_CAPITAL}[ -])+)\Z")
_NAME_AFTER = re.compile(rf"(?:[ -]{_CAPITAL})+")
_TITLES = frozenset(
    """the a an president minister senator governor mayor judge justice king queen pope coach general secretary sir
    mr mrs ms dr prof rep sen gov lt former actor singer director chancellor ceo in on at el la los las un una
    presidente presidenta ministro ministra senador gobernador alcalde rey papa when while after before as but and
    however according""".split()
)
_ITEM = rf"(?:the |la |el |los |las )?{_CAPITAL}(?:(?: (?:of|de|del|la|the|and the))* {_CAPITAL}){{0,4}}"
_COMMA = r"(?:,? (?:and|y|e|or|&) |, )"
_LIST = re.compile(rf"{_ITEM}(?:{_COMMA}{_ITEM})+")


def snap(text: str, start: int, end: int, *, listing: bool = False) -> tuple[int, int]:
    """The span widened to whole words, then to a whole amount, name or, if `listing`, enumeration of names."""
    start, end = _whole_words(text, start, end)
    if listing and (found := _list_around(text, start, end)):
        return found
    start, end = _whole_amount(text, start, end)
    return _trimmed(text, *_whole_name(text, start, end))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _whole_amount(text: str, start: int, end: int) -> tuple[int, int]:
    if text[start].isdigit():
        if currency := _CURRENCY_BEFORE.search(text, max(0, start - 4), start):
            start = currency.start()
        while start > 1 and text[start - 1] in ".," and text[start - 2].isdigit():
            start -= 2
            while start > 0 and text[start - 1].isdigit():
                start -= 1
    if number := re.compile(r"[.,]\d+").match(text, end):
        end = number.end() if text[end - 1].isdigit() else end
    if _NUMBER_AT_END.search(text, start, end) and (units := _UNITS_AFTER.match(text, end)):
        end = units.end()
    return start, end


def _whole_name(text: str, start: int, end: int) -> tuple[int, int]:
    if not _NAME.fullmatch(text, start, end):
        return start, end
    if before := _NAME_BEFORE.search(text, max(0, start - 60), start):
        words = re.findall(r"\S+?(?:[ -]|$)", before[1])
        titled = [place for place, word in enumerate(words, 1) if word.strip(" -.").lower() in _TITLES]
        words = words[max(titled, default=0) :]
        if words and fold(words[0].strip()) in STOP_WORDS:
            words = words[1:]
        if len(words) <= 2:
            start -= len("".join(words))
    if (after := _NAME_AFTER.match(text, end)) and len(after[0].split()) <= 2:
        end = after.end()
    return start, end


def _list_around(text: str, start: int, end: int) -> tuple[int, int] | None:
    for found in _LIST.finditer(text, max(0, start - 300), min(len(text), end + 300)):
        if found.start() <= start and end <= found.end():
            return found.span()
    return None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without space, commas and the like at either end; a bracket or quotation mark stays with its other half."""
    while start < end and (text[start].isspace() or text[start] in ",;:.-–—" or _lonely(text[start], text[start:end])):
        start += 1
    while end > start and (
        text[end - 1].isspace() or text[end - 1] in ",;:-–—" or _lonely(text[end - 1], text[start:end])
    ):
        end -= 1
    if (
        end > start
        and text[end - 1] == "."
        and not re.search(r"\b(?:\w\.)+\w?\.\Z|\b(?:Jr|Sr|Inc|Co|St)\.\Z", text[start:end])
    ):
        end -= 1
    return start, end


def _lonely(mark: str, span: str) -> bool:
    pairs = {"(": ")", "[": "]", "“": "”", "«": "»", ")": "(", "]": "[", "”": "“", "»": "«"}
    if mark in pairs:
        return pairs[mark] not in span
    return mark in "\"'’‘" and span.count(mark) % 2 == 1

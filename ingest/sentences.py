"""Finds the sentences of a text, as character offsets.

The splitter is sentencex, picked by measurement among three, on 1 MB of English news and some sixty hard
sentences (titles, initials, decimals, datelines, quotes, Spanish abbreviations), one core:

| splitter         | MB/s | what it got wrong                                                                  |
|------------------|------|------------------------------------------------------------------------------------|
| sentencex 1.0.32 | 67   | "Chis. (apro).- The", "3 p.m. Monday", "Ms. Grisham"; see below                    |
| syntok 1.4.4     | 1.1  | "Chis. (apro)", "Lt. Gov. Dan", "la Dra. Ruiz", "EE. UU.", "pág. 3", "núm. 7"      |
| pysbd 0.3.4      | 0.2  | "Chis. (apro).- The", "3 p.m. Monday"; gives strings, not offsets                  |

On any input sentencex has two more faults: it panics on some spaces of more than one byte, and its time grows with
the square of a paragraph full of opening quotes. So odd characters are replaced by plain ones of the same length
before it looks, long paragraphs are shown to it a window at a time, and a piece that cannot end a sentence is joined
to the next. All of that together splits 9.7 MB/s, and 1 MB of the worst garbage found in 2.2 seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WINDOW = 4_000  # characters shown to the splitter at once; its worst case is quadratic, 8 ms for this many
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_ODD = re.compile(r"[^\S \n]|[\ud800-\udfff]")  # spaces that are not plain ones, and halves of broken surrogate pairs
_BULLET_LINE = re.compile(r"\n[^\S\n]*(?=[•▪●◦‣*–—-]\s|\d{1,2}[.)]\s)")

# A place in capitals, then perhaps a short region: "TUXTLA GUTIÉRREZ, Chis." is the start of a sentence, not one.
_DATELINE = re.compile(r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ .'’-]{2,40},\s[A-Z][\w ]{0,8}\.(?:\s\(\w{1,12}\)\.?)?\s*")
_TITLE_END = re.compile(r"\b(?:Ms|Mx|Profa|Mtr[oa]|Dña|Dª|Licda|Arqta?)\.\s*\Z")
_NAME_END = re.compile(r"\b(?:[A-MO-Z]\.\s?J|J\.\s?[A-Z])\.\s*\Z")  # J.D. Vance, C.J. Stroud; never a place but N.J.
_CLOCK_END = re.compile(r"\b[ap]\.\s?m\.\s*\Z", re.IGNORECASE)
_CLOCK_NEXT = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z.]*\s\d"
    r"|(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|IST|JST|AEST|Eastern|Central|Pacific|Mountain|local)\b|[(,;:–—-]"
)


def sentence_spans(text: str, language: str = "en") -> list[tuple[int, int]]:
    """The sentences of a text as (start, end) offsets, end exclusive.

    In order, never overlapping, without space at either end; together they hold every character that is not
    a space. A sentence never crosses a blank line. An unknown language is split like English.
    """
    spans = []
    for start, end in _paragraphs(text):
        plain = _ODD.sub(" ", text[start:end])
        for left, right in _joined(plain, _pieces(plain, language or "en")):
            sentence = text[start + left : start + right]
            first = start + left + len(sentence) - len(sentence.lstrip())
            last = start + left + len(sentence.rstrip())
            if first < last:
                spans.append((first, last))
    return spans


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Spans between blank lines; a line that opens with a bullet or number stands alone too."""
    start = 0
    for blank in _BLANK_LINE.finditer(text):
        yield from _list_items(text, start, blank.start())
        start = blank.end()
    yield from _list_items(text, start, len(text))


def _list_items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for bullet in _BULLET_LINE.finditer(text, start, end):
        yield start, bullet.start()
        start = bullet.start()
    yield start, end


def _pieces(paragraph: str, language: str) -> Iterator[tuple[int, int]]:
    """The splitter's own sentences, one after the other without a gap."""
    from sentencex import get_sentence_boundaries

    start = 0
    while start < len(paragraph):
        window = paragraph[start : start + _WINDOW]
        ends = [boundary["end_index"] for boundary in get_sentence_boundaries(language, window)]
        last_window = start + len(window) == len(paragraph)
        if not last_window and len(ends) > 1:
            ends.pop()  # cut off by the window: looked at again in the next one
        elif not ends or last_window:
            ends = [*ends[:-1], len(window)]
        left = 0
        for right in ends:
            yield start + left, start + right
            left = right
        start += left


def _joined(paragraph: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pieces with those joined to the next that cannot end a sentence."""
    start = end = 0
    for left, right in pieces:
        if end and not _continues(paragraph[max(start, end - 90) : end], paragraph[left : left + 20]):
            yield start, end
            start = left
        end = right
    if end:
        yield start, end


def _continues(before: str, after: str) -> bool:
    """True where the sentence that ends in `before` goes on in `after`."""
    opening = after.lstrip()
    if not before[-1:].isspace() and opening[:1] in "-–—":
        return True
    if _CLOCK_END.search(before) and _CLOCK_NEXT.match(opening):
        return True
    if _TITLE_END.search(before) or _NAME_END.search(before):
        return True
    if before.rstrip().endswith(".") and opening[:1].islower() and not before.rstrip().endswith(".."):
        return True
    return _DATELINE.fullmatch(before) is not None

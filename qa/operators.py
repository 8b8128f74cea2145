"""The operators of a question: "phrase", +must, -not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# A sign counts only at the start of a word: "COVID-19", "2-1" and "Biden - Trump" hold none.
_OPERATOR = re.compile(r"""(?:(?<!\S)([+-]))?["“«]([^"“”«»]*)["”»]|(?<!\S)([+-])([^\W\d_][^\s"“”«»?!,;]*)""")
_QUOTE_MARKS = re.compile(r'["“”«»]')
_MASK = "\ue000{}\ue001"


@dataclass(frozen=True, slots=True)
class Operators:
    """The operators of a question; masked has each quoted phrase as a number between two private characters."""

    masked: str
    quoted: tuple[str, ...]
    phrases: tuple[str, ...]
    required: tuple[str, ...]
    excluded: tuple[str, ...]

    def unmask(self, text: str) -> str:
        """The text with its quoted phrases in sight again."""
        return re.sub("\ue000(\\d+)\ue001", lambda match: self.quoted[int(match[1])], text)


def read_operators(typed: str) -> Operators:
    """The operators of a question as typed."""
    text = re.sub("[\ue000\ue001\x00]", " ", unicodedata.normalize("NFC", typed))
    quoted: list[str] = []
    phrases: dict[str, None] = {}
    required: dict[str, None] = {}
    excluded: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        sign, phrase, word_sign, word = match.groups()
        content = tidy(phrase or "") if word is None else word.rstrip(".:")
        if (sign or word_sign) == "-":
            if content:
                excluded[content] = None
            return " "
        if word is not None:
            required[content] = None
            return content
        if not content:
            return " "
        phrases[content] = None
        quoted.append(content)
        return _MASK.format(len(quoted) - 1)

    masked = _QUOTE_MARKS.sub(" ", _OPERATOR.sub(replace, text))
    return Operators(masked, tuple(quoted), tuple(phrases), tuple(required), tuple(excluded))


def tidy(text: str) -> str:
    """Single spaces, and none of the punctuation that a part taken out leaves behind."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([?.,;:!])", r"\1", text)
    text = re.sub(r"[,;:]+([?.!])", r"\1", text)
    return re.sub(r"^([¿¡]?)[\s,;:.!?]+", r"\1", text).strip()

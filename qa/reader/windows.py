"""A question and a passage as the reader sees them: windows of tokens, [CLS] question [SEP] title [SEP] text [SEP].

A text longer than a window is read in several, each beginning where half of the one before is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

QUESTION_TOKENS = 48
TITLE_TOKENS = 24
CLS, SEP = 101, 102  # of BERT's uncased vocabulary


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens to read at once.

    ids: all of them.
    question: how many of them, from the first, are the question's: of type 0, the others of type 1.
    opening: how many come before the text's own.
    offsets: for each token of the text, its characters in the text, as (start, end).
    """

    ids: list[int]
    question: int
    opening: int
    offsets: list[tuple[int, int]]


class Windows:
    """Cuts questions and texts into windows of at most so many tokens."""

    def __init__(self, tokenizer: Tokenizer, *, tokens: int) -> None:
        self._tokenizer = tokenizer
        self._tokens = tokens

    def of(self, question: str, title: str, text: str) -> Iterator[Window]:
        """The windows of one text, in order; none where it holds no token."""
        asked = [CLS, *self._ids(question, QUESTION_TOKENS), SEP]
        opening = [*asked, *self._ids(title, TITLE_TOKENS), SEP] if title else asked
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        ids, offsets = encoding.ids, encoding.offsets
        room = self._tokens - len(opening) - 1
        start = 0
        while start < len(ids):
            end = min(start + room, len(ids))
            yield Window([*opening, *ids[start:end], SEP], len(asked), len(opening), offsets[start:end])
            if end == len(ids):
                return
            start += room // 2

    def _ids(self, text: str, most: int) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids[:most]

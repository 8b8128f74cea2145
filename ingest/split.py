"""One article's text into passages: whole sentences, as many as the embedding model reads at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Span = tuple[int, int]

OVERLAP_TOKENS = 40  # a closing sentence up to this long also opens the next passage


def split(text: str, tokenizer: Tokenizer, *, size: int, language: str = "en") -> list[Span]:
    """Character spans of the passages of a text, in order.

    A passage holds whole sentences, at most `size` tokens of them, and breaks between paragraphs where that leaves
    it at least half full; a sentence longer than `size` is cut between words. Together the passages hold every
    character that is not white space.

    Args:
        text: the article's text.
        tokenizer: the embedding model's, without truncation.
        size: tokens of a passage, special tokens not counted; at least 1.
        language: ISO 639-1 code, for telling sentences apart.
    """
    sentences = sentence_spans(text, language)
    encodings = tokenizer.encode_batch([text[start:end] for start, end in sentences], add_special_tokens=False)
    pieces: list[tuple[int, int, int]] = []
    for (start, end), encoding in zip(sentences, encodings, strict=True):
        count = len(encoding.ids)
        if count <= size:
            pieces.append((start, end, count))
        else:
            pieces.extend(_cut(text, start, end, encoding.offsets, size))
    return _pack(text, pieces, size)


def _pack(text: str, pieces: list[tuple[int, int, int]], size: int) -> list[Span]:
    spans: list[Span] = []
    held: list[tuple[int, int, int]] = []
    for piece in pieces:
        tokens = sum(count for *_, count in held)
        full = tokens + piece[2] > size
        closes = held and not full and tokens >= size * 0.75 and "\n\n" in text[held[-1][1] : piece[0]]
        if held and (full or closes):
            spans.append((held[0][0], held[-1][1]))
            last = held[-1]
            repeat = full and len(held) > 1 and last[2] <= OVERLAP_TOKENS and last[2] + piece[2] <= size
            held = [last] if repeat else []
        held.append(piece)
    if held:
        spans.append((held[0][0], held[-1][1]))
    return spans


def _cut(text: str, start: int, end: int, offsets: list[Span], size: int) -> list[tuple[int, int, int]]:
    """A sentence too long for one passage, in pieces that end before a word where there is one."""
    cuts, first = [start], 0
    while len(offsets) - first > size:
        stop = first + size
        while stop > first + size // 2 and not text[start + offsets[stop][0] - 1].isspace():
            stop -= 1
        if stop == first + size // 2:
            stop = first + size
        cuts.append(start + offsets[stop][0])
        first = stop
    pieces = []
    for left, right in pairwise([*cuts, end]):
        stripped = text[left:right].rstrip()
        if stripped:
            pieces.append((left, left + len(stripped), size))
    return pieces

"""Which part of a passage is read, where there is no time to read it whole."""

from __future__ import annotations

from ingest.sentences import sentence_spans
from qa.overlap import Overlap
from qa.records import ScoredPassage

Span = tuple[int, int]


def stretch(overlap: Overlap, scored: ScoredPassage, characters: int) -> Span:
    """The neighbouring sentences, of so many characters at most, that share most with the question.

    Offsets into the passage's text. Of stretches that share as much, the longest, as it gives the reader context; one
    sentence at least, however long it is.
    """
    text, language = scored.passage.text, scored.article.language or "en"
    if len(text) <= characters:
        return 0, len(text)
    sentences = sentence_spans(text, language)
    choice = [
        (start, end)
        for i, (start, _) in enumerate(sentences)
        for j, (_, end) in enumerate(sentences[i:], i)
        if end - start <= characters or i == j
    ]
    if not choice:
        return 0, len(text)
    return max(choice, key=lambda span: (overlap.covered(text[slice(*span)], language), span[1] - span[0]))

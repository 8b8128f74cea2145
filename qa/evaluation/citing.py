"""Whether citations back what is said, and whether they reach what the gold answer rests on.

What is said: citation recall and precision as ALCE defines them (Gao et al. 2023, arXiv 2305.14627), judged by rules
in place of its entailment model. Two tiers, never mixed:

φ0: the statement stands word for word in what it cites.
φ1: or all its numbers, dates and names stand there, and most of its content words.

An answerer that copies sentences is near 1 on both whatever it copies. So the headline is `attributed`: the answer is
right, and a citation reaches the gold evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.sentences import sentence_spans
from ingest.words import stems
from qa.evaluation.answers import contains
from qa.evaluation.evidence import holds, is_article, repeats, words
from qa.evaluation.records import Gold, Row
from qa.language import STOP_WORDS, content_words, fold

COVERED = 0.7  # of a statement's content words, that what it cites must hold at φ1
MOST_CITED = 3  # citations of one statement that count, as in ALCE
METRICS = {
    "verbatim": "citations verbatim in their article",
    "citation_recall": "statements backed by their citations (φ1)",
    "citation_precision": "citations needed for that (φ1)",
    "citation_recall:φ0": "statements word for word in their citations (φ0)",
    "citation_precision:φ0": "citations needed for that (φ0)",
    "gold_citation_precision": "citations that reach gold evidence",
    "gold_citation_recall": "gold evidence that is cited",
}
ATTRIBUTED = "attributed"

_MARK = re.compile(r"\s*\[(\d+(?:\s*[,;]\s*\d+)*)\]")
_MARK_AFTER_STOP = re.compile(r"([.!?…]['\"”’»)]*)((?:\s*\[\d+(?:\s*[,;]\s*\d+)*\])+)")
_NUMBER = re.compile(r"\d+(?:[.:]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))")
_CAPITAL = re.compile(r"\b[^\W\d_a-zß-öø-ÿ][\w'’]*")

Backs = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer without its marks, and the numbers of the citations that it names."""

    text: str
    cited: tuple[int, ...]


def citation_metrics(gold: Gold, row: Row) -> dict[str, float | None]:
    """Every citation metric of one question, in [0, 1]; None where it does not apply.

    A refusal cites nothing and is measured as a refusal; only `attributed` counts it, as 0, where it should have been
    an answer. An answer without citations is worth 0, and has no share of verbatim ones.
    """
    scores: dict[str, float | None] = dict.fromkeys((ATTRIBUTED, *METRICS))
    if row.error:
        return scores
    scores["verbatim"] = _mean([bool(c["verbatim"]) for c in row.citations if c.get("verbatim") is not None])
    if not row.abstained:
        said, evidence = statements(row, gold.language), _evidence(row)
        for tier, backs in (("", backs_by_content), (":φ0", backs_by_words)):
            recall, precision = alce(said, evidence, backs, gold.language)
            scores |= {f"citation_recall{tier}": recall, f"citation_precision{tier}": precision}
    if gold.answerable and (gold.supports or gold.answers):
        scores |= _gold_scores(gold, row)
    return scores


def statements(row: Row, language: str = "en") -> list[Statement]:
    """The sentences of an answer with what they cite.

    A sentence without a mark of its own belongs to the next one's citations where their quotes hold it: a quote may be
    of several sentences. Else it cites nothing.
    """
    quotes = {citation.get("number"): words(str(citation.get("quote") or "")) for citation in row.citations}
    text = _MARK_AFTER_STOP.sub(r"\2\1", row.text)
    found: list[Statement] = []
    following: tuple[int, ...] = ()
    loose: tuple[int, ...] = ()  # marks that stand by themselves after a sentence
    for start, end in reversed(sentence_spans(text, language)):
        sentence = text[start:end]
        plain = _MARK.sub("", sentence).strip()
        marks = tuple(dict.fromkeys((*_marks(sentence), *loose)))
        if not words(plain):
            loose = marks
            continue
        if not marks and any(words(plain) in quotes.get(number, "") for number in following):
            marks = following
        found.append(Statement(plain, marks))
        following, loose = marks, ()
    return found[::-1]


def alce(
    said: Sequence[Statement], evidence: Mapping[int, str], backs: Backs, language: str = "en"
) -> tuple[float, float]:
    """Citation recall and precision.

    Recall: the share of statements that their citations back together. Precision: the share of citations without
    which something would be missing: the statement is backed, and the citation does so alone or the others do not.
    Both are 0 where there is nothing to take the share of.

    Args:
        said: the statements.
        evidence: what each citation's number stands for; a number that is missing stands for nothing.
        backs: whether a text (first) backs a statement (second), in a language.
        language: of the answer.
    """
    backed, needed = [], []
    for statement in said:
        texts = [evidence.get(number, "") for number in statement.cited[:MOST_CITED]]
        is_backed = bool(texts) and backs("\n".join(texts), statement.text, language)
        backed.append(is_backed)
        for i, text in enumerate(texts):
            others = "\n".join(texts[:i] + texts[i + 1 :])
            is_needed = is_backed and (
                backs(text, statement.text, language) or not backs(others, statement.text, language)
            )
            needed.append(is_needed)
    return _mean(backed) or 0.0, _mean(needed) or 0.0


def backs_by_words(text: str, statement: str, language: str = "en") -> bool:
    """φ0: whether the statement stands in the text word for word; punctuation and case aside."""
    said = words(statement)
    return bool(said) and f" {said} " in f" {words(text)} "


def backs_by_content(text: str, statement: str, language: str = "en") -> bool:
    """φ1: whether it does, or the text has all its numbers, dates and names, and most of its content words.

    Names are words with a capital that mean something; the first word is taken for one.
    """
    if backs_by_words(text, statement, language):
        return True
    held = set(stems(text, language))
    wanted = set(stems(" ".join(content_words(statement)), language))
    named = set(stems(" ".join(word for word in _CAPITAL.findall(statement) if fold(word) not in STOP_WORDS), language))
    return (
        bool(wanted)
        and _numbers(statement) <= _numbers(text)
        and named <= held
        and len(wanted & held) >= COVERED * len(wanted)
    )


def _gold_scores(gold: Gold, row: Row) -> dict[str, float | None]:
    """How the citations stand to the gold evidence, and whether the answer is right because of it."""
    reach = [_reaches(gold, citation) for citation in row.citations]
    right = row.metrics.get("right")
    attributed = None if right is None else float(right >= 1 and not row.abstained and any(reach))
    if row.abstained:
        return {ATTRIBUTED: attributed}
    reached = [any(_is_support(citation, s.article, s.quote) for citation in row.citations) for s in gold.supports]
    return {
        ATTRIBUTED: attributed,
        "gold_citation_precision": _mean(reach) or 0.0,
        "gold_citation_recall": _mean(reached),
    }


def _reaches(gold: Gold, citation: Mapping[str, Any]) -> bool:
    """Whether a citation is of what the gold answer rests on; without that, whether its quote holds the answer."""
    if gold.supports:
        return any(_is_support(citation, support.article, support.quote) for support in gold.supports)
    quote = str(citation.get("quote") or "")
    parts = ([part for part in answer.split(";") if part.strip()] for answer in gold.answers)
    return any(split and all(contains(quote, part, gold.language) for part in split) for split in parts)


def _is_support(citation: Mapping[str, Any], article: str, quote: str) -> bool:
    return is_article(citation, article) or (bool(quote) and repeats(str(citation.get("quote") or ""), quote))


def _evidence(row: Row) -> dict[int, str]:
    """What each citation stands for: the passages that hold its quote, and the quote, under their headline and day."""
    found: dict[int, str] = {}
    for citation in row.citations:
        quote = str(citation.get("quote") or "")
        texts = [
            str(passage.get("text") or "")
            for passage in row.passages
            if passage.get("article_id") == citation.get("article_id") and holds(str(passage.get("text") or ""), quote)
        ]
        about = [str(citation.get("title") or ""), str(citation.get("source") or ""), _day(citation.get("published"))]
        found[int(citation["number"])] = "\n".join([*about, quote, *texts])
    return found


def _day(published: object) -> str:
    """A day of publication as news writes it, "" where there is none."""
    try:
        day = date.fromisoformat(str(published or "")[:10])
    except ValueError:
        return ""
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


def _marks(sentence: str) -> list[int]:
    return [int(number) for mark in _MARK.findall(sentence) for number in re.findall(r"\d+", mark)]


def _numbers(text: str) -> set[str]:
    """The numbers of a text without separators of thousands and leading zeros."""
    plain = _THOUSANDS.sub("", text)
    return {number.lstrip("0") or "0" for number in _NUMBER.findall(plain)}


def _mean(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None

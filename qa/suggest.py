"""Questions to offer: examples before the first one, and follow-ups after an answer; each has been tried.

The rules of qa/asking make them from articles; the reader then has to answer each, surely, out of the very sentence
that the question was made from. No LLM is asked, whoever answers the user.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from ingest.catalog import Entry, Mark
from ingest.errors import QuestionError
from ingest.filters import Filter
from ingest.library import Library
from ingest.records import Article
from ingest.words import stems
from qa.asking import LANGUAGES, Asked, questions_of
from qa.assistant import Assistant
from qa.language import content_words, fold, guess_language
from qa.names import find_names
from qa.records import Answer

if TYPE_CHECKING:
    from qa.reader.answerer import ReaderAnswerer

SURE = 0.35  # confidence that the answer must have
SURE_TOLD = 0.15  # the same where whole sentences are told, of which the reader is never as sure
NEWEST = 24  # articles that are looked at for examples
CITED = 3  # articles of an answer that are followed up
TRIES = 4  # questions tried for each that is wanted
ALIKE = 0.6  # share of common words from which two questions are the same
# How much a person would rather ask it; a question for the day answered by "Thursday" tells little.
_INTEREST = {"why": 0.25, "number": 0.2, "what": 0.15, "who": 0.15, "where": 0.15, "when": 0.1, "said": 0.1, "is": 0.0}

# "the agency": of which, only the article tells
_VAGUE = (
    r"\b(?:did|was|were|is|are|does|do|will) (?:the|an?) [a-z]|^¿\w+ (?:\w+ ){1,2}?(?:el|la|los|las) [a-zñ]"
    r"|^How many (?:\w+ ){1,3}(?:did|does|do) [a-z]"
)

_kept: WeakKeyDictionary[Library, dict[tuple[Mark, int, str], list[str]]] = WeakKeyDictionary()
_lock = threading.Lock()


def examples(library: Library, count: int = 3, language: str = "en") -> list[str]:
    """Questions that the library answers, from its newest stories and as many outlets as can be.

    In that language where the library has articles in it, else in another one; fewer, or none, where too few hold.
    They are kept until the library changes.

    Args:
        library: what the questions are for.
        count: questions wanted.
        language: of who will read them: "en" or "es".
    """
    key = (library.shelf.refresh(), count, language)
    with _lock:
        kept = _kept.get(library, {})
        if key not in kept:
            kept = {key: found for key, found in kept.items() if key[0] == library.shelf.refresh()}
            kept[key] = _examples(library, count, language)
            _kept[library] = kept
        return list(kept[key])


def follow_ups(
    assistant: Assistant,
    answer: Answer,
    history: Sequence[tuple[str, str]],
    *,
    count: int = 3,
    **where: Any,  # noqa: ANN401
) -> list[str]:
    """Questions that somebody who has read this answer may ask next, and that the library answers too; best first.

    Each is about an article that the answer cites, says something new, and is in the language of the question; fewer,
    or none, where too few hold.

    Args:
        assistant: whose library to ask.
        answer: what has just been answered.
        history: the (question, answer) turns before it, oldest first.
        count: questions wanted.
        where: the filters of the question, as Assistant.answer takes them.
    """
    turns = [*history, (answer.question, answer.text)]
    tried = _reading(assistant)
    found: list[tuple[float, Asked, Article]] = []
    for article, asked in _unasked(answer, turns)[: TRIES * count]:
        if any(_alike(asked, other) for _, other, _ in found):
            continue
        said = _tried(tried, article, asked, history=turns, **where)
        if said and not _same_answer(said, answer):
            found.append((said.confidence + _INTEREST[asked.kind], asked, article))
        if len(found) == 2 * count:
            break
    return _diverse([(value, asked) for value, asked, _ in found], count)


# -- examples


def _examples(library: Library, count: int, language: str) -> list[str]:
    assistant = _assistant(library)
    here = library.shelf.languages()
    for wanted in (language, *(other for other in LANGUAGES if other != language)):
        if wanted in here and (found := _from_newest(assistant, count, wanted)):
            return found
    return []


def _from_newest(assistant: Assistant, count: int, language: str) -> list[str]:
    """One question a story: the outlets take turns, the newest story of each first."""
    found: list[str] = []
    tries = TRIES * count
    for article in _by_turns(_newest(assistant.library, language)):
        drafts = [asked for asked in questions_of(article) if _stands_alone(asked)]
        for asked in sorted(drafts, key=lambda asked: -_on_topic(asked, article, language))[:2]:
            if len(found) == count or not tries:
                return found
            tries -= 1
            if _tried(assistant, article, asked):
                found.append(asked.question)
                break
    return found


def _newest(library: Library, language: str) -> list[Article]:
    """The newest articles in that language, one a story."""
    upto = library.shelf.refresh().added
    keys = np.flatnonzero(library.shelf.admitted(Filter(language=language), upto))
    _, first = np.unique(library.shelf.places(keys), return_index=True)
    keys = keys[first]
    newest = keys[np.argsort(-library.shelf.days(keys), kind="stable")][: 2 * NEWEST]
    entries: dict[str, Entry] = {}
    for key in newest:
        entry = library.catalog.entry_of(int(key))
        if entry and len(entries) < NEWEST:
            entries.setdefault(entry.story, entry)
    return [entry.article for entry in entries.values()]


def _by_turns(articles: Sequence[Article]) -> Iterator[Article]:
    """The first of each outlet, then the second of each..."""
    places: dict[str, int] = {}
    turns = []
    for article in articles:
        places[article.source] = places.get(article.source, -1) + 1
        turns.append(places[article.source])
    yield from (article for _, article in sorted(zip(turns, articles, strict=True), key=lambda pair: pair[0]))


def _stands_alone(asked: Asked) -> bool:
    """Whether the question says by itself what it is about."""
    named = find_names(asked.question)
    vague = re.search(_VAGUE, asked.question)
    return asked.kind not in ("said", "is") and bool(named) and not vague and len(content_words(asked.question)) >= 3


def _on_topic(asked: Asked, article: Article, language: str) -> float:
    """How much of the question stands in the headline: the main matter needs least told before."""
    words = stems(asked.question, language)
    shared = len(set(words) & set(stems(article.title, language)))
    return _INTEREST[asked.kind] + shared / max(len(words), 1)


# -- follow-ups


def _unasked(answer: Answer, turns: Sequence[tuple[str, str]]) -> list[tuple[Article, Asked]]:
    """The questions of the cited articles that nobody has asked, and that nothing said so far answers; best first."""
    language = guess_language(answer.question)
    said = fold(" ".join(text for _, text in turns))
    asked_before = [set(stems(question, language)) for question, _ in turns]
    articles = list({c.article.article_id: c.article for c in answer.citations}.values())[:CITED]
    wanted = []
    for article in (article for article in articles if (article.language or "en") == language):
        near = [c.start for c in answer.citations if c.article.article_id == article.article_id]
        for asked in questions_of(article):
            sentence = " ".join(article.text[asked.start : asked.end].split())
            words = set(stems(asked.question, language))
            if fold(sentence) in said or any(_share(words, before) >= ALIKE for before in asked_before):
                continue
            distance = min(abs(asked.start - start) for start in near) / max(len(article.text), 1)
            wanted.append((_INTEREST[asked.kind] - 0.2 * distance, article, asked))
    wanted.sort(key=lambda one: -one[0])
    return [(article, asked) for article, asked in _mixed(wanted)]


def _mixed(wanted: Sequence[tuple[float, Article, Asked]]) -> list[tuple[Article, Asked]]:
    """The kinds by turns, so that the tries are not spent on one."""
    places: dict[str, int] = {}
    ordered = []
    for value, article, asked in wanted:
        places[asked.kind] = places.get(asked.kind, -1) + 1
        ordered.append((places[asked.kind], -value, article, asked))
    return [(article, asked) for _, _, article, asked in sorted(ordered, key=lambda one: one[:2])]


def _same_answer(said: Answer, given: Answer) -> bool:
    """Whether it says what has just been said."""
    if said.short and fold(said.short) == fold(given.short):
        return True
    spots = {(c.article.article_id, c.start) for c in given.citations}
    return any((c.article.article_id, c.start) in spots for c in said.citations)


def _diverse(found: Iterable[tuple[float, Asked]], count: int) -> list[str]:
    """The best, each of a kind and from a sentence of its own as far as that goes."""
    left, chosen = sorted(found, key=lambda one: -one[0]), list[Asked]()
    while left and len(chosen) < count:
        best = max(left, key=lambda one: one[0] - 0.3 * sum(one[1].kind == other.kind for other in chosen))
        left.remove(best)
        if not any(best[1].start == other.start for other in chosen):
            chosen.append(best[1])
    return [asked.question for asked in chosen]


def _alike(one: Asked, other: Asked) -> bool:
    words, others = set(content_words(one.question)), set(content_words(other.question))
    return one.kind == other.kind and _share(words, others) >= ALIKE


def _share(words: set[str], others: set[str]) -> float:
    return len(words & others) / max(min(len(words), len(others)), 1)


# -- trying


def _tried(assistant: Assistant, article: Article, asked: Asked, **where: Any) -> Answer | None:  # noqa: ANN401
    """The answer, if it is a sure one and comes from the sentence that the question was made from."""
    try:
        said = assistant.answer(asked.question, **where)
    except QuestionError:  # the question's words read as something else: an outlet, an operator
        return None
    if said.abstained or said.confidence < (SURE if said.short else SURE_TOLD):
        return None
    first = said.citations[0]
    here = article.article_id in {one.article_id for one in (first.article, *first.also_in)}
    sentence, quote = (" ".join(text.split()) for text in (article.text[asked.start : asked.end], first.quote))
    return said if here and (sentence in quote or quote in sentence) and _holds(said.short, asked.answer) else None


def _holds(short: str, expected: str) -> bool:
    """Whether the short answer is the expected one, or most of it is, or it holds it."""
    words, wanted = set(content_words(short)), set(content_words(expected))
    return not (words and wanted) or wanted <= words or len(words & wanted) >= 0.5 * len(words)


def _reading(assistant: Assistant) -> Assistant:
    """The assistant, if it is the reader that answers; else one over the same library that reads."""
    from qa.reader.answerer import ReaderAnswerer

    return assistant if isinstance(assistant.answerer, ReaderAnswerer) else _assistant(assistant.library)


def _assistant(library: Library) -> Assistant:
    assistant = Assistant(library)
    assistant.answerer = _reader()
    return assistant


@cache
def _reader() -> ReaderAnswerer:
    from qa.reader.answerer import ReaderAnswerer

    return ReaderAnswerer()

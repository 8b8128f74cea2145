"""Drafts a test set from a library's own articles, for a person to check: a question, its answer, and where it stands.

The questions are those of qa/drafting that have a short answer and name what they ask about. An LLM asks more freely;
what it says is kept only where its quote stands in the article and holds its answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from string import Template
from typing import TYPE_CHECKING, Any

from ingest.catalog import Entry
from ingest.errors import DatelineError, LibraryError, QuestionError
from ingest.library import Library
from ingest.records import Article, Passage
from qa.dates import MONTHS, WEEKDAYS
from qa.drafting import drafts, sort_of, whole_sentences
from qa.language import content_words, fold
from qa.names import find_names
from qa.records import ScoredPassage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from qa.assistant import Assistant

Search = Callable[[str], Sequence[ScoredPassage]]
Named = tuple[str, str]
"""A name of a question or its answer, with what can stand in its place."""

EVERY = 5  # one question in so many is to have no answer in the library
TRIES = 40  # passages looked at for each question wanted
SEARCHED = 20  # passages that must not answer an unanswerable question
SHARED = 0.6  # of the other words of an unanswerable question, that a passage with its name must not hold
MOST_ANSWER_WORDS = 12  # more is no short answer
FEWEST_WORDS = 4  # that carry meaning, of a question that is to be understood without its article

_OF_A_THING = re.compile(  # "Balmoral Castle in Scotland", "la jugadora Jenni Hermoso"
    r"[A-Z][\w'’-]* (?:in|of|at|de|en) $|\b(?:the|el|la)(?: [^\W\d_A-Z]+)? $"
)
_POSSESSIVE = re.compile(r"\b(?:his|hers?|su|sus)\b")
_DRAFT: dict[str, Any] = {
    "title": "draft",
    "description": "A question about a passage, its short answer, and the sentence that holds the answer.",
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("question", "answer", "quote")},
    "required": ["question", "answer", "quote"],
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with what answers it; kind is one of qa.drafting's, or llm."""

    question: str
    answers: tuple[str, ...]
    kind: str
    article: Article
    quote: str


def draft(
    library: Library,
    n: int,
    assistant: Assistant | None = None,
    llm: BaseChatModel | str | None = None,
    seed: int = 0,
) -> Iterator[dict[str, Any]]:
    """Up to n questions as rows of a native test set; fewer where the library does not hold enough.

    About one in five has no answer in the library: a question whose name is replaced by another article's, kept where
    a search finds nothing that answers it.

    Args:
        library: whose articles to ask about.
        n: questions wanted.
        assistant: whose search to use for the unanswerable ones; the library's own by default.
        llm: a LangChain chat model, or "provider:model", that writes the questions.
        seed: of the draw; the same library and seed give the same questions.

    Raises:
        LibraryError: the library holds no article.
        DatelineError: the LLM cannot be reached.
    """
    if not library.catalog.counts()["articles"]:
        raise LibraryError("the library holds no articles to ask about; ingest some first")
    search, model, rng = _searcher(library, assistant), _model(llm), random.Random(seed)
    made, unanswered, earlier = 0, 0, dict[str, list[Named]]()
    for held in _drafts(library, n, model, rng):
        if made == n:
            return
        if held.question in earlier:
            continue
        named = list(_named(held))
        is_due = (made + 1) // EVERY > unanswered
        missing = _unanswerable(held, named, earlier.values(), search, rng) if is_due else None
        earlier[held.question] = named
        made, unanswered = made + 1, unanswered + (missing is not None)
        yield _row(made, missing or held, is_answerable=missing is None)


def _drafts(library: Library, n: int, model: BaseChatModel | None, rng: random.Random) -> Iterator[Draft]:
    """What is drafted: one question of every passage, and what is left of them after that."""
    left = list[Draft]()
    for entry, passage in _passages(library, n, rng):
        written = _written(entry.article, passage, model) if model else None
        found = [written] if written else _by_rule(entry.article, passage, rng)
        yield from found[:1]
        left += found[1:]
    yield from left


def _by_rule(article: Article, passage: Passage, rng: random.Random) -> list[Draft]:
    """The questions that the passage's sentences answer shortly, in an order drawn by chance."""
    spans = [(start, end) for start, end in whole_sentences(article) if passage.start <= start and end <= passage.end]
    found = [
        Draft(one.question, one.short, one.kind, article, one.sentence)
        for one in drafts(article, spans)
        if one.short and len(one.short[0].split()) <= MOST_ANSWER_WORDS and _is_specific(one.question)
    ]
    kinds = sorted({drafted.kind for drafted in found})
    rng.shuffle(found)
    first = rng.choice(kinds) if kinds else ""  # by kind, as the most frequent would crowd out the others
    return sorted(found, key=lambda drafted: drafted.kind != first)


def _is_specific(question: str) -> bool:
    """Whether the question says enough to be found by: a name or a number, and more unless the name is a long one."""
    names = find_names(question)
    enough = FEWEST_WORDS - any(" " in name for name in names)
    return bool(names or re.search(r"\d", question)) and len(content_words(question)) >= enough


def _written(article: Article, passage: Passage, model: BaseChatModel) -> Draft | None:
    """The question that an LLM writes about a passage; None where its quote or answer does not hold."""
    from qa.evaluation.judge import template
    from qa.evaluation.structured import ask_json
    from qa.generative import inert

    prompt = Template(template("draft")).substitute(title=inert(article.title), passage=inert(passage.text))
    try:
        said = ask_json(model, prompt, _DRAFT)
    except ValueError:  # no JSON: the rules ask instead
        return None
    except Exception as error:  # each provider has errors of its own
        raise DatelineError(
            f"the language model failed ({error}); check that it is running and its key is set, or draft without --llm"
        ) from error
    question, answer, quote = (str(said.get(name, "")).strip() for name in ("question", "answer", "quote"))
    stored = _as_stored(quote, passage.text)
    holds = stored and answer and fold(answer) in fold(stored) and fold(answer) not in fold(question)
    if not holds or len(answer.split()) > MOST_ANSWER_WORDS or not content_words(question):
        return None
    return Draft(question, (answer,), "llm", article, stored)


def _as_stored(quote: str, text: str) -> str:
    """The quote as it stands in the text, whatever its white space; "" where it does not."""
    found = re.search(r"\s+".join(map(re.escape, quote.split())), text) if quote else None
    return found[0] if found else ""


def _unanswerable(
    held: Draft, named: Sequence[Named], earlier: Iterable[Sequence[Named]], search: Search, rng: random.Random
) -> Draft | None:
    """The question with one of its names replaced by another article's, where a search finds no answer to it."""
    text = fold(held.article.text)
    others = sorted({other for names in earlier for other in names if fold(other[0]) not in text})
    mine = [(name, place) for name, place in named if name in held.question]
    swaps = [(name, other) for name, place in mine for other, its_place in others if place == its_place]
    rng.shuffle(swaps)
    for name, other in swaps[:TRIES]:
        question = held.question.replace(name, other)
        if not _is_answered(question, other, search):
            return replace(held, question=question, answers=(), kind="unanswerable", quote="")
    return None


def _named(held: Draft) -> Iterator[Named]:
    """The names of persons, countries and places, for which others of their sort can stand."""
    asked = f"{held.question}, {max(held.answers, key=len)}"
    for name in find_names(asked):
        before = asked[: asked.find(name)]
        sort = sort_of(name, held.article) or ("place" if re.search(r"\b(?:in|en) $", before) else "")
        is_date = any(fold(word) in MONTHS or fold(word) in WEEKDAYS for word in name.split())
        is_part = _OF_A_THING.search(before) or (sort == "person" and _POSSESSIVE.search(asked))
        if sort and not is_date and not is_part and asked.count(name) == 1:
            yield name, f"{held.article.language} {sort}"


def _is_answered(question: str, name: str, search: Search) -> bool:
    """Whether a passage that the library has for the question names the name with most of the other words."""
    try:
        found = search(question)
    except QuestionError:
        return True
    wanted = set(content_words(question)) - set(content_words(name))
    for scored in found:
        passage = scored.passage.text
        shared = len(wanted & set(content_words(passage)))
        if fold(name) in fold(f"{scored.article.title}\n{passage}") and shared >= SHARED * len(wanted):
            return True
    return False


def _passages(library: Library, n: int, rng: random.Random) -> Iterator[tuple[Entry, Passage]]:
    """Live passages in an order drawn by chance, every article's first one before any article's second."""
    added = library.catalog.mark().added
    keys = rng.sample(range(added), min(added, max(1000, TRIES * n)))
    later, seen = list[tuple[Entry, Passage]](), set[str]()
    for key in keys:
        if entry := library.catalog.entry_of(key):
            place = (entry, entry.passage(key))
            if entry.article.article_id in seen:
                later.append(place)
            else:
                seen.add(entry.article.article_id)
                yield place
    yield from later


def _row(number: int, drafted: Draft, *, is_answerable: bool) -> dict[str, Any]:
    article = drafted.article
    row = {
        "id": f"d{number:04}",
        "question": drafted.question,
        "answers": list(drafted.answers),
        "answerable": is_answerable,
        "kind": drafted.kind,
        "article": (article.url or article.article_id) if is_answerable else "",
        "quote": drafted.quote,
        "language": article.language or "en",
    }
    return {name: value for name, value in row.items() if value != ""}


def _searcher(library: Library, assistant: Assistant | None) -> Search:
    """A search for the passages that may answer a question: the assistant's, else the library's own."""
    if assistant:
        return lambda question: assistant.retrieve(question, k=SEARCHED)
    from ingest.filters import Filter
    from qa.question import understand
    from qa.retrieval import retrieve

    return lambda question: retrieve(library, understand(question), Filter(), k=SEARCHED, today=date.today())


def _model(llm: BaseChatModel | str | None) -> BaseChatModel | None:
    from qa.generative import chat_model

    return chat_model(llm) if llm else None

"""Questions that the library can answer: examples to begin with, and follow-ups to an answer.

They are drafted by rules from sentences of articles (qa/drafting), and shown only once the reader has answered them
from the very sentence that they were drafted from; no LLM is asked.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from ingest.browse import browse
from ingest.catalog import Entry
from ingest.errors import QuestionError
from ingest.filters import Filter
from ingest.library import Library
from ingest.records import Article
from qa.assistant import Assistant
from qa.drafting import Drafted, drafts, whole_sentences
from qa.language import content_words, fold, guess_language
from qa.names import find_names
from qa.reader.answerer import ReaderAnswerer
from qa.records import Answer

FAIR = 0.2  # confidence from which on a follow-up is shown
SURE = 0.4  # and an example, which nobody has asked for yet
TRIES = 3  # questions that are asked for each one that is wanted
LOOKED_AT = 24  # of the newest articles, for examples
EACH = 2  # questions of one article that are tried as an example
READ = 6  # articles that an answer's follow-ups are drafted from
SHARED = 2  # words of their titles from which on two articles tell of the same matter
LONG = 12_000  # characters from which on an article is about more than one matter
NEAR = 1500  # characters within which even such an article is still about the same
STATEMENT = 8  # words from which on a short answer says what somebody said
ALIKE = 0.6  # share of words from which on two questions ask the same
INTEREST = {"why": 1.0, "what": 0.9, "said": 0.9, "number": 0.9, "who": 0.8, "where": 0.75, "when": 0.7, "role": 0.6}
PLAIN = 0.45  # interest of any other kind: who somebody is
REPEATED = 0.3  # of which a question loses so much for each of its kind that is there already

ROUND_UP = re.compile(
    r"things .{0,12}to know|\bbriefing|newsletter|\bround-?up|live updates|news from around|en directo|resumen",
    re.IGNORECASE,
)

Ranked = list[tuple[float, Drafted]]

_kept: dict[tuple[str, str, int], tuple[object, list[str]]] = {}
_keeping = threading.Lock()


def examples(library: Library, count: int = 3, language: str = "en") -> list[str]:
    """Questions to begin with, of the newest stories and of several outlets; fewer where the library gives no more.

    They are kept until the library changes.

    Args:
        library: what is to answer them.
        count: how many.
        language: ISO 639-1 code of the questions; another's where no article is in that language.
    """
    place, state = (str(library.path), language, count), (library.meta["library_id"], library.shelf.refresh())
    with _keeping:
        held = _kept.get(place)
        if held is None or held[0] != state:
            held = _kept[place] = (state, _examples(library, count, language))
    return list(held[1])


def follow_ups(
    assistant: Assistant,
    answer: Answer,
    history: Sequence[tuple[str, str]],
    *,
    count: int = 3,
    **where: Any,  # noqa: ANN401
) -> list[str]:
    """Questions that may follow an answer, in the language of its question, surest first; none where none holds.

    They ask what the cited articles tell besides, and others of the same matter, and neither what was asked nor what
    was told before. After an abstention they are of the matter that was asked about, if the library holds any of it.

    Args:
        assistant: who gave the answer; where it is an LLM, the reader tries the questions in its place.
        answer: what was answered last.
        history: the (question, answer) turns before it, oldest first.
        count: how many.
        where: the filters under which the answer was given, as Assistant.answer takes them.
    """
    turns = [*history, (answer.question, answer.text)]
    reader = assistant if isinstance(assistant.answerer, ReaderAnswerer) else _reading(assistant.library)
    left = [one for one in _left_to_ask(answer, _related(reader, answer, where)) if _is_new(one, answer, turns)]
    ranked = [(_interest(one) + _closeness(one, answer), one) for one in left]
    chosen = _chosen(ranked, count, lambda one: _sureness(reader, one, history=turns, **where))
    return [one.question for _, one in sorted(chosen, key=lambda pair: -pair[0])]


def _examples(library: Library, count: int, language: str) -> list[str]:
    reader, chosen, tries = _reading(library), list[Drafted](), TRIES * count
    for article in _newest(library, language):
        fit = [one for one in drafts(article) if _is_anchored(one) and one.kind in INTEREST]
        for one in _best([(_interest(one) + _gist(one), one) for one in fit], chosen)[:EACH]:
            if len(chosen) == count or not tries:
                return [one.question for one in chosen]
            tries -= 1
            if _sureness(reader, one) >= SURE:
                chosen.append(one)
                break
    return [one.question for one in chosen]


def _newest(library: Library, language: str) -> list[Article]:
    """The newest articles in that language, or in the other; one a story, the outlets in turn, covered ones first."""
    looked: Sequence[Entry] = ()
    for code in ("es", "en") if language == "es" else ("en", "es"):
        looked = looked or browse(library, Filter(language=code), count=LOOKED_AT).entries
    stories = {entry.story: entry for entry in reversed(looked) if not entry.article.teaser}
    turns = Counter[str]()
    order = []
    for place, entry in enumerate(reversed(stories.values())):
        turns[entry.article.source] += 1
        order.append((turns[entry.article.source], -len(library.story(entry.story)), place, entry.article))
    return [article for *_, article in sorted(order, key=lambda row: row[:3])]


# -- what an answer leaves to be asked


def _left_to_ask(answer: Answer, related: Sequence[Article]) -> Iterator[Drafted]:
    """What the cited articles tell beside the answer, and what others tell of the same matter."""
    language = guess_language(answer.question)
    cited = {citation.article.article_id: citation.article for citation in answer.citations}
    others = [article for article in related if article.article_id not in cited]
    names = set(find_names(f"{answer.question} {answer.text}"))
    for article in [one for one in (*cited.values(), *others) if (one.language or "en") == language][:READ]:
        starts = [c.start for c in answer.citations if c.article.article_id == article.article_id]
        yield from drafts(article, list(_of_the_same(article, starts, names)))


def _related(reader: Assistant, answer: Answer, where: Mapping[str, Any]) -> list[Article]:
    """Articles of the same matter, by their titles: of those found for the answer, and for the title it cites first."""
    titles = list(dict.fromkeys(citation.article.title for citation in answer.citations if citation.article.title))
    found = list(answer.passages)
    with suppress(QuestionError):  # a title need not be one
        found += reader.retrieve(titles[0], **where) if titles else ()
    told = " ".join([answer.question, answer.short, *titles])
    articles = {scored.article.article_id: scored.article for scored in found}
    return [article for article in articles.values() if _shared(article.title, told) >= SHARED]


def _of_the_same(article: Article, starts: Sequence[int], names: set[str]) -> Iterator[tuple[int, int]]:
    """The sentences of an article that are about the same: all, or of a round-up those near or akin."""
    title = set(content_words(article.title))
    is_mixed = len(article.text) > LONG or ROUND_UP.search(article.title)
    for start, end in whole_sentences(article):
        sentence = article.text[start:end]
        is_near = not is_mixed or any(abs(start - cited) < NEAR for cited in starts)
        if is_near or names & set(find_names(sentence)) or title & set(content_words(sentence)):
            yield start, end


def _shared(title: str, other: str) -> int:
    return len(set(content_words(title)) & set(content_words(other)))


def _is_new(one: Drafted, answer: Answer, turns: Sequence[tuple[str, str]]) -> bool:
    """Whether neither the question nor what answers it was in the conversation."""
    sentence = " ".join(one.sentence.split())
    if any(sentence in " ".join(told.split()) for _, told in turns):
        return False
    if any(
        c.article.article_id == one.article.article_id and c.start < one.end and one.start < c.end
        for c in answer.citations
    ):
        return False
    if any(_are_alike(one.question, asked) for asked, _ in turns):
        return False
    told = fold(" ".join([answer.short, *(asked for asked, _ in turns)]))
    names = [word for said in one.answers for word in said.split() if one.kind == "who" and len(word) > 3]
    return one.kind == "identity" or not any(_stands_in(said, told) for said in (*one.answers, *names))


def _closeness(one: Drafted, answer: Answer) -> float:
    """How much it is about what was answered: the words that it shares, and how soon the article comes to it."""
    words, told = set(content_words(one.question)), set(content_words(f"{answer.question} {answer.text}"))
    starts = [c.start for c in answer.citations if c.article.article_id == one.article.article_id]
    away = min((abs(one.start - start) / len(one.article.text) for start in starts), default=1.5)
    return 0.4 * len(words & told) / len(words) + 0.2 * (1 - away)


def _gist(one: Drafted) -> float:
    """How much it is what its article is about: the words that it shares with the title, and how early it stands."""
    words = set(content_words(one.question))
    shared = len(words & set(content_words(one.article.title))) / len(words)
    return 0.8 * shared - 0.3 * one.start / len(one.article.text)


# -- choosing and trying


def _interest(one: Drafted) -> float:
    """How much a reader may want to know it, as it is put."""
    length = len(one.question.split())
    return INTEREST.get(one.kind, PLAIN) - 0.03 * max(0, length - 11) - (0 if _is_anchored(one) else 0.15)


def _is_anchored(one: Drafted) -> bool:
    """Whether it names what it asks about."""
    return any(fold(name) not in ("yes", "no", "si") for name in find_names(one.question.lstrip("¿")))


def _chosen(ranked: Ranked, count: int, sureness: Callable[[Drafted], float]) -> Ranked:
    """The best that the reader is sure enough of, each unlike those before it; with how sure it is."""
    chosen: Ranked = []
    tried: set[str] = set()
    for _ in range(TRIES * count):
        left = [(interest, one) for interest, one in ranked if one.question not in tried]
        best = _best(left, [one for _, one in chosen])
        if len(chosen) == count or not best:
            break
        tried.add(best[0].question)
        sure = sureness(best[0])
        if sure >= FAIR:
            chosen.append((sure, best[0]))
    return chosen


def _best(ranked: Ranked, chosen: Sequence[Drafted]) -> list[Drafted]:
    """Those that ask for something else than the chosen ones, best first; kinds that are there already later."""
    kinds = [one.kind for one in chosen]
    fresh = [
        (interest - REPEATED * kinds.count(one.kind), one)
        for interest, one in ranked
        if not any(_ask_the_same(one, other) for other in chosen)
    ]
    return [one for _, one in sorted(fresh, key=lambda pair: -pair[0])]


def _ask_the_same(one: Drafted, other: Drafted) -> bool:
    same_place = one.article.article_id == other.article.article_id and one.start == other.start
    if one.kind == other.kind and one.kind not in INTEREST:
        return True
    return same_place or bool(set(one.answers) & set(other.answers)) or _are_alike(one.question, other.question)


def _are_alike(question: str, other: str) -> bool:
    words, others = set(content_words(question)), set(content_words(other))
    return len(words & others) >= ALIKE * min(len(words), len(others)) if words and others else False


def _sureness(reader: Assistant, one: Drafted, **where: Any) -> float:  # noqa: ANN401
    """How sure the reader is of the answer; 0 where it abstains, or answers something else than the sentence says."""
    answer = reader.answer(one.question, **where)
    return answer.confidence if not answer.abstained and _answers(one, answer) else 0.0


def _answers(one: Drafted, answer: Answer) -> bool:
    if not one.answers:
        is_told = not answer.short or len(answer.short.split()) >= STATEMENT
        return is_told and any(c.quote in one.sentence or one.sentence in c.quote for c in answer.citations)
    said = [_stands_in(expected, fold(answer.short or answer.text)) for expected in one.answers]
    return sum(said) >= len(said) / 2 if one.kind == "what" else any(said)


def _stands_in(words: str, folded: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", folded))


@cache
def _reader() -> ReaderAnswerer:
    return ReaderAnswerer()


def _reading(library: Library) -> Assistant:
    """An assistant that answers with the reader; the network is loaded once."""
    reading = Assistant(library)
    reading.answerer = _reader()
    return reading

"""Drafts a test set from a library's own articles, for a person to check: a question, its answer, and where it stands.

The rules turn one sentence into one question without a model: they take out a name, a date, a place or a number and ask
for it. What comes out is right more often than it is elegant. An LLM asks more naturally; what it says is kept only
where its quote stands in the article and holds its answer.
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
from ingest.sentences import sentence_spans
from qa.dates import MONTHS, WEEKDAYS, mentions
from qa.language import STOP_WORDS, content_words, fold
from qa.names import find_names
from qa.records import ScoredPassage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from qa.assistant import Assistant

Search = Callable[[str], Sequence[ScoredPassage]]

EVERY = 5  # one question in so many is to have no answer in the library
TRIES = 40  # passages looked at for each question wanted
SEARCHED = 20  # passages that must not answer an unanswerable question
SHARED = 0.6  # of the other words of an unanswerable question, that a passage with its name must not hold
WORDS = range(7, 36)  # in a sentence that is asked about: long enough to be specific, short enough to read
MOST_ANSWER_WORDS = 12  # of an LLM's answer: more is no short answer

_NUMBERS = "two three four five six seven eight nine ten eleven twelve".split()
_VERB = (
    r"(?:was|were|is|has|had|will|won|beat|said|told|became|took|gave|led|left|made|met|held|lost|found|wrote|began|won|"
    r"fell|rose|spoke|set|sold|bought|built|hit|broke|ran|went|came|saw|paid|kept|quit|drew|flew|grew|hosts|plans|"
    r"fue|es|era|ha|había|dijo|ganó|murió|anunció|\w{2,}ed|\w{3,}(?:ó|aron|ieron))"
)
_HANGS = re.compile(  # a sentence that leans on the one before it
    r"(?:he|she|it|they|we|i|you|his|her|its|their|this|that|these|those|but|and|or|so|then|there|here|however|also|"
    r"meanwhile|instead|both|such|another|earlier|later|only|based|according|\w+ (?:later|earlier)|el|ella|ellos|ellas|"
    r"su|sus|esto|eso|este|esta|ese|esa|pero|y|o|tambien|asi|segun|ahora)\b"
)
_POINTS_BACK = re.compile(r"\b(?:he|she|it|they|him|them|ellos|ellas|ella)\b", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:Mayor|President|Prime Minister|Sen|Senator|Gov|Governor|Rep|Dr|Mr|Mrs|Ms|Judge|Chief|Gen)\b\.? "
)
_AMOUNT = re.compile(
    rf"(?:\b(?P<preposition>for|by|with|in|from|after|within)\s)?"
    rf"(?:(?:at least|about|more than|nearly|some|almost|around|over|up to|fewer than|less than)\s)?"
    rf"(?<![\w.,$€£-])(?P<number>\d[\d,.]*\b(?: (?:million|billion|thousand))?|\b(?:{'|'.join(_NUMBERS)}))"
    rf" (?P<noun>people|men|women|children|[a-z]{{3,}}s)\b(?! (?:and|or|to|of)\b)",
    re.IGNORECASE,
)
_ENDS_PHRASE = re.compile(
    r"\.$|,|\s(?:on|after|before|when|as|while|cuando|tras)\b"
)  # what follows a phrase of its own
_NO_COUNT = {"percent", "points", "years", "times", "thirds", "this", "was", "is", "has", "dollars", "euros", "pounds"}
_NO_PLACES = {
    "english",
    "spanish",
    "french",
    "german",
    "chinese",
    "arabic",
    "congress",
    "parliament",
    "physics",
    "chemistry",
}
_ASKED = {  # by language: the question words, with the cleft that spares turning verb and subject round
    "en": {"who": "Who {}?", "when": "When was it that {}?", "where": "Where was it that {}?"},
    "es": {"who": "¿Quién {}?", "when": "¿Cuándo fue que {}?", "where": "¿Dónde fue que {}?"},
}
_DRAFT: dict[str, Any] = {
    "title": "draft",
    "description": "A question about a passage, its short answer, and the sentence that holds the answer.",
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("question", "answer", "quote")},
    "required": ["question", "answer", "quote"],
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with what answers it; kind is who, when, where, number, or llm."""

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
    made, unanswered, earlier = 0, 0, list[Draft]()
    for entry, passage in _passages(library, n, rng):
        if made == n:
            return
        held = (_written(entry.article, passage, model) if model else None) or _by_rule(entry.article, passage, rng)
        if not held or any(held.question == other.question for other in earlier):
            continue
        is_due = (made + 1) // EVERY > unanswered
        missing = _unanswerable(held, earlier, search, rng) if is_due else None
        earlier.append(held)
        made, unanswered = made + 1, unanswered + (missing is not None)
        yield _row(made, missing or held, is_answerable=missing is None)


def questions_from(sentence: str, language: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every (question, accepted answers, kind) that the rules make of one sentence, in English or Spanish."""
    if language not in _ASKED or not _stands_alone(sentence):
        return
    asked = _ASKED[language]
    for kind, answers, rest in (*_who(sentence), *_when(sentence), *_where(sentence)):
        if not _POINTS_BACK.search(rest):
            yield asked[kind].format(rest), answers, kind
    if language == "en":
        yield from _how_many(sentence)


def _stands_alone(sentence: str) -> bool:
    """Whether it can be understood, and asked about, without the sentences around it."""
    return (
        len(sentence.split()) in WORDS
        and sentence.endswith(".")
        and "\n" not in sentence
        and not re.search(r"[\"“”«»()\[\]:;?!•|]", sentence)
        and not _HANGS.match(fold(sentence))
        and sentence.count(",") <= 2
    )


def _who(sentence: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for name in find_names(sentence)[:1]:
        rest = sentence[len(name) :].strip(" .")
        is_subject = sentence.startswith(name) and re.match(rf"{_VERB}\b", rest)
        if is_subject and not re.search(r"\b(?:and|y) [A-Z]", rest):  # "Ames won gold and Bolt silver"
            yield "who", tuple(dict.fromkeys((name, _TITLE.sub("", name)))), rest


def _when(sentence: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for mention in mentions(sentence, date.max):
        phrase = sentence[mention.start : mention.end].rstrip(" .,")
        lead = re.search(r"(?<!than )(?<!as )\b(?:on|in|el|en)\s$", sentence[: mention.start], re.IGNORECASE)
        is_dated = mention.kind in ("day", "month", "year") and re.search(r"\d", phrase)
        if lead and is_dated and _is_own_phrase(sentence, lead.start(), mention.start + len(phrase)):
            yield "when", (phrase,), _without(sentence, lead.start(), mention.start + len(phrase))


def _where(sentence: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for name in find_names(sentence):
        found = re.search(rf"\b(?:in|en)\s{re.escape(name)}", sentence, re.IGNORECASE)
        no_place = _NO_PLACES | MONTHS.keys() | WEEKDAYS.keys()
        is_place = not any(fold(word) in no_place or not word.isalpha() for word in re.split(r"[\s-]", name))
        if found and is_place and _is_own_phrase(sentence, *found.span()):
            yield "where", (name,), _without(sentence, *found.span())


def _how_many(sentence: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for found in _AMOUNT.finditer(sentence):
        number, noun, preposition = found["number"], found["noun"], found["preposition"]
        before = sentence[: found.start()]
        is_object = re.search(rf"\b{_VERB}\s$", before) and _is_own_phrase(sentence, *found.span())
        if noun in _NO_COUNT or (number.isdigit() and 1800 <= int(number) <= 2100) or (before and not is_object):
            continue
        rest = _without(sentence, *found.span())
        if _POINTS_BACK.search(rest):
            continue
        lead = f"{preposition} how many {noun}".lower() if preposition else f"how many {noun}"
        asked = f"{lead} was it that {rest}?" if before or preposition else f"{lead} {rest}?"
        yield asked[0].upper() + asked[1:], (number, f"{number} {noun}"), "number"


def _is_own_phrase(sentence: str, start: int, end: int) -> bool:
    """Whether what is left stands without this part: it opens the sentence, or closes it or its main clause."""
    before, after = sentence[:start], sentence[end:]
    if re.match(r",\s(?:[A-Z]|the\b)", after) and before:  # "in Laurel, Maryland", "in Baku, the capital of Azerbaijan"
        return False
    if "," in before and (after.startswith(",") or re.search(r",\s\w+\s$", before)):  # ", who was born in Hungary, is"
        return False
    return bool(_ENDS_PHRASE.match(after) or (not before and after[:1] in (",", " ")))


def _without(sentence: str, start: int, end: int) -> str:
    """The sentence without that part and its full stop, to stand inside a question."""
    before, after = sentence[:start].rstrip(" ,"), sentence[end:].strip(" .")
    rest = f"{before} {after}".replace(" ,", ",").strip(" ,")
    first = rest.partition(" ")[0]
    return rest[:1].lower() + rest[1:] if fold(first) in STOP_WORDS | {*_NUMBERS} else rest


def _by_rule(article: Article, passage: Passage, rng: random.Random) -> Draft | None:
    """One question of the passage's sentences, drawn by chance; it names something, and not its own answer."""
    sentences = [
        article.text[start:end]
        for start, end in sentence_spans(article.text, article.language)
        if passage.start <= start and end <= passage.end
    ]
    found = [
        Draft(question, answers, kind, article, sentence)
        for sentence in sentences
        for question, answers, kind in questions_from(sentence, article.language or "en")
    ]
    found = [drafted for drafted in found if _is_specific(drafted)]
    kinds = sorted({drafted.kind for drafted in found})
    if not kinds:
        return None
    kind = rng.choice(kinds)  # first, as sentences with numbers would crowd out the others
    return rng.choice([drafted for drafted in found if drafted.kind == kind])


def _is_specific(drafted: Draft) -> bool:
    """Whether the question says enough to be found by: a name or a number, four words that carry meaning."""
    asked = drafted.question
    points = find_names(asked) or re.search(r"\d", asked)
    return bool(points) and len(content_words(asked)) >= 4 and fold(drafted.answers[-1]) not in fold(asked)


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


def _unanswerable(held: Draft, earlier: Iterable[Draft], search: Search, rng: random.Random) -> Draft | None:
    """The question with one of its names replaced by another article's, where a search finds no answer to it."""
    text = fold(held.article.text)
    others = {
        (name, before)
        for other in earlier
        if other.article.article_id != held.article.article_id and other.article.language == held.article.language
        for name, before in _places_of_names(other.question)
        if fold(name) not in text
    }
    swaps = [
        (mine, other)
        for mine, before in _places_of_names(held.question)
        for other, others_before in sorted(others)
        if before == others_before and len(mine.split()) == len(other.split())
    ]
    rng.shuffle(swaps)
    for mine, other in swaps[:TRIES]:
        question = held.question.replace(mine, other)
        if not _is_answered(question, other, search):
            return replace(held, question=question, answers=(), kind="unanswerable", quote="")
    return None


def _places_of_names(question: str) -> Iterator[tuple[str, str]]:
    """Each name with the word before it, which tells what else can stand there: "in" a place, "that" somebody."""
    for name in find_names(question):
        before = fold(question[: question.find(name)]).split()
        is_date = any(fold(word) in MONTHS or fold(word) in WEEKDAYS for word in name.split())
        if before and not is_date and question.count(name) == 1:
            yield name, before[-1]


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

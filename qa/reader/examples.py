"""What the reader learns from: questions with passages, and where in them the answers stand.

The folder of data holds span_qa/ (questions over paragraphs, in SQuAD's format) and realtimeqa/ (quiz questions about
the news, with the articles that a web search returned for them). Nothing that is marked for testing only is read for
training: of XQuAD, only which paragraphs must be left out. corpus/lessons/ holds articles with questions that were
written for the reader.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ingest.embed import PassageEmbeddings
from ingest.errors import SourceError
from ingest.records import Article
from ingest.split import split
from qa.drafting import drafts
from qa.names import find_names

Span = tuple[int, int]
_NewsPassage = tuple[str, str, str]  # title, text, day of publication, "" where unknown

SPAN_SETS = {
    "squad2_dev_half": 2.5,
    "new_wiki": 1.5,
    "reddit": 0.2,
    "amazon": 0.2,
    "squad_es_v1": 0.4,
    "squad_es_v2": 0.4,
}
LESSONS = Path(__file__).parents[2] / "corpus" / "lessons"
LESSONS_SHARE = 2.5
LEARNED = 60  # number of the last file of lessons that the trainings before this one saw,
LEARNED_SHARE = 0.4  # and how often an epoch takes a question of those
UNMARKED = 0.15  # of the questions of the lessons, by chance
LESSONS_ELSEWHERE = 0.8  # of a question asked of another passage of its article
UNTITLED = ("reddit", "amazon")  # their titles say nothing of the paragraph
TESTING_ONLY = ("xquad.en", "xquad.es")
NEWS_YEARS = (2022, 2024)
HELD_OUT = 0.12  # of the groups: for choosing the threshold, calibrating, and watching the training
NEGATIVES = {  # questions asked of another paragraph too
    "squad2_dev_half": 0.2,
    "new_wiki": 0.4,
    "squad_es_v2": 0.2,
    "lessons": 0.15,
    "lessons_es": 0.15,
}
# Questions asked of their own paragraph with a name, a number or a word exchanged for another: a near miss.
NEAR_MISSES = {
    **{"squad2_dev_half": 0.5, "new_wiki": 0.3, "squad_es_v1": 0.2},
    **{"news": 0.3, "evidence": 0.3, "lessons": 0.3},
}
_OPPOSITES = """
    above/below accepted/refused allowed/forbidden ancient/modern arrived/left before/after beginning/end
    best/worst bigger/smaller biggest/smallest born/buried bought/sold boy/girl boys/girls brother/sister buy/sell
    brothers/sisters built/demolished cheap/expensive closed/opened coldest/hottest daughter/son daughters/sons
    decrease/increase decreased/increased earlier/later earliest/latest early/late east/west eastern/western
    exports/imports fall/rise fastest/slowest father/mother fell/rose female/male few/many fewest/most first/last
    founded/dissolved gain/lose gained/lost greatest/least heaviest/lightest hired/fired husband/wife income/expense
    indoor/outdoor inner/outer inside/outside joined/left king/queen larger/smaller largest/smallest less/more
    long/short longer/shorter longest/shortest lost/won lower/higher lowest/highest maximum/minimum men/women
    nearest/farthest negative/positive newest/oldest north/south northern/southern older/younger
    oldest/youngest oppose/support opposed/supported passed/failed poor/rich poorest/richest private/public
    raised/lowered rejected/approved added/removed rural/urban safe/dangerous started/ended
    strongest/weakest success/failure uncle/aunt upper/lower victory/defeat win/lose winner/loser winning/losing
""".split()
EXCHANGED = [  # words that ask for something else, where one stands in the place of the other
    pair for both in _OPPOSITES for left, right in [both.split("/")] for pair in ((left, right), (right, left))
]
PASSAGE_TOKENS = 192  # as the library splits articles for the bundled model
LONGEST_ANSWER = 8  # words; a longer one rarely stands in an article as the quiz words it
NEWS_LOOKED_AT = 20  # passages that a search by words returns for a quiz question
NEWS_KEPT = 3  # of those that answer, and as many of those that do not
NEWS_SHARE = 2.0  # of passages and evidence that answer
LEAST_SHARED = 0.25  # of the question's words, that a passage with the answer must hold to count as answering


@dataclass(frozen=True, slots=True)
class Example:
    """A question asked of one passage.

    answers: every span of the context that is an accepted answer; none where the context does not answer.
    kind: the set it is from.
    group: what is held out together: the questions of one article, or of one week.
    share: how often an epoch takes it; a broken number by chance.
    """

    question: str
    title: str
    context: str
    answers: tuple[Span, ...]
    kind: str
    group: str
    share: float = 1.0


def held_out(group: str) -> bool:
    """Whether a group is kept from training; the same on every machine."""
    return random.Random(f"reader {group}").random() < HELD_OUT


def span_examples(data: Path, *, added: bool = True) -> Iterator[Example]:
    """The examples of every span set, those of XQuAD's paragraphs left out.

    added: whether some questions come once more, asked of another paragraph or with a name exchanged.
    """
    folder = data / "span_qa"
    tested = [paragraph for name in TESTING_ONLY for _, paragraph in _paragraphs(folder, name)]
    tested_texts = {_plain(paragraph["context"]) for paragraph in tested}
    tested_ids = {asked["id"] for paragraph in tested for asked in paragraph["qas"]}
    for name, share in SPAN_SETS.items():
        kept = [
            (title, paragraph)
            for title, paragraph in _paragraphs(folder, name)
            if _plain(paragraph["context"]) not in tested_texts
            and not any(asked["id"] in tested_ids for asked in paragraph["qas"])
        ]
        examples = list(_span_set(name, share, kept))
        yield from examples
        if added:
            yield from _asked_of_another(name, examples)
            yield from near_misses(name, examples)


def near_misses(name: str, examples: Sequence[Example]) -> Iterator[Example]:
    """Some of the answered questions, with what they ask about exchanged for what their context does not hold.

    A name or a number is exchanged for another one, and only if it stands in the context: where a context calls
    somebody otherwise than the question does, the reader must not learn that it cannot answer. A word is exchanged for
    its opposite.
    """
    chance = random.Random(f"near {name}")
    pool: dict[bool, list[str]] = {True: [], False: []}
    for one in examples:
        for part in _exchangeable(one):
            pool[part[0].isdigit()].append(part)
    for one in examples:
        parts = _exchangeable(one) if one.answers else []
        if parts and chance.random() < NEAR_MISSES.get(name, 0):
            part = chance.choice(parts)
            other = chance.choice(pool[part[0].isdigit()])
            if not any(f" {word} " in f" {_plain(one.context)} " for word in _plain(other).split()):
                yield replace(one, question=one.question.replace(part, other), answers=(), share=min(one.share, 1.0))
        words = _turned_round(one) if one.answers and not name.startswith("squad_es") else []
        if words and chance.random() < NEAR_MISSES.get(name, 0):
            word, other = chance.choice(words)
            turned = re.sub(rf"\b{word}\b", other, one.question)
            yield replace(one, question=turned, answers=(), share=min(one.share, 1.0))


def _turned_round(one: Example) -> list[tuple[str, str]]:
    """The question's words that have an opposite which its context does not hold, each with that."""
    asked, held = set(one.question.split()), set(_plain(one.context).split())
    return [(word, other) for word, other in EXCHANGED if word in asked and other not in held]


def _exchangeable(one: Example) -> list[str]:
    """The question's names and numbers that its context or title holds too."""
    found = [*find_names(one.question), *re.findall(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])", one.question)]
    held = f" {_plain(one.title)} {_plain(one.context)} "
    return [part for part in dict.fromkeys(found) if f" {_plain(part)} " in held]


def news_examples(data: Path, year: int) -> Iterator[Example]:
    """A year's quiz questions with passages of the news up to their day, and with the quiz's own evidence.

    No one marked the answers in the articles. A passage counts as answering where it holds the answer's words and
    shares enough with the question or the evidence, as not answering where it does not hold them, and is left out
    where one cannot tell.
    """
    examples = list(_quizzed(data, year))
    yield from examples
    for kind in ("evidence", "news"):
        yield from near_misses(kind, [one for one in examples if one.kind == kind])


def _quizzed(data: Path, year: int) -> Iterator[Example]:
    folder = data / "realtimeqa"
    with (folder / f"questions-{year}.jsonl").open(encoding="utf-8") as file:
        asked = [line for line in map(json.loads, file) if len(line["answer"].split()) <= LONGEST_ANSWER]
    passages = _news_passages(folder, year)
    for line, found in zip(asked, _nearest(passages, asked), strict=True):
        group = f"news:{line['id'].partition('_')[0]}"
        evidence = line["evidence"] or ""
        if spans := _occurrences(evidence, line["answer"]):
            yield Example(line["question"], "", evidence, tuple(spans), "evidence", group, NEWS_SHARE)
        told = defaultdict(list)
        for (title, context, _), shared in found:
            spans = _occurrences(context, line["answer"])
            if not spans or max(shared, _shared(evidence, context)) >= LEAST_SHARED:
                share = NEWS_SHARE if spans else 1.0
                told[bool(spans)].append(Example(line["question"], title, context, tuple(spans), "news", group, share))
        yield from told[True][:NEWS_KEPT]
        yield from told[False][:NEWS_KEPT]


def lesson_examples(folder: Path = LESSONS) -> Iterator[Example]:
    """Questions written to be hard, asked of the passages of their article: those that answer and those that do not.

    Those that are answered shun the article's words more often than those that are not. Lest that tell them apart, the
    former are asked of passages that do not answer too, of their article and of others, and the rules of qa/drafting
    add some in the article's words. The files are named by number, in the order in which they were learned from.

    Raises:
        SourceError: the folder holds none.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise SourceError(f"there are no lessons in {str(folder)!r}; train from a checkout, which has corpus/lessons")
    tokenizer, chance = PassageEmbeddings().tokenizer, random.Random("lessons")
    examples: list[Example] = []
    lines = [(path, json.loads(line)) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    for path, line in lines:
        text, language = line["text"], line["language"]
        spans = [*split(text, tokenizer, size=PASSAGE_TOKENS)]
        kind = "lessons" if language == "en" else f"lessons_{language}"
        share = LESSONS_SHARE if int(path.stem) > LEARNED else LEARNED_SHARE
        lesson = Example("", line["title"], "", (), kind, f"lesson:{line['title']}", share)
        for question, place, answer in _answered(line):
            marked = replace(lesson, question=_marked(question, chance))
            for start, end in spans:
                context = text[start:end]
                if start <= place and place + len(answer) <= end:
                    span = (place - start, place - start + len(answer))
                    examples.append(replace(marked, context=context, answers=(span,)))
                elif not _occurrences(context, answer):
                    examples.append(replace(marked, context=context, share=min(share, LESSONS_ELSEWHERE)))
        for question in line["not_answered"]:
            start, end = chance.choice(spans)
            examples.append(replace(lesson, question=_marked(question, chance), context=text[start:end]))
    yield from examples
    yield from near_misses("lessons", [one for one in examples if one.kind == "lessons"])
    for kind in ("lessons", "lessons_es"):
        yield from _asked_of_another(kind, [one for one in examples if one.kind == kind])


def _answered(lesson: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The questions that a lesson answers, written or made by rules, each with where its answer starts, and that."""
    text = lesson["text"]
    for question, answer, quote in lesson["asked"]:
        yield question, text.index(quote) + quote.index(answer), answer
    for one in drafts(Article(text, title=lesson["title"], language=lesson["language"])):
        if one.short and one.short[0] in one.sentence:
            yield one.question, one.start + one.sentence.index(one.short[0]), one.short[0]


def _marked(question: str, chance: random.Random) -> str:
    """With its question mark or without, by chance: its writers left it out mostly of those that are answered."""
    bare = question.strip("¿? ")
    return bare if chance.random() < UNMARKED else f"{bare}?"


def _paragraphs(folder: Path, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with gzip.open(folder / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        for article in json.load(file)["data"]:
            for paragraph in article["paragraphs"]:
                yield article["title"], paragraph


def _span_set(name: str, share: float, paragraphs: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[Example]:
    for title, paragraph in paragraphs:
        context = paragraph["context"]
        named = name not in UNTITLED
        shown = title.replace("_", " ") if named else ""
        group = f"span:{title if named else _plain(context)[:60]}"
        for asked in paragraph["qas"]:
            spans = {
                (answer["answer_start"], answer["answer_start"] + len(answer["text"]))
                for answer in asked["answers"]
                if answer["text"] and context.startswith(answer["text"], answer["answer_start"])
            }
            impossible = asked.get("is_impossible", False)
            if bool(spans) != impossible:
                answers = () if impossible else tuple(sorted(spans))
                yield Example(asked["question"].strip(), shown, context, answers, name, group, share)


def _asked_of_another(name: str, examples: list[Example]) -> Iterator[Example]:
    """Some of the questions, asked of the paragraph most like them that does not answer."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    chance = random.Random(name)
    some = [one for one in examples if one.answers and chance.random() < NEGATIVES.get(name, 0)]
    if not some:
        return
    contexts = sorted({(one.context, one.title) for one in examples})
    vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32)
    table = vectorizer.fit_transform(context for context, _ in contexts)
    likeness = vectorizer.transform(one.question for one in some) @ table.T
    for one, row in zip(some, likeness, strict=True):
        best = row.indices[row.data.argsort()[::-1][:5]]
        others = [contexts[i] for i in best if contexts[i][0] != one.context and not _holds_any(one, contexts[i][0])]
        if others:
            context, title = others[0]
            yield replace(one, context=context, title=title, answers=(), share=min(one.share, 1.0))


def _holds_any(one: Example, context: str) -> bool:
    held = f" {_plain(context)} "
    return any(f" {_plain(one.context[start:end])} " in held for start, end in one.answers)


def _news_passages(folder: Path, year: int) -> list[_NewsPassage]:
    """Every passage of the articles that stand under a year; no other year's file is opened."""
    tokenizer, passages = PassageEmbeddings().tokenizer, []
    with gzip.open(folder / f"articles-{year}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            for start, end in split(line["text"], tokenizer, size=PASSAGE_TOKENS):
                passages.append((line["title"] or "", line["text"][start:end], (line["published"] or "")[:10]))
    return passages


def _nearest(passages: list[_NewsPassage], asked: list[dict[str, Any]]) -> Iterator[list[tuple[_NewsPassage, float]]]:
    """For each question, the passages most like it that were out by its day, with the share of its words they hold."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    table = vectorizer.fit_transform(f"{title} {title} {text}" for title, text, _ in passages)
    days = np.array([day for *_, day in passages])
    for start in range(0, len(asked), 100):
        some = asked[start : start + 100]
        for line, row in zip(some, (vectorizer.transform(q["question"] for q in some) @ table.T).tocsr(), strict=True):
            likeness = np.where(days[row.indices] <= line["date"], row.data, 0)
            best = row.indices[likeness.argsort()[::-1][:NEWS_LOOKED_AT]]
            yield [(passages[i], _shared(line["question"], " ".join(passages[i][:2]))) for i in best]


def _shared(text: str, context: str) -> float:
    """The share of a text's longer words that stand in the context."""
    words, others = ({word for word in _plain(part).split() if len(word) > 3} for part in (text, context))
    return len(words & others) / len(words) if words else 0.0


def _occurrences(text: str, answer: str) -> list[Span]:
    """Where an answer stands in a text, whatever its case and the space or punctuation between its words."""
    words = re.findall(r"\w+", answer)
    while words and words[0].lower() in ("a", "an", "the"):
        words = words[1:]
    if not words or answer.lower() in ("yes", "no", "true", "false"):
        return []
    pattern = r"(?<!\w)" + r"\W{1,3}".join(map(re.escape, words)) + r"(?!\w)"
    return [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\W+", " ", text.lower()).split())

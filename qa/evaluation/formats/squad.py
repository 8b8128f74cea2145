"""SQuAD 1.1 and 2.0: every paragraph is a document, every question rests on the sentence its answer was marked in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.errors import SourceError
from ingest.records import Article
from ingest.sentences import sentence_spans
from qa.evaluation.formats.fields import Bad, BadRow, Fields, Files, Item, json_value, listed, optional, required, whole
from qa.evaluation.records import Gold, Support
from qa.language import guess_language

_LANGUAGE_SAMPLE = 20  # questions of a file that tell its language


def read(path: Path, files: Files) -> Iterator[Item]:
    """The paragraphs and the questions of a file; lines count the questions."""
    value = json_value(path, files)
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise SourceError(f"{path} is no SQuAD file: there is no list named 'data' in it")
    paragraphs = list(_paragraphs(value["data"]))
    language = _language(paragraphs)
    line = 0
    for title, paragraph in paragraphs:
        questions = paragraph.get("qas")
        context = paragraph.get("context")
        if not isinstance(context, str) or not context.strip() or not isinstance(questions, list):
            yield Bad(line + 1, f"a paragraph of {title!r} has no text or no questions")
            line += len(questions) if isinstance(questions, list) else 0
            continue
        document = Article(text=context, title=title.replace("_", " "), language=language, origin=f"{path}:{title}")
        yield document
        sentences = sentence_spans(context, language)
        for question in questions:
            line += 1
            try:
                yield _gold(question, document, sentences, line)
            except BadRow as error:
                yield Bad(line, str(error))


def _paragraphs(data: list[Any]) -> Iterator[tuple[str, Fields]]:
    for number, entry in enumerate(data, 1):
        if isinstance(entry, dict):
            for paragraph in entry.get("paragraphs") or ():
                if isinstance(paragraph, dict):
                    yield str(entry.get("title") or number), paragraph


def _language(paragraphs: list[tuple[str, Fields]]) -> str:
    asked = [str(paragraph.get("context", ""))[:500] for _, paragraph in paragraphs[:_LANGUAGE_SAMPLE]]
    guesses = Counter(map(guess_language, asked)).most_common(1)
    return guesses[0][0] if guesses else "en"


def _gold(row: object, document: Article, sentences: list[tuple[int, int]], line: int) -> Gold:
    if not isinstance(row, dict):
        raise BadRow("it is not a JSON object")
    marked = [(required(answer, "text"), answer.get("answer_start")) for answer in _answers(row)]
    impossible = row.get("is_impossible") is True
    if not marked and not impossible:
        raise BadRow("it has no answers, and is not marked as impossible")
    if impossible:
        marked = []
    return Gold(
        id=optional(row, "id") or str(line),
        question=required(row, "question"),
        answers=tuple(dict.fromkeys(whole(text) for text, _ in marked)),
        answerable=not impossible,
        supports=tuple(dict.fromkeys(_support(document, sentences, start) for _, start in marked[:1])),
        language=document.language,
        group=document.title,
        line=line,
    )


def _answers(row: Fields) -> list[Fields]:
    answers = listed(row, "answers")
    if not all(isinstance(answer, dict) for answer in answers):
        raise BadRow("'answers' is not a list of objects with 'text'")
    return answers


def _support(document: Article, sentences: list[tuple[int, int]], start: object) -> Support:
    """The sentence in which the answer was marked."""
    if not isinstance(start, int):
        return Support(document.article_id)
    quote = next((document.text[a:b] for a, b in sentences if a <= start < b), "")
    return Support(document.article_id, quote)

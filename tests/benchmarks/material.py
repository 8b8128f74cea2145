"""The passages that both sides of the benchmark get, in a file that either can read without the other's code.

One line an article: its fields, and the spans of its passages.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ingest.clean import clean
from ingest.embed import PassageEmbeddings
from ingest.metadata import complete
from ingest.pipeline import PASSAGE_SHARE
from ingest.records import Article
from ingest.sources import read
from ingest.split import Span, split

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
FIELDS = ("title", "text", "url", "source", "language")


def write_passages(path: Path, count: int, data: Path | None) -> dict[str, object]:
    """Write articles that make exactly that many passages: real news where there is a data folder."""
    embeddings = PassageEmbeddings()
    size = int(embeddings.window * PASSAGE_SHARE)
    left = count
    with path.open("w", encoding="utf-8") as file:
        for article in _news(data) if data else _varied_corpus():
            if not left:
                break
            spans = list(split(article.text, embeddings.tokenizer, size=size, language=article.language or "en"))[:left]
            if spans:
                left -= len(spans)
                published = article.published.isoformat() if article.published else None
                fields = {name: getattr(article, name) for name in FIELDS}
                file.write(json.dumps({**fields, "published": published, "spans": spans}) + "\n")
    return {"passages": count - left, "from": "RealTime QA 2022" if data else "the bundled corpus, its words shuffled"}


def read_passages(path: Path) -> Iterator[tuple[Article, tuple[Span, ...]]]:
    """The articles of such a file, with the spans of their passages."""
    with path.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            published = datetime.fromisoformat(line["published"]) if line["published"] else None
            article = Article(**{name: line[name] for name in FIELDS}, published=published)
            yield article, tuple((start, end) for start, end in line["spans"])


def write_questions(path: Path, data: Path | None) -> dict[str, object]:
    """Write at least a hundred questions to time, as a JSON list."""
    if data:
        lines = (data / "realtimeqa" / "questions-2022.jsonl").read_text(encoding="utf-8").splitlines()
        lines = lines[:: max(1, len(lines) // 120)]
    else:
        lines = (CORPUS / "testset.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    path.write_text(json.dumps(questions), encoding="utf-8")
    return {"questions": len(questions)}


def _news(data: Path) -> Iterator[Article]:
    """Articles of 2022 as an ingest would clean them."""
    items = read(str(data / "realtimeqa" / "articles-2022.jsonl.gz"))
    return (complete(clean(item)) for item in items if isinstance(item, Article))


def _varied_corpus() -> Iterator[Article]:
    """The bundled articles over and over; each time with their words in another order, so that none is a duplicate."""
    articles = [complete(clean(item)) for item in read(str(CORPUS)) if isinstance(item, Article)]
    chance = random.Random(0)
    for turn in itertools.count():
        for article in articles:
            words = article.text.split()
            chance.shuffle(words)
            pieces = (words[i : i + 20] for i in range(0, len(words), 20))
            text = ". ".join(" ".join(piece) for piece in pieces)
            yield replace(article, text=text if turn else article.text, url=f"{article.url or article.origin}?{turn}")

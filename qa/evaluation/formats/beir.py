"""BEIR folders: documents, queries, and which documents are relevant to which query; retrieval alone is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.errors import SourceError
from ingest.records import Article
from qa.evaluation.formats.fields import Bad, Fields, Files, Item, article, items, json_lines, required
from qa.evaluation.records import Gold, Support

_SPLITS = ("test", "dev", "train")  # the first that is there


def is_beir(folder: Path) -> bool:
    """Whether a folder is laid out like BEIR's."""
    return any(_file(folder, name).is_file() for name in ("queries", "corpus")) and (folder / "qrels").is_dir()


def read(folder: Path, files: Files) -> Iterator[Item]:
    """The queries that have relevant documents, and all documents."""
    qrels = next((path for split in _SPLITS if (path := folder / "qrels" / f"{split}.tsv").is_file()), None)
    if qrels is None:
        raise SourceError(f"{folder} has no qrels/test.tsv; it needs corpus.jsonl, queries.jsonl and qrels/test.tsv")
    names: dict[str, str] = {}
    for item in _named(_file(folder, "corpus"), files, _document):
        if isinstance(item, Article):
            names[item.origin] = item.article_id
        yield item
    relevant, bad = _relevant(qrels, files, names)
    yield from bad

    def query(row: Fields, line: int) -> Gold:
        name = required(row, "_id")
        supports = tuple(Support(article_id) for article_id in relevant.get(name, ()))
        return Gold(name, required(row, "text"), supports=supports, line=line)

    for item in _named(_file(folder, "queries"), files, query):
        if not isinstance(item, Gold) or item.supports:
            yield item


def _file(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.jsonl.gz"
    return packed if packed.is_file() else folder / f"{name}.jsonl"


def _named(path: Path, files: Files, build: Callable[[Fields, int], Item]) -> Iterator[Item]:
    for item in items(json_lines(files.json_text(path)), build):
        yield Bad(item.line, f"{path.name}: {item.reason}") if isinstance(item, Bad) else item


def _document(row: Fields, line: int) -> Article:
    """A document under its own name; its address is in the metadata, where there is one."""
    metadata = row.get("metadata")
    told = metadata if isinstance(metadata, dict) else {}
    return article({**told, **row}, required(row, "_id"))


def _relevant(path: Path, files: Files, names: dict[str, str]) -> tuple[dict[str, list[str]], list[Bad]]:
    """The articles that are relevant to each query; and the lines that cannot be used."""
    found: dict[str, list[str]] = defaultdict(list)
    bad = []
    for line, content in enumerate(files.text(path).splitlines(), 1):
        cells = content.split("\t")
        if not content.strip() or (line == 1 and cells[-1].strip() == "score"):
            continue
        try:
            query, document, grade = cells[0], cells[-2], float(cells[-1])
        except (IndexError, ValueError):
            bad.append(Bad(line, f"{path.name}: it is not a query, a document and a grade, separated by tabs"))
            continue
        if grade > 0 and document not in names:
            bad.append(Bad(line, f"{path.name}: there is no document {document!r} in the corpus"))
        elif grade > 0:
            found[query].append(names[document])
    return found, bad

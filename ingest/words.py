"""The word index: BM25 over titles and passages, stemmed by language; the only file that imports tantivy."""

from __future__ import annotations

import math
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog, Mark
from ingest.filters import Filter
from ingest.seal import Seal, intact, read_seal, write_seal

STEMMERS = {
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "de": "german",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
}
OTHER = "xx"  # every other language: folded and lower-cased, not stemmed
TITLE_BOOST = 0.6  # tuned on RealTime QA 2022
BATCH_PASSAGES = 20_000  # sealed at least this often, so that a kill costs no more than one batch
HEAP_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class WordQuery:
    """text: words of which any may occur; phrases and required must occur; excluded must not."""

    text: str
    phrases: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class WordIndex:
    """A Tantivy folder that follows the catalog. Any process searches it; the holder of its lock writes it."""

    def __init__(self, parent: Path, library: str) -> None:
        self._parent = parent
        self._library = library
        self._lock = threading.Lock()
        self._open: tuple[Seal, Any] | None = None

    @property
    def seal_path(self) -> Path:
        """Where the seal lies."""
        return self._parent / "words.json"

    def mark(self) -> Mark:
        """How far the folder has followed; Mark(0, 0) where there is none."""
        seal = read_seal(self.seal_path)
        return seal.mark if seal and seal.library == self._library else Mark()

    def fault(self) -> str:
        """What is wrong with the folder, "" if nothing; for the holder of its lock."""
        seal = read_seal(self.seal_path)
        if seal is None:
            return "left unfinished" if any(self._parent.glob("words-*")) else "missing"
        if seal.library != self._library:
            return "made for another library"
        return "" if intact(seal, self._parent) else "damaged"

    def follow(self, catalog: Catalog) -> Iterator[int]:
        """Catch up with the catalog, from nothing where the folder is at fault; passages done so far, after each batch.

        Only the holder of the folder's lock may call this.
        """
        import tantivy

        seal = read_seal(self.seal_path)
        if self.fault():
            seal = None
        folder = self._parent / (seal.folder if seal else f"words-{uuid.uuid4().hex[:8]}")
        if seal is None:
            folder.mkdir(parents=True)
            index = tantivy.Index(_schema(), path=str(folder))
        else:
            index = tantivy.Index.open(str(folder))
        _register(index)
        done, goal = seal.mark if seal else Mark(0, catalog.mark().removed), catalog.mark()
        dead = catalog.removals(done)
        fresh = seal is None
        while fresh or done != goal:
            batch = list(_batch(catalog, done.added, goal.added))
            writer = index.writer(HEAP_BYTES, 1)
            for first, count in dead:
                for key in range(first, first + count):
                    # delete_documents_by_term finds no unsigned number: it looks for a signed one
                    writer.delete_documents_by_query(tantivy.Query.term_query(_schema_once(), "key", key))
            for entry in batch:
                for passage in entry.passages:
                    writer.add_document(_document(entry.article, passage))
            writer.commit()
            writer.wait_merging_threads()
            dead, fresh = [], False
            done = Mark(batch[-1].first + len(batch[-1].spans) if batch else goal.added, goal.removed)
            write_seal(self.seal_path, folder, self._library, done)
            yield done.added
        self._drop_others(folder.name)

    def search(
        self, query: WordQuery, k: int, condition: Filter, languages: set[str]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k best passages by BM25: their numbers and scores, best first.

        Raises whatever Tantivy raises over a damaged folder; FileNotFoundError where there is none.
        """
        searcher = self.searcher()
        found = searcher.search(_query(query, condition, languages), k, count=False).hits
        keys = searcher.fast_field_values("key", [address for _, address in found])
        return np.array(keys, np.int64), np.array([score for score, _ in found], np.float32)

    def coverage(self, text: str, keys: NDArray[np.int64], languages: set[str]) -> NDArray[np.float64]:
        """How much of a question's words each passage's own text holds, rare words counting more: (n,) in [0, 1].

        A word counts log(1 + passages / (1 + those that hold it)). Raises as search() does.
        """
        import tantivy

        searcher, schema = self.searcher(), _schema_once()
        should, must = tantivy.Occur.Should, tantivy.Occur.Must
        clauses, most = [], 0.0
        for language in _stemmed(languages):
            field, total = f"text_{language}", 0.0
            for token in dict.fromkeys(_analyzer(language).analyze(text)):
                weight = math.log(1 + searcher.num_docs / (1 + searcher.doc_freq(field, token)))
                term = tantivy.Query.term_query(schema, field, token)
                clauses.append((should, tantivy.Query.const_score_query(term, weight)))
                total += weight
            most = max(most, total)
        wanted = tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, "key", keys.tolist()), 0.0)
        shares = np.zeros(len(keys))
        if most and len(keys):
            hits = searcher.search(tantivy.Query.boolean_query([(must, wanted), *clauses]), len(keys), count=False).hits
            found = searcher.fast_field_values("key", [address for _, address in hits])
            shares[np.searchsorted(keys, found)] = [score / most for score, _ in hits]
        return shares

    def searcher(self) -> Any:  # noqa: ANN401
        """Tantivy's view of the folder as it was last sealed."""
        return self._index().searcher()

    def _index(self) -> Any:  # noqa: ANN401 - tantivy.Index has no stubs
        import tantivy

        seal = read_seal(self.seal_path)
        if seal is None or seal.library != self._library:
            raise FileNotFoundError(f"there is no word index in {self._parent}")
        with self._lock:
            if self._open is None or self._open[0] != seal:
                index = tantivy.Index.open(str(self._parent / seal.folder))
                _register(index)
                self._open = (seal, index)
            return self._open[1]

    def _drop_others(self, name: str) -> None:
        for folder in self._parent.glob("words-*"):
            if folder.name != name:
                shutil.rmtree(folder, ignore_errors=True)


def audit(index: WordIndex, catalog: Catalog, on_progress: Callable[[str, int, int], None] | None) -> Iterator[str]:
    """What is wrong with the index: live passages not found by their own words, dead ones found."""
    import tantivy

    must = tantivy.Occur.Must
    try:
        searcher = index.searcher()
        live, total = 0, catalog.mark().added
        for entry in catalog.entries():
            language = entry.article.language if entry.article.language in STEMMERS else OTHER
            for passage in entry.passages:
                own = [tantivy.Query.term_query(_schema_once(), "key", passage.key)]
                tokens = list(dict.fromkeys(_analyzer(language).analyze(passage.text)))[:8]
                own += [tantivy.Query.term_query(_schema_once(), f"text_{language}", token) for token in tokens]
                found = searcher.search(tantivy.Query.boolean_query([(must, query) for query in own]), 2).count
                if found != 1:
                    yield f"passage {passage.key} is found {found} times by its own words"
                live += 1
            if on_progress:
                on_progress("words", entry.first + len(entry.spans), total)
        if searcher.num_docs != live:
            yield f"the word index holds {searcher.num_docs} passages and the catalog {live}"
    except Exception as error:  # a damaged index fails in ways of its own
        yield f"the word index cannot be searched: {error}"


def _batch(catalog: Catalog, first: int, end: int) -> Iterator[Any]:
    held = 0
    for entry in catalog.entries(first):
        if entry.first >= end:  # came after the goal was set: the next call's, or it would be in the index twice
            return
        yield entry
        held += len(entry.spans)
        if held >= BATCH_PASSAGES:
            return


def _schema() -> Any:  # noqa: ANN401
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    for language in (*STEMMERS, OTHER):
        builder.add_text_field(f"title_{language}", tokenizer_name=f"words_{language}", index_option="position")
        builder.add_text_field(f"text_{language}", tokenizer_name=f"words_{language}", index_option="position")
    return builder.build()


def stems(text: str, language: str) -> list[str]:
    """The words of a text as the index keeps them: lower case, stemmed where the language is known, without accents."""
    return list(_analyzer(language if language in STEMMERS else OTHER).analyze(text))


@cache
def _analyzer(language: str) -> Any:  # noqa: ANN401
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase())
    if language in STEMMERS:
        builder = builder.filter(tantivy.Filter.stemmer(STEMMERS[language]))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def _register(index: Any) -> None:  # noqa: ANN401
    for language in (*STEMMERS, OTHER):
        index.register_tokenizer(f"words_{language}", _analyzer(language))


def _document(article: Any, passage: Any) -> Any:  # noqa: ANN401
    import tantivy

    language = article.language if article.language in STEMMERS else OTHER
    document = tantivy.Document()
    document.add_unsigned("key", passage.key)
    document.add_unsigned("day", article.published.toordinal() if article.published else 0)
    document.add_text("source", article.source)
    document.add_text("language", article.language)
    document.add_text(f"title_{language}", article.title)
    document.add_text(f"text_{language}", passage.text)
    return document


def _query(query: WordQuery, condition: Filter, languages: set[str]) -> Any:  # noqa: ANN401
    import tantivy

    must, must_not, should = tantivy.Occur.Must, tantivy.Occur.MustNot, tantivy.Occur.Should
    fields = _stemmed(languages)
    clauses = []
    for language in fields:
        for token in dict.fromkeys(_analyzer(language).analyze(query.text)):
            title = tantivy.Query.term_query(_schema_once(), f"title_{language}", token)
            clauses.append((should, tantivy.Query.boost_query(title, TITLE_BOOST)))
            clauses.append((should, tantivy.Query.term_query(_schema_once(), f"text_{language}", token)))
    for phrase in (*query.phrases, *query.required):
        clauses.append((must, _anywhere(phrase, fields)))
    for phrase in query.excluded:
        clauses.append((must_not, _anywhere(phrase, fields)))
    words = tantivy.Query.boolean_query(clauses)
    return tantivy.Query.boolean_query([(must, words), *((must, part) for part in _conditions(condition))])


def _stemmed(languages: set[str]) -> list[str]:
    """The names under which the index keeps words of these languages."""
    return sorted({language if language in STEMMERS else OTHER for language in languages}) or [OTHER]


def _anywhere(phrase: str, fields: Sequence[str]) -> Any:  # noqa: ANN401
    import tantivy

    options = []
    for language in fields:
        tokens = _analyzer(language).analyze(phrase)
        for part in ("title", "text"):
            name = f"{part}_{language}"
            if len(tokens) == 1:
                options.append(tantivy.Query.term_query(_schema_once(), name, tokens[0]))
            elif tokens:
                options.append(tantivy.Query.phrase_query(_schema_once(), name, list(tokens)))
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, option) for option in options])


def _conditions(condition: Filter) -> Iterator[Any]:
    import tantivy

    low = condition.after or (1 if condition.before is not None else 0)
    high = min((day for day in (condition.before, condition.as_of) if day is not None), default=None)
    if low or high is not None:
        span = tantivy.Query.range_query(_schema_once(), "day", tantivy.FieldType.Unsigned, low, high or 4_000_000)
        yield tantivy.Query.const_score_query(span, 0.0)
    for name, values in (("source", condition.sources), ("language", condition.language and [condition.language])):
        if values is not None:
            terms = [tantivy.Query.term_query(_schema_once(), name, value) for value in sorted(values)]
            either = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
            yield tantivy.Query.const_score_query(either, 0.0)


@cache
def _schema_once() -> Any:  # noqa: ANN401
    return _schema()

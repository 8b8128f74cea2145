"""What an evaluation works on: gold questions, a row for each question asked, a run of rows, estimates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.records import Article

RUN_VERSION = 1  # of run.json; raised whenever a reader of older files would be misled


@dataclass(frozen=True, slots=True)
class Support:
    """Something that a gold answer rests on.

    article: its url, article_id, or path as ingested; "" where only the quote is known.
    quote: the supporting text, verbatim; "" where only the article is known.
    """

    article: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Gold:
    """One question of a test set with what a good answer says and rests on.

    answers: accepted answers, the best first; the parts of one are separated by ";", and all of them are needed.
    answerable: False where a good assistant abstains.
    choices: of a multiple-choice question, in order; choice: the index of the right one.
    as_of: the day on which the question is asked.
    history: earlier (question, answer) turns.
    tags: anything to break figures down by: kind, source, year.
    group: what is resampled together, such as the week of a quiz; "" where each question stands by itself.
    documents: given with the question, to be read instead of what a library holds; empty where the library is asked.
    normaliser: "squad" or "realtimeqa": how answers are compared.
    line: where it stands in its file, from 1.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    supports: tuple[Support, ...] = ()
    choices: tuple[str, ...] = ()
    choice: int | None = None
    as_of: date | None = None
    history: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    tags: dict[str, str] = field(default_factory=dict)
    group: str = ""
    documents: tuple[Article, ...] = ()
    normaliser: str = "squad"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one question: plain values, enough to compute every metric again without any model.

    gold: the gold question as plain JSON values, its documents left out.
    text: the answer's text with its marks; short: the short answer alone, "" where there is none.
    citations: of the answer, in order: number, quote, article_id, url, origin, published, and `verbatim`, whether the
        quote stands at its offsets in the article that the library holds.
    passages: what was considered, best first: rank, text, article_id, url, origin, published.
    unsupported: sentences of the text that no citation backs.
    timings: seconds by stage. tokens: input and output, where an LLM answered.
    error: why the question could not be asked or judged; the row is then unmeasured, not wrong.
    metrics: by name, in [0, 1] but for lengths and latencies; None where it does not apply or could not be measured.
    verdicts: by judge: what an LLM said of the answer, with its reasons.
    """

    id: str
    gold: dict[str, Any]
    text: str = ""
    short: str = ""
    abstained: bool = False
    confidence: float = 0.0
    citations: tuple[dict[str, Any], ...] = ()
    passages: tuple[dict[str, Any], ...] = ()
    unsupported: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    error: str = ""
    metrics: dict[str, float | None] = field(default_factory=dict)
    verdicts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the range that chance leaves it, at 95 %.

    n: questions it is computed on. unmeasured: questions it should have been computed on, but could not be.
    method: "bootstrap", "bootstrap over groups", or "Wilson".
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    unmeasured: int = 0
    method: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation: what was asked of what, and every row in the test set's order.

    testset: path, format, sha256, questions, dropped (line and reason of each bad row).
    setting: version, commit, seed, the library's articles and passages, k, names and digests of the models, judge.
    cold_start: seconds to load everything and answer the first question; it is in no latency.
    """

    created: str
    testset: dict[str, Any]
    setting: dict[str, Any]
    cold_start: float | None
    rows: tuple[Row, ...]
    version: int = RUN_VERSION

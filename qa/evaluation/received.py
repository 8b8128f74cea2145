"""A run.json from somebody else: every value checked before anything is computed from it, and every metric anew."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from ingest.errors import SourceError
from qa.evaluation.records import RUN_VERSION, Run
from qa.evaluation.run import recompute, row_of

MOST_BYTES = 128 * 2**20
MOST_QUESTIONS = 20_000

Name = Annotated[str, Field(max_length=1_000)]
Text = Annotated[str, Field(max_length=20_000)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Turn = Annotated[list[Text], Field(min_length=2, max_length=2)]
Day = Annotated[str, AfterValidator(lambda text: date.fromisoformat(text).isoformat())]


class _Support(TypedDict):
    article: Name
    quote: Text


class _Gold(TypedDict):
    id: Name
    question: Text
    answers: Annotated[list[Text], Field(max_length=1_000)]
    answerable: bool
    supports: Annotated[list[_Support], Field(max_length=1_000)]
    choices: Annotated[list[Text], Field(max_length=100)]
    choice: int | None
    as_of: Day | None
    history: Annotated[list[Turn], Field(max_length=100)]
    language: Name
    tags: Annotated[dict[Name, Name], Field(max_length=100)]
    group: Name
    normaliser: Literal["squad", "realtimeqa"]
    line: Count


class _Place(TypedDict):
    article_id: NotRequired[Name]
    title: NotRequired[Text]
    source: NotRequired[Name]
    url: NotRequired[Text]
    origin: NotRequired[Text]
    published: NotRequired[Name | None]


class _Found(_Place):
    also_in: NotRequired[Annotated[list[_Place], Field(max_length=1_000)]]


class _Citation(_Found):
    number: Count
    quote: Text
    verbatim: NotRequired[bool | None]


class _Passage(_Found):
    rank: Count
    text: Text


class _Statement(TypedDict):
    statement: Text
    grounded: bool
    reason: Text


class _Said(TypedDict):
    model: NotRequired[Name]
    correctness: NotRequired[Literal["correct", "partial", "wrong"]]
    reason: NotRequired[Text]
    statements: NotRequired[Annotated[list[_Statement], Field(max_length=1_000)]]
    errors: NotRequired[Annotated[list[Text], Field(max_length=100)]]


class _Row(TypedDict):
    id: Name
    gold: _Gold
    text: NotRequired[Text]
    short: NotRequired[Text]
    abstained: NotRequired[bool]
    confidence: NotRequired[Share]
    citations: NotRequired[Annotated[list[_Citation], Field(max_length=1_000)]]
    passages: NotRequired[Annotated[list[_Passage], Field(max_length=1_000)]]
    unsupported: NotRequired[Annotated[list[Text], Field(max_length=1_000)]]
    timings: NotRequired[Annotated[dict[Name, Seconds], Field(max_length=50)]]
    tokens: NotRequired[Annotated[dict[Name, Count], Field(max_length=50)]]
    error: NotRequired[Text]
    verdicts: NotRequired[Annotated[dict[Name, _Said], Field(max_length=10)]]


class _TestSet(TypedDict):
    path: Name
    format: Name
    sha256: Name
    questions: Count
    dropped: NotRequired[Annotated[list[tuple[Count, Text]], Field(max_length=100_000)]]


class _Counts(TypedDict):
    articles: Count
    passages: Count


class _Embedding(TypedDict):
    name: Name
    sha256: Name


class _Setting(TypedDict):
    k: Count
    seed: NotRequired[Count]
    limit: NotRequired[Count | None]
    workers: NotRequired[Count]
    version: NotRequired[Name]
    commit: NotRequired[Name]
    llm: NotRequired[Name]
    judge: NotRequired[Name]
    answerer: NotRequired[Name]
    answerer_sha256: NotRequired[Name]
    library: NotRequired[_Counts]
    embedding: NotRequired[_Embedding]


class _Run(TypedDict):
    version: Annotated[int, Field(ge=1, le=RUN_VERSION)]
    created: Name
    testset: _TestSet
    setting: _Setting
    cold_start: Seconds | None
    rows: Annotated[list[_Row], Field(min_length=1, max_length=MOST_QUESTIONS)]


_RUN: TypeAdapter[Any] = TypeAdapter(_Run)


def received_run(path: Path, name: str = "") -> Run:
    """The run in a file that may hold anything; what is unknown in it is left out, and its metrics are not believed.

    Args:
        path: of the file.
        name: what to call it in an error, where the path says nothing to who sent it.

    Raises:
        SourceError: it is too large, no JSON, or not a whole run; the message says where.
    """
    name = name or str(path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SourceError(f"{name} has {size / 2**20:.0f} MB, and a run of at most {MOST_BYTES / 2**20:.0f} is read")
    try:
        value = json.loads(path.read_bytes())
        json.dumps(value, ensure_ascii=False).encode()  # half a character, as "\ud800" is, breaks whatever shows it
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{name} is not JSON; give the run.json that an evaluation wrote ({error})") from error
    try:
        checked = _RUN.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise SourceError(
            f"{name} is not a whole run that this Dateline reads: {where}: {first['msg']}; give the run.json that an "
            "evaluation wrote"
        ) from error
    testset = {"dropped": [], **checked["testset"]}
    rows = tuple(map(row_of, checked["rows"]))
    return recompute(Run(checked["created"], testset, checked["setting"], checked["cold_start"], rows))

"""What a client may send to the API, and how much of it; Gradio checks neither."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Required, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    with_config,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from ingest.errors import SettingsError
from ingest.sources.fields import language_code
from qa.assistant import PASSAGES
from qa.question import MAX_CHARACTERS
from ui.conversation import Filters

MAX_TURNS = 20
MAX_PASSAGES = 50
MAX_OUTLETS = 50
MAX_ARTICLES = 100
MAX_AUTHORS = 50
MAX_ADDRESSES = 20
MAX_TEST_QUESTIONS = 100
MAX_TURN = 10_000
"""Characters of a question or an answer in the history."""
MAX_TEXT = 200_000
"""Characters of an article's text."""
MAX_NAME = 2_000
"""Characters of any other text, such as a title or an address."""
MAX_JSON = 2_000_000
"""Characters that the articles, or the test questions, of one call may take as JSON."""

Checked = TypeVar("Checked", bound=BaseModel)
Name = Annotated[str, Field(max_length=MAX_NAME)]


def _on_the_web(address: str) -> str:
    # The ingest takes all else for a path, and no path of this machine is a client's to name.
    if not address.startswith(("http://", "https://")):
        raise PydanticCustomError("address", "Input should be an address that begins with http:// or https://")
    return address


def _pair(turn: object) -> object:
    if not isinstance(turn, list) or len(turn) != 2:
        raise PydanticCustomError("turn", "Input should be [question, answer]")
    return turn


Said = Annotated[str, Field(max_length=MAX_TURN)]
Turn = Annotated[tuple[Said, Said], BeforeValidator(_pair)]
Address = Annotated[Name, AfterValidator(_on_the_web)]


class Asked(BaseModel):
    """A question, with where to look."""

    model_config = ConfigDict(str_max_length=MAX_NAME)

    question: str = Field(max_length=MAX_CHARACTERS)
    history: list[Turn] = Field([], max_length=MAX_TURNS)
    as_of: str = ""
    after: str = ""
    before: str = ""
    sources: list[str] = Field([], max_length=MAX_OUTLETS)
    language: str = ""
    k: int = Field(PASSAGES, ge=1, le=MAX_PASSAGES)

    @field_validator("language")
    @classmethod
    def _code(cls, language: str) -> str:
        if language and not language_code(language):
            raise PydanticCustomError("language", "Input should be a code of two letters, such as en or es")
        return language_code(language)

    def arguments(self) -> dict[str, Any]:
        """All but the question, as the assistant takes it.

        Raises:
            QuestionError: a day is not one of the calendar, or the last one lies before the first.
        """
        where = Filters(self.after, self.before, self.as_of, tuple(self.sources), self.language)
        return {**where.arguments(), "history": self.history, "k": self.k}


@with_config(ConfigDict(extra="forbid"))
class SentArticle(TypedDict, total=False):
    """An article; what is left out, the ingest finds out where it can."""

    text: Required[Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]]
    title: Name
    url: Name
    published: Name
    source: Name
    authors: Annotated[list[Name], Field(max_length=MAX_AUTHORS)]
    language: Name


class Submitted(BaseModel):
    """What is to be ingested."""

    articles: list[SentArticle] = Field([], max_length=MAX_ARTICLES)
    addresses: list[Address] = Field([], max_length=MAX_ADDRESSES)


class TestQuestions(BaseModel):
    """A test set, as records of the native format."""

    __test__ = False  # pytest takes the name for a class of tests

    questions: list[dict[str, Any]] = Field(min_length=1, max_length=MAX_TEST_QUESTIONS)


def asked(*values: object) -> Asked:
    """The question and where to look, from the values of Asked's fields in their order; SettingsError as checked()."""
    return checked(Asked, **dict(zip(Asked.model_fields, values, strict=True)))


def checked(kind: type[Checked], **values: object) -> Checked:
    """The values as they may be; None stands for the default.

    Raises:
        SettingsError: one of them may not be so.
    """
    try:
        return kind.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        raise SettingsError(
            f"{where} cannot be used: {first['msg']}; /gradio_api/info tells what the endpoint takes"
        ) from error


def json_lines(name: str, values: Sequence[Any]) -> str:
    """The values as JSON, one a line.

    Raises:
        SettingsError: there are too many characters of it.
    """
    lines = "".join(json.dumps(value) + "\n" for value in values)
    if len(lines) > MAX_JSON:
        raise SettingsError(
            f"{name} take {len(lines):,} characters as JSON; at most {MAX_JSON:,} are taken at once, so send parts"
        )
    return lines

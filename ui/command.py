"""What the commands share: options, the way to fail in one line, and the opening of the library."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ingest.errors import DatelineError, LibraryNotFoundError, SettingsError
from ui.progress import progress

if TYPE_CHECKING:
    from ingest.library import Library
    from ingest.settings import Settings

Command = TypeVar("Command", bound=Callable[..., None])

LibraryPath = Annotated[
    Path | None,
    typer.Option("--library", metavar="PATH", help="The library's folder (or set DATELINE_LIBRARY)."),
]
ChromaUrl = Annotated[
    str | None,
    typer.Option("--chroma", metavar="URL", help="A Chroma server to keep vectors in, instead of the library."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Llm = Annotated[
    str | None,
    typer.Option("--llm", metavar="PROVIDER:MODEL", help="A chat model that writes the answers, or drafts questions."),
]


def command(
    app: typer.Typer,
    *examples: str,
    name: str | None = None,
    hidden: bool = False,
    exit_code: Callable[[Exception], int] = lambda error: 1,
) -> Callable[[Command], Command]:
    """Makes a function a command of the app that shows the examples in its help and fails in one line on stderr.

    exit_code: what the process ends with, by the error.
    """
    epilog = "\b\nExamples:\n" + "\n".join(f"  {example}" for example in examples)

    def register(function: Command) -> Command:
        app.command(name, epilog=epilog, hidden=hidden)(_failing_in_one_line(function, exit_code))
        return function

    return register


def _failing_in_one_line(function: Command, exit_code: Callable[[Exception], int]) -> Callable[..., None]:
    @functools.wraps(function)
    def run(**options: object) -> None:
        try:
            function(**options)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has what it wanted (`| head`). Python flushes stdout once more at exit: into nothing.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            say("stopped; what is committed stays in the library")
            raise typer.Exit(130) from None
        except (typer.Exit, typer.BadParameter):
            raise
        except Exception as error:
            if options["debug"]:
                raise
            say(_sentence(error))
            raise typer.Exit(exit_code(error)) from None

    return run


def _sentence(error: Exception) -> str:
    if isinstance(error, DatelineError):
        return str(error)
    return f"unexpected {type(error).__name__}: {error} (the same command with --debug shows where it comes from)"


def say(message: str) -> None:
    """A sentence on stderr, signed."""
    from qa.markdown import one_line

    sys.stderr.write(f"dateline: {one_line(message)}\n")


def report_line(text: str) -> None:
    """Text on stderr."""
    sys.stderr.write(text + "\n")


def print_line(text: str) -> None:
    """Text on stdout."""
    sys.stdout.write(text + "\n")


def read_settings() -> Settings:
    """The settings of the environment; a wrong one is an error that names its variable."""
    from pydantic import ValidationError

    from ingest.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"DATELINE_{first['loc'][0]}".upper()
        raise SettingsError(f"{name} is set to {first['input']!r}, which cannot be used: {first['msg']}") from error


@contextmanager
def open_library(
    path: Path | None, chroma: str | None, *, create: bool = False, follow: bool = False
) -> Iterator[Library]:
    """The library; at the end, what the user should know of its indexes."""
    from ingest.library import Library

    settings = read_settings()
    with Library.open(
        path or settings.library,
        create=create,
        embedding_model=settings.asked_model,
        chroma=chroma or settings.chroma,
        follow=follow,
    ) as library:
        yield library
        for notice in library.notices:
            say(notice)


@contextmanager
def open_to_ask(path: Path | None, chroma: str | None, *, follow: bool = False) -> Iterator[Library]:
    """The library, which must hold articles; where none is named, your own, with the sample articles if it is empty."""
    with open_library(path, chroma, follow=follow) if path else _own(chroma, follow=follow) as library:
        if not library.status().articles:
            where = f" --library {path}" if path else ""
            raise LibraryNotFoundError(
                f"the library at {library.path} holds no articles yet; add some with `dateline ingest SOURCE{where}`"
            )
        yield library


@contextmanager
def _own(chroma: str | None, *, follow: bool) -> Iterator[Library]:
    from qa.default import default_library

    settings = read_settings()
    settings = settings.model_copy(update={"chroma": chroma or settings.chroma})
    with progress() as on_progress:
        library = default_library(
            follow=follow,
            settings=settings,
            on_progress=lambda step: on_progress(step.stage, step.done, step.total),
            on_sample=lambda: say(f"the library at {settings.library} is empty: the sample articles are put into it"),
        )
    with library:
        yield library
        for notice in library.notices:
            say(notice)

"""The `dateline` command: answers on stdout, progress and reports on stderr; exit code 0, 1 (failed) or 2 (usage)."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ui import evaluate, feedback
from ui.command import (
    AsJson,
    ChromaUrl,
    Debug,
    LibraryPath,
    Llm,
    command,
    open_library,
    open_to_ask,
    print_line,
    read_settings,
    report_line,
    say,
)
from ui.progress import progress, working

if TYPE_CHECKING:
    from ingest.library import Library

app = typer.Typer(
    name="dateline",
    help="Answers questions about the news from the articles you give it, with the passages that back each answer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else _no_day(text)
    except ValueError:
        _no_day(text)


def _no_day(text: str) -> NoReturn:
    raise typer.BadParameter(f"{text!r} is not a day of the calendar written as YYYY-MM-DD, such as 2025-03-31")


@command(
    app,
    "dateline ingest articles/ notes.md",
    "dateline ingest https://example.org/feed.xml",
    "dateline ingest dump.csv --column text=story --column published=day",
)
def ingest(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, http(s) addresses, or - for stdin.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="Which column of a table is which field (repeat)."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for an ingest that is at work.")] = True,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Add articles to the library.

    What is there already and unchanged is left alone. Reads text, Markdown, HTML, PDF, JSONL, CSV,
    Parquet, WARC, RSS and Atom, most also gzipped; of addresses, sitemaps too.
    """
    from ingest.pipeline import ingest as ingest_sources
    from ui.terminal import report_text

    columns = dict(_column(pair) for pair in column) if column else None
    with open_library(library, chroma, create=True) as opened, progress() as on_progress:
        report = ingest_sources(
            opened,
            sources,
            columns=columns,
            allow_private=read_settings().allow_private_addresses,
            on_progress=lambda step: on_progress(step.stage, step.done, step.total),
            wait=wait,
        )
        if report.indexed:
            _tell_of_samples(opened, sources)
    report_line(report_text(report))
    if report.rejected and not (report.indexed or report.updated or report.unchanged or report.duplicates):
        raise typer.Exit(1)


def _tell_of_samples(library: Library, sources: list[str]) -> None:
    """Say how to take out the sample articles, with which a library begins that was asked before it held any."""
    from qa.default import CORPUS

    began_with = Path(next(library.articles()).origin)
    others = [source for source in sources if not Path(source).absolute().is_relative_to(CORPUS)]
    if others and began_with.is_relative_to(CORPUS):
        say(f"the sample articles are in this library too; `dateline forget --from {CORPUS}` takes them out")


def _column(pair: str) -> tuple[str, str]:
    field, equals, column = pair.partition("=")
    if not (field and equals and column):
        raise typer.BadParameter(f"{pair!r} is not FIELD=COLUMN, such as text=story", param_hint="--column")
    return field, column


@command(
    app,
    'dateline ask "Which Mexican states border Guatemala?"',
    'dateline ask "Who won?" --as-of 2024-06-30 --source "Sample Wire"',
    'dateline ask "How many people fled?" --json | jq .citations',
)
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of", metavar="YYYY-MM-DD", parser=_day, help="Answer as on that day; later articles are hidden."
        ),
    ] = None,
    after: Annotated[
        date | None,
        typer.Option(
            "--after", metavar="YYYY-MM-DD", parser=_day, help="Only articles published on that day or later."
        ),
    ] = None,
    before: Annotated[
        date | None,
        typer.Option(
            "--before", metavar="YYYY-MM-DD", parser=_day, help="Only articles published on that day or earlier."
        ),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="OUTLET", help="Only this outlet (repeat for more).")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Only articles in this language, such as en.")
    ] = None,
    llm: Llm = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages to consider.")] = 8,
    as_json: AsJson = False,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Answer a question, with the sentences that back it."""
    from ui.terminal import answer_text

    with open_to_ask(library, chroma) as opened, working("Reading the library"):
        from qa import Assistant

        answer = Assistant(opened, llm=llm or read_settings().llm).answer(
            question,
            as_of=as_of,
            published_after=after,
            published_before=before,
            sources=source or None,
            language=language,
            k=k,
        )
        notices = opened.notices
    print_line(answer.to_json() if as_json else answer_text(answer))
    if notices:
        sys.stdout.flush()
        with open_library(library, chroma) as opened, working("Rebuilding the word index"):
            opened.follower.catch_up_words()


@command(
    app,
    "dateline chat",
    "dateline chat --host 0.0.0.0 --port 8080 --auth users",
    "dateline chat --mcp",
)
def chat(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 7860,
    auth: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|USER:PASSWORD", envvar="DATELINE_AUTH", help="Who may come in; needed beyond loopback."
        ),
    ] = None,
    share: Annotated[bool, typer.Option("--share/--no-share", help="A public link through Gradio's servers.")] = False,
    insecure: Annotated[bool, typer.Option("--insecure", help="Let others in without --auth.")] = False,
    mcp: Annotated[bool, typer.Option("--mcp", help="Let machines ask too, as an MCP server.")] = False,
    llm: Llm = None,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Open the chat, on this machine only unless told otherwise."""
    from ui.server import serve, server_options

    options = server_options(host, port, auth=auth, share=share, insecure=insecure, mcp=mcp)
    with open_to_ask(library, chroma, follow=True) as opened:
        from ui.desk import Desk

        settings = read_settings()
        desk = Desk(opened, llm=llm or settings.llm, private=options.private, chroma=chroma or settings.chroma)
        with closing(desk):
            serve(desk, options, on_ready=report_line)


@command(
    app,
    "dateline password ana >> users",
)
def password(
    user: Annotated[str, typer.Argument(metavar="USER", help="The name to log in with.")], debug: Debug = False
) -> None:
    """Ask for a password and print the line that lets its user into the chat.

    Put the line into a file that only you can read, and give the file to `dateline chat --auth`.
    """
    from ui.users import user_line

    print_line(user_line(user, typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)))


app.add_typer(evaluate.app, name="eval")
app.add_typer(feedback.app)


@command(
    app,
    "dateline status",
    "dateline status --json | jq .rejected",
)
def status(
    as_json: AsJson = False, library: LibraryPath = None, chroma: ChromaUrl = None, debug: Debug = False
) -> None:
    """Say what the library holds.

    Also how far its indexes have followed, and which inputs were rejected.
    """
    from dataclasses import asdict

    from ui.terminal import status_text

    with open_library(library, chroma) as opened:
        state = opened.status()
    print_line(json.dumps(asdict(state), ensure_ascii=False, default=_plain) if as_json else status_text(state))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


@command(
    app,
    "dateline check",
    "dateline check --repair",
)
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Verify every article, passage and index entry.

    The exit code is 1 if anything is wrong.
    """
    from ui.terminal import check_text

    with open_library(library, chroma) as opened, progress() as on_progress:
        report = opened.check(repair=repair, on_progress=on_progress)
    report_line(check_text(report))
    if report.problems:
        raise typer.Exit(1)


@command(
    app,
    "dateline forget https://example.org/2025/03/story",
    "dateline forget 5f3a9c0d11e2b874",
    "dateline forget --from ~/news/march",
)
def forget(
    article: Annotated[str | None, typer.Argument(help="The article's address or its 16-digit id.")] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="SOURCE", help="Instead, all that was read from this file, folder or address."),
    ] = None,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Remove one article wholly, or all articles of a source, with their passages."""
    if (article is None) == (source is None):
        raise typer.BadParameter("name one article, or a source with --from")
    with open_library(library, chroma) as opened, working("Removing and rebuilding the indexes"):
        if source is not None:
            number = len(opened.forget_source(source))
            told = f"{number:,} article{'s' * (number != 1)} from {source}"
        else:
            forgotten = opened.forget(article or "")
            told = f"“{forgotten.title or forgotten.article_id}”"
    say(f"forgot {told}")


@command(
    app,
    "dateline rebuild",
    "dateline rebuild --library ~/news",
)
def rebuild(library: LibraryPath = None, chroma: ChromaUrl = None, debug: Debug = False) -> None:
    """Build the indexes anew from the catalog.

    No article is embedded again: the embeddings are kept.
    """
    with open_library(library, chroma) as opened, progress() as on_progress:
        opened.rebuild(on_progress=on_progress)
    say("the indexes are rebuilt")


@command(
    app,
    "dateline export > articles.jsonl",
    "dateline export | dateline ingest - --library copy",
)
def export(library: LibraryPath = None, chroma: ChromaUrl = None, debug: Debug = False) -> None:
    """Print every article as a line of JSON.

    `dateline ingest` reads the lines back.
    """
    from ingest.records import iso_date

    with open_library(library, chroma) as opened:
        for article in opened.articles():
            line = {
                "id": article.article_id,
                "url": article.url,
                "title": article.title,
                "text": article.text,
                "source": article.source,
                "authors": list(article.authors),
                "published": iso_date(article.published),
                "language": article.language,
            }
            print_line(json.dumps(line, ensure_ascii=False))


@command(
    app,
    "dateline version",
)
def version(library: LibraryPath = None, chroma: ChromaUrl = None, debug: Debug = False) -> None:
    """Print Dateline's version."""
    from importlib.metadata import version as installed

    print_line(installed("dateline"))


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

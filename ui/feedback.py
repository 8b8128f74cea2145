"""`dateline feedback`: what people thought of the answers, counted, and as a test set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.errors import SettingsError
from ui.command import AsJson, ChromaUrl, Debug, LibraryPath, command, open_library, print_line, say

if TYPE_CHECKING:
    from ingest.feedback import Feedback

app = typer.Typer(rich_markup_mode=None)


@command(
    app,
    "dateline feedback",
    "dateline feedback --out votes.jsonl && dateline eval votes.jsonl --library ~/news",
    name="feedback",
)
def feedback(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the votes there as a test set; a new file.")
    ] = None,
    as_json: AsJson = False,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Count what people thought of the answers, and make a test set of it.

    An answer voted up becomes a question with that answer and what it cites, an abstention voted up a question without
    one. The others are rows for you to check: `dateline eval` leaves them out until you give them `answers` or
    `answerable`.
    """
    from ingest.feedback import feedback as votes_of
    from qa.evaluation.voted import rows

    with open_library(library, chroma) as opened:
        votes = list(votes_of(opened.path, on_damaged=say))
        written = rows(opened, votes)
    counts = _counts(votes, written)
    print_line(json.dumps(counts, ensure_ascii=False) if as_json else _text(counts))
    if out:
        _write(out, written)
        say(
            f"wrote {counts['questions']} questions to {out}, and {sum(counts['check'].values())} rows for you to check"
        )


def _counts(votes: Sequence[Feedback], written: Sequence[dict[str, Any]]) -> dict[str, Any]:
    from qa.evaluation.voted import CHECK

    questions = [row for row in written if CHECK not in row]
    return {
        "up": sum(vote.vote == "up" for vote in votes),
        "down": sum(vote.vote == "down" for vote in votes),
        "comments": sum(bool(vote.comment) for vote in votes),
        "questions": len(questions),
        "unanswerable": sum(not row["answerable"] for row in questions),
        CHECK: dict(Counter(row[CHECK] for row in written if CHECK in row)),
    }


def _text(counts: dict[str, Any]) -> str:
    if not counts["up"] + counts["down"]:
        return "nobody has voted on an answer yet; the chat has thumbs under each"
    lines = [
        f"votes      {counts['up']} up, {counts['down']} down, {counts['comments']} with a comment",
        f"test set   {counts['questions']} questions, {counts['unanswerable']} of them without an answer here",
        *(f"to check   {number} {reason}" for reason, number in counts["check"].items()),
    ]
    return "\n".join(lines)


def _write(path: Path, written: Sequence[dict[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in written]
    try:
        with path.open("x", encoding="utf-8") as file:  # an older export may hold somebody's corrections
            file.writelines(lines)
    except FileExistsError:
        raise SettingsError(f"{path} exists already; name a new file, or delete that one first") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error}") from error

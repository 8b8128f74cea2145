"""`dateline eval`: a test set measured, two runs compared, a run reported or held to floors, a test set drafted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ingest.errors import DatelineError, LibraryError, SettingsError, SourceError
from ui.command import (
    AsJson,
    ChromaUrl,
    Debug,
    LibraryPath,
    Llm,
    command,
    open_to_ask,
    print_line,
    read_settings,
    say,
)
from ui.progress import progress

if TYPE_CHECKING:
    from ingest.library import Library
    from qa.evaluation.cost import Price
    from qa.evaluation.evaluate import Evaluation
    from qa.evaluation.records import Run
    from qa.evaluation.summary import Summary
    from qa.evaluation.testset import TestSet

PriceOption = Annotated[
    tuple[float, float] | None,
    typer.Option("--price", metavar="IN OUT", help="Of a million tokens in and out, to tell what answers cost."),
]
LLM_WORKERS = 4  # questions asked at a time where an LLM answers, unless --workers says otherwise
DROPPED_SHOWN = 10


class TestSetOrCommand(TyperGroup):
    """A group whose unknown first word is a test set to measure: `dateline eval questions.jsonl`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own class, not exported
        """Put the name of the command there where it is left out."""
        known = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else ["run", *args])

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Show what `dateline eval TESTSET` takes, and the other commands."""
        run: Any = self.commands["run"]
        run.format_usage(ctx, formatter)
        run.format_help_text(ctx, formatter)
        run.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)
        run.format_epilog(ctx, formatter)


def _exit_code(error: Exception) -> int:
    """2 for what the user named, 1 for what went wrong."""
    return 2 if isinstance(error, SourceError | SettingsError) else 1


def _gate_exit_code(error: Exception) -> int:
    """2 for what the user named; 3, undecided, for everything else: never 1, which says that the run is worse."""
    return 2 if isinstance(error, DatelineError) else 3


app = typer.Typer(
    cls=TestSetOrCommand,
    help="Measure answers against a test set, compare runs, hold a run to floors.",
    rich_markup_mode=None,
)


@command(
    app,
    "dateline eval corpus/testset.jsonl",
    "dateline eval questions.csv --library ~/news --out runs/today",
    "dateline eval compare runs/before/run.json runs/today/run.json",
    "dateline eval gate runs/today/run.json --min attributed=0.6",
    name="run",
    hidden=True,
    exit_code=_exit_code,
)
def run(
    testset: Annotated[Path, typer.Argument(metavar="TESTSET", help="A file or folder of questions with answers.")],
    llm: Llm = None,
    judge: Annotated[
        str | None, typer.Option("--judge", metavar="PROVIDER:MODEL", help="A chat model that judges the answers too.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where run.json and the reports go; goes on if cut off."),
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="The test set's format, where the guess is wrong.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at a bad row instead of listing it.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Ask only that many questions, drawn by chance.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, help=f"Questions asked at a time; {LLM_WORKERS} with an LLM, else 1."
        ),
    ] = None,
    k: Annotated[int, typer.Option("--k", "-k", metavar="N", min=1, max=1000, help="Passages to consider.")] = 10,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of everything drawn by chance.")] = 0,
    price: PriceOption = None,
    as_json: AsJson = False,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Ask every question of a test set and measure the answers.

    The test set is JSONL or CSV (corpus/README.md shows a row), SQuAD, RealTime QA, MultiHop-RAG, RGB, or a BEIR
    folder. Documents that come with it are read unless --library names another source.
    """
    from qa.evaluation.testset import load

    paid = _price(price)
    loaded = load(testset, format, strict)
    _tell_dropped(loaded)
    model = llm or read_settings().llm
    with _library(loaded, library, chroma) as opened, progress() as on_progress:
        from qa.evaluation.evaluate import evaluate
        from qa.evaluation.text import evaluation_text

        evaluation = evaluate(
            loaded,
            library=opened,
            llm=model,
            judge=judge,
            out=out,
            limit=limit,
            k=k,
            seed=seed,
            workers=workers or (LLM_WORKERS if model else 1),
            on_progress=on_progress,
        )
    print_line(_as_json(evaluation, paid) if as_json else evaluation_text(evaluation.run, evaluation.summary, paid))
    failed = [row for row in evaluation.run.rows if row.error]
    if failed:
        again = "; the same command asks them again" if out else ""
        say(f"could not be asked, so unmeasured: {len(failed)} questions{again}; the first: {failed[0].error}")
    if out:
        for name in ("report.html", "report.md") if paid else ():
            _report(evaluation.run, evaluation.summary, out / name, paid)
        say(f"wrote {out / 'run.json'} and {out / 'report.html'}")


def _tell_dropped(testset: TestSet) -> None:
    for line, reason in testset.dropped[:DROPPED_SHOWN]:
        say(f"{testset.path}, line {line}: left out: {reason}")
    more = len(testset.dropped) - DROPPED_SHOWN
    if more > 0:
        say(f"{testset.path}: {more} more rows left out; --out lists them all, --strict stops at the first")


@contextmanager
def _library(testset: TestSet, path: Path | None, chroma: str | None) -> Iterator[Library | None]:
    """The library to ask; None where the test set brings what is to be read and no library is named."""
    brings = testset.documents or (testset.golds and all(gold.documents for gold in testset.golds))
    if path is None and brings:
        yield None
        return
    with open_to_ask(path, chroma) as opened:
        yield opened


@command(
    app,
    "dateline eval compare runs/before/run.json runs/today/run.json",
    "dateline eval compare runs/before runs/today --markdown",
    exit_code=_exit_code,
)
def compare(
    a: Annotated[Path, typer.Argument(metavar="A.json", help="The run before.")],
    b: Annotated[Path, typer.Argument(metavar="B.json", help="The run after.")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Compare two runs, question by question.

    Differences are B minus A, with the range that chance leaves them.
    """
    from qa.evaluation.compare import compare as compare_runs

    comparison = compare_runs(_scored(a), _scored(b))
    if as_json:
        print_line(_json(comparison.to_dict()))
    else:
        print_line(comparison.to_markdown() if markdown else comparison.to_text())


@command(
    app,
    "dateline eval report runs/today/run.json",
    "dateline eval report runs/today/run.json --out summary.md",
    exit_code=_exit_code,
)
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN.json", help="A run, or the folder that holds it.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="report.html beside the run by default; .md is Markdown."),
    ] = None,
    price: PriceOption = None,
    debug: Debug = False,
) -> None:
    """Write the report of a run anew, as one HTML file or as Markdown.

    Every figure is computed again from the run's rows; no model is needed.
    """
    from qa.evaluation.summary import summarise

    again = _scored(run)
    path = out or (run if run.is_dir() else run.parent) / "report.html"
    _report(again, summarise(again.rows, seed=again.setting.get("seed", 0)), path, _price(price))
    say(f"wrote {path}")


def _report(run: Run, summary: Summary, path: Path, price: Price | None) -> None:
    from qa.evaluation.report import report_html, report_markdown

    written = report_markdown if path.suffix == ".md" else report_html
    path.write_text(written(run, summary, price), encoding="utf-8")


def _price(pair: tuple[float, float] | None) -> Price | None:
    from qa.evaluation.cost import Price

    return Price(*pair) if pair else None


def _as_json(evaluation: Evaluation, price: Price | None) -> str:
    from qa.evaluation.cost import cost

    value = evaluation.to_dict()
    return _json(value | {"cost": asdict(cost(evaluation.run, price))} if price else value)


@command(
    app,
    "dateline eval gate runs/today/run.json --min attributed=0.6 --max false_refusal=0.1",
    "dateline eval gate runs/today --baseline runs/main --no-worse right:0.02",
    exit_code=_gate_exit_code,
)
def gate(
    run: Annotated[Path, typer.Argument(metavar="RUN.json", help="A run, or the folder that holds it.")],
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="RUN.json", help="The run that --no-worse compares with.")
    ] = None,
    minimum: Annotated[
        list[str] | None, typer.Option("--min", metavar="METRIC=VALUE", help="A floor (repeat).")
    ] = None,
    maximum: Annotated[
        list[str] | None, typer.Option("--max", metavar="METRIC=VALUE", help="A ceiling (repeat).")
    ] = None,
    no_worse: Annotated[
        list[str] | None,
        typer.Option("--no-worse", metavar="METRIC:TOLERANCE", help="Not worse than the baseline by more (repeat)."),
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Hold a run to floors, ceilings and a baseline.

    The exit code is 0 where all hold, 1 where one is missed or the run is worse, 2 where an argument or a run cannot
    be used, 3 where it cannot be decided.
    """
    from qa.evaluation.gate import gate as hold

    floors, ceilings = _bounds(minimum, "=", "--min"), _bounds(maximum, "=", "--max")
    tolerances = _bounds(no_worse, ":", "--no-worse")
    held = _scored(baseline) if baseline else None
    verdict = hold(_scored(run), held, minimum=floors, maximum=ceilings, no_worse=tolerances)
    print_line(_json(verdict.to_dict()) if as_json else verdict.to_text())
    raise typer.Exit(verdict.exit_code)


def _scored(path: Path) -> Run:
    """A run with every metric computed anew, so that two runs are measured by the same rules."""
    from qa.evaluation.run import read_run, recompute

    return recompute(read_run(path))


def _bounds(pairs: Sequence[str] | None, mark: str, option: str) -> dict[str, float]:
    bounds = {}
    for pair in pairs or ():
        metric, _, value = pair.rpartition(mark)
        try:
            bounds[metric] = float(value)
        except ValueError:
            metric = ""
        if not metric:
            shown = f"right{mark}0.02" if mark == ":" else "right=0.6"
            raise typer.BadParameter(f"{pair!r} is not a metric and a number, such as {shown}", param_hint=option)
    return bounds


@command(
    app,
    "dateline eval make 50 --out draft.jsonl",
    "dateline eval make 100 --library ~/news --llm ollama:llama3.2 > draft.jsonl",
    exit_code=_exit_code,
)
def make(
    n: Annotated[int, typer.Argument(metavar="N", min=1, help="How many questions.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the rows there.")] = None,
    llm: Llm = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of what is drawn by chance.")] = 0,
    library: LibraryPath = None,
    chroma: ChromaUrl = None,
    debug: Debug = False,
) -> None:
    """Draft a test set from your own library, for you to check.

    One row a line, as `dateline eval` reads them. Read every one of them: a draft is no measure.
    """
    model = llm or read_settings().llm
    with open_to_ask(library, chroma) as opened, progress() as on_progress:
        from qa.evaluation.make import draft

        lines = []
        for row in draft(opened, n, llm=model, seed=seed):
            lines.append(_json(row))
            on_progress("drafting", len(lines), n)
    if not lines:
        raise LibraryError(
            "no question could be drafted: no sentence of this library names all that it tells; ingest more, or let "
            "an LLM write them (--llm)"
        )
    if out:
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        say(f"wrote {len(lines)} questions to {out}; check every one of them")
    else:
        for line in lines:
            print_line(line)
    if len(lines) < n:
        say(f"only {len(lines)} of {n} questions could be drafted from this library")


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)

"""What an evaluation found, for people: one HTML file that needs no network, and Markdown for a pull request.

Whatever articles, answers and test sets contain is shown as text, never as markup: the template escapes everything, an
address becomes a link only where it is a web page's, and the page forbids itself every script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from qa.evaluation import abstaining, citing, judge, plots, ranking
from qa.evaluation.cost import Price, spending
from qa.evaluation.records import Estimate, Row, Run
from qa.evaluation.summary import Summary, display_name
from qa.evaluation.text import BY_TAG, FEW, as_markdown, counted, figure, markdown_table, span
from qa.evaluation.verdicts import STATES, verdict
from qa.markdown import one_line, shortened, web_address, without_controls

HEADLINE = ("attributed", "right", "f1", "refused", "false_refusal", "hit@10", "article:hit@10", "answer_in_passage@10")
OF_A_QUESTION = (  # the metrics that its line of the table shows
    "right",
    "attributed",
    "exact_match",
    "f1",
    "value_match",
    "choice_accuracy",
    "MRR@10",
    "article:MRR@10",
    "citation_recall",
    "citation_precision",
    "gold_citation_precision",
    *judge.METRICS,
)
BLOCKS: dict[str, Iterable[str]] = {
    "Answers": (),  # and whatever no other block has
    "Retrieval": ranking.METRICS,
    "Citations": citing.METRICS,
    "Knowing when not to answer": abstaining.METRICS,
    "The judge’s opinion": judge.METRICS,
}
LENGTHS = ("answer_words",)
LOWER_IS_BETTER = ("false_refusal", "AURC", "excess_AURC", "ECE", "Brier")
DIGESTS = {"sha256": "SHA-256 of the test set", "answerer_sha256": "SHA-256 of the answerer"}
AT_ONCE = 50  # questions on one page of their table
PASSAGES_SHOWN = 5
OPEN_VALUES = 12  # of a tag, shown without being asked for
LISTED = 30  # questions that Markdown names


def report_html(run: Run, summary: Summary, price: Price | None = None) -> str:
    """The whole report as one HTML page; with a price, it tells the cost."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    script, style = _resource("report.js"), _resource("report.css")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_as_read
    )
    environment.filters["web"] = web_address
    return environment.from_string(_resource("report.html.jinja")).render(
        script=Markup(script),
        style=Markup(style),
        script_digest=digest,
        plots=plots,
        run=run,
        summary=summary,
        sentences=list(summary_sentences(run, summary)),
        headline=_lines(headline(summary), summary),
        blocks=[(title, _lines(figures, summary)) for title, figures in blocks(summary)],
        tags=list(by_tag(summary)),
        points=[(name, n) for name, n in summary.points.items()],
        setting=list(setting_lines(run, price)),
        questions=[_question(row) for row in run.rows],
        states=_state_counts(run.rows),
        agreement=judge.agreement(run.rows),
        few=FEW,
        open_values=OPEN_VALUES,
        at_once=AT_ONCE,
    )


def report_markdown(run: Run, summary: Summary, price: Price | None = None) -> str:
    """The figures for a pull request; tables by tag and the questions that went wrong are folded."""
    parts = [
        "## Evaluation",
        " ".join(as_markdown(sentence) for sentence in summary_sentences(run, summary)),
        markdown_table([("", "value, %", "95 % range", "n", "unmeasured"), *_markdown_figures(summary)]),
    ]
    if any(summary.points.values()):
        counts = [(name, str(n)) for name, n in summary.points.items()]
        parts.append(markdown_table([("where the points go", "questions"), *counts]))
    if summary.latency:
        speed = [(stage, _ms(p50), _ms(p95), str(n)) for stage, (p50, p95, n) in summary.latency.items()]
        parts.append(markdown_table([("latency", "p50", "p95", "n"), *speed]))
    for tag, names, values in by_tag(summary):
        cells = [(value, *(_markdown_share(name, figures.get(name)) for name in names)) for value, figures in values]
        table = markdown_table([(tag, *map(display_name, names)), *cells])
        parts.append(_folded(f"by {tag} (under {FEW} questions in brackets)", table))
    parts += _went_wrong(run.rows)
    parts.append(_folded("setting", markdown_table([("", ""), *setting_lines(run, price)])))
    return "\n\n".join(parts) + "\n"


def summary_sentences(run: Run, summary: Summary) -> Iterator[str]:
    """What the run shows, in plain words, the headline first."""
    counts, overall = summary.counts, summary.overall
    asked = counts["questions"] - counts["unmeasured"]
    right, attributed = overall.get("right"), overall.get("attributed")
    if right and right.value is not None:
        yield f"Of {counted(right.n)} that the articles answer, {_of(right)} were answered right{_range(right)}."
    if attributed and attributed.value is not None:
        yield f"{_of(attributed).capitalize()} were right and cite the evidence{_range(attributed)}."
    refused, false = overall.get("refused"), overall.get("false_refusal")
    if refused and refused.value is not None:
        yield f"Of {counted(refused.n)} without an answer there, {_of(refused)} were refused{_range(refused)}."
    if false and false.value is not None:
        yield f"{_of(false).capitalize()} of the answerable ones were wrongly refused."
    where = {name: n for name, n in summary.points.items() if n and not name.endswith("right")}
    if where:
        most = max(where, key=lambda name: where[name])
        yield f"Most points are lost where the answer was {_LOST.get(most, most)} ({counted(where[most])})."
    if "total" in summary.latency:
        p50, p95, _ = summary.latency["total"]
        yield f"An answer takes {_ms(p50)}, one in twenty longer than {_ms(p95)}."
    if counts["unmeasured"]:
        yield f"{counted(counts['unmeasured']).capitalize()} could not be asked; the figures are of the other {asked}."
    if run.testset.get("dropped"):
        yield f"Rows of the test set that could not be used: {len(run.testset['dropped'])}."


_LOST = {
    "gold retrieved and wrong": "among the passages but not read out of them",
    "not retrieved and wrong": "not among the passages",
    "refused": "refused though the articles hold it",
}


def headline(summary: Summary) -> dict[str, Estimate]:
    """The figures to read first, as far as they were due."""
    return {
        name: estimate
        for name, estimate in summary.overall.items()
        if (name in HEADLINE or name in judge.METRICS) and (estimate.n or estimate.unmeasured)
    }


def blocks(summary: Summary) -> Iterator[tuple[str, dict[str, Estimate]]]:
    """The figures that were due, by block."""
    placed = {name: title for title, names in BLOCKS.items() for name in names}
    for title in BLOCKS:
        figures = {
            name: estimate
            for name, estimate in summary.overall.items()
            if placed.get(name, "Answers") == title and (estimate.n or estimate.unmeasured)
        }
        if figures:
            yield title, figures


def by_tag(summary: Summary) -> Iterator[tuple[str, list[str], list[tuple[str, dict[str, Estimate]]]]]:
    """Every tag with more than one value: its metrics, and its values with their figures."""
    for tag, values in summary.tags.items():
        names = [name for name in BY_TAG if any(name in figures for figures in values.values())]
        if len(values) > 1 and names:
            yield tag, names, list(values.items())


def _lines(figures: Mapping[str, Estimate], summary: Summary) -> list[dict[str, Any]]:
    """What the lines of a table of figures show."""
    return [_line(name, estimate, summary) for name, estimate in figures.items()]


def _line(name: str, estimate: Estimate, summary: Summary) -> dict[str, Any]:
    return {
        "name": display_name(name),
        "key": name,
        "estimate": estimate,
        "is_share": name not in LENGTHS,
        "value": figure(name, estimate.value),
        "range": span(name, estimate.low, estimate.high),
        "shows": figure(name, summary.detectable.get(name)),
        "lower_is_better": name in LOWER_IS_BETTER,
    }


def _question(row: Row) -> dict[str, Any]:
    """What the table of questions shows of a row."""
    judged = verdict(row)
    gold, faults = row.gold, list(map(str, judged.faults))
    said = " ".join([row.id, gold["question"], *gold["answers"], row.text, *faults, *gold["tags"].values()])
    return {
        "row": row,
        "gold": gold,
        "state": judged.state,
        "state_name": STATES[judged.state],
        "faults": faults,
        "answer": one_line(row.text),
        "passages": [(p, shortened(p["text"], 320)) for p in row.passages[:PASSAGES_SHOWN]],
        "tags": [f"{tag}: {value}" for tag, value in gold["tags"].items()],
        "metrics": [
            (display_name(name), figure(name, value))
            for name in OF_A_QUESTION
            if (value := row.metrics.get(name)) is not None
        ],
        "search": one_line(said).lower(),
    }


def _state_counts(rows: Sequence[Row]) -> list[tuple[str, str, int]]:
    states = [verdict(row).state for row in rows]
    return [(state, name, states.count(state)) for state, name in STATES.items() if state in states]


def setting_lines(run: Run, price: Price | None = None) -> Iterator[tuple[str, str]]:
    """How the run was made, flat, and what it used up."""
    yield "made", run.created
    for block in (run.testset, run.setting):
        for name, value in block.items():
            if name == "dropped":
                yield "rows left out", str(len(value))
            elif isinstance(value, dict):
                yield from ((f"{name}: {inner}", str(held)) for inner, held in value.items())
            elif value not in (None, ""):
                yield DIGESTS.get(name, name), str(value)
    if run.cold_start is not None:
        yield "loading and the first answer, in no latency", f"{run.cold_start:.1f} s"
    yield from spending(run, price)


def _markdown_figures(summary: Summary) -> Iterator[tuple[str, ...]]:
    for name, e in headline(summary).items():
        unmeasured = str(e.unmeasured) if e.unmeasured else ""
        yield display_name(name), figure(name, e.value), span(name, e.low, e.high), str(e.n), unmeasured


def _markdown_share(name: str, estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return "-"
    shown = f"{figure(name, estimate.value)} of {estimate.n}"
    return shown if estimate.n >= FEW else f"({shown})"


def _went_wrong(rows: Iterable[Row]) -> Iterator[str]:
    """The questions that were not answered or refused rightly, folded, with what went wrong."""
    failed = [(row, judged) for row in rows if (judged := verdict(row)).state not in ("right", "refused-rightly")]
    if not failed:
        return
    lines = []
    for row, judged in failed[:LISTED]:
        accepted = " | ".join(row.gold["answers"]) or "none: to be refused"
        told = f"{row.id} ({STATES[judged.state]}): {shortened(row.gold['question'], 160)}"
        lines.append(
            f"- {as_markdown(told)} → {as_markdown(shortened(row.text, 160) or '-')}; accepted: "
            f"{as_markdown(shortened(accepted, 80))}. {as_markdown(' '.join(map(str, judged.faults)))}".rstrip()
        )
    if len(failed) > LISTED:
        lines.append(f"- and {len(failed) - LISTED} more, in report.html")
    yield _folded(f"{counted(len(failed))} that went wrong", "\n".join(lines))


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{as_markdown(title)}</summary>\n\n{body}\n\n</details>"


def _of(estimate: Estimate) -> str:
    assert estimate.value is not None
    return f"{round(estimate.value * estimate.n)} ({100 * estimate.value:.0f} %)"


def _range(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f" (95 % range: {100 * estimate.low:.0f} to {100 * estimate.high:.0f} %)"


def _ms(seconds: float) -> str:
    return (
        f"{seconds:.1f} s"
        if seconds >= 10
        else f"{seconds * 1000:.0f} ms"
        if seconds >= 0.01
        else f"{seconds * 1000:.1f} ms"
    )


def _as_read(value: object) -> object:
    """Text of others without what would make it read otherwise than it is written."""
    return without_controls(value) if type(value) is str else value


def _resource(name: str) -> str:
    return files("qa.evaluation").joinpath(name).read_text(encoding="utf-8")

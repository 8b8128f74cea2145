"""What an evaluation prints on a terminal; and tables in plain text and in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from qa.markdown import one_line

if TYPE_CHECKING:
    from qa.evaluation.cost import Price
    from qa.evaluation.records import Estimate, Run
    from qa.evaluation.summary import Summary

BY_TAG = ("right", "attributed", "refused", "false_refusal")
MOST_VALUES = 15  # of a tag that a terminal still shows; the report shows them all
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
FEW = 20  # questions under which a figure of a group says little


def evaluation_text(run: Run, summary: Summary, price: Price | None = None) -> str:
    """The figures of a run with their ranges, where the points go, the figures by tag, the speed, and the cost."""
    blocks = [
        _opening(run),
        table([("", "value", "95 % range", "n", "unmeasured"), *_figures(summary)]),
        _points(summary),
        *_by_tag(summary),
        _agreement(run),
        _speed(run, summary, price),
    ]
    return "\n\n".join(block for block in blocks if block)


def table(rows: Sequence[Sequence[str]]) -> str:
    """The rows in columns, the first to the left, the others to the right."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """The rows as a Markdown table, the first one its head; cells are text, never markup."""
    head, *body = [[as_markdown(cell) for cell in row] for row in rows]
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *body))


def as_markdown(text: str) -> str:
    """The text on one line, which Markdown then shows as written."""
    return _MARKUP.sub(r"\\\1", one_line(text))


def figure(name: str, value: float | None, *, signed: bool = False) -> str:
    """A metric's value to read: a share as a percentage, a length as a number, "-" where there is none."""
    if value is None:
        return "-"
    sign = "+" if signed else ""
    return f"{value:{sign}.1f}" if name == "answer_words" else f"{100 * value:{sign}.1f}"


def span(name: str, low: float | None, high: float | None, *, signed: bool = False) -> str:
    """The range of a metric, "-" where there is none."""
    if low is None or high is None:
        return "-"
    return f"{figure(name, low, signed=signed)} to {figure(name, high, signed=signed)}"


def counted(n: int) -> str:
    """So many questions, in words."""
    return f"{n} question" + "s" * (n != 1)


def _opening(run: Run) -> str:
    testset, setting = run.testset, run.setting
    dropped = f", rows left out: {len(testset['dropped'])}" if testset.get("dropped") else ""
    asked = "" if len(run.rows) == testset["questions"] else f", {len(run.rows)} of them asked"
    unmeasured = sum(bool(row.error) for row in run.rows)
    failed = f", {unmeasured} could not be asked" if unmeasured else ""
    library = setting.get("library")
    held = f" from {library['articles']:,} articles" if library and library["articles"] else ""
    return (
        f"{testset['path']} ({testset['format']}): {counted(testset['questions'])}{asked}{failed}{dropped}; "
        f"answered by {setting.get('answerer') or 'the given assistant'}{held}, {setting['k']} passages considered"
    )


def _figures(summary: Summary) -> Iterable[tuple[str, ...]]:
    for name, estimate in summary.overall.items():
        if estimate.n or estimate.unmeasured:
            spread = span(name, estimate.low, estimate.high)
            counted = str(estimate.unmeasured) if estimate.unmeasured else ""
            yield name, figure(name, estimate.value), spread, str(estimate.n), counted


def _points(summary: Summary) -> str:
    counted = [(name, str(count)) for name, count in summary.points.items()]
    return "Where the points go\n" + table(counted) if any(summary.points.values()) else ""


def _by_tag(summary: Summary) -> Iterable[str]:
    for tag, values in summary.tags.items():
        if not 1 < len(values) <= MOST_VALUES:
            continue
        names = [name for name in BY_TAG if any(name in figures for figures in values.values())]
        rows = [(value, *(_share(name, figures.get(name)) for name in names)) for value, figures in values.items()]
        yield table([(tag, *names), *rows]) + (f"\n(n under {FEW} in brackets)" if "(" in str(rows) else "")


def _share(name: str, estimate: Estimate | None) -> str:
    if estimate is None or estimate.value is None:
        return "-"
    shown = f"{figure(name, estimate.value)} of {estimate.n}"
    return shown if estimate.n >= FEW else f"({shown})"


def _agreement(run: Run) -> str:
    """How far judge and rules agree; "" where nobody judged."""
    from qa.evaluation.judge import agreement

    found = agreement(run.rows)
    if found is None:
        return ""
    kappa = "" if found.kappa is None else f", kappa {found.kappa:.2f}"
    return (
        f"judge {run.setting.get('judge')} and rules agree on {found.share:.0%} of {found.n} answers{kappa}; "
        "a judge ranks systems, but does not settle single answers"
    )


def _speed(run: Run, summary: Summary, price: Price | None) -> str:
    from qa.evaluation.cost import spending

    lines = []
    if summary.latency:
        rows = [(stage, _ms(p50), _ms(p95), str(n)) for stage, (p50, p95, n) in summary.latency.items()]
        lines.append(table([("latency", "p50", "p95", "n"), *rows]))
    if run.cold_start is not None:
        lines.append(f"loading and the first answer: {run.cold_start:.1f} s, in no latency above")
    lines += [f"{name}: {value}" for name, value in spending(run, price)]
    return "\n".join(lines)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"

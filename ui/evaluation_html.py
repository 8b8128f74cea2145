"""What the Evaluate page shows, as HTML: pure functions; ui/pages/evaluate.jinja escapes every word of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from qa.evaluation import judge, plots
from qa.evaluation.compare import HEADLINE, NOT_JUDGED, Comparison, Difference
from qa.evaluation.partial import is_partial, meant
from qa.evaluation.records import Estimate, Row, Run
from qa.evaluation.report import LENGTHS, LOWER_IS_BETTER, OF_A_QUESTION, blocks, by_tag, headline, setting_lines
from qa.evaluation.summary import POINTS, Summary
from qa.evaluation.testset import TestSet
from qa.evaluation.text import FEW, figure
from qa.evaluation.verdicts import STATES, verdict
from ui.evaluating import Progress
from ui.strings import Words
from ui.templates import environment
from ui.testsets import Fit

TILES = ("right", "attributed", "refused", "false_refusal")
DROPPED_SHOWN = 100
FLIPS_SHOWN = 50
CERTAIN = 0.05  # p under which two runs are said to differ


def error_html(message: str) -> Markup:
    """What went wrong, as a sentence."""
    return _render("error", message)


def notice_html(message: str) -> Markup:
    """What happened, as a sentence."""
    return _render("notice", message)


def hint_html(message: str) -> Markup:
    """What can be done here."""
    return _render("hint", message)


def head_html(say: Words) -> Markup:
    """The page's title, and what it is for."""
    return _render("head", say)


def upload_hint_html(say: Words) -> Markup:
    """What a test set of one's own looks like."""
    return _render("upload_hint", say)


def testset_html(testset: TestSet, fit: Fit, say: Words, *, guessed: bool = False) -> Markup:
    """What a test set holds, how it was read, how far it is about the library, and the rows that cannot be used."""
    return _render("testset", testset, fit, guessed, DROPPED_SHOWN, say)


def progress_html(progress: Progress, say: Words, *, stopping: bool = False) -> Markup:
    """How far an evaluation is, with its score so far."""
    done, total = progress.done, progress.total
    if stopping:
        told = say("evaluate.stopping")
    elif not total:
        told = say("evaluate.loading")
    elif not progress.asking:
        told = say("evaluate.filling", done=done, total=total)
    else:
        told = say("evaluate.summing" if done == total else "evaluate.asked", done=done, total=total)
    return _render("progress", told, "" if stopping else _left(progress.left, say), progress, say)


def result_head_html(run: Run, say: Words, kept: str) -> Markup:
    """Which run is shown, whether it is partial, and where it is kept."""
    named = str(run.setting.get("answerer") or "")
    answerer = say("evaluate.reader") if named == "reader" else named or say("evaluate.given")
    return _render("result_head", run, is_partial(run), meant(run), answerer, moment(run.created), kept, say)


def moment(created: str) -> str:
    """A moment in ISO 8601 as people read it, in UTC."""
    return f"{created[:16].replace('T', ' ')} UTC"


def figures_html(run: Run, summary: Summary, say: Words) -> Markup:
    """Everything that a run's figures say, the most telling first."""
    states = [verdict(row).state for row in run.rows]
    shown = SimpleNamespace(
        tiles=list(_tiles(summary, say)),
        states=[(say(f"evaluate.states.{state}"), states.count(state)) for state in STATES],
        points=[(say(f"evaluate.point.{i}"), summary.points[name]) for i, name in enumerate(POINTS)],
        headline=_lines(headline(summary), summary, say),
        agreement=_agreement(run, say),
        risk=summary.risk_coverage,
        risk_told=_risk_told(summary, say),
        reliability=summary.reliability,
        reliability_told=_reliability_told(summary, say),
        latency=[(_stage(stage, say), *timed) for stage, timed in summary.latency.items()],
        longest=max((p95 for _, p95, _ in summary.latency.values()), default=0),
        cold_start=run.cold_start,
        tags=list(_tags(summary, say)),
        few=FEW,
        blocks=[(say(f"evaluate.block.{title}"), _lines(held, summary, say)) for title, held in blocks(summary)],
        setting=[(_said(f"setting.{name}", name, say), value) for name, value in setting_lines(run)],
    )
    return _render("figures", shown, say)


def questions_html(rows: Sequence[Row], first: int, total: int, say: Words) -> Markup:
    """Some questions of a list, each to be unfolded; `first` of them counts from 0, `total` is how many fit."""
    return _render("questions", [_question(row, say) for row in rows], first, total, say)


def comparison_html(comparison: Comparison, a: Run, b: Run, say: Words) -> Markup:
    """What run b, the one that is shown, gained and lost against run a, and whether chance would explain it."""
    lines = [
        (difference.metric in HEADLINE, _difference_line(difference, say)) for difference in comparison.differences
    ]
    rows_a, rows_b = ({row.id: row for row in run.rows} for run in (a, b))
    flips = {
        kind: [_flip(rows_a[flip.id], rows_b[flip.id], say) for flip in found]
        for kind, found in (("gained", comparison.gained), ("lost", comparison.lost))
    }
    shown = SimpleNamespace(
        matched=comparison.matched,
        first=_about(a),
        second=_about(b),
        remarks=list(_remarks(comparison, a, b, say)),
        headline=[line for is_headline, line in lines if is_headline],
        others=[line for is_headline, line in lines if not is_headline],
        most=FLIPS_SHOWN,
        **flips,
    )
    return _render("comparison", shown, say)


def metric_name(name: str, say: Words) -> str:
    """What people read for a metric; a name that is not known is its own."""
    return _said(f"metric.{name}", name, say)


def _said(key: str, otherwise: str, say: Words) -> str:
    try:
        return say(f"evaluate.{key}")
    except KeyError:
        return otherwise


def _left(seconds: float | None, say: Words) -> str:
    if seconds is None or seconds < 1:
        return ""
    if seconds < 90:
        return say("evaluate.seconds_left", n=round(seconds))
    return say("evaluate.minutes_left", n=round(seconds / 60))


def _tiles(summary: Summary, say: Words) -> Iterator[dict[str, Any]]:
    for name in TILES:
        estimate = summary.overall.get(name)
        if estimate and estimate.value is not None:
            of = "evaluate.of_unanswerable" if name == "refused" else "evaluate.of_answerable"
            notes = [say(of, n=round(estimate.value * estimate.n), of=estimate.n)]
            if estimate.low is not None and estimate.high is not None:
                notes.append(say("evaluate.range", low=_percent(estimate.low), high=_percent(estimate.high)))
            yield {
                "name": say(f"evaluate.tile.{name}"),
                "value": f"{_percent(estimate.value)} %",
                "bar": plots.bar(estimate.value, estimate.low, estimate.high),
                "notes": notes,
            }
    if "total" in summary.latency:
        p50, p95, _ = summary.latency["total"]
        notes = [say("evaluate.p95", p95=_ms(p95))]
        yield {"name": say("evaluate.tile.time"), "value": _ms(p50), "bar": "", "notes": notes}


def _lines(figures: Mapping[str, Estimate], summary: Summary, say: Words) -> list[dict[str, Any]]:
    """What the lines of a table of figures show."""
    return [
        {
            "name": metric_name(name, say),
            "lower_is_better": name in LOWER_IS_BETTER,
            "bar": "" if name in LENGTHS else plots.bar(estimate.value, estimate.low, estimate.high),
            "value": figure(name, estimate.value),
            "range": _span(name, estimate.low, estimate.high, say),
            "n": estimate.n,
            "unmeasured": estimate.unmeasured,
            "shows": figure(name, summary.detectable.get(name)),
            "few": estimate.n < FEW,
        }
        for name, estimate in figures.items()
    ]


def _span(name: str, low: float | None, high: float | None, say: Words, *, signed: bool = False) -> str:
    if low is None or high is None:
        return "-"
    return say("evaluate.to", low=figure(name, low, signed=signed), high=figure(name, high, signed=signed))


def _agreement(run: Run, say: Words) -> str:
    found = judge.agreement(run.rows)
    if found is None:
        return ""
    kappa = "-" if found.kappa is None else f"{found.kappa:.2f}"
    return say("evaluate.agreement", share=_percent(found.share), n=found.n, kappa=kappa)


def _risk_told(summary: Summary, say: Words) -> str:
    if not summary.risk_coverage:
        return ""
    coverage, risk = summary.risk_coverage[-1]
    return say("evaluate.risk_told", coverage=_percent(coverage), risk=_percent(risk))


def _reliability_told(summary: Summary, say: Words) -> str:
    return "; ".join(
        say("evaluate.reliability_told", mean=_percent(mean), right=_percent(right), n=n)
        for mean, right, n in summary.reliability
    )


def _stage(stage: str, say: Words) -> str:
    return _said(f"stage.{stage}", stage, say)


def _tags(summary: Summary, say: Words) -> Iterator[tuple[str, list[str], list[tuple[str, list[dict[str, Any]]]]]]:
    """Each tag with the names of its metrics, and a line of cells for each of its values."""
    for tag, names, values in by_tag(summary):
        lines = [(value, [_cell(figures.get(name)) for name in names]) for value, figures in values]
        yield tag, [metric_name(name, say) for name in names], lines


def _cell(estimate: Estimate | None) -> dict[str, Any]:
    if estimate is None or estimate.value is None:
        return {}
    bar = plots.bar(estimate.value, estimate.low, estimate.high)
    return {"bar": bar, "share": _percent(estimate.value), "n": estimate.n, "few": estimate.n < FEW}


def _question(row: Row, say: Words) -> dict[str, Any]:
    judged = verdict(row)
    measured = ((name, row.metrics.get(name)) for name in OF_A_QUESTION)
    metrics = [(metric_name(name, say), figure(name, value)) for name, value in measured if value is not None]
    return {"row": row, "state": judged.state, "faults": judged.faults, "metrics": metrics}


def _difference_line(d: Difference, say: Words) -> dict[str, Any]:
    counts = "-" if d.metric in NOT_JUDGED else f"{d.wins} / {d.ties} / {d.losses}"
    cells = (
        figure(d.metric, d.a),
        figure(d.metric, d.b),
        figure(d.metric, d.difference, signed=True),
        _span(d.metric, d.low, d.high, say, signed=True),
        str(d.n),
        counts,
        *map(_p, (d.p, d.mcnemar, d.adjusted)),
    )
    return {
        "name": metric_name(d.metric, say),
        "lower_is_better": d.metric in LOWER_IS_BETTER,
        "verdict": _verdict(d),
        "cells": cells,
    }


def _verdict(d: Difference) -> str:
    """Which run a headline figure speaks for, "" for the other figures, of which some always differ by chance."""
    if d.adjusted is None:
        return ""
    if d.wins == d.losses == 0:
        return "same"
    if d.adjusted >= CERTAIN:
        return "chance"
    return "better" if (d.difference > 0) != (d.metric in LOWER_IS_BETTER) else "worse"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if value >= 0.001 else "<0.001"


def _about(run: Run) -> str:
    return f"{run.testset['path']}, {moment(run.created)}"


def _remarks(comparison: Comparison, a: Run, b: Run, say: Words) -> Iterator[str]:
    if not comparison.same_testset:
        yield say("evaluate.other_testset")
    if is_partial(a) or is_partial(b):
        yield say("evaluate.one_partial")
    left_out = (("only_a", comparison.only_a), ("only_b", comparison.only_b), ("changed", comparison.changed))
    yield from (say(f"evaluate.{key}", n=len(ids)) for key, ids in left_out if ids)


def _flip(x: Row, y: Row, say: Words) -> dict[str, str]:
    accepted = " | ".join(x.gold["answers"]) or say("evaluate.to_be_refused")
    a, b = (f"{say('evaluate.refused_text')} {row.text}" if row.abstained else row.text for row in (x, y))
    return {"id": x.id, "question": x.gold["question"], "accepted": accepted, "a": a, "b": b}


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _ms(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"


def _render(macro: str, *values: object) -> Markup:
    return Markup(getattr(_template(), macro)(*values))


@cache
def _template() -> Any:  # noqa: ANN401 - a module of macros
    made = environment()
    made.globals["plots"] = plots
    return made.from_string(files("ui").joinpath("pages", "evaluate.jinja").read_text("utf-8")).module

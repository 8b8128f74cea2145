"""A run held to floors, ceilings and a baseline: passed, missed, or not to be decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ingest.errors import SettingsError
from qa.evaluation.compare import LOWER_IS_BETTER, NOT_JUDGED, align, interval, pairs_of
from qa.evaluation.records import Estimate, Run
from qa.evaluation.run import is_same_testset
from qa.evaluation.text import counted, figure, span

MOST_UNMEASURED = 0.02  # share of a metric's questions above which its value decides nothing
ROUNDING = 1e-9  # of sums of shares, which must not make a run worse
EXIT_CODES = {"pass": 0, "fail": 1, "undecided": 3}


@dataclass(frozen=True, slots=True)
class Check:
    """One condition; state: "pass", "fail" or "undecided"; why: in words, with the figures."""

    metric: str
    condition: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every condition with what became of it."""

    checks: tuple[Check, ...]

    @property
    def state(self) -> str:
        """A condition that is missed decides; without one, one that is undecided leaves everything undecided."""
        states = {check.state for check in self.checks}
        return next(state for state in ("fail", "undecided", "pass") if state in states)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 missed or worse, 3 undecided."""
        return EXIT_CODES[self.state]

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {"state": self.state, "exit_code": self.exit_code, "checks": [asdict(check) for check in self.checks]}

    def to_text(self) -> str:
        """A line for each condition, then the verdict."""
        lines = [f"{check.state:<9}  {check.metric} {check.condition}: {check.why}" for check in self.checks]
        return "\n".join([*lines, "", f"gate: {self.state}"])


def gate(
    run: Run,
    baseline: Run | None = None,
    *,
    minimum: Mapping[str, float] | None = None,
    maximum: Mapping[str, float] | None = None,
    no_worse: Mapping[str, float] | None = None,
    seed: int = 0,
) -> Verdict:
    """Hold a run to conditions.

    Args:
        run: what is held to them.
        baseline: the run that no_worse compares with.
        minimum: floors, by metric.
        maximum: ceilings, by metric.
        no_worse: tolerances, by metric. The run is worse where the lower end of the paired difference's 95 % range,
            turned so that more is better, lies below minus the tolerance.
        seed: of the resampling.

    Raises:
        SettingsError: a condition cannot be used: an unknown metric, no baseline, or no condition at all.
    """
    from qa.evaluation.summary import summarise

    floors, ceilings, tolerances = minimum or {}, maximum or {}, no_worse or {}
    if not (floors or ceilings or tolerances):
        raise SettingsError("nothing to hold the run to; give --min, --max or --no-worse")
    if tolerances and baseline is None:
        raise SettingsError("--no-worse needs a run to compare with; give --baseline RUN.json")
    if baseline is not None and not tolerances:
        raise SettingsError("--baseline alone holds the run to nothing; say with --no-worse what must not get worse")
    summary = summarise(run.rows, seed=seed)
    _check_names({*summary.overall}, {**floors, **ceilings, **tolerances}, tolerances)
    checks = [_bound(summary.overall.get(name), name, ">=", bound) for name, bound in floors.items()]
    checks += [_bound(summary.overall.get(name), name, "<=", bound) for name, bound in ceilings.items()]
    if baseline is not None:
        checks += [_regression(run, baseline, name, tolerance, seed) for name, tolerance in tolerances.items()]
    return Verdict(tuple(checks))


def _check_names(known: set[str], named: Iterable[str], tolerances: Mapping[str, float]) -> None:
    for name in named:
        if name not in known:
            raise SettingsError(f"there is no metric {name!r}; there are: {', '.join(sorted(known))}")
    for name, tolerance in tolerances.items():
        if tolerance < 0:
            raise SettingsError(f"the tolerance of {name} is {tolerance:g}; it must be 0 or more")
        if name in NOT_JUDGED:
            raise SettingsError(f"neither more nor less {name} is worse; hold it with --min and --max")


def _bound(estimate: Estimate | None, name: str, sign: str, bound: float) -> Check:
    condition = f"{sign} {figure(name, bound)}"
    if estimate is None or estimate.value is None:
        return Check(name, condition, "undecided", "it is not measured in this run")
    asked = estimate.n + estimate.unmeasured
    if estimate.unmeasured > MOST_UNMEASURED * asked:
        why = f"{estimate.unmeasured} of {asked} questions are unmeasured, more than {MOST_UNMEASURED:.0%}"
        return Check(name, condition, "undecided", why)
    holds = estimate.value >= bound if sign == ">=" else estimate.value <= bound
    spread = span(name, estimate.low, estimate.high)
    why = f"{figure(name, estimate.value)} ({spread}) over {counted(estimate.n)}"
    return Check(name, condition, "pass" if holds else "fail", why)


def _regression(run: Run, baseline: Run, name: str, tolerance: float, seed: int) -> Check:
    condition = f"no worse by more than {figure(name, tolerance)}"
    if not is_same_testset(run, baseline):
        return Check(name, condition, "undecided", "the baseline is of another test set; evaluate both on one")
    matched, only_baseline, only_run, changed = align(baseline, run)
    pairs = pairs_of(matched, name)
    if not pairs.a:
        return Check(name, condition, "undecided", "no question has a value of its own for it in both runs")
    apart = len(only_baseline) + len(only_run) + len(changed)
    missing, asked = apart + pairs.unmeasured, apart + pairs.unmeasured + len(pairs.a)
    if missing > MOST_UNMEASURED * asked:
        why = f"{missing} of {asked} questions are not measured in both runs, more than {MOST_UNMEASURED:.0%}"
        return Check(name, condition, "undecided", why)
    difference, low, high = interval(pairs, seed=seed)
    worst = -high if name in LOWER_IS_BETTER else low
    change, spread = figure(name, difference, signed=True), span(name, low, high, signed=True)
    why = f"{change} ({spread}) over {counted(len(pairs.a))}"
    return Check(name, condition, "pass" if worst >= -tolerance - ROUNDING else "fail", why)

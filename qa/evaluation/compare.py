"""Two runs, question by question: what differs, whether chance would explain it, and which questions flipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ingest.errors import SettingsError
from qa.evaluation.records import Row, Run
from qa.evaluation.run import is_same_testset

HEADLINE = ("attributed", "right", "f1", "recall@10", "refused", "false_refusal")  # what Holm corrects over
LOWER_IS_BETTER = frozenset({"false_refusal"})
NOT_JUDGED = frozenset({"answer_words"})  # neither more nor less is better
SHOWN = 20  # flipped questions each way, in text


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric in both runs, over the questions that both have measured; b minus a.

    wins, ties, losses: questions on which b is better, like a, worse.
    p: of a paired permutation; mcnemar: of the exact test, for a metric that is only 0 or 1.
    adjusted: p after Holm's correction, for the headline metrics.
    detectable: the smallest difference that this many questions show four times in five.
    """

    metric: str
    n: int
    unmeasured: int
    a: float
    b: float
    difference: float
    low: float
    high: float
    wins: int
    ties: int
    losses: int
    p: float
    mcnemar: float | None
    adjusted: float | None
    detectable: float | None


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run gets right and the other does not."""

    id: str
    question: str
    accepted: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run b against run a.

    changed: ids that both have, with another question or other answers; they are compared no more than the unmatched.
    gained: right, or rightly refused, in b only; lost: in a only.
    """

    same_testset: bool
    matched: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    changed: tuple[str, ...]
    differences: tuple[Difference, ...]
    gained: tuple[Flip, ...]
    lost: tuple[Flip, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        return asdict(self)

    def to_text(self) -> str:
        """Tables for a terminal."""
        from qa.evaluation.text import table

        blocks = [*self._remarks(), table([_HEAD, *map(_cells, self.differences)]), _LEGEND]
        blocks += [f"{title}\n" + "\n".join(_flip_lines(flips, "  ")) for title, flips in self._flips()]
        return "\n\n".join(blocks)

    def to_markdown(self) -> str:
        """Tables for a pull request."""
        from qa.evaluation.text import as_markdown, markdown_table

        blocks = [*self._remarks(), markdown_table([_HEAD, *map(_cells, self.differences)]), _LEGEND]
        for title, flips in self._flips():
            lines = "\n".join(f"- {as_markdown(line)}" for line in _flip_lines(flips, ""))
            blocks.append(f"<details><summary>{title}</summary>\n\n{lines}\n\n</details>")
        return "\n\n".join(blocks)

    def _remarks(self) -> list[str]:
        from qa.evaluation.text import counted

        remarks = [f"{counted(self.matched)} in both runs; differences are the second run minus the first."]
        if not self.same_testset:
            remarks.append("The runs are of different test sets; only the questions that are the same are compared.")
        left_out = {"only in the first": self.only_a, "only in the second": self.only_b, "changed": self.changed}
        remarks += [f"{len(ids)} {what}: {_listed(ids)}" for what, ids in left_out.items() if ids]
        return remarks

    def _flips(self) -> list[tuple[str, tuple[Flip, ...]]]:
        from qa.evaluation.text import counted

        both = (("gained by the second run", self.gained), ("lost by the second run", self.lost))
        return [(f"{counted(len(flips))} {what}", flips) for what, flips in both if flips]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A metric's values in both runs, question by question; groups as the test set has them.

    unmeasured: questions that only one run has measured, and those that could not be asked in either.
    """

    a: tuple[float, ...]
    b: tuple[float, ...]
    groups: tuple[str, ...]
    unmeasured: int


def compare(a: Run, b: Run, *, seed: int = 0) -> Comparison:
    """Align two runs by the questions' ids and compare every metric that both have.

    Args:
        a: the run before.
        b: the run after.
        seed: of the permutations and resamples.

    Raises:
        SettingsError: the runs have no question in common.
    """
    matched, only_a, only_b, changed = align(a, b)
    if not matched:
        raise SettingsError("the two runs have no question in common; compare runs of the same test set")
    from qa.evaluation.summary import METRICS

    names = dict.fromkeys([*METRICS, *(name for row in (*a.rows, *b.rows) for name in row.metrics)])
    pairs = {name: pairs_of(matched, name) for name in names}
    found = [_difference(name, held, seed) for name, held in pairs.items() if held.a]
    gained, lost = _flipped(matched)
    return Comparison(
        is_same_testset(a, b),
        len(matched),
        only_a,
        only_b,
        changed,
        tuple(_adjusted(found)),
        gained,
        lost,
    )


def align(a: Run, b: Run) -> tuple[list[tuple[Row, Row]], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The rows of the same questions, in a's order; the ids of those only in a, only in b, and changed."""
    of_b = {row.id: row for row in b.rows}
    of_a = {row.id for row in a.rows}
    both = [(row, of_b[row.id]) for row in a.rows if row.id in of_b]
    matched = [(x, y) for x, y in both if _is_same(x, y)]
    changed = tuple(x.id for x, y in both if not _is_same(x, y))
    return (
        matched,
        tuple(row.id for row in a.rows if row.id not in of_b),
        tuple(row.id for row in b.rows if row.id not in of_a),
        changed,
    )


def pairs_of(matched: Sequence[tuple[Row, Row]], metric: str) -> Pairs:
    """A metric's values where both runs have measured it."""
    values = [(x.metrics.get(metric), y.metrics.get(metric), x) for x, y in matched]
    both = [(u, v, str(row.gold.get("group") or "")) for u, v, row in values if u is not None and v is not None]
    unmeasured = sum(
        (u is None) != (v is None) or (u is None and bool(x.error or y.error))
        for (u, v, _), (x, y) in zip(values, matched, strict=True)
    )
    return Pairs(
        tuple(float(u) for u, _, _ in both),
        tuple(float(v) for _, v, _ in both),
        tuple(group for _, _, group in both),
        unmeasured,
    )


def interval(pairs: Pairs, *, seed: int) -> tuple[float, float, float]:
    """The mean difference, b minus a, and the ends of its 95 % range."""
    from qa.evaluation.statistics import paired_interval

    found = paired_interval(pairs.a, pairs.b, pairs.groups, seed=seed)
    assert found.value is not None and found.low is not None and found.high is not None
    return found.value, found.low, found.high


def _is_same(x: Row, y: Row) -> bool:
    return all(x.gold.get(name) == y.gold.get(name) for name in ("question", "answers", "answerable", "history"))


def _difference(metric: str, pairs: Pairs, seed: int) -> Difference:
    from qa.evaluation import statistics

    a, b = pairs.a, pairs.b
    better = [(v - u) * (-1 if metric in LOWER_IS_BETTER else 1) for u, v in zip(a, b, strict=True)]
    is_binary = {*a, *b} <= {0.0, 1.0}
    return Difference(
        metric,
        len(a),
        pairs.unmeasured,
        sum(a) / len(a),
        sum(b) / len(b),
        *interval(pairs, seed=seed),
        sum(value > 0 for value in better),
        sum(value == 0 for value in better),
        sum(value < 0 for value in better),
        statistics.paired_permutation(a, b, pairs.groups, seed=seed),
        statistics.mcnemar(a, b) if is_binary else None,
        None,
        statistics.detectable_difference(a, b),
    )


def _adjusted(found: Sequence[Difference]) -> Iterable[Difference]:
    from qa.evaluation.statistics import holm

    headline = [difference for difference in found if difference.metric in HEADLINE]
    corrected = dict(zip((d.metric for d in headline), holm([d.p for d in headline]) if headline else (), strict=True))
    return (replace(difference, adjusted=corrected.get(difference.metric)) for difference in found)


def _flipped(matched: Sequence[tuple[Row, Row]]) -> tuple[tuple[Flip, ...], tuple[Flip, ...]]:
    """Questions that b alone answers right or rightly refuses, and those that a alone does."""
    gained: list[Flip] = []
    lost: list[Flip] = []
    for x, y in matched:
        before, after = _is_good(x), _is_good(y)
        if before is not None and after is not None and before != after:
            accepted = " | ".join(x.gold.get("answers", ())) or "none: to be refused"
            flip = Flip(x.id, x.gold["question"], accepted, _said(x), _said(y))
            (gained if after else lost).append(flip)
    return tuple(gained), tuple(lost)


def _is_good(row: Row) -> bool | None:
    value = row.metrics.get("right" if row.gold.get("answerable", True) else "refused")
    return None if value is None else value >= 1


def _said(row: Row) -> str:
    return f"(refused) {row.text}" if row.abstained else row.text


_HEAD = ("", "first", "second", "difference", "95 % range", "n", "wins/ties/losses", "p", "McNemar", "Holm", "shows")
_LEGEND = (
    "Shares in percent. p: paired permutation. McNemar: exact, of questions that are right or wrong. Holm: p corrected "
    "over the headline metrics. shows: the smallest difference that this many questions show four times in five."
)


def _cells(difference: Difference) -> tuple[str, ...]:
    from qa.evaluation.text import figure, span

    d, name = difference, difference.metric
    return (
        name,
        figure(name, d.a),
        figure(name, d.b),
        figure(name, d.difference, signed=True),
        span(name, d.low, d.high, signed=True),
        str(d.n) + (f" ({d.unmeasured} unmeasured)" if d.unmeasured else ""),
        "-" if name in NOT_JUDGED else f"{d.wins}/{d.ties}/{d.losses}",
        _p(d.p),
        _p(d.mcnemar),
        _p(d.adjusted),
        figure(name, d.detectable),
    )


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if value >= 0.001 else "<0.001"


def _flip_lines(flips: Sequence[Flip], indent: str) -> Iterable[str]:
    from qa.markdown import shortened

    for flip in flips[:SHOWN]:
        said = f"first: {shortened(flip.a, 120)} / second: {shortened(flip.b, 120)}"
        yield f"{indent}{flip.id}: {shortened(flip.question, 120)} [{shortened(flip.accepted, 60)}] {said}"
    if len(flips) > SHOWN:
        yield f"{indent}and {len(flips) - SHOWN} more (--json lists them all)"


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "")

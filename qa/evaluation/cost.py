"""What the answers of a run cost: the tokens that the language model's provider tells, at a given price."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.errors import SettingsError
from qa.evaluation.records import Row, Run

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Of a million tokens, in any currency; SettingsError where it is below 0 or no number."""

    input: float
    output: float

    def __post_init__(self) -> None:
        if not (0 <= self.input < math.inf and 0 <= self.output < math.inf):
            raise SettingsError(f"the price {self.input:g} {self.output:g} cannot be one; give two numbers from 0 on")


@dataclass(frozen=True, slots=True)
class Cost:
    """What the answers cost whose tokens are known; the judge's tokens are not among them.

    total: None where nothing is known. known: answers whose tokens are known; unmeasured: the others.
    """

    total: float | None
    known: int
    unmeasured: int


def cost(run: Run, price: Price) -> Cost:
    """The cost of a run's answers; a question that no passage could be found for asked nothing of the model."""
    written = [row for row in run.rows if not row.error and row.passages]
    known = [row for row in written if row.tokens]
    spent = sum(_spent(row, price) for row in known)
    return Cost(spent if known else None, len(known), len(written) - len(known))


def spending(run: Run, price: Price | None = None) -> Iterator[tuple[str, str]]:
    """The tokens of a run, as far as they are known, and their cost, where there is a price; to be read."""
    tokens = {kind: sum(row.tokens.get(kind, 0) for row in run.rows) for kind in ("input", "output")}
    if any(tokens.values()):
        yield "tokens", f"{tokens['input']:,} in, {tokens['output']:,} out"
    if price:
        yield "cost", _told(cost(run, price), price)


def _spent(row: Row, price: Price) -> float:
    return (row.tokens.get("input", 0) * price.input + row.tokens.get("output", 0) * price.output) / MILLION


def _told(found: Cost, price: Price) -> str:
    at = f"at {price.input:g} in, {price.output:g} out a million tokens"
    if found.total is None:
        return f"unmeasured, as no tokens are known ({at})"
    told = f"{found.total:.4g}, {found.total / found.known:.2g} an answer ({at})"
    return told + (f"; unmeasured for {found.unmeasured} more answers" if found.unmeasured else "")

"""Fit the Weights of qa/retrieval.py on RealTime QA, so that passages with the answer rank first.

python tests/benchmarks/tune.py DATA LIBRARY CACHE [--year 2022] [--year 2024] [--limit N]

The features of every question's candidates are computed once and kept in CACHE, until retrieval has features of other
names; delete the file after any other change of them, or of the library. Questions are split by week into five folds.
Two fits are compared with the weights as they are, each judged on the weeks that it has not seen: by likelihood (a
softmax over the candidates, all that hold the answer being right), and the same followed by coordinate ascent on
MRR@10 itself. The printed weights are those of the best of the three, fitted on all weeks. 2023 is for testing only
and is refused.

Ranks here are of all candidates, before copies of one report are folded into one; `bench.py --part quality` ranks
what the user sees.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from realtimeqa import DEPTH, Passages, counted_questions, interval, reciprocal
from scipy.optimize import minimize
from scipy.special import logsumexp

from ingest.library import Library
from qa.assistant import Assistant
from qa.retrieval import CANDIDATES, WEIGHTS, Weights, candidates

NAMES = tuple(Weights.__slots__)
CURRENT = np.array([getattr(WEIGHTS, name) for name in NAMES])
FOLDS = 5
RIDGE = 1e-3  # of the squared weights, in units of a feature's spread, a question
STEPS = (0.5, 0.25, 0.1, 0.05)  # of a weight, in coordinate ascent, from coarse to fine

Fit = Callable[["Candidates"], np.ndarray]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Questions with their candidates: (q, c, f) features, (q, c) whether the candidate holds the answer and exists."""

    features: np.ndarray
    holds: np.ndarray
    exists: np.ndarray
    weeks: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> Candidates:
        """Those questions only."""
        return Candidates(self.features[chosen], self.holds[chosen], self.exists[chosen], self.weeks[chosen])

    def reciprocal_ranks(self, weights: np.ndarray) -> np.ndarray:
        """1 / rank of each question's first candidate with the answer, 0 past the tenth; a tie counts against it."""
        scores = np.where(self.exists, self.features @ weights, -np.inf)
        best = np.where(self.holds, scores, -np.inf).max(axis=1, keepdims=True)
        ranks = 1 + (~self.holds & self.exists & (scores >= best)).sum(axis=1)
        return reciprocal(np.where(self.holds.any(axis=1), ranks, 0))


def main() -> None:
    """Compute what is missing, compare the fits, print the weights."""
    options = _options()
    paths = [options.cache / f"candidates-{year}-{options.limit or 'all'}.npz" for year in options.year]
    for year, path in zip(options.year, paths, strict=True):
        if _is_stale(path):
            _compute(options.data, options.library, year, options.limit, path)
    data = _load(paths)
    fits: dict[str, Fit] = {"as they are": lambda _: CURRENT, "likelihood": by_likelihood, "+ ascent": by_ascent}
    judged = {name: cross_validated(data, fit) for name, fit in fits.items()}
    found = data.holds.any(axis=1).mean()
    print(f"{len(data.weeks)} questions of {len(set(data.weeks))} weeks; a candidate holds the answer in {found:.1%}")
    for name, values in judged.items():
        gain = values - judged["as they are"]
        low, high = interval(gain, data.weeks.tolist())
        print(f"{name:12} MRR@{DEPTH} {values.mean():.4f}  {gain.mean():+.4f} ({low:+.4f} to {high:+.4f})")
    best = max(judged, key=lambda name: judged[name].mean())
    weights = scaled(fits[best](data))
    print(f"best where it had not looked: {best}; on all weeks MRR@{DEPTH} {data.reciprocal_ranks(weights).mean():.4f}")
    print(f"Weights({', '.join(f'{name}={value:.3f}' for name, value in zip(NAMES, weights, strict=True))})")


def cross_validated(data: Candidates, fit: Fit) -> np.ndarray:
    """Reciprocal rank of each question under weights fitted on the other folds; a week is never cut in two."""
    weeks, belongs = np.unique(data.weeks, return_inverse=True)
    folds = np.random.default_rng(0).permutation(len(weeks)) % FOLDS
    values = np.zeros(len(data.weeks))
    for fold in range(min(FOLDS, len(weeks))):
        held_out = folds[belongs] == fold
        values[held_out] = data[held_out].reciprocal_ranks(fit(data[~held_out] if not held_out.all() else data))
    return values


def by_likelihood(data: Candidates) -> np.ndarray:
    """Weights under which the candidates with the answer are likeliest, as a softmax over each question's."""
    data = data[data.holds.any(axis=1)]
    if not len(data.weeks):
        return CURRENT
    spread = data.features[data.exists].std(axis=0)
    spread[spread == 0] = 1
    features = data.features / spread
    exists, holds = (np.where(mask, 0, -np.inf) for mask in (data.exists, data.holds))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = features @ weights
        every = logsumexp(scores + exists, axis=1, keepdims=True)
        right = logsumexp(scores + holds, axis=1, keepdims=True)
        pull = np.exp(scores + exists - every) - np.exp(scores + holds - right)
        gradient = np.einsum("qc,qcf->f", pull, features) / len(data.weeks) + 2 * RIDGE * weights
        return float((every - right).mean() + RIDGE * weights @ weights), gradient

    return scaled(minimize(loss, CURRENT * spread, jac=True, method="L-BFGS-B").x / spread)


def by_ascent(data: Candidates) -> np.ndarray:
    """Weights from likelihood, then moved one at a time for as long as MRR@10 rises."""
    weights = by_likelihood(data)
    best = data.reciprocal_ranks(weights).mean()
    for step in STEPS:
        rising = True
        while rising:
            rising = False
            for place in range(1, len(NAMES)):
                for change in (step, -step):
                    tried = weights.copy()
                    tried[place] += change * max(abs(weights[place]), 0.1)
                    value = data.reciprocal_ranks(tried).mean()
                    if value > best + 1e-6:
                        weights, best, rising = tried, value, True
    return weights


def scaled(weights: np.ndarray) -> np.ndarray:
    """The same ranking with the first weight 1, where that is possible."""
    return weights / weights[0] if weights[0] > 0 else weights


def _compute(data: Path, folder: Path, year: int, limit: int | None, path: Path) -> None:
    questions = counted_questions(data, year, limit)
    if not questions:
        raise SystemExit(f"no question of {year} counts; is {data} the folder that holds realtimeqa/?")
    keys, features, holds = [], [], []
    with Library.open(folder) as library:
        assistant, passages = Assistant(library), Passages(library)
        for number, asked in enumerate(questions, 1):
            request = assistant.understand(asked.text, as_of=asked.day)
            wanted = max(CANDIDATES, 4 * DEPTH)
            ranking = candidates(library, request.question, request.condition, wanted=wanted, today=request.today)
            keys.append(ranking.keys)
            features.append(ranking.features)
            holds.append(np.array(passages.hold(ranking.keys.tolist(), asked.answer), bool))
            if number % 25 == 0:
                print(f"{year}: {number} of {len(questions)} questions", file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"unfinished-{path.name}")
    np.savez_compressed(
        unfinished,
        keys=np.concatenate(keys),
        features=np.concatenate(features),
        holds=np.concatenate(holds),
        counts=np.array([len(found) for found in keys]),
        weeks=np.array([asked.week for asked in questions]),
        names=np.array(NAMES),
    )
    unfinished.replace(path)


def _is_stale(path: Path) -> bool:
    """Whether the file is missing or holds other features than retrieval has now."""
    return not path.exists() or tuple(np.load(path)["names"].tolist()) != NAMES


def _load(paths: list[Path]) -> Candidates:
    """The questions of all files, padded to the same number of candidates."""
    parts = [dict(np.load(path)) for path in paths]
    counts = np.concatenate([part["counts"] for part in parts])
    exists = np.arange(counts.max()) < counts[:, None]
    features = np.zeros((*exists.shape, len(NAMES)))
    features[exists] = np.concatenate([part["features"] for part in parts])
    holds = np.zeros_like(exists)
    holds[exists] = np.concatenate([part["holds"] for part in parts])
    return Candidates(features, holds, exists, np.concatenate([part["weeks"] for part in parts]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder that holds realtimeqa/")
    parser.add_argument("library", type=Path, help="library of those years' articles and of the years before")
    parser.add_argument("cache", type=Path, help="folder for the candidates' features")
    parser.add_argument("--year", type=int, action="append", choices=(2022, 2024), help="2022 if left out (repeat)")
    parser.add_argument("--limit", type=int, help="only so many questions of each year")
    options = parser.parse_args()
    options.year = options.year or [2022]
    return options


if __name__ == "__main__":
    main()

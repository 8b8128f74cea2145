"""Trains the reader's network, and writes its weights into the package.

    python -m qa.reader.train DATA [--work FOLDER] [--epochs 2] [--share 1] [--batch 32] [--rate 1.5e-4]
        [--dropout 0.1] [--seed 0] [--start-from WEIGHTS] [--mean-with WEIGHTS]

DATA is the folder that holds span_qa/ and realtimeqa/ (see qa/reader/examples.py). The work folder keeps the examples,
a log and the latest checkpoint; the same command takes the training up where it was broken off. It runs on a GPU if
there is one, else in bfloat16 on the CPU, one half of every batch a core.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import pickle
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file
from safetensors.torch import load_file
from torch.nn.functional import binary_cross_entropy_with_logits

from ingest.minilm import join_attention, load_tokenizer, weights_folder
from qa.reader.engine import GRAPH, PLACE, WEIGHTS
from qa.reader.examples import NEWS_YEARS, Example, held_out, lesson_examples, news_examples, span_examples
from qa.reader.graph import quantized, restored, skeleton
from qa.reader.network import new_heads, read
from qa.reader.windows import Window, Windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FROZEN = ("embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight")
TRAINING_TOKENS = 224  # of a window; longer passages are cut round the answer
WARM_UP = 0.06  # of all steps
ANSWERS_WEIGHT = 0.5  # of the loss that says whether a passage answers, beside the one that says where
CHECKPOINT_STEPS = 100
WATCH_STEPS = 700
WATCHED = 300  # examples of each kind
LONGEST_SPAN = 30  # tokens


@dataclass(frozen=True, slots=True)
class Item:
    """A window to learn from, with the places of the tokens at which an answer starts and ends; 0 is "not here"."""

    window: Window
    starts: list[int]
    ends: list[int]


def main() -> None:
    """Train, or go on training."""
    options = _options()
    options.work.mkdir(parents=True, exist_ok=True)
    examples = _examples(options)
    training = Training(options, examples)
    named = ("epochs", "share", "batch", "rate", "dropout", "seed")
    settings: dict[str, Any] = {name: getattr(options, name) for name in named}
    settings["sets"] = Counter(one.kind for one in examples if not held_out(one.group))
    (options.work / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    training.run()
    weights = training.weights()
    if options.mean_with:
        other = restored(load_arrays(str(options.mean_with)))
        weights = {name: np.mean([values, other[name]], axis=0, dtype=np.float32) for name, values in weights.items()}
    arrays = quantized(weights)
    save_file(arrays, PLACE / WEIGHTS)
    (PLACE / GRAPH).write_bytes(skeleton(arrays))
    print(f"wrote {PLACE / WEIGHTS}; now run python -m qa.reader.calibrate", file=sys.stderr)


class Training:
    """Weights, the optimizer's state and the step that has been reached."""

    def __init__(self, options: argparse.Namespace, examples: list[Example]) -> None:
        self._options = options
        self._examples = [one for one in examples if not held_out(one.group)]
        self._watched = _watched(examples)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        base = load_file(str(weights_folder() / "model.safetensors"))
        floats = join_attention({name: tensor for name, tensor in base.items() if tensor.is_floating_point()})
        floats = {name: tensor for name, tensor in floats.items() if not name.startswith("pooler")}
        everything = {**floats, **new_heads(options.seed)}
        if options.start_from:
            learned = restored(load_arrays(str(options.start_from)))
            everything |= {name: torch.from_numpy(values.copy(order="C")) for name, values in learned.items()}
        self._frozen = {name: everything.pop(name).to(self._device, torch.bfloat16) for name in FROZEN}
        self._master = {name: tensor.to(self._device).clone() for name, tensor in everything.items()}
        decayed = [tensor for name, tensor in self._master.items() if name.endswith("weight") and "Norm" not in name]
        others = [
            tensor for name, tensor in self._master.items() if not (name.endswith("weight") and "Norm" not in name)
        ]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=True)
        self._windows = Windows(_tokenizer(), tokens=TRAINING_TOKENS)
        self._steps = options.epochs * (int(options.share * sum(one.share for one in self._examples)) // options.batch)
        self._step = 0
        self._load()

    def run(self) -> None:
        """All steps that are left; a checkpoint every few, the finished weights at the end."""
        workers = 2 if self._device == "cpu" else 1
        started, tokens, losses = time.monotonic(), 0, []
        with ThreadPoolExecutor(workers, initializer=lambda: torch.set_num_threads(1)) as pool:
            for batch in self._batches():
                losses.append(self._learn(batch, pool, workers))
                tokens += sum(len(item.window.ids) for item in batch)
                self._step += 1
                if self._step % 20 == 0:
                    self._log(losses, tokens / (time.monotonic() - started))
                    losses = []
                if self._step % CHECKPOINT_STEPS == 0:
                    self._save()
                if self._step % WATCH_STEPS == 0:
                    self._watch()
        self._watch()
        self._save()

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """What was learned, without what stayed as it was."""
        return {name: tensor.cpu().numpy() for name, tensor in self._master.items()}

    def _watch(self) -> None:
        """Log how well examples that were kept apart are read: whether they answer, and where."""
        low = {name: tensor.to(torch.bfloat16) for name, tensor in self._master.items()}
        weights, told = {**self._frozen, **low}, defaultdict(list)
        items = [(one.kind, item) for one in self._watched if (item := _item(one, self._windows, random.Random(0)))]
        for start in range(0, len(items), self._options.batch):
            some = items[start : start + self._options.batch]
            with torch.inference_mode():
                spans, answers = read(weights, [item.window for _, item in some])
            for (kind, item), logits, answer in zip(some, spans.float(), answers, strict=True):
                told[kind].append(_told(item, logits, float(answer)))
        self._write({"step": self._step, **{kind: _summary(rows) for kind, rows in told.items()}})

    def _learn(self, batch: list[Item], pool: ThreadPoolExecutor, workers: int) -> float:
        low = {name: tensor.to(torch.bfloat16) for name, tensor in self._master.items()}
        batch = sorted(batch, key=lambda item: len(item.window.ids))
        halves = [batch[i::workers] for i in range(workers)]
        done = list(pool.map(lambda half: self._gradients(low, half, len(batch)), halves))
        for name, tensor in self._master.items():
            tensor.grad = torch.stack([gradients[name] for gradients, _ in done]).float().sum(0)
        torch.nn.utils.clip_grad_norm_(self._master.values(), 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = self._options.rate * _rate(self._step / self._steps)
        self._optimizer.step()
        return sum(loss for _, loss in done)

    def _gradients(
        self, low: dict[str, torch.Tensor], items: list[Item], size: int
    ) -> tuple[dict[str, torch.Tensor], float]:
        leaves = {name: tensor.detach().requires_grad_() for name, tensor in low.items()}
        spans, answers = read({**self._frozen, **leaves}, [item.window for item in items], self._options.dropout)
        loss = _loss(spans, answers, items) / size
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        return dict(zip(leaves, gradients, strict=True)), loss.item()

    def _batches(self) -> Iterator[list[Item]]:
        """The batches from the step that has been reached; an epoch's are the same in every run."""
        per_epoch = self._steps // self._options.epochs
        for epoch in range(self._step // per_epoch, self._options.epochs):
            chance = random.Random(f"{self._options.seed} {epoch}")
            chosen = [
                one for one in self._examples for _ in range(int(self._options.share * one.share + chance.random()))
            ]
            chance.shuffle(chosen)
            done = max(0, self._step - epoch * per_epoch)
            for i in range(done, min(per_epoch, len(chosen) // self._options.batch)):
                some = chosen[i * self._options.batch : (i + 1) * self._options.batch]
                cut = random.Random(f"{self._options.seed} {epoch} {i}")
                yield [item for one in some if (item := _item(one, self._windows, cut))]

    def _log(self, losses: list[float], speed: float) -> None:
        line = {
            "step": self._step,
            "of": self._steps,
            "loss": round(sum(losses) / len(losses), 4),
            "tokens_per_second": round(speed),
        }
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        print(json.dumps(line), file=sys.stderr, flush=True)
        with (self._options.work / "log.jsonl").open("a", encoding="utf-8") as file:
            print(json.dumps(line), file=file)

    def _save(self) -> None:
        path = self._options.work / "checkpoint.pt"
        state = {"step": self._step, "master": self._master, "optimizer": self._optimizer.state_dict()}
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def _load(self) -> None:
        path = self._options.work / "checkpoint.pt"
        if path.exists():
            state = torch.load(path, map_location=self._device)
            for name, tensor in self._master.items():
                tensor.copy_(state["master"][name])
            self._optimizer.load_state_dict(state["optimizer"])
            self._step = state["step"]
            print(f"going on from step {self._step} of {self._steps}", file=sys.stderr)


def _watched(examples: Sequence[Example]) -> list[Example]:
    """Some of the examples of every kind that are kept apart; the same each time."""
    kept = defaultdict(list)
    for one in examples:
        if held_out(one.group):
            kept[one.kind].append(one)
    return [one for kind, some in kept.items() for one in random.Random(kind).sample(some, min(WATCHED, len(some)))]


def _told(item: Item, logits: torch.Tensor, answers: float) -> tuple[bool, float, float]:
    """Whether the window answers, the log-odds that are given to it, and the F1 of the likeliest span's tokens."""
    pairs = logits[1:, 0, None] + logits[None, 1:, 1]
    length = len(pairs)
    allowed = torch.ones(length, length).triu().tril(LONGEST_SPAN - 1).bool()
    start, end = divmod(int(pairs.masked_fill(~allowed, -torch.inf).argmax()), length)
    said = set(range(start + 1, end + 2))
    best = max(
        2 * len(said & set(range(first, last + 1))) / (len(said) + last + 1 - first)
        for first, last in itertools.product(item.starts, item.ends)
        if first <= last
    )
    return item.starts != [0], answers + float(pairs[start, end] - logits[0].sum()), best


def _summary(rows: Sequence[tuple[bool, float, float]]) -> dict[str, float]:
    """Area under the curve of telling which windows answer, where some do and some do not; F1 of those that do."""
    from sklearn.metrics import roc_auc_score

    able, sure, overlaps = (list(column) for column in zip(*rows, strict=True))
    found = [overlap for overlap, answers in zip(overlaps, able, strict=True) if answers]
    summary = {"F1": round(sum(found) / len(found), 4)} if found else {}
    return {**summary, "AUC": round(float(roc_auc_score(able, sure)), 4)} if len(set(able)) == 2 else summary


def _loss(spans: torch.Tensor, answers: torch.Tensor, items: Sequence[Item]) -> torch.Tensor:
    """Negative log of the probability on all marked starts, and on all marked ends, and of whether it answers."""
    likely = torch.log_softmax(spans, dim=1)
    where = torch.stack(
        [
            -(torch.logsumexp(likely[i, item.starts, 0], 0) + torch.logsumexp(likely[i, item.ends, 1], 0)) / 2
            for i, item in enumerate(items)
        ]
    )
    wanted = torch.tensor([float(item.starts != [0]) for item in items], device=answers.device)
    return where.sum() + ANSWERS_WEIGHT * binary_cross_entropy_with_logits(answers, wanted, reduction="sum")


def _item(one: Example, windows: Windows, chance: random.Random) -> Item | None:
    """One window of the example: of those that hold an answer, if any does, else any of them."""
    choice = list(windows.of(one.question, one.title, one.context))
    marked = [(window, *_places(window, one.answers)) for window in choice]
    holding = [item for item in marked if item[1]] or marked
    if not holding:
        return None
    window, starts, ends = chance.choice(holding)
    return Item(window, starts or [0], ends or [0])


def _places(window: Window, answers: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    starts, ends = set(), set()
    for start, end in answers:
        inside = [i for i, (left, right) in enumerate(window.offsets, 1) if left < end and right > start]
        if inside and window.offsets[0][0] <= start and window.offsets[-1][1] >= end:
            starts.add(inside[0])
            ends.add(inside[-1])
    return sorted(starts), sorted(ends)


def _rate(done: float) -> float:
    """The learning rate as a share of the highest: up over the warm-up, then down in a straight line to 0."""
    return done / WARM_UP if done < WARM_UP else (1 - done) / (1 - WARM_UP)


def _examples(options: argparse.Namespace) -> list[Example]:
    path = options.work / "examples.pickle"
    if not path.exists():
        print("preparing the examples, about two minutes", file=sys.stderr)
        examples = [
            *span_examples(options.data),
            *(one for year in NEWS_YEARS for one in news_examples(options.data, year)),
            *lesson_examples(),
        ]
        path.write_bytes(pickle.dumps(examples))
    examples = pickle.loads(path.read_bytes())
    assert isinstance(examples, list)
    return examples


def _tokenizer() -> Tokenizer:
    tokenizer = load_tokenizer()
    tokenizer.no_truncation()
    return tokenizer


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m qa.reader.train", description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder that holds span_qa/ and realtimeqa/")
    parser.add_argument("--work", type=Path, default=Path("build/reader"), help="folder for examples, log, checkpoint")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1.5e-4, help="highest learning rate")
    parser.add_argument("--dropout", type=float, default=0.1, help="share left out of what each layer adds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=1.0, help="of the examples, that an epoch takes")
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="WEIGHTS",
        help="go on from the reader.safetensors of another training, not from the bundled model",
    )
    parser.add_argument(
        "--mean-with",
        type=Path,
        metavar="WEIGHTS",
        help="write the mean with the reader.safetensors of another training",
    )
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()

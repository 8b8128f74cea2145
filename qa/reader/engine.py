"""Runs the reader's network with ONNX Runtime, one window a core; loads in a fraction of the time that torch takes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.minilm_query import base_weights
from qa.reader.windows import Window

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WEIGHTS, GRAPH = "reader.safetensors", "reader.onnx"
PLACE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Logits:
    """What the network says of one window.

    starts, ends: for "not here" and then each token of the text, that an answer starts there, or ends there.
    answers: that the window answers.
    """

    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    answers: float


class Engine:
    """The network with its weights, loaded when first used. Safe to use from several threads."""

    def __init__(self, place: Path = PLACE) -> None:
        self._place = place
        self._pool = ThreadPoolExecutor(_cores(), "reader")

    @cached_property
    def digest(self) -> str:
        """What tells this network from every other: the sha256 of its weights."""
        with (self._place / WEIGHTS).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def read(self, windows: Sequence[Window]) -> list[Logits]:
        """What the network says of each window, in order."""
        session, longest = self._session, sorted(range(len(windows)), key=lambda i: -len(windows[i].ids))
        found = dict(zip(longest, self._pool.map(lambda i: self._read(session, windows[i]), longest), strict=True))
        return [found[i] for i in range(len(windows))]

    def _read(self, session: InferenceSession, window: Window) -> Logits:
        weights, base = self._weights, base_weights()
        ids = np.asarray(window.ids)
        types = (np.arange(len(ids)) >= window.question).astype(np.int64)
        states = (
            base["embeddings.word_embeddings.weight"][ids] + base["embeddings.position_embeddings.weight"][: len(ids)]
        )
        states += weights["embeddings.token_type_embeddings.weight"][types]
        states -= states.mean(-1, keepdims=True)
        states /= np.sqrt(np.square(states).mean(-1, keepdims=True) + np.float32(1e-12))
        states = states * weights["embeddings.LayerNorm.weight"] + weights["embeddings.LayerNorm.bias"]
        (read,) = session.run(None, {"states": states})
        text = np.concatenate([read[:1], read[window.opening : -1]])
        spans = text @ weights["reader.span.weight"].T + weights["reader.span.bias"]
        answers = read[0] @ weights["reader.answers.weight"][0] + weights["reader.answers.bias"][0]
        return Logits(spans[:, 0], spans[:, 1], float(answers))

    @cached_property
    def _weights(self) -> dict[str, NDArray[np.float32]]:
        from safetensors.numpy import load_file

        weights: dict[str, NDArray[np.float32]] = load_file(str(self._place / WEIGHTS))
        return weights

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        layers = {name: values for name, values in self._weights.items() if name.startswith("encoder.")}
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in layers.values()]
        options.add_external_initializers(list(layers), values)
        graph = (self._place / GRAPH).read_bytes()
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

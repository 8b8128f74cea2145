"""The bundled all-MiniLM-L6-v2 in NumPy, for a question or a few sentences at a time.

Loading torch takes seconds and its threads cost more than they bring on so few tokens; this answers a cold `ask` in
a fraction of that, with the same float32 vectors (tests/test_embed.py).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.minilm import HEADS, LAYERS, WIDTH, WINDOW, load_tokenizer, weights_folder

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Matrix = NDArray[np.float32]


class QueryEncoder:
    """The encoder with its weights in memory, float32."""

    def __init__(self) -> None:
        self.tokenizer = load_tokenizer()
        self.window = WINDOW
        self._weights = base_weights()

    def encode(self, texts: list[str]) -> Matrix:
        """Mean-pooled vectors of the texts: (n, 384) float32, rows of L2 norm 1; text past the window is unread."""
        if not texts:
            return np.empty((0, WIDTH), np.float32)
        with _one_thread().limit(limits=1, user_api="blas"):
            return self._pooled([encoding.ids for encoding in self.tokenizer.encode_batch(texts)])

    def _pooled(self, ids: list[list[int]]) -> Matrix:
        bounds = np.cumsum([0] + [len(sequence) for sequence in ids])
        states = self._states(np.concatenate([np.asarray(sequence) for sequence in ids]), bounds)
        means = np.add.reduceat(states, bounds[:-1]) / np.diff(bounds)[:, None]
        unit: Matrix = means / np.linalg.norm(means, axis=1, keepdims=True)
        return unit.astype(np.float32)

    def _states(self, tokens: NDArray[np.int64], bounds: NDArray[np.int64]) -> Matrix:
        weights = self._weights
        places = np.arange(len(tokens)) - np.repeat(bounds[:-1], np.diff(bounds))
        states = weights["embeddings.word_embeddings.weight"][tokens]
        states = states + weights["embeddings.position_embeddings.weight"][places]
        states = states + weights["embeddings.token_type_embeddings.weight"][0]
        states = self._norm(states, "embeddings")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            mixed = self._attention(states, f"{name}.attention.self", bounds)
            states = self._norm(
                states + self._linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output"
            )
            inner = _gelu(self._linear(states, f"{name}.intermediate.dense"))
            states = self._norm(states + self._linear(inner, f"{name}.output.dense"), f"{name}.output")
        return states

    def _attention(self, states: Matrix, name: str, bounds: NDArray[np.int64]) -> Matrix:
        query, key, value = (
            self._linear(states, f"{name}.{part}").reshape(-1, HEADS, WIDTH // HEADS).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        mixed = np.empty_like(states)
        for start, end in zip(bounds[:-1], bounds[1:], strict=True):
            scores = query[:, start:end] @ key[:, start:end].transpose(0, 2, 1) / np.sqrt(np.float32(WIDTH // HEADS))
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            mixed[start:end] = (weights @ value[:, start:end]).transpose(1, 0, 2).reshape(end - start, WIDTH)
        return mixed

    def _linear(self, states: Matrix, name: str) -> Matrix:
        product: Matrix = states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return product

    def _norm(self, states: Matrix, name: str) -> Matrix:
        centred = states - states.mean(-1, keepdims=True)
        variance = np.square(centred).mean(-1, keepdims=True)
        scale, shift = self._weights[f"{name}.LayerNorm.weight"], self._weights[f"{name}.LayerNorm.bias"]
        normed: Matrix = centred / np.sqrt(variance + np.float32(1e-12)) * scale + shift
        return normed


@cache
def base_weights() -> dict[str, Matrix]:
    """The bundled weights by BERT's names, in memory once however many networks stand on them; not to be changed."""
    from safetensors.numpy import load_file

    weights: dict[str, Matrix] = load_file(str(weights_folder() / "model.safetensors"))
    return weights


@cache
def _one_thread() -> ThreadpoolController:
    """What holds NumPy to one thread: on so few tokens more bring nothing, and on a busy machine they wait and wait."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _gelu(values: Matrix) -> Matrix:
    from scipy.special import erf

    activated: Matrix = values * np.float32(0.5) * (1 + erf(values * np.float32(0.5**0.5)))
    return activated

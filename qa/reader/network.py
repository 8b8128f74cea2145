"""The reader's network: MiniLM over question and passage, with three small heads.

For every token of the passage, how likely the answer starts there and ends there; the first token stands for "not in
this passage" (BERT for SQuAD 2.0: Devlin et al., NAACL 2019). For the passage as a whole, whether it answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ingest.minilm import WIDTH, hidden_states
from qa.reader.windows import Window

if TYPE_CHECKING:
    import torch

HEADS = {"reader.span": 2, "reader.answers": 1}


def new_heads(seed: int) -> dict[str, torch.Tensor]:
    """Heads that have learned nothing: small random weights, no bias."""
    import torch

    chance = torch.Generator().manual_seed(seed)
    heads = {}
    for name, rows in HEADS.items():
        heads[f"{name}.weight"] = torch.randn(rows, WIDTH, generator=chance) * 0.02
        heads[f"{name}.bias"] = torch.zeros(rows)
    return heads


def read(
    weights: Mapping[str, torch.Tensor], windows: Sequence[Window], dropout: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits of starts and ends, and whether each window answers; dropout is for training.

    Returns:
        spans: (windows, longest, 2) float32; index 0 of a row is "not here", the others are the text's tokens; -inf
            past its end.
        answers: (windows,) float32.
    """
    import torch
    from torch.nn.functional import linear
    from torch.nn.utils.rnn import pad_sequence

    device = weights["embeddings.word_embeddings.weight"].device
    lengths = [len(window.ids) for window in windows]
    tokens = torch.tensor([token for window in windows for token in window.ids], device=device)
    types = torch.cat([torch.arange(len(w.ids)) >= w.question for w in windows]).long().to(device)
    parts = torch.split(hidden_states(weights, tokens, types, lengths, dropout).float(), lengths)
    firsts = torch.stack([part[0] for part in parts])
    kept = [torch.cat([part[:1], part[w.opening : -1]]) for part, w in zip(parts, windows, strict=True)]
    heads = {name: (weights[f"{name}.weight"].float(), weights[f"{name}.bias"].float()) for name in HEADS}
    spans = [linear(part, *heads["reader.span"]) for part in kept]
    return pad_sequence(spans, batch_first=True, padding_value=-torch.inf), linear(firsts, *heads["reader.answers"])[
        :, 0
    ]

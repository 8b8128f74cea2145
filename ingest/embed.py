"""Texts into vectors: the bundled model, or any sentence-transformers model by name."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.errors import SettingsError
from ingest.records import Article
from ingest.settings import BUNDLED_MODEL

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from ingest.minilm import MiniLM
    from ingest.minilm_query import QueryEncoder


def passage_input(article: Article, start: int, end: int) -> str:
    """What is embedded of a passage: the title, as context, and the passage's own text."""
    return f"{article.title}\n{article.text[start:end]}"


class PassageEmbeddings(Embeddings):
    """An embedding model, loaded when first used; a LangChain Embeddings.

    name: BUNDLED_MODEL, or what sentence-transformers can load.
    """

    def __init__(self, name: str = BUNDLED_MODEL) -> None:
        self.name = name

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors of many texts, in the fastest format of this machine: (n, d) float32, rows of L2 norm 1."""
        return self._bulk.encode(texts)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Vector of one question, in float32: (d,), L2 norm 1."""
        vector: NDArray[np.float32] = self.encode_few([text])[0]
        return vector

    def encode_few(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors of a few short texts while somebody waits, in float32: (n, d), rows of L2 norm 1."""
        return self._few.encode(texts)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's door to encode()."""
        return [[float(value) for value in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """LangChain's door to encode_query()."""
        return [float(value) for value in self.encode_query(text)]

    @cached_property
    def digest(self) -> str:
        """What tells this model from every other: the sha256 of its weights where they lie here, else its name."""
        folder = _folder(self.name)
        weights = folder / "model.safetensors" if folder else None
        if weights is None or not weights.is_file():
            return hashlib.sha256(self.name.encode()).hexdigest()
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's own tokenizer, without truncation or padding, for measuring passages."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._few.tokenizer.to_str())
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @property
    def window(self) -> int:
        """Tokens that the model reads of one input."""
        return self._few.window

    @cached_property
    def _bulk(self) -> MiniLM | SentenceTransformerEncoder:
        if self.name != BUNDLED_MODEL:
            return SentenceTransformerEncoder(self.name)
        from ingest.minilm import MiniLM

        device = _device()
        return MiniLM(device, bfloat16=_computes_bfloat16(device))

    @cached_property
    def _few(self) -> QueryEncoder | SentenceTransformerEncoder:
        if self.name != BUNDLED_MODEL:
            assert isinstance(self._bulk, SentenceTransformerEncoder)
            return self._bulk
        from ingest.minilm_query import QueryEncoder

        return QueryEncoder()


class SentenceTransformerEncoder:
    """Any other model, as sentence-transformers runs it."""

    def __init__(self, name: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        try:
            self._model: SentenceTransformer = SentenceTransformer(name, trust_remote_code=False)
        except Exception as error:  # hub, disk and format errors have no common class
            raise SettingsError(
                f"the embedding model {name!r} cannot be loaded ({error}); name a folder or a hub model that "
                f"sentence-transformers knows, or leave the setting out to use the bundled {BUNDLED_MODEL}"
            ) from error
        if _computes_bfloat16(str(self._model.device)):
            self._model.to(torch.bfloat16)

    @property
    def window(self) -> int:
        """Tokens that the model reads of one input."""
        return int(self._model.max_seq_length or 512)

    @property
    def tokenizer(self) -> Tokenizer:
        """The fast tokenizer under the model."""
        tokenizer: Tokenizer = self._model.tokenizer.backend_tokenizer
        return tokenizer

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors: (n, d) float32, rows of L2 norm 1."""
        import torch

        vectors = self._model.encode(texts, convert_to_tensor=True, show_progress_bar=False)
        return torch.nn.functional.normalize(vectors.float(), dim=1).cpu().numpy()


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def _computes_bfloat16(device: str) -> bool:
    """Whether the device multiplies in bfloat16; elsewhere it would be emulated, slower than float32."""
    import torch

    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported())
    cpu = torch.backends.cpu.get_cpu_capability() if device == "cpu" else ""
    return cpu.startswith("AVX512") and _cpu_flag("avx512_bf16", "amx_bf16")


def _cpu_flag(*names: str) -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(name in flags for name in names)


def _folder(name: str) -> Path | None:
    if name == BUNDLED_MODEL:
        from ingest.minilm import weights_folder

        return weights_folder()
    return Path(name) if Path(name).is_dir() else None

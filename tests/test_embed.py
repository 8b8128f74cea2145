"""The embeddings: the same vectors as sentence-transformers gives, whatever the text."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.embed import PassageEmbeddings
from ingest.errors import SettingsError
from ingest.minilm import MiniLM, weights_folder
from ingest.minilm_query import QueryEncoder

WORDS = "The harbour master said on Monday that 1,200 passengers, many of them tourists, would wait in Málaga".split()
TEXTS = [
    " ".join(WORDS[i % len(WORDS)] for i in range(start, start + length))
    for start, length in [(0, 1), (3, 2), (5, 7), (1, 19), (2, 40), (8, 90), (4, 160), (0, 230), (6, 400), (9, 900)]
]
TEXTS += ["", " ", "¿Quién ganó?", "東京で地震 🙂", "x" * 300, "A title\nand what it says.", "[SEP] [CLS]"]


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    """What sentence-transformers makes of the texts, in float32."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(weights_folder()), device="cpu")
    assert model.max_seq_length == 256
    return np.asarray(model.encode(TEXTS, normalize_embeddings=True))


def cosines(vectors: np.ndarray, reference: np.ndarray) -> np.ndarray:
    assert vectors.dtype == np.float32 and vectors.shape == reference.shape
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    return (vectors * reference).sum(1)


def test_bulk_vectors_are_those_of_sentence_transformers(reference):
    found = cosines(PassageEmbeddings().encode(TEXTS), reference)
    assert found.mean() > 0.997 and found.min() > 0.99


@pytest.mark.parametrize(("bfloat16", "mean"), [(True, 0.997), (False, 0.99999)])
def test_both_number_formats_are_close_to_float32(reference, bfloat16, mean):
    assert cosines(MiniLM("cpu", bfloat16=bfloat16).encode(TEXTS), reference).mean() > mean


def test_query_vectors_are_those_of_sentence_transformers(reference):
    assert cosines(QueryEncoder().encode(TEXTS), reference).min() > 0.9999
    assert (
        cosines(np.stack([PassageEmbeddings().encode_query(text) for text in TEXTS[:4]]), reference[:4]).min() > 0.9999
    )


def test_a_text_has_the_same_vector_in_any_company():
    model = MiniLM("cpu", bfloat16=False)
    alone = np.concatenate([model.encode([text]) for text in TEXTS])
    assert np.allclose(alone, model.encode(TEXTS), atol=1e-5)
    assert np.allclose(alone[::-1], model.encode(TEXTS[::-1]), atol=1e-5)


def test_no_texts_have_no_vectors():
    embeddings = PassageEmbeddings()
    assert embeddings.encode([]).shape == embeddings.encode_few([]).shape == (0, 384)
    assert embeddings.embed_documents([]) == []


def test_the_model_is_a_langchain_embeddings():
    embeddings = PassageEmbeddings()
    assert np.allclose(embeddings.embed_query("harbour"), embeddings.encode_query("harbour"))
    assert np.allclose(embeddings.embed_documents(["harbour"])[0], embeddings.encode(["harbour"])[0])


def test_a_sentence_transformers_folder_can_take_the_bundled_models_place(reference):
    other = PassageEmbeddings(str(weights_folder()))
    assert cosines(other.encode(TEXTS), reference).mean() > 0.997
    assert other.window == 256
    assert other.digest == PassageEmbeddings().digest
    assert len(other.tokenizer.encode("word " * 400).ids) > 400


@pytest.mark.parametrize("name", ["no-such-organisation/no-such-model", "/no/such/folder", ""])
def test_a_model_that_cannot_be_loaded_says_what_to_do(name):
    with pytest.raises(SettingsError, match="leave the setting out"):
        PassageEmbeddings(name).encode_query("harbour")

"""Wire copies and near-duplicates: which articles carry the same report.

Two articles are one story when the shorter one's wording stands in the longer one, numbers and all. The numbers
matter: the third day of a developing story repeats most of the first and is not a copy of it.

Source: MinHash with banding (Broder, SEQUENCES 1997; Leskovec et al., Mining of Massive Datasets, ch. 3).
"""

from __future__ import annotations

import re
import unicodedata

BANDS = 21
ROWS = 3  # 21 bands of 3 find a pair that shares half of its shingles in 94 of 100 cases, before the exact check
SHINGLE_WORDS = 4
CONTAINED = 0.75  # share of the shorter article's shingles that stand in the longer
SAME_NUMBERS = 0.9
LEAST_WORDS = 30  # shorter texts are alike by chance

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def signature(text: str) -> list[int]:
    """One number a band of the text's MinHash; two texts that share a band may be copies. [] for very short texts."""
    from datasketch import MinHash

    shingles = _shingles(text)
    if len(shingles) < LEAST_WORDS - SHINGLE_WORDS:
        return []
    minhash = MinHash(num_perm=BANDS * ROWS, seed=1)
    minhash.update_batch([shingle.encode() for shingle in shingles])
    values = [int(value) for value in minhash.hashvalues]
    bands = []
    for band in range(BANDS):
        mixed = band
        for value in values[band * ROWS : (band + 1) * ROWS]:
            mixed = (mixed * 1_000_003 ^ value) & 0x7FFF_FFFF_FFFF_FFFF
        bands.append(mixed)
    return bands


def same_report(one: str, other: str) -> bool:
    """Whether one text is a copy of the other, up to a trim and small edits."""
    shorter, longer = sorted((one, other), key=len)
    shingles = _shingles(shorter)
    if not shingles or len(shingles & _shingles(longer)) / len(shingles) < CONTAINED:
        return False
    numbers = set(_NUMBER.findall(shorter))
    return not numbers or len(numbers & set(_NUMBER.findall(longer))) / len(numbers) >= SAME_NUMBERS


def _shingles(text: str) -> set[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return {" ".join(words[i : i + SHINGLE_WORDS]) for i in range(max(1, len(words) - SHINGLE_WORDS + 1))}

"""The seal of an index folder: how far it has followed the catalog, and what its files were when it was last closed.

A seal lies beside its folder, so that a lost folder is noticed. A folder without a seal that fits is never opened by
its owner: opening a damaged one can end the process.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ingest.catalog import Mark

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Seal:
    """folder: its name; library: the id of the catalog it follows; files: name -> (bytes, crc32)."""

    folder: str
    library: str
    added: int
    removed: int
    files: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def mark(self) -> Mark:
        """How far the folder has followed."""
        return Mark(self.added, self.removed)


def read_seal(path: Path) -> Seal | None:
    """The seal in that file; None where there is none that can be read."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        files = {name: (int(size), int(crc)) for name, (size, crc) in values["files"].items()}
        return Seal(values["folder"], values["library"], int(values["added"]), int(values["removed"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_seal(path: Path, folder: Path, library: str, mark: Mark) -> Seal:
    """Seal the folder as it lies on the disk now, in one step."""
    seal = Seal(folder.name, library, mark.added, mark.removed, _files(folder))
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(asdict(seal), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return seal


def intact(seal: Seal, parent: Path) -> bool:
    """Whether every byte of the folder is as it was sealed."""
    try:
        return _files(parent / seal.folder) == seal.files
    except OSError:
        return False


def complete(seal: Seal, parent: Path) -> bool:
    """Whether every sealed file is there in its size: what a look at the folder tells without reading it."""
    try:
        return all((parent / seal.folder / name).stat().st_size == size for name, (size, _) in seal.files.items())
    except OSError:
        return False


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    names = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {str(path.relative_to(folder)): (path.stat().st_size, _crc(path)) for path in names}


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            crc = zlib.crc32(block, crc)
    return crc

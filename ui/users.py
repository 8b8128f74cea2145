"""Who may log in: names and hashes of passwords, from a file of users or from one USER:PASSWORD."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
import time
import unicodedata
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from ingest.errors import SettingsError

SHORTEST = 8
"""Characters that a new password must have."""
TRIES, WINDOW = 20, 300.0
"""Wrong passwords that one address may send in so many seconds, before it has to wait."""

# scrypt over 32 MB three times: a third of a second for each guess (OWASP, Password Storage Cheat Sheet).
_COST, _BLOCK, _PARALLEL = 15, 8, 3
_CHEAP = 4  # the cost of a hash that is never written down
_HASH = re.compile(r"\$scrypt\$ln=([4-9]|1\d|20),r=8,p=3\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)")
_ADDRESSES = 10_000  # whose wrong passwords are remembered


class Users:
    """The users by name. Takes one password at a time, so that guessing is slow and memory stays bounded."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)
        self._nobody = next(iter(self._hashes.values()))  # an unknown name takes as long as a known one
        self._turn = asyncio.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who may log in."""
        return tuple(self._hashes)

    async def admit(self, name: str, password: str) -> bool:
        """Whether there is a user of that name with that password."""
        async with self._turn:
            return await asyncio.to_thread(self._matches, name, password)

    def _matches(self, name: str, password: str) -> bool:
        matches = _same(self._hashes.get(name, self._nobody), password)
        return matches and name in self._hashes


class Throttle:
    """Counts wrong passwords by the address that they come from."""

    def __init__(self) -> None:
        self._wrong: dict[str, deque[float]] = {}

    def begin(self, address: str) -> bool:
        """Whether the address may try a password; the try counts as wrong until it is taken back."""
        now = time.monotonic()
        if address not in self._wrong and len(self._wrong) >= _ADDRESSES:
            del self._wrong[next(iter(self._wrong))]
        tries = self._wrong.setdefault(address, deque(maxlen=TRIES))
        if len(tries) == TRIES and tries[0] > now - WINDOW:
            return False
        tries.append(now)
        return True

    def take_back(self, address: str) -> None:
        """The password was right."""
        if self._wrong.get(address):
            self._wrong[address].pop()


def user_line(name: str, password: str) -> str:
    """The line of a file of users that lets this one in.

    Raises:
        SettingsError: the name or the password cannot be used.
    """
    _check_name(name)
    if len(password) < SHORTEST:
        raise SettingsError(f"the password has {len(password)} characters; take at least {SHORTEST}")
    return f"{name}:{_hash(password, _COST)}"


def users(auth: str) -> Users:
    """The users of --auth: a file of lines that `dateline password` prints, or USER:PASSWORD.

    Raises:
        SettingsError: it is neither, or others on this machine can read or change the file.
    """
    if os.path.isfile(path := os.path.expanduser(auth)):
        return Users(_hashes(Path(path)))
    name, colon, password = auth.partition(":")
    if not colon:
        raise SettingsError(
            f"--auth takes USER:PASSWORD, or a file of the lines that `dateline password USER` prints, and there is "
            f"no file {auth!r}"
        )
    if not (name.strip() and password):
        raise SettingsError("--auth takes USER:PASSWORD, both of them not empty, such as ana:secret")
    _check_name(name)
    return Users({name: _hash(password, _CHEAP)})


def _hashes(path: Path) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for number, line in enumerate(_private_lines(path), start=1):
        if not line or line.startswith("#"):
            continue
        name, _, hashed = line.partition(":")
        if not name or not _HASH.fullmatch(hashed):
            raise SettingsError(f"{path}, line {number} is not a line that `dateline password USER` prints")
        if name in hashes:
            raise SettingsError(f"{path}, line {number}: {name!r} stands there twice; leave one of the lines")
        hashes[name] = hashed
    if not hashes:
        raise SettingsError(f"{path} holds no user; add the line that `dateline password USER` prints")
    return hashes


def _private_lines(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & (stat.S_IRWXO | stat.S_IWGRP):
                raise SettingsError(f"others on this machine can read or change {path}; run `chmod 600 {path}`")
            return [line.strip() for line in file]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the file of users {path} cannot be read: {error}") from error


def _check_name(name: str) -> None:
    # Gradio strips what is typed as the name.
    if not name or name != name.strip() or name.startswith("#") or ":" in name or not name.isprintable():
        raise SettingsError(f"{name!r} is no name for a user: leave out colons, spaces around it and a # before it")


def _hash(password: str, cost: int) -> str:
    salt = secrets.token_bytes(16)
    return f"$scrypt$ln={cost},r=8,p=3${_text(salt)}${_text(_scrypt(password, salt, cost))}"


def _same(hashed: str, password: str) -> bool:
    found = _HASH.fullmatch(hashed)
    assert found
    salt, kept = base64.b64decode(found[2]), base64.b64decode(found[3])
    return hmac.compare_digest(_scrypt(password, salt, int(found[1])), kept)


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    # One letter can be typed in two ways, such as ñ; both are the same password.
    typed = unicodedata.normalize("NFKC", password).encode()
    room = 2**20 + 128 * _BLOCK * (2**cost + _PARALLEL)
    return hashlib.scrypt(typed, salt=salt, n=2**cost, r=_BLOCK, p=_PARALLEL, maxmem=room, dklen=32)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()

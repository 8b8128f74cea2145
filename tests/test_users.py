"""Who may log in: the file of users, the command that makes its lines, the wait after wrong passwords."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.errors import SettingsError
from ui.users import Throttle, Users, user_line, users


def admits(known: Users, name: str, password: str) -> bool:
    return asyncio.run(known.admit(name, password))


@pytest.fixture
def write(tmp_path):
    """Writes a file of users that only its owner can read."""

    def write(*lines: str, mode: int = 0o600) -> str:
        path = tmp_path / "users"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        path.chmod(mode)
        return str(path)

    return write


@pytest.fixture(scope="module")
def ana() -> str:
    return user_line("ana", "correct horse")


def test_a_user_of_the_file_comes_in_with_her_password_and_nobody_else(write, ana):
    known = users(write("# the newsroom", "", ana, user_line("josé luis", "another word")))
    assert known.names == ("ana", "josé luis")
    assert admits(known, "ana", "correct horse") and admits(known, "josé luis", "another word")
    for name, password in [("ana", "another word"), ("ana", ""), ("bob", "correct horse"), ("", ""), ("Ana", "x")]:
        assert not admits(known, name, password)


def test_the_file_holds_no_password_and_no_two_lines_alike(ana):
    again = user_line("ana", "correct horse")
    assert "correct" not in ana and ana != again
    assert ana.startswith("ana:$scrypt$ln=15,r=8,p=3$")


def test_a_letter_typed_in_two_ways_is_the_same_password():
    known = Users(dict([user_line("ana", "ma\u00f1ana 25").split(":", 1)]))
    assert admits(known, "ana", "man\u0303ana 25")


def test_one_user_and_password_need_no_file():
    known = users("ana:se:cret")
    assert known.names == ("ana",)
    assert admits(known, "ana", "se:cret") and not admits(known, "ana", "se")


@pytest.mark.parametrize("auth", ["ana:", ":secret", ":", " :secret", "ana\x00:secret", " ana:secret", "~nobody:"])
def test_a_user_or_password_that_is_none_is_refused(auth):
    with pytest.raises(SettingsError):
        users(auth)


def test_a_file_that_is_not_there_is_told_by_its_name():
    with pytest.raises(SettingsError, match="there is no file 'newsroom.users'"):
        users("newsroom.users")


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o660, 0o666])
def test_a_file_that_others_can_read_or_change_is_refused(write, ana, mode):
    path = write(ana, mode=mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {path}"):
        users(path)


def test_a_file_that_the_service_shares_with_its_group_is_read(write, ana):
    assert users(write(ana, mode=0o640)).names == ("ana",)


@pytest.mark.parametrize(
    "line",
    [
        "ana:secret",
        "ana",
        ":$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "=",
        "ana:$scrypt$ln=30,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "=",
        "ana:$scrypt$ln=15,r=8,p=3$AAAA$AAAA",
    ],
)
def test_a_line_that_the_command_did_not_print_is_told_by_its_number(write, ana, line):
    with pytest.raises(SettingsError, match="line 2 is not a line that `dateline password USER` prints"):
        users(write(ana, line))


def test_a_user_who_stands_there_twice_is_told(write, ana):
    with pytest.raises(SettingsError, match="line 2: 'ana' stands there twice"):
        users(write(ana, ana))


def test_a_file_without_users_is_told(write):
    with pytest.raises(SettingsError, match="holds no user"):
        users(write("# nobody yet"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_told(write, ana):
    with pytest.raises(SettingsError, match="cannot be read"):
        users(write(ana, mode=0o000))


def test_a_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "users"
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="cannot be read"):
        users(str(path))


def test_an_unknown_name_takes_as_long_as_a_known_one(write, ana):
    known = users(write(ana))

    def seconds(name: str) -> float:
        started = time.perf_counter()
        admits(known, name, "wrong password")
        return time.perf_counter() - started

    times = {name: statistics.median(seconds(name) for _ in range(3)) for name in ("ana", "bob")}
    assert times["bob"] > times["ana"] / 3  # without the hash it would be a thousandth


def test_passwords_are_tried_one_at_a_time(write, ana):
    known = users(write(ana))
    at_work = 0

    async def guess() -> bool:
        return await known.admit("ana", "wrong password")

    async def all_at_once() -> None:
        nonlocal at_work
        loop_was_free = asyncio.create_task(asyncio.sleep(0.01))
        guesses = [asyncio.create_task(guess()) for _ in range(3)]
        await loop_was_free
        at_work = sum(not one.done() for one in guesses)
        done, waiting = await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 1 and len(waiting) == 2
        await asyncio.gather(*waiting)

    asyncio.run(all_at_once())
    assert at_work == 3


# --- the wait after wrong passwords ---


def test_an_address_waits_after_too_many_wrong_passwords(monkeypatch):
    monkeypatch.setattr("ui.users.TRIES", 3)
    now = [1000.0]
    monkeypatch.setattr("ui.users.time.monotonic", lambda: now[0])
    throttle = Throttle()
    assert [throttle.begin("10.0.0.1") for _ in range(5)] == [True, True, True, False, False]
    assert throttle.begin("10.0.0.2")
    now[0] += 301
    assert throttle.begin("10.0.0.1")


def test_a_right_password_does_not_count_but_forgives_no_wrong_one(monkeypatch):
    monkeypatch.setattr("ui.users.TRIES", 3)
    throttle = Throttle()
    for _ in range(2):
        assert throttle.begin("10.0.0.1")  # wrong
    for _ in range(9):
        assert throttle.begin("10.0.0.1")
        throttle.take_back("10.0.0.1")
    assert throttle.begin("10.0.0.1")
    assert not throttle.begin("10.0.0.1")


def test_no_more_than_so_many_addresses_are_remembered(monkeypatch):
    monkeypatch.setattr("ui.users._ADDRESSES", 10)
    throttle = Throttle()
    for number in range(50):
        throttle.begin(str(number))
    assert len(throttle._wrong) == 10


# --- the command ---


def password(user: str, *typed: str) -> subprocess.CompletedProcess[str]:
    """The command as in a pipe: without a terminal, what is typed is read from standard input."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "ui.cli", "password", user],
        input="".join(f"{line}\n" for line in typed),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )


def test_the_command_asks_twice_and_prints_only_the_line(write):
    done = password("ana", "correct horse", "correct horse")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1 and "correct" not in done.stdout + done.stderr
    assert admits(users(write(done.stdout.strip())), "ana", "correct horse")


def test_the_command_asks_again_when_the_two_differ(write):
    done = password("ana", "correct horse", "correct house", "four words", "four words")
    assert admits(users(write(done.stdout.strip())), "ana", "four words")


@pytest.mark.parametrize(
    ("user", "typed", "told"),
    [("ana", "short", "at least 8"), ("a:b", "long enough", "'a:b'"), ("#a", "long enough", "'#a'")],
)
def test_a_name_or_password_that_will_not_do_is_told_in_a_sentence(user, typed, told):
    done = password(user, typed, typed)
    assert done.returncode == 1 and done.stdout == "" and told in done.stderr

"""The file of keys is read again within a second, and a broken one takes nobody's key away."""

import logging
from pathlib import Path

import pytest

from mesh.access.key_file import LOOK_SECONDS, KeyFile
from mesh.access.keys import key_line
from mesh.access.roles import Caller, Role

ANN, BOB = "smk_ann", "smk_bob"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(key_line("ann", Role.OPERATOR, ANN))
    return path


@pytest.fixture
def keys(path: Path, clock: Clock) -> KeyFile:
    return KeyFile(path, clock)


def test_a_key_names_its_caller(keys):
    assert keys.caller(ANN) == Caller("ann", Role.OPERATOR)
    assert keys.caller(BOB) is None
    assert keys.caller("") is None


def test_a_change_counts_from_the_next_look_on(keys, path, clock):
    path.write_text(key_line("bob", Role.VIEWER, BOB))
    clock.now = LOOK_SECONDS * 0.99
    assert keys.caller(BOB) is None, "it is not looked at with every call"
    clock.now = LOOK_SECONDS
    assert keys.caller(BOB) == Caller("bob", Role.VIEWER)
    assert keys.caller(ANN) is None, "a key whose line is gone is taken back"


def test_a_file_that_replaces_it_counts_too(keys, path, clock, tmp_path):
    fresh = tmp_path / "fresh"
    fresh.write_text(key_line("bob", Role.VIEWER, BOB))
    fresh.replace(path)
    clock.now = LOOK_SECONDS
    assert keys.caller(BOB) is not None


@pytest.mark.parametrize("harm", ["no keys at all\n", "ann operator smk_pasted\n", None, b"\xff\xfe"])
def test_a_broken_file_leaves_the_keys_as_they_were_and_is_logged_once(keys, path, clock, caplog, harm):
    if harm is None:
        path.unlink()
    else:
        path.write_bytes(harm if isinstance(harm, bytes) else harm.encode())
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            clock.now += LOOK_SECONDS
            assert keys.caller(ANN) == Caller("ann", Role.OPERATOR)
    assert caplog.text.count("stay as they were") == 1
    assert "smk_pasted" not in caplog.text


def test_it_heals(keys, path, clock):
    path.write_text("broken")
    clock.now += LOOK_SECONDS
    keys.caller(ANN)
    path.write_text(key_line("bob", Role.VIEWER, BOB))
    clock.now += LOOK_SECONDS
    assert keys.caller(BOB) is not None


def test_a_server_does_not_start_without_its_keys(tmp_path):
    with pytest.raises(FileNotFoundError):
        KeyFile(tmp_path / "none")

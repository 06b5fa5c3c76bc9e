"""A process ends where it is told to, and nowhere else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ibkr_server.failpoints import VARIABLE, Failpoint, crash_at, is_armed

ROOT = Path(__file__).parents[2]
PASSES = """
from ibkr_server.failpoints import Failpoint, crash_at, is_armed
for _ in range(3):
    crash_at(Failpoint.AFTER_INTENT)
    print("passed", is_armed(Failpoint.AFTER_WRITE), flush=True)
    crash_at(Failpoint.AFTER_WRITE)
"""


def passed(failpoint: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PASSES],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, VARIABLE: failpoint},
    )
    return done.returncode, done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("failpoint", "output"),
    [
        ("after_write", ["passed True"]),
        ("after_write:3", ["passed False", "passed False", "passed True"]),
        ("after_intent:2", ["passed False"]),
    ],
)
def test_it_kills_at_the_passage_that_was_asked_for(failpoint: str, output: list[str]):
    assert passed(failpoint) == (-signal.SIGKILL, output)


def test_another_point_is_passed():
    assert passed("before_reply") == (0, ["passed False"] * 3)


def test_a_name_that_is_none_is_refused():
    status, _ = passed("somewhere")
    assert status == 1


def test_unset_nothing_happens():
    for point in Failpoint:
        crash_at(point)
        assert not is_armed(point)

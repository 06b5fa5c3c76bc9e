"""`spreadmesh universe` against a real mesh."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from spreadmesh.scan.v1.universe_service_pb2 import ListUniversesResponse, RunUniverseScanResponse

from tests.clients.conftest import SPREADMESH, Commands, Up

NEAR = ["--max-dte", "8", "--strategy", "bull_put", "--limit", "5"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A mesh that knows two universes."""
    state_dir = tmp_path_factory.mktemp("state")
    file = state_dir / "universes.toml"
    file.write_text('tech = ["MSFT", "AAPL"]\nwrong = ["NOPE", "SPY"]\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNIVERSES", str(file))
        mesh = Up(state_dir, "--symbols", "SPY,AAPL,MSFT", "--lines", "100", "--seed", "7")
    try:
        yield Commands(state_dir)
    finally:
        mesh.signal(signal.SIGTERM)
        mesh.process.stdout.close()


def lines_of(output: str) -> list[Any]:
    return [Parse(line, RunUniverseScanResponse()) for line in output.splitlines()]


def test_lists_what_the_scanner_knows(running: Commands) -> None:
    listed = Parse(running("universe", "list", "--json").stdout, ListUniversesResponse())
    assert [one.name for one in listed.universes] == ["tech", "wrong"]
    assert "MSFT AAPL" in running("universe", "list").stdout


def test_json_lines_tell_the_course_and_the_end(running: Commands) -> None:
    run = running("universe", "scan", "wrong", *NEAR, "--json")
    assert run.returncode == 0, run.stderr
    messages = lines_of(run.stdout)
    assert [message.complete for message in messages] == [False] * (len(messages) - 1) + [True]
    ended = {one.symbol: one.failure.code for message in messages for one in message.ended}
    assert ended == {"NOPE": "NOT_FOUND", "SPY": ""}
    last = messages[-1]
    assert (last.progress.done, last.progress.failed) == (1, 1)
    assert len(last.ranking.candidates) == 5
    assert {one.underlying for one in last.ranking.candidates} == {"SPY"}


def test_ctrl_c_shows_what_there_is(running: Commands) -> None:
    """The contracts of each take the lines for seconds, so there are some between the first and the last."""
    scan = ["universe", "scan", "--symbols", "SPY,MSFT,AAPL", "--max-parallel", "1", "--limit", "5"]
    watched = subprocess.Popen(
        [*SPREADMESH, *scan, "--max-dte", "8"],
        env=os.environ | running.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watched.stderr is not None
    assert any(re.search("[12] of 3 underlyings ranked", line) for line in watched.stderr)
    watched.send_signal(signal.SIGINT)
    shown, problems = watched.communicate(timeout=10)
    assert (watched.returncode, problems) == (130, "")
    assert re.search("[12] of 3 underlyings ranked", shown)
    assert "SPY" in shown


def test_out_of_time_it_shows_what_there_is_and_fails(running: Commands) -> None:
    run = running("universe", "scan", "--symbols", "SPY,MSFT", "--max-dte", "60", "--deadline", "1.5")
    assert run.returncode == 1
    assert "of 2 underlyings ranked" in run.stdout
    assert "deadline exceeded" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--symbols", "SPY,a*b"], "symbols[1]"),
        (["nope"], "universe"),
        (["tech", "--max-dte", "-1"], "days_to_expiration"),
        ([], "NAME or --symbols"),
        (["tech", "--symbols", "SPY"], "NAME or --symbols"),
        (["tech", "--max-parallel", "17"], "--max-parallel"),
        (["tech", "--where", "pop=1"], "figure>=number"),
    ],
)
def test_what_is_wrong_is_named(running: Commands, arguments: list[str], complaint: str) -> None:
    run = running("universe", "scan", *arguments)
    assert run.returncode != 0
    assert complaint in run.stderr
    assert "Traceback" not in run.stderr

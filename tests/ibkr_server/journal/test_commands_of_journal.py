"""What `spreadmesh orders` says and with which status it ends, on a journal that is open."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from ibkr_server.journal.__main__ import main
from ibkr_server.journal.journal import Journal
from ibkr_server.orders.events import Event, Halted, Intent, Reported, encode
from ibkr_server.orders.order import OrderState
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType
from tests.ibkr_server.journal.tampering import tamper

SPREADMESH = [sys.executable, "-c", "from spreadmesh_client.cli import main; main()"]


SPEC = OrderSpec((OrderLeg(1, 1), OrderLeg(2, -1)), 1, OrderType.LIMIT, Decimal("-1.25"))


@pytest.fixture
def told(journal: Journal) -> Journal:
    """A journal of two orders and a halt."""
    append(journal, "-a", Intent(12, 1, SPEC, "hash", "me"))
    append(journal, "-a", Reported(99, OrderState.SUBMITTED))
    append(journal, None, Halted("enough", "me"))
    append(journal, "b", Intent(13, 1, SPEC, "hash", "me"))
    return journal


def append(journal: Journal, client_order_id: str | None, event: Event) -> None:
    kind, body = encode(event)
    journal.append(kind, client_order_id, body)


def spreadmesh(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*SPREADMESH, "orders", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | environment, check=False, capture_output=True, text=True, timeout=60
    )


def test_the_story_of_an_order_by_command(told: Journal, path: Path) -> None:
    done = spreadmesh("audit", "--json", "--", "-a", JOURNAL=str(path))
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert first.pop("details")["spec"]["limit_price"] == "-1.25"
    assert first == {
        "sequence": 1,
        "time": "2015-12-24 17:00:00.000000",
        "time_us": 1_450_976_400_000_000,
        "what": "intent",
        "before": None,
        "after": "PendingSubmit",
    }
    assert (second["sequence"], second["before"], second["after"]) == (2, "PendingSubmit", "Submitted")


def test_a_copy_of_the_last_mesh_s_journal_and_a_changed_entry_by_command(
    told: Journal, path: Path, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "000001"
    run.mkdir(parents=True)
    (run / "ended.json").write_text(json.dumps({"journal": str(path)}))
    done = spreadmesh("backup", tmp_path / "copy", SPREADMESH_STATE_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "copy: 4 entries, mark 4:" in done.stdout
    tamper(path, "UPDATE entries SET payload = '{}' WHERE sequence = 2")
    done = spreadmesh("audit", "--journal", path)
    assert done.returncode == 1
    assert f"{path} is broken: entry 2 is not what its hash says" in done.stderr


def test_an_audit_says_what_there_is(told: Journal, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--journal", str(path)]) == 0
    text = capsys.readouterr().out
    assert "intent=2 reported=1 halted=1" in text
    assert "4 entries checked, none was changed, none is missing" in text
    assert main(["audit", "--journal", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["entries"], found["orders"], found["epoch"]) == (4, 2, told.epoch)
    append(told, "c", Intent(14, 1, SPEC, "hash", "me"))
    assert main(["audit", "--journal", str(path), "--mark", found["mark"]]) == 0


def test_a_story_is_a_table(told: Journal, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--journal", str(path), "--", "-a"]) == 0
    words = capsys.readouterr().out.split()
    states = {"PendingSubmit", "Submitted", "→"}
    assert [word for word in words if word in {"intent", "reported", "halted", *states}] == [
        "intent", "→", "PendingSubmit", "reported", "PendingSubmit", "→", "Submitted"
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["2:" + "00" * 32, "5:" + "00" * 32])
def test_a_mark_that_is_not_there_is_missed(
    told: Journal, path: Path, mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "--journal", str(path), "--mark", mark]) == 1
    assert f"entry {mark[0]} is" in capsys.readouterr().err


def test_entries_cut_off_with_their_head_are_missed(
    told: Journal, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    third = list(told.entries())[2]
    tamper(path, "DELETE FROM entries WHERE sequence = 4")
    tamper(path, "UPDATE head SET sequence = 3, hash = ?", third.hash)
    assert main(["audit", "--journal", str(path)]) == 1
    assert "entry 4 is missing: there were 4 once" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "--journal", "{}", "nobody"], "no entry is about"),
        (["audit", "--journal", "{}.x"], "unable to open"),
    ],
)
def test_what_is_not_there_is_an_error(
    told: Journal, path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(path) for argument in arguments]) == 1
    assert said in capsys.readouterr().err


def test_what_is_no_journal_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other").write_text("hello " * 1000)
    assert main(["audit", "--journal", str(tmp_path / "other")]) == 1
    assert "not a database" in capsys.readouterr().err

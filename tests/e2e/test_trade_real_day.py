"""From a ranking to a fill and back on a real option day, by the very commands of the README."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Mesh, mesh_up

SECTION = "## From a ranking to a fill\n"
TOLERANCE = Decimal("0.005")


def commands() -> list[list[str]]:
    """The commands of the section, without `spreadmesh`."""
    text = (ROOT / "README.md").read_text().partition(SECTION)[2].partition("\n## ")[0]
    lines = re.findall(r"^    spreadmesh (.+)$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


@pytest.fixture(scope="module")
def mesh(goog_day: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    slowly = [*goog_day[:-1], "1"]
    with mesh_up(tmp_path_factory.mktemp("state"), *slowly, "--lines", "3000") as running:
        yield running


def ask_simulator(mesh: Mesh, what: str) -> str:
    command = [sys.executable, "-m", "tws_sim", what, "--control", mesh.addresses["tws_control"]]
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout


def succeeded(mesh: Mesh, *arguments: str) -> str:
    done = mesh.run(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_spread_goes_from_its_ranking_to_its_profit(mesh: Mesh) -> None:
    scan, preview, place, positions, close, account = commands()
    assert "bull put" in succeeded(mesh, *scan)
    screen = succeeded(mesh, *preview)
    for told in ("natural", "mid", "limit", "profit", "loss", "commission", "initial margin"):
        assert told in screen, told
    assert mesh.json("order", "list")["orders"] == []

    assert "filled 1 of 1" in succeeded(mesh, *place)
    held = succeeded(mesh, *positions)
    assert held.count("GOOG") == 2
    legs = {
        each["con_id"]: Decimal(each["quantity"]["value"]) for each in mesh.json("positions")["positions"]
    }
    (opened,) = mesh.json("order", "list")["orders"]
    assert legs == {leg["con_id"]: leg["ratio"] for leg in opened["spec"]["legs"]}
    assert sorted(legs.values()) == [-1, 1]

    closing = succeeded(mesh, *close)
    assert mesh.json("positions")["positions"] == []
    closed, _ = mesh.json("order", "list")["orders"]
    told = re.search(r"Realized: (-?[\d,.]+) USD", closing)
    assert told is not None, closing
    earned = Decimal(told[1].replace(",", ""))
    assert abs(earned - profit(opened, closed)) <= TOLERANCE
    assert abs(Decimal(str(mesh.json("account")["realized_pnl"])) - earned) <= TOLERANCE
    assert f"{earned:,.2f}" in succeeded(mesh, *account)
    assert opened["client_order_id"] in ask_simulator(mesh, "ledger")


def profit(opened: Any, closed: Any) -> Decimal:
    """What one spread on 100 shares has earned: the difference of its prices, less both commissions."""
    paid = sum(Decimal(order["average_price"]["value"]) for order in (opened, closed))
    commissions = sum(Decimal(order["commission"]["value"]) for order in (opened, closed))
    assert commissions > 0
    return -100 * paid - commissions

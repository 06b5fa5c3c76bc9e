"""Orders from the command line of a running simulator."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.tws_sim.process import SimulatorProcess
from tws_sim.cli import app

OPTIONS = ["--symbols", "SPY", "--start", "2026-11-20T10:00:00", "--orders", "ack-delay=0,fill-delay=0"]


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


def until(control: list[str], limits: list[str]) -> None:
    """Ask until the live orders have these limits."""
    for _ in range(500):
        live = json.loads(run("orders", *control)[1])["orders"]
        if [one["limit"] for one in live] == limits:
            return
    raise AssertionError(live)


def test_orders_are_placed_and_cancelled_and_the_books_outlive_the_process(tmp_path: Path) -> None:
    options = [*OPTIONS, "--state", str(tmp_path / "state")]
    with SimulatorProcess(["synthetic", *options]) as simulator:
        control = ["--control", simulator.addresses["control"]]
        share = ["--con-id", "756733", "--action", "BUY", "--quantity", "3"]
        _, placed, _ = run("order", "place", *control, *share, "--limit", "1.00", "--tif", "GTC")
        perm_id = json.loads(placed)["order"]["perm_id"]
        run("order", "place", *control, *share, "--order-type", "MKT")
        run("order", "modify", *control, "--perm-id", str(perm_id), "--limit", "2.00")
        code, _, problem = run("order", "place", *control, *share, "--limit", "1.001")
        assert (code, "minimum price variation" in problem) == (2, True)
        until(control, ["2.00"])  # the market order is gone, the change has come
    with SimulatorProcess(["synthetic", *options]) as simulator:
        control = ["--control", simulator.addresses["control"]]
        books = json.loads(run("ledger", *control)[1])
        assert [one["quantity"] for one in books["executions"]] == [3]
        assert [one["perm_id"] for one in books["orders"] if one["live"]] == [perm_id]
        run("order", "cancel", *control, "--perm-id", str(perm_id))
        until(control, [])


@pytest.mark.parametrize(
    "wrong", [["--orders", "fill-dely=1"], ["--orders", "concession=2"], ["--state", "/nowhere/state"]]
)
def test_a_wrong_option_is_one_sentence(wrong: list[str]) -> None:
    code, _, problem = run("synthetic", "--symbols", "SPY", "--port", "0", *wrong)
    assert code == 2
    assert problem.startswith(f"error: {wrong[0]}: ")
    assert problem.count("\n") == 1

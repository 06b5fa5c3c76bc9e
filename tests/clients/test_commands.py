"""Every command as a process of its own, against a real mesh on a synthetic market."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import Parse, ParseDict
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse
from spreadmesh.market.v1.gateway_pb2 import GatewayStatus, ListMarketDataLinesResponse
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh.order.v1.control_service_pb2 import GetTradingStatusResponse
from spreadmesh.order.v1.order_pb2 import OrderState
from spreadmesh.scan.v1.catalogue_pb2 import ListFiguresResponse, ListStrategiesResponse
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse
from spreadmesh_client.supervisor.state import running_mesh

from examples import best_spread


def succeeded(run: Any) -> str:
    assert run.returncode == 0, run.stderr
    output: str = run.stdout
    return output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["strategies"], ListStrategiesResponse),
        (["figures"], ListFiguresResponse),
        (["lines"], ListMarketDataLinesResponse),
        (["chain", "SPY"], GetOptionChainResponse),
        (["quotes", "SPY", "--greeks"], QuoteBatch),
        (["scan", "SPY"], RunScanResponse),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_json_is_the_contract(running: Any, arguments: list[str], message: Any) -> None:
    parsed = Parse(succeeded(running(*arguments, "--json")), message())
    assert parsed != message()


def gateway_and_trading(text: str) -> tuple[GatewayStatus, GetTradingStatusResponse]:
    """What `status --json` has printed."""
    told = json.loads(text)
    trading = ParseDict(told.pop("trading"), GetTradingStatusResponse())
    return ParseDict(told, GatewayStatus()), trading


def test_status_says_that_all_is_well(running: Any) -> None:
    gateway, trading = gateway_and_trading(succeeded(running("status", "--json")))
    assert gateway.ready
    assert trading.can_place
    output = succeeded(running("status"))
    assert "yes" in output
    assert "connected" in output


def test_a_ranking_covers_what_was_asked_for_and_obeys_its_filters(running: Any) -> None:
    run = running(
        "scan", "spy", "--strategy", "bull_put", "--max-dte", "8", "--min-coverage", "0.95",
        "--min-pop", "0.6", "--where", "delta<=0.2", "--limit", "5", "--json",
    )  # fmt: skip
    response = Parse(succeeded(run), RunScanResponse())
    assert response.basis.coverage >= 0.95
    assert 0 < len(response.candidates) <= 5
    for candidate in response.candidates:
        assert candidate.strategy == "bull_put"
        assert candidate.days_to_expiration <= 8
        assert candidate.probability_of_profit >= 0.6
        assert candidate.delta <= 0.2
    scores = [candidate.score for candidate in response.candidates]
    assert scores == sorted(scores, reverse=True)
    assert "contracts quoted" in run.stderr


def test_a_table_has_its_footer(running: Any) -> None:
    output = succeeded(running("scan", "SPY", "--limit", "3"))
    assert "Strategy" in output
    assert "New York · spot" in output
    assert "contracts quoted" in output


def test_coverage_that_does_not_come_ends_at_the_timeout(running: Any) -> None:
    run = running(
        "scan",
        "SPY",
        "--strategy",
        "vertical",
        "--clear-default",
        "all",
        "--min-coverage",
        "1",
        "--timeout",
        "1.5",
    )
    assert run.returncode == 1
    assert "of the contracts have a quote after 1.5 s, 100% asked for" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "SPY", "--strategy", "nope"], "spec.strategies"),
        (["scan", "SPY", "--where", "nope>=1"], "spec.filters.figures"),
        (["scan", "SPY", "--slippage", "3"], "spec.slippage"),
        (["scan", "SPY", "--forecast", "0"], "spec.forecast_volatility"),
        (["scan", "NOPE"], "NOPE"),
        (["chain", "NOPE"], "not found"),
        (["status", "--market", "127.0.0.1:1", "--timeout", "1"], "no server answers at 127.0.0.1:1"),
        (["status", "--watch", "--market", "127.0.0.1:1"], "no server answers at 127.0.0.1:1"),
        (["scan", "SPY", "--watch", "--scan", "127.0.0.1:1"], "no server answers at 127.0.0.1:1"),
        (["trace", "ffffffffffffffff"], "no traces begin with"),
    ],
    ids=lambda value: "-".join(value[:4]) if isinstance(value, list) else "",
)
def test_a_refusal_is_one_line_and_status_1(running: Any, arguments: list[str], said: str) -> None:
    run = running(*arguments)
    assert run.returncode == 1
    assert run.stdout == ""
    assert said in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "SPY", "--limit", "0"],
        ["scan", "SPY", "--where", "x"],
        ["nope"],
        ["up", "--tws", "x"],
        ["up", "--symbol", "A"],
        ["up", "--replay", "/nowhere", "--symbol", "A", "--date", "2015-12-24"],
    ],
)
def test_bad_usage_is_status_2(running: Any, arguments: list[str]) -> None:
    run = running(*arguments)
    assert run.returncode == 2
    assert "Usage" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_day_that_a_folder_lacks_is_bad_usage_that_shows_the_clean_path(
    running: Any, tmp_path: Any
) -> None:
    folder = tmp_path / "data/option/usa/minute/goog"
    folder.mkdir(parents=True)
    (folder / "20151224_quote_american.zip").touch()
    detour = tmp_path / "x/../data"
    asked = ("up", "--replay", str(detour), "--symbol", "GOOG", "--date")
    run = running(*asked, "2015-12-25")
    said = "".join(run.stderr.split()).replace("│", "")
    assert run.returncode == 2
    assert f"{folder}hasnoquotesofGOOGon2015-12-25" in said


def test_a_watch_ends_after_its_seconds(running: Any) -> None:
    output = succeeded(running("scan", "SPY", "--watch", "--seconds", "3", "--json"))
    assert Parse(output.splitlines()[-1], Ranking()).basis.contracts_known
    assert "SPY" in succeeded(running("quotes", "SPY", "--watch", "--seconds", "1.5"))


def test_a_watched_status_is_a_line_of_json_or_a_block_for_each_change(running: Any) -> None:
    lines = succeeded(running("status", "--watch", "--seconds", "6.5", "--json")).splitlines()
    statuses = [gateway_and_trading(line) for line in lines]
    assert len(statuses) >= 2
    assert all(gateway.ready and trading.can_place for gateway, trading in statuses)
    blocks = succeeded(running("status", "--watch", "--seconds", "2"))
    assert blocks.count("link to IB") == len(re.findall(r"trading +yes, 0 open", blocks)) >= 1
    assert "\x1b" not in blocks


def test_a_contract_that_does_not_exist_is_told_at_once(running: Any) -> None:
    run = running("quotes", "999999999", "--timeout", "60")
    assert run.returncode == 1
    assert "999999999: no quote, No security definition" in run.stderr


def test_watching_as_json_gives_a_ranking_a_line_until_ctrl_c(running: Any) -> None:
    process = start(running.environment, "scan", "SPY", "--watch", "--json")
    rankings = [Parse(process.stdout.readline(), Ranking()) for _ in range(3)]
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait(10) == 0
    assert process.stderr.read() == ""
    assert all(ranking.basis.contracts_asked for ranking in rankings)


def test_ctrl_c_during_a_wait_is_status_130_and_silent(running: Any) -> None:
    process = start(running.environment, "scan", "SPY", "--clear-default", "all", "--min-coverage", "1")
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert process.stdout.read() == ""
    assert "Traceback" not in process.stderr.read()


def test_one_trace_goes_from_the_quotes_to_the_client(running: Any, eventually: Any) -> None:
    def whole() -> Any:
        process = start(running.environment, "scan", "SPY", "--watch", "--json")
        for _ in range(8):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        run = running("trace")
        return run if run.returncode == 0 else None

    eventually(whole, 60)
    output = succeeded(running("trace"))
    rows = [line.split() for line in output.splitlines()[2:]]
    assert rows[0][:2] == ["quotes.send", "ibkr_server"]
    assert any(row[:3] == ["ranking", "received", "spreadmesh"] for row in rows)
    assert "3 services" in output
    listed = succeeded(running("trace", "--list", "--limit", "100000"))
    assert output.split()[1].rstrip(",") in listed


def test_it_starts_quickly_and_knows_its_version(running: Any) -> None:
    assert succeeded(running("--version")).startswith("spreadmesh ")
    script = (
        "import sys; from spreadmesh_client.cli.app import app; "
        "print([name for name in ('grpc', 'google.protobuf', 'numpy', 'ib_insync') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(loaded.stdout.replace("'", '"')) == []


def start(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", "from spreadmesh_client.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


async def test_the_example_trades_the_best_spread(running: Any) -> None:
    mesh = running_mesh(Path(running.environment["SPREADMESH_STATE_DIR"]))
    assert mesh is not None
    outcome = await best_spread.main(mesh["market"], mesh["scan"], "SPY", "bull_put")
    assert outcome.state == OrderState.ORDER_STATE_FILLED
    assert outcome.average_price in outcome.limits
    assert outcome.commission is not None
    shown = await asyncio.to_thread(running, "order", "show", outcome.order.client_order_id)
    assert "filled 1 of 1" in succeeded(shown)

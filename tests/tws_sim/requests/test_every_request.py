"""Every request of ib_insync's IB class gets a result or the documented error from a running simulator."""

import inspect
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import ib_insync as ibi
import pytest

from tests.tws_sim.process import SimulatorProcess
from tests.tws_sim.requests.cases import account, market_data, past, reference
from tests.tws_sim.requests.desk import CASES, Desk
from tws_sim.market.calendar import NEW_YORK
from tws_sim.requests.dispatch import registered
from tws_sim.wire.requests import REQUESTS

MODULES = (account, market_data, past, reference)  # each registers its cases
START = "2026-11-20T10:00:00"
# What sends nothing: it reads the client's own state, waits on its loop, or connects.
LOCAL = {
    "accountValues", "bracketOrder", "connect", "disconnect", "executions", "fills", "isConnected",
    "loopUntil", "managedAccounts", "newsBulletins", "newsTicks", "oneCancelsAll", "openOrders",
    "openTrades", "orders", "pendingTickers", "pnl", "pnlSingle", "portfolio", "positions",
    "realtimeBars", "run", "schedule", "setTimeout", "sleep", "ticker", "tickers", "timeRange",
    "trades", "waitOnUpdate", "waitUntil",
}  # fmt: skip


def requests() -> set[str]:
    """Public methods of IB that send a request; a method and its asynchronous twin are one."""
    methods = inspect.getmembers(ibi.IB, inspect.isfunction)
    return {name.removesuffix("Async") for name, _ in methods if not name.startswith("_")} - LOCAL


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    options = ["--symbols", "SPY,AAPL", "--seed", "7", "--start", START, "--ticks-per-second", "200"]
    with SimulatorProcess(["synthetic", *options]) as process:
        yield process


@pytest.fixture
async def desk(simulator: SimulatorProcess) -> AsyncIterator[Desk]:
    ib = ibi.IB()
    await ib.connectAsync("127.0.0.1", simulator.port, clientId=3, timeout=4)
    contracts = [
        ibi.Stock("SPY", "SMART", "USD"),
        ibi.Option("SPY", "20261218", 590, "C", "SMART"),
        ibi.Future("ES", "202612", "CME"),
        ibi.Forex("EURUSD"),
        ibi.Crypto("BTC", "PAXOS", "USD"),
        ibi.Index("SPX", "CBOE"),
    ]
    assert len(await ib.qualifyContractsAsync(*contracts)) == len(contracts)
    errors: list[int] = []
    ib.errorEvent += lambda _request, code, _text, _contract: errors.append(code)
    yield Desk(ib, *contracts, errors, datetime.fromisoformat(START).replace(tzinfo=NEW_YORK))
    ib.disconnect()


def test_there_is_a_case_for_every_request() -> None:
    assert CASES.keys() == requests()


@pytest.mark.parametrize("name", sorted(CASES))
async def test_request(name: str, desk: Desk) -> None:
    await CASES[name](desk)


def test_the_table_of_answers_names_every_request() -> None:
    page = Path(__file__).parents[3] / "docs" / "tws-sim.md"
    table = page.read_text().partition("## Requests")[2].partition("## What it enforces")[0]
    cancelled = {name for name in REQUESTS if name.startswith(("cancel", "unsubscribe"))} - {"cancelOrder"}
    assert {name for name in REQUESTS.keys() - cancelled if name not in table} == set()


def test_every_request_of_the_protocol_has_a_handler() -> None:
    assert {request.message_id for request in REQUESTS.values()} == registered()

"""Unmodified client libraries trade with the simulator, and are all told the same."""

from datetime import date

import pytest

from tests.tws_sim.conformance.orders.driven import driven
from tests.tws_sim.conformance.orders.expectations import EXPECTED
from tests.tws_sim.conformance.orders.scenario import Scenario
from tests.tws_sim.conformance.orders.seen import Seen
from tests.tws_sim.orders.floor import SetMarket
from tws_sim.clock import RealClock
from tws_sim.gateway import Gateway, Settings
from tws_sim.orders.settings import OrderSettings
from tws_sim.server import feeding, tws_port
from tws_sim.wire import handshake

pytestmark = pytest.mark.timeout(300)  # the first run installs the libraries

EXPIRATION = date(2026, 12, 18)
ORDERS = OrderSettings(ack_delay=0.02, fill_delay=0.05)


async def played(command: list[str], *, asks_for_completed: bool = True) -> dict[str, object]:
    """What a client has seen of the scenario, the simulator in this process and on the machine's clock."""
    clock = RealClock()
    market = SetMarket(clock)
    calls = {
        one.strike: one.con_id
        for one in market.listing.chains["SPY"]
        if (one.right, one.expiration) == ("C", EXPIRATION)
    }
    gateway = Gateway(market, Settings(orders=ORDERS), clock)
    async with tws_port(gateway, "127.0.0.1", 0) as address, feeding(gateway):
        async with driven(command, int(address.rpartition(":")[2])) as client:
            scenario = Scenario(client, market, {"low": calls[590], "high": calls[595]}, asks_for_completed)
            await scenario.play()
        return Seen(scenario).table()


async def test_a_library_trades(order_command: list[str]) -> None:
    assert await played(order_command) == EXPECTED


@pytest.mark.tools
@pytest.mark.parametrize("order_command", ["@stoqey/ib"], indirect=True)
async def test_the_strictest_library_trades(order_command: list[str]) -> None:
    """Below server version 177 it overlooks completedOrder's faProfile, so it does not ask for those here."""
    assert await played(order_command, asks_for_completed=False) == {**EXPECTED, "completed": {}}


@pytest.mark.tools
@pytest.mark.parametrize("order_command", ["@stoqey/ib"], indirect=True)
async def test_the_strictest_library_reads_completed_orders(
    order_command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "MAX_VERSION", 177)
    assert await played(order_command) == EXPECTED

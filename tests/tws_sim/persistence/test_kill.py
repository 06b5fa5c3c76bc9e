"""A gateway that is killed, and another one that takes up its file."""

import asyncio
import signal
from pathlib import Path

import ib_insync as ibi

from tests.tws_sim.process import SimulatorProcess
from tests.tws_sim.test_command_line import run

MARKET = ["synthetic", "--symbols", "SPY", "--seed", "7", "--start", "2026-11-20T10:00:00"]


async def connected(simulator: SimulatorProcess) -> ibi.IB:
    ib = ibi.IB()
    await ib.connectAsync("127.0.0.1", simulator.port, clientId=1, timeout=5)
    return ib


async def until(trade: ibi.Trade, status: str) -> None:
    async with asyncio.timeout(10):
        while trade.orderStatus.status != status:
            await trade.statusEvent


async def test_whatever_a_client_was_told_survives_a_kill(tmp_path: Path) -> None:
    state = ["--state", str(tmp_path / "state"), "--orders", "ack-delay=0,fill-delay=0"]
    spy = ibi.Stock("SPY", "SMART", "USD")
    with SimulatorProcess([*MARKET, *state]) as simulator:
        ib = await connected(simulator)
        bought = ib.placeOrder(spy, ibi.MarketOrder("BUY", 10, orderRef="bought"))
        resting = ib.placeOrder(spy, ibi.LimitOrder("BUY", 10, 1.00, orderRef="rests", tif="GTC"))
        await until(bought, "Filled")
        await until(resting, "Submitted")
        assert simulator.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    with SimulatorProcess([*MARKET, *state]) as simulator:
        ib = await connected(simulator)
        assert [order.permId for order in ib.openOrders()] == [resting.order.permId]
        assert [held.position for held in ib.positions()] == [10]
        assert [fill.execution.execId for fill in ib.fills()] == [bought.fills[0].execution.execId]
        assert ib.client.getReqId() > resting.order.orderId
        ib.disconnect()


def test_a_file_that_is_none_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("none" * 1000)
    done = run(*MARKET, "--port", "0", "--state", str(path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--state" in done.stderr

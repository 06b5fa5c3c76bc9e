"""The account over the control port."""

import asyncio

import pytest

from tests.tws_sim.faults.library import SHARE, gateway
from tws_sim.account.account import Trade
from tws_sim.control.client import ask
from tws_sim.control.server import control_port


async def test_what_is_held_and_what_it_is_worth() -> None:
    async with gateway() as bench:
        account = bench.gateway.account
        account.book(Trade(SHARE.conId, 100, 500.0), "e.1.01.01")
        async with control_port(bench.gateway, "127.0.0.1", 0) as address:
            told = await asyncio.to_thread(ask, address, command="account")
        assert told["cash"] == told["equity_with_loan"] - account.balance().shares == 949_999
        assert told["positions"] == [
            {"con_id": SHARE.conId, "symbol": "SPY", "quantity": 100, "average_cost": 500.01}
        ]
        profit = account.profit()
        assert told["profit"] == {"daily": profit.daily, "unrealized": profit.unrealized, "realized": 0}
        assert told["initial_margin"] == pytest.approx(account.balance().shares / 2)
        assert told["maintenance_margin"] == pytest.approx(account.balance().shares / 4)
        assert told["net_liquidation"] == told["equity_with_loan"]

"""Positions and accounts: told as they are, again when they change, and never faster than was asked for."""

import asyncio
from contextlib import aclosing
from decimal import Decimal

import grpc
import pytest
from spreadmesh.order.v1 import account_pb2 as pb

from ibkr_server.account.position import Mark, Profit
from ibkr_server.rpc import account_watch
from mesh.errors import MeshError, from_rpc_error
from tests.ibkr_server.desk.world import virtual
from tests.ibkr_server.rpc.order_world import OrderWorld, position

D = Decimal


@pytest.fixture
def world(tmp_path) -> OrderWorld:
    return OrderWorld(tmp_path)


async def test_positions_over_a_channel(world):
    async with world.callers() as callers:
        before = await callers.orders("bob").ListPositions(pb.ListPositionsRequest(), timeout=10)
        assert (list(before.positions), before.reconciled) == ([], False)
        world.tell_account()
        world.accounts.marked(("DU1", 101), Mark(D("2.05"), D("410"), D("-3.50"), None))
        answer = await callers.orders("bob").ListPositions(pb.ListPositionsRequest(), timeout=10)
        (held,) = answer.positions
        assert (answer.reconciled, held.con_id, held.quantity.value) == (True, 101, "2")
        assert (held.expiration, held.strike, held.multiplier) == ("2026-12-18", 605.0, 100.0)
        assert (held.market_value, held.unrealized_pnl) == (410.0, -3.5)
        assert not held.HasField("realized_pnl"), "what IB has not told is no 0"


async def test_an_account_over_a_channel(world):
    async with world.callers() as callers:
        with pytest.raises(grpc.RpcError) as caught:
            await anext(aiter(callers.orders().WatchAccount(pb.WatchAccountRequest())))
        assert from_rpc_error(caught.value).code is grpc.StatusCode.UNAVAILABLE
        world.tell_account()
        for name in ("", "DU1"):
            answer = await anext(aiter(callers.orders().WatchAccount(pb.WatchAccountRequest(account=name))))
            account = answer.account
            assert (account.account, account.currency, account.net_liquidation) == ("DU1", "USD", 100_000.25)
            assert dict(account.values) == {"NetLiquidation:USD": "100000.25", "Cushion": "0.9"}
            assert not account.HasField("daily_pnl")
            assert not account.stale


def test_an_account_must_be_known_and_named_where_there_are_several(world):
    with pytest.raises(MeshError) as caught:
        account_watch.account_named(world.accounts, "")
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


@virtual
async def test_one_of_several_accounts_must_be_named(world):
    world.tell_account("DU1")
    world.tell_account("DU2")
    for name, code in (("", grpc.StatusCode.INVALID_ARGUMENT), ("DU3", grpc.StatusCode.NOT_FOUND)):
        with pytest.raises(MeshError) as caught:
            account_watch.account_named(world.accounts, name)
        assert caught.value.code is code
    assert account_watch.account_named(world.accounts, "DU2") == "DU2"


@virtual
async def test_positions_change_and_go(world):
    now = asyncio.get_running_loop().time
    world.tell_account()
    async with aclosing(account_watch.positions(world.accounts, 2.0)) as answers:
        snapshot = (await anext(answers)).snapshot
        assert [held.con_id for held in snapshot.positions] == [101]
        began = now()
        for quantity in (3, 4):
            world.accounts.position_told(position("DU1", quantity))
        changed = (await anext(answers)).changed
        assert (changed.quantity.value, now() - began) == ("4", 2.0), "the latest, and not before its time"
        world.accounts.position_told(position("DU1", 0))
        gone = (await anext(answers)).changed
        assert (gone.account, gone.con_id, gone.quantity.value) == ("DU1", 101, "0")
        world.accounts.away()
        assert not (await anext(answers)).snapshot.reconciled
        beat = (await anext(answers)).heartbeat
        assert (beat.stale, beat.silence.ToSeconds() >= 5) == (True, True)


@virtual
async def test_an_account_is_told_when_it_changes_and_what_concerns_another_is_not(world):
    world.tell_account("DU1")
    world.tell_account("DU2")
    async with aclosing(account_watch.account(world.accounts, "DU1", 1.0)) as answers:
        await anext(answers)
        world.accounts.requested(7, "DU1")
        world.accounts.profit_told(7, Profit(D("-12.5"), None, None))
        told = (await anext(answers)).account
        assert (told.daily_pnl, told.HasField("realized_pnl")) == (-12.5, False)

        async def others() -> None:
            while True:
                world.accounts.value_told("DU2", "Cushion", "", "0.8")
                await asyncio.sleep(0.5)

        noise = asyncio.create_task(others())
        assert (await anext(answers)).HasField("heartbeat"), "silence about this one is told all the same"
        noise.cancel()

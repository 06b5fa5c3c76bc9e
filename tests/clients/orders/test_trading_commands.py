"""`spreadmesh halt`, `resume`, `positions`, `account`, `keys` and the line of `status`."""

import json
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import Parse
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.gateway_pb2 import GatewayStatus, GetGatewayStatusResponse
from spreadmesh.order.v1.account_pb2 import (
    Account,
    ListPositionsResponse,
    Position,
    PositionSnapshot,
    WatchAccountResponse,
    WatchPositionsResponse,
)
from spreadmesh.order.v1.control_service_pb2 import (
    CancelAllOrdersResponse,
    GetTradingStatusResponse,
    Halt,
    HaltResponse,
    ResumeResponse,
)
from spreadmesh.order.v1.order_pb2 import OrderState
from spreadmesh_client.cli.app import app
from typer.testing import CliRunner

from mesh.access.keys import parse_keys
from mesh.access.roles import Caller, Role
from tests.clients.orders.desk import SPEC, Desk, amount


def position(con_id: int, quantity: str) -> Position:
    return Position(
        account="DU1", con_id=con_id, symbol="GOOG", expiration="2016-01-15", strike=715,
        right=Right.RIGHT_PUT, multiplier=100, quantity=amount(quantity), average_cost=3.51,
        unrealized_pnl=-12.5,
    )  # fmt: skip


class House:
    """A server whose trading can be halted."""

    def __init__(self) -> None:
        self.halt: Halt | None = None
        self.reasons: list[str] = []
        self.cancels: list[bool] = []

    async def Halt(self, request: Any, context: Any) -> HaltResponse:  # noqa: N802 - its name
        self.halt = Halt(sequence=41, reason=request.reason, by="ann")
        self.cancels.append(request.cancel_orders)
        names = ["c1", "c2"] if request.cancel_orders else []
        return HaltResponse(halt=self.halt, cancelled_client_order_ids=names)

    async def Resume(self, request: Any, context: Any) -> ResumeResponse:  # noqa: N802 - its name
        if self.halt is None or request.halt_sequence != self.halt.sequence:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "another halt")
        self.halt = None
        self.reasons.append(request.reason)
        return ResumeResponse()

    async def CancelAllOrders(self, request: Any, context: Any) -> CancelAllOrdersResponse:  # noqa: N802 - its name
        if self.halt is None:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not halted")
        self.reasons.append(request.confirmation)
        return CancelAllOrdersResponse()

    async def GetTradingStatus(self, request: Any, context: Any) -> GetTradingStatusResponse:  # noqa: N802 - its name
        status = GetTradingStatusResponse(can_place=self.halt is None, halt=self.halt, open_orders=3)
        status.unknown_orders = 1
        return status

    async def GetGatewayStatus(self, request: Any, context: Any) -> GetGatewayStatusResponse:  # noqa: N802 - its name
        return GetGatewayStatusResponse(status=GatewayStatus(ready=True, address="127.0.0.1:7497"))

    async def ListPositions(self, request: Any, context: Any) -> ListPositionsResponse:  # noqa: N802 - its name
        return ListPositionsResponse(positions=[position(11, "-2")], reconciled=True)

    async def WatchPositions(self, request: Any, context: Any) -> None:  # noqa: N802 - its name
        first = PositionSnapshot(positions=[position(11, "-2")], reconciled=True)
        for message in (
            WatchPositionsResponse(snapshot=first),
            WatchPositionsResponse(heartbeat=Heartbeat()),
            WatchPositionsResponse(changed=position(12, "2")),
            WatchPositionsResponse(changed=position(11, "0")),
        ):
            await context.write(message)
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "enough")

    async def WatchAccount(self, request: Any, context: Any) -> None:  # noqa: N802 - its name
        await context.write(WatchAccountResponse(heartbeat=Heartbeat()))
        await context.write(WatchAccountResponse(account=Account(account="DU1", cash=-1234.5)))
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "enough")


async def test_a_halt_is_told_by_status_and_ended_by_resume(serving: Any, typed: Any) -> None:
    house = House()
    async with serving(house) as address:
        before = await typed(address, "status")
        halted = await typed(address, "halt", "odd quotes", "--cancel-orders")
        during = await typed(address, "status")
        resumed = await typed(address, "resume", "quotes are back")
        again = await typed(address, "resume", "--json")
    assert "trading            yes, 3 open, 1 UNKNOWN" in before.stdout
    assert "Halted: odd quotes (halt 41)" in halted.stdout
    assert "cancelling c1" in halted.stdout
    assert house.cancels == [True]
    assert "halted by ann since" in during.stdout
    assert resumed.exit_code == 0, resumed.output
    assert "trading yes" in resumed.stdout
    assert house.reasons == ["quotes are back"]
    assert Parse(again.stdout, GetTradingStatusResponse()).can_place


async def test_everybodys_orders_are_cancelled_after_a_halt_and_a_yes(serving: Any, typed: Any) -> None:
    house = House()
    async with serving(house) as address:
        early = await typed(address, "cancel-all", "--yes")
        await typed(address, "halt", "odd quotes")
        unasked = await typed(address, "cancel-all")
        done = await typed(address, "cancel-all", "--yes")
    assert (early.exit_code, unasked.exit_code, done.exit_code) == (3, 1, 0)
    assert house.reasons == ["cancel the orders of everybody"]


async def test_status_says_where_trading_is_not_served(serving: Any, typed: Any) -> None:
    class Without:
        GetGatewayStatus = House.GetGatewayStatus

    async with serving(Without()) as address:
        done = await typed(address, "status")
        told = await typed(address, "status", "--json")
    assert done.exit_code == 0, done.output
    assert "not known: GetTradingStatus" in done.stdout
    assert json.loads(told.stdout)["trading"] is None
    assert json.loads(told.stdout)["trading_error"].startswith("GetTradingStatus")


async def test_positions_once_and_as_they_change(serving: Any, typed: Any) -> None:
    async with serving(House()) as address:
        once = await typed(address, "positions")
        watched = await typed(address, "positions", "--watch", "--json")
    assert "GOOG 2016-01-15 715 P" in once.stdout
    assert "-12.50" in once.stdout
    lines = [json.loads(line)["positions"] for line in watched.stdout.splitlines()]
    assert [[each["con_id"] for each in line] for line in lines] == [["11"], ["11", "12"], ["12"]]


async def test_the_account_is_what_is_told_first(serving: Any, typed: Any) -> None:
    async with serving(House()) as address:
        shown = await typed(address, "account")
        parsed = await typed(address, "account", "--json")
    assert "-1,234.50" in shown.stdout
    assert Parse(parsed.stdout, Account()).account == "DU1"


async def test_watching_one_order_ends_with_it(serving: Any, typed: Any) -> None:
    class Ending(Desk):
        GetTradingStatus = House.GetTradingStatus
        halt = None

    desk = Ending()
    desk.change("c1", spec=SPEC, state=OrderState.ORDER_STATE_SUBMITTED)
    desk.change("c2", spec=SPEC, state=OrderState.ORDER_STATE_REJECTED, reason="no permission")
    async with serving(desk) as address:
        done = await typed(address, "order", "watch", "c2")
    assert done.exit_code == 4
    assert "c2  rejected" in done.stdout
    assert "no permission" in done.stdout
    assert "c1" not in done.stdout


def test_a_new_key_is_shown_once_and_its_line_lets_it_in() -> None:
    done = CliRunner().invoke(app, ["keys", "new", "desk-1", "--role", "trader"])
    key = done.stderr.splitlines()[1]
    assert key not in done.stdout
    assert list(parse_keys(done.stdout).values()) == [Caller("desk-1", Role.TRADER)]


@pytest.mark.parametrize("arguments", [["a b", "--role", "trader"], ["desk-1", "--role", "boss"]])
def test_a_key_for_nobody_is_bad_usage(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["keys", "new", *arguments]).exit_code == 2

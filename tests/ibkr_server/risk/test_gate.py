"""What the gate lets through, and how it refuses."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure

from ibkr_server.orders.spec import OrderSpec, OrderType
from mesh.errors import MeshError
from tests.ibkr_server.risk.contracts import CONTRACTS, NEAR, VERTICAL, D, option, order
from tests.ibkr_server.risk.desk import ALICE, BOB, Desk, at_a_desk, live

DEBIT = order("1.20", *VERTICAL)
SHORT = order("-3.15", (100, -1))


async def error_of(desk: Desk, spec: OrderSpec, **options: object) -> MeshError:
    with pytest.raises(MeshError) as caught:
        await desk.place(spec, **options)
    return caught.value


@at_a_desk("")
async def test_all_violations_are_told_at_once(desk: Desk) -> None:
    desk.live = [live(replace(SHORT, quantity=11), f"c{n}") for n in range(15)]
    error = await error_of(desk, order("-4.00", (100, -1), quantity=11), token="")
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    failure, info = error.details
    assert isinstance(failure, PreconditionFailure)
    assert isinstance(info, ErrorInfo)
    names = ["NO_PREVIEW", "MAX_QUANTITY", "COLLAR", "MAX_LOSS", "LIVE_ORDERS"]
    assert [violation.type for violation in failure.violations] == names
    assert info.reason == "RISK_LIMITS"
    assert set(info.metadata) == set(names)
    described = {violation.type: violation.description for violation in failure.violations}
    assert described["MAX_QUANTITY"] == "11 units, more than 10"
    assert "0.85 from mid, -3.15" in described["COLLAR"]


@at_a_desk("")
async def test_a_single_violation_is_the_reason(desk: Desk) -> None:
    error = await error_of(desk, replace(DEBIT, quantity=11))
    (info,) = (each for each in error.details if isinstance(each, ErrorInfo))
    assert info.reason == "MAX_QUANTITY"


@at_a_desk()
async def test_an_empty_account_is_the_only_one(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    assert await desk.refusals(replace(DEBIT, account="DU1"), token=token) == []


@at_a_desk()
async def test_an_account_must_be_named_where_there_are_several(desk: Desk) -> None:
    desk.accounts = ("DU1", "DU2")
    error = await error_of(desk, DEBIT)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "order.account" in str(error)
    assert await desk.refusals(replace(DEBIT, account="DU2")) == []
    assert "order.account" in str(await error_of(desk, replace(DEBIT, account="DU3")))


@at_a_desk()
async def test_before_the_first_session_nothing_passes(desk: Desk) -> None:
    desk.accounts = ()
    assert (await error_of(desk, DEBIT)).code is grpc.StatusCode.UNAVAILABLE


@at_a_desk()
async def test_a_session_that_ends_after_the_intent_is_recorded_stops_nothing(desk: Desk) -> None:
    desk.accounts = ()
    desk.gate.placed(DEBIT, ALICE)


@at_a_desk()
async def test_what_makes_no_sense_names_its_fields(desk: Desk) -> None:
    error = await error_of(desk, order("1.205", (100, 1), (999, -1)))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    (bad,) = error.details
    assert isinstance(bad, BadRequest)
    assert [each.field for each in bad.field_violations] == ["order.legs[1].con_id"]


@at_a_desk()
async def test_a_replacement_names_the_fields_of_its_own_request(desk: Desk) -> None:
    error = await error_of(desk, replace(DEBIT, limit_price=D("1.205")), token="", replacing=live(DEBIT))
    (bad,) = error.details
    assert isinstance(bad, BadRequest)
    assert [each.field for each in bad.field_violations] == ["limit_price"]


@at_a_desk()
async def test_an_expired_contract_is_refused(desk: Desk) -> None:
    yesterday = NEAR.fromtimestamp(desk.feed.market_now() - 1, NEAR.tzinfo)
    desk.contracts[101] = option(101, 605, "C", yesterday)
    error = await error_of(desk, DEBIT)
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    (info,) = (each for each in error.details if isinstance(each, ErrorInfo))
    assert info.reason == "CONTRACT_EXPIRED"
    desk.contracts[102] = option(102, 605, "C", yesterday + timedelta(seconds=60))
    desk.feed.quotes[102] = (1.90, 2.00)
    assert await desk.refusals(order("1.20", (100, 1), (102, -1))) == []


@at_a_desk("*: orders_per_10s=2")
async def test_a_replacement_counts_to_the_window_but_is_no_duplicate_and_no_order_more(desk: Desk) -> None:
    desk.live = [live(DEBIT, f"c{n}") for n in range(15)]
    changed = replace(DEBIT, limit_price=D("1.21"))
    for _ in range(2):
        assert await desk.refusals(changed, replacing=desk.live[0], allow_duplicate=False) == []
    of_client_and_account = ["ORDERS_PER_10S"] * 2
    assert await desk.refusals(changed, replacing=desk.live[0]) == of_client_and_account


@at_a_desk()
async def test_an_exit_may_be_moved_further_from_the_market_but_not_past_it(desk: Desk) -> None:
    profit = live(order("-5.00", (100, -1), quantity=2), "profit", parent="entry")
    for limit, found in (("-6.00", []), ("-3.15", []), ("-2.83", ["COLLAR"])):
        assert await desk.refusals(replace(profit.spec, limit_price=D(limit)), replacing=profit) == found
    assert await desk.refusals(replace(profit.spec, limit_price=D("-6.00"))) == ["COLLAR", "MAX_LOSS"]


@at_a_desk()
async def test_a_change_of_any_other_order_is_held_to_collar_and_loss(desk: Desk) -> None:
    working = live(DEBIT, "working")
    far_below = replace(DEBIT, limit_price=D("0.50"))
    assert await desk.refusals(far_below, replacing=working) == ["COLLAR"]
    naked = live(SHORT, "naked")
    assert await desk.refusals(replace(SHORT, limit_price=D("-3.16")), replacing=naked) == ["MAX_LOSS"]


@at_a_desk()
async def test_a_stop_may_be_changed_and_not_placed(desk: Desk) -> None:
    stop = live(order("-1.00", (100, -1), quantity=2, kind=OrderType.STOP), "stop", parent="entry")
    assert await desk.refusals(replace(stop.spec, quantity=1), replacing=stop) == []
    assert "order.type" in str(await error_of(desk, stop.spec, token=""))


@at_a_desk("*: daily_loss=1000")
async def test_a_limit_that_trips_is_told_once_until_the_account_is_above_it(desk: Desk) -> None:
    watch = desk.gate.daily_loss
    for pnl in ("-999", "-1000", "-1200", "-900", "-1001"):
        desk.pnl["DU1"] = D(pnl)
        watch.review()
    assert desk.alerts == [
        "DAILY_LOSS: account DU1: 1000 USD lost today; placing ends at 1000 USD",
        "DAILY_LOSS: account DU1: 1001 USD lost today; placing ends at 1000 USD",
    ]
    desk.pnl.clear()
    watch.review()
    assert len(desk.alerts) == 2


@at_a_desk("*: daily_loss=1000")
async def test_the_watch_looks_every_second(desk: Desk) -> None:
    running = asyncio.create_task(desk.gate.daily_loss.run())
    await asyncio.sleep(0.5)
    desk.pnl["DU1"] = D(-2000)
    await asyncio.sleep(1.0)
    assert len(desk.alerts) == 1
    running.cancel()


@at_a_desk("*: daily_loss=1000; client alice: max_loss=300")
async def test_the_limits_in_force_are_told(desk: Desk) -> None:
    desk.pnl["DU1"] = D(-250)
    await desk.place(DEBIT)
    limits = {state.name: state for state in desk.gate.limits(ALICE, "DU1")}
    assert (limits["MAX_LOSS"].limit, limits["MAX_LOSS"].unit) == (300, "USD")
    assert (limits["ORDERS_PER_10S"].used, limits["DAILY_LOSS"].used) == (1, 250)
    assert {state.name for state in desk.gate.limits(BOB)} == set(limits)


def test_contracts_of_the_tests_are_described_as_they_are_numbered() -> None:
    assert all(number == contract.con_id for number, contract in CONTRACTS.items())

"""What the gate lets through, and how it refuses."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.orders.spec import OrderSpec, OrderType
from ibkr_server.risk.gate import WHAT_IF_SECONDS
from ibkr_server.risk.holdings import MOST_POSITIONS
from mesh.errors import MeshError
from tests.ibkr_server.risk.contracts import CONTRACTS, NEAR, VERTICAL, D, option, order
from tests.ibkr_server.risk.desk import ALICE, BOB, MARGIN, Desk, at_a_desk, live

DEBIT = order("1.20", *VERTICAL)
FULL = order("3.15", (100, 1))
SHORT = order("-3.15", (100, -1))


async def error_of(desk: Desk, spec: OrderSpec, **options: object) -> MeshError:
    with pytest.raises(MeshError) as caught:
        await desk.place(spec, **options)
    return caught.value


@at_a_desk("")
async def test_a_preview_tells_prices_margin_and_the_largest_loss(desk: Desk) -> None:
    preview = await desk.preview(replace(DEBIT, quantity=2))
    assert preview.prices is not None
    assert (preview.prices.natural, preview.prices.mid) == (D("1.30"), D("1.20"))
    assert (preview.prices.suggested_limit, preview.prices.tick) == (D("1.20"), D("0.01"))
    assert preview.what_if == MARGIN
    assert preview.max_loss == 240
    assert preview.violations == ()
    now = desk.feed.market_now()
    assert preview.expires.timestamp() == pytest.approx(now + 30, abs=0.01)


@at_a_desk()
async def test_numbers_that_ib_has_not_computed_are_left_out(desk: Desk) -> None:
    unset = D("1.7976931348623157E308")
    desk.answer = replace(MARGIN, commission=unset, initial_after=-unset, equity_after=D("Infinity"))
    what_if = (await desk.preview(DEBIT)).what_if
    assert (what_if.commission, what_if.initial_after, what_if.equity_after) == (None, None, None)
    assert what_if.min_commission == D("1.10")


@at_a_desk("")
async def test_a_preview_tells_what_placing_would_be_refused_for(desk: Desk) -> None:
    preview = await desk.preview(order("2.00", *VERTICAL, quantity=11))
    assert [each.limit for each in preview.violations] == ["MAX_QUANTITY", "COLLAR"]
    assert preview.max_loss == 2200


@at_a_desk("")
async def test_a_preview_without_quotes_says_so(desk: Desk) -> None:
    del desk.feed.quotes[101]
    preview = await desk.preview(DEBIT)
    assert preview.prices is None
    assert [(each.limit, each.subject) for each in preview.violations] == [("NO_QUOTE", "contract 101")]


@at_a_desk()
async def test_a_preview_that_ib_does_not_answer_ends_after_five_seconds(desk: Desk) -> None:
    await desk.feed.legs.wait([100, 101], 3.0)
    desk.answer = None
    began = desk.feed.clock()
    with pytest.raises(MeshError) as caught:
        await desk.preview(DEBIT)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert desk.feed.clock() - began == pytest.approx(WHAT_IF_SECONDS)


@at_a_desk()
async def test_what_ib_refuses_is_passed_on(desk: Desk) -> None:
    desk.answer = GatewayRefusal(201, "Order rejected - reason: margin")
    with pytest.raises(GatewayRefusal):
        await desk.preview(DEBIT)


@at_a_desk()
async def test_quotes_of_a_preview_are_those_after_ib_has_answered(desk: Desk) -> None:
    async def slowly(spec: OrderSpec, seconds: float) -> object:
        desk.feed.quotes[100] = (3.30, 3.40)
        desk.feed.tell(100)
        return MARGIN

    desk.what_if = slowly  # type: ignore[method-assign]  # the market moves while IB computes
    view = (await desk.preview(DEBIT)).prices
    assert view is not None
    assert view.mid == D("1.40")


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
async def test_without_a_preview_it_is_refused(desk: Desk) -> None:
    assert await desk.refusals(DEBIT, token="") == ["NO_PREVIEW"]


@at_a_desk()
async def test_the_preview_of_another_order_or_caller_is_none(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    assert await desk.refusals(replace(DEBIT, quantity=2), token=token) == ["NO_PREVIEW"]
    assert await desk.refusals(DEBIT, BOB, token=token) == ["NO_PREVIEW"]
    assert await desk.refusals(DEBIT, token=token) == []


@at_a_desk()
async def test_a_preview_holds_for_thirty_seconds(desk: Desk) -> None:
    token = (await desk.preview(DEBIT)).token
    await asyncio.sleep(29.5)
    desk.feed.tell(100)
    desk.feed.tell(101)
    assert await desk.refusals(DEBIT, token=token) == []
    await asyncio.sleep(0.51)
    assert await desk.refusals(DEBIT, token=token) == ["NO_PREVIEW"]


@at_a_desk(require_preview=False)
async def test_where_the_policy_asks_for_none_no_token_is_needed_but_a_wrong_one_is_refused(
    desk: Desk,
) -> None:
    assert await desk.refusals(DEBIT, token="") == []
    assert await desk.refusals(DEBIT, token="1.ff") == ["NO_PREVIEW"]


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
async def test_positions_count_as_they_are_once_quotes_are_there(desk: Desk) -> None:
    del desk.feed.quotes[100]
    checking = asyncio.create_task(desk.refusals(SHORT))
    await asyncio.sleep(1.0)
    desk.held = [(100, 1)]
    desk.feed.quotes[100] = (3.10, 3.20)
    desk.feed.tell(100)
    assert await checking == []


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
async def test_what_a_replaced_order_has_sold_is_not_sold_again(desk: Desk) -> None:
    desk.held = [(100, 1)]
    half = live(replace(SHORT, quantity=2), "half", filled=Decimal(1))
    desk.live = [half]
    assert await desk.refusals(replace(half.spec, limit_price=D("-3.14")), replacing=half) == []
    assert await desk.refusals(replace(half.spec, quantity=3), replacing=half) == ["MAX_LOSS"]


HOLDINGS = {
    "nothing": ([], ["MAX_LOSS"]),
    "what is sold": ([(100, 1)], []),
    "a part of it": ([(100, 1), (101, 1)], []),
    "shares that cover it": ([(1, 100)], []),
    "too few shares": ([(1, 99)], ["MAX_LOSS"]),
    "a spread that it is the long leg of": ([(100, 1), (101, -1)], ["MAX_LOSS"]),
    "an unknown number": (None, ["MAX_LOSS"]),
}


@pytest.mark.parametrize("name", HOLDINGS)
def test_to_sell_a_call_takes_cover(name: str) -> None:
    @at_a_desk()
    async def check(desk: Desk) -> None:
        desk.held, found = HOLDINGS[name]
        assert await desk.refusals(SHORT) == found

    check()


@at_a_desk()
async def test_what_another_order_closes_covers_nothing_more(desk: Desk) -> None:
    desk.held = [(100, 1)]
    desk.live = [live(SHORT, "closing")]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]
    assert await desk.refusals(replace(SHORT, limit_price=D("-3.16")), replacing=desk.live[0]) == []
    desk.live = [live(replace(SHORT, account="DU1"), "closing by name")]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]
    desk.live = [live(FULL, "opening")]
    assert await desk.refusals(SHORT) == []
    desk.live = [live(SHORT, "filled in part", filled=Decimal(1))]
    assert await desk.refusals(SHORT) == []


@at_a_desk("*: max_loss=300")
async def test_orders_that_close_more_than_there_is_are_not_held_short(desk: Desk) -> None:
    desk.held = [(100, 1)]
    desk.live = [live(replace(SHORT, quantity=2), "closing twice")]
    assert await desk.refusals(FULL) == ["MAX_LOSS"]


@at_a_desk()
async def test_an_exit_closes_what_its_entry_has_opened(desk: Desk) -> None:
    desk.held = [(100, 1)]
    desk.live = [live(SHORT, "exit", parent="entry")]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]


@at_a_desk()
async def test_an_exit_may_be_moved_further_from_the_market_but_not_past_it(desk: Desk) -> None:
    profit = live(order("-5.00", (100, -1), quantity=2), "profit", parent="entry")
    for limit, found in (("-6.00", []), ("-3.15", []), ("-2.83", ["COLLAR"])):
        assert await desk.refusals(replace(profit.spec, limit_price=D(limit)), replacing=profit) == found
    assert await desk.refusals(replace(profit.spec, limit_price=D("-6.00"))) == ["COLLAR", "MAX_LOSS"]


@at_a_desk()
async def test_an_exit_of_more_than_its_entry_opens_is_naked(desk: Desk) -> None:
    profit = live(order("-3.20", (100, -1), quantity=2), "profit", parent="entry")
    assert await desk.refusals(replace(profit.spec, quantity=1), replacing=profit) == []
    assert await desk.refusals(replace(profit.spec, quantity=3), replacing=profit) == ["MAX_LOSS"]


@at_a_desk()
async def test_a_stop_may_be_changed_and_not_placed(desk: Desk) -> None:
    stop = live(order("-1.00", (100, -1), quantity=2, kind=OrderType.STOP), "stop", parent="entry")
    assert await desk.refusals(replace(stop.spec, quantity=1), replacing=stop) == []
    assert "order.type" in str(await error_of(desk, stop.spec, token=""))


@at_a_desk()
async def test_orders_of_other_accounts_take_nothing(desk: Desk) -> None:
    desk.accounts = ("DU1", "DU2")
    desk.held = [(100, 1)]
    desk.live = [live(replace(SHORT, account="DU2"), "elsewhere")]
    assert await desk.refusals(replace(SHORT, account="DU1")) == []


@at_a_desk()
async def test_positions_that_can_not_all_be_described_cover_nothing(desk: Desk) -> None:
    desk.held = [(100, 1), (104, 1)]
    assert await desk.refusals(SHORT) == []
    desk.unknown.add(103)
    desk.held = [(100, 1), (103, 1)]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]


@at_a_desk()
async def test_of_too_many_positions_none_covers(desk: Desk) -> None:
    desk.contracts |= {1000 + n: option(1000 + n, 700 + n, "C") for n in range(MOST_POSITIONS)}
    desk.held = [(100, 1)] + [(1000 + n, 1) for n in range(MOST_POSITIONS - 1)]
    assert await desk.refusals(SHORT) == []
    desk.held = [(100, 1)] + [(1000 + n, 1) for n in range(MOST_POSITIONS)]
    assert await desk.refusals(SHORT) == ["MAX_LOSS"]


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

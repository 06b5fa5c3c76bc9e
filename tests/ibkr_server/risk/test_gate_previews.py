"""What a preview tells, and what its token is good for."""

import asyncio
from dataclasses import replace

import grpc
import pytest

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.gate import WHAT_IF_SECONDS
from mesh.errors import MeshError
from tests.ibkr_server.risk.contracts import VERTICAL, D, order
from tests.ibkr_server.risk.desk import BOB, MARGIN, Desk, at_a_desk

DEBIT = order("1.20", *VERTICAL)


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

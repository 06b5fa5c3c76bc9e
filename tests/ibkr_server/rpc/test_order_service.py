"""Orders over real channels to the real desk and gate: what each caller is told, with status and detail."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, PreconditionFailure, ResourceInfo, RetryInfo
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage
from spreadmesh.order.v1 import order_pb2 as orders_pb
from spreadmesh.order.v1 import order_service_pb2 as pb
from spreadmesh.order.v1.control_service_pb2 import (
    CancelAllOrdersRequest,
    GetTradingStatusRequest,
    HaltRequest,
    ResumeRequest,
)
from spreadmesh.order.v1.execution_pb2 import ListExecutionsRequest
from spreadmesh.order.v1.preview_pb2 import PreviewOrderRequest

from tests.ibkr_server.desk.world import until
from tests.ibkr_server.rpc.order_samples import vertical
from tests.ibkr_server.rpc.order_steps import SECONDS, kinds, place, refusal, spec, token
from tests.ibkr_server.rpc.order_world import Callers, OrderWorld


@pytest.fixture
def world(tmp_path: Path) -> OrderWorld:
    return OrderWorld(tmp_path, ack_seconds=0.3)


@pytest.fixture
async def callers(world: OrderWorld) -> AsyncIterator[Callers]:
    async with world.callers() as served:
        yield served


async def test_a_preview_tells_what_the_order_would_do(callers):
    answer = await callers.orders().PreviewOrder(PreviewOrderRequest(order=vertical()), timeout=SECONDS)
    assert (answer.prices.mid.value, answer.prices.natural.value) == ("1.05", "1.09")
    assert answer.max_loss.value == "210.00"
    assert (answer.margin.initial_after.value, answer.commission.value) == ("500", "1.30")
    assert not answer.HasField("min_commission")
    assert answer.token
    assert answer.expires_time.seconds


async def test_a_preview_tells_what_placing_would_be_refused_for(callers):
    request = PreviewOrderRequest(order=spec("2.00", quantity=11))
    answer = await callers.orders().PreviewOrder(request, timeout=SECONDS)
    assert {violation.limit for violation in answer.violations} >= {"MAX_QUANTITY"}
    assert len(answer.violations) == 2


async def test_a_preview_that_ib_does_not_answer(world, callers):
    world.broker.is_silent = True
    error = await refusal(
        callers.orders().PreviewOrder(PreviewOrderRequest(order=vertical()), timeout=SECONDS)
    )
    assert (error.code, kinds(error)) == (grpc.StatusCode.DEADLINE_EXCEEDED, [ErrorInfo])


async def test_an_order_is_placed_filled_and_found_by_either_name(world, callers):
    placed = await place(callers)
    assert (placed.state, placed.owner) == (orders_pb.ORDER_STATE_SUBMITTED, "alice")
    world.broker.fill("c1", 2)
    for key in ({"client_order_id": "c1"}, {"perm_id": placed.perm_id}):
        found = (await callers.orders().GetOrder(pb.GetOrderRequest(**key), timeout=SECONDS)).order
        assert (found.state, found.filled_quantity.value) == (orders_pb.ORDER_STATE_FILLED, "2")
    trades = await callers.orders().ListExecutions(
        ListExecutionsRequest(client_order_id="c1"), timeout=SECONDS
    )
    assert [trade.con_id for trade in trades.executions] == [101, 102]


async def test_the_same_call_again_is_the_same_order_and_another_is_refused(world, callers):
    first = await place(callers)
    again = await place(callers)
    assert (again.perm_id, len(world.broker.written)) == (first.perm_id, 1)
    error = await refusal(place(callers, order=spec("1.06")))
    assert (error.code, kinds(error)) == (grpc.StatusCode.ALREADY_EXISTS, [ErrorInfo, ResourceInfo])
    assert len(world.broker.written) == 1


async def test_without_a_preview_or_beyond_a_limit_nothing_is_sent(world, callers):
    no_token = await refusal(place(callers, preview_token=""))
    too_many = await refusal(place(callers, order=spec(quantity=11), preview_token="x"))
    for error in (no_token, too_many):
        assert error.code is grpc.StatusCode.FAILED_PRECONDITION
        assert kinds(error) == [PreconditionFailure, ErrorInfo]
    assert {violation.type for violation in too_many.details[0].violations} == {"NO_PREVIEW", "MAX_QUANTITY"}
    assert world.broker.written == []


async def test_a_preview_of_somebody_else_is_none(callers):
    borrowed = await token(callers, vertical(), "bob")
    assert (await refusal(place(callers, preview_token=borrowed))).code is grpc.StatusCode.FAILED_PRECONDITION


async def test_what_is_sent_and_not_acknowledged_is_unknown_and_no_error(world, callers):
    world.broker.behaviour.answers = False
    assert (await place(callers)).state == orders_pb.ORDER_STATE_UNKNOWN


async def test_before_the_gateway_is_ready_nothing_is_sent(world):
    async with world.callers(ready=False) as callers:
        world.broker.listener = None
        request = pb.PlaceOrderRequest(client_order_id="c1", order=vertical())
        error = await refusal(callers.orders().PlaceOrder(request, timeout=SECONDS))
        assert (error.code, kinds(error)) == (grpc.StatusCode.UNAVAILABLE, [RetryInfo])
        assert world.broker.written == []


async def test_what_is_absent_and_what_is_not_yours_look_alike(callers):
    await place(callers, who="bob")
    texts = set()
    for name in ("c1", "c2"):
        for call in (
            callers.orders().GetOrder(pb.GetOrderRequest(client_order_id=name), timeout=SECONDS),
            callers.orders().CancelOrder(pb.CancelOrderRequest(client_order_id=name), timeout=SECONDS),
        ):
            error = await refusal(call)
            assert (error.code, kinds(error)) == (grpc.StatusCode.NOT_FOUND, [ResourceInfo])
            texts.add(error.message.replace(name, "NAME"))
    assert len(texts) == 1
    found = await callers.orders("olga").GetOrder(pb.GetOrderRequest(client_order_id="c1"), timeout=SECONDS)
    assert found.order.owner == "bob"


async def test_a_filled_order_is_not_cancelled(world, callers):
    await place(callers)
    world.broker.fill("c1", 2)
    error = await refusal(
        callers.orders().CancelOrder(pb.CancelOrderRequest(client_order_id="c1"), timeout=SECONDS)
    )
    assert (error.code, kinds(error)) == (grpc.StatusCode.FAILED_PRECONDITION, [PreconditionFailure])


async def test_an_order_is_replaced_once_a_revision(world, callers):
    await place(callers)
    changed = spec("1.06", quantity=3)
    request = pb.ReplaceOrderRequest(
        client_order_id="c1",
        revision=1,
        limit_price=DecimalMessage(value="1.06"),
        quantity=3,
        preview_token=await token(callers, changed),
    )
    for _ in range(2):
        replaced = (await callers.orders().ReplaceOrder(request, timeout=SECONDS)).order
        assert (replaced.revision, replaced.spec.limit_price.value, replaced.spec.quantity) == (1, "1.06", 3)
    assert len(world.broker.written) == 2


async def test_the_exits_of_a_bracket_are_orders_with_names_of_their_own(world, callers):
    order = vertical()
    order.bracket.profit_taker.value, order.bracket.stop_loss.value = "2.00", "0.50"
    await place(callers, order=order)
    for exit_name in ("c1/profit", "c1/stop"):
        request = pb.GetOrderRequest(client_order_id=exit_name)
        found = (await callers.orders().GetOrder(request, timeout=SECONDS)).order
        assert (found.client_order_id, found.parent_client_order_id) == (exit_name, "c1")
        assert [leg.ratio for leg in found.spec.legs] == [-1, 1]
    request = pb.CancelOrderRequest(client_order_id="c1/stop")
    await callers.orders().CancelOrder(request, timeout=SECONDS)
    assert [world.broker.of("c1/stop").order_id] == world.broker.cancelled


async def test_a_halt_lets_nothing_out_until_it_is_resumed_by_who_may(world, callers):
    await place(callers)
    request = HaltRequest(reason="enough", cancel_orders=True)
    halted = await callers.control().Halt(request, timeout=SECONDS)
    assert list(halted.cancelled_client_order_ids) == ["c1"]
    error = await refusal(place(callers, "c2", spec("1.06")))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    status = await callers.control("bob").GetTradingStatus(GetTradingStatusRequest(), timeout=SECONDS)
    assert (status.can_place, status.halt.by, status.halt.reason) == (False, "alice", "enough")
    resume = ResumeRequest(halt_sequence=halted.halt.sequence, reason="again")
    assert (await refusal(callers.control().Resume(resume, timeout=SECONDS))).code is (
        grpc.StatusCode.PERMISSION_DENIED
    )
    await callers.control("olga").Resume(resume, timeout=SECONDS)
    assert (await place(callers, "c2", allow_duplicate=True)).state == orders_pb.ORDER_STATE_SUBMITTED


async def test_the_orders_of_everybody_are_cancelled_only_while_halted(world, callers):
    request = CancelAllOrdersRequest(confirmation="cancel the orders of everybody")
    error = await refusal(callers.control("olga").CancelAllOrders(request, timeout=SECONDS))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    await callers.control().Halt(HaltRequest(reason="enough"), timeout=SECONDS)
    await callers.control("olga").CancelAllOrders(request, timeout=SECONDS)
    assert world.broker.global_cancels == 1


async def test_the_status_tells_the_limits_in_force(callers):
    status = await callers.control().GetTradingStatus(GetTradingStatusRequest(), timeout=SECONDS)
    limits = {limit.name: (limit.limit.value, limit.unit) for limit in status.limits}
    assert limits["MAX_LOSS"] == ("5000", "USD")
    assert limits["MAX_QUANTITY"] == ("10", "units")
    assert (status.can_place, list(status.reasons), list(status.accounts)) == (True, [], ["DU1"])
    assert status.journal_epoch


async def test_orders_come_in_pages_the_latest_first(callers):
    for number in range(5):
        await place(
            callers, f"c{number}", spec(f"1.0{number + 1}", quantity=number + 1), allow_duplicate=True
        )
    names, page = [], ""
    while True:
        request = pb.ListOrdersRequest(page_size=2, page_token=page)
        answer = await callers.orders().ListOrders(request, timeout=SECONDS)
        names += [order.client_order_id for order in answer.orders]
        page = answer.next_page_token
        if not page:
            break
        assert len(answer.orders) == 2
    assert names == ["c4", "c3", "c2", "c1", "c0"]
    others = await callers.orders("bob").ListOrders(pb.ListOrdersRequest(), timeout=SECONDS)
    assert list(others.orders) == []


async def test_a_lease_that_is_not_renewed_cancels_its_orders(world, callers):
    lease = await callers.orders().RenewLease(pb.RenewLeaseRequest(seconds=2), timeout=SECONDS)
    assert lease.guarantee == pb.CANCEL_GUARANTEE_GUARANTEED
    placed = await place(callers, lease_id=lease.lease_id)
    assert placed.lease_id == lease.lease_id
    again = await callers.orders().RenewLease(pb.RenewLeaseRequest(lease_id=lease.lease_id), timeout=SECONDS)
    assert again.lease_id == lease.lease_id
    assert world.broker.cancelled == []
    await until(lambda: bool(world.broker.cancelled), 5)


async def test_a_lease_ends_before_its_time_and_only_for_its_owner(world, callers):
    lease = await callers.orders().RenewLease(pb.RenewLeaseRequest(), timeout=SECONDS)
    await place(callers, lease_id=lease.lease_id)
    request = pb.EndLeaseRequest(lease_id=lease.lease_id, cancel_orders=True)
    error = await refusal(callers.orders("bob").EndLease(request, timeout=SECONDS))
    assert error.code is grpc.StatusCode.NOT_FOUND
    ended = await callers.orders().EndLease(request, timeout=SECONDS)
    assert list(ended.cancelled_client_order_ids) == ["c1"]
    world.broker.cut()
    lease = await callers.orders().RenewLease(pb.RenewLeaseRequest(), timeout=SECONDS)
    assert lease.guarantee == pb.CANCEL_GUARANTEE_NOT_GUARANTEED

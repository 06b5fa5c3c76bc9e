"""What happens to orders as a stream: all of it, numbered, resumable, and silence told."""

import asyncio
from contextlib import aclosing

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, QuotaFailure, RetryInfo
from spreadmesh.order.v1 import order_pb2 as orders_pb
from spreadmesh.order.v1 import watch_pb2 as pb
from spreadmesh.order.v1.control_service_pb2 import HaltRequest

from ibkr_server.rpc import order_watch
from mesh.errors import from_rpc_error
from tests.ibkr_server.desk.world import ALICE, World, placement, spread, until, virtual
from tests.ibkr_server.rpc.order_world import OrderWorld


def request(epoch: str = "", sequence: int = 0) -> pb.WatchOrdersRequest:
    resume = pb.ResumePoint(epoch=epoch, sequence=sequence) if epoch else None
    return pb.WatchOrdersRequest(resume=resume)


async def next_of(call) -> pb.WatchOrdersResponse:
    async with asyncio.timeout(10):
        return await anext(call)


async def test_a_snapshot_then_every_event_and_on_from_where_a_reader_was(tmp_path):
    world = OrderWorld(tmp_path, require_preview=False)
    async with world.callers() as callers:
        stream = aiter(callers.orders().WatchOrders(request()))
        first = await next_of(stream)
        assert (list(first.snapshot.orders), first.snapshot.reconciled) == ([], True)
        await world.running.place(placement("c1", spread(limit="1.05")), ALICE)
        await callers.control("bob").Halt(HaltRequest(reason="enough"), timeout=10)
        seen, last = [], first.snapshot.sequence
        while not seen or not seen[-1].HasField("control"):
            seen.append((await next_of(stream)).event)
            assert seen[-1].previous_sequence == last
            last = seen[-1].sequence
        states = [event.order.state for event in seen if event.HasField("order")]
        assert states[0] == orders_pb.ORDER_STATE_PENDING_SUBMIT
        assert states[-1] == orders_pb.ORDER_STATE_SUBMITTED
        assert (seen[-1].control.halted, seen[-1].control.by) == (True, "bob")

        again = aiter(callers.orders().WatchOrders(request(first.epoch, seen[0].sequence)))
        assert [(await next_of(again)).event.sequence for _ in seen[1:]] == [e.sequence for e in seen[1:]]


@pytest.mark.parametrize(("epoch", "sequence"), [("another", 1), ("", 10**9)])
async def test_a_point_that_is_not_there_is_out_of_range_and_a_snapshot_is(tmp_path, epoch, sequence):
    world = OrderWorld(tmp_path)
    async with world.callers() as callers:
        epoch = epoch or world.running.status().journal_epoch
        with pytest.raises(grpc.RpcError) as caught:
            await next_of(aiter(callers.orders().WatchOrders(request(epoch, sequence))))
        error = from_rpc_error(caught.value)
        assert error.code is grpc.StatusCode.OUT_OF_RANGE
        assert [type(detail) for detail in error.details] == [ErrorInfo]
        assert (await next_of(aiter(callers.orders().WatchOrders(request())))).HasField("snapshot")


async def test_a_trader_sees_only_its_own(tmp_path):
    world = OrderWorld(tmp_path, require_preview=False)
    async with world.callers() as callers:
        await world.running.place(placement("c1", spread(limit="1.05")), ALICE)
        bobs = await next_of(aiter(callers.orders("bob").WatchOrders(request())))
        olgas = await next_of(aiter(callers.orders("olga").WatchOrders(request())))
    assert (len(bobs.snapshot.orders), len(olgas.snapshot.orders)) == (0, 1)


@virtual
async def test_silence_is_told_and_loses_nothing(tmp_path):
    world, stale = World(tmp_path), True
    async with world.desk() as desk:
        with desk.watch(ALICE) as watch:
            async with aclosing(order_watch.answers(watch, lambda: stale)) as answers:
                await anext(answers)
                for seconds in (5, 10):
                    beat = await anext(answers)
                    assert (beat.heartbeat.silence.ToSeconds(), beat.heartbeat.stale) == (seconds, True)
                    assert beat.epoch == watch.epoch
                await desk.place(placement("c1"), ALICE)
                assert (await anext(answers)).event.order.client_order_id == "c1"


@virtual
async def test_a_reader_that_falls_behind_is_ended_and_told_to_resume(tmp_path):
    world = World(tmp_path, watch_buffer=2)
    async with world.desk() as desk:
        with desk.watch(ALICE) as watch:
            async with aclosing(order_watch.answers(watch, lambda: False)) as answers:
                await anext(answers)
                for number in range(3):
                    await desk.place(placement(f"c{number}"), ALICE)
                await until(lambda: len(world.broker.written) == 3)
                events = [await anext(answers) for _ in range(2)]
                with pytest.raises(Exception, match="resume") as caught:
                    await anext(answers)
        assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert [type(detail) for detail in caught.value.details] == [QuotaFailure, RetryInfo]
        with desk.watch(ALICE, (watch.epoch, events[-1].event.sequence)) as watch:
            async with aclosing(order_watch.answers(watch, lambda: False)) as answers:
                assert (await anext(answers)).event.previous_sequence == events[-1].event.sequence

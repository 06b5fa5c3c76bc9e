"""Orders that live no longer than the program that placed them."""

import asyncio
from typing import Any

import grpc
import pytest
from spreadmesh.order.v1.order_service_pb2 import CancelGuarantee, EndLeaseResponse, RenewLeaseResponse
from spreadmesh_client.orders import LeaseLostError

from mesh.errors import MeshError, unavailable
from tests.clients.orders.desk import refuse

TERM = 0.6


class Leases:
    """Counts what is asked of it; after `answers` renewals it is away."""

    def __init__(self, answers: int = 1000) -> None:
        self.renewed: list[str] = []
        self.ended: list[tuple[str, bool]] = []
        self.thrice = asyncio.Event()
        self._answers = answers

    async def RenewLease(self, request: Any, context: Any) -> RenewLeaseResponse:  # noqa: N802 - its name
        if len(self.renewed) >= self._answers:
            await refuse(context, unavailable("away", 0.05))
        self.renewed.append(request.lease_id)
        if len(self.renewed) > 3:
            self.thrice.set()
        guaranteed = CancelGuarantee.CANCEL_GUARANTEE_GUARANTEED
        return RenewLeaseResponse(lease_id="lease-1", guarantee=guaranteed)

    async def EndLease(self, request: Any, context: Any) -> EndLeaseResponse:  # noqa: N802 - its name
        self.ended.append((request.lease_id, request.cancel_orders))
        return EndLeaseResponse()


async def test_it_is_renewed_while_the_block_lasts_and_ended_with_it(trading: Any) -> None:
    leases = Leases()
    async with trading(leases) as orders:
        began = asyncio.get_running_loop().time()
        async with orders.lease(TERM) as lease:
            assert lease.lease_id == "lease-1"
            assert lease.guarantee == CancelGuarantee.CANCEL_GUARANTEE_GUARANTEED
            await leases.thrice.wait()
        assert asyncio.get_running_loop().time() - began >= 0.99 * TERM  # three thirds
    assert leases.renewed == ["", "lease-1", "lease-1", "lease-1"]
    assert leases.ended == [("lease-1", True)]


async def test_orders_stay_if_that_is_wanted_and_the_block_ends_well(trading: Any) -> None:
    leases = Leases()
    async with trading(leases) as orders:
        async with orders.lease(TERM, keep_orders=True):
            pass
        with pytest.raises(ZeroDivisionError):
            async with orders.lease(TERM, keep_orders=True):
                raise ZeroDivisionError
    assert leases.ended == [("lease-1", False), ("lease-1", True)]


async def test_a_lease_that_runs_out_ends_the_block(trading: Any) -> None:
    leases = Leases(answers=1)
    async with trading(leases) as orders:
        with pytest.raises(LeaseLostError, match="could not be renewed") as caught:
            async with orders.lease(TERM):
                await asyncio.sleep(30)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert leases.ended == []


async def test_a_timeout_of_the_block_itself_is_left_alone(trading: Any) -> None:
    leases = Leases()
    async with trading(leases) as orders:
        with pytest.raises(TimeoutError):
            async with orders.lease(30):
                raise TimeoutError
    assert leases.ended == [("lease-1", True)]


async def test_a_lease_that_cannot_be_opened_is_an_error(trading: Any) -> None:
    async with trading(Leases(answers=0)) as orders:
        with pytest.raises(MeshError, match="away"):
            async with orders.lease(TERM):
                pytest.fail("there is no lease")

"""Orders that live no longer than the program that placed them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from spreadmesh.order.v1.order_service_pb2 import (
    CancelGuarantee,
    EndLeaseRequest,
    RenewLeaseRequest,
    RenewLeaseResponse,
)

from mesh.errors import MeshError
from spreadmesh_client.orders.calls import change
from spreadmesh_client.orders.errors import LeaseLostError

if TYPE_CHECKING:
    from spreadmesh.order.v1.order_service_pb2_grpc import OrderServiceAsyncStub

LEASE_SECONDS: Final = 10.0
END_SECONDS: Final = 10.0
RENEWALS_A_TERM: Final = 3


class Lease:
    """A lease that is being renewed."""

    def __init__(self, opened: RenewLeaseResponse) -> None:
        self.lease_id = opened.lease_id
        """For `OrdersClient.place`."""
        self.guarantee: CancelGuarantee.ValueType = opened.guarantee
        """Whether its orders could be cancelled when it was last renewed."""
        self.renewals = 0

    def __repr__(self) -> str:
        return f"<Lease {self.lease_id} renewed {self.renewals} times>"


@asynccontextmanager
async def hold_lease(
    stub: "OrderServiceAsyncStub", seconds: float, *, keep_orders: bool
) -> AsyncIterator[Lease]:
    """Open a lease, renew it every third of its term, and end it; see `OrdersClient.lease`."""
    begun = asyncio.get_running_loop().time()
    lease = Lease(await change(stub.RenewLease, RenewLeaseRequest(seconds=seconds), seconds))
    ending = EndLeaseRequest(lease_id=lease.lease_id, cancel_orders=True)
    try:
        # The term counts from before the call: at the server it ends later, never sooner.
        async with asyncio.timeout_at(begun + seconds) as term:
            renewing = asyncio.create_task(_renew(stub, lease, seconds, term))
            try:
                yield lease
            finally:
                renewing.cancel()
                await asyncio.wait([renewing])
    except BaseException as error:  # however the block ends, its orders must not outlive it unnoticed
        if isinstance(error, TimeoutError) and term.expired():
            raise LeaseLostError(lease.lease_id) from None
        with suppress(MeshError):  # where this fails, the lease runs out, which cancels them too
            await change(stub.EndLease, ending, END_SECONDS)
        raise
    ending.cancel_orders = not keep_orders
    await change(stub.EndLease, ending, END_SECONDS)


async def _renew(stub: "OrderServiceAsyncStub", lease: Lease, seconds: float, term: asyncio.Timeout) -> None:
    """Go on until cancelled; what a renewal that fails leaves of the term is for the next one."""
    loop = asyncio.get_running_loop()
    pause = seconds / RENEWALS_A_TERM
    request = RenewLeaseRequest(lease_id=lease.lease_id, seconds=seconds)
    while True:
        await asyncio.sleep(pause)
        begun = loop.time()
        try:
            answer = await change(stub.RenewLease, request, pause)
        except MeshError:
            continue  # the end of the term tells the block
        lease.guarantee = answer.guarantee
        lease.renewals += 1
        term.reschedule(begun + seconds)

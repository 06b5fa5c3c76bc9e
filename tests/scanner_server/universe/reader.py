"""The caller's side of RunUniverseScan."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import RunUniverseScanRequest, RunUniverseScanResponse
from spreadmesh.scan.v1.universe_service_pb2_grpc import UniverseServiceStub

from mesh.errors import MeshError, from_rpc_error

SPEC = ScanSpec(strategies=["vertical"], limit=10)
TIMEOUT = 20.0


class Reader:
    """A call, and what it has said."""

    def __init__(self, universes: UniverseServiceStub, timeout: float = TIMEOUT, **fields: Any) -> None:
        request = RunUniverseScanRequest(**({"spec": SPEC} | fields))
        self.call = universes.RunUniverseScan(request, timeout=timeout)
        self.said: list[RunUniverseScanResponse] = []

    async def until(self, holds: Callable[[RunUniverseScanResponse], bool]) -> RunUniverseScanResponse:
        """Read on to the first message for which it holds."""
        async for message in self.call:
            self.said.append(message)
            if holds(message):
                return message
        pytest.fail(f"it ended before, with {self.said[-1:]}")

    async def rest(self) -> RunUniverseScanResponse:
        """Read to the end; gives the last message."""
        async for message in self.call:
            self.said.append(message)
        return self.said[-1]

    async def refusal(self) -> MeshError:
        """Read to the end, which is an error."""
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.rest()
        return from_rpc_error(raised.value)

    def ended(self) -> dict[str, str]:
        """Code of the failure, or OK, by symbol."""
        return {one.symbol: one.failure.code or "OK" for message in self.said for one in message.ended}

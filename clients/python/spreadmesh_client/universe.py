"""Calls of spreadmesh.scan.v1.UniverseService."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import (
    ListUniversesRequest,
    RunUniverseScanRequest,
    RunUniverseScanResponse,
    UnderlyingOutcome,
    Universe,
    UniverseProgress,
    UniverseRanking,
)
from spreadmesh.scan.v1.universe_service_pb2_grpc import UniverseServiceStub

from mesh.errors import MeshError, from_rpc_error
from mesh.resilience.retry_budget import RetryBudget
from spreadmesh_client.unary import READ_TIMEOUT_SECONDS, read

if TYPE_CHECKING:
    from spreadmesh.scan.v1.universe_service_pb2_grpc import UniverseServiceAsyncStub

# The server speaks four times a second.
SILENCE_SECONDS: Final = 15.0


@dataclass(frozen=True)
class UniverseUpdate:
    """How far a scan of a universe is."""

    progress: UniverseProgress
    ended: Sequence[UnderlyingOutcome]
    """Underlyings that have ended since the update before."""
    ranking: UniverseRanking
    """The best so far over all of them."""
    complete: bool
    """Every underlying has ended: the last update."""


class Universes:
    """Scans over many underlyings. Every call raises MeshError with the server's details."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: UniverseServiceAsyncStub = UniverseServiceStub(channel)
        self._budget = RetryBudget()

    async def list_universes(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Sequence[Universe]:
        """Lists of underlyings that the server knows by name."""
        response = await read(self._stub.ListUniverses, ListUniversesRequest(), timeout_seconds, self._budget)
        return response.universes

    async def run_scan(
        self,
        spec: ScanSpec,
        *,
        universe: str = "",
        symbols: Sequence[str] = (),
        max_parallel: int | None = None,
        min_coverage: float | None = None,
        underlying_seconds: float | None = None,
        deadline_seconds: float | None = None,
        timeout_seconds: float | None = None,
    ) -> AsyncGenerator[UniverseUpdate, None]:
        """Scan each underlying once, and follow it; use with `aclosing`: closing it ends the job.

        A job is not begun anew where its connection breaks: what has come until then is all there is.

        Args:
            spec: What to scan for, without an underlying; `limit` counts over all of them.
            universe: A name from `list_universes`; or
            symbols: tickers.
            max_parallel: Underlyings at once, 1 to 16; 4 unless given.
            min_coverage: Share of an underlying's contracts to be quoted before it is ranked; 0.9.
            underlying_seconds: Longest for one of them; 120.
            deadline_seconds: The job ends after so long, with what it has and DEADLINE_EXCEEDED; 3,600.
            timeout_seconds: Deadline of the call; the job ends half a second before it.
        """
        request = RunUniverseScanRequest(
            spec=spec,
            universe=universe,
            symbols=symbols,
            max_parallel=max_parallel,
            min_coverage=min_coverage,
            underlying_seconds=underlying_seconds,
            deadline_seconds=deadline_seconds,
        )
        call = self._stub.RunUniverseScan(request, timeout=timeout_seconds)
        ranking = UniverseRanking()
        try:
            while (response := await _next(call)) is not None:
                ranking = response.ranking if response.HasField("ranking") else ranking
                yield UniverseUpdate(response.progress, response.ended, ranking, response.complete)
        finally:
            call.cancel()  # a call that is only dropped goes on at the server


async def _next(call: Any) -> RunUniverseScanResponse | None:
    """The next message; None at the end."""
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            message = await call.read()
    except grpc.RpcError as error:
        raise from_rpc_error(error) from None
    except TimeoutError:
        text = f"no message for {SILENCE_SECONDS:g} s"
        raise MeshError(grpc.StatusCode.UNAVAILABLE, text) from None
    return None if message is grpc.aio.EOF else message

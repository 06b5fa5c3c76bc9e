"""UniverseService: requests in, the progress of jobs out."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
from spreadmesh.scan.v1 import universe_service_pb2_grpc
from spreadmesh.scan.v1.universe_service_pb2 import (
    ListUniversesRequest,
    ListUniversesResponse,
    RunUniverseScanRequest,
    RunUniverseScanResponse,
    Universe,
)

from scanner_server.live.admission import Admission
from scanner_server.live.limits import check_expirations
from scanner_server.live.scanner import Scanner
from scanner_server.presets.presets import Presets
from scanner_server.rpc.universe_requests import job_of
from scanner_server.universe.file import Universes
from scanner_server.universe.job import SPEC_PATH, UniverseJob

# Kept back from a caller's deadline, so that the last message reaches it in time.
MARGIN_SECONDS = 0.5

Context = grpc.aio.ServicerContext[Any, Any]


class UniverseServicer(universe_service_pb2_grpc.UniverseServiceServicer):
    """Checks requests, and lets jobs work."""

    def __init__(
        self, scanner: Scanner, presets: Presets, universes: Universes, *, max_jobs: int, workers: int
    ) -> None:
        """Allow `max_jobs` at once, which together use so many `workers` at most."""
        self._scanner = scanner
        self._presets = presets
        self._universes = universes
        self._jobs = Admission(max_jobs, subject="universe scans")
        self._turns = asyncio.Semaphore(workers)

    async def RunUniverseScan(  # noqa: N802 - the RPC's name
        self, request: RunUniverseScanRequest, context: Context
    ) -> AsyncIterator[RunUniverseScanResponse]:
        """Progress and the best so far, until all underlyings have ended."""
        job = await job_of(request, self._universes, self._presets, _seconds_left(context))
        now = self._scanner.feed.clock.now()
        if not math.isnan(now):  # else each underlying is checked when its chain tells the time
            check_expirations(job.spec, now, SPEC_PATH)
        messages = UniverseJob(self._scanner, job, self._turns).messages()
        async with self._jobs.admitted(), aclosing(messages):
            async for message in messages:
                yield message

    async def ListUniverses(  # noqa: N802 - the RPC's name
        self, request: ListUniversesRequest, context: Context
    ) -> ListUniversesResponse:
        """Lists by name."""
        listed = (Universe(name=name, symbols=symbols) for name, symbols in self._universes.items())
        return ListUniversesResponse(universes=listed)


def _seconds_left(context: Context) -> float | None:
    left = context.time_remaining()
    return None if left is None else max(left - MARGIN_SECONDS, 0.0)

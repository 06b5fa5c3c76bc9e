"""ScanService: requests in, rankings out."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
from spreadmesh.scan.v1 import scan_service_pb2_grpc
from spreadmesh.scan.v1.catalogue_pb2 import (
    ListFiguresRequest,
    ListFiguresResponse,
    ListStrategiesRequest,
    ListStrategiesResponse,
)
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import (
    RunScanRequest,
    RunScanResponse,
    StreamScanRequest,
    StreamScanResponse,
    WatchScanRequest,
    WatchScanResponse,
)

from mesh.errors import deadline_exceeded
from scanner_server.live.limits import refusing_too_many
from scanner_server.live.scanner import Scanner
from scanner_server.live.single_scan import scan_once
from scanner_server.presets.presets import Presets
from scanner_server.rpc.requests import asked_by, coverage_of, interval_of, opening_of, resume_of
from scanner_server.rpc.stream_requests import listen
from scanner_server.rpc.traced_answers import traced_basis
from scanner_server.streams.numbering import Numbering, Sent, heartbeat_message
from scanner_server.streams.resumption import Resumption
from scanner_server.streams.scan_stream import ScanStream, Silence
from scanner_server.translation.catalogue import figures_message, strategies_message
from scanner_server.translation.surface import without_smiles

OPEN_SECONDS = 10.0
# Kept back from a caller's deadline, so that the answer reaches it in time.
MARGIN_SECONDS = 0.2

Context = grpc.aio.ServicerContext[Any, Any]


class ScanServicer(scan_service_pb2_grpc.ScanServiceServicer):
    """Checks requests, and lets the scanner work."""

    def __init__(self, scanner: Scanner, presets: Presets) -> None:
        self._scanner = scanner
        self._presets = presets
        self._resumption = Resumption(scanner.monotonic)

    async def RunScan(self, request: RunScanRequest, context: Context) -> RunScanResponse:  # noqa: N802 - the RPC's name
        """One ranking, now."""
        asked = await asked_by(request.spec, "spec", self._presets)
        wanted = coverage_of(request.min_coverage) if request.HasField("min_coverage") else None
        async with self._scanner.admission.admitted():
            underlying = await self._scanner.opened(asked)
            with refusing_too_many(asked.path):
                ranked = await scan_once(
                    underlying, asked.spec, min_coverage=wanted, seconds_left=_seconds_left(context)
                )
        ranking = ranked.message
        return RunScanResponse(
            market_time=ranking.market_time,
            surface=ranking.surface,
            candidates=ranking.candidates,
            basis=traced_basis(ranked),
        )

    async def StreamScan(  # noqa: N802 - the RPC's name
        self, request_iterator: AsyncIterator[StreamScanRequest], context: Context
    ) -> AsyncIterator[StreamScanResponse]:
        """A snapshot, or for a stream that is resumed a delta, then deltas, while there are credits."""
        requests = aiter(request_iterator)
        opening = opening_of(await _first(requests))
        asked = await asked_by(opening.spec, "open.spec", self._presets)
        point = resume_of(opening)
        resumed = None if point is None else self._resumption.find(*point, asked.key)
        stream = ScanStream(
            self._scanner,
            asked,
            min_interval=interval_of(opening, "open.min_interval_seconds"),
            credits_count=opening.credits,
            is_resumed=resumed is not None,
        )
        numbering = Numbering(resumed or Sent(secrets.randbits(63)), include_smiles=opening.include_smiles)
        async with self._scanner.admission.admitted():
            with self._resumption.following(numbering, stream.fail):
                async with listen(requests, stream, self._presets), aclosing(stream.events()) as events:
                    async for event in events:
                        yield numbering.response(event)

    async def WatchScan(  # noqa: N802 - the RPC's name
        self, request: WatchScanRequest, context: Context
    ) -> AsyncIterator[WatchScanResponse]:
        """Whole rankings, as fast as the caller takes them."""
        stream = ScanStream(
            self._scanner,
            await asked_by(request.spec, "spec", self._presets),
            min_interval=interval_of(request, "min_interval_seconds"),
            credits_count=None,
        )
        async with self._scanner.admission.admitted(), aclosing(stream.events()) as events:
            async for event in events:
                if isinstance(event, Silence):
                    yield WatchScanResponse(heartbeat=heartbeat_message(event))
                else:
                    yield WatchScanResponse(ranking=_without_smiles(event.ranked.message))

    async def ListStrategies(  # noqa: N802 - the RPC's name
        self, request: ListStrategiesRequest, context: Context
    ) -> ListStrategiesResponse:
        """What can be scanned for."""
        return strategies_message()

    async def ListFigures(  # noqa: N802 - the RPC's name
        self, request: ListFiguresRequest, context: Context
    ) -> ListFiguresResponse:
        """What can be filtered and ranked by."""
        return figures_message()


async def _first(requests: AsyncIterator[StreamScanRequest]) -> StreamScanRequest:
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            return await anext(requests, StreamScanRequest())
    except TimeoutError:
        raise deadline_exceeded("NOT_OPENED", f"no message came within {OPEN_SECONDS:g} s") from None


def _seconds_left(context: Context) -> float | None:
    left = context.time_remaining()
    return None if left is None else max(left - MARGIN_SECONDS, 0.0)


def _without_smiles(shared: Ranking) -> Ranking:
    ranking = Ranking()
    ranking.CopyFrom(shared)
    without_smiles(ranking.surface)
    return ranking

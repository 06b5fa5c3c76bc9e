"""Calls of spreadmesh.scan.v1.ScanService."""

import time
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import grpc
from spreadmesh.common.v1.feed_pb2 import CreditGrant, Heartbeat
from spreadmesh.scan.v1.catalogue_pb2 import Figure, ListFiguresRequest, ListStrategiesRequest, Strategy
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import (
    ChangeScan,
    OpenScan,
    RunScanRequest,
    RunScanResponse,
    StreamScanRequest,
    StreamScanResponse,
    WatchScanRequest,
    WatchScanResponse,
)
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from mesh.errors import MeshError
from mesh.resilience.retry_budget import RetryBudget
from spreadmesh_client.batch_trace import mark_received
from spreadmesh_client.ranking import RankingState, RankingUpdate, SequenceGap
from spreadmesh_client.routing import underlying_header
from spreadmesh_client.streams import DEFAULT_LIMITS, ReopeningStream, Stream, StreamLimits
from spreadmesh_client.unary import READ_TIMEOUT_SECONDS, SCAN_TIMEOUT_SECONDS, read

if TYPE_CHECKING:
    from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceAsyncStub

ScanEvent: TypeAlias = RankingUpdate | Heartbeat


class Scans:
    """Ranked option spreads. Every call raises MeshError with the server's details."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = ScanServiceStub(channel)
        self._budget = RetryBudget()

    async def run_scan(
        self,
        spec: ScanSpec,
        *,
        min_coverage: float | None = None,
        timeout_seconds: float = SCAN_TIMEOUT_SECONDS,
    ) -> RunScanResponse:
        """One ranking, now, or once `min_coverage` (0 to 1) of the contracts asked for is quoted."""
        request = RunScanRequest(spec=spec, min_coverage=min_coverage)
        header = underlying_header(spec.underlying)
        response = await read(self._stub.RunScan, request, timeout_seconds, self._budget, header)
        mark_received(response.basis, len(response.candidates), time.time_ns())
        return response

    def stream_scan(
        self,
        spec: ScanSpec,
        *,
        credits: int = 1,
        min_interval_seconds: float | None = None,
        include_smiles: bool = False,
        limits: StreamLimits = DEFAULT_LIMITS,
    ) -> "ScanStream":
        """Rankings as they change, for `async with` and `async for`.

        Args:
            spec: What to scan for.
            credits: Rankings that may be under way at once. With 1, each is built when the one before
                has been dealt with: the freshest.
            min_interval_seconds: Shortest time between two rankings, 0 to 60; the server's default is 0.25.
            include_smiles: Send the points of the smiles with every new surface.
            limits: How long to wait for the server.
        """
        opening = OpenScan(
            spec=spec,
            credits=credits,
            min_interval_seconds=min_interval_seconds,
            include_smiles=include_smiles,
        )
        return ScanStream(self._stub, opening, limits)

    async def watch_scan(
        self,
        spec: ScanSpec,
        *,
        min_interval_seconds: float | None = None,
        limits: StreamLimits = DEFAULT_LIMITS,
    ) -> AsyncGenerator[Ranking | Heartbeat, None]:
        """Whole rankings without credits: simpler, but staler for a slow caller. Use with `aclosing`."""
        request = WatchScanRequest(spec=spec, min_interval_seconds=min_interval_seconds)
        header = underlying_header(spec.underlying)
        stream: ReopeningStream[object, WatchScanResponse] = ReopeningStream(
            lambda _requests, timeout: self._stub.WatchScan(request, timeout=timeout, metadata=header),
            tuple,
            limits,
        )
        try:
            while True:
                response = await stream.read()
                if response is None:
                    yield stream.loss
                elif response.WhichOneof("message") == "ranking":
                    ranking = response.ranking
                    mark_received(ranking.basis, len(ranking.candidates), time.time_ns())
                    yield ranking
                elif response.WhichOneof("message") == "heartbeat":
                    yield response.heartbeat
        finally:
            stream.drop()

    async def list_strategies(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Sequence[Strategy]:
        """What can be scanned for, in alphabetical order."""
        return (
            await read(self._stub.ListStrategies, ListStrategiesRequest(), timeout_seconds, self._budget)
        ).strategies

    async def list_figures(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Sequence[Figure]:
        """What is computed, and can be filtered and ranked by."""
        return (
            await read(self._stub.ListFigures, ListFiguresRequest(), timeout_seconds, self._budget)
        ).figures


class ScanStream(Stream):
    """Whole rankings and heartbeats out of snapshots and deltas.

    A credit goes back when the next event is asked for. A break is told at once, by a heartbeat that says
    stale. Then the stream is resumed from the last ranking. Where that is no longer possible, and after a
    gap, it is opened anew and goes on with a snapshot under another epoch.
    """

    def __init__(self, stub: "ScanServiceAsyncStub", opening: OpenScan, limits: StreamLimits) -> None:
        self._opening = opening
        self._state = RankingState()
        self._owes_credit = False
        self._stream: ReopeningStream[StreamScanRequest, StreamScanResponse] = ReopeningStream(
            lambda requests, timeout: stub.StreamScan(
                requests, timeout=timeout, metadata=underlying_header(opening.spec.underlying)
            ),
            self._greet,
            limits,
        )

    async def __anext__(self) -> ScanEvent:
        while True:
            await self._give_back_credit()
            try:
                response = await self._stream.read()
            except MeshError as error:
                if error.code is not grpc.StatusCode.OUT_OF_RANGE or self._state.point is None:
                    raise
                self._state = RankingState()  # too old to go on from: a snapshot helps, if anything does
                self._stream.renew()
                continue
            if response is None:
                return self._stream.loss
            started_ns = time.time_ns()
            try:
                update = self._state.apply(response)
            except SequenceGap:
                self._state = RankingState()
                self._stream.drop()
                continue
            if update is not None:
                self._owes_credit = True
                ranking = update.ranking
                mark_received(ranking.basis, len(ranking.candidates), started_ns)
                return update
            if response.WhichOneof("message") == "heartbeat":
                return response.heartbeat

    async def change(self, spec: ScanSpec) -> None:
        """Scan for something else from now on; a snapshot of it follows."""
        self._opening.spec.CopyFrom(spec)
        await self._stream.write(StreamScanRequest(change=ChangeScan(spec=spec)))

    def _greet(self) -> list[StreamScanRequest]:
        self._owes_credit = False
        request = StreamScanRequest(open=self._opening)
        if self._state.point is not None:
            request.open.resume_epoch, request.open.resume_sequence = self._state.point
        return [request]

    async def _give_back_credit(self) -> None:
        if self._owes_credit:
            self._owes_credit = False
            await self._stream.write(StreamScanRequest(grant=CreditGrant(credits=1)))

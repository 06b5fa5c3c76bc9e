"""Scans of universes in the client: what it makes of the messages, and what it shows of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from io import StringIO
from typing import Any

import grpc
import pytest
from rich.console import Console
from spreadmesh.scan.v1 import universe_service_pb2_grpc as service
from spreadmesh.scan.v1.candidate_pb2 import Candidate
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import (
    RunningUnderlying,
    RunUniverseScanResponse,
    UnderlyingFailure,
    UnderlyingOutcome,
    UniverseCandidate,
    UniverseProgress,
    UniverseRanking,
)
from spreadmesh_client import MeshError, UniverseUpdate, connect, universe
from spreadmesh_client.view.universe_view import UniversePicture

from mesh.errors import deadline_exceeded, to_trailers

SPEC = ScanSpec(limit=3)


def entry(symbol: str, score: float) -> UniverseCandidate:
    return UniverseCandidate(underlying=symbol, candidate=Candidate(strategy="bull_put", score=score))


FIRST = RunUniverseScanResponse(
    progress=UniverseProgress(
        underlyings=4,
        running=[
            RunningUnderlying(symbol="AAPL", contracts_wanted=1200, contracts_quoted=345),
            RunningUnderlying(symbol="MSFT"),
        ],
        contracts_wanted=2400,
        contracts_quoted=1545,
        elapsed_seconds=7.5,
        done=1,
        failed=1,
        candidates_formed=12345,
    ),
    ended=[
        UnderlyingOutcome(symbol="SPY"),
        UnderlyingOutcome(symbol="NOPE", failure=UnderlyingFailure(code="NOT_FOUND", reason="is not known")),
    ],
    ranking=UniverseRanking(candidates=[entry("SPY", 0.71), entry("SPY", 0.64)]),
)
SECOND = RunUniverseScanResponse(progress=UniverseProgress(underlyings=4, done=2, failed=1))
LAST = RunUniverseScanResponse(
    progress=UniverseProgress(underlyings=4, done=3, failed=1),
    ranking=UniverseRanking(candidates=[entry("AAPL", 0.9)]),
    complete=True,
)


class Scripted(service.UniverseServiceServicer):
    """Says some messages, then ends as it is told to."""

    def __init__(self, *messages: RunUniverseScanResponse, end: Any = None) -> None:
        self._messages = messages
        self._end = end
        self.asked: Any = None
        self.cancelled = asyncio.Event()

    async def RunUniverseScan(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802 - named by the contract
        self.asked = request
        try:
            for message in self._messages:
                yield message
            if isinstance(self._end, MeshError):
                await context.abort(self._end.code, self._end.message, to_trailers(self._end))
            elif self._end is not None:
                await self._end.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@asynccontextmanager
async def updates(servicer: Scripted, **options: Any) -> AsyncIterator[Any]:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    service.add_UniverseServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with (
            connect(scan=f"127.0.0.1:{port}") as client,
            aclosing(client.universes.run_scan(SPEC, symbols=["SPY"], **options)) as running,
        ):
            yield running
    finally:
        await server.stop(None)


async def test_each_update_has_the_best_so_far() -> None:
    servicer = Scripted(FIRST, SECOND, LAST)
    async with updates(servicer, max_parallel=3, min_coverage=0.5) as running:
        seen = [update async for update in running]
    assert [update.ranking for update in seen] == [FIRST.ranking, FIRST.ranking, LAST.ranking]
    assert [update.complete for update in seen] == [False, False, True]
    assert [one.symbol for update in seen for one in update.ended] == ["SPY", "NOPE"]
    assert (servicer.asked.max_parallel, servicer.asked.min_coverage) == (3, 0.5)
    assert not servicer.asked.HasField("deadline_seconds")


async def test_closing_it_ends_the_job() -> None:
    servicer = Scripted(FIRST, end=asyncio.Event())
    async with updates(servicer) as running:
        await anext(running)
        await running.aclose()
        async with asyncio.timeout(5):
            await servicer.cancelled.wait()


async def test_an_error_comes_after_what_was_there() -> None:
    async with updates(Scripted(FIRST, end=deadline_exceeded("JOB_TIME", "1 of 4"))) as running:
        assert (await anext(running)).ranking == FIRST.ranking
        with pytest.raises(MeshError, match="1 of 4") as raised:
            await anext(running)
    assert raised.value.details


async def test_a_server_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(universe, "SILENCE_SECONDS", 0.05)
    async with updates(Scripted(end=asyncio.Event())) as running:
        with pytest.raises(MeshError, match="no message") as raised:
            await anext(running)
    assert raised.value.code is grpc.StatusCode.UNAVAILABLE


def picture_of(*messages: RunUniverseScanResponse) -> UniversePicture:
    picture = UniversePicture("tech")
    for one in messages:
        picture.take(UniverseUpdate(one.progress, one.ended, one.ranking, one.complete))
    return picture


def drawn(renderable: Any, width: int = 120) -> str:
    out = StringIO()
    Console(file=out, width=width).print(renderable)
    return out.getvalue()


def test_the_screen_shows_progress_failures_and_the_best() -> None:
    text = drawn(picture_of(FIRST).live(120, 30))
    bar, running, failed, _, header, best, *_ = text.splitlines()
    for shown in ("tech", "━━━", "2/4", "1 failed", "1,545/2,400 contracts", "12,345 spreads", "7.5 s"):
        assert shown in bar
    assert running.strip() == "AAPL 345/1,200 · MSFT chain"
    assert failed.strip() == "NOPE: not found: is not known"
    assert "Underlying" in header
    assert best.split()[1:4] == ["SPY", "bull", "put"]


def test_a_low_screen_shows_fewer_rows_and_the_end_shows_all() -> None:
    picture = picture_of(FIRST)
    assert "0.640" not in drawn(picture.live(120, 10))
    end = drawn(picture.final(120))
    assert "0.640" in end
    assert "1 of 4 underlyings ranked, 1 failed" in end
    assert "NOPE: not found" in end


def test_failures_stay_on_the_screen() -> None:
    assert "NOPE" in drawn(picture_of(FIRST, SECOND).live(120, 30))

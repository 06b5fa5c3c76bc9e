"""A scan over many underlyings, some at a time."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

import grpc
from spreadmesh.scan.v1.universe_service_pb2 import RunUniverseScanResponse

from mesh.errors import MeshError, deadline_exceeded
from mesh.logging import get_logger
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.admission import Priority
from scanner_server.live.scanner import Asked, Scanner
from scanner_server.universe.single import Terms, scan_underlying
from scanner_server.universe.state import JobState

PROGRESS_SECONDS = 0.25
SPEC_PATH = "spec"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job is to do.

    Attributes:
        symbols: the underlyings, in the order in which they are begun.
        spec: what to scan each for.
        max_parallel: how many are at work at once.
        terms: of each underlying.
        seconds: longest time for all.
    """

    symbols: tuple[str, ...]
    spec: ScanSpec
    max_parallel: int
    terms: Terms
    seconds: float


class UniverseJob:
    """Works its underlyings off; `messages` is what its reader gets.

    The work goes on at its own pace. A slow reader gets fewer messages, each with all that has happened since
    the one before, and none waits anywhere.
    """

    def __init__(self, scanner: Scanner, job: JobSpec, turns: asyncio.Semaphore) -> None:
        """Prepare; `turns` are those of the workers that jobs may use."""
        self._scanner = scanner
        self._job = job
        self._turns = turns
        self._news = asyncio.Event()
        self._state = JobState(len(job.symbols), job.spec.rank_by, job.spec.limit, scanner.monotonic)

    def __repr__(self) -> str:
        return f"<UniverseJob {self._state}>"

    async def messages(self) -> AsyncGenerator[RunUniverseScanResponse]:
        """One whenever an underlying has ended, and every `PROGRESS_SECONDS`; ends all work when closed.

        Raises:
            MeshError: DEADLINE_EXCEEDED after the message with what there is.
        """
        work = asyncio.create_task(self._work())
        work.add_done_callback(lambda _: self._news.set())
        try:
            while not work.done():
                yield self._state.response()
                await self._until_news()
            in_time = work.result()
            yield self._state.response(is_last=True)
            if not in_time:
                raise deadline_exceeded("JOB_TIME", f"{self._state.summary} in {self._job.seconds:g} s")
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _until_news(self) -> None:
        try:
            async with asyncio.timeout(PROGRESS_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _work(self) -> bool:
        """Whether all has been done in time."""
        symbols = iter(self._job.symbols)
        try:
            async with asyncio.timeout(self._job.seconds), asyncio.TaskGroup() as lanes:
                for _ in range(min(self._job.max_parallel, len(self._job.symbols))):
                    lanes.create_task(self._lane(symbols))
        except TimeoutError:
            return False
        return True

    async def _lane(self, symbols: Iterator[str]) -> None:
        """One underlying after the other, of those that no lane has begun."""
        for symbol in symbols:
            async with self._scanner.admission.admitted(Priority.UNIVERSE):
                await self._scan(symbol)

    async def _scan(self, symbol: str) -> None:
        job, state = self._job, self._state
        state.began(symbol)
        try:
            asked = Asked(symbol, job.spec, SPEC_PATH)
            ranking = await scan_underlying(
                self._scanner, asked, job.terms, self._turns, lambda *counts: state.covered(symbol, *counts)
            )
            state.ranked(symbol, ranking)
        except MeshError as error:
            state.failed(symbol, error)
        except Exception:  # a defect that one underlying brings out must not end the scans of the others
            log.exception("scan of an underlying failed", symbol=symbol)
            state.failed(symbol, MeshError(grpc.StatusCode.INTERNAL, "the server's log has the error"))
        finally:
            state.gave_up(symbol)
        self._news.set()

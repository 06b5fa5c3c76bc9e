"""One ranking, after a wait for coverage if that is asked for."""

import asyncio
import time

import grpc
from rich.console import Console
from spreadmesh.scan.v1.ranking_pb2 import Ranking
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from mesh.errors import MeshError
from spreadmesh_client import RankingUpdate, Scans, connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.cli.waiting import Waiting, waiting
from spreadmesh_client.view.ranking_table import ranking_table
from spreadmesh_client.view.text import percent


async def scan_once(
    address: str, spec: ScanSpec, min_coverage: float | None, timeout_seconds: float, *, as_json: bool
) -> None:
    """Print one ranking."""
    async with connect(scan=address) as client:
        response = await scanned(client.scans, spec, min_coverage, timeout_seconds)
    if as_json:
        print_json(response)
        return
    console = Console()
    console.print(ranking_table(ranking_of(response), console.width))
    if min_coverage is None and response.basis.coverage < 0.5:
        console.print("Few contracts have a quote yet: --min-coverage 0.9 waits for more.", style="yellow")


async def scanned(
    scans: Scans, spec: ScanSpec, min_coverage: float | None, timeout_seconds: float
) -> RunScanResponse:
    """One ranking, with signs of life on the way."""
    with waiting(f"Scanning {spec.underlying}") as shown:
        if min_coverage is None:
            return await scans.run_scan(spec, timeout_seconds=timeout_seconds)
        return await _covered(scans, spec, min_coverage, timeout_seconds, shown)


def ranking_of(response: RunScanResponse) -> Ranking:
    """The same as the message that streams have."""
    return Ranking(
        market_time=response.market_time,
        surface=response.surface,
        candidates=response.candidates,
        basis=response.basis,
    )


async def _covered(
    scans: Scans, spec: ScanSpec, min_coverage: float, timeout_seconds: float, shown: Waiting
) -> RunScanResponse:
    deadline = time.monotonic() + timeout_seconds
    coverage = 0.0
    # The stream holds the market data lines until the scan has run.
    async with scans.stream_scan(spec) as stream:
        try:
            async with asyncio.timeout(timeout_seconds):
                async for event in stream:
                    if isinstance(event, RankingUpdate):
                        coverage = event.ranking.basis.coverage
                        _show(shown, event.ranking, min_coverage)
                        if coverage >= min_coverage:
                            break
        except TimeoutError:
            raise MeshError(
                grpc.StatusCode.DEADLINE_EXCEEDED,
                f"{percent(coverage)} of the contracts have a quote after {timeout_seconds:g} s, "
                f"{percent(min_coverage)} asked for; --timeout gives more time",
            ) from None
        left = max(1.0, deadline - time.monotonic())
        return await scans.run_scan(spec, min_coverage=min_coverage, timeout_seconds=left)


def _show(shown: Waiting, ranking: Ranking, min_coverage: float) -> None:
    basis = ranking.basis
    text = f"{basis.contracts_quoted:,} of {basis.contracts_asked:,} contracts quoted"
    shown.show(text, min(1.0, basis.coverage / min_coverage) if min_coverage else 1.0)

"""A mesh on a synthetic market with its live ranking, in one process tree."""

import asyncio

from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from spreadmesh_client.cli.run import client_telemetry
from spreadmesh_client.cli.scan_watch import scan_watch
from spreadmesh_client.cli.up import MeshOptions, run_for, started, until_signal


async def run_demo(options: MeshOptions, symbol: str, seconds: float | None) -> None:
    """Start, show, end."""
    await until_signal(_demo(options, symbol, seconds))


async def _demo(options: MeshOptions, symbol: str, seconds: float | None) -> None:
    async with started(options) as mesh, client_telemetry(mesh.trace_dir):
        watching = asyncio.ensure_future(
            scan_watch(mesh.plan.scan, ScanSpec(underlying=symbol), as_json=False)
        )
        lasting = asyncio.ensure_future(run_for(mesh, seconds))
        try:
            done, _ = await asyncio.wait([watching, lasting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (watching, lasting):
                task.cancel()
            await asyncio.wait([watching, lasting])
        for task in done:
            task.result()

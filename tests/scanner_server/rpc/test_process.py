"""`python -m scanner_server` as a process: it serves, ends on SIGTERM, and refuses bad settings."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import grpc
import pytest
from spreadmesh.scan.v1.catalogue_pb2 import ListStrategiesRequest
from spreadmesh.scan.v1.scan_service_pb2 import RunScanRequest, WatchScanRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from mesh.channel import open_channel
from mesh.errors import from_rpc_error
from tests.scanner_server.scripted_market import ScriptedMarket, serve_market

START_SECONDS = 90
STOP_SECONDS = 20


@asynccontextmanager
async def started(**environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scanner_server"),
        env=os.environ | {"PORT": "0", "LOG_FORMAT": "json", "DRAIN_SECONDS": "0"} | environment,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def address_of(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(START_SECONDS):
        while True:
            line = json.loads(await process.stderr.readline())
            if line["event"] == "serving":
                return line["address"]


async def test_serves_until_sigterm_and_tells_its_streams(market: ScriptedMarket) -> None:
    async with serve_market(market) as upstream, started(IBKR_SERVER=upstream) as process:
        async with open_channel(await address_of(process)) as channel:
            spec = ScanSpec(underlying="ACME")
            watching = ScanServiceStub(channel).WatchScan(WatchScanRequest(spec=spec), timeout=START_SECONDS)
            await market.opened()
            await market.until(lambda: len(market.stream.asked) > 0)
            market.stream.send_everything()
            assert (await watching.read()).ranking.candidates
            process.send_signal(signal.SIGTERM)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                async for _ in watching:
                    pass
        async with asyncio.timeout(STOP_SECONDS):
            _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert from_rpc_error(raised.value).retry_after_seconds is not None


async def test_starts_without_ibkr_server_and_stops_at_once() -> None:
    async with started(IBKR_SERVER="127.0.0.1:1") as process:
        async with open_channel(await address_of(process)) as channel:
            stub = ScanServiceStub(channel)
            assert (await stub.ListStrategies(ListStrategiesRequest(), timeout=START_SECONDS)).strategies
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await stub.RunScan(RunScanRequest(spec=ScanSpec(underlying="ACME")), timeout=START_SECONDS)
            assert from_rpc_error(raised.value).retry_after_seconds is not None
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            await process.communicate()
    assert process.returncode == 0


async def test_settings_that_cannot_be_used_are_named() -> None:
    async with started(FEED_CREDITS="17", SURFACE_INTERVAL="0") as process:
        async with asyncio.timeout(START_SECONDS):
            _, errors = await process.communicate()
    assert process.returncode == 2
    assert {line.partition(b":")[0] for line in errors.splitlines()} == {b"FEED_CREDITS", b"SURFACE_INTERVAL"}


async def test_a_port_in_use_ends_it_with_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with started(PORT=str(taken.getsockname()[1])) as process, asyncio.timeout(START_SECONDS):
            _, errors = await process.communicate()
    assert process.returncode == 1
    assert b"cannot listen on" in errors.splitlines()[-1]


async def test_presets_that_cannot_be_read_end_it_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "presets.sqlite3"
    file.write_text("not a database, and longer than a header of one, which has a hundred bytes" * 2)
    async with started(PRESETS_FILE=str(file)) as process, asyncio.timeout(START_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode == 1
    reason = json.loads(errors.splitlines()[-1])["reason"]
    assert reason == f"the presets in {file} can't be used: file is not a database"

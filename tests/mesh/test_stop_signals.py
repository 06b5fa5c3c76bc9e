"""A real server process, stopped by real signals."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVER = """
import asyncio
from mesh.server import serving
from mesh.settings import MeshSettings

async def main():
    async with serving(MeshSettings.load_or_exit(), []) as server:
        print(server.address, flush=True)
        await server.until_asked_to_stop()

asyncio.run(main())
"""


ASKED_AT_ONCE = """
import asyncio, os, signal
from mesh.server import serving
from mesh.settings import MeshSettings

async def main():
    async with serving(MeshSettings(drain_seconds=0), []) as server:
        os.kill(os.getpid(), signal.SIGTERM)
        await server.until_asked_to_stop()
    print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)

asyncio.run(main())
"""


async def start(drain_seconds: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"DRAIN_SECONDS": drain_seconds, "PORT": "0"},
    )


async def address_of(process: asyncio.subprocess.Process) -> str:
    while True:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
        if line.startswith("127.0.0.1:"):
            return line


@pytest.fixture
async def process(request: pytest.FixtureRequest) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await start(request.param)
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.mark.parametrize("process", ["0"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_cleanly_though_a_stream_is_open(process, number):
    async with grpc.aio.insecure_channel(await address_of(process)) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        process.send_signal(number)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        assert await asyncio.wait_for(process.wait(), 20) == 0
        assert await watch.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("process", ["10"], indirect=True)
async def test_a_second_signal_cuts_the_drain_short(process):
    async with grpc.aio.insecure_channel(await address_of(process)) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
        await watch.read()
        process.send_signal(signal.SIGTERM)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_a_signal_is_heard_as_soon_as_calls_are_accepted_and_not_after_the_end():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASKED_AT_ONCE, stdout=asyncio.subprocess.PIPE, env={}
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    assert printed.decode().splitlines()[-1] == "True"

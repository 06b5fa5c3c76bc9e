"""Small real servers on real channels, scripted by each test."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from spreadmesh.market.v1.market_data_service_pb2_grpc import add_MarketDataServiceServicer_to_server
from spreadmesh.scan.v1.scan_service_pb2_grpc import add_ScanServiceServicer_to_server

SPREADMESH: Final = [sys.executable, "-c", "from spreadmesh_client.cli import main; main()"]


class StreamCall:
    """One call of a bidirectional stream, as its server sees it."""

    def __init__(self, requests: Any, context: Any) -> None:
        self.context = context
        self._incoming = aiter(requests)
        self._next: asyncio.Future[Any] | None = None

    async def receive(self, seconds: float = 5) -> Any:
        """The next request; TimeoutError where none comes, and then it can still be received later."""
        self._next = self._next or asyncio.ensure_future(anext(self._incoming))
        request = await asyncio.wait_for(asyncio.shield(self._next), seconds)
        self._next = None
        return request

    async def send(self, response: Any) -> None:
        await self.context.write(response)

    async def until_cancelled(self) -> None:
        await asyncio.sleep(30)


class Scripted:
    """A servicer of both services. Each attribute is called for the RPC of that name.

    `stream` holds one coroutine function for each call of StreamScan or StreamQuotes; the last one serves
    the rest.
    """

    def __init__(self, *stream: Callable[[StreamCall], Awaitable[None]], **unary: Callable[..., Any]) -> None:
        self._stream = stream
        self.calls = 0
        self.cancelled = asyncio.Event()
        for name, behaviour in unary.items():
            setattr(self, name, behaviour)

    def __getattr__(self, name: str) -> Any:
        async def unimplemented(_request: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, name)

        return unimplemented

    async def StreamScan(self, requests: Any, context: Any) -> None:  # noqa: N802 - named by the contract
        await self._serve(StreamCall(requests, context))

    async def StreamQuotes(self, requests: Any, context: Any) -> None:  # noqa: N802 - named by the contract
        await self._serve(StreamCall(requests, context))

    async def _serve(self, call: StreamCall) -> None:
        self.calls += 1
        try:
            await self._stream[min(self.calls, len(self._stream)) - 1](call)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@asynccontextmanager
async def serve(servicer: Any, port: int = 0) -> AsyncIterator[str]:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    add_MarketDataServiceServicer_to_server(servicer, server)
    add_ScanServiceServicer_to_server(servicer, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        await server.stop(None)


@pytest.fixture(name="serve")
def serve_fixture() -> Any:
    return serve


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


class Up:
    """`spreadmesh up --json` as its own process; `mesh` is what it printed."""

    def __init__(self, state_dir: Path, *options: str) -> None:
        # One batch in a hundred is traced by itself: too few to wait for in a test.
        own = {"SPREADMESH_STATE_DIR": str(state_dir), "TRACE_BATCH_RATIO": "0.2"}
        environment = os.environ | own
        environment.pop("SPREADMESH_TRACE_DIR", None)
        self.errors = state_dir / "errors"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [*SPREADMESH, "up", "--json", "--port-base", "0", *options],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.errors.read_text())
        self.mesh = json.loads(line)

    @property
    def pids(self) -> list[int]:
        return list(self.mesh["pids"].values())

    def signal(self, number: int, seconds: float = 15) -> int:
        """Send a signal and give the exit status."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


class Commands:
    """Runs `spreadmesh` commands that find the mesh of a state folder."""

    def __init__(self, state_dir: Path) -> None:
        self.environment = {"SPREADMESH_STATE_DIR": str(state_dir), "COLUMNS": "150"}

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*SPREADMESH, *arguments],
            capture_output=True,
            text=True,
            timeout=90,
            env=os.environ | self.environment,
            check=False,
        )


def wait_until(condition: Callable[[], Any], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "too late"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Starts meshes; whatever is still running at the end is killed."""
    started: list[Up] = []

    def start(*options: str) -> Up:
        started.append(Up(tmp_path, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.signal(signal.SIGTERM)
        one.process.stdout.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A real mesh, and how to run commands that find it."""
    state_dir = tmp_path_factory.mktemp("state")
    mesh = Up(state_dir, "--symbols", "SPY", "--lines", "100", "--seed", "7")

    try:
        yield Commands(state_dir)
    finally:
        mesh.signal(signal.SIGTERM)
        mesh.process.stdout.close()


@pytest.fixture
def running_of() -> Callable[[list[int]], list[int]]:
    """Those of some process ids that still run."""
    return lambda pids: [pid for pid in pids if is_running(pid)]


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait for a condition, or fail."""
    return wait_until

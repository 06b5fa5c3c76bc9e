"""A real grpcurl against both servers: what an engineer types first."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Mesh, mesh_up

pytestmark = pytest.mark.tools

MARKET, SCAN = "spreadmesh.market.v1.MarketDataService", "spreadmesh.scan.v1.ScanService"
SPEC = {"spec": {"underlying": "SPY", "strategies": ["vertical"], "limit": 3}}


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh_up(tmp_path_factory.mktemp("state"), "--symbols", "SPY") as running:
        yield running


def grpcurl(address: str, *arguments: str, data: Any = None, seconds: int = 20) -> str:
    """What grpcurl prints; a stream ends with its deadline."""
    given = [] if data is None else ["-d", json.dumps(data)]
    command = [str(ROOT / ".tools/bin/grpcurl"), "-plaintext", "-max-time", str(seconds), *given, address]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=seconds + 10, check=False
    )
    assert done.returncode == 0 or "DeadlineExceeded" in done.stderr, done.stderr
    return done.stdout


def messages(output: str) -> list[Any]:
    """The messages of a stream, one JSON document after the other."""
    decoder, found, rest = json.JSONDecoder(), [], output.strip()
    while rest:
        message, end = decoder.raw_decode(rest)
        found.append(message)
        rest = rest[end:].lstrip()
    return found


@pytest.mark.parametrize(("server", "service"), [("market", MARKET), ("scan", SCAN)])
def test_list_describe_and_health(mesh: Mesh, server: str, service: str) -> None:
    address = mesh.addresses[server]
    listed = grpcurl(address, "list").split()
    assert {service, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"} <= set(listed)
    assert "grpc.reflection.v1alpha.ServerReflection" in listed
    assert f"service {service.rpartition('.')[2]}" in grpcurl(address, "describe", service)
    for name in ("", service):
        health = grpcurl(address, "grpc.health.v1.Health/Check", data={"service": name})
        assert json.loads(health) == {"status": "SERVING"}


def test_run_scan(mesh: Mesh) -> None:
    request = SPEC | {"min_coverage": 0.1}
    answer = json.loads(grpcurl(mesh.addresses["scan"], f"{SCAN}/RunScan", data=request))
    assert len(answer["candidates"]) == 3
    assert answer["surface"]["spot"] > 0


def test_watch_scan(mesh: Mesh) -> None:
    streamed = messages(grpcurl(mesh.addresses["scan"], f"{SCAN}/WatchScan", data=SPEC, seconds=5))
    rankings = [message["ranking"] for message in streamed if "ranking" in message]
    assert len(rankings) > 3
    assert rankings[0]["marketTime"] < rankings[-1]["marketTime"]


def test_watch_quotes(mesh: Mesh) -> None:
    request = {"symbols": ["SPY"]}
    streamed = messages(grpcurl(mesh.addresses["market"], f"{MARKET}/WatchQuotes", data=request, seconds=5))
    assert streamed[0]["confirmed"]["lines"][0]["state"] == "LINE_STATE_STREAMING"
    batch = next(message["batch"] for message in streamed if "batch" in message)
    assert 0 < batch["bid"][0] < batch["ask"][0]


def test_a_refusal_names_the_field(mesh: Mesh) -> None:
    command = [
        str(ROOT / ".tools/bin/grpcurl"),
        "-plaintext",
        "-d",
        '{"spec": {"underlying": "SPY", "limit": 5000}}',
    ]
    done = subprocess.run(
        [*command, mesh.addresses["scan"], f"{SCAN}/RunScan"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert "InvalidArgument" in done.stderr
    assert "spec.limit" in done.stderr

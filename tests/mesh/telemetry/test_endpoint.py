"""The port that Prometheus scrapes, over real sockets."""

import http.client
import socket
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.registry import Collector

from mesh.telemetry import endpoint
from mesh.telemetry.endpoint import MOST_AT_ONCE, MetricsEndpoint
from tests.exposed import parse, scrape
from tests.processes import free_port

HOST = "127.0.0.1"


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("answer", "To everything.", registry=registry).set(42)
    return registry


@pytest.fixture
def port(registry: CollectorRegistry) -> Iterator[int]:
    port = free_port()
    served = MetricsEndpoint(HOST, port, registry)
    yield port
    served.close()


def get(port: int, path: str = "/metrics", accept: str | None = None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    connection.request("GET", path, headers={"Accept": accept} if accept else {})
    response = connection.getresponse()
    return response.status, response.getheader("Content-Type", ""), response.read().decode()


def test_the_text_format_unless_openmetrics_is_accepted(port: int) -> None:
    status, kind, text = get(port)
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    assert "answer 42.0" in text
    status, kind, text = get(port, accept="application/openmetrics-text; version=1.0.0, text/plain; q=0.5")
    assert (status, kind.split(";")[0]) == (200, "application/openmetrics-text")
    assert parse(text).keys() == scrape(f"{HOST}:{port}").keys() == {"answer"}
    assert get(port, accept="text/html")[1].startswith("text/plain")


def test_there_is_nothing_else(port: int) -> None:
    assert get(port, "/metrics?name[]=answer")[0] == 200
    assert get(port, "/")[0] == get(port, "/metrics/../etc/passwd")[0] == 404
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    connection.request("POST", "/metrics", b"x")
    assert connection.getresponse().status == 501


def test_a_port_in_use_is_refused_in_words(port: int, registry: CollectorRegistry) -> None:
    with pytest.raises(OSError, match=f"cannot listen on {HOST}, port {port}, for metrics") as raised:
        MetricsEndpoint(HOST, port, registry)
    assert raised.value.strerror is not None


def test_who_says_nothing_takes_a_place_only_for_a_while(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(endpoint._Handler, "timeout", 1.5)
    silent = [socket.create_connection((HOST, port)) for _ in range(MOST_AT_ONCE)]
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        get(port)
    for connection in silent:
        assert connection.recv(1) == b""  # given up
    assert get(port)[0] == 200


def test_a_collector_that_fails_is_reported_and_the_next_scrape_works(
    registry: CollectorRegistry, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Collector):
        def collect(self) -> Iterator[object]:  # type: ignore[override]  # fails before it yields
            raise ValueError("no number")

    broken = Broken()
    registry.register(broken)
    with pytest.raises(http.client.RemoteDisconnected):
        get(port)
    assert "scrape failed" in caplog.text
    registry.unregister(broken)
    assert get(port)[0] == 200

"""A real Envoy, set up as Istio does by the policies of the chart: docs/kubernetes.md, service meshes."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import grpc
from spreadmesh_client.routing import UNDERLYING_KEY

PROGRAM: Final = Path(__file__).parents[3] / ".tools/venv/bin/envoy"
TYPES: Final = "type.googleapis.com/envoy.extensions"
HTTP: Final = "upstreams.http.v3.HttpProtocolOptions"
START_SECONDS: Final = 10.0
ANSWERED_BY: Final = "x-answered-by"
"""Header of each answer: the address of the server."""


@dataclass(frozen=True)
class Envoy:
    """A running one."""

    address: str
    admin: str

    def count(self, name: str) -> int:
        """A counter of Envoy's."""
        with urlopen(f"http://{self.admin}/stats?format=json&filter=^{name}$", timeout=5) as answer:
            (counter,) = json.load(answer)["stats"]
        return int(counter["value"])


@contextmanager
def envoy(folder: Path, port: int, admin_port: int, market: str, scanners: Sequence[str]) -> Iterator[Envoy]:
    """Runs inside the block, in front of ibkr_server and scanners at the addresses given."""
    running = Envoy(f"127.0.0.1:{port}", f"127.0.0.1:{admin_port}")
    file = folder / "envoy.json"
    file.write_text(json.dumps(bootstrap(running, market, scanners)))
    command = [PROGRAM, "--config-path", file, "--concurrency", "1", "--log-level", "error"]
    with subprocess.Popen([*command, "--base-id", str(port)]) as process:
        try:
            with grpc.insecure_channel(running.address) as channel:
                grpc.channel_ready_future(channel).result(START_SECONDS)
            yield running
        finally:
            process.terminate()


def bootstrap(own: Envoy, market: str, scanners: Sequence[str]) -> dict[str, Any]:
    """The configuration, as Envoy's API v3 has it."""
    reads = {"retry_on": "connect-failure,refused-stream", "num_retries": 1}
    hashed = [{"header": {"header_name": UNDERLYING_KEY}}]
    routes = [
        route("/spreadmesh.order.v1.", "orders"),
        route("/spreadmesh.market.v1.", "market", retry_policy=reads),
        route("/spreadmesh.scan.v1.", "scanners", hash_policy=hashed, retry_policy=reads),
    ]
    ring = {"lb_policy": "RING_HASH", "ring_hash_lb_config": {"minimum_ring_size": 1024}}
    clusters = [
        cluster("orders", [market]),
        cluster("market", [market]),
        cluster("scanners", scanners) | ring | {"health_checks": [health("spreadmesh.scan.v1.ScanService")]},
    ]
    resources = {"listeners": [listener(own.address, routes)], "clusters": clusters}
    return {"admin": {"address": socket(own.admin)}, "static_resources": resources}


def route(prefix: str, cluster_name: str, **policies: Any) -> dict[str, Any]:
    """Calls of one package. They may last as long as they like."""
    return {"match": {"prefix": prefix}, "route": {"cluster": cluster_name, "timeout": "0s"} | policies}


def listener(address: str, routes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The port for calls."""
    told = {"header": {"key": ANSWERED_BY, "value": "%UPSTREAM_REMOTE_ADDRESS%"}}
    hosts = [{"name": "all", "domains": ["*"], "routes": routes, "response_headers_to_add": [told]}]
    router = {"@type": f"{TYPES}.filters.http.router.v3.Router"}
    manager = {
        "@type": f"{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "calls",
        "codec_type": "HTTP2",
        "stream_idle_timeout": "0s",
        "route_config": {"virtual_hosts": hosts},
        "http_filters": [{"name": "router", "typed_config": router}],
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    return {"name": "calls", "address": socket(address), "filter_chains": [chain]}


def cluster(name: str, addresses: Sequence[str]) -> dict[str, Any]:
    """Servers of one kind. Each keeps its part of the ring, whatever its address is."""
    endpoints = [
        {
            "endpoint": {"address": socket(address)},
            "metadata": {"filter_metadata": {"envoy.lb": {"hash_key": f"{name}-{number}"}}},
        }
        for number, address in enumerate(addresses)
    ]
    http2 = {"@type": f"{TYPES}.{HTTP}", "explicit_http_config": {"http2_protocol_options": {}}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        "typed_extension_protocol_options": {f"envoy.extensions.{HTTP}": http2},
    }


def health(service: str) -> dict[str, Any]:
    """As Kubernetes asks whether a pod is ready, but more often."""
    every = {"timeout": "1s", "interval": "0.5s", "unhealthy_threshold": 1, "healthy_threshold": 1}
    quick = {"no_traffic_interval": "0.5s", "unhealthy_edge_interval": "0.5s"}
    return {"grpc_health_check": {"service_name": service}} | every | quick


def socket(address: str) -> dict[str, Any]:
    """An address as Envoy writes it."""
    host, _, port = address.rpartition(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}

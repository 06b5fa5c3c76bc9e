"""A simulator and both servers out of their images: nobody's processes, on a root that can't be written."""

import json
import time

import pytest

from tests.deployment.images.conftest import MARKET, QUICKLY, ROOT, Mesh
from tests.deployment.images.podman import PYTHON, running, until

pytestmark = pytest.mark.images

LOCAL = {"HOST": "127.0.0.1", "DRAIN_SECONDS": "0", "VOLATILITY_FILE": "", "PRESETS_FILE": "/tmp/presets"}
KERNELS = """
import json, pathlib, scanner_server.columns as columns
installed = next(pathlib.Path(columns.__file__).parent.glob("__pycache__/compiled-*"))
names = lambda folder: sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.nb?"))
print(json.dumps([str(columns.CACHE), names(installed), names(columns.CACHE)]))
"""


def test_the_health_checks_of_the_images_pass(mesh: Mesh) -> None:
    assert [part.is_healthy() for part in (mesh.simulator, mesh.market, mesh.scanner)] == [True] * 3


def test_metrics_are_where_prometheus_of_compose_looks(mesh: Mesh) -> None:
    told = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
    for name, container in (("ibkr-server", mesh.market), ("scanner-server", mesh.scanner)):
        port = told.partition(f'"{name}:')[2].partition('"')[0]
        read = (
            f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/metrics').read().decode())"
        )
        assert "spreadmesh_build_info" in container.run(PYTHON, "-c", read)


def test_the_root_can_not_be_written(mesh: Mesh) -> None:
    attempt = (
        "import pathlib\nfor folder in ('/', '/opt/spreadmesh', '/etc/spreadmesh', '/var/lib/spreadmesh'):\n"
    )
    attempt += (
        " try: (pathlib.Path(folder) / 'x').touch()\n except OSError as error: print(folder, error.errno)"
    )
    read_only = {"/": "30", "/opt/spreadmesh": "30", "/etc/spreadmesh": "30", "/var/lib/spreadmesh": "30"}
    found = mesh.scanner.run(PYTHON, "-c", attempt)
    assert dict(line.split() for line in found.splitlines()) == read_only


def test_a_scan_runs_through_all_of_them_with_no_loop_compiled_anew(mesh: Mesh) -> None:
    scan = json.loads(mesh.spreadmesh("scan", "SPY", *QUICKLY, "--json"))
    assert scan["candidates"]
    where, installed, in_use = json.loads(mesh.scanner.run(PYTHON, "-c", KERNELS))
    assert where.startswith("/tmp/.cache/spreadmesh/compiled-")
    assert len(installed) > 50
    assert in_use == installed


def test_orders_outlive_the_container(mesh: Mesh) -> None:
    chosen = ["--symbol", "SPY", "--strategy", "bull_put", *QUICKLY, "--from-scan", "1"]
    named = ["--client-order-id", "kept", "--yes", "--json"]
    placed = json.loads(mesh.spreadmesh("order", "place", *chosen, *named))
    status, seconds = mesh.market.stop()
    assert status == 0
    print(f"\nibkr-server ended after {seconds:.1f} s")
    began = time.monotonic()
    mesh.market.start()
    until("quotes again", 60, lambda: mesh.market.says_serving(7481, MARKET))
    print(f"ibkr-server ready {time.monotonic() - began:.1f} s after its start")
    shown = json.loads(mesh.spreadmesh("order", "show", "kept", "--json"))
    assert placed["client_order_id"] == shown["client_order_id"] == "kept"


@pytest.mark.parametrize("target", ["ibkr-server", "scanner-server"])
def test_beyond_its_loopback_a_server_wants_to_know_its_callers(target: str, images: tuple[str, ...]) -> None:
    with running(target, f"refused-{target}", options=["--network=none"]) as container:
        until("its end", 20, lambda: not container.is_running())
        assert container.exit_status() == 2
        assert "HOST: Value error, beyond this machine callers must be known" in container.log()


@pytest.mark.parametrize("target", ["tws-sim", "scanner-server"])
def test_sigterm_ends_it_well_while_it_starts(target: str, images: tuple[str, ...]) -> None:
    """As process 1, which a signal without a handler would not end."""
    with running(target, f"ended-{target}", environment=LOCAL, options=["--network=none"]) as container:
        until("its handler", 20, container.handles_sigterm)
        assert "serving" not in container.log()
        status, seconds = container.stop()
        assert status == 0, container.log()
        assert seconds < 20

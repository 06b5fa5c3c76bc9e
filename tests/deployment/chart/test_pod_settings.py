"""What the pods are told is what the servers understand."""

import json
from pathlib import Path

import pytest

from ibkr_server.settings import IbkrSettings
from mesh.access.keys import key_line, new_key
from mesh.access.roles import Role
from mesh.settings import MeshSettings
from scanner_server.settings import ScannerSettings
from tests.certificates import Authority, Mounted, issue
from tests.deployment.chart.rendering import CHART, Object, of_kind

pytestmark = pytest.mark.tools

SET_BY_THE_CHART = {
    "API_KEYS_FILE", "HEALTH_PORT", "HOST", "IBKR_SERVER", "IDENTITIES_FILE", "INSECURE", "JOURNAL",
    "LOG_FORMAT", "METRICS_PORT", "PORT", "PRESETS_FILE", "TWS_HOST", "TWS_PORT",
    "UNIVERSES", "VOLATILITY_FILE",
}  # fmt: skip


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """/etc/spreadmesh, with all that Secrets may bring along."""
    Mounted.at(tmp_path / "tls", issue(Authority(), "spiffe://cluster.local/ns/a/sa/b"))
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "keys").write_text(key_line("desk", Role.TRADER, new_key()) + "\n")
    (tmp_path / "access" / "identities").write_text("spiffe://cluster.local/ns/a/sa/b viewer\n")
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "api-key").write_text(new_key())
    (tmp_path / "universes").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("settings", "marker"), [(IbkrSettings, "TWS_HOST"), (ScannerSettings, "IBKR_SERVER")]
)
def test_a_server_takes_its_settings(
    found: list[Object],
    settings: type[MeshSettings],
    marker: str,
    mounted: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (config,) = [each["data"] for each in of_kind(found, "ConfigMap") if marker in each["data"]]
    for lists in (each["data"] for each in of_kind(found, "ConfigMap") if "universes.toml" in each["data"]):
        (mounted / "universes" / "universes.toml").write_text(lists["universes.toml"])
    known = {name.upper() for name in settings.model_fields}
    assert {name for name in config if not name.startswith("OTEL_")} <= known
    for name, value in config.items():
        monkeypatch.setenv(name, value.replace("/etc/spreadmesh", str(mounted)))
    read = settings.load()
    assert (read.host, read.port, read.health_port) == ("0.0.0.0", int(config["PORT"]), read.port + 80)
    assert read.metrics_port in (0, read.port + 90)
    assert read.is_encrypted or read.insecure in ("plaintext", "allowed")


@pytest.mark.parametrize(
    ("settings", "component"), [(IbkrSettings, "ibkrServer"), (ScannerSettings, "scanner")]
)
def test_the_schema_knows_every_setting(settings: type[MeshSettings], component: str) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    config = schema["properties"][component]["properties"]["config"]
    left_to_users = {name.upper() for name in settings.model_fields} - SET_BY_THE_CHART
    prefixes = ("OIDC_", "OTEL_", "SPREADMESH_", "TLS_")
    assert set(config["properties"]) == {name for name in left_to_users if not name.startswith(prefixes)}

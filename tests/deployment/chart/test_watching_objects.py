"""Alert rules and dashboards of the chart arrive as they are."""

import json

import pytest
import yaml

from tests.deployment.chart.rendering import CHART, chart, of_kind, one

pytestmark = pytest.mark.tools


def test_every_file_of_rules_becomes_an_object() -> None:
    written = [yaml.safe_load(file.read_text()) for file in sorted((CHART / "rules").glob("*.yaml"))]
    assert written
    objects = of_kind(chart("istio"), "PrometheusRule")
    specs = [each["spec"] for each in objects]
    assert sorted(map(json.dumps, specs)) == sorted(map(json.dumps, written))
    assert all(each["metadata"]["labels"]["release"] == "prometheus" for each in objects)


def test_every_dashboard_is_found_by_grafana() -> None:
    written = {file.name: json.loads(file.read_text()) for file in (CHART / "dashboards").glob("*.json")}
    assert written
    config_maps = of_kind(chart("istio"), "ConfigMap")
    maps = [each for each in config_maps if "-dashboard-" in each["metadata"]["name"]]
    assert all(each["metadata"]["labels"]["grafana_dashboard"] == "1" for each in maps)
    shown = {name: json.loads(text) for each in maps for name, text in each["data"].items()}
    assert shown == written


def test_both_servers_are_scraped() -> None:
    found = chart("istio")
    spec = one(found, "ServiceMonitor", "spreadmesh")["spec"]
    (endpoint,) = spec["endpoints"]
    wanted = spec["selector"]["matchLabels"].items()
    scraped = [
        each["metadata"]["name"]
        for each in of_kind(found, "Service")
        if wanted <= each["metadata"]["labels"].items()
        and endpoint["port"] in [port["name"] for port in each["spec"]["ports"]]
    ]
    assert sorted(scraped) == ["spreadmesh-ibkr-server", "spreadmesh-scanner"]

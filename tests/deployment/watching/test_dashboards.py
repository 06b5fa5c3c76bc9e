"""Dashboards are whole: each panel says what it shows, in which unit, and where its alert's runbook is."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.watching.files import DASHBOARD_FILES, anchors, dashboards, panels, rules
from tools.dashboards.__main__ import write

DASHBOARDS = dashboards()
PANELS = {
    f"{name}: {panel['title']}": panel
    for name, dashboard in DASHBOARDS.items()
    for panel in panels(dashboard)
}
EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in rules("alert")}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def test_the_files_are_fresh(tmp_path: Path) -> None:
    write(tmp_path)
    fresh = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert fresh == {file.name: file.read_text() for file in DASHBOARD_FILES}, "run make dashboards"


def test_there_is_one_for_each_topic() -> None:
    assert set(DASHBOARDS) == {"overview", "gateway", "flow-control", "scanner", "orders"}
    assert {dashboard["uid"] for dashboard in DASHBOARDS.values()} == {
        f"spreadmesh-{name}" for name in DASHBOARDS
    }


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_can_be_pointed_at_any_source_and_server(name: str) -> None:
    dashboard = DASHBOARDS[name]
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert {"job", "instance", "runbook"} < set(variables)
    assert dashboard["description"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert len({panel["title"] for panel in panels(dashboard)}) == len(panels(dashboard))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_no_panels_overlap(name: str) -> None:
    taken = [panel["gridPos"] for panel in DASHBOARDS[name]["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in taken)
    for one, other in combinations(taken, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS.keys())
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == SOURCE
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"] == SOURCE
        assert target["legendFormat"]
        assert 'job=~"$job", instance=~"$instance"' in target["expr"] or "ALERTS" in target["expr"]
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS.keys())
def test_latencies_show_their_traces(panel: dict[str, Any]) -> None:
    of_histogram = any("_bucket{" in target["expr"] for target in panel["targets"])
    assert any(target.get("exemplar", False) for target in panel["targets"]) or not of_histogram


@pytest.mark.parametrize(
    "panel", [p for p in PANELS.values() if "links" in p], ids=lambda panel: panel["title"]
)
def test_a_panel_turns_red_where_its_alert_fires(panel: dict[str, Any]) -> None:
    (link,) = panel["links"]
    alert = link["title"].removeprefix("What to do: ")
    assert link["url"] == f"${{runbook}}#{alert.lower()}"
    assert alert.lower() in anchors()
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    if len(steps) > 1:
        limit = steps[-1]["value"]
        spelled = {f"{limit:g}", *({"0"} if limit == 1 else set())}  # of whole numbers, 1 and more is above 0
        assert any(
            f"= {number}" in EXPRESSIONS[alert] or f"> {number}" in EXPRESSIONS[alert] for number in spelled
        )


def test_each_alert_can_be_seen_coming() -> None:
    linked = {
        link["title"].removeprefix("What to do: ") for p in PANELS.values() for link in p.get("links", [])
    }
    unseen = {"SpreadmeshServerMissing", "SpreadmeshCallsDenied"}
    assert set(EXPRESSIONS) - linked == unseen | {
        "SpreadmeshCertificateExpiring",
        "SpreadmeshCertificateExpired",
    }

"""The rules and dashboards of the chart, as they are delivered."""

import json
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[3]
RULE_FILES: Final = sorted((ROOT / "helm/spreadmesh/rules").glob("*.yaml"))
RULE_TESTS: Final = sorted((Path(__file__).parent / "rules").glob("*.test.yaml"))
DASHBOARD_FILES: Final = sorted((ROOT / "helm/spreadmesh/dashboards").glob("*.json"))
RUNBOOK: Final = ROOT / "docs/operations.md"


def rules(kind: str) -> list[dict[str, Any]]:
    """All rules of a kind, `alert` or `record`."""
    groups = [group for file in RULE_FILES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def dashboards() -> dict[str, dict[str, Any]]:
    """Dashboards by the name of their file."""
    return {file.stem: json.loads(file.read_text()) for file in DASHBOARD_FILES}


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """What shows something: all panels but the headings of rows."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def anchors() -> set[str]:
    """Of the headings of the runbook."""
    lines = RUNBOOK.read_text().splitlines()
    return {line.lstrip("#").strip().lower().replace(" ", "-") for line in lines if line.startswith("#")}

"""Each alert fires where it should, is silent beside it, and tells who gets it what to do."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployment.watching.files import ROOT, RULE_FILES, RULE_TESTS, anchors, rules

PROMTOOL = ROOT / ".tools/bin/promtool"
ALERTS = rules("alert")
NAMES = sorted({rule["alert"] for rule in ALERTS})

# The severities that are asked for; the others are ours to choose.
SEVERITIES = {
    "SpreadmeshGatewayDown": "critical",
    "SpreadmeshLinesNearlyUsedUp": "warning",
    "SpreadmeshQueueDeep": "warning",
    "SpreadmeshFillRateLow": "warning",
    "SpreadmeshGatewayErrors": "warning",
    "SpreadmeshThrottled": "info",
    "SpreadmeshScansSlow": "info",
}


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=60, check=False)


def cases(name: str) -> list[dict[str, Any]]:
    """Of the unit tests, those that look at an alert."""
    tests = [test for file in RULE_TESTS for test in yaml.safe_load(file.read_text())["tests"]]
    found = [case for test in tests for case in test.get("alert_rule_test", [])]
    return [case for case in found if case["alertname"] == name]


@pytest.mark.tools
@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.stem)
def test_prometheus_takes_the_rules(file: Path) -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.tools
@pytest.mark.parametrize("file", RULE_TESTS, ids=lambda file: file.name.removesuffix(".test.yaml"))
def test_rules_do_what_their_unit_tests_say(file: Path) -> None:
    done = promtool("test", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.tools
def test_a_unit_test_can_fail(tmp_path: Path) -> None:
    text = (RULE_TESTS[0].parent / "gateway.test.yaml").read_text()
    changed = text.replace("../../../../helm", str(ROOT / "helm")).replace(
        "{eval_time: 2m45s", "{eval_time: 3m"
    )
    (tmp_path / "gateway.test.yaml").write_text(changed)
    done = promtool("test", "rules", tmp_path / "gateway.test.yaml")
    assert done.returncode != 0
    assert "exp:[]" in done.stdout + done.stderr


def test_each_file_of_rules_has_unit_tests() -> None:
    tested = {name for file in RULE_TESTS for name in yaml.safe_load(file.read_text())["rule_files"]}
    assert {Path(name).name for name in tested} == {file.name for file in RULE_FILES}


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_has_a_case_that_fires_and_one_that_does_not(name: str) -> None:
    assert {bool(case["exp_alerts"]) for case in cases(name)} == {True, False}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"info", "warning", "critical"}
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operations.md"
    assert anchor == alert["alert"].lower()
    assert anchor in anchors()
    assert "$value" in alert["annotations"]["description"]
    assert len(alert["annotations"]["summary"]) < 80


def test_severities_are_those_agreed_on() -> None:
    found = {rule["alert"]: rule["labels"]["severity"] for rule in ALERTS}
    assert SEVERITIES.items() <= found.items()


def test_the_runbook_tells_of_no_alert_that_is_gone() -> None:
    assert sorted(anchor for anchor in anchors() if anchor.startswith("spreadmesh")) == sorted(
        name.lower() for name in NAMES
    )

"""Refusals are counted by limit, each from zero, so that a rate shows the first one too."""

import ast
from pathlib import Path

import pytest

from ibkr_server.risk import refusal as module
from ibkr_server.risk.refusal import REFUSED, refusal
from ibkr_server.risk.rules import Violation
from mesh.telemetry.counts import Counts

FOLDER = Path(module.__file__).parent


def test_every_limit_is_counted() -> None:
    calls = [
        node
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Violation"
    ]
    limits = {name.value for call in calls if isinstance(name := call.args[0], ast.Constant)}
    assert len(calls) > len(limits) > 10
    assert limits == set(REFUSED)


def test_a_refusal_counts_once_for_each_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Counts("NO_QUOTE", "MAX_LOSS", "COLLAR")
    monkeypatch.setattr(module, "REFUSED", counts)
    refusal([Violation("NO_QUOTE", "contract 1", ""), Violation("NO_QUOTE", "contract 2", "")])
    refusal([Violation("NO_QUOTE", "contract 1", ""), Violation("MAX_LOSS", "order", "")])
    assert {limit: counts[limit] for limit in counts} == {"NO_QUOTE": 2, "MAX_LOSS": 1, "COLLAR": 0}

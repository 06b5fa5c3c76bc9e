"""Presets and lists by command, against a real mesh."""

from typing import Any

import pytest
from google.protobuf.json_format import Parse
from spreadmesh.scan.v1.catalogue_pb2 import ListFiguresResponse, ListStrategiesResponse
from spreadmesh.scan.v1.preset_service_pb2 import ListPresetsResponse, Preset
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client.view.preset_text import spec_lines


def succeeded(run: Any) -> str:
    assert run.returncode == 0, run.stderr
    output: str = run.stdout
    return output


def names(running: Any) -> list[str]:
    listed = Parse(succeeded(running("presets", "list", "--json")), ListPresetsResponse())
    return [preset.name for preset in listed.presets]


def test_a_preset_is_saved_used_and_deleted(running: Any) -> None:
    options = ["--strategy", "bull_put", "--max-dte", "20", "--min-pop", "0.5", "--limit", "2"]
    weights = ["--weight", "delta=3", "--weight", "liquidity=1"]
    saved = succeeded(running("presets", "save", "mine", *options, *weights, "--summary", "Near ones."))
    assert saved.splitlines()[:2] == ["Saved mine", "Near ones."]
    assert "Replaced mine" in succeeded(running("presets", "save", "mine", *options, *weights))
    assert names(running) == ["balanced", "conservative", "aggressive", "mine"]

    shown = Parse(succeeded(running("presets", "show", "mine", "--json")), Preset())
    assert (shown.spec.weights.delta, shown.spec.weights.vega, shown.spec.limit) == (3, 0, 2)
    text = succeeded(running("presets", "show", "mine"))
    assert all(line in text for line in spec_lines(shown.spec))
    assert "weights: liquidity 1, delta 3" in text

    scan = ("scan", "SPY", "--preset", "mine", "--min-coverage", "0.9", "--json")
    response = Parse(succeeded(running(*scan)), RunScanResponse())
    assert [candidate.strategy for candidate in response.candidates] == ["bull_put"] * 2
    for candidate in response.candidates:
        assert candidate.days_to_expiration <= 20
        parts = candidate.score_parts
        assert candidate.score == pytest.approx((3 * parts.delta + parts.liquidity) / 4)
    own = Parse(succeeded(running(*scan, "--strategy", "bear_call", "--limit", "1")), RunScanResponse())
    assert [candidate.strategy for candidate in own.candidates] == ["bear_call"]

    assert "Deleted mine" in succeeded(running("presets", "delete", "mine"))
    assert names(running) == ["balanced", "conservative", "aggressive"]


def test_the_mesh_keeps_presets_in_its_state_folder(running: Any) -> None:
    succeeded(running("presets", "save", "kept"))
    folder = running.environment["SPREADMESH_STATE_DIR"]
    with open(f"{folder}/presets.sqlite3", "rb") as file:
        assert file.read(15) == b"SQLite format 3"
    succeeded(running("presets", "delete", "kept"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "SPY", "--preset", "nope"], "spec.preset: preset nope"),
        (["presets", "show", "nope"], "preset nope"),
        (["presets", "delete", "nope"], "preset nope"),
        (["presets", "save", "Nope!"], "preset.name: must be"),
        (["presets", "save", "balanced"], "built in"),
        (["presets", "delete", "balanced"], "built in"),
        (["presets", "save", "a", "--preset", "balanced"], "preset.spec.preset: must be empty"),
        (["presets", "save", "a", "--where", "nope>=1"], "preset.spec.filters.figures[0].figure"),
    ],
    ids=lambda value: "-".join(value[:3]) if isinstance(value, list) else "",
)
def test_a_refusal_names_the_field_in_one_line(running: Any, arguments: list[str], said: str) -> None:
    run = running(*arguments)
    assert (run.returncode, run.stdout) == (1, "")
    assert said in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--weight", "delta"], ["--weight", "x=1"], ["--weight", "delta=x"]])
def test_a_weight_of_another_form_is_bad_usage(running: Any, arguments: list[str]) -> None:
    run = running("scan", "SPY", *arguments)
    assert run.returncode == 2
    assert "is not" in run.stderr


@pytest.mark.parametrize(
    ("option", "command", "message"),
    [
        ("--list-strategies", "strategies", ListStrategiesResponse),
        ("--list-figures", "figures", ListFiguresResponse),
    ],
)
def test_a_scan_lists_what_the_command_lists(running: Any, option: str, command: str, message: Any) -> None:
    assert succeeded(running("scan", option)) == succeeded(running(command))
    listed = Parse(succeeded(running("scan", option, "--json")), message())
    assert listed == Parse(succeeded(running(command, "--json")), message())
    assert listed != message()


def test_two_lists_at_once_are_bad_usage(running: Any) -> None:
    assert running("scan", "--list-strategies", "--list-figures").returncode == 2


def test_nothing_is_said_of_an_empty_spec() -> None:
    assert spec_lines(ScanSpec()) == ["nothing: all is left to the defaults"]

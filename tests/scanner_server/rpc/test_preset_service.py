"""Presets through a real channel: kept over a restart, used by scans, refused by field."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, PreconditionFailure, QuotaFailure, ResourceInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from spreadmesh.scan.v1.preset_service_pb2 import (
    DeletePresetRequest,
    GetPresetRequest,
    ListPresetsRequest,
    Preset,
    SavePresetRequest,
)
from spreadmesh.scan.v1.preset_service_pb2_grpc import PresetServiceStub
from spreadmesh.scan.v1.scan_service_pb2 import ChangeScan, OpenScan, RunScanRequest, StreamScanRequest
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import FigureRange, Range, ScanFilters, ScanSpec, ScoreWeights

from mesh.channel import open_channel
from mesh.errors import MeshError, from_rpc_error
from mesh.server import RunningServer
from scanner_server.app import PRESET_SERVICE, running
from scanner_server.presets import presets as presets_module
from scanner_server.settings import ScannerSettings
from tests.scanner_server.conversation import Conversation
from tests.scanner_server.scripted_market import ScriptedMarket

TIMEOUT = 20
MINE = Preset(
    name="mine",
    summary="Cheap ones.",
    spec=ScanSpec(strategies=["bull_call"], limit=3, weights=ScoreWeights(return_on_risk=1), rank_by="width"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presets.sqlite3"


@pytest.fixture
def changed_settings(path: Path) -> dict[str, Any]:
    return {"presets_file": path}


@pytest.fixture
async def presets(server: RunningServer) -> AsyncIterator[PresetServiceStub]:
    async with open_channel(server.address) as channel:
        yield PresetServiceStub(channel)


async def refusal_of(call: Any) -> MeshError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return from_rpc_error(raised.value)


def detail(error: MeshError, kind: Any) -> Any:
    (found,) = (each for each in error.details if isinstance(each, kind))
    return found


def field_of(error: MeshError) -> str:
    field: str = detail(error, BadRequest).field_violations[0].field
    return field


async def save(presets: PresetServiceStub, preset: Preset) -> Any:
    return await presets.SavePreset(SavePresetRequest(preset=preset), timeout=TIMEOUT)


async def names(presets: PresetServiceStub) -> list[str]:
    listed = await presets.ListPresets(ListPresetsRequest(), timeout=TIMEOUT)
    return [preset.name for preset in listed.presets]


async def test_a_preset_is_saved_shown_replaced_and_deleted(presets: PresetServiceStub) -> None:
    assert not (await save(presets, MINE)).replaced
    again = await save(presets, MINE)
    assert (again.replaced, again.preset) == (True, MINE)
    assert await names(presets) == ["balanced", "conservative", "aggressive", "mine"]
    assert (await presets.GetPreset(GetPresetRequest(name="mine"), timeout=TIMEOUT)).preset == MINE
    assert (await presets.DeletePreset(DeletePresetRequest(name="mine"), timeout=TIMEOUT)).preset == MINE
    error = await refusal_of(presets.GetPreset(GetPresetRequest(name="mine"), timeout=TIMEOUT))
    assert (error.code, field_of(error)) == (grpc.StatusCode.NOT_FOUND, "name")
    assert detail(error, ResourceInfo).resource_name == "mine"


async def test_it_is_there_after_a_restart_and_healthy_without_a_feed(path: Path) -> None:
    for expected in (False, True):
        settings = ScannerSettings(port=0, drain_seconds=0, ibkr_server="127.0.0.1:1", presets_file=path)
        async with running(settings) as server, open_channel(server.address) as channel:
            assert (await save(PresetServiceStub(channel), MINE)).replaced is expected
            request = health_pb2.HealthCheckRequest(service=PRESET_SERVICE)
            health = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=TIMEOUT)
            assert health.status == health_pb2.HealthCheckResponse.SERVING


async def scanned(scans: ScanServiceStub, market: ScriptedMarket, spec: ScanSpec) -> Any:
    """The first answer, which needs quotes; later ones find them in the book."""
    call = scans.RunScan(RunScanRequest(spec=spec, min_coverage=1.0), timeout=TIMEOUT)
    await market.until(lambda: len(market.stream.asked) > 0)
    market.stream.send_everything()
    return await call


async def scanned_again(scans: ScanServiceStub, spec: ScanSpec) -> Any:
    return await scans.RunScan(RunScanRequest(spec=spec, min_coverage=1.0), timeout=TIMEOUT)


def con_ids(response: Any) -> list[list[int]]:
    return [[leg.con_id for leg in candidate.legs] for candidate in response.candidates]


async def test_a_scan_goes_by_its_preset_and_what_it_gives_wins(
    presets: PresetServiceStub, scans: ScanServiceStub, market: ScriptedMarket
) -> None:
    await save(presets, MINE)
    by_preset = await scanned(scans, market, ScanSpec(underlying="ACME", preset="mine"))
    spelled = ScanSpec(underlying="ACME", preset="")
    spelled.MergeFrom(MINE.spec)
    in_full = await scanned_again(scans, spelled)
    assert len(by_preset.candidates) == 3
    assert {candidate.strategy for candidate in by_preset.candidates} == {"bull_call"}
    assert con_ids(by_preset) == con_ids(in_full)
    own = ScanSpec(underlying="ACME", preset="mine", strategies=["bear_put"], limit=1)
    (only,) = (await scanned_again(scans, own)).candidates
    assert only.strategy == "bear_put"


async def test_a_stream_takes_another_preset_on_the_way(
    presets: PresetServiceStub, conversation: Conversation, market: ScriptedMarket
) -> None:
    await save(presets, MINE)
    call = conversation.call
    opening = OpenScan(
        spec=ScanSpec(underlying="ACME", preset="aggressive"), credits=9, min_interval_seconds=0
    )
    await call.write(StreamScanRequest(open=opening))
    await market.until(lambda: len(market.stream.asked) > 0)
    market.stream.send_everything()
    await call.write(StreamScanRequest(change=ChangeScan(spec=ScanSpec(underlying="ACME", preset="mine"))))
    while True:
        snapshot = (await call.read()).snapshot
        if {candidate.strategy for candidate in snapshot.candidates} == {"bull_call"}:
            break
    await call.write(StreamScanRequest(change=ChangeScan(spec=ScanSpec(underlying="ACME", preset="nope"))))

    async def rest() -> None:
        while await call.read():
            pass

    error = await refusal_of(rest())
    assert (error.code, field_of(error)) == (grpc.StatusCode.NOT_FOUND, "change.spec.preset")


@pytest.mark.parametrize("is_changed", [False, True])
async def test_a_resumed_stream_is_told_by_what_the_preset_stands_for(
    presets: PresetServiceStub, scans: ScanServiceStub, market: ScriptedMarket, is_changed: bool
) -> None:
    await save(presets, MINE)
    first = Conversation(scans)
    await first.open(ScanSpec(underlying="ACME", preset="mine"))
    await market.until(lambda: len(market.stream.asked) > 0)
    market.stream.send_everything()
    last = await first.hear_ranking()
    if is_changed:
        await save(presets, mine(spec=ScanSpec(limit=1)))
        spec = ScanSpec(underlying="ACME", preset="mine")
    else:
        spec = ScanSpec(underlying="ACME")
        spec.MergeFrom(MINE.spec)
    again = Conversation(scans)
    await again.open(spec, resume_epoch=last.epoch, resume_sequence=last.sequence)
    if is_changed:
        assert (await refusal_of(again.hear())).code is grpc.StatusCode.OUT_OF_RANGE
    else:
        assert (await again.hear_ranking()).delta.previous_sequence == last.sequence
        again.call.cancel()


def mine(**fields: Any) -> Preset:
    return Preset(**({"name": "mine"} | fields))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (mine(name=""), "preset.name"),
        (mine(name="a" * 65), "preset.name"),
        (mine(name="Mine"), "preset.name"),
        (mine(name="mine\n"), "preset.name"),
        (mine(summary="a\x00b"), "preset.summary"),
        (mine(summary="a" * 201), "preset.summary"),
        (mine(spec=ScanSpec(underlying="ACME")), "preset.spec.underlying"),
        (mine(spec=ScanSpec(preset="balanced")), "preset.spec.preset"),
        (
            mine(spec=ScanSpec(filters=ScanFilters(expirations=["2026-03-20"]))),
            "preset.spec.filters.expirations",
        ),
        (mine(spec=ScanSpec(limit=0)), "preset.spec.limit"),
        (mine(spec=ScanSpec(slippage=float("nan"))), "preset.spec.slippage"),
        (
            mine(spec=ScanSpec(filters=ScanFilters(figures=[FigureRange(figure="beauty", range=Range())]))),
            "preset.spec.filters.figures[0].figure",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_kept_is_refused_by_field(
    presets: PresetServiceStub, wrong: Preset, field: str
) -> None:
    error = await refusal_of(save(presets, wrong))
    assert (error.code, field_of(error)) == (grpc.StatusCode.INVALID_ARGUMENT, field)
    assert await names(presets) == ["balanced", "conservative", "aggressive"]


@pytest.mark.parametrize(
    ("name", "code"), [("nope", grpc.StatusCode.NOT_FOUND), ("No!", grpc.StatusCode.INVALID_ARGUMENT)]
)
async def test_a_scan_by_an_unknown_preset_is_refused(
    scans: ScanServiceStub, name: str, code: grpc.StatusCode
) -> None:
    request = RunScanRequest(spec=ScanSpec(underlying="ACME", preset=name))
    error = await refusal_of(scans.RunScan(request, timeout=TIMEOUT))
    assert (error.code, field_of(error)) == (code, "spec.preset")


async def test_those_built_in_stay(presets: PresetServiceStub) -> None:
    before = (await presets.GetPreset(GetPresetRequest(name="balanced"), timeout=TIMEOUT)).preset
    for call in (
        save(presets, mine(name="balanced")),
        presets.DeletePreset(DeletePresetRequest(name="balanced"), timeout=TIMEOUT),
    ):
        error = await refusal_of(call)
        assert error.code is grpc.StatusCode.FAILED_PRECONDITION
        assert detail(error, PreconditionFailure).violations[0].type == "BUILT_IN_PRESET"
    assert (await presets.GetPreset(GetPresetRequest(name="balanced"), timeout=TIMEOUT)).preset == before


@pytest.mark.parametrize("changed_settings", [{}])
async def test_without_a_file_nothing_is_saved_and_that_is_told(presets: PresetServiceStub) -> None:
    error = await refusal_of(save(presets, MINE))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert "PRESETS_FILE" in error.message
    assert await names(presets) == ["balanced", "conservative", "aggressive"]


async def test_too_many_are_refused_without_a_promise(presets: PresetServiceStub) -> None:
    for number in range(presets_module.MOST_SAVED):
        await save(presets, mine(name=f"n{number}"))
    error = await refusal_of(save(presets, MINE))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert [type(each) for each in error.details] == [QuotaFailure]
    assert (await save(presets, mine(name="n7"))).replaced


async def test_a_file_that_is_locked_or_gone_is_told(presets: PresetServiceStub, path: Path) -> None:
    await save(presets, MINE)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = await refusal_of(save(presets, MINE))
        other.execute("COMMIT")
    assert (error.code, error.retry_after_seconds) == (grpc.StatusCode.UNAVAILABLE, 1)
    assert "locked" in error.message
    for left in path.parent.iterdir():
        left.unlink()
    assert (await refusal_of(save(presets, MINE))).code is grpc.StatusCode.UNAVAILABLE


async def test_a_preset_that_this_version_cannot_use_says_so(
    presets: PresetServiceStub, scans: ScanServiceStub, path: Path
) -> None:
    await save(presets, MINE)
    with sqlite3.connect(path) as other:
        spec = ScanSpec(strategies=["moonshot"]).SerializeToString()
        other.execute("UPDATE presets SET spec = ?", (spec,))
    request = RunScanRequest(spec=ScanSpec(underlying="ACME", preset="mine", strategies=["vertical"]))
    error = await refusal_of(scans.RunScan(request, timeout=TIMEOUT))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert "spec.strategies[0]" in error.message

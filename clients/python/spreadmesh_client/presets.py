"""Calls of spreadmesh.scan.v1.PresetService."""

from collections.abc import Sequence

import grpc
from spreadmesh.scan.v1.preset_service_pb2 import (
    DeletePresetRequest,
    GetPresetRequest,
    ListPresetsRequest,
    Preset,
    SavePresetRequest,
    SavePresetResponse,
)
from spreadmesh.scan.v1.preset_service_pb2_grpc import PresetServiceStub

from mesh.resilience.retry_budget import RetryBudget
from spreadmesh_client.unary import READ_TIMEOUT_SECONDS, read, write


class Presets:
    """Specs under a name, for `ScanSpec.preset`. Every call raises MeshError with the server's details."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = PresetServiceStub(channel)
        self._budget = RetryBudget()

    async def list_presets(self, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Sequence[Preset]:
        """Those built in, then the saved ones in alphabetical order."""
        response = await read(self._stub.ListPresets, ListPresetsRequest(), timeout_seconds, self._budget)
        return response.presets

    async def get_preset(self, name: str, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Preset:
        """One preset."""
        request = GetPresetRequest(name=name)
        return (await read(self._stub.GetPreset, request, timeout_seconds, self._budget)).preset

    async def save_preset(
        self, preset: Preset, *, timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> SavePresetResponse:
        """Save a preset, also over one saved before."""
        return await write(self._stub.SavePreset, SavePresetRequest(preset=preset), timeout_seconds)

    async def delete_preset(self, name: str, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Preset:
        """Delete a saved preset, and give it back."""
        request = DeletePresetRequest(name=name)
        return (await write(self._stub.DeletePreset, request, timeout_seconds)).preset

"""PresetService: presets listed, shown, saved and deleted."""

from typing import Any

import grpc
from spreadmesh.scan.v1 import preset_service_pb2_grpc
from spreadmesh.scan.v1.preset_service_pb2 import (
    DeletePresetRequest,
    DeletePresetResponse,
    GetPresetRequest,
    GetPresetResponse,
    ListPresetsRequest,
    ListPresetsResponse,
    SavePresetRequest,
    SavePresetResponse,
)

from scanner_server.presets.presets import Presets

Context = grpc.aio.ServicerContext[Any, Any]


class PresetServicer(preset_service_pb2_grpc.PresetServiceServicer):
    """Messages in, messages out."""

    def __init__(self, presets: Presets) -> None:
        self._presets = presets

    async def ListPresets(self, request: ListPresetsRequest, context: Context) -> ListPresetsResponse:  # noqa: N802 - the RPC's name
        """All presets."""
        return ListPresetsResponse(presets=await self._presets.all())

    async def GetPreset(self, request: GetPresetRequest, context: Context) -> GetPresetResponse:  # noqa: N802 - the RPC's name
        """One preset."""
        return GetPresetResponse(preset=await self._presets.get(request.name, "name"))

    async def SavePreset(self, request: SavePresetRequest, context: Context) -> SavePresetResponse:  # noqa: N802 - the RPC's name
        """Keep a preset."""
        preset, replaced = await self._presets.save(request.preset)
        return SavePresetResponse(preset=preset, replaced=replaced)

    async def DeletePreset(self, request: DeletePresetRequest, context: Context) -> DeletePresetResponse:  # noqa: N802 - the RPC's name
        """Remove a saved preset."""
        return DeletePresetResponse(preset=await self._presets.delete(request.name))

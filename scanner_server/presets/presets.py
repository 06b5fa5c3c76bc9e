"""Presets by name, and what a spec that names one asks for."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Final, TypeVar

import grpc
from google.rpc.error_details_pb2 import BadRequest, QuotaFailure
from spreadmesh.scan.v1 import spec_pb2
from spreadmesh.scan.v1.preset_service_pb2 import Preset

from mesh.errors import MeshError, failed_precondition, not_found, unavailable
from mesh.logging import get_logger
from scanner_server.filters.spec import ScanSpec
from scanner_server.presets.built_in import BUILT_IN
from scanner_server.presets.checks import check_name, check_spec, checked
from scanner_server.presets.file import PresetFile, TooManyPresets
from scanner_server.presets.merge import overlaid
from scanner_server.translation.spec import scan_spec_of

MOST_SAVED: Final = 256
RETRY_AFTER_SECONDS: Final = 1.0

Result = TypeVar("Result")

log = get_logger(__name__)


class Presets:
    """Those built in, and those of a file, which is used in threads. A cancelled save may still be kept."""

    def __init__(self, file: PresetFile | None) -> None:
        """Without a file there are only those built in."""
        self._file = file

    def __repr__(self) -> str:
        return f"<Presets {self._file}>"

    async def all(self) -> list[Preset]:
        """Those built in, then the saved ones by name."""
        saved = [] if self._file is None else await _in_thread(self._file.all)
        return [*BUILT_IN.values(), *saved]

    async def get(self, name: str, field: str) -> Preset:
        """The preset that a request names in `field`.

        Raises:
            MeshError: INVALID_ARGUMENT for what is no name, NOT_FOUND; UNAVAILABLE with the file.
        """
        check_name(name, field)
        found = BUILT_IN.get(name)
        if found is None and self._file is not None:
            file = self._file
            found = await _in_thread(lambda: file.get(name))
        if found is None:
            raise _unknown(name, field)
        return found

    async def save(self, given: Preset) -> tuple[Preset, bool]:
        """Keep a preset; gives it as it is kept, and whether it took the place of another.

        Raises:
            MeshError: INVALID_ARGUMENT naming the field at fault; FAILED_PRECONDITION for the name of one
                built in or without a file; RESOURCE_EXHAUSTED where there are MOST_SAVED; UNAVAILABLE.
        """
        preset = checked(given)
        file = self._changeable(preset.name)
        try:
            return preset, await _in_thread(lambda: file.save(preset, MOST_SAVED))
        except TooManyPresets:
            raise _too_many() from None

    async def delete(self, name: str) -> Preset:
        """Remove a saved preset and give it back.

        Raises:
            MeshError: INVALID_ARGUMENT, FAILED_PRECONDITION and UNAVAILABLE as above; NOT_FOUND.
        """
        check_name(name, "name")
        file = self._changeable(name)
        found = await _in_thread(lambda: file.delete(name))
        if found is None:
            raise _unknown(name, "name")
        return found

    async def resolved(self, given: spec_pb2.ScanSpec, path: str) -> ScanSpec:
        """What a spec at `path` of its request asks for, with its preset.

        Raises:
            MeshError: INVALID_ARGUMENT naming the field at fault; NOT_FOUND for an unknown preset;
                FAILED_PRECONDITION for one that this version can't use; UNAVAILABLE with the file.
        """
        own = scan_spec_of(given, path)
        if not given.preset:
            return own
        preset = await self.get(given.preset, f"{path}.preset")
        try:
            check_spec(preset.spec, "spec")
        except MeshError as error:
            raise failed_precondition("PRESET", preset.name, f"can't be used: {error.message}") from None
        return scan_spec_of(overlaid(preset.spec, given, own.ranges), path)

    def _changeable(self, name: str) -> PresetFile:
        if name in BUILT_IN:
            raise failed_precondition("BUILT_IN_PRESET", name, "is built in and can't be changed")
        if self._file is None:
            raise failed_precondition(
                "PRESETS_FILE", name, "the server has no PRESETS_FILE to keep presets in"
            )
        return self._file


async def _in_thread(work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.to_thread(work)
    except sqlite3.OperationalError as error:
        log.warning("presets can't be used", error=str(error))
        raise unavailable(f"the file of presets can't be used: {error}", RETRY_AFTER_SECONDS) from error


def _unknown(name: str, field: str) -> MeshError:
    error = not_found("preset", name, "there is none of this name; see ListPresets")
    violation = BadRequest.FieldViolation(field=field, description=error.message)
    return MeshError(error.code, error.message, *error.details, BadRequest(field_violations=[violation]))


def _too_many() -> MeshError:
    """Without RetryInfo: only a deletion helps."""
    description = f"{MOST_SAVED} are saved, as many as can be kept; delete one"
    violation = QuotaFailure.Violation(subject="presets", description=description)
    return MeshError(
        grpc.StatusCode.RESOURCE_EXHAUSTED, f"presets: {description}", QuotaFailure(violations=[violation])
    )

"""What may be saved as a preset."""

import re
from typing import Final

from spreadmesh.scan.v1.preset_service_pb2 import Preset
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from mesh.errors import invalid_argument
from scanner_server.translation.spec import scan_spec_of

LONGEST_SUMMARY: Final = 200
_NAME: Final = re.compile(r"[a-z0-9-]{1,64}")
# Stands for the underlying that a preset leaves open while the rest is checked.
_ANY: Final = "ANY"


def check_name(name: str, field: str) -> None:
    """Refuse what cannot be the name of a preset.

    Raises:
        MeshError: INVALID_ARGUMENT naming `field`.
    """
    if not _NAME.fullmatch(name):
        raise invalid_argument(field, 'must be 1 to 64 of a-z, 0-9 and "-"')


def checked(preset: Preset) -> Preset:
    """A preset as it can be kept.

    Raises:
        MeshError: INVALID_ARGUMENT naming the field at fault, from `preset` on.
    """
    check_name(preset.name, "preset.name")
    if len(preset.summary) > LONGEST_SUMMARY:
        raise invalid_argument("preset.summary", f"must have at most {LONGEST_SUMMARY} characters")
    spec = preset.spec
    left_open = {
        "underlying": (spec.underlying, "must be empty: the caller names it"),
        "preset": (spec.preset, "must be empty: presets do not stand on each other"),
        "filters.expirations": (
            spec.filters.expirations,
            "must be empty: dates pass; bound days_to_expiration",
        ),
    }
    for field, (value, description) in left_open.items():
        if value:
            raise invalid_argument(f"preset.spec.{field}", description)
    kept = Preset(name=preset.name, summary=preset.summary, spec=spec)
    kept.DiscardUnknownFields()
    check_spec(kept.spec, "preset.spec")
    return kept


def check_spec(spec: ScanSpec, path: str) -> None:
    """Refuse the spec of a preset that no scan could be asked for with.

    Raises:
        MeshError: INVALID_ARGUMENT naming the field at fault, from `path` on.
    """
    whole = ScanSpec()
    whole.CopyFrom(spec)
    whole.underlying = _ANY
    scan_spec_of(whole, path)

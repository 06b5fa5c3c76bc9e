"""What scan requests ask for, checked."""

from spreadmesh.scan.v1.scan_service_pb2 import OpenScan, StreamScanRequest, WatchScanRequest
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from mesh.errors import invalid_argument
from scanner_server.live.scanner import Asked
from scanner_server.presets.presets import Presets
from scanner_server.streams.scan_stream import MOST_CREDITS

DEFAULT_INTERVAL_SECONDS = 0.25
LONGEST_INTERVAL_SECONDS = 60.0


async def asked_by(spec: ScanSpec, path: str, presets: Presets) -> Asked:
    """The scan that a spec at `path` of its request asks for.

    Raises:
        MeshError: INVALID_ARGUMENT naming the field at fault; NOT_FOUND for an unknown preset.
    """
    return Asked(spec.underlying, await presets.resolved(spec, path), path)


def opening_of(request: StreamScanRequest) -> OpenScan:
    """The first message of a stream.

    Raises:
        MeshError: INVALID_ARGUMENT; it is another message, or its credits are out of range.
    """
    if request.WhichOneof("message") != "open":
        raise invalid_argument("open", "must be the first message of a stream")
    if not 1 <= request.open.credits <= MOST_CREDITS:
        raise invalid_argument("open.credits", f"must be 1 to {MOST_CREDITS}, not {request.open.credits}")
    return request.open


def resume_of(opening: OpenScan) -> tuple[int, int] | None:
    """Epoch and sequence to go on from; None for a stream of its own.

    Raises:
        MeshError: INVALID_ARGUMENT; one of them without the other, or no sequence.
    """
    if not opening.HasField("resume_epoch") and not opening.HasField("resume_sequence"):
        return None
    if not opening.HasField("resume_epoch"):
        raise invalid_argument("open.resume_epoch", "must come with open.resume_sequence")
    if opening.resume_sequence == 0:
        raise invalid_argument("open.resume_sequence", "must be positive")
    return opening.resume_epoch, opening.resume_sequence


def interval_of(message: OpenScan | WatchScanRequest, field: str) -> float:
    """The shortest time between two rankings, seconds.

    Raises:
        MeshError: INVALID_ARGUMENT; out of range.
    """
    if not message.HasField("min_interval_seconds"):
        return DEFAULT_INTERVAL_SECONDS
    seconds = message.min_interval_seconds
    if not 0 <= seconds <= LONGEST_INTERVAL_SECONDS:
        raise invalid_argument(field, f"must be 0 to {LONGEST_INTERVAL_SECONDS:g}, not {seconds:g}")
    return seconds


def coverage_of(wanted: float) -> float:
    """A share of contracts.

    Raises:
        MeshError: INVALID_ARGUMENT; out of range.
    """
    if not 0 <= wanted <= 1:
        raise invalid_argument("min_coverage", f"must be 0 to 1, not {wanted:g}")
    return wanted

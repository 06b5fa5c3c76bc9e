"""What requests of universe scans ask for, checked."""

from typing import NamedTuple

from google.rpc.error_details_pb2 import BadRequest
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import RunUniverseScanRequest

from mesh.errors import MeshError, invalid_argument, not_found
from scanner_server.presets.presets import Presets
from scanner_server.universe.file import Universes
from scanner_server.universe.job import SPEC_PATH, JobSpec
from scanner_server.universe.single import Terms
from scanner_server.universe.symbols import InvalidSymbols, checked_symbols


class Bounds(NamedTuple):
    """What may be asked for, and what is meant where nothing is."""

    smallest: float
    largest: float
    default: float


MOST_PARALLEL = 16
PARALLEL = Bounds(1, MOST_PARALLEL, 4)
COVERAGE = Bounds(0, 1, 0.9)
UNDERLYING_SECONDS = Bounds(0.1, 3600, 120)
JOB_SECONDS = Bounds(0.1, 86_400, 3600)


async def job_of(
    request: RunUniverseScanRequest, universes: Universes, presets: Presets, seconds_left: float | None
) -> JobSpec:
    """The job that a request asks for; it ends before the call's own time, `seconds_left`, is over.

    Raises:
        MeshError: INVALID_ARGUMENT naming the field at fault; NOT_FOUND for an unknown universe or preset.
    """
    if request.spec.underlying:
        raise invalid_argument(
            f"{SPEC_PATH}.underlying", "must be empty: symbols or universe say what to scan"
        )
    symbols = _symbols(request, universes)
    one = ScanSpec()
    one.CopyFrom(request.spec)
    one.underlying = symbols[0]
    seconds = _number(request, "deadline_seconds", JOB_SECONDS)
    return JobSpec(
        symbols=symbols,
        spec=await presets.resolved(one, SPEC_PATH),
        max_parallel=round(_number(request, "max_parallel", PARALLEL)),
        terms=Terms(
            _number(request, "min_coverage", COVERAGE),
            _number(request, "underlying_seconds", UNDERLYING_SECONDS),
        ),
        seconds=seconds if seconds_left is None else min(seconds, seconds_left),
    )


def _symbols(request: RunUniverseScanRequest, universes: Universes) -> tuple[str, ...]:
    if request.universe and request.symbols:
        raise invalid_argument("symbols", "must be empty where a universe is named")
    if request.universe:
        return _listed(request.universe, universes)
    try:
        return checked_symbols(request.symbols)
    except InvalidSymbols as error:
        field = "symbols" if error.index is None else f"symbols[{error.index}]"
        raise invalid_argument(field, error.description) from None


def _listed(name: str, universes: Universes) -> tuple[str, ...]:
    if name in universes:
        return universes[name]
    error = not_found("universe", name, "there is none of this name; see ListUniverses")
    violation = BadRequest.FieldViolation(
        field="universe", description=f"there is no {name!r}; see ListUniverses"
    )
    raise MeshError(error.code, error.message, *error.details, BadRequest(field_violations=[violation]))


def _number(request: RunUniverseScanRequest, field: str, bounds: Bounds) -> float:
    if not request.HasField(field):  # type: ignore[arg-type] # the stub wants a literal
        return bounds.default
    value: float = getattr(request, field)
    if not bounds.smallest <= value <= bounds.largest:
        raise invalid_argument(field, f"must be {bounds.smallest:g} to {bounds.largest:g}, not {value:g}")
    return value

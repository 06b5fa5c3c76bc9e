"""What wrong requests get: a status, and the field at fault."""

from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from spreadmesh.scan.v1.spec_pb2 import ScanFilters, ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import ListUniversesRequest
from spreadmesh.scan.v1.universe_service_pb2_grpc import UniverseServiceStub

from mesh.errors import MeshError
from tests.scanner_server.universe.reader import TIMEOUT, Reader
from tests.scanner_server.universe.several import SeveralMarkets

WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "symbols"),
    ({"symbols": ["U1", "u 2"]}, "symbols[1]"),
    ({"symbols": ["U1", "U2", "U1"]}, "symbols[2]"),
    ({"symbols": [f"A{number}" for number in range(501)]}, "symbols"),
    ({"symbols": ["U1"], "universe": "pair"}, "symbols"),
    ({"symbols": ["U1"], "spec": ScanSpec(underlying="U1")}, "spec.underlying"),
    ({"symbols": ["U1"], "spec": ScanSpec(limit=0)}, "spec.limit"),
    ({"symbols": ["U1"], "max_parallel": 0}, "max_parallel"),
    ({"symbols": ["U1"], "max_parallel": 17}, "max_parallel"),
    ({"symbols": ["U1"], "min_coverage": 1.01}, "min_coverage"),
    ({"symbols": ["U1"], "underlying_seconds": 0.0}, "underlying_seconds"),
    ({"symbols": ["U1"], "deadline_seconds": 1e6}, "deadline_seconds"),
    ({"symbols": ["U1"], "min_coverage": float("nan")}, "min_coverage"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG)
async def test_what_is_wrong_is_named(
    universes: UniverseServiceStub, fields: dict[str, Any], field: str
) -> None:
    error = await Reader(universes, **fields).refusal()
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert _field_of(error) == field


async def test_an_unknown_universe_is_not_found(universes: UniverseServiceStub) -> None:
    error = await Reader(universes, universe="pair").refusal()
    assert (error.code, _field_of(error)) == (grpc.StatusCode.NOT_FOUND, "universe")


async def test_a_date_that_is_over_is_out_of_range_for_all(
    universes: UniverseServiceStub, market: SeveralMarkets
) -> None:
    await universes.ListUniverses(ListUniversesRequest(), timeout=TIMEOUT)
    spec = ScanSpec(filters=ScanFilters(expirations=["2020-01-17"]))
    error = await Reader(universes, symbols=["U1"], spec=spec).refusal()
    assert (error.code, _field_of(error)) == (grpc.StatusCode.OUT_OF_RANGE, "spec.filters.expirations[0]")
    assert market.chain_requests == 0


def _field_of(error: MeshError) -> str:
    (detail,) = (detail for detail in error.details if isinstance(detail, BadRequest))
    return detail.field_violations[0].field

"""What a scan call needs: the books, their limits, and a way in that refuses what cannot be scanned."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NamedTuple

import grpc
from google.rpc.error_details_pb2 import BadRequest

from mesh.errors import MeshError
from scanner_server.feed.feed import Feed
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.activity import Activity
from scanner_server.live.admission import Admission
from scanner_server.live.limits import check_expirations
from scanner_server.live.ranker import key_of
from scanner_server.live.underlying import LiveUnderlying
from scanner_server.live.underlyings import Underlyings
from scanner_server.volatility.history import VolatilityHistory


class Asked(NamedTuple):
    """A scan as a request asks for it.

    Attributes:
        symbol: ticker of the underlying.
        spec: what to scan for.
        path: where the spec stands in the request, for refusals.
    """

    symbol: str
    spec: ScanSpec
    path: str

    @property
    def key(self) -> Hashable:
        """Equal for scans of the same."""
        return self.symbol, key_of(self.spec)


@dataclass(frozen=True, slots=True, eq=False)
class Scanner:
    """The parts that every scan call shares."""

    feed: Feed
    underlyings: Underlyings
    volatilities: VolatilityHistory
    admission: Admission
    activity: Activity
    monotonic: Callable[[], float]

    async def opened(self, asked: Asked) -> LiveUnderlying:
        """The book to scan. Safe to cancel.

        Raises:
            MeshError: NOT_FOUND for an unknown symbol, OUT_OF_RANGE for an expiration in the past,
                UNAVAILABLE where the chain cannot be had.
        """
        try:
            underlying = await self.underlyings.get(asked.symbol)
        except MeshError as error:
            raise _naming_field(error, f"{asked.path}.underlying") from error
        check_expirations(asked.spec, self.feed.clock.now(), asked.path)
        return underlying


def _naming_field(error: MeshError, field: str) -> MeshError:
    """The refusal of an unknown symbol, in terms of the scan that named it."""
    if error.code is not grpc.StatusCode.NOT_FOUND:
        return error
    violation = BadRequest.FieldViolation(field=field, description=error.message)
    return MeshError(error.code, error.message, *error.details, BadRequest(field_violations=[violation]))

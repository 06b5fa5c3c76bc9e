"""What scans are refused for: dates that are over, too many candidates."""

from collections.abc import Iterator
from contextlib import contextmanager

from mesh.errors import invalid_argument, out_of_range
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.full_pass import TooManyCandidates
from scanner_server.translation.times import new_york_date


def check_expirations(spec: ScanSpec, market_time: float, path: str) -> None:
    """Refuse dates that are over; `path` is where the spec stands in its request.

    Raises:
        MeshError: OUT_OF_RANGE for an expiration in the past.
    """
    today = new_york_date(market_time)
    for index, expiration in enumerate(spec.expirations):
        if expiration < today:
            raise out_of_range(
                f"{path}.filters.expirations[{index}]", f"{expiration} is past; the market's date is {today}"
            )


@contextmanager
def refusing_too_many(path: str) -> Iterator[None]:
    """Say which spec is at fault where a scan inside the block would form too many candidates.

    Raises:
        MeshError: INVALID_ARGUMENT naming how many, and what narrows them.
    """
    try:
        yield
    except TooManyCandidates as error:
        raise invalid_argument(
            path,
            f"forms {error.formed:,} candidates now, at most {error.most:,} are scanned; name fewer"
            " strategies, or narrow filters.days_to_expiration, filters.expirations, filters.strike,"
            " filters.moneyness, filters.short_delta or filters.long_delta",
        ) from None

"""What a scan may ask for, given the chain it runs on; and how many scans may run."""

from collections.abc import Iterator
from contextlib import contextmanager

from mesh.errors import invalid_argument, out_of_range, quota_exceeded
from scanner_server.book.chain import Chain
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.scan import candidate_count
from scanner_server.translation.times import new_york_date

RETRY_AFTER_SECONDS = 2.0


def check_against_chain(
    chain: Chain, market_time: float, spec: ScanSpec, *, most_candidates: int, path: str
) -> None:
    """Refuse what cannot be scanned today; `path` is where the spec stands in its request.

    Raises:
        MeshError: OUT_OF_RANGE for an expiration in the past, INVALID_ARGUMENT for too wide a scan.
    """
    today = new_york_date(market_time)
    for index, expiration in enumerate(spec.expirations):
        if expiration < today:
            raise out_of_range(
                f"{path}.filters.expirations[{index}]", f"{expiration} is past; the market's date is {today}"
            )
    count = candidate_count(chain, market_time, spec)
    if count > most_candidates:
        raise invalid_argument(
            path,
            f"forms up to {count:,} spreads, at most {most_candidates:,} are scanned; name fewer strategies,"
            " or narrow filters.days_to_expiration, filters.expirations or filters.strike",
        )


class Admission:
    """Counts the scans that run, and refuses those beyond its limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.running = 0

    def __repr__(self) -> str:
        return f"<Admission {self.running}/{self._limit}>"

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a place inside the block.

        Raises:
            MeshError: RESOURCE_EXHAUSTED; no place is free.
        """
        if self.running >= self._limit:
            raise quota_exceeded("scans", f"{self._limit} are running already", RETRY_AFTER_SECONDS)
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1

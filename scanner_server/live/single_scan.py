"""One ranking for one caller, as soon as there is enough to rank."""

import asyncio

from mesh.errors import MeshError, deadline_exceeded, unavailable
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.ranked import Ranked
from scanner_server.live.underlying import LiveUnderlying

FIRST_SURFACE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0
RETRY_AFTER_SECONDS = 1.0


async def scan_once(
    underlying: LiveUnderlying, spec: ScanSpec, *, min_coverage: float | None, seconds_left: float | None
) -> Ranked:
    """Subscribe, wait for quotes, rank.

    Args:
        underlying: the book.
        spec: what to scan for.
        min_coverage: share of the contracts asked for that must be quoted; None waits for a surface with a
            volatility in one of its expirations, and for the history where the spec filters or ranks by
            `iv_rank` or `iv_percentile` or forecasts the realized volatility, `FIRST_SURFACE_SECONDS` at
            most; then what there is.
        seconds_left: until the caller gives up; None where it never does.

    Raises:
        MeshError: DEADLINE_EXCEEDED where the coverage was not reached in time, UNAVAILABLE without a spot.
    """
    wake = asyncio.Event()
    longest = LONGEST_WAIT_SECONDS if min_coverage is not None else FIRST_SURFACE_SECONDS
    seconds = longest if seconds_left is None else min(longest, seconds_left)
    with underlying.scanning(spec, wake.set):
        try:
            async with asyncio.timeout(seconds):
                while not await _is_enough(underlying, spec, min_coverage):
                    await wake.wait()
                    wake.clear()
        except TimeoutError:
            if min_coverage is not None:
                raise _not_covered(underlying.coverage(spec), min_coverage) from None
        ranked = await underlying.rank(spec)
    if ranked is None:
        raise unavailable(f"no price of {underlying.symbol} has come yet", RETRY_AFTER_SECONDS)
    return ranked


async def _is_enough(underlying: LiveUnderlying, spec: ScanSpec, min_coverage: float | None) -> bool:
    if min_coverage is None:
        return await underlying.has_volatility(spec) and await underlying.has_past(spec)
    return underlying.coverage(spec) >= min_coverage and underlying.has_spot


def _not_covered(reached: float, wanted: float) -> MeshError:
    return deadline_exceeded(
        "COVERAGE_NOT_REACHED",
        f"{reached:.1%} of the contracts asked for are quoted, not {wanted:.1%}",
    )

"""One underlying of a job: its contracts leased, covered, ranked, and let go."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from spreadmesh.scan.v1.ranking_pb2 import Ranking

from mesh.errors import MeshError, deadline_exceeded, unavailable
from mesh.retry import read_retry
from scanner_server.filters.contracts import asked_contracts
from scanner_server.filters.spec import ScanSpec
from scanner_server.live.limits import refusing_too_many
from scanner_server.live.scanner import Asked, Scanner
from scanner_server.live.underlying import LiveUnderlying

# Quotes come in batches, far more often than anybody wants to know how many there are.
LOOK_SECONDS = 0.05
RETRY_AFTER_SECONDS = 1.0

Note = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """When an underlying is ranked, and when it is given up.

    Attributes:
        min_coverage: share of the contracts asked for that must be quoted.
        seconds: longest time for it.
    """

    min_coverage: float
    seconds: float


async def scan_underlying(
    scanner: Scanner, asked: Asked, terms: Terms, turns: asyncio.Semaphore, note: Note
) -> Ranking:
    """Lease its contracts until enough of them are quoted, and rank it. Safe to cancel.

    A refusal that says it may pass, as of a feed that is away, is tried again within the time.

    Args:
        scanner: the books and the feed.
        asked: what is scanned for.
        terms: how much must be quoted, and for how long that is waited for.
        turns: held while it is ranked, so that what has been cancelled never stands in line for a worker.
        note: told how many contracts are wanted, and how many of them are quoted.

    Raises:
        MeshError: why it could not be ranked; DEADLINE_EXCEEDED after `terms.seconds`.
    """
    counted = "its chain is not known"

    def count(wanted: int, quoted: int) -> None:
        nonlocal counted
        counted = f"{quoted:,} of {wanted:,} contracts are quoted, {terms.min_coverage:.0%} asked for"
        note(wanted, quoted)

    try:
        async with asyncio.timeout(terms.seconds):
            async for attempt in read_retry(terms.seconds):
                with attempt:
                    return await _ranked(scanner, asked, terms.min_coverage, turns, count)
    except TimeoutError:
        raise deadline_exceeded("UNDERLYING_TIME", f"after {terms.seconds:g} s {counted}") from None
    raise AssertionError("the policy either returns or raises")


async def _ranked(
    scanner: Scanner, asked: Asked, min_coverage: float, turns: asyncio.Semaphore, note: Note
) -> Ranking:
    underlying = await scanner.opened(asked)
    wake = asyncio.Event()
    with _leased(scanner, underlying, asked.spec, wake):
        while not _is_covered(scanner, underlying, asked.spec, min_coverage, note):
            await wake.wait()
            await asyncio.sleep(LOOK_SECONDS)
            wake.clear()
        async with turns:
            with refusing_too_many(asked.path):
                ranked = await underlying.rank(asked.spec)
    if ranked is None:
        raise _no_price(underlying)
    return ranked.message


@contextmanager
def _leased(
    scanner: Scanner, underlying: LiveUnderlying, spec: ScanSpec, wake: asyncio.Event
) -> Iterator[None]:
    """Keep its contracts subscribed inside the block, and not a moment longer: others need the lines."""
    try:
        with underlying.scanning(spec, wake.set):
            yield
    finally:
        listed = underlying.book.listed
        scanner.feed.forget([listed.underlying_con_id, *listed.chain.con_id.tolist()])


def _is_covered(
    scanner: Scanner, underlying: LiveUnderlying, spec: ScanSpec, min_coverage: float, note: Note
) -> bool:
    asked = asked_contracts(underlying.book.listed.chain, scanner.feed.clock.now(), spec)
    wanted = int(np.count_nonzero(asked))
    quoted = int(np.count_nonzero(asked & underlying.book.quotes.quoted))
    note(wanted, quoted)
    return quoted >= min_coverage * wanted and underlying.has_spot


def _no_price(underlying: LiveUnderlying) -> MeshError:
    return unavailable(f"no price of {underlying.symbol} has come yet", RETRY_AFTER_SECONDS)

"""When snapshots and surfaces are taken, and that sharing and increments change nothing."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scanner_server.legs.valuation import legs_on
from scanner_server.live.book import LiveBook
from scanner_server.live.snapshots import Snapshots, SurfaceCadence
from scanner_server.volatility.kind import VolatilityKind
from scanner_server.volatility.standing import NO_PAST, standing
from tests.scanner_server.live.test_live_book import batch, listed
from tests.scanner_server.scripted_market import CONTRACTS, NOON, SHARE, mid_of


class Host:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def book() -> LiveBook:
    book = LiveBook(listed(list(CONTRACTS)))
    book.apply(batch({SHARE: 100.0} | {con_id: mid_of(contract) for con_id, contract in CONTRACTS.items()}))
    return book


@pytest.fixture
def snapshots(book: LiveBook, host: Host) -> Iterator[Snapshots]:
    cadence = SurfaceCadence(interval=0.25, move=0.0002)
    with ThreadPoolExecutor(2) as executor:
        yield Snapshots(book, cadence, executor, market_now=lambda: NOON, monotonic=host)


async def test_callers_share_a_snapshot_while_nothing_changes(
    snapshots: Snapshots,
) -> None:
    first, second = await asyncio.gather(snapshots.current(), snapshots.current())
    assert first is not None
    assert first is second
    assert await snapshots.current() is first


async def test_a_tick_keeps_the_surface_and_values_its_own_rows(book: LiveBook, snapshots: Snapshots) -> None:
    first = await snapshots.current()
    book.apply(batch({105: 40.0}))
    second = await snapshots.current()
    assert first is not None
    assert second is not None
    assert second.surface is first.surface
    again = legs_on(second.book.listed.chain, second.book.quotes, second.surface)
    for name in again.dtype.names:
        np.testing.assert_array_equal(second.legs[name], again[name])
    row = book.listed.chain.row_of(105)
    assert second.legs["mid"][row] == 40.5
    assert first.legs["mid"][row] != 40.5


async def test_a_new_surface_when_the_time_has_come(host: Host, snapshots: Snapshots) -> None:
    first = await snapshots.current()
    host.now = snapshots.surface_due_at
    meanwhile = await snapshots.current()
    await snapshots.close()
    second = await snapshots.current()
    assert first is not None
    assert second is not None
    assert meanwhile is first
    assert (first.surface.number, second.surface.number) == (1, 2)


async def test_an_overdue_surface_is_waited_for(host: Host, snapshots: Snapshots) -> None:
    await snapshots.current()
    host.now = snapshots.surface_due_at + 0.25
    second = await snapshots.current()
    assert second is not None
    assert second.surface.number == 2


async def test_what_changed_while_a_surface_was_taken_is_valued_on_it(
    book: LiveBook, host: Host, snapshots: Snapshots
) -> None:
    await snapshots.current()
    host.now = snapshots.surface_due_at
    await snapshots.current()
    await asyncio.sleep(0)  # now the copy is made
    book.apply(batch({105: 40.0}))
    await snapshots.close()
    second = await snapshots.current()
    assert second is not None
    assert second.surface.number == 2
    again = legs_on(second.book.listed.chain, second.book.quotes, second.surface)
    for name in again.dtype.names:
        np.testing.assert_array_equal(second.legs[name], again[name])


@pytest.mark.parametrize(("spot", "number"), [(100.019, 1), (100.0202, 2), (99.9, 2)])
async def test_a_new_surface_when_spot_has_moved(
    book: LiveBook, snapshots: Snapshots, spot: float, number: int
) -> None:
    first = await snapshots.current()
    assert first is not None
    book.apply(batch({SHARE: first.surface.spot * spot / 100 - 0.5}))
    await snapshots.current()
    await snapshots.close()
    second = await snapshots.current()
    assert second is not None
    assert second.surface.number == number


async def test_a_new_chain_needs_a_new_surface(book: LiveBook, snapshots: Snapshots) -> None:
    await snapshots.current()
    book.replace_chain(listed(list(CONTRACTS)[:34]), NOON)
    second = await snapshots.current()
    assert second is not None
    assert second.surface.number == 2
    assert len(second.legs) == 35


async def test_nothing_before_the_first_price(host: Host) -> None:
    with ThreadPoolExecutor(1) as executor:
        empty = LiveBook(listed([101]))
        snapshots = Snapshots(empty, SurfaceCadence(), executor, market_now=lambda: NOON, monotonic=host)
        assert await snapshots.current() is None


async def test_a_failure_is_told_and_the_next_snapshot_misses_nothing(
    book: LiveBook, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    await snapshots.current()
    book.apply(batch({105: 40.0}))
    with monkeypatch.context() as broken:
        broken.setattr("scanner_server.live.snapshots.on_same_surface", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await snapshots.current()
    again = await snapshots.current()
    assert again is not None
    assert again.legs["mid"][book.listed.chain.row_of(105)] == 40.5


async def test_a_surface_that_fails_is_told_to_all_who_wait_for_it(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("scanner_server.live.snapshots.on_new_surface", lambda *_: 1 / 0)
        results = await asyncio.gather(snapshots.current(), snapshots.current(), return_exceptions=True)
    assert [type(result) for result in results] == [ZeroDivisionError] * 2
    assert await snapshots.current() is not None


async def test_where_volatility_stands_in_its_past_changes_with_the_surface_alone(
    book: LiveBook, host: Host
) -> None:
    past = NO_PAST
    with ThreadPoolExecutor(1) as executor:
        snapshots = Snapshots(
            *(book, SurfaceCadence(interval=0.25), executor),
            market_now=lambda: NOON,
            monotonic=host,
            past_volatility=lambda kind: past if kind is VolatilityKind.IMPLIED else None,
        )
        first = await snapshots.current()
        past = np.linspace(0.1, 0.9, 101)
        book.apply(batch({105: 40.0}))
        ticked = await snapshots.current()
        host.now += 0.6  # too late for the surface before
        renewed = await snapshots.current()
    assert first is not None
    assert ticked is not None
    assert renewed is not None
    assert ticked.surface is first.surface
    assert np.isnan([ticked.view.iv_rank, ticked.view.iv_percentile]).all()
    assert (renewed.view.iv_rank, renewed.view.iv_percentile) == standing(renewed.surface, past)
    assert 0 < renewed.view.iv_rank < 1
    assert np.isnan(renewed.view.realized_volatility)

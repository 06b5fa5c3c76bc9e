"""Callers share rankings, on the loop or from a thread, and each is the ranking of its snapshot."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from scanner_server.filters.spec import DEFAULT_RANGES, Range, ScanSpec
from scanner_server.live import live_scan
from scanner_server.live.activity import Activity
from scanner_server.live.book import LiveBook
from scanner_server.live.live_scan import LiveScan
from scanner_server.live.ranked import Ranked
from scanner_server.live.ranker import Ranker
from scanner_server.ranking.full_pass import TooManyCandidates
from scanner_server.snapshot.book_snapshot import BookSnapshot, on_new_surface, on_same_surface
from scanner_server.surface.surface import SurfaceSettings
from tests.scanner_server.live.test_live_book import batch, listed
from tests.scanner_server.scripted_market import CONTRACTS, NOON, SHARE, mid_of

SPEC = ScanSpec(ranges={name: Range() for name in (*DEFAULT_RANGES, "short_delta")}, limit=12)


@pytest.fixture
def book() -> LiveBook:
    book = LiveBook(listed(list(CONTRACTS)))
    book.apply(batch({SHARE: 100.0} | {con_id: mid_of(contract) for con_id, contract in CONTRACTS.items()}))
    return book


@pytest.fixture
def first(book: LiveBook) -> BookSnapshot:
    return on_new_surface(book.copied(NOON), 1, SurfaceSettings())


@pytest.fixture
def activity() -> Activity:
    return Activity()


@pytest.fixture
def scan(activity: Activity) -> Iterator[LiveScan]:
    with ThreadPoolExecutor(1) as executor:
        yield LiveScan(SPEC, 100_000, executor, activity)


def after_tick(book: LiveBook, before: BookSnapshot, *con_ids: int) -> BookSnapshot:
    book.apply(
        batch({con_id: float(book.quotes.bid[book.listed.chain.row_of(con_id)]) + 0.3 for con_id in con_ids})
    )
    return on_same_surface(before, book.copied(NOON + 1))


def anew(snapshot: BookSnapshot) -> Ranked:
    return Ranker(SPEC, 100_000).rank(snapshot)


async def test_callers_share_one_ranking(scan: LiveScan, first: BookSnapshot, activity: Activity) -> None:
    one, other = await asyncio.gather(scan.on(first), scan.on(first))
    assert one is other
    assert await scan.on(first) is one
    assert activity.scan_seconds.count == 1


@pytest.mark.parametrize("quick_seconds", [0.0, 1e9], ids=["in a thread", "at once"])
async def test_what_follows_is_the_ranking_of_its_snapshot(
    scan: LiveScan, book: LiveBook, first: BookSnapshot, monkeypatch: pytest.MonkeyPatch, quick_seconds: float
) -> None:
    monkeypatch.setattr(live_scan, "QUICK_SECONDS", quick_seconds)
    before, snapshot = await scan.on(first), first
    for con_id in (105, 107, 131):
        snapshot = after_tick(book, snapshot, con_id)
        ranked = await scan.on(snapshot)
        assert ranked.message.candidates == anew(snapshot).message.candidates
        assert ranked.surface is before.surface
    assert scan._ranker._scan.passes == 1


async def test_entries_stay_the_same_objects_until_a_leg_changes(
    scan: LiveScan, book: LiveBook, first: BookSnapshot
) -> None:
    before = {entry.key: entry for entry in (await scan.on(first)).entries}
    after = await scan.on(after_tick(book, first, 105))
    kept = [entry for entry in after.entries if 105 not in entry.key[1] and entry.key in before]
    assert kept
    assert all(entry is before[entry.key] for entry in kept)
    assert all(entry is not before.get(entry.key) for entry in after.entries if 105 in entry.key[1])


async def test_a_later_ranking_answers_for_an_earlier_snapshot(
    scan: LiveScan, book: LiveBook, first: BookSnapshot
) -> None:
    await scan.on(first)
    later = await scan.on(after_tick(book, first, 105))
    assert await scan.on(first) is later


async def test_a_refusal_reaches_all_and_nothing_hangs(first: BookSnapshot, activity: Activity) -> None:
    with ThreadPoolExecutor(1) as executor:
        scan = LiveScan(SPEC, 3, executor, activity)
        results = await asyncio.gather(scan.on(first), scan.on(first), return_exceptions=True)
        assert [type(result) for result in results] == [TooManyCandidates] * 2
        with pytest.raises(TooManyCandidates):
            await scan.on(first)


async def test_a_caller_that_leaves_does_not_take_the_work_along(scan: LiveScan, first: BookSnapshot) -> None:
    leaving, staying = asyncio.create_task(scan.on(first)), asyncio.create_task(scan.on(first))
    await asyncio.sleep(0)
    leaving.cancel()
    ranked = await staying
    assert ranked.entries
    await scan.close()
    assert not scan.is_busy


async def test_the_last_ranking_known_is_marked_once(scan: LiveScan, first: BookSnapshot) -> None:
    assert await scan.last_known(None) is None
    known = await scan.last_known(first)
    assert known is not None
    assert known.is_last_known
    assert known.is_stale
    assert all(leg.stale for entry in known.entries for leg in entry.message.legs)
    assert await scan.last_known(first) is known

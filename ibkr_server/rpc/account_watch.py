"""Positions and accounts as streams: the latest of all that has changed, no faster than was asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable

from spreadmesh.order.v1 import account_pb2 as pb

from ibkr_server.account.book import AccountBook
from ibkr_server.account.watch import AccountWatch
from ibkr_server.quotes.stream import HEARTBEAT_SECONDS
from ibkr_server.rpc import account_messages as messages
from ibkr_server.rpc.heartbeats import heartbeat
from mesh.errors import invalid_argument, not_found, unavailable


async def positions(book: AccountBook, interval: float) -> AsyncIterator[pb.WatchPositionsResponse]:
    """All positions, then those that change; `interval` is the shortest time between two answers, seconds."""
    with book.watching() as watch:
        async for silence in _changes(watch, interval, lambda: True):
            if silence is None:
                for response in _positions(book, watch):
                    yield response
            else:
                yield pb.WatchPositionsResponse(heartbeat=heartbeat(silence, stale=not book.reconciled))


async def account(book: AccountBook, name: str, interval: float) -> AsyncIterator[pb.WatchAccountResponse]:
    """An account now and whenever it changes."""
    with book.watching() as watch:
        async for silence in _changes(watch, interval, lambda: name in watch.take_accounts()):
            found = book.values(name)
            if silence is None:
                yield pb.WatchAccountResponse(account=messages.account(found))
            else:
                yield pb.WatchAccountResponse(heartbeat=heartbeat(silence, stale=found.stale))


def account_named(book: AccountBook, name: str) -> str:
    """The account of that name; the only one of the login where the name is empty.

    Raises:
        MeshError: UNAVAILABLE before any is known; INVALID_ARGUMENT where one must be named; NOT_FOUND.
    """
    known = book.accounts()
    if not known:
        raise unavailable("the gateway has told of no account yet", retry_after_seconds=1.0)
    if not name and len(known) > 1:
        raise invalid_argument("account", f"one of {len(known)} must be named")
    if name and name not in known:
        raise not_found("account", name, "this login has no such account")
    return name or known[0]


async def _woken(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event is set within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _changes(
    watch: AccountWatch, interval: float, concerns_us: Callable[[], bool]
) -> AsyncIterator[float | None]:
    """None whenever something has changed; while nothing does, now and then for how many seconds."""
    now = asyncio.get_running_loop().time
    changed_at = sent_at = now()
    while True:
        if not await _woken(watch.changed, sent_at + HEARTBEAT_SECONDS - now()):
            yield now() - changed_at
            sent_at = now()
            continue
        watch.changed.clear()
        if concerns_us():
            changed_at = sent_at = now()
            yield None
            await asyncio.sleep(interval)


def _positions(book: AccountBook, watch: AccountWatch) -> list[pb.WatchPositionsResponse]:
    changed = watch.take_positions()
    if changed is None:
        snapshot = pb.PositionSnapshot(positions=messages.positions(book), reconciled=book.reconciled)
        return [pb.WatchPositionsResponse(snapshot=snapshot)]
    found = ((key, book.position(key)) for key in changed)
    return [
        pb.WatchPositionsResponse(changed=messages.gone(*key) if held is None else messages.position(held))
        for key, held in found
    ]

"""Keys of an issuer over hours, in virtual time: renewed, kept while it is away, never fetched in a flood."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from mesh.access.issuer_keys import LEAST_PAUSE_SECONDS, REFRESH_SECONDS, RETRY_SECONDS, IssuerKeys
from tests import virtual_time
from tests.token_issuer import TokenIssuer


class Site:
    """Answers with what the issuer publishes, or not."""

    def __init__(self) -> None:
        self.issuer = TokenIssuer()
        self.fetched_at: list[float] = []
        self.fails: Callable[[], bytes] | None = None
        self.seconds = 0.0

    async def fetch(self) -> bytes:
        self.fetched_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.seconds)
        return self.issuer.key_set if self.fails is None else self.fails()

    def keys(self) -> IssuerKeys:
        return IssuerKeys(self.fetch, asyncio.get_running_loop().time)

    @property
    def pauses(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.fetched_at, self.fetched_at[1:], strict=False)]


def away() -> bytes:
    raise OSError("connection refused")


def in_virtual_time(course: Callable[[Site], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def test() -> None:
        virtual_time.run(course(Site()))

    return test


@in_virtual_time
async def test_they_are_there_when_the_block_begins_and_are_renewed_inside_it(site: Site) -> None:
    keys = site.keys()
    async with keys.kept_fresh():
        assert list(keys.current) == ["first"]
        site.issuer.rotate("second")
        await asyncio.sleep(REFRESH_SECONDS + 1)
        assert list(keys.current) == ["second"]
        await asyncio.sleep(10 * REFRESH_SECONDS)
    assert site.pauses == pytest.approx([REFRESH_SECONDS] * 11)
    fetched = len(site.fetched_at)
    await asyncio.sleep(10 * REFRESH_SECONDS)
    assert len(site.fetched_at) == fetched, "nothing goes on after the block"


@in_virtual_time
async def test_the_same_keys_are_the_same_object(site: Site) -> None:
    keys = site.keys()
    async with keys.kept_fresh():
        before = keys.current
        await asyncio.sleep(3 * REFRESH_SECONDS)
        assert keys.current is before


@in_virtual_time
async def test_an_issuer_that_is_away_at_first_is_tried_until_it_is_there(site: Site) -> None:
    keys = site.keys()
    site.fails = away
    async with keys.kept_fresh():
        assert not keys.current
        await asyncio.sleep(10 * RETRY_SECONDS + 1)
        assert site.pauses == pytest.approx([RETRY_SECONDS] * 10)
        site.fails = None
        await asyncio.sleep(RETRY_SECONDS)
        assert keys.current


@in_virtual_time
async def test_it_is_known_when_the_issuer_told_them_last(site: Site) -> None:
    loop = asyncio.get_running_loop()
    keys = IssuerKeys(site.fetch, loop.time, lambda: 1e9 + loop.time())
    assert keys.had_at is None
    async with keys.kept_fresh():
        began = loop.time()
        await asyncio.sleep(REFRESH_SECONDS + 1)
        site.fails = away
        await asyncio.sleep(10 * REFRESH_SECONDS)
        assert keys.had_at == pytest.approx(1e9 + began + REFRESH_SECONDS)


@in_virtual_time
async def test_one_that_never_answers_holds_nothing_up_for_long(site: Site) -> None:
    site.seconds = 1e6
    began = asyncio.get_running_loop().time()
    async with site.keys().kept_fresh():
        assert asyncio.get_running_loop().time() - began < 10


@pytest.mark.parametrize(
    "nonsense", [away, lambda: b"", lambda: b'{"keys": []}', lambda: b"[" * 100_000, lambda: 1 / 0]
)
def test_keys_stay_while_the_issuer_is_away_or_tells_nonsense(nonsense, caplog):
    async def course(site: Site) -> None:
        keys = site.keys()
        async with keys.kept_fresh():
            site.fails = nonsense
            await asyncio.sleep(3 * REFRESH_SECONDS + 1)
            assert list(keys.current) == ["first"]
            site.fails = None
            site.issuer.rotate("second")
            await asyncio.sleep(REFRESH_SECONDS)
            assert list(keys.current) == ["second"]

    with caplog.at_level(logging.ERROR):
        virtual_time.run(course(Site()))
    assert caplog.text.count("could not be fetched") == 3


@in_virtual_time
async def test_whoever_needs_new_ones_waits_for_them(site: Site) -> None:
    keys = site.keys()
    site.seconds = 0.5
    async with keys.kept_fresh():
        await asyncio.sleep(LEAST_PAUSE_SECONDS)
        site.issuer.rotate("second")
        await asyncio.gather(*(keys.refresh() for _ in range(100)))
        assert list(keys.current) == ["second"]
    assert len(site.fetched_at) == 2, "one fetch serves all who wait"


@in_virtual_time
async def test_made_up_keys_do_not_flood_the_issuer(site: Site) -> None:
    keys = site.keys()
    async with keys.kept_fresh():
        for _ in range(1200):
            await keys.refresh()
            await asyncio.sleep(0.1)
    assert len(site.fetched_at) == pytest.approx(120 / LEAST_PAUSE_SECONDS, abs=1)
    assert min(site.pauses) >= LEAST_PAUSE_SECONDS

import asyncio
from decimal import Decimal

import grpc
import pytest

from ibkr_server.chain import contract_lookup
from ibkr_server.chain.contract_lookup import LOOKUP_SECONDS, ContractLookup
from ibkr_server.chain.facts import ContractFacts, PriceIncrement
from mesh.errors import MeshError, unavailable
from tests import virtual_time


def share(con_id: int) -> ContractFacts:
    step = PriceIncrement(Decimal(0), Decimal("0.01"))
    symbol = f"S{con_id}"
    return ContractFacts(
        con_id, symbol, "STK", "USD", "SMART", symbol, "NMS", Decimal(1), con_id, "STK", (step,)
    )


class Source:
    """Knows the shares 1 to 99."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.now = 0.0
        self.fails_for = 0
        self.silent = False

    async def facts(self, con_id: int) -> ContractFacts | None:
        self.asked.append(con_id)
        if self.silent:
            await asyncio.Event().wait()
        if con_id == self.fails_for:
            raise unavailable("gone", 1.0)
        return share(con_id) if con_id < 100 else None


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def lookup(source: Source) -> ContractLookup:
    return ContractLookup(source, lambda: source.now, keep_seconds=60.0)


async def test_a_contract_is_asked_for_once(lookup: ContractLookup, source: Source) -> None:
    assert await lookup.facts([1, 2, 1]) == {1: share(1), 2: share(2)}
    assert await lookup.facts([2, 3]) == {2: share(2), 3: share(3)}
    assert source.asked == [1, 2, 3]


async def test_what_the_gateway_does_not_know_is_left_out_and_asked_for_again(
    lookup: ContractLookup, source: Source
) -> None:
    assert await lookup.facts([1, 100]) == {1: share(1)}
    assert await lookup.facts([100]) == {}
    assert source.asked == [1, 100, 100]


async def test_facts_are_kept_for_their_time_from_when_they_were_asked(
    lookup: ContractLookup, source: Source
) -> None:
    await lookup.facts([1])
    source.now = 60.0
    await lookup.facts([1])
    assert source.asked == [1]
    source.now = 60.1
    await lookup.facts([1])
    assert source.asked == [1, 1]


async def test_those_used_longest_ago_make_room(
    lookup: ContractLookup, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract_lookup, "MOST_KEPT", 2)
    await lookup.facts([1])
    await lookup.facts([2])
    await lookup.facts([1])
    await lookup.facts([3])
    source.asked.clear()
    await lookup.facts([1, 3])
    assert source.asked == []
    assert await lookup.facts([2]) == {2: share(2)}
    assert source.asked == [2]


async def test_an_error_of_one_is_told_once_all_have_answered(lookup: ContractLookup, source: Source) -> None:
    source.fails_for = 2
    with pytest.raises(MeshError) as caught:
        await lookup.facts([1, 2, 3])
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert source.asked == [1, 2, 3]


def test_a_silent_gateway_ends_it(lookup: ContractLookup, source: Source) -> None:
    source.silent = True

    async def look() -> float:
        began = asyncio.get_running_loop().time()
        with pytest.raises(MeshError) as caught:
            await lookup.facts([1])
        assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
        return asyncio.get_running_loop().time() - began

    assert virtual_time.run(look()) == pytest.approx(LOOKUP_SECONDS)

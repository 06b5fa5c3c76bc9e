import asyncio
from datetime import date

import grpc
import pytest

from ibkr_server.chain.contracts import Option, OptionParameters, Underlying
from ibkr_server.chain.directory import ChainDirectory
from mesh.errors import MeshError, unavailable

GOOG = Underlying(1, "GOOG", "STK", "USD", "SMART", "NASDAQ", 0.01)
DAYS = (date(2016, 1, 15), date(2016, 2, 19), date(2016, 3, 18))


class Gateway:
    """Answers from a table and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = 0
        self.options_asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def underlying(self, symbol: str, security_type: str, currency: str) -> Underlying | None:
        self.asked.append(symbol)
        return GOOG if symbol == "GOOG" else None

    async def option_parameters(self, underlying: Underlying) -> list[OptionParameters]:
        self.asked.append("parameters")
        return [OptionParameters("GOOG", DAYS)]

    async def options(self, underlying: Underlying, trading_class: str, expiration: date) -> list[Option]:
        self.asked.append(f"{expiration}")
        self.options_asked.set()
        await self.gate.wait()
        if self.fails:
            self.fails -= 1
            raise unavailable("gone", 1.0)
        return [
            Option(
                con_id=DAYS.index(expiration) * 100 + number,
                symbol="GOOG",
                expiration=expiration,
                strike=700.0 + strike,
                right=right,
                multiplier=100.0,
                trading_class=trading_class,
                min_tick=0.01,
                local_symbol=f"GOOG {number}",
            )
            for number, (strike, right) in enumerate([(5.0, "P"), (0.0, "P"), (5.0, "C"), (0.0, "C")], 10)
        ]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def directory(gateway: Gateway, clock: Clock) -> ChainDirectory:
    return ChainDirectory(gateway, lambda: 1e9, clock, keep_seconds=3600.0, max_contracts=9)


async def test_lists_the_expirations_asked_for_in_order(directory: ChainDirectory) -> None:
    chain = await directory.chain(GOOG, DAYS[0], DAYS[1])
    keys = [(option.expiration, option.right, option.strike) for option in chain.options]
    assert keys == sorted(keys)
    assert {option.expiration for option in chain.options} == set(DAYS[:2])
    assert directory.name(chain.options[0].con_id) == chain.options[0].local_symbol


async def test_asks_the_gateway_once(directory: ChainDirectory, gateway: Gateway, clock: Clock) -> None:
    await asyncio.gather(*(directory.chain(GOOG, DAYS[0], DAYS[1]) for _ in range(5)))
    clock.now = 3599.0
    await directory.chain(GOOG, DAYS[0], DAYS[0])
    assert gateway.asked == ["parameters", "2016-01-15", "2016-02-19"]
    clock.now = 3601.0
    await directory.chain(GOOG, DAYS[0], DAYS[0])
    assert gateway.asked[3:] == ["parameters", "2016-01-15"]


async def test_a_failure_is_not_kept(directory: ChainDirectory, gateway: Gateway) -> None:
    gateway.fails = 1
    with pytest.raises(MeshError) as raised:
        await directory.chain(GOOG, DAYS[0], DAYS[0])
    assert raised.value.code is grpc.StatusCode.UNAVAILABLE
    assert len((await directory.chain(GOOG, DAYS[0], DAYS[0])).options) == 4


async def test_a_caller_that_gives_up_leaves_the_request_to_the_others(
    directory: ChainDirectory, gateway: Gateway
) -> None:
    gateway.gate.clear()
    impatient = asyncio.create_task(directory.chain(GOOG, DAYS[0], DAYS[0]))
    patient = asyncio.create_task(directory.chain(GOOG, DAYS[0], DAYS[0]))
    await gateway.options_asked.wait()
    impatient.cancel()
    gateway.gate.set()
    assert len((await patient).options) == 4
    assert gateway.asked.count("2016-01-15") == 1


async def test_refuses_a_chain_wider_than_the_cap(directory: ChainDirectory) -> None:
    with pytest.raises(MeshError, match="12 contracts, more than 9") as raised:
        await directory.chain(GOOG, DAYS[0], DAYS[2])
    assert raised.value.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_unknown_symbol_is_not_found_and_asked_again(
    directory: ChainDirectory, gateway: Gateway
) -> None:
    for _ in range(2):
        with pytest.raises(MeshError, match="NOPE") as raised:
            await directory.underlying("NOPE")
        assert raised.value.code is grpc.StatusCode.NOT_FOUND
    assert gateway.asked == ["NOPE", "NOPE"]


async def test_close_ends_what_is_under_way(directory: ChainDirectory, gateway: Gateway) -> None:
    gateway.gate.clear()
    asking = asyncio.create_task(directory.chain(GOOG, DAYS[0], DAYS[0]))
    await gateway.options_asked.wait()
    await directory.close()
    with pytest.raises(asyncio.CancelledError):
        await asking

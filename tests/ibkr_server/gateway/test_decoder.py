"""Ticks as the fast path decodes them, held against ib_insync's own decoding of the same bytes."""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.gateway.decoder import LATE_TICK_WINDOW, TickDecoder
from ibkr_server.quotes.board import QuoteBoard
from ibkr_server.quotes.columns import Update
from tests.ibkr_server.gateway.library_ticks import LibraryTicks

REQUESTS = {11: 1001, 12: 1002, 13: 1003}
PRICES = (1, 2, 4, 6, 9, 37, 66, 67, 68, 75)
SIZES = (0, 3, 5, 8, 27, 28, 29, 69, 70, 71, 74)
COMPUTATIONS = (10, 11, 12, 13, 53, 80, 81, 82, 83)

Message = tuple[str, ...]


def framed(fields: Sequence[str]) -> bytes:
    data = "".join(f"{field}\0" for field in fields).encode()
    return len(data).to_bytes(4) + data


NUMBERS = ("0", "1", "-1", "-2", "2.5", "100", "1.7976931348623157E308", "1e-7", "0.0", "3.05")
ODD_NUMBERS = (*NUMBERS, "", "nan", "x", "-", "inf", "-1e308")


def message(random: Random, numbers: Sequence[str]) -> Message:
    """Mostly ticks, of few values, so that many are told twice."""
    request = str(random.choice(list(REQUESTS)))
    number = partial(random.choice, numbers)
    match random.choice(["1", "1", "1", "2", "2", "2", "21", "21", "45", "46", "58", "81", "49", "4"]):
        case "1":
            return ("1", "6", request, str(random.choice(PRICES)), number(), number(), "1")
        case "2":
            return ("2", "6", request, str(random.choice(SIZES)), number())
        case "21":
            return ("21", request, str(random.choice(COMPUTATIONS)), "0", *[number() for _ in range(8)])
        case "45":
            return ("45", "6", request, random.choice(["23", "24", "49"]), number())
        case "46":
            return ("46", "6", request, random.choice(["45", "32", "88"]), "1764000000")
        case "58":
            return ("58", "1", request, random.choice("1234"))
        case "81":
            return ("81", request, "0.01", "9c0001", "3")
        case "49":
            return ("49", "1", "1764000000")
        case _:
            return ("4", "2", "-1", "2104", "Market data farm connection is OK:usopt", "")


def packets(random: Random, count: int, numbers: Sequence[str]) -> list[bytes]:
    """A conversation of so many messages, cut anywhere."""
    stream = b"".join(framed(message(random, numbers)) for _ in range(count))
    cuts = sorted(random.randrange(len(stream) + 1) for _ in range(count // 4))
    return [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)]) if end > start]


class Market:
    """Writes what it is told to the columns, at a time that counts the packets."""

    def __init__(self) -> None:
        self.board = QuoteBoard()
        for con_id in REQUESTS.values():  # rows in the same order
            self.board.columns.row(con_id)
        self.packets = 0
        self.others: list[bytes] = []

    def take(self, updates: Sequence[Update]) -> None:
        self.board.write(updates, self.packets)

    def columns(self) -> list[object]:
        columns, rows = self.board.columns, len(REQUESTS)
        return [columns.values[:, :rows], columns.quote_time_us[:rows], columns.origin[:rows]]


def through_the_library(stream: list[bytes]) -> Iterator[list[object]]:
    market = Market()
    library = LibraryTicks(REQUESTS, market.take)
    for packet in stream:
        market.packets += 1
        library.feed(packet)
        yield [np.copy(column) for column in market.columns()] + [market.board.updates]


def through_the_fast_path(stream: list[bytes]) -> Iterator[list[object]]:
    market = Market()
    decoder = TickDecoder(market.others.append, market.take)
    for request_id, con_id in REQUESTS.items():
        decoder.open(request_id, con_id)
    for packet in stream:
        market.packets += 1
        decoder.feed(packet)
        yield [np.copy(column) for column in market.columns()] + [market.board.updates]


def assert_same(stream: list[bytes]) -> None:
    pairs = zip(through_the_library(stream), through_the_fast_path(stream), strict=True)
    for expected, found in pairs:
        for column, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(column, other)


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """The library logs what it cannot read."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0), count=st.integers(1, 400))
@pytest.mark.parametrize("numbers", [NUMBERS, ODD_NUMBERS], ids=["well-formed", "with what cannot be read"])
def test_columns_are_those_of_the_library_after_every_packet(
    numbers: Sequence[str], seed: int, count: int
) -> None:
    assert_same(packets(Random(seed), count, numbers))


def decoder() -> tuple[TickDecoder, list[bytes], list[Update]]:
    others: list[bytes] = []
    updates: list[Update] = []
    return TickDecoder(others.append, updates.extend), others, updates


BID = framed(["1", "6", "11", "1", "2.5", "7", "1"])
ERROR = framed(["4", "2", "11", "200", "No security definition", ""])
TIME = framed(["49", "1", "1764000000"])


def test_what_is_no_tick_goes_on_whole_and_in_order_before_the_ticks_of_its_packet() -> None:
    order: list[str] = []
    fast = TickDecoder(lambda data: order.append(data.hex()), lambda _updates: order.append("ticks"))
    fast.open(11, 1001)
    stream = ERROR + BID + TIME
    fast.feed(stream[:30])
    fast.feed(stream[30:])
    assert order == [(ERROR + TIME).hex(), "ticks"]


def test_late_ticks_are_dropped_and_those_of_strangers_are_not_ours() -> None:
    fast, others, updates = decoder()
    fast.open(11, 1001)
    fast.close(11)
    fast.feed(BID)
    assert (others, updates) == ([], [])
    fast.feed(framed(["1", "6", "12", "1", "2.5", "7", "1"]))
    assert len(others) == 1
    for request_id in range(100, 100 + LATE_TICK_WINDOW):
        fast.open(request_id, 1)
        fast.close(request_id)
    fast.feed(BID)
    assert others[1:] == [BID]
    assert updates == []


def test_a_line_that_ends_by_a_message_of_the_same_packet_tells_nothing() -> None:
    updates: list[Update] = []
    fast = TickDecoder(lambda _data: fast.close(11), updates.extend)
    fast.open(11, 1001)
    fast.feed(BID + ERROR)
    assert updates == []


def test_a_request_leads_to_its_contract_while_it_is_open() -> None:
    fast, _, _ = decoder()
    fast.open(11, 1001)
    assert fast.con_id(11) == 1001
    assert not fast.has_ended(11)
    fast.close(11)
    assert fast.con_id(11) is None
    assert fast.has_ended(11)
    assert not fast.has_ended(12)


def test_a_new_subscription_knows_nothing_of_the_one_before() -> None:
    fast, _, updates = decoder()
    fast.open(11, 1001)
    fast.feed(BID)
    fast.feed(BID)
    assert len(updates) == 1
    fast.close(11)
    fast.open(12, 1001)
    fast.feed(BID.replace(b"11", b"12"))
    assert [update.is_quote for update in updates] == [True, True]

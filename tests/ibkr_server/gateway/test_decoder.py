"""Ticks as the fast path decodes them, held against ib_insync's own decoding of the same bytes."""

import logging
from collections.abc import Iterator, Sequence
from itertools import pairwise

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


numbers = st.one_of(
    st.sampled_from(["0", "1", "-1", "-2", "2.5", "100", "1.7976931348623157E308", "1e-7", "0.0", "3.05"]),
    st.floats(-5, 500).map(lambda value: f"{value:.10g}"),
)
odd_numbers = st.one_of(numbers, st.sampled_from(["", "nan", "x", "-", "inf"]))
requests = st.sampled_from([*map(str, REQUESTS)])
prices, sizes, computations = (st.sampled_from(kinds).map(str) for kinds in (PRICES, SIZES, COMPUTATIONS))


def messages(number: st.SearchStrategy[str]) -> st.SearchStrategy[Message]:
    computed = st.tuples(requests, computations, st.just("0"), *[number] * 8)
    return st.one_of(
        st.tuples(st.just("1"), st.just("6"), requests, prices, number, number, st.just("1")),
        st.tuples(st.just("2"), st.just("6"), requests, sizes, number),
        computed.map(lambda fields: ("21", *fields)),
        st.tuples(st.just("45"), st.just("6"), requests, st.sampled_from(["23", "24", "49"]), number),
        st.tuples(
            st.just("46"), st.just("6"), requests, st.sampled_from(["45", "32", "88"]), st.just("1764")
        ),
        st.tuples(st.just("58"), st.just("1"), requests, st.sampled_from("1234")),
        st.tuples(st.just("81"), requests, st.just("0.01"), st.just("9c0001"), st.just("3")),
        st.tuples(st.just("49"), st.just("1"), st.just("1764000000")),
        st.tuples(
            st.just("4"), st.just("2"), st.just("-1"), st.just("2104"), st.just("OK:usopt"), st.just("")
        ),
    )


@st.composite
def packets(draw: st.DrawFn, message: st.SearchStrategy[Message]) -> list[bytes]:
    """A conversation, cut anywhere."""
    stream = b"".join(framed(fields) for fields in draw(st.lists(message, max_size=40)))
    cuts = draw(st.lists(st.integers(0, len(stream)), max_size=12))
    return [stream[start:end] for start, end in pairwise([0, *sorted(cuts), len(stream)]) if end > start]


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


@settings(max_examples=150, deadline=None)
@given(packets(messages(numbers)))
def test_columns_are_those_of_the_library_after_every_packet(stream: list[bytes]) -> None:
    assert_same(stream)


@settings(max_examples=80, deadline=None)
@given(packets(messages(odd_numbers)))
def test_what_cannot_be_read_is_left_out_as_the_library_does(stream: list[bytes]) -> None:
    assert_same(stream)


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

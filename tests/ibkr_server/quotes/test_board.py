import asyncio

from ibkr_server.quotes.board import QuoteBoard, QuoteReader
from ibkr_server.quotes.columns import FLOAT_FIELDS, Quote, Update

NAN = float("nan")


def quote(bid: float) -> Quote:
    return Quote(**(dict.fromkeys(FLOAT_FIELDS, NAN) | {"bid": bid, "ask": bid + 0.1}), origin=1)


def write(board: QuoteBoard, con_id: int, new: Quote, time: int | None, *, stale: bool = False) -> None:
    """Write one contract; without a time only other fields have changed."""
    board.write([Update(con_id, new, time is not None)], time or 0, lambda _con_id: stale)


def follow(board: QuoteBoard, *con_ids: int) -> QuoteReader:
    reader = QuoteReader(10, asyncio.Event())
    board.follow(reader, con_ids)
    return reader


def taken(board: QuoteBoard, reader: QuoteReader) -> list[int]:
    return [int(board.columns.con_id[row]) for row in reader.dirty.take(10)]


async def test_a_reader_begins_with_what_is_at_hand_and_gets_what_changes() -> None:
    board = QuoteBoard()
    write(board, 1, quote(1.0), 10)
    reader = follow(board, 1, 2)
    assert taken(board, reader) == [1]
    write(board, 2, quote(2.0), 20)
    write(board, 3, quote(3.0), 30)
    assert taken(board, reader) == [2]
    board.unfollow(reader, [2])
    write(board, 2, quote(2.1), 40)
    assert taken(board, reader) == []


async def test_a_flag_is_told_once_and_only_for_what_has_a_quote() -> None:
    board = QuoteBoard()
    write(board, 1, quote(1.0), 10)
    reader = follow(board, 1, 2)
    taken(board, reader)
    board.flag(lambda _con_id: True)
    assert taken(board, reader) == [1]
    board.flag(lambda _con_id: True)
    assert taken(board, reader) == []
    assert board.stale_count == 1


async def test_a_quote_is_fresh_again_with_its_next_update_and_not_with_its_volume() -> None:
    board = QuoteBoard()
    write(board, 1, quote(1.0), 10)
    board.flag(lambda _con_id: True)
    write(board, 1, quote(1.0), None)
    assert board.stale_count == 1
    write(board, 1, quote(1.0), 20)
    assert board.stale_count == 0


async def test_a_late_tick_of_a_broken_link_is_no_sign_of_life() -> None:
    board = QuoteBoard()
    write(board, 1, quote(1.0), 10)
    board.flag(lambda _con_id: True)
    write(board, 1, quote(1.1), 20, stale=True)
    assert board.stale_count == 1


async def test_none_leaves_a_flag_as_it_is() -> None:
    board = QuoteBoard()
    for con_id in (1, 2):
        write(board, con_id, quote(1.0), 10)
    board.flag(lambda con_id: True)
    board.flag(lambda con_id: False if con_id == 1 else None)
    assert board.columns.stale[:2].tolist() == [False, True]
    assert board.stale_count == 1

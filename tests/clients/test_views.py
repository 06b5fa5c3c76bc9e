import re
from datetime import UTC, datetime
from io import StringIO
from math import inf, nan
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.text import Text
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.common.v1.feed_pb2 import DataOrigin, Heartbeat
from spreadmesh.market.v1.gateway_pb2 import (
    Farm,
    FarmKind,
    GatewayStatus,
    Lane,
    LastError,
    LinkState,
    ListMarketDataLinesResponse,
    MarketDataLine,
    SocketState,
)
from spreadmesh.market.v1.quotes_pb2 import LineConfirmation, LinesConfirmed, LineState, QuoteBatch
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingBasis, Surface
from spreadmesh_client.view import text
from spreadmesh_client.view.quote_table import QuoteRows, quote_table
from spreadmesh_client.view.ranking_table import ranking_table, strikes, table_rows
from spreadmesh_client.view.status_table import status_table


def drawn(renderable: Any, width: int = 160, *, colour: bool = False) -> str:
    out = StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="standard" if colour else None
    )
    console.print(renderable)
    return out.getvalue()


def leg(strike: float, right: Right.ValueType, quantity: int = 1, expiration: str = "2016-01-08") -> Leg:
    return Leg(strike=strike, right=right, quantity=quantity, expiration=expiration)


CALL, PUT = Right.RIGHT_CALL, Right.RIGHT_PUT
CONDOR = Candidate(
    candidate_id=3,
    strategy="iron_condor",
    expiration="2016-01-08",
    days_to_expiration=15,
    legs=[leg(700, PUT), leg(710, PUT, -1), leg(760, CALL, -1), leg(772.5, CALL)],
    fill_price=-2.35,
    max_profit_cash=232.4,
    max_loss_cash=inf,
    probability_of_profit=0.634,
    expected_value_cash=-12.2,
    theta=0.21,
    score=0.6712,
    quote_age=75,
)
RANKING = Ranking(
    market_time=Timestamp(seconds=int(datetime(2015, 12, 24, 15, 30, 5, tzinfo=UTC).timestamp())),
    surface=Surface(number=12, spot=748.4),
    candidates=[CONDOR],
    basis=RankingBasis(
        contracts_asked=980,
        contracts_quoted=412,
        coverage=0.4204,
        candidates_formed=23410,
        turned_away={"quote_age": 5, "no_profit": 11},
        median_quote_age=12,
        oldest_quote_age=7200,
        origin=DataOrigin.DATA_ORIGIN_DELAYED,
        scan_seconds=0.014,
    ),
)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0123, "12 ms"),
        (0.2, "0.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (99, "99 s"),
        (120, "2 min"),
        (7200, "2.0 h"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert text.duration(seconds) == expected


def test_missing_and_infinite_figures_are_never_numbers() -> None:
    assert [text.price(value) for value in (None, nan, inf, -inf)] == ["–", "–", "∞", "-∞"]
    assert [text.percent(value) for value in (None, nan, inf, 0.634)] == ["–", "–", "∞", "63%"]
    assert (text.net_price(1.2), text.net_price(-0.85), text.net_price(0)) == (
        "1.20 dr",
        "0.85 cr",
        "0.00 dr",
    )


def test_legs_in_short() -> None:
    assert strikes(CONDOR.legs) == "700/710P 760/772.5C"
    assert strikes([leg(740, CALL), leg(750, CALL, -2), leg(760, CALL)]) == "740/2×750/760C"
    near, far = leg(740, CALL, -1), leg(740, CALL, 1, "2016-01-15")
    assert strikes([near, far]) == "740C@01-08 740C@01-15"


def test_a_ranking_says_what_a_trader_and_a_sceptic_ask() -> None:
    screen = drawn(ranking_table(RANKING, 160))
    for cell in (
        "iron condor",
        "2016-01-08",
        "15",
        "2.35 cr",
        "232",
        "∞",
        "63%",
        "-12",
        "0.210",
        "0.671",
        "75 s",
    ):
        assert cell in screen
    for fact in (
        "2015-12-24 10:30:05 New York",
        "surface 12",
        "delayed",
        "412 of 980 contracts quoted (42%)",
        "oldest 2.0 h",
        "1 of 23,410 spreads",
        "16 turned away, most by no_profit (11)",
    ):
        assert fact in screen


def test_a_stale_ranking_says_so() -> None:
    stale = Ranking()
    stale.CopyFrom(RANKING)
    stale.basis.stale = True
    assert "STALE: the last ranking known" in drawn(ranking_table(stale, 160))


def test_a_spread_with_a_stale_leg_is_marked_and_counted() -> None:
    partly = Ranking()
    partly.CopyFrom(RANKING)
    partly.candidates[0].legs[0].stale = True
    partly.basis.contracts_stale = 1
    partly.basis.underlying_stale = True
    picture = drawn(ranking_table(partly, 160))
    assert picture.count(" ! ") == 1
    assert "1 contracts STALE" in picture
    assert "underlying STALE" in picture
    assert "STALE" not in drawn(ranking_table(RANKING, 160))


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_a_narrow_terminal_loses_columns_and_never_wraps_a_row(width: int) -> None:
    header, row = drawn(ranking_table(RANKING, width), width).splitlines()[:2]
    assert "Score" in header
    assert "0.671" in row
    assert "700/710P 760/772.5C" in row
    assert ("Theta" in header) == (width >= 120)
    assert "…" not in row


def test_only_cells_that_changed_are_set_off() -> None:
    before = table_rows(RANKING)
    assert "\x1b[1;32m" not in drawn(ranking_table(RANKING, 160, before), colour=True)
    changed = Ranking()
    changed.CopyFrom(RANKING)
    changed.candidates[0].fill_price = -2.40
    screen = drawn(ranking_table(changed, 160, before), colour=True)
    assert screen.count("\x1b[1;32m") == 1
    assert "\x1b[1;32m2.40 cr" in screen


def test_quotes_keep_the_latest_row_of_each_contract_and_name_the_missing() -> None:
    rows = QuoteRows()
    rows.take(LinesConfirmed(lines=[LineConfirmation(con_id=i) for i in (1, 2, 3)]))
    rows.take(quotes({1: 10.0, 2: 20.0}))
    rows.take(quotes({1: 11.0}))
    assert not rows.is_complete
    line = MarketDataLine(con_id=1, name="GOOG", state=LineState.LINE_STATE_STREAMING)
    refused = MarketDataLine(con_id=3, name="?", state=LineState.LINE_STATE_UNKNOWN_CONTRACT)
    rows.take_lines(ListMarketDataLinesResponse(lines=[line, refused]))
    assert not rows.is_complete  # the confirmation that says why is still to come
    why = LineConfirmation(con_id=3, state=LineState.LINE_STATE_UNKNOWN_CONTRACT, reason="nobody knows it")
    rows.take(LinesConfirmed(lines=[why]))
    assert rows.is_complete
    assert dict(zip(rows.batch.con_id, rows.batch.bid, strict=True)) == {1: 11.0, 2: 20.0}
    rows.take(Heartbeat(stale=True))
    screen = drawn(quote_table(rows, greeks=False))
    for part in ("GOOG", "11.00", "3: no quote, nobody knows it", "STALE"):
        assert part in screen


def quotes(bids: dict[int, float]) -> QuoteBatch:
    n = len(bids)
    columns: dict[str, Any] = {
        name: [1.0] * n for name in ("ask", "bid_size", "ask_size", "last", "volume", "open_interest")
    }
    return QuoteBatch(
        con_id=list(bids), bid=list(bids.values()), quote_time_us=[0] * n, origin=[1] * n, **columns
    )


WELL = GatewayStatus(
    ready=True,
    socket=SocketState.SOCKET_STATE_CONNECTED,
    link=LinkState.LINK_STATE_UP,
    farms=[Farm(name="usopt", state=LinkState.LINK_STATE_UP, kind=FarmKind.FARM_KIND_MARKET_DATA)],
    address="127.0.0.1:7497",
    lines_limit=100,
    lines_in_use=89,
    requests_queued=99,
    most_messages_in_a_second=41,
    lanes=[Lane(name="market_data", queued=99, sent=1234, longest_wait_seconds=0.9, throttled=4)],
    connections=1,
    throttled_last_minute=4,
    recent_requests=1000,
    error_rate=0.009,
)


def but(**fields: Any) -> GatewayStatus:
    status = GatewayStatus()
    status.CopyFrom(WELL)
    for name, value in fields.items():
        if isinstance(value, list):
            status.ClearField(name)  # type: ignore[arg-type]  # by name
    status.MergeFrom(GatewayStatus(**fields))
    return status


def test_a_status_that_is_well_has_no_colour_of_alarm() -> None:
    screen = drawn(status_table(WELL, Text("no")), colour=True)
    assert "\x1b[32m" in screen
    assert not {colour for colour in ("\x1b[33m", "\x1b[31m", "\x1b[1;31m") if colour in screen}
    for fact in (
        "usopt (market data) up",
        "89 of 100 (89%)",
        "4 in the last minute",
        "at most 41 messages in a second",
        "0.9% of 1,000 requests in five minutes",
        "1, 0 outages",
    ):
        assert fact in drawn(status_table(WELL, Text("no")))


YELLOW, RED = "\x1b[33m", "\x1b[1;31m"
FARM_DOWN = Farm(name="usopt", state=LinkState.LINK_STATE_DOWN, kind=FarmKind.FARM_KIND_MARKET_DATA)


@pytest.mark.parametrize(
    ("fields", "colour", "said"),
    [
        ({"lines_in_use": 90}, YELLOW, "90 of 100 (90%)"),
        ({"requests_queued": 100}, YELLOW, "100"),
        ({"lanes": [Lane(name="history", longest_wait_seconds=1.2)]}, YELLOW, "1.2 s"),
        ({"throttled_last_minute": 5}, YELLOW, "5 in the last minute"),
        ({"most_messages_in_a_second": 46}, YELLOW, "at most 46 messages"),
        ({"error_rate": 0.01}, YELLOW, "1.0% of 1,000 requests"),
        ({"connections": 3}, YELLOW, "3, 2 outages"),
        ({"restart_due": True}, YELLOW, "due: the gateway may be away"),
        ({"socket": SocketState.SOCKET_STATE_CONNECTING}, YELLOW, "connecting"),
        ({"socket": SocketState.SOCKET_STATE_DISCONNECTED}, RED, "disconnected"),
        ({"link": LinkState.LINK_STATE_DOWN}, RED, "down"),
        ({"farms": [FARM_DOWN]}, RED, "down"),
        ({"stale_quotes": 7}, RED, "7"),
        ({"competing_session": True}, RED, "yes: another session"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_what_is_out_of_bounds_is_set_off(fields: dict[str, Any], colour: str, said: str) -> None:
    screen = drawn(status_table(but(**fields), Text("no")), colour=True)
    assert re.search(f"{re.escape(colour)} *{re.escape(said)}", screen)


def test_the_last_error_is_told_in_words() -> None:
    time = Timestamp(seconds=int(datetime(2026, 11, 20, 15, 0, tzinfo=UTC).timestamp()))
    error = LastError(code=1100, text="Connectivity lost", time=time, meaning="the gateway has lost IB")
    screen = drawn(status_table(but(last_error=error, errors={1100: 2}), Text("no")))
    assert "1100 at 2026-11-20 10:00:00 New York: the gateway has lost IB" in screen
    assert "Connectivity lost" in screen
    assert "1100 (2×)" in screen
    error.ClearField("time")
    assert "1100: the gateway has lost IB" in drawn(status_table(but(last_error=error), Text("no")))

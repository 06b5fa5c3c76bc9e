"""Quotes of shares and single options."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final, Self

import grpc
from rich.console import Console
from rich.live import Live
from spreadmesh.market.v1.quotes_pb2 import LinesConfirmed, QuoteBatch

from mesh.errors import MeshError
from spreadmesh_client import MarketData, QuoteEvent, connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.cli.waiting import waiting
from spreadmesh_client.view.quote_table import QuoteRows, quote_table

FIRST_ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Wanted:
    """Contracts to quote."""

    con_ids: tuple[int, ...]
    symbols: tuple[str, ...]
    greeks: bool

    @classmethod
    def parse(cls, names: Sequence[str], *, greeks: bool) -> Self:
        """Contract numbers are digits, everything else is a ticker."""
        con_ids = tuple(int(name) for name in names if name.isdecimal())
        return cls(con_ids, tuple(name.upper() for name in names if not name.isdecimal()), greeks)


async def show_quotes(address: str, wanted: Wanted, timeout_seconds: float, *, as_json: bool) -> None:
    """Print quotes once each contract that was not refused has one.

    Raises:
        MeshError: All were refused, or none had a quote within the time.
    """
    rows = QuoteRows()
    async with connect(market=address) as client:
        with waiting("Waiting for quotes"), suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await until_quoted(client.market, wanted, rows)
    if not rows.batch.con_id:
        raise _nothing(rows, timeout_seconds)
    if as_json:
        print_json(rows.batch)
    else:
        Console().print(quote_table(rows, greeks=wanted.greeks))


async def until_quoted(market: MarketData, wanted: Wanted, rows: QuoteRows) -> None:
    """Take quotes until each contract has one or was refused."""
    async with aclosing(market.watch_quotes(wanted.con_ids, wanted.symbols, greeks=wanted.greeks)) as events:
        async for event in events:
            rows.take(event)
            if rows.is_complete or isinstance(event, LinesConfirmed):
                rows.take_lines(await market.list_market_data_lines())
            if rows.is_complete:
                break


def _nothing(rows: QuoteRows, timeout_seconds: float) -> MeshError:
    why = "; ".join(rows.missing) or f"no answer within {timeout_seconds:g} s"
    code = grpc.StatusCode.NOT_FOUND if rows.is_complete else grpc.StatusCode.DEADLINE_EXCEEDED
    return MeshError(code, why)


async def watch_quotes(address: str, wanted: Wanted, *, as_json: bool) -> None:
    """Show quotes until cancelled: a live table, or batches as lines of JSON."""
    async with connect(market=address) as client:
        # The stream waits long for a server that is away; one that was never there must show at once.
        await client.market.get_gateway_status(timeout_seconds=FIRST_ANSWER_SECONDS)
        events = client.market.watch_quotes(wanted.con_ids, wanted.symbols, greeks=wanted.greeks)
        async with aclosing(events):
            if as_json:
                async for event in events:
                    if isinstance(event, QuoteBatch):
                        print_json(event, one_line=True)
            else:
                await _live(client.market, events, greeks=wanted.greeks)


async def _live(market: MarketData, events: AsyncIterator[QuoteEvent], *, greeks: bool) -> None:
    rows = QuoteRows()
    with Live(console=Console(), auto_refresh=False) as live:
        async for event in events:
            rows.take(event)
            if isinstance(event, LinesConfirmed):
                rows.take_lines(await market.list_market_data_lines())
            live.update(quote_table(rows, greeks=greeks), refresh=True)

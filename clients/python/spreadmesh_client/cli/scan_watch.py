"""The live ranking."""

import asyncio
import time
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text
from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from spreadmesh_client import RankingUpdate, ScanEvent, ScanStream, connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.view.ranking_table import Row, ranking_table, table_rows
from spreadmesh_client.view.text import duration

FIRST_ANSWER_SECONDS: Final = 5.0
REDRAW_SECONDS: Final = 0.5
PLAIN_INTERVAL_SECONDS: Final = 5.0
LINES_AROUND_TABLE: Final = 9


async def scan_watch(address: str, spec: ScanSpec, *, as_json: bool) -> None:
    """Show rankings until cancelled: a live table, tables in turn without a terminal, or lines of JSON."""
    console = Console()
    is_live = console.is_terminal and not as_json
    interval = None if is_live or as_json else PLAIN_INTERVAL_SECONDS
    async with connect(scan=address) as client:
        # The stream waits long for a server that is away; one that was never there must show at once.
        await client.scans.list_strategies(timeout_seconds=FIRST_ANSWER_SECONDS)
        async with client.scans.stream_scan(spec, min_interval_seconds=interval) as stream:
            if is_live:
                await _live(stream, LivePicture(spec.underlying), console)
            else:
                await _print_each(stream, console, as_json=as_json)


async def _print_each(stream: ScanStream, console: Console, *, as_json: bool) -> None:
    async for event in stream:
        if not isinstance(event, RankingUpdate):
            continue
        if as_json:
            print_json(event.ranking, one_line=True)
        else:
            console.print(ranking_table(event.ranking, console.width), Text())


async def _live(stream: ScanStream, picture: "LivePicture", console: Console) -> None:
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:

        async def redraw() -> None:
            while True:
                live.update(picture.draw(console, stream.calls), refresh=True)
                await asyncio.sleep(REDRAW_SECONDS)

        ticking = asyncio.create_task(redraw())
        try:
            async for event in stream:
                picture.take(event)
                live.update(picture.draw(console, stream.calls), refresh=True)
        finally:
            ticking.cancel()
            await asyncio.wait([ticking])


class LivePicture:
    """What the live table shows: the last ranking, what changed in it, and how fresh it is."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._update: RankingUpdate | None = None
        self._rows: dict[int, Row] = {}
        self._previous: dict[int, Row] | None = None
        self._received_at = time.monotonic()
        self._is_stale = False
        self._received = 0

    def take(self, event: ScanEvent) -> None:
        """Note an event of the stream."""
        if isinstance(event, Heartbeat):
            self._is_stale = event.stale
            return
        self._is_stale = event.ranking.basis.stale
        self._previous, self._rows = self._rows or None, table_rows(event.ranking)
        self._update = event
        self._received_at = time.monotonic()
        self._received += 1

    def draw(self, console: Console, calls: int) -> RenderableType:
        """The picture now."""
        if self._update is None:
            waited = duration(time.monotonic() - self._received_at)
            return Text(f"{self._symbol}: waiting for a first ranking, {waited}", style="yellow")
        rows = max(1, console.height - LINES_AROUND_TABLE)
        table = ranking_table(self._update.ranking, console.width, self._previous, rows)
        return Group(self._title(self._update.sequence, calls), Text(), table)

    def _title(self, sequence: int, calls: int) -> Text:
        age = time.monotonic() - self._received_at
        title = Text(self._symbol, style="bold")
        title.append(f"  ranking {sequence}, {duration(age)} ago", style="not bold")
        if calls > 1:
            title.append(f", connected {calls} times", style="not bold")
        if self._is_stale:
            title.append("  STALE: the feed is away", style="bold red")
        return title

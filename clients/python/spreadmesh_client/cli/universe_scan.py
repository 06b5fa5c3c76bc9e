"""A scan of a universe on the screen."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import Console
from rich.live import Live
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh.scan.v1.universe_service_pb2 import RunUniverseScanResponse

from spreadmesh_client import Universes, UniverseUpdate, connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.cli.waiting import waiting
from spreadmesh_client.view.universe_view import UniversePicture, summary

Updates: TypeAlias = AsyncGenerator[UniverseUpdate, None]


@dataclass(frozen=True)
class UniverseRequest:
    """What the command asks for; None leaves a value to the server's default."""

    spec: ScanSpec
    universe: str
    symbols: Sequence[str]
    max_parallel: int | None
    min_coverage: float | None
    underlying_seconds: float | None
    deadline_seconds: float | None

    @property
    def title(self) -> str:
        """What is scanned, in a word or two."""
        return self.universe or f"{len(self.symbols)} symbols"

    def start(self, universes: Universes) -> Updates:
        """Begin the scan."""
        return universes.run_scan(
            self.spec,
            universe=self.universe,
            symbols=self.symbols,
            max_parallel=self.max_parallel,
            min_coverage=self.min_coverage,
            underlying_seconds=self.underlying_seconds,
            deadline_seconds=self.deadline_seconds,
        )


async def run_universe_scan(address: str, request: UniverseRequest, *, as_json: bool) -> None:
    """Show a scan until it ends, and at its end, whatever that is, the best that it has found."""
    async with connect(scan=address) as client, aclosing(request.start(client.universes)) as updates:
        if as_json:
            await _print_each(updates)
        else:
            await _show(updates, UniversePicture(request.title))


async def _print_each(updates: Updates) -> None:
    async for update in updates:
        message = RunUniverseScanResponse(
            progress=update.progress, ended=update.ended, ranking=update.ranking, complete=update.complete
        )
        print_json(message, one_line=True)


async def _show(updates: Updates, picture: UniversePicture) -> None:
    console = Console()
    try:
        if console.is_terminal:
            await _live(updates, picture, console)
        else:
            await _told(updates, picture)
    finally:
        if picture.progress.underlyings:
            console.print(picture.final(console.width))


async def _live(updates: Updates, picture: UniversePicture, console: Console) -> None:
    with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:
        async for update in updates:
            picture.take(update)
            live.update(picture.live(console.width, console.height), refresh=True)


async def _told(updates: Updates, picture: UniversePicture) -> None:
    with waiting(f"Scanning {picture.title}") as shown:
        async for update in updates:
            picture.take(update)
            progress = update.progress
            shown.show(summary(progress), (progress.done + progress.failed) / progress.underlyings)

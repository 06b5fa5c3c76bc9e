"""Options of `spreadmesh up` that say where quotes come from."""

import os
from pathlib import Path

import typer

from spreadmesh_client.supervisor.plan import RealGateway, Replay, Source, Synthetic


def choose_source(
    *,
    replay: Path | None,
    symbol: str | None,
    date: str | None,
    start: str,
    speed: float,
    tws: str | None,
    symbols: str,
    seed: int,
    ticks_per_second: float,
) -> Source:
    """The one source the options ask for.

    Raises:
        typer.BadParameter: They contradict each other or one is missing.
    """
    if tws is not None and replay is not None:
        raise typer.BadParameter("--tws and --replay exclude each other")
    if tws is not None:
        host, _, port = tws.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise typer.BadParameter(f"--tws {tws!r} is not of the form HOST:PORT")
        return RealGateway(host, int(port))
    if replay is None:
        if symbol or date:
            raise typer.BadParameter("--symbol and --date belong to --replay DIR")
        return Synthetic(symbols, seed, ticks_per_second)
    if not symbol or not date:
        raise typer.BadParameter("--replay needs --symbol and --date")
    return Replay(_folder_with(replay.resolve(), symbol, date), symbol.upper(), date, start, speed)


def choose_trading(source: Source, wanted: bool | None) -> bool:
    """Whether orders may be placed.

    Raises:
        typer.BadParameter: At a real gateway, and nothing says who may.
    """
    if not isinstance(source, RealGateway):
        return wanted is not False
    if wanted and not (os.environ.get("API_KEYS_FILE") or os.environ.get("ANONYMOUS_ROLE")):
        raise typer.BadParameter(
            "--trading at a real gateway needs API_KEYS_FILE; `spreadmesh keys new` makes keys"
        )
    return bool(wanted)


def _folder_with(folder: Path, symbol: str, date: str) -> Path:
    """The folder, if it has the day's quotes where LEAN's layout puts them."""
    if not folder.is_dir():
        raise typer.BadParameter(f"--replay: {folder} is not a folder")
    minutes = folder / "option/usa/minute" / symbol.lower()
    if not (minutes / f"{date.replace('-', '')}_quote_american.zip").is_file():
        raise typer.BadParameter(f"--replay: {minutes} has no quotes of {symbol.upper()} on {date}")
    return folder

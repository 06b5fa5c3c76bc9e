"""Options of `spreadmesh up` that say where quotes come from."""

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
    if not replay.is_dir():
        raise typer.BadParameter(f"--replay {str(replay)!r} is not a folder")
    return Replay(replay, symbol.upper(), date, start, speed)

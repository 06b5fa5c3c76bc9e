"""`spreadmesh up` and `spreadmesh demo`."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from spreadmesh_client.cli.options import StateDir

Symbols: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Underlyings of the synthetic market, separated by commas; prices of any ticker are made up."
    ),
]
Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="Of the synthetic market.")]
Ticks: TypeAlias = Annotated[float, typer.Option(min=0, help="Of the synthetic market, over all options.")]
Lines: TypeAlias = Annotated[int, typer.Option(min=1, help="Market data lines.")]
PortBase: TypeAlias = Annotated[
    int,
    typer.Option(
        min=0,
        max=65530,
        help="Simulator, market data, scans, simulator control and the metrics of both servers take "
        "this port and the next five; 0 takes free ones.",
    ),
]
Trading: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--trading/--no-trading",
        help="Let orders be placed. Default: on the simulator, with its own money, yes; "
        "at a real gateway no.",
        show_default=False,
    ),
]
Seconds: TypeAlias = Annotated[
    float | None, typer.Option(min=0, metavar="SECONDS", help="End by itself after this long.")
]


def up(
    *,
    replay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Replay a day of this data folder (LEAN's layout).")
    ] = None,
    symbol: Annotated[str | None, typer.Option(help="Underlying to replay.")] = None,
    date: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Day to replay.")] = None,
    start: Annotated[str, typer.Option(metavar="HH:MM", help="Start of the replay, New York.")] = "09:30",
    speed: Annotated[float, typer.Option(help="Market seconds per second of the replay.")] = 1.0,
    tws: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="A real TWS or IB Gateway in place of the simulator."),
    ] = None,
    client_id: Annotated[int, typer.Option(min=0, help="API client id at the gateway.")] = 1,
    symbols: Symbols = "SPY,AAPL,MSFT",
    seed: Seed = 1,
    ticks_per_second: Ticks = 500,
    lines: Lines = 100,
    trading: Trading = None,
    port_base: PortBase = 7400,
    seconds: Seconds = None,
    ready_timeout: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="Longest wait to get ready.")
    ] = 60,
    json: Annotated[
        bool, typer.Option("--json", help="Print the addresses as one line of JSON when ready.")
    ] = False,
    state_dir: StateDir = None,
) -> None:
    """Run a mesh on this machine: a simulated, replayed or real gateway and both servers.

    Other commands find it by themselves. Ctrl-C ends it.
    """
    from spreadmesh_client.cli.run import run
    from spreadmesh_client.cli.sources import choose_source, choose_trading
    from spreadmesh_client.cli.up import MeshOptions, run_up

    source = choose_source(
        replay=replay, symbol=symbol, date=date, start=start, speed=speed, tws=tws,
        symbols=symbols, seed=seed, ticks_per_second=ticks_per_second,
    )  # fmt: skip
    options = MeshOptions(
        source, lines, client_id, port_base, ready_timeout, state_dir, choose_trading(source, trading)
    )
    run(run_up(options, seconds, as_json=json), ends_by_ctrl_c=True)


def demo(
    *,
    symbols: Symbols = "SPY",
    seed: Seed = 1,
    ticks_per_second: Ticks = 500,
    lines: Lines = 100,
    trading: Trading = None,
    port_base: PortBase = 0,
    seconds: Seconds = None,
    state_dir: StateDir = None,
) -> None:
    """Run a mesh on a synthetic market and show its live ranking; nothing is left running afterwards."""
    from spreadmesh_client.cli.demo import run_demo
    from spreadmesh_client.cli.run import run
    from spreadmesh_client.cli.up import MeshOptions
    from spreadmesh_client.supervisor.plan import Synthetic, first_symbol

    source = Synthetic(symbols, seed, ticks_per_second)
    options = MeshOptions(source, lines, 1, port_base, 60, state_dir, trading is not False)
    run(run_demo(options, first_symbol(source), seconds), ends_by_ctrl_c=True)

"""`spreadmesh status`, `chain`, `quotes`, `lines`."""

from datetime import datetime
from typing import Annotated, Final

import typer

from spreadmesh_client.cli.options import Json, Market, StateDir, Timeout, Watch, WatchSeconds

_DATE: Final = ["%Y-%m-%d"]


def status(
    market: Market = None,
    timeout: Timeout = 10,
    watch: Watch = False,
    seconds: WatchSeconds = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show the connection to TWS or IB Gateway."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.gateway import show_status, watch_status
    from spreadmesh_client.cli.run import lasting, run

    found = find_addresses(market, None, state_dir)
    if watch:
        watching = watch_status(found.market, as_json=json)
        run(lasting(watching, seconds), found.trace_dir, ends_by_ctrl_c=True)
    else:
        run(show_status(found.market, timeout, as_json=json), found.trace_dir)


def lines(
    market: Market = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """List the market data lines: who has one and who waits."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.gateway import show_lines
    from spreadmesh_client.cli.run import run

    found = find_addresses(market, None, state_dir)
    run(show_lines(found.market, timeout, as_json=json), found.trace_dir)


def chain(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="Ticker of the underlying.")],
    *,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DATE, help="First expiration. Default: today.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DATE, help="Last expiration.")] = None,
    market: Market = None,
    timeout: Timeout = 60,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """List the options on SYMBOL."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.chain import show_chain
    from spreadmesh_client.cli.run import run

    found = find_addresses(market, None, state_dir)
    dates = (first and first.date(), last and last.date())
    run(show_chain(found.market, symbol.upper(), dates, timeout, as_json=json), found.trace_dir)


def quotes(
    contracts: Annotated[
        list[str], typer.Argument(metavar="SYMBOL|CON_ID…", help="Tickers of shares, or IB contract numbers.")
    ],
    *,
    greeks: Annotated[
        bool, typer.Option("--greeks", help="With the gateway's own implied volatility and greeks.")
    ] = False,
    market: Market = None,
    timeout: Timeout = 15,
    watch: Watch = False,
    seconds: WatchSeconds = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show quotes of shares or single options."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.quotes import Wanted, show_quotes, watch_quotes
    from spreadmesh_client.cli.run import lasting, run

    found = find_addresses(market, None, state_dir)
    wanted = Wanted.parse(contracts, greeks=greeks)
    if watch:
        watching = watch_quotes(found.market, wanted, as_json=json)
        run(lasting(watching, seconds), found.trace_dir, ends_by_ctrl_c=True)
    else:
        run(show_quotes(found.market, wanted, timeout, as_json=json), found.trace_dir)

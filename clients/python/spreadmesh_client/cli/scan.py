"""`spreadmesh scan`, `strategies`, `figures`."""

from typing import Annotated, Final

import typer

from spreadmesh_client.cli.options import Json, Scan, StateDir, Timeout, Watch, WatchSeconds

_DAYS: Final = "DAYS"
_WHICH: Final = "What to look for"
_RANK: Final = "Price and order"


def scan(
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="Ticker of the underlying, e.g. GOOG.")],
    *,
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            help="A name or family from `spreadmesh strategies`; repeatable. Default: all.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    min_dte: Annotated[
        float | None,
        typer.Option(metavar=_DAYS, help="Fewest days to expiration. Default: 1.", rich_help_panel=_WHICH),
    ] = None,
    max_dte: Annotated[
        float | None,
        typer.Option(metavar=_DAYS, help="Most days to expiration. Default: 60.", rich_help_panel=_WHICH),
    ] = None,
    expiration: Annotated[
        list[str] | None,
        typer.Option(metavar="YYYY-MM-DD", help="Only this expiration; repeatable.", rich_help_panel=_WHICH),
    ] = None,
    min_strike: Annotated[
        float | None, typer.Option(help="Lowest strike of any leg.", rich_help_panel=_WHICH)
    ] = None,
    max_strike: Annotated[
        float | None, typer.Option(help="Highest strike of any leg.", rich_help_panel=_WHICH)
    ] = None,
    min_short_delta: Annotated[
        float | None, typer.Option(help="Smallest |delta| of a leg sold.", rich_help_panel=_WHICH)
    ] = None,
    max_short_delta: Annotated[
        float | None,
        typer.Option(
            help="Largest |delta| of a leg sold. Default: 0.40 on credit spreads.", rich_help_panel=_WHICH
        ),
    ] = None,
    min_pop: Annotated[
        float | None, typer.Option(metavar="0…1", help="Least probability of profit.", rich_help_panel=_WHICH)
    ] = None,
    min_return: Annotated[
        float | None,
        typer.Option(
            metavar="FRACTION",
            help="Least return on risk after commission. Default: 0.05.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIGURE>=X",
            help="Bound on any name of `spreadmesh figures`, >= or <=; repeatable.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    clear_default: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A default filter to leave out, or `all`; repeatable.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    undefined_risk: Annotated[
        bool,
        typer.Option(
            "--undefined-risk", help="Also list spreads whose loss has no limit.", rich_help_panel=_WHICH
        ),
    ] = False,
    rank_by: Annotated[
        str | None,
        typer.Option(
            metavar="FIGURE", help="`score`, or a name of `spreadmesh figures`.", rich_help_panel=_RANK
        ),
    ] = None,
    slippage: Annotated[
        float | None,
        typer.Option(
            metavar="0…1",
            help="Assumed fill, from mid (0) to natural (1). Default: 0.25.",
            rich_help_panel=_RANK,
        ),
    ] = None,
    commission: Annotated[
        float | None,
        typer.Option(metavar="USD", help="Per option contract. Default: 0.65.", rich_help_panel=_RANK),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Length of the ranking. Default: 20.", rich_help_panel=_RANK),
    ] = None,
    min_coverage: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="0…1", help="Wait until this share of the contracts is quoted."),
    ] = None,
    timeout: Timeout = 120,
    watch: Watch = False,
    seconds: WatchSeconds = None,
    json: Json = False,
    scan: Scan = None,
    state_dir: StateDir = None,
) -> None:
    """Rank the option spreads of SYMBOL."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.run import lasting, run
    from spreadmesh_client.cli.scan_once import scan_once
    from spreadmesh_client.cli.scan_spec import build_filters, build_spec
    from spreadmesh_client.cli.scan_watch import scan_watch

    filters = build_filters(
        dte=(min_dte, max_dte),
        expirations=expiration or (),
        strike=(min_strike, max_strike),
        short_delta=(min_short_delta, max_short_delta),
        min_pop=min_pop,
        min_return=min_return,
        where=where or (),
        clear_defaults=clear_default or (),
    )
    spec = build_spec(
        symbol,
        filters,
        strategies=strategy or (),
        rank_by=rank_by,
        slippage=slippage,
        commission=commission,
        limit=limit,
        undefined_risk=undefined_risk,
    )
    found = find_addresses(None, scan, state_dir)
    if watch:
        watching = scan_watch(found.scan, spec, as_json=json)
        run(lasting(watching, seconds), found.trace_dir, ends_by_ctrl_c=True)
    else:
        run(scan_once(found.scan, spec, min_coverage, timeout, as_json=json), found.trace_dir)


def strategies(
    scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """List what can be scanned for."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.catalogue import show_strategies
    from spreadmesh_client.cli.run import run

    found = find_addresses(None, scan, state_dir)
    run(show_strategies(found.scan, timeout, as_json=json), found.trace_dir)


def figures(scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None) -> None:
    """List what is computed, and can be filtered and ranked by."""
    from spreadmesh_client.cli.addresses import find_addresses
    from spreadmesh_client.cli.catalogue import show_figures
    from spreadmesh_client.cli.run import run

    found = find_addresses(None, scan, state_dir)
    run(show_figures(found.scan, timeout, as_json=json), found.trace_dir)

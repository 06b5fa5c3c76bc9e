"""Options that say what to scan for, and how to price and rank it: those of every command that scans."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from spreadmesh_client.cli.taking import takes

if TYPE_CHECKING:
    from spreadmesh.scan.v1.spec_pb2 import ScanSpec

_DAYS: Final = "DAYS"
_WHICH: Final = "What to look for"
_RANK: Final = "Price and order"


def spec_of(
    *,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Start from this one of `spreadmesh presets`; options given win.",
            rich_help_panel=_WHICH,
        ),
    ] = None,
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            help="A name or family from `spreadmesh strategies`; repeatable. Default: vertical.",
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
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART=X",
            help="Weight of a part of the score; repeatable, parts not named count 0.",
            rich_help_panel=_RANK,
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
    forecast: Annotated[
        str | None,
        typer.Option(
            metavar="realized|NUMBER",
            help="Volatility behind expected values: that of the last 30 days, or per year as 0.25. "
            "Default: at the money.",
            rich_help_panel=_RANK,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Length of the ranking. Default: 20.", rich_help_panel=_RANK),
    ] = None,
) -> "ScanSpec":
    """What the options ask for, of an underlying that is still to be named."""
    from spreadmesh_client.cli.scan_spec import build_filters, build_spec, parse_weights

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
    return build_spec(
        "",
        filters,
        strategies=strategy or (),
        rank_by=rank_by,
        weights=parse_weights(weight or ()),
        preset=preset or "",
        slippage=slippage,
        commission=commission,
        forecast=forecast,
        limit=limit,
        undefined_risk=undefined_risk,
    )


takes_spec = takes("spec", spec_of)
"""Gives a command the options above in place of its parameter `spec`, which gets what they ask for."""

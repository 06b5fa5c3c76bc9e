"""Options that say what to trade and how: those of every command that makes an order."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from spreadmesh_client.cli.scan_options import takes_spec
from spreadmesh_client.cli.taking import takes

if TYPE_CHECKING:
    from spreadmesh.scan.v1.spec_pb2 import ScanSpec

_WHAT: Final = "What to trade"
_HOW: Final = "At what price"
_WALK: Final = "Walking the limit"


class Tif(StrEnum):
    """How long an order stays."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"


@dataclass(frozen=True)
class Pricing:
    """What an order may cost, and how its limit moves; None leaves a value to the mesh."""

    limit: Decimal | None
    tif: Tif
    account: str
    take_profit: Decimal | None
    stop_loss: Decimal | None
    walk: bool | None
    """None leaves it to the command."""
    step: Decimal | None
    seconds_per_step: float
    share: Decimal
    worst: Decimal | None


@dataclass(frozen=True)
class OrderRequest:
    """An order as the options ask for it."""

    legs: list[str]
    rank: int | None
    """Of the spread in the ranking that `spec` asks for; None where legs are given."""
    spec: "ScanSpec"
    min_coverage: float | None
    quantity: int
    pricing: Pricing


def to_price(text: str) -> Decimal:
    """A net price from the command line.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not a number") from None
    if not price.is_finite():
        raise typer.BadParameter(f"{text!r} is not a price")
    return price


def pricing_of(
    *,
    limit_price: Annotated[
        Decimal | None,
        typer.Option(
            parser=to_price,
            metavar="NET",
            help="Net limit per share: positive is paid, negative received. With --walk: the worst. "
            "Default: between mid and natural.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    tif: Annotated[Tif, typer.Option(help="How long it stays.", rich_help_panel=_HOW)] = Tif.DAY,
    account: Annotated[
        str, typer.Option(help="IB's account. Default: the only one.", rich_help_panel=_HOW)
    ] = "",
    take_profit: Annotated[
        Decimal | None,
        typer.Option(
            parser=to_price,
            metavar="VALUE",
            help="When filled, close it at this value of a unit: -0.40 buys back for 0.40.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    stop_loss: Annotated[
        Decimal | None,
        typer.Option(
            parser=to_price,
            metavar="VALUE",
            help="When filled, close it at the market once its value has fallen to this.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    walk: Annotated[
        bool | None,
        typer.Option(
            "--walk/--stay",
            help="Place it at mid, raise the limit step by step towards natural, cancel what is not filled; "
            "or let it stay. Default: stay, but `close` walks.",
            show_default=False,
            rich_help_panel=_WALK,
        ),
    ] = None,
    walk_step: Annotated[
        Decimal | None,
        typer.Option(
            parser=to_price,
            metavar="NET",
            help="How far at a time. Default: a fifth of the way.",
            rich_help_panel=_WALK,
        ),
    ] = None,
    walk_seconds: Annotated[
        float, typer.Option(min=0.1, help="How long each limit is given.", rich_help_panel=_WALK)
    ] = 5,
    walk_share: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="How far at most, from mid (0) to natural (1).", rich_help_panel=_WALK
        ),
    ] = 1,
    worst_price: Annotated[
        Decimal | None,
        typer.Option(
            parser=to_price, metavar="NET", help="Never a worse net limit than this.", rich_help_panel=_WALK
        ),
    ] = None,
) -> Pricing:
    """What the options ask for."""
    return Pricing(
        limit_price, tif, account, take_profit, stop_loss, walk, walk_step, walk_seconds,
        Decimal(str(walk_share)), worst_price,
    )  # fmt: skip


takes_pricing = takes("pricing", pricing_of)
"""Gives a command the options above in place of its parameter `pricing`."""


@takes_spec
@takes_pricing
def request_of(
    *,
    pricing: Pricing,
    spec: "ScanSpec",
    leg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'±N CONTRACT'",
            help="A leg: '+1 GOOG 2016-01-15 720 P', '-1 28812380' by IB's number, '+100 GOOG' for shares; "
            "repeatable.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    from_scan: Annotated[
        int | None,
        typer.Option(
            min=1, max=1000, metavar="RANK",
            help="The spread of this rank, with the options of `spreadmesh scan` and --symbol.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    symbol: Annotated[
        str | None, typer.Option(help="Underlying of --from-scan.", rich_help_panel=_WHAT)
    ] = None,
    min_coverage: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="0…1",
            help="With --from-scan: wait until this share of the contracts is quoted.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    quantity: Annotated[
        int, typer.Option("--quantity", "-q", min=1, help="Spreads or contracts.", rich_help_panel=_WHAT)
    ] = 1,
) -> OrderRequest:  # fmt: skip
    """What the options ask for.

    Raises:
        typer.BadParameter: They don't say what to trade, or say it twice.
    """
    if bool(leg) == (from_scan is not None):
        raise typer.BadParameter("say what to trade by --leg or by --from-scan RANK --symbol SYMBOL")
    if (from_scan is None) != (symbol is None):
        raise typer.BadParameter("--from-scan and --symbol belong together")
    spec.underlying = (symbol or "").upper()
    return OrderRequest(leg or [], from_scan, spec, min_coverage, quantity, pricing)


takes_request = takes("request", request_of)
"""Gives a command all of these options, and those of `scan`, in place of its parameter `request`."""

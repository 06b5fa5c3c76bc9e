"""What the options of an order come to: contracts by number, names and quotes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import typer
from spreadmesh.common.v1.contract_pb2 import OptionContract
from spreadmesh.order.v1.order_pb2 import Bracket, OrderSpec, TimeInForce

from mesh.errors import out_of_range
from spreadmesh_client import Client, MarketData
from spreadmesh_client.cli.leg_quotes import quoted
from spreadmesh_client.cli.order_options import OrderRequest, Pricing, Tif
from spreadmesh_client.cli.scan_once import scanned
from spreadmesh_client.orders.build import legs_order
from spreadmesh_client.orders.decimals import to_message
from spreadmesh_client.orders.legs import LETTERS, NamedLeg, listed_leg, scanned_leg

DEFAULT_LIMIT: Final = 20
TIME_IN_FORCE: Final = {
    Tif.DAY: TimeInForce.TIME_IN_FORCE_DAY,
    Tif.GTC: TimeInForce.TIME_IN_FORCE_GTC,
    Tif.IOC: TimeInForce.TIME_IN_FORCE_IOC,
}
_LEG: Final = re.compile(r"([+-]\d+)\s+(\S.*)")
_OPTION: Final = re.compile(r"(\S+)\s+(\d{4}-\d\d-\d\d)\s+(\d+(?:\.\d+)?)\s+([CP])", re.IGNORECASE)


@dataclass(frozen=True)
class Terms:
    """An order without its limit, and what its legs are."""

    title: str
    spec: OrderSpec
    legs: Sequence[NamedLeg]
    closes: bool = False
    """It ends a position."""
    trace_context: bytes = b""
    """Of the ranking that it comes from."""


async def terms_of(client: Client, request: OrderRequest, timeout_seconds: float) -> Terms:
    """Look up what the options name.

    Raises:
        MeshError: There is no such contract or rank, or a server refused.
        typer.BadParameter: A leg that can't be read.
    """
    if request.rank is None:
        legs = await quoted(client.market, await _listed(client.market, request.legs))
        return terms(
            f"{len(legs)} legs" if len(legs) > 1 else "single", legs, request.quantity, request.pricing
        )
    if not request.spec.HasField("limit") and request.rank > DEFAULT_LIMIT:
        request.spec.limit = request.rank
    ranking = await scanned(client.scans, request.spec, request.min_coverage, timeout_seconds)
    if request.rank > len(ranking.candidates):
        text = f"there is no rank {request.rank}: {len(ranking.candidates)} spreads are in the ranking"
        raise out_of_range("--from-scan", text)
    candidate = ranking.candidates[request.rank - 1]
    symbol = request.spec.underlying
    legs = [scanned_leg(leg, symbol) for leg in candidate.legs]
    title = f"{symbol} {candidate.strategy.replace('_', ' ')}"
    found = terms(title, legs, request.quantity, request.pricing)
    return replace(found, trace_context=ranking.basis.trace_context)


def terms(title: str, legs: Sequence[NamedLeg], quantity: int, pricing: Pricing) -> Terms:
    """The order of some legs, on the terms that the options ask for; its limit is still to be found.

    Raises:
        typer.BadParameter: A contract comes twice, or a leg trades nothing of it.
    """
    if len({leg.con_id for leg in legs}) < len(legs) or any(leg.ratio == 0 for leg in legs):
        raise typer.BadParameter("every --leg must be another contract, and buy or sell something of it")
    spec = legs_order({leg.con_id: leg.ratio for leg in legs}, quantity, None)
    spec.time_in_force = TIME_IN_FORCE[pricing.tif]
    spec.account = pricing.account
    if pricing.take_profit is not None or pricing.stop_loss is not None:
        exits = Bracket(profit_taker=to_message(pricing.take_profit), stop_loss=to_message(pricing.stop_loss))
        spec.bracket.CopyFrom(exits)
    common = spec.quantity // quantity
    return Terms(title, spec, [replace(leg, ratio=leg.ratio // common) for leg in legs])


def parse_leg(text: str) -> tuple[int, str]:
    """Ratio and contract of `+1 GOOG 2016-01-15 720 P`.

    Raises:
        typer.BadParameter: It is of another form.
    """
    match = _LEG.fullmatch(text.strip())
    if match is None:
        raise typer.BadParameter(f"--leg {text!r}: must be ±N and a contract, as '+1 GOOG 2016-01-15 720 P'")
    return int(match[1]), match[2]


async def _listed(market: MarketData, texts: Sequence[str]) -> list[NamedLeg]:
    return [await _leg(market, *parse_leg(text)) for text in texts]


async def _leg(market: MarketData, ratio: int, contract: str) -> NamedLeg:
    if contract.isdecimal():
        return NamedLeg(int(contract), ratio, contract)
    if (option := _OPTION.fullmatch(contract)) is None:
        if " " in contract:
            raise typer.BadParameter(f"--leg {contract!r}: must be as 'GOOG 2016-01-15 720 P'")
        share = (await market.get_option_chain(contract.upper())).underlying
        return NamedLeg(share.con_id, ratio, share.symbol, 1.0)
    symbol, expiration, strike, right = option.groups()
    return listed_leg(await _option(market, symbol.upper(), expiration, float(strike), right.upper()), ratio)


async def _option(
    market: MarketData, symbol: str, expiration: str, strike: float, right: str
) -> OptionContract:
    day = date.fromisoformat(expiration)
    chain = await market.get_option_chain(symbol, expiration_from=day, expiration_to=day)
    found = [
        each
        for each in chain.contracts
        if each.strike == strike and LETTERS[each.right] == right and each.expiration == expiration
    ]
    if len(found) != 1:
        numbers = "".join(f"; {each.con_id} is {each.trading_class}" for each in found)
        name = f"{symbol} {expiration} {strike:g} {right}"
        raise out_of_range("--leg", f"{len(found) or 'no'} contracts are {name}{numbers}")
    return found[0]

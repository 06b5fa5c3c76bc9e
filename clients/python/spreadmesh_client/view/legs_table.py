"""The legs of a spread: what they are quoted at and what they are worth."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from spreadmesh.scan.v1.candidate_pb2 import Leg

from spreadmesh_client.payoff.spread import is_share
from spreadmesh_client.view.ranking_table import right_letter
from spreadmesh_client.view.text import MISSING, duration, price, whole

Columns = tuple[tuple[str, Callable[[Leg], str]], ...]

QUOTES: Final[Columns] = (
    ("Bid", lambda leg: price(leg.bid)),
    ("Ask", lambda leg: price(leg.ask)),
    ("Mid", lambda leg: price(leg.mid, 3)),
    ("Sizes", lambda leg: f"{_of(leg, 'bid_size', whole)} × {_of(leg, 'ask_size', whole)}"),
    ("Open int.", lambda leg: _of(leg, "open_interest", whole)),
    ("Volume", lambda leg: _of(leg, "volume", whole)),
    ("Age", lambda leg: duration(leg.quote_age) + (" STALE" if leg.stale else "")),
)
GREEKS: Final[Columns] = (
    ("IV", lambda leg: _of(leg, "implied_volatility", lambda value: f"{100 * value:.2f}%")),
    ("Delta", lambda leg: _of(leg, "delta", lambda value: price(value, 4))),
    ("Gamma", lambda leg: _of(leg, "gamma", lambda value: price(value, 5))),
    ("Vega", lambda leg: _of(leg, "vega", lambda value: price(value, 4))),
    ("Theta", lambda leg: _of(leg, "theta", lambda value: price(value, 4))),
    ("Rho", lambda leg: _of(leg, "rho", lambda value: price(value, 4))),
    ("Liq.", lambda leg: price(leg.liquidity, 3)),
)


def legs_tables(legs: Sequence[Leg]) -> RenderableType:
    """Quotes, then volatility and Greeks of one share of each leg held long."""
    return Group(_table("Legs", legs, QUOTES), "", _table("Long, per share", legs, GREEKS))


def _table(title: str, legs: Sequence[Leg], columns: Columns) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(title, no_wrap=True)
    for name, _ in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for leg in legs:
        table.add_row(_name(leg), *(cell(leg) for _, cell in columns))
    return table


def _name(leg: Leg) -> str:
    """`+1 2015-12-31 740P`: bought or sold, and what."""
    what = "shares" if is_share(leg) else f"{leg.expiration} {leg.strike:g}{right_letter(leg.right)}"
    return f"{leg.quantity:+d} {what}"


def _of(leg: Leg, field: str, show: Callable[[float], str]) -> str:
    return show(getattr(leg, field)) if leg.HasField(field) else MISSING  # type: ignore[arg-type]  # by name

"""An order before it is sent: one screen that says all there is to decide on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.common.v1.decimal_pb2 import Decimal as DecimalMessage
from spreadmesh.order.v1.order_pb2 import OrderSpec, TimeInForce
from spreadmesh.order.v1.preview_pb2 import Margin, PreviewOrderResponse

from spreadmesh_client.orders.decimals import to_decimal
from spreadmesh_client.orders.legs import NamedLeg, max_profit
from spreadmesh_client.view.text import MISSING, duration, net_price, price


@dataclass(frozen=True)
class Ticket:
    """What is to be sent, and what is known of it."""

    title: str
    spec: OrderSpec
    legs: Sequence[NamedLeg]
    preview: PreviewOrderResponse
    walk: tuple[Decimal, ...] = ()
    """Limits that it goes through; empty where it stays at its limit."""
    seconds_per_step: float = 0.0
    closes: bool = False
    """It ends a position: its legs by themselves earn nothing."""

    @property
    def limit(self) -> Decimal:
        """The limit that it is placed at."""
        return to_decimal(self.spec.limit_price)


def order_screen(ticket: Ticket) -> RenderableType:
    """Legs and their quotes; prices; profit and loss; margin; what speaks against it."""
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    for name, value in [*_prices(ticket), *_money(ticket), *_margin(ticket.preview.margin)]:
        facts.add_row(name, value)
    parts: list[RenderableType] = [Text(_heading(ticket), "bold"), _legs(ticket.legs), Text(), facts]
    if ticket.preview.warning:
        parts.append(Text(f"IB warns: {ticket.preview.warning}", "yellow"))
    parts += [
        Text(f"REFUSED {each.limit}: {each.description}", "bold red") for each in ticket.preview.violations
    ]
    return Group(*parts)


def money(message: DecimalMessage) -> str:
    """US dollars with cents."""
    return f"{to_decimal(message):,.2f}"


def _heading(ticket: Ticket) -> str:
    spec = ticket.spec
    lasting = TimeInForce.Name(spec.time_in_force).removeprefix("TIME_IN_FORCE_")
    account = f", account {spec.account}" if spec.account else ""
    return f"{spec.quantity} × {ticket.title}, {lasting}{account}"


def _legs(legs: Sequence[NamedLeg]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Legs", no_wrap=True)
    table.add_column("Bid", justify="right")
    table.add_column("Ask", justify="right")
    for leg in legs:
        table.add_row(f"{leg.ratio:+d} {leg.name}", price(leg.bid), price(leg.ask))
    return table


def _prices(ticket: Ticket) -> list[tuple[str, str]]:
    prices = ticket.preview.prices
    rows = [
        ("natural", _net(to_decimal(prices.natural))),
        ("mid", _net(to_decimal(prices.mid))),
        ("limit", f"{_net(ticket.limit)}, tick {prices.tick.value}"),
        ("quotes", f"{duration(prices.quote_age_seconds)} old"),
    ]
    if ticket.walk:
        steps = f"{len(ticket.walk)} limits, {ticket.seconds_per_step:g} s each, then cancelled"
        rows.insert(3, ("walk", f"{_range(ticket.walk)}, {steps}"))
    return rows


def _money(ticket: Ticket) -> list[tuple[str, str]]:
    preview, worst = ticket.preview, ticket.walk[-1] if ticket.walk else ticket.limit
    commission = money(preview.commission) if preview.HasField("commission") else _bounds(preview)
    loss = money(preview.max_loss) if preview.HasField("max_loss") else "∞"
    rows = [("loss", f"{loss} USD at most"), ("commission", f"{commission} USD")]
    if ticket.closes:
        return rows
    gain = max_profit(ticket.legs, float(worst))
    at_worst = " at the last limit" if len(ticket.walk) > 1 else ""
    most = price(None if gain is None else gain * ticket.spec.quantity)
    return [("profit", f"{most} USD at most{at_worst}"), *rows]


def _bounds(preview: PreviewOrderResponse) -> str:
    if not preview.HasField("min_commission") or not preview.HasField("max_commission"):
        return MISSING
    return f"{money(preview.min_commission)} to {money(preview.max_commission)}"


def _margin(margin: Margin) -> list[tuple[str, str]]:
    return [
        (f"{name} margin" if name != "equity" else name, f"{money(before)} → {money(after)} USD")
        for name, before, after in (
            ("initial", margin.initial_before, margin.initial_after),
            ("maintenance", margin.maintenance_before, margin.maintenance_after),
            ("equity", margin.equity_before, margin.equity_after),
        )
        if after.value
    ]


def _net(net: Decimal) -> str:
    """`1.05 cr (-1.05)`: as people say it, and as options take it."""
    exponent = net.as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{abs(net):.{decimals}f} {'dr' if net >= 0 else 'cr'} ({net:.{decimals}f})"


def _range(limits: tuple[Decimal, ...]) -> str:
    first, last = net_price(float(limits[0])), net_price(float(limits[-1]))
    return f"{first} to {last}" if len(limits) > 1 else first

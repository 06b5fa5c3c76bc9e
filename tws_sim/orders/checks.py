"""What the gateway looks at before it takes an order. What is not played here is refused, never ignored."""

from decimal import Decimal

from tws_sim.orders import refusal
from tws_sim.orders.product import Product
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.ticket import Ticket

MOST_UNITS = 1_000_000
_WITH_LIMIT = {"LMT", "STP LMT"}
_WITH_STOP = {"STP", "STP LMT"}
_TYPES = {"MKT"} | _WITH_LIMIT | _WITH_STOP
_TIFS = {"DAY", "GTC", "GTD", "IOC"}
_OCA_TYPES = {0, 1, 2, 3}
# What is not played: names, flags and figures.
_NAMES = "algoStrategy hedgeType deltaNeutralOrderType goodAfterTime adjustedOrderType faGroup modelCode"
_FLAGS = "allOrNone hidden blockOrder sweepToFill notHeld randomizeSize randomizePrice"
_FIGURES = (
    "scalePriceIncrement trailStopPrice trailingPercent percentOffset volatility cashQty minQty duration "
    "displaySize discretionaryAmt nbboPriceCap auctionStrategy startingPrice stockRefPrice delta "
    "stockRangeLower stockRangeUpper triggerMethod"
)
_ROUTING = {"NonGuaranteed"}  # legs are always executed together, which satisfies either value


def check(ticket: Ticket, account: str) -> None:
    """Hold an order against what the gateway takes, but for its contract and its prices.

    Raises:
        RefusedError: it is not taken.
        TicketError: a figure cannot be read.
    """
    if ticket.text("action").upper() not in {"BUY", "SELL"}:
        raise refusal.invalid(f"Invalid side {ticket.text('action')!r}")
    if ticket.text("account") not in {"", account}:
        raise refusal.invalid(f"Invalid account code '{ticket.text('account')}'")
    if ticket.order_type not in _TYPES:
        raise RefusedError(*refusal.UNSUPPORTED_TYPE)
    if ticket.tif not in _TIFS:
        raise RefusedError(*refusal.UNSUPPORTED_TIF)
    quantity(ticket)
    _features(ticket)


def quantity(ticket: Ticket) -> int:
    """How many units.

    Raises:
        RefusedError: none, a fraction, or beyond all bounds.
        TicketError: it is no number.
    """
    value = ticket.number("totalQuantity")
    if value is None or value == 0:
        raise RefusedError(*refusal.NO_QUANTITY)
    if value != value.to_integral_value():
        raise RefusedError(*refusal.FRACTIONAL)
    if not 0 < value <= MOST_UNITS:
        raise refusal.invalid(f"Invalid order size {value}")
    return int(value)


def limit_price(ticket: Ticket, product: Product) -> int | None:
    """The limit in ticks; None for orders that have none.

    Raises:
        RefusedError: it is missing or no multiple of the tick.
        TicketError: it cannot be read.
    """
    return _ticks(ticket, "lmtPrice", product) if ticket.order_type in _WITH_LIMIT else None


def stop_price(ticket: Ticket, product: Product) -> int | None:
    """The stop price in ticks; None for orders that have none.

    Raises:
        RefusedError: it is missing or no multiple of the tick.
        TicketError: it cannot be read.
    """
    return _ticks(ticket, "auxPrice", product) if ticket.order_type in _WITH_STOP else None


def _ticks(ticket: Ticket, name: str, product: Product) -> int:
    price = ticket.number(name)
    if price is None:
        raise refusal.invalid(f"An order of type {ticket.order_type} needs {name}")
    if price % product.tick or (price <= 0 and not product.is_combo):
        raise RefusedError(*refusal.BAD_TICK)
    return int(price / product.tick)


def _features(ticket: Ticket) -> None:
    asked = [name for name in _NAMES.split() if ticket.text(name) not in {"", "None"}]
    asked += [name for name in _FLAGS.split() if ticket.flag(name)]
    asked += [name for name in _FIGURES.split() if ticket.number(name) not in {None, Decimal(0)}]
    asked += ["conditions"] if ticket.conditions else []
    asked += ["orderComboLegs"] if any(ticket.leg_prices) else []
    asked += [tag for tag, _ in ticket.routing if tag not in _ROUTING]
    if ticket.integer("ocaType") not in _OCA_TYPES:
        asked.append(f"ocaType {ticket.text('ocaType')}")
    if asked:
        raise refusal.invalid(f"Not supported by this gateway: {', '.join(asked)}")

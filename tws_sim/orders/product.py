"""What an order trades: one contract, or the legs of a combination, each with its part in the price."""

from decimal import Decimal
from typing import NamedTuple

from tws_sim.market.instrument import Instrument, Option, Share, min_tick
from tws_sim.market.listing import Listing
from tws_sim.orders import refusal
from tws_sim.orders.order import BAG_CON_ID
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.ticket import Ticket
from tws_sim.wire import errors

SHARES_PER_OPTION = 100
MOST_LEGS = 10


class Part(NamedTuple):
    """A contract of a product, as whoever buys the product trades it.

    Attributes:
        row: its place in the market.
        item: what it is.
        ratio: contracts or shares per unit; sold: negative.
        weight: how often its price counts in the price of a unit; sold: negative.
    """

    row: int
    item: Instrument
    ratio: int
    weight: int


class Product(NamedTuple):
    """One contract is a product of one part, bought once."""

    con_id: int
    parts: tuple[Part, ...]
    tick: Decimal

    @property
    def is_combo(self) -> bool:
        """Whether it is a combination, even one of a single leg."""
        return self.con_id == BAG_CON_ID

    @property
    def key(self) -> tuple[tuple[int, int], ...]:
        """Equal for equal products: contract ids and ratios."""
        return tuple(sorted((part.item.con_id, part.ratio) for part in self.parts))


def product(listing: Listing, ticket: Ticket) -> Product:
    """What a ticket is for.

    Raises:
        RefusedError: it is no contract, more than one, or a combination that cannot be.
    """
    if not ticket.contract.exchange:
        raise refusal.invalid("Please enter exchange")
    return _combo(listing, ticket) if ticket.is_combo else _single(listing, ticket)


def _single(listing: Listing, ticket: Ticket) -> Product:
    found = listing.match(ticket.contract)
    if not found:
        raise RefusedError(errors.NO_SUCH_CONTRACT, errors.UNKNOWN_CONTRACT)
    if len(found) > 1:
        text = f"The contract description specified for {ticket.contract.symbol} is ambiguous."
        raise RefusedError(errors.NO_SUCH_CONTRACT, text)
    item = _traded(found[0])
    tick = Decimal(str(min_tick(item)))
    return Product(item.con_id, (Part(listing.rows[item.con_id], item, 1, 1),), tick)


def _traded(item: Instrument) -> Instrument:
    if not isinstance(item, Share | Option):
        raise refusal.rejected("Only shares and options are traded in this account")
    return item


def _combo(listing: Listing, ticket: Ticket) -> Product:
    if not ticket.legs:
        raise RefusedError(*refusal.NO_LEGS)
    if len(ticket.legs) > MOST_LEGS or len({leg.con_id for leg in ticket.legs}) < len(ticket.legs):
        raise RefusedError(*refusal.BAD_COMBO)
    signs = {"BUY": 1, "SELL": -1}
    parts = []
    for number, leg in enumerate(ticket.legs, start=1):
        item = listing.by_id(leg.con_id)
        sign = signs.get(leg.action.upper())
        if item is None or sign is None or leg.ratio <= 0 or not leg.exchange:
            raise refusal.bad_leg(number)
        parts.append(Part(listing.rows[leg.con_id], _traded(item), sign * leg.ratio, 0))
    return Product(BAG_CON_ID, weighted(parts), Decimal(str(min_tick(parts[0].item))))


def weighted(parts: list[Part]) -> tuple[Part, ...]:
    """Parts with their weights: beside options a hundred shares count once, as they do in an option's price.

    Raises:
        RefusedError: shares beside options are no whole hundreds.
    """
    unit = SHARES_PER_OPTION if any(isinstance(part.item, Option) for part in parts) else 1
    found = []
    for part in parts:
        divisor = unit if isinstance(part.item, Share) else 1
        if part.ratio % divisor:
            raise RefusedError(*refusal.BAD_COMBO)
        found.append(part._replace(weight=part.ratio // divisor))
    return tuple(found)

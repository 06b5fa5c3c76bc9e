"""An order as its client described it; a modification is another ticket under the same id."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from tws_sim.market.listing import ContractQuery

_LARGEST = 10**12


class TicketError(ValueError):
    """A figure of an order cannot be read."""


@dataclass(frozen=True)
class ComboLeg:
    """One leg of a combination; ``extras`` are openClose, shortSaleSlot, designatedLocation, exemptCode."""

    con_id: int
    ratio: int
    action: str
    exchange: str
    extras: tuple[str, ...] = ("0", "0", "", "-1")


@dataclass(frozen=True)
class Ticket:
    """Fields by the names the API gives them, as text; empty where nothing was said.

    Attributes:
        contract: the client's description.
        terms: every field of an order that stands once.
        legs: legs of a combination.
        leg_prices: one per leg, or none.
        routing: tags and values of the routing of combinations.
        algo: tags and values of an algorithm.
        delta_neutral: contract id, delta and price of a delta-neutral combination's contract; or nothing.
        conditions: each condition's fields, its type first.
    """

    contract: ContractQuery
    terms: dict[str, str] = field(default_factory=dict)
    legs: tuple[ComboLeg, ...] = ()
    leg_prices: tuple[str, ...] = ()
    routing: tuple[tuple[str, str], ...] = ()
    algo: tuple[tuple[str, str], ...] = ()
    delta_neutral: tuple[str, ...] = ()
    conditions: tuple[tuple[str, ...], ...] = ()

    def text(self, name: str) -> str:
        """A field as it is."""
        return self.terms.get(name, "")

    def number(self, name: str) -> Decimal | None:
        """A price or quantity, exactly; None where it is not set.

        Raises:
            TicketError: it is no number, or beyond all bounds.
        """
        text = self.text(name)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise TicketError(f"{name} is no number: {text!r}") from None
        if not value.is_finite() or abs(value) > _LARGEST:
            raise TicketError(f"{name} is beyond all bounds: {text!r}")
        return value

    def integer(self, name: str) -> int:
        """A whole number; 0 where it is not set.

        Raises:
            TicketError: it is none.
        """
        value = self.number(name) or Decimal(0)
        if value != value.to_integral_value():
            raise TicketError(f"{name} is no whole number: {self.text(name)!r}")
        return int(value)

    def flag(self, name: str) -> bool:
        """A truth value; False where it is not set."""
        return self.text(name).lower() in {"1", "true"}

    @property
    def is_combo(self) -> bool:
        """Whether it is for a combination."""
        return self.contract.sec_type == "BAG"

    @property
    def buys(self) -> bool:
        """Whether it is to buy."""
        return self.text("action").upper() == "BUY"

    @property
    def order_type(self) -> str:
        """LMT, MKT, STP or STP LMT, or what is not played here."""
        return self.text("orderType").upper()

    @property
    def tif(self) -> str:
        """Time in force, a day's where nothing was said."""
        return self.text("tif").upper() or "DAY"

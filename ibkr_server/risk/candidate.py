"""An order that makes sense, and what is known of it: contracts, holdings, prices, the most it can lose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ibkr_server.chain.facts import ContractFacts
from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import OrderSpec, OrderType
from ibkr_server.risk.limits import Limits
from ibkr_server.risk.max_loss import added_loss
from ibkr_server.risk.prices import BidAsk, PriceView, net_limit, price_view, shares_per_unit
from ibkr_server.risk.stakes import Holdings, free_stakes, stake


@dataclass(frozen=True, slots=True)
class Candidate:
    """`spec` names its account, `contracts` has all its legs.

    `held` is what the account holds of the underlying. `client` asks for it, at `asked_at` in monotonic
    seconds.
    """

    spec: OrderSpec
    contracts: Mapping[int, ContractFacts]
    held: Holdings
    limits: Limits
    client: str
    asked_at: float
    filled: Decimal = Decimal(0)
    """Units of the order that it replaces which are filled, and so are held already."""
    is_exit: bool = False
    """Changes an exit of a bracket, which closes no more than before what its entry opens."""

    @property
    def limit(self) -> Decimal | None:
        """Its net limit; None for a market order, and for a stop, which becomes one."""
        return None if self.spec.type is OrderType.STOP else net_limit(self.spec, self.contracts)


@dataclass(frozen=True, slots=True)
class Priced:
    """A candidate in the market: `view` is None where legs have no good quote, which `problems` tell of.

    `problems` are pairs of contract number and what is wrong with its quote.
    """

    view: PriceView | None
    problems: tuple[tuple[int, str], ...]


def priced(candidate: Candidate, quotes: Mapping[int, BidAsk | str]) -> Priced:
    """Prices of a candidate from the quotes of all its legs, or from what is wrong with them."""
    problems = tuple((con_id, quote) for con_id, quote in quotes.items() if isinstance(quote, str))
    good = {con_id: quote for con_id, quote in quotes.items() if isinstance(quote, BidAsk)}
    return Priced(None if problems else price_view(candidate.spec, candidate.contracts, good), problems)


def largest_loss(candidate: Candidate, market: Priced, working: Iterable[Order]) -> Decimal | None:
    """Of what is still to be filled, at its limit or at natural where it has none; US dollars, zero or more.

    None where there is no limit to it, and where a market order has no prices. `working` orders of the
    account may have closed what it holds by then.
    """
    price = candidate.limit
    if price is None and market.view is not None:
        price = market.view.natural
    if price is None:
        return None
    spec, contracts = candidate.spec, candidate.contracts
    units = spec.quantity - candidate.filled
    cost = price * shares_per_unit(contracts.values()) * units
    ordered = [stake(contracts[leg.con_id], leg.ratio * units) for leg in spec.legs]
    return added_loss(cost, ordered, free_stakes(candidate.held, working, spec.account))

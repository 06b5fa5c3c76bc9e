"""Contracts and orders on one share, for tests."""

from datetime import UTC, datetime
from decimal import Decimal

from ibkr_server.chain.contracts import Right
from ibkr_server.chain.facts import ContractFacts, PriceIncrement
from ibkr_server.orders.spec import OrderLeg, OrderSpec, OrderType

D = Decimal
SHARE = 1
NEAR = datetime(2026, 12, 18, 21, tzinfo=UTC)
FAR = datetime(2027, 3, 19, 20, tzinfo=UTC)
CENT = (PriceIncrement(D(0), D("0.01")),)
PENNY_PILOT = (PriceIncrement(D(0), D("0.01")), PriceIncrement(D(3), D("0.05")))
NICKEL = (PriceIncrement(D(0), D("0.05")), PriceIncrement(D(3), D("0.10")))


def share(con_id: int = SHARE, symbol: str = "SPY", currency: str = "USD") -> ContractFacts:
    return ContractFacts(con_id, symbol, "STK", currency, "SMART", symbol, "NMS", D(1), con_id, "STK", CENT)


def option(
    con_id: int,
    strike: float | Decimal,
    right: Right,
    expires: datetime = NEAR,
    *,
    increments: tuple[PriceIncrement, ...] = CENT,
    underlying: int = SHARE,
    underlying_type: str = "STK",
    multiplier: int = 100,
    currency: str = "USD",
) -> ContractFacts:
    return ContractFacts(
        con_id=con_id,
        symbol="SPY",
        security_type="OPT",
        currency=currency,
        exchange="SMART",
        local_symbol=f"SPY {expires:%y%m%d}{right}{strike}",
        trading_class="SPY",
        multiplier=D(multiplier),
        underlying_con_id=underlying,
        underlying_type=underlying_type,
        increments=increments,
        expires=expires,
        strike=D(str(strike)),
        right=right,
    )


CALLS = {100 + n: option(100 + n, 600 + 5 * n, "C") for n in range(5)}
PUTS = {200 + n: option(200 + n, 600 - 5 * n, "P") for n in range(5)}
CONTRACTS = {SHARE: share(), **CALLS, **PUTS}
"""Calls 100 to 104 at 600 to 620, puts 200 to 204 at 600 to 580, and the share."""


def order(
    limit: str | None, *legs: tuple[int, int], quantity: int = 1, kind: OrderType = OrderType.LIMIT
) -> OrderSpec:
    """Legs are pairs of contract number and ratio."""
    price = None if limit is None else D(limit)
    return OrderSpec(tuple(OrderLeg(*leg) for leg in legs), quantity, kind, price)


VERTICAL = ((100, 1), (101, -1))
"""Buys the 600 call and sells the 605 call."""

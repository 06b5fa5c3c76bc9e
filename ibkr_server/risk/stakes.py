"""Orders and positions as their payoff sees them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from ibkr_server.chain.facts import ContractFacts
from ibkr_server.orders.order import Order
from ibkr_server.risk.max_loss import NEVER, Stake

Holdings = Mapping[int, tuple[ContractFacts, Decimal]]
"""Contract and quantity by contract number: positive held, negative owed."""


def free_stakes(held: Holdings, working: Iterable[Order], account: str) -> list[Stake]:
    """What is left of positions once every working order of the account has closed what it can."""
    closing: Counter[tuple[int, bool]] = Counter()
    for order in working:
        if order.spec.account in ("", account):
            for con_id, ratio in order.spec.key:
                closing[con_id, ratio > 0] += abs(ratio) * int(order.remaining)
    return [
        stake(contract, _towards_zero(quantity, closing[con_id, quantity < 0]))
        for con_id, (contract, quantity) in held.items()
    ]


def stake(contract: ContractFacts, quantity: Decimal) -> Stake:
    """So many contracts, as their payoff sees them."""
    shares = quantity * contract.multiplier
    if contract.right is None or contract.strike is None:
        return Stake(shares)
    return Stake(shares, contract.right, contract.strike, contract.expires or NEVER)


def opposite(key: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same contracts on the other side."""
    return tuple((con_id, -ratio) for con_id, ratio in key)


def _towards_zero(quantity: Decimal, closed: int) -> Decimal:
    return max(Decimal(0), quantity - closed) if quantity > 0 else min(Decimal(0), quantity + closed)

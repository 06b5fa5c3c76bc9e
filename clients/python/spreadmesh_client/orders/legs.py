"""The legs of an order as people know them, and what they can earn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from spreadmesh.common.v1.contract_pb2 import OptionContract, Right
from spreadmesh.order.v1.account_pb2 import Position
from spreadmesh.scan.v1.candidate_pb2 import Leg

LETTERS = {Right.RIGHT_CALL: "C", Right.RIGHT_PUT: "P"}


@dataclass(frozen=True)
class NamedLeg:
    """A contract of an order; prices in currency per share."""

    con_id: int
    ratio: int
    """Contracts or shares per unit: positive bought, negative sold."""
    name: str
    """`GOOG 2016-01-15 720 P`, `GOOG`, or the contract's number where nothing else is known."""
    multiplier: float | None = None
    """Shares per contract; None where the contract is not known."""
    expiration: str = ""
    strike: float = 0.0
    right: Right.ValueType = Right.RIGHT_UNSPECIFIED
    bid: float | None = None
    ask: float | None = None

    def intrinsic(self, price: float) -> float:
        """Of one unit of the order, at a price of the underlying on expiration; currency."""
        match self.right:
            case Right.RIGHT_CALL:
                each = max(0.0, price - self.strike)
            case Right.RIGHT_PUT:
                each = max(0.0, self.strike - price)
            case _:
                each = price
        return self.ratio * (self.multiplier or 1.0) * each


def scanned_leg(leg: Leg, symbol: str) -> NamedLeg:
    """A leg of a ranked spread, with its quote."""
    return NamedLeg(
        leg.con_id, leg.quantity, contract_name(symbol, leg.expiration, leg.strike, leg.right),
        leg.multiplier or 1.0, leg.expiration, leg.strike, leg.right, leg.bid, leg.ask,
    )  # fmt: skip


def listed_leg(contract: OptionContract, ratio: int) -> NamedLeg:
    """A leg out of a chain."""
    name = contract_name(contract.symbol, contract.expiration, contract.strike, contract.right)
    return NamedLeg(
        contract.con_id,
        ratio,
        name,
        contract.multiplier,
        contract.expiration,
        contract.strike,
        contract.right,
    )


def held_leg(position: Position, ratio: int) -> NamedLeg:
    """A leg out of what is held."""
    name = contract_name(position.symbol, position.expiration, position.strike, position.right)
    return NamedLeg(
        position.con_id, ratio, name, position.multiplier or 1.0,
        position.expiration, position.strike, position.right,
    )  # fmt: skip


def contract_name(symbol: str, expiration: str, strike: float, right: Right.ValueType) -> str:
    """As `--leg` reads it."""
    return f"{symbol} {expiration} {strike:g} {LETTERS[right]}" if right in LETTERS else symbol


def unit_shares(legs: Sequence[NamedLeg]) -> float:
    """What a net price per share is multiplied by to give the cash of one unit."""
    multipliers = [leg.multiplier or 1.0 for leg in legs]
    return max(multipliers, default=1.0)


def max_profit(legs: Sequence[NamedLeg], price: float) -> float | None:
    """The most that one unit bought at `price` can earn on expiration, currency; infinite without a limit.

    None where the legs expire at different times or are not known.
    """
    dates = {leg.expiration for leg in legs if leg.expiration}
    if len(dates) > 1 or any(leg.multiplier is None for leg in legs):
        return None
    paid = price * unit_shares(legs)
    slope = sum(leg.ratio * (leg.multiplier or 1.0) for leg in legs if leg.right != Right.RIGHT_PUT)
    if slope > 0:
        return inf
    return max(
        sum(leg.intrinsic(bend) for leg in legs) - paid for bend in {0.0, *(leg.strike for leg in legs)}
    )

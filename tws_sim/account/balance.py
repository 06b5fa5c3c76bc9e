"""Cash, values and margin of a set of positions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from tws_sim.account.margin import Held, Margin, options_margin, shares_margin
from tws_sim.account.position import Position
from tws_sim.account.prices import Prices
from tws_sim.market.instrument import Option, Share


class Balance(NamedTuple):
    """The whole account, USD; values of what is sold short are negative but in ``gross``."""

    cash: float
    shares: float
    options: float
    gross: float
    margin: Margin

    @property
    def net_liquidation(self) -> float:
        """What remains if everything is closed at its price."""
        return self.cash + self.shares + self.options

    @property
    def equity_with_loan(self) -> float:
        """What margin is held against: US options have no loan value."""
        return self.cash + self.shares


def balance(positions: Collection[Position], start_cash: float, prices: Prices) -> Balance:
    """The account that holds these positions (closed ones too, for their cash)."""
    held = [one for one in positions if one.quantity]
    marks = prices.of(one.item.con_id for one in held)
    values = {one.item.con_id: one.value(marks[one.item.con_id]) for one in held}
    shares = sum(values[one.item.con_id] for one in held if isinstance(one.item, Share))
    return Balance(
        cash=start_cash + sum(one.flow for one in positions),
        shares=shares,
        options=sum(values.values()) - shares,
        gross=sum(abs(value) for value in values.values()),
        margin=_margin(held, marks, prices),
    )


def _margin(held: Collection[Position], marks: Mapping[int, float], prices: Prices) -> Margin:
    """Of every underlying's shares and options, added up."""
    shares: dict[int, int] = {}
    options: dict[int, list[Held]] = defaultdict(list)
    initial = maintenance = 0.0
    for one in held:
        item = one.item
        if isinstance(item, Option):
            options[item.share.con_id].append(Held(item, one.quantity, marks[item.con_id]))
        else:
            shares[item.con_id] = one.quantity
            own = shares_margin(one.value(marks[item.con_id]))
            initial, maintenance = initial + own.initial, maintenance + own.maintenance
    for con_id, chain in options.items():
        needed = options_margin(chain, shares.get(con_id, 0), prices.spot(chain[0].option))
        initial, maintenance = initial + needed, maintenance + needed
    return Margin(initial, maintenance)

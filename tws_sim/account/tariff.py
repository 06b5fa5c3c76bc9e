"""What Interactive Brokers charges: the tiered tariff of up to 10,000 option contracts a month, shares fixed.

Sources: interactivebrokers.com/en/pricing/commissions-options.php and commissions-stocks.php; fees of
exchanges, clearing and regulators are left out.
"""

from tws_sim.market.instrument import Instrument, Option

MINIMUM = 1.00  # USD per order
_PER_SHARE = 0.005
_PER_CONTRACT = ((0.05, 0.25), (0.10, 0.50), (float("inf"), 0.65))  # premium below, USD


def rate(item: Instrument, price: float) -> float:
    """USD per contract or share at a price."""
    if not isinstance(item, Option):
        return _PER_SHARE
    return next(charged for below, charged in _PER_CONTRACT if abs(price) < below)


def charge(earlier: float, added: float) -> float:
    """What one more execution of an order costs.

    Args:
        earlier: the rates of the order's executions so far, summed up; 0 for its first.
        added: this execution's rate times its quantity.
    """
    charged = max(MINIMUM, earlier) if earlier else 0.0
    return round(max(MINIMUM, earlier + added) - charged, 6)

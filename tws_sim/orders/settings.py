"""How the exchange behind the gateway behaves."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrderSettings:
    """Delays in seconds of the process's clock.

    Attributes:
        ack_delay: from placing, changing or cancelling an order until it takes effect.
        fill_delay: from an order's arrival to its first execution, and from each to the next.
        mid_fills: executions a second of a limit that rests between the mid and the other side's price, on
            average; 0: it waits until the market comes to it.
        concession: from where on such a limit can be executed: 0 is the mid, 1 the other side's price.
        seed: of the chance in ``mid_fills``.
        any_hour: whether orders are executed outside of the contract's hours too.
        most_live: orders that one contract and side can have.
    """

    ack_delay: float = 0.05
    fill_delay: float = 0.2
    mid_fills: float = 0.0
    concession: float = 0.0
    seed: int = 1
    any_hour: bool = False
    most_live: int = 20

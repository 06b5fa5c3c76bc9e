"""The limits that an order is walked through, from mid towards natural. Pure."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from spreadmesh_client.orders.decimals import floor_to_tick

USUAL_STEPS: Final = 5
MOST_STEPS: Final = 100


@dataclass(frozen=True)
class WalkPolicy:
    """How far and how fast a limit moves. Prices in currency per share, net, positive paid.

    Raises:
        ValueError: A value that makes no sense.
    """

    step: Decimal | None = None
    """How far at a time, positive; None: a fifth of the way, at least one tick."""
    seconds_per_step: float = 5.0
    """How long each limit is given to be filled."""
    share: Decimal = Decimal(1)
    """How far at most: share of the width from mid, 0, to natural, 1."""
    worst_price: Decimal | None = None
    """Never pay more than this, or with a negative number never receive less; None: no such bound."""

    def __post_init__(self) -> None:
        if self.step is not None and not (self.step.is_finite() and self.step > 0):
            raise ValueError(f"a step must be positive, not {self.step}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"a share must be from 0 to 1, not {self.share}")
        if self.seconds_per_step <= 0:
            raise ValueError(f"seconds per step must be positive, not {self.seconds_per_step:g}")
        if self.worst_price is not None and not self.worst_price.is_finite():
            raise ValueError(f"the worst price must be a number, not {self.worst_price}")


def walk_limits(mid: Decimal, natural: Decimal, tick: Decimal, policy: WalkPolicy) -> tuple[Decimal, ...]:
    """Limits in order, at least one: from mid up to the bounds of the policy, all on the tick.

    The first is mid, or the tick next to it that is better for the owner, unless a bound is better still.

    Raises:
        ValueError: So small a step that there would be more than 100.
    """
    highest = floor_to_tick(mid + policy.share * max(natural - mid, Decimal(0)), tick)
    if policy.worst_price is not None:
        highest = min(highest, floor_to_tick(policy.worst_price, tick))
    first = min(floor_to_tick(mid, tick), highest)
    wanted = policy.step if policy.step is not None else (highest - first) / USUAL_STEPS
    step = max((wanted / tick).to_integral_value(ROUND_CEILING), Decimal(1)) * tick
    between = int(((highest - first) / step).to_integral_value(ROUND_CEILING))
    if between > MOST_STEPS:
        raise ValueError(f"{between} steps of {step} from {first} to {highest}: at most {MOST_STEPS}")
    return (*(first + step * number for number in range(between)), highest)

"""How the exchange behind the gateway behaves."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_Delay = Annotated[float, Field(ge=0, le=3600)]


class OrderSettings(BaseModel):
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

    model_config = ConfigDict(frozen=True, extra="forbid")

    ack_delay: _Delay = 0.05
    fill_delay: _Delay = 0.2
    mid_fills: Annotated[float, Field(ge=0, le=1000)] = 0.0
    concession: Annotated[float, Field(ge=0, le=1)] = 0.0
    seed: int = 1
    any_hour: bool = False
    most_live: Annotated[int, Field(ge=1)] = 20


def parse(text: str) -> OrderSettings:
    """Settings of the form ``fill-delay=1,mid-fills=0.5``; what is not named keeps its default.

    Raises:
        ValueError: a name is unknown, or a value cannot be.
    """
    given = [part.partition("=") for part in text.split(",") if part.strip()]
    named = {name.strip().replace("-", "_"): value.strip() for name, _, value in given}
    try:
        return OrderSettings.model_validate(named)
    except ValidationError as problem:
        causes = [f"{one['loc'][0]}: {one['msg']}" for one in problem.errors()]
        raise ValueError("; ".join(causes)) from None

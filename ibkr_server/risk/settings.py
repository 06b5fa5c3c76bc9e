"""What is asked of every order, by environment variables; docs/orders.md says what each limit means."""

from typing import Annotated

from pydantic import Field, PlainValidator

from ibkr_server.risk.limits import LimitTable, parse_limits
from mesh.settings import EnvironmentSettings

LimitsText = Annotated[
    LimitTable, PlainValidator(lambda given: parse_limits(given) if isinstance(given, str) else given)
]


class RiskSettings(EnvironmentSettings):
    """What an order must pass before it is sent."""

    risk_limits: LimitsText = Field(
        default=LimitTable(),
        description="As '*: max_loss=2000; account DU123: max_quantity=5; client alice: max_loss=500'.",
    )
    require_preview: bool = Field(
        default=True, description="Place only what was previewed in the last 30 seconds, as it was."
    )
    allow_market_orders: bool = Field(default=False, description="Take orders without a limit price.")

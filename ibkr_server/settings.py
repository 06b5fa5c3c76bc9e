"""What ibkr_server can be told, by environment variables of the same names in upper case."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from ibkr_server.gateway.restart import DailyRestart
from ibkr_server.order_settings import OrderSettings
from mesh.settings import MeshSettings

USUAL_LINES = 100


def most_messages(lines: int) -> int:
    """Messages a second that a gateway with so many lines may be sent, with a tenth to spare."""
    return max(lines, USUAL_LINES) * 45 // 100


class IbkrSettings(MeshSettings, OrderSettings):
    """Where the gateway is and how much may be asked of it."""

    port: int = Field(default=7401, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    tws_host: str = Field(default="127.0.0.1", min_length=1, description="Host of TWS or IB Gateway.")
    tws_port: int = Field(default=7497, ge=1, le=65535, description="Its API port: 7496, 7497, 4001 or 4002.")
    client_id: int = Field(default=1, ge=0, le=2**31 - 1, description="API client id, unique at the gateway.")
    max_subscriptions: int = Field(default=100, ge=1, le=100_000, description="Market data lines to use.")
    max_rotation: int = Field(
        default=20_000, ge=1, description="Most contracts that may share the lines by taking turns."
    )
    market_data_type: Literal[1, 2, 3, 4] = Field(
        default=1, description="IB's market data type: 1 live, 2 frozen, 3 delayed, 4 delayed frozen."
    )
    messages_per_second: float = Field(
        default=40.0,
        gt=0,
        description="Pace towards the gateway, which cuts off above half as many as it has lines: 50 of 100.",
    )
    request_timeout_seconds: float = Field(
        default=30.0, gt=0, description="Deadline of every request to the gateway."
    )
    connect_timeout_seconds: float = Field(default=8.0, gt=0, description="Deadline of a connection attempt.")
    gateway_restart: str = Field(
        default="",
        description="The gateway's daily restart, HH:MM or HH:MM Zone/City; New York without a zone.",
    )
    line_linger_seconds: float = Field(
        default=10.0, ge=0, description="How long a line is kept after the last reader has left."
    )
    max_chain_contracts: int = Field(default=20_000, ge=1, description="Widest chain that is served.")
    chain_cache_seconds: float = Field(
        default=3600.0, gt=0, description="How long a chain is served before the gateway is asked again."
    )

    @property
    def most_messages_in_a_second(self) -> int:
        """What a gateway with these lines may come to count: a tenth less than it allows."""
        return most_messages(self.max_subscriptions)

    @field_validator("messages_per_second")
    @classmethod
    def _is_allowed(cls, rate: float, given: ValidationInfo) -> float:
        most = most_messages(given.data.get("max_subscriptions", USUAL_LINES))
        if rate > most:
            raise ValueError(f"must be at most {most}, nine tenths of half of MAX_SUBSCRIPTIONS")
        return rate

    @field_validator("gateway_restart")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if text:
            DailyRestart.parse(text)
        return text

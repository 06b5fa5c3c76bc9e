"""What the order desk can be told, by environment variables of the same names in upper case."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from ibkr_server.risk.settings import RiskSettings


def default_journal() -> Path:
    """In the folder for state that must last, as the XDG Base Directory Specification names it."""
    state = os.environ.get("XDG_STATE_HOME", "")
    home = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return home / "spreadmesh" / "orders.db"


class OrderSettings(RiskSettings):
    """Whether orders are placed, what they must pass, and how long is waited for what."""

    trading: Literal["enabled", "disabled"] = Field(
        default="disabled", description="Whether orders may be placed; cancelling is always allowed."
    )
    journal: Path = Field(
        default_factory=default_journal, description="The order journal, a file on a local disk."
    )
    ack_seconds: float = Field(
        default=5.0, gt=0, le=60, description="After this long without an answer an order is UNKNOWN."
    )
    list_seconds: float = Field(
        default=10.0, gt=0, le=60, description="Deadline of each of the gateway's lists of orders and trades."
    )
    reconcile_retry_seconds: float = Field(
        default=10.0, gt=0, description="Longest pause between attempts to read the gateway's lists."
    )
    reconcile_every_seconds: float = Field(
        default=60.0, gt=0, description="How often the lists are read while orders are at work."
    )
    max_placements: int = Field(
        default=100, ge=1, description="Most orders that may wait for their turn at once."
    )
    max_leases: int = Field(default=16, ge=1, description="Most leases of one caller.")
    watch_buffer: int = Field(
        default=1000, ge=1, description="Events that a reader of orders may be behind before it is ended."
    )

"""No permission for market data."""

from typing import Annotated, Literal

from pydantic import Field

from tws_sim.faults.fault import ForClient, Lasting
from tws_sim.market.instrument import Instrument, Option, Share
from tws_sim.session import Session
from tws_sim.terms import DELAYED, DELAYED_FROZEN, Terms

_PART = "Part of requested market data is not subscribed. Subscription-independent ticks are still active."
_DELAYED = (10167, "Requested market data is not subscribed. Displaying delayed market data.")


class NotSubscribed(Lasting, ForClient):
    """New market data requests get error 354, or 10167 and delayed ticks after reqMarketDataType(3).

    In part: 10090 instead of 354, and the ticks that need no subscription. Requests that run go on.
    """

    symbol: Annotated[str | None, Field(description="Underlying's symbol; every symbol if absent.")] = None
    contracts: Annotated[
        Literal["all", "options", "others"], Field(description="Which contracts are not subscribed.")
    ] = "all"
    part: Annotated[bool, Field(description="Only in part (10090).")] = False

    def terms(self, session: Session, item: Instrument) -> Terms | None:
        """By the market data type the client has asked for."""
        if self.symbol not in {None, item.symbol}:
            return None
        if self.contracts != "all" and (self.contracts == "options") != isinstance(item, Option):
            return None
        if session.market_data_type in {DELAYED, DELAYED_FROZEN}:
            return Terms(notice=_DELAYED, kind=DELAYED)
        available = f"Delayed market data is available.{item.symbol} {_exchange(item)}/TOP/ALL"
        if self.part:
            return Terms(notice=(10090, _PART + available), partial=True)
        return Terms(refusal=(354, f"Requested market data is not subscribed.{available}"))


def _exchange(item: Instrument) -> str:
    return (
        "OPRA" if isinstance(item, Option) else item.primary_exchange if isinstance(item, Share) else "SMART"
    )

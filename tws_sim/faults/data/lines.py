"""Fewer market data lines."""

from typing import Annotated

from pydantic import Field

from tws_sim.faults.fault import Lasting
from tws_sim.gateway import Gateway
from tws_sim.wire import errors


class Lines(Lasting):
    """Another number of market data lines: the newest requests beyond it end with error 101."""

    limit: Annotated[int, Field(ge=0, le=100_000, description="Lines over all clients.")]

    async def begin(self, gateway: Gateway) -> None:
        """Cut, where it hurts least: the newest request of whoever has the most."""
        gateway.lines.limit = self.limit
        while gateway.lines.in_use > self.limit:
            session = max(gateway.sessions, key=lambda one: len(one.subscriptions))
            if not session.subscriptions:
                return
            newest = list(session.subscriptions.values())[-1]
            session.unsubscribe(newest)
            session.error(newest.request_id, errors.MAX_TICKERS, errors.MAX_TICKERS_TEXT)
            session.flush()

    async def end(self, gateway: Gateway) -> None:
        """As many as before."""
        gateway.lines.limit = gateway.settings.lines

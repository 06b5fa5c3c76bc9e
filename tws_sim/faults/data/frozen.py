"""The market is closed."""

from tws_sim.faults.interruption import Interruption
from tws_sim.gateway import Gateway
from tws_sim.market.instrument import Instrument
from tws_sim.session import Session
from tws_sim.terms import DELAYED_FROZEN, FROZEN, LIVE, Terms
from tws_sim.wire import ticks


class Frozen(Interruption):
    """Ticks stop; a client with reqMarketDataType(2) or (4) is told that its data are frozen, and keeps them.

    A new request of such a client gets the last state once, one of any other client nothing.
    """

    async def begin(self, gateway: Gateway) -> None:
        """Tell who has asked for frozen data."""
        self._tell(gateway, FROZEN)

    async def end(self, gateway: Gateway) -> None:
        """Data are live again."""
        self._tell(gateway, LIVE)
        await super().end(gateway)

    def _tell(self, gateway: Gateway, kind: int) -> None:
        for session in self.struck(gateway):
            if session.market_data_type in {FROZEN, DELAYED_FROZEN}:
                session.send(*(ticks.market_data_type(number, kind) for number in session.subscriptions))
                session.flush()

    def terms(self, session: Session, item: Instrument) -> Terms | None:
        """By the market data type the client has asked for."""
        return Terms(kind=FROZEN) if session.market_data_type in {FROZEN, DELAYED_FROZEN} else None

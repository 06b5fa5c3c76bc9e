"""Faults during which ticks stop, and what the gateway cannot answer without the servers behind it."""

from abc import abstractmethod
from collections.abc import Sequence

from tws_sim import streams
from tws_sim.faults.fault import ForClient, Lasting
from tws_sim.gateway import Gateway
from tws_sim.market.instrument import Instrument
from tws_sim.session import Session
from tws_sim.wire.requests import message_ids

HISTORY = message_ids("reqHistoricalData", "reqHeadTimeStamp", "reqHistogramData", "reqHistoricalTicks")
DEFINITIONS = message_ids("reqContractDetails", "reqSecDefOptParams", "reqMatchingSymbols")
REMOTE = (
    HISTORY
    | DEFINITIONS
    | message_ids(
        "reqMktDepth", "reqRealTimeBars", "reqTickByTickData", "reqMarketRule", "reqMktDepthExchanges"
    )
    | message_ids(
        "reqScannerSubscription", "reqScannerParameters", "reqFundamentalData", "reqSmartComponents"
    )
    | message_ids(
        "reqNewsArticle", "reqNewsProviders", "reqHistoricalNews", "reqWshMetaData", "reqWshEventData"
    )
)


class Interruption(Lasting, ForClient):
    """Ticks stop while it lasts; the latest state is sent after it."""

    def pauses(self, session: Session, item: Instrument | None) -> bool:
        """Every contract's."""
        return True

    def resume(self, session: Session) -> None:
        """Have a client sent what it missed."""
        for subscription in session.subscriptions.values():
            if self.pauses(session, subscription.instrument):
                session.refresh(subscription)

    async def end(self, gateway: Gateway) -> None:
        """Ticks go on."""
        for session in self.struck(gateway):
            self.resume(session)


class LinkBroken(Interruption):
    """The servers behind the gateway are out of reach: no ticks, and no answer that needs them."""

    @abstractmethod
    def broken(self) -> tuple[int, str]:
        """Code and text at its beginning."""

    @abstractmethod
    def restored(self, session: Session) -> None:
        """The link of a client is back."""

    async def begin(self, gateway: Gateway) -> None:
        """Tell every client."""
        for session in self.struck(gateway):
            session.tell(*self.broken())

    async def end(self, gateway: Gateway) -> None:
        """Tell again."""
        for session in self.struck(gateway):
            self.restored(session)

    def met(self, session: Session) -> None:
        """A client that connects now hears of it too."""
        session.tell(*self.broken())

    @property
    def holds_orders(self) -> bool:
        """Orders, changes and cancels wait for the servers, unless it is for one client only."""
        return self.target is None

    def intercept(self, session: Session, message_id: int, fields: Sequence[str]) -> bool:
        """What needs the servers stays unanswered for good."""
        return message_id in REMOTE

    def lose_data(self, session: Session) -> None:
        """Every market data request and every other stream ends without a word, but for 1101."""
        for subscription in list(session.subscriptions.values()):
            session.unsubscribe(subscription)
        for key in list(session.streams):
            streams.stop(session, key)
        session.tell(*DATA_LOST)

    def keep_data(self, session: Session) -> None:
        """Every market data request goes on."""
        session.tell(*DATA_KEPT)
        self.resume(session)


LINK_LOST = (1100, "Connectivity between IB and Trader Workstation has been lost.")
DATA_LOST = (1101, "Connectivity between IB and Trader Workstation has been restored - data lost.")
DATA_KEPT = (
    1102,
    "Connectivity between IB and Trader Workstation has been restored - data maintained. "
    "All data farms are connected: usfarm; usopt; ushmds; secdefnj.",
)

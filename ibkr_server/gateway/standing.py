"""How the link stands, as others are told: each visible change once, and whether a restart is due."""

from collections.abc import Callable
from datetime import UTC, datetime

from ibkr_server.gateway.clock import MarketClock
from ibkr_server.gateway.link_log import LinkLog
from ibkr_server.gateway.restart import DailyRestart
from ibkr_server.gateway.state import GatewayState


class Standing:
    """The gateway's state; `flows` says of options, then of shares, whether their quotes can be relied on."""

    def __init__(
        self, market_clock: MarketClock, clock: Callable[[], float], restart: str, tell: Callable[[], None]
    ) -> None:
        """`restart` is the gateway's daily one, empty where there is none; `tell` is called on changes."""
        self.state = GatewayState()
        self.flows = (False, False)
        self.log = LinkLog(lambda: self.is_restart_due)
        self._market_clock = market_clock
        self._clock = clock
        self._restart = DailyRestart.parse(restart) if restart else None
        self._tell = tell
        self._told: tuple[object, ...] = ()

    @property
    def is_restart_due(self) -> bool:
        """Whether the gateway's planned restart is on, or may be at any moment."""
        if self._restart is None:
            return False
        told = self._market_clock.now(self._clock())
        return self._restart.is_due(datetime.fromtimestamp(told, UTC) if told else datetime.now(UTC))

    def change(self, change: Callable[[], None]) -> None:
        """Have `change` done to the state, and tell of it where it can be seen."""
        change()
        self.log.announce_restart()
        self.flows = (self.state.option_quotes_flow, self.state.share_quotes_flow)
        visible = self._visible()
        if visible != self._told:
            self._told = visible
            self._tell()

    def _visible(self) -> tuple[object, ...]:
        state, known = self.state, self._market_clock.known
        return (state.socket, state.link, state.silent, known, self.flows, self.is_restart_due)

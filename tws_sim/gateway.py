"""What all clients of the simulator share: the market, the lines, the counters, the client ids."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tws_sim.account.account import START_CASH, Account
from tws_sim.clock import Clock
from tws_sim.counters import CounterBook
from tws_sim.faults.running import Faults
from tws_sim.lines import Lines
from tws_sim.listener import Listener
from tws_sim.market.market import Market
from tws_sim.orders.engine import OrderEngine
from tws_sim.orders.settings import OrderSettings
from tws_sim.pacing import Pacing

if TYPE_CHECKING:
    from tws_sim.session import Session
    from tws_sim.subscription import Subscription


@dataclass(frozen=True)
class Settings:
    """What the real gateway enforces, and the account it serves."""

    lines: int = 100
    message_rate: int = 50
    account: str = "DU4242424"
    snapshot_seconds: float = 11.0
    output_limit: int = 256 * 1024
    next_order_id: int = 1
    cash: float = START_CASH
    read_only: bool = False
    master_client_id: int | None = None  # the client that hears of every order
    orders: OrderSettings = field(default_factory=OrderSettings)
    tick_interval: float | None = None  # seconds between two bursts of ticks; None: by the market's pace


class Gateway:
    """State shared by the sessions; everything runs in one event loop."""

    def __init__(self, market: Market, settings: Settings, clock: Clock) -> None:
        self.market = market
        self.settings = settings
        self.clock = clock
        self.lines = Lines(settings.lines)
        self.counters = CounterBook()
        self.account = Account(market, settings.cash)
        self.pacing = Pacing()
        self.listener = Listener()
        self.faults = Faults(self)
        self.next_order_id = settings.next_order_id
        self.orders = OrderEngine(self)
        self.sessions: set[Session] = set()
        self.watchers: dict[int, dict[Subscription, Session]] = defaultdict(dict)
        self._client_ids: set[int] = set()
        self._lingering: dict[int, float] = {}

    def claim(self, client_id: int) -> bool:
        """Reserve a client id; False when another client has it, or had it too short a time ago."""
        if client_id in self._client_ids:
            return False
        if self._lingering.get(client_id, 0.0) > self.clock.monotonic():
            return False
        self._lingering.pop(client_id, None)
        self._client_ids.add(client_id)
        return True

    def release(self, client_id: int) -> None:
        """A client has gone."""
        self._client_ids.discard(client_id)
        lingering = self.faults.lingering(client_id)
        if lingering:
            self._lingering[client_id] = self.clock.monotonic() + lingering

    def forget(self, client_id: int | None) -> None:
        """Free a client id that still counts as in use, or all such ids."""
        for gone in [client_id] if client_id is not None else list(self._lingering):
            self._lingering.pop(gone, None)

    def watch(self, session: "Session", subscription: "Subscription") -> bool:
        """Open a market data line; False when none is left."""
        if not self.lines.take():
            return False
        self.watchers[subscription.row][subscription] = session
        session.counters.lines(1)
        self.counters.total.lines(1)
        return True

    def unwatch(self, session: "Session", subscription: "Subscription") -> None:
        """Close a market data line."""
        watching = self.watchers[subscription.row]
        del watching[subscription]
        if not watching:
            del self.watchers[subscription.row]
        self.lines.free()
        session.counters.lines(-1)
        self.counters.total.lines(-1)

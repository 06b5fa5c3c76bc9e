"""What clients are sent of the account again and again: at once after an execution, else now and then."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tws_sim.account.account import Account, Holding
from tws_sim.account.position import Position
from tws_sim.account.values import Value, values
from tws_sim.streams import Stream
from tws_sim.wire import account as wire

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway

_VALUES_SECONDS = 180.0
_PROFIT_SECONDS = 1.0


class Subscription(Stream):
    """Messages about the account; none while nothing has changed."""

    def __init__(self, gateway: "Gateway") -> None:
        super().__init__()
        self._gateway = gateway
        self._code = gateway.settings.account
        self._revision = gateway.account.revision

    @property
    def _account(self) -> Account:
        return self._gateway.account

    def due(self, now: float) -> list[bytes]:
        """All that has changed, once the interval is over or something has been executed."""
        if self._account.revision != self._revision:
            self._revision = self._account.revision
            return self.messages(now)
        return super().due(now)


class Positions(Subscription):
    """Positions that an execution has changed; a closed one once, with 0."""

    interval = float("inf")

    def __init__(self, gateway: "Gateway", written: Callable[[Position], bytes]) -> None:
        super().__init__(gateway)
        self._written = written
        self._sent: dict[int, Position] = {}

    def messages(self, now: float) -> list[bytes]:
        """What differs from what was sent."""
        held = {one.item.con_id: one for one in self._account.positions()}
        gone = [Position(one.item) for key, one in self._sent.items() if key not in held]
        changed = [one for key, one in held.items() if self._sent.get(key) != one]
        self._sent = held
        return [self._written(one) for one in gone + changed]


class Values(Subscription):
    """The values a client has asked for that have changed, every three minutes."""

    interval = _VALUES_SECONDS

    def __init__(
        self,
        gateway: "Gateway",
        written: Callable[[Value], bytes],
        wanted: Callable[[Value], bool] = lambda _: True,
    ) -> None:
        super().__init__(gateway)
        self._written = written
        self._wanted = wanted
        self._sent: set[Value] = set()

    def messages(self, now: float) -> list[bytes]:
        """What differs from what was sent."""
        account = self._account
        found = [one for one in values(self._code, account.balance(), account.profit()) if self._wanted(one)]
        changed = [one for one in found if one not in self._sent]
        self._sent = set(found)
        return [self._written(one) for one in changed]


class Updates(Values):
    """Values, positions with their profit, and the time of the update."""

    def __init__(self, gateway: "Gateway") -> None:
        super().__init__(gateway, lambda value: wire.value(value, self._code))
        self._holdings: dict[int, Holding] = {}

    def messages(self, now: float) -> list[bytes]:
        """What has changed, and the time."""
        held = {one.position.item.con_id: one for one in self._account.holdings()}
        changed = [one for key, one in held.items() if self._holdings.get(key) != one]
        self._holdings = held
        return [
            *super().messages(now),
            *(wire.portfolio(one, self._code) for one in changed),
            wire.update_time(self._gateway.market.clock.now()),
        ]


class Figures(Subscription):
    """Profit and loss, once a second."""

    interval = _PROFIT_SECONDS

    def __init__(self, gateway: "Gateway", read: Callable[[], bytes]) -> None:
        super().__init__(gateway)
        self._read = read
        self._sent = b""

    def messages(self, now: float) -> list[bytes]:
        """The message, if it differs from the last one."""
        before, self._sent = self._sent, self._read()
        return [] if self._sent == before else [self._sent]

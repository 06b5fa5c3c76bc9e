"""Whether an order may leave right now."""

from collections.abc import Callable
from typing import Final

from ibkr_server.desk.ledger import Ledger
from ibkr_server.order_settings import OrderSettings
from ibkr_server.orders.broker import Broker
from mesh.errors import MeshError, failed_precondition, unavailable

RETRY_SECONDS: Final = 1.0


class Readiness:
    """READY, not halted, trading enabled: asked before an order is judged and right before it is written."""

    def __init__(
        self, ledger: Ledger, broker: Broker, settings: OrderSettings, clock: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._broker = broker
        self._enabled = settings.trading == "enabled"
        self._clock = clock
        self._reconciled_session = 0
        self._read_at: float | None = None

    @property
    def reconciled(self) -> bool:
        """The gateway's lists have been read since orders could last not reach it."""
        return self._reconciled_session == self._broker.connections > 0

    def reconciled_in(self, connections: int) -> None:
        """The lists of this session have been read."""
        self._reconciled_session = connections
        self._read_at = self._clock()

    @property
    def seconds_since_read(self) -> float | None:
        """Since the lists were last read, in whatever session; None before."""
        return None if self._read_at is None else self._clock() - self._read_at

    def lost(self) -> None:
        """Orders don't reach the gateway: what was read of it no longer counts."""
        self._reconciled_session = 0

    def check(self) -> None:
        """Let an order pass.

        Raises:
            MeshError: UNAVAILABLE while the gateway is away or not read yet; FAILED_PRECONDITION while
                placing is halted or disabled, or the gateway's API is read-only. Nothing was sent.
        """
        for refusal in self.refusals():
            raise refusal

    def refusals(self) -> list[MeshError]:
        """Everything that speaks against placing an order now."""
        found: list[MeshError] = []
        if not self._broker.can_send:
            found.append(unavailable("orders do not reach the gateway", RETRY_SECONDS))
        elif self._broker.is_read_only:
            text = "the gateway's API is read-only: no orders can be placed"
            found.append(failed_precondition("READ_ONLY_API", "trading", text))
        elif not self.reconciled:
            found.append(unavailable("the gateway's orders are being read", RETRY_SECONDS))
        halt = self._ledger.halt
        if halt is not None:
            found.append(failed_precondition("HALTED", "trading", f"halted by {halt.by}: {halt.reason}"))
        if not self._enabled:
            text = "the server was started without TRADING=enabled"
            found.append(failed_precondition("TRADING_DISABLED", "trading", text))
        return found

    @property
    def trading_enabled(self) -> bool:
        """Whether the server was started to place orders."""
        return self._enabled

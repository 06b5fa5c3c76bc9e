"""What every fault is: parameters, a name, and what it does while it lasts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from tws_sim.clock import Clock
from tws_sim.market.instrument import Instrument
from tws_sim.terms import Terms

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway
    from tws_sim.orders.order import Order
    from tws_sim.orders.refusal import RefusedError
    from tws_sim.session import Session


class FaultError(ValueError):
    """A fault is unknown, has a wrong parameter, or cannot happen now."""


class Fault(BaseModel):
    """A fault of an instant. Its fields are its parameters; :mod:`tws_sim.faults.catalogue` has its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def target(self) -> int | None:
        """Client id it strikes; None: all."""
        return None

    def strikes(self, session: "Session") -> bool:
        """Whether a session belongs to the clients it is for."""
        return self.target is None or session.client_id == self.target

    def struck(self, gateway: "Gateway") -> "list[Session]":
        """The sessions it is for, those before startApi included if it is for all."""
        return [session for session in gateway.sessions if self.strikes(session)]

    async def begin(self, gateway: "Gateway") -> None:
        """Break something.

        Raises:
            FaultError: it cannot happen now.
        """

    async def end(self, gateway: "Gateway") -> None:
        """Mend it."""

    @asynccontextmanager
    async def active(self, gateway: "Gateway") -> AsyncIterator[None]:
        """What happens around the time it lasts."""
        await self.begin(gateway)
        try:
            yield
        finally:
            await self.end(gateway)

    async def last(self, clock: Clock) -> None:
        """Return when its time is over, on the process's clock."""

    def met(self, session: "Session") -> None:
        """A client it is for connects, or has been answered its startApi, while it lasts."""

    def intercept(self, session: "Session", message_id: int, fields: Sequence[str]) -> bool:
        """Whether it deals with a request in the gateway's place (or nobody does)."""
        return False

    def pauses(self, session: "Session", item: Instrument | None) -> bool:
        """Whether a contract's ticks, or what belongs to no contract (None), stop for a client."""
        return False

    def terms(self, session: "Session", item: Instrument) -> Terms | None:
        """Terms of a new market data request; None where it has no say."""
        return None

    @property
    def holds_orders(self) -> bool:
        """Whether nothing happens to orders for as long as it lasts."""
        return False

    def objection(self, order: "Order") -> "RefusedError | None":
        """Why an order that arrives at the broker is rejected; None where it has no say."""
        return None

    def hides(self, execution_id: str) -> bool:
        """Whether an execution is left out of the lists clients ask for."""
        return False

    def lingering(self, client_id: int) -> float:
        """Seconds for which a client id stays in use once its socket has gone."""
        return 0.0


Seconds = Annotated[
    Annotated[float, Field(gt=0, le=1e7)] | None, Field(description="How long; until lifted if absent.")
]


class Lasting(Fault):
    """A fault that goes on for a while."""

    seconds: Seconds = None

    async def last(self, clock: Clock) -> None:
        """Wait for ``seconds``, or until lifted."""
        if self.seconds is None:
            await asyncio.get_running_loop().create_future()
        else:
            await clock.sleep(self.seconds)


class ForClient(Fault):
    """A fault that can be kept to one client id."""

    client: Annotated[int | None, Field(description="Client id it strikes; all clients if absent.")] = None

    @property
    def target(self) -> int | None:
        """As its parameter says."""
        return self.client

    def connected(self, gateway: "Gateway") -> "list[Session]":
        """The sessions it is for.

        Raises:
            FaultError: the client id it is for is not connected.
        """
        found = self.struck(gateway)
        if self.client is not None and not found:
            raise FaultError(f"client {self.client} is not connected")
        return found

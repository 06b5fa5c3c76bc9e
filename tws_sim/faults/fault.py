"""What every fault is: parameters, a name, and what it does while it lasts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from tws_sim.market.instrument import Instrument
from tws_sim.terms import Terms

if TYPE_CHECKING:
    from tws_sim.gateway import Gateway
    from tws_sim.session import Session


class FaultError(ValueError):
    """A fault is unknown, has a wrong parameter, or cannot happen now."""


Client = Annotated[int | None, Field(description="Client id it strikes; all clients if absent.")]


class Fault(BaseModel):
    """A fault of an instant. Its fields are its parameters; :mod:`tws_sim.faults.catalogue` has its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client: Client = None

    @property
    def duration(self) -> float | None:
        """Seconds it lasts on the process's clock; None until lifted."""
        return 0.0

    def strikes(self, session: "Session") -> bool:
        """Whether a session belongs to the clients it is for."""
        return self.client is None or session.client_id == self.client

    def struck(self, gateway: "Gateway") -> "list[Session]":
        """The sessions it is for.

        Raises:
            FaultError: the client id it is for is not connected.
        """
        found = gateway.connected(self.client)
        if self.client is not None and not found:
            raise FaultError(f"client {self.client} is not connected")
        return found

    @asynccontextmanager
    async def active(self, gateway: "Gateway") -> AsyncIterator[None]:
        """Break something; mend it when the block ends.

        Raises:
            FaultError: it cannot happen now.
        """
        yield

    def met(self, session: "Session") -> None:
        """A client connects or sends startApi while it lasts."""

    def intercept(self, session: "Session", message_id: int, fields: Sequence[str]) -> bool:
        """Whether it deals with a request in the gateway's place (or nobody does)."""
        return False

    def pauses(self, session: "Session", item: Instrument) -> bool:
        """Whether a contract's ticks stop for a client."""
        return False

    def terms(self, session: "Session", item: Instrument) -> Terms | None:
        """Terms of a new market data request; None where it has no say."""
        return None

    def lingering(self, client_id: int) -> float:
        """Seconds for which a client id stays in use once its socket has gone."""
        return 0.0


class Lasting(Fault):
    """A fault that goes on for a while."""

    seconds: Annotated[
        float | None, Field(gt=0, allow_inf_nan=False, description="How long; until lifted if absent.")
    ] = None

    @property
    def duration(self) -> float | None:
        """As its parameter says."""
        return self.seconds

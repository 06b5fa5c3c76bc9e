"""What the link tells, and to whom."""

from collections.abc import Sequence
from typing import Protocol

import grpc
from google.rpc.error_details_pb2 import PreconditionFailure

from ibkr_server.gateway.meanings import meaning
from ibkr_server.quotes.columns import Update
from mesh.errors import MeshError


class GatewayRefusal(MeshError):  # noqa: N818 - an answer, not a failure
    """The gateway answered a request with an error: FAILED_PRECONDITION, with IB's code and text."""

    def __init__(self, ib_code: int, text: str) -> None:
        violation = PreconditionFailure.Violation(type=f"IB_{ib_code}", subject="gateway", description=text)
        description = f"the gateway refused (IB code {ib_code}): {meaning(ib_code, text)}"
        details = PreconditionFailure(violations=[violation])
        super().__init__(grpc.StatusCode.FAILED_PRECONDITION, description, details)
        self.ib_code = ib_code
        self.text = text


class LinkListener(Protocol):
    """Who is told what the gateway says. Called on the event loop; must not block."""

    def ticked(self, updates: Sequence[Update]) -> None:
        """Ticks have come; one update for each contract that they touch."""

    def subscription_refused(self, con_id: int, code: int, text: str) -> None:
        """The gateway answered a subscription with an error."""

    def cancellation_refused(self) -> None:
        """The gateway did not know of a subscription that was cancelled."""

    def messages_dropped(self) -> None:
        """The gateway has dropped one or more of the latest messages: they came too fast for it."""

    def subscriptions_lost(self) -> None:
        """Every subscription has ended: the socket is gone, or IB lost the data."""

    def state_changed(self) -> None:
        """Socket, link or a farm have changed."""

"""What the link tells, and to whom."""

from typing import Protocol

from ibkr_server.quotes.columns import Quote


class GatewayRefusal(Exception):  # noqa: N818 - an answer, not a failure
    """The gateway answered a request with an error; codes as in IB's message table."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"IB {code}: {text}")
        self.code = code
        self.text = text


class LinkListener(Protocol):
    """Who is told what the gateway says. Called on the event loop; must not block."""

    def quote(self, con_id: int, quote: Quote, *, is_quote_update: bool) -> None:
        """A contract's ticker has changed; `is_quote_update` where bid, ask or a size of theirs did."""

    def subscription_refused(self, con_id: int, code: int, text: str) -> None:
        """The gateway answered a subscription with an error."""

    def subscriptions_lost(self) -> None:
        """Every subscription has ended: the socket is gone, or IB lost the data."""

    def state_changed(self) -> None:
        """Socket, link or a farm have changed."""

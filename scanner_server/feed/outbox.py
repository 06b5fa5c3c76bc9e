"""What is still to be told to the feed, as the difference between what is wanted and what it knows."""

from collections.abc import Mapping
from itertools import islice

from spreadmesh.common.v1.feed_pb2 import CreditGrant
from spreadmesh.market.v1.quotes_pb2 import AddContracts, DropContracts, Ping, StreamQuotesRequest

MOST_CONTRACTS_A_MESSAGE = 5_000


class Outbox:
    """The next message of one stream, computed when there is room to send it: nothing queues up.

    Contracts whose priority changes are added again with the new one.
    """

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._missing: dict[int, int] = {}
        self._surplus: dict[int, None] = {}
        self._credits = 0
        self._nonce: int | None = None

    def __repr__(self) -> str:
        return f"<Outbox add={len(self._missing)} drop={len(self._surplus)} grant={self._credits}>"

    def want(self, priorities: Mapping[int, int]) -> None:
        """Set the contracts wanted: priority by con_id."""
        self._missing = {
            con_id: priority for con_id, priority in priorities.items() if self._known.get(con_id) != priority
        }
        self._surplus = dict.fromkeys(con_id for con_id in self._known if con_id not in priorities)

    def grant(self, credits_count: int) -> None:
        """Owe the feed more credits."""
        self._credits += credits_count

    def ping(self, nonce: int) -> None:
        """Owe the feed a ping; a newer one takes the place of one not sent yet."""
        self._nonce = nonce

    def next(self) -> StreamQuotesRequest | None:
        """The most urgent message and count it as sent; None when all has been said."""
        if self._credits:
            grant, self._credits = CreditGrant(credits=self._credits), 0
            return StreamQuotesRequest(grant=grant)
        if self._nonce is not None:
            ping, self._nonce = Ping(nonce=self._nonce), None
            return StreamQuotesRequest(ping=ping)
        if self._surplus:
            return StreamQuotesRequest(drop=DropContracts(con_ids=self._take_surplus()))
        if self._missing:
            return StreamQuotesRequest(add=self._take_missing())
        return None

    def _take_surplus(self) -> list[int]:
        taken = list(islice(self._surplus, MOST_CONTRACTS_A_MESSAGE))
        for con_id in taken:
            del self._surplus[con_id], self._known[con_id]
        return taken

    def _take_missing(self) -> AddContracts:
        highest = max(self._missing.values())
        same = (con_id for con_id, priority in self._missing.items() if priority == highest)
        taken = list(islice(same, MOST_CONTRACTS_A_MESSAGE))
        for con_id in taken:
            self._known[con_id] = self._missing.pop(con_id)
        return AddContracts(con_ids=taken, priority=highest)

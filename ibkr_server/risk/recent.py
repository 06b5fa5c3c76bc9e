"""Orders that were let through lately, to count them and to notice one that comes twice."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ibkr_server.risk.limits import LONGEST_DUPLICATE_SECONDS, WINDOW_SECONDS

Key = tuple[tuple[int, int], ...]
"""Contracts and sides, as `OrderSpec.key` has them."""


@dataclass(slots=True)
class _Passed:
    at: float
    client: str
    account: str
    key: Key
    placed: bool


class RecentOrders:
    """What has passed the gate within the last minute. An order counts from then on, before it is placed.

    Windows are half open: what passed exactly 10 seconds ago is out.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives the host's monotonic seconds."""
        self._clock = clock
        self._passed: deque[_Passed] = deque()

    def __repr__(self) -> str:
        return f"<RecentOrders {len(self._passed)}>"

    def passed(self, client: str, account: str, key: Key) -> None:
        """An order was let through and is about to be placed."""
        self._forget()
        self._passed.append(_Passed(self._clock(), client, account, key, placed=False))

    def placed(self, client: str, account: str, key: Key) -> None:
        """It was placed; one that was not let through before counts from now on."""
        self._forget()
        for each in self._passed:
            if not each.placed and (each.client, each.account, each.key) == (client, account, key):
                each.placed = True
                return
        self.passed(client, account, key)
        self._passed[-1].placed = True

    def withdrawn(self, client: str, account: str, key: Key) -> None:
        """The latest like it was not sent after all; rather one that was not placed yet."""
        wanted = (client, account, key)
        same = [each for each in self._passed if (each.client, each.account, each.key) == wanted]
        if same:
            self._passed.remove(([each for each in same if not each.placed] or same)[-1])

    def of_client(self, client: str) -> int:
        """Orders of a client in the window."""
        return sum(each.client == client for each in self._window())

    def of_account(self, account: str) -> int:
        """Orders of an account in the window."""
        return sum(each.account == account for each in self._window())

    def seconds_since(self, account: str, key: Key) -> float | None:
        """Time since the last identical spread in an account; None where there was none lately."""
        times = [each.at for each in self._passed if (each.account, each.key) == (account, key)]
        return self._clock() - times[-1] if times else None

    def unseen(self, account: str, key: Key, since: float) -> int:
        """Those that a list of live orders from that time can't hold: passed since, or not placed yet."""
        return sum(
            (each.account, each.key) == (account, key) and (each.at >= since or not each.placed)
            for each in self._window()
        )

    def _window(self) -> list[_Passed]:
        begin = self._clock() - WINDOW_SECONDS
        return [each for each in self._passed if each.at > begin]

    def _forget(self) -> None:
        begin = self._clock() - LONGEST_DUPLICATE_SECONDS
        while self._passed and self._passed[0].at <= begin:
            self._passed.popleft()

"""What a reader of accounts has not taken yet: the latest of everything that changed."""

import asyncio

from ibkr_server.account.position import Key
from mesh.conflation import DirtySet

MOST_POSITIONS = 100_000


class AccountWatch:
    """`changed` is set at first and whenever there is something to take; who waits for it clears it."""

    def __init__(self) -> None:
        """`snapshot_due` asks for all positions anew: at first, and after an outage."""
        self.changed = asyncio.Event()
        self.changed.set()
        self.snapshot_due = True
        self.accounts: set[str] = set()
        self._positions: DirtySet[Key] = DirtySet(MOST_POSITIONS)

    def position_changed(self, key: Key) -> None:
        """A position, or what it is worth, has changed."""
        self._positions.mark(key)
        self.changed.set()

    def account_changed(self, account: str) -> None:
        """Values, profit or the state of an account have changed."""
        self.accounts.add(account)
        self.changed.set()

    def positions_replaced(self) -> None:
        """All positions were read anew, or can't be relied on any more."""
        self.snapshot_due = True
        self.changed.set()

    def take_positions(self) -> list[Key] | None:
        """The positions that have changed since they were last taken; None: take all of them."""
        keys = self._positions.take(MOST_POSITIONS)
        if self.snapshot_due:
            self.snapshot_due = False
            return None
        return keys

    def take_accounts(self) -> set[str]:
        """The accounts that have changed since they were last taken."""
        taken, self.accounts = self.accounts, set()
        return taken

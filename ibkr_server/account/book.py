"""Positions, values and profit of the login's accounts: the gateway's latest word, for those who watch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from ibkr_server.account.position import AccountValues, Key, Mark, Position, Profit
from ibkr_server.account.watch import AccountWatch


class AccountBook:
    """What is told replaces what was; a list of positions counts once it is complete."""

    def __init__(self, market_now: Callable[[], float]) -> None:
        """`reconciled`: held against the gateway's list of positions since it was last away.

        `market_now` gives seconds since 1970 UTC.
        """
        self.reconciled = False
        self._market_now = market_now
        self._positions: dict[Key, Position] = {}
        self._listed: dict[Key, Position] | None = None
        self._marks: dict[Key, Mark] = {}
        self._accounts: dict[str, AccountValues] = {}
        self._requests: dict[int, str] = {}
        self._watches: set[AccountWatch] = set()

    def positions(self) -> list[Position]:
        """Everything held, by account, then symbol, expiration, strike and right."""
        return sorted(map(self._marked, self._positions.values()), key=lambda position: position.order)

    def positions_of(self, account: str) -> list[Position] | None:
        """What an account holds; None while that is not known for sure."""
        if not self.reconciled:
            return None
        return [position for position in self.positions() if position.account == account]

    def position(self, key: Key) -> Position | None:
        """One of them; None where nothing is held any more."""
        found = self._positions.get(key)
        return None if found is None else self._marked(found)

    def accounts(self) -> list[str]:
        """The accounts that something was told of."""
        return sorted(self._accounts)

    def values(self, account: str) -> AccountValues:
        """An account as it is now; empty and stale where nothing was told."""
        return self._accounts.get(account, AccountValues(account))

    def is_complete(self, accounts: Sequence[str]) -> bool:
        """Whether positions and the values of these accounts were told since the gateway was last away."""
        return self.reconciled and not any(self.values(account).stale for account in accounts)

    def daily_pnl(self, account: str) -> Decimal | None:
        """Profit of the day; None where the gateway has not told it, or is away."""
        values = self.values(account)
        return None if values.stale else values.profit.daily

    @contextmanager
    def watching(self) -> Iterator[AccountWatch]:
        """Follow the book: all of it at first, then what changes."""
        watch = AccountWatch()
        watch.accounts.update(self._accounts)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def position_told(self, position: Position) -> None:
        """position: what is held of a contract; nothing where the quantity is 0."""
        if self._listed is not None:
            self._listed[position.key] = position
        else:
            self._put(position)

    def positions_complete(self) -> None:
        """positionEnd: what the list lacks is held no more."""
        if self._listed is not None:
            held = {key: position for key, position in self._listed.items() if position.quantity}
            self._positions, self._listed = held, None
        self.reconciled = True
        for watch in self._watches:
            watch.positions_replaced()

    def marked(self, key: Key, mark: Mark) -> None:
        """updatePortfolio: what a position is worth."""
        self._marks[key] = mark
        if key in self._positions:
            for watch in self._watches:
                watch.position_changed(key)

    def value_told(self, account: str, tag: str, currency: str, text: str) -> None:
        """updateAccountValue: one of an account's values."""
        known = self.values(account)
        self._set(replace(known, values={**known.values, (tag, currency): text}, told=self._market_now()))

    def values_complete(self, account: str) -> None:
        """accountDownloadEnd: every value of an account was told."""
        self._set(replace(self.values(account), stale=False))

    def requested(self, request_id: int, account: str) -> None:
        """What comes under this number is about this account."""
        self._requests[request_id] = account

    def multi_complete(self, request_id: int) -> None:
        """accountUpdateMultiEnd: likewise, by the number of the request."""
        if request_id in self._requests:
            self.values_complete(self._requests[request_id])

    def profit_told(self, request_id: int, profit: Profit) -> None:
        """pnl: profit of an account; of a request that is unknown nothing is kept."""
        account = self._requests.get(request_id)
        if account is not None:
            self._set(replace(self.values(account), profit=profit, told=self._market_now()))

    def session_began(self) -> None:
        """Nothing more will come of earlier requests."""
        self._listed = None
        self._requests.clear()

    def list_requested(self) -> None:
        """All positions will be told anew; a list that is still under way goes on."""
        if self._listed is None:
            self._listed = {}

    def away(self) -> None:
        """The gateway is away: from now on nothing here can be relied on."""
        self.reconciled = False
        for watch in self._watches:
            watch.positions_replaced()
        for values in list(self._accounts.values()):
            self._set(replace(values, stale=True, profit=Profit()))

    def _put(self, position: Position) -> None:
        if position.quantity:
            self._positions[position.key] = position
        else:
            self._positions.pop(position.key, None)
            self._marks.pop(position.key, None)
        for watch in self._watches:
            watch.position_changed(position.key)

    def _marked(self, position: Position) -> Position:
        mark = self._marks.get(position.key)
        if mark is None:
            return position
        return replace(
            position,
            market_price=mark.price,
            market_value=mark.value,
            unrealized_pnl=mark.unrealized_pnl,
            realized_pnl=mark.realized_pnl,
        )

    def _set(self, values: AccountValues) -> None:
        self._accounts[values.account] = values
        for watch in self._watches:
            watch.account_changed(values.account)

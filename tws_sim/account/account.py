"""The account of the gateway: executions booked one by one, and what follows from them."""

from collections.abc import Sequence
from typing import NamedTuple

from tws_sim.account import tariff
from tws_sim.account.balance import Balance, balance
from tws_sim.account.day import Day, Worth
from tws_sim.account.ledger import Booked, Entry, Statement, Trade, split_id
from tws_sim.account.position import Fill, Position
from tws_sim.account.prices import Prices
from tws_sim.market.calendar import NEW_YORK
from tws_sim.market.instrument import Option, Share
from tws_sim.market.market import Market

__all__ = ["START_CASH", "Account", "Booked", "Holding", "MarginChange", "Profit", "Trade"]

START_CASH = 1_000_000.0


class MarginChange(NamedTuple):
    """Margin and equity with loan value around an order, USD."""

    initial_before: float
    maintenance_before: float
    equity_before: float
    initial_after: float
    maintenance_after: float
    equity_after: float


class Profit(NamedTuple):
    """USD: since the day began; of what is held, since it was bought or sold; of what the day has closed."""

    daily: float
    unrealized: float
    realized: float


class Holding(NamedTuple):
    """A position, its price per share and its market value, USD, and its profit."""

    position: Position
    price: float
    value: float
    profit: Profit


class Account:
    """Shares and options of one market; all of it follows from the executions."""

    def __init__(self, market: Market, cash: float = START_CASH) -> None:
        self._market = market
        self.start_cash = cash
        self._prices = Prices(market)
        self._statements: dict[int, Statement] = {}
        self.day = Day(market.clock.now().astimezone(NEW_YORK).date())
        self.revision = 0
        """Grows with every execution."""

    def commission(self, trade: Trade) -> float:
        """What a trade costs as an order of its own, USD.

        Raises:
            ValueError: the contract is neither a share nor an option that the market lists.
        """
        rate = tariff.rate(self.position(trade.con_id).item, trade.price)
        return tariff.charge(0.0, rate * abs(trade.quantity))

    def margin_if(self, trades: Sequence[Trade]) -> MarginChange:
        """Margin before and after trades, each an order of its own; nothing is booked.

        Raises:
            ValueError: as :meth:`commission`.
        """
        positions = self._positions()
        for trade in trades:
            before = positions.get(trade.con_id) or self.position(trade.con_id)
            fill = Fill(trade.quantity, trade.price, self.commission(trade))
            positions[trade.con_id] = before.after(fill)
        now, then = self.balance(), balance(positions.values(), self.start_cash, self._prices)
        return MarginChange(*now.margin, now.equity_with_loan, *then.margin, then.equity_with_loan)

    def book(self, trade: Trade, execution_id: str, order: int = 0) -> Booked:
        """Book an execution, or a correction: its id differs from the corrected one's in a higher last part.

        Args:
            trade: what was bought or sold, without regard to what was booked before.
            execution_id: as TWS has it; an id that has been booked already changes nothing.
            order: the order it is of: the least commission is due once per order and contract. 0: none.

        Raises:
            ValueError: as :meth:`commission`; the quantity is 0; the id does not end in a dot and a number.
        """
        item = self.position(trade.con_id).item
        if not trade.quantity:
            raise ValueError("a trade has a quantity")
        base, revision = split_id(execution_id)
        self._begin_day()
        statement = self._statements.setdefault(trade.con_id, Statement(item))
        self.revision += statement.enter(base, Entry(trade, revision, order))
        self._prices.paid(trade.con_id, trade.price)
        return statement.booked[base]

    def position(self, con_id: int) -> Position:
        """What is held of a contract, nothing perhaps.

        Raises:
            ValueError: the contract is neither a share nor an option that the market lists.
        """
        if con_id in self._statements:
            return self._statements[con_id].position
        item = self._market.listing.by_id(con_id)
        if not isinstance(item, Share | Option):
            raise ValueError(f"contract {con_id} is neither a share nor an option of this market")
        return Position(item)

    def positions(self) -> list[Position]:
        """Everything held."""
        return [one for one in self._positions().values() if one.quantity]

    def holdings(self) -> list[Holding]:
        """Everything held or traded in the course of the day, at present prices."""
        self._begin_day()
        marks, day = self._prices.of(self._statements), self.day
        return [
            _holding(one, marks[con_id], day)
            for con_id, one in self._positions().items()
            if one.quantity or day.has_traded(con_id, one.flow)
        ]

    def holding(self, con_id: int) -> Holding:
        """One contract's position at its present price.

        Raises:
            ValueError: as :meth:`position`.
        """
        self._begin_day()
        return _holding(self.position(con_id), self._prices.of([con_id])[con_id], self.day)

    def profit(self) -> Profit:
        """Of the whole account."""
        profits = [Profit(0.0, 0.0, 0.0), *(one.profit for one in self.holdings())]
        return Profit(*(sum(figures) for figures in zip(*profits, strict=True)))

    def balance(self) -> Balance:
        """Cash, values and margin."""
        return balance(self._positions().values(), self.start_cash, self._prices)

    def _begin_day(self) -> None:
        """Keep what everything is worth when the date has changed since anybody asked."""
        today = self._market.clock.now().astimezone(NEW_YORK).date()
        if today == self.day.date:
            return
        marks = self._prices.of(self._statements)
        self.day = Day(today, {key: _worth(one, marks[key]) for key, one in self._positions().items()})

    def _positions(self) -> dict[int, Position]:
        """Of every contract that was ever traded."""
        return {con_id: one.position for con_id, one in self._statements.items()}


def _worth(position: Position, price: float) -> Worth:
    return Worth(position.flow, position.value(price), position.realized)


def _holding(position: Position, price: float, day: Day) -> Holding:
    con_id, worth = position.item.con_id, _worth(position, price)
    daily, realized = day.profit(con_id, worth), day.realized(con_id, worth)
    return Holding(position, price, worth.value, Profit(daily, position.unrealized(price), realized))

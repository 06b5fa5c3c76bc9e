"""The exchange behind the gateway: what happens to orders in the course of time."""

import math
import random
from collections import defaultdict
from typing import TYPE_CHECKING

from tws_sim.market.quote import Quote
from tws_sim.orders import admission, checks, executions, groups, hours, matching, refusal
from tws_sim.orders.matching import Match, Side
from tws_sim.orders.order import CLOSED, ON_THE_WAY, Order, Status, snapshot
from tws_sim.orders.product import Part, Product
from tws_sim.orders.refusal import RefusedError
from tws_sim.orders.reports import OrderError

if TYPE_CHECKING:
    from tws_sim.orders.engine import OrderEngine

_LOOKS_APART = 0.02
_CHILD, _TRIGGER = "child", "trigger"


class Exchange:
    """Takes orders to the market, executes them, and ends them when their time is over."""

    def __init__(self, engine: "OrderEngine") -> None:
        self._engine = engine
        self._gateway = engine.gateway
        self._settings = engine.settings
        self._chance = random.Random(engine.settings.seed)  # noqa: S311 - a seeded market
        self._looked = engine.gateway.clock.monotonic()
        self._taken: dict[tuple[int, bool], int] = defaultdict(int)
        self._quotes: dict[int, Quote] = {}
        self.later: list[tuple[Order, int, int]] = []

    def step(self) -> None:
        """Everything that is due by now, the oldest order first."""
        now = self._gateway.clock.monotonic()
        for order in self._engine.book.live():
            self._advance(order, now)
        passed = now - self._looked
        if 0 < passed < _LOOKS_APART:
            return
        self._looked = now
        self._look()
        for order in self._engine.book.live():
            self._trade(order, now, passed)
        for order, quantity, before in self.later:
            groups.affect_others(self._engine, order, quantity, before)
        self.later.clear()

    def _look(self) -> None:
        """The market of all live orders at one instant; what one order takes of a size, no other can have."""
        self._taken.clear()
        acknowledged = [order for order in self._engine.book.live() if order.status not in ON_THE_WAY]
        products = [self._engine.product(order) for order in acknowledged]
        rows = list({part.row for wanted in products for part in wanted.parts})
        quotes = self._gateway.market.quotes(rows) if rows else []
        self._quotes = dict(zip(rows, quotes, strict=True))

    def _advance(self, order: Order, now: float) -> None:
        engine = self._engine
        if order.done:  # one before it in the round has ended it
            return
        if order.status is Status.PENDING_SUBMIT and now >= order.acknowledged_at:
            self._acknowledge(order)
        if order.change is not None and now >= order.changed_at:
            engine.apply_change(order)
        if order.cancelled_at is not None and now >= order.cancelled_at:
            engine.end(order, Status.CANCELLED, "Cancelled by Trader", refusal.cancelled())
        elif order.expires is not None and self._gateway.market.clock.now().timestamp() >= order.expires:
            engine.end(order, Status.CANCELLED, "Expired", refusal.cancelled("The order has expired"))

    def _acknowledge(self, order: Order) -> None:
        problem = admission.objection(self._engine, order)
        if problem is not None:
            self._engine.end(order, Status.INACTIVE, f"Rejected by System: {problem.text}", problem)
            return
        order.why_held = self._held_because(order)
        order.move(Status.PRE_SUBMITTED, self._gateway.market.clock.now())
        self._engine.report(order)
        if order.why_held == CLOSED:
            self._engine.reports.send(OrderError(snapshot(order), self._closed(order)))

    def _closed(self, order: Order) -> RefusedError:
        market = self._gateway.market
        extended = order.ticket.flag("outsideRth")
        coming = hours.current_or_next(
            self._engine.product(order), market.calendar, market.clock.now(), extended=extended
        )
        opens = f"{coming.opens:%Y-%m-%d %H:%M:%S} US/Eastern" if coming else "the market opens"
        text = f"Order Message:\nWarning: Your order will not be placed at the exchange until {opens}"
        return RefusedError(refusal.WARNING, text)

    def _held_because(self, order: Order) -> str:
        """What keeps an acknowledged order from the market; empty: nothing."""
        if groups.waits_for_parent(self._engine, order):
            return _CHILD
        if order.ticket.order_type in {"STP", "STP LMT"} and not order.triggered:
            return _TRIGGER
        return "" if self._is_open(order) else CLOSED

    def _is_open(self, order: Order) -> bool:
        market, extended = self._gateway.market, order.ticket.flag("outsideRth")
        return self._settings.any_hour or hours.is_open(
            self._engine.product(order), market.calendar, market.clock.now(), extended=extended
        )

    def _trade(self, order: Order, now: float, passed: float) -> None:
        """Move an acknowledged order towards the market and execute it there."""
        if order.done or order.status in ON_THE_WAY:
            return
        wanted = self._engine.product(order)
        why = self._held_because(order)
        if why == _TRIGGER and self._is_open(order):
            why = self._triggered(order, wanted)
        self._present(order, why, now)
        if why or now < order.fills_at:
            return
        limit = checks.limit_price(order.ticket, wanted)
        sides = self._sides(order, wanted)
        found = None
        if sides is not None:
            cost = None if limit is None else (limit if order.ticket.buys else -limit)
            patient = cost is not None and self._comes_to(sides, cost, passed)
            found = matching.match(sides, cost, order.remaining, patient=patient)
        if found is not None:
            order.fills_at = now + self._settings.fill_delay
            self._take(order, wanted, found)
        if order.ticket.tif == "IOC" and not order.done:
            reason = refusal.cancelled("The rest of an immediate or cancel order")
            self._engine.end(order, Status.CANCELLED, "Cancelled by System: IOC", reason)

    def _present(self, order: Order, why: str, now: float) -> None:
        """Change between waiting and working, or wait for something else: all of it is told."""
        held, order.why_held = order.why_held, why
        if not why and order.status is Status.PRE_SUBMITTED:
            order.fills_at = now + self._settings.fill_delay
            order.move(Status.SUBMITTED, self._gateway.market.clock.now())
            self._engine.report(order)
        elif why and order.status is Status.SUBMITTED:
            order.move(Status.PRE_SUBMITTED, self._gateway.market.clock.now())
            self._engine.report(order)
        elif why != held and order.status is Status.PRE_SUBMITTED:
            self._engine.report(order)

    def _triggered(self, order: Order, wanted: Product) -> str:
        stop, sides = checks.stop_price(order.ticket, wanted), self._sides(order, wanted)
        if stop is None or sides is None or not matching.stopped(sides, order.ticket.buys, stop):
            return _TRIGGER
        order.triggered = True
        return ""

    def _sides(self, order: Order, wanted: Product) -> list[Side] | None:
        """The market as this order sees it; None where a price is missing."""
        sign = 1 if order.ticket.buys else -1
        quotes = [self._quotes[part.row] for part in wanted.parts]
        found = [
            matching.side(
                quote, sign * part.weight, abs(part.ratio), self._taken[_mark(part, sign)], wanted.tick
            )
            for part, quote in zip(wanted.parts, quotes, strict=True)
        ]
        sides = [one for one in found if one is not None]
        return sides if len(sides) == len(found) else None

    def _comes_to(self, sides: list[Side], limit: int, passed: float) -> bool:
        """Whether somebody takes a limit within the spread, by the settings' chance."""
        rate = self._settings.mid_fills
        if not rate or not matching.concedes(sides, limit, self._settings.concession):
            return False
        return self._chance.random() < -math.expm1(-rate * passed)

    def _take(self, order: Order, wanted: Product, found: Match) -> None:
        """Execute a match; what it takes of the sizes shown is not there for the orders after it."""
        for part in wanted.parts:
            mark = _mark(part, 1 if order.ticket.buys else -1)
            self._taken[mark] += found.quantity * abs(part.ratio)
        executions.execute(self._engine, order, found)

    def execute(self, order: Order, quantity: int) -> None:
        """Execute so much of an order now, whatever the market shows; nothing where a price is missing."""
        wanted = self._engine.product(order)
        self._look()
        limit, sides = checks.limit_price(order.ticket, wanted), self._sides(order, wanted)
        if sides is None:
            return
        cost = None if limit is None else (limit if order.ticket.buys else -limit)
        executions.execute(self._engine, order, matching.forced(sides, cost, quantity))


def _mark(part: Part, sign: int) -> tuple[int, bool]:
    """The side of a contract's market that an order takes from."""
    return part.row, sign * part.weight > 0

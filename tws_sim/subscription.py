"""One market data request: what its client has been sent, and what it has to be sent now."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tws_sim.market.assets import Asset
from tws_sim.market.instrument import Instrument, Option
from tws_sim.market.quote import Quote, ShareFigures
from tws_sim.terms import DELAYED, DELAYED_FROZEN, Terms
from tws_sim.wire import ticks
from tws_sim.wire.ticks import TickTypes

_NOTHING = Quote()
_UPDATES_PER_SIDE_MODELS = 16
_UNRESTRICTED = Terms()


@dataclass(eq=False)
class Subscription:
    """Ticks are differences between quotes: a client that was skipped gets the latest state, no backlog."""

    request_id: int
    row: int
    instrument: Instrument
    generic: frozenset[int] = frozenset()
    snapshot_until: float | None = None
    terms: Terms = _UNRESTRICTED
    sent: Quote = _NOTHING
    started: bool = field(default=False)
    updates: int = 0

    @property
    def complete(self) -> bool:
        """Whether all that a snapshot waits for has been sent: both sides and a trade, if any exist."""
        needed: list[object] = [self.sent.bid, self.sent.ask, self.sent.trade]
        if isinstance(self.instrument, Asset):
            needed = needed[:2] * self.instrument.is_quoted + needed[2:] * self.instrument.is_traded
        return None not in needed

    @property
    def delayed(self) -> bool:
        """Whether its ticks are those of delayed data."""
        return self.terms.kind in {DELAYED, DELAYED_FROZEN}

    def ticks(self, quote: Quote) -> list[bytes]:
        """The messages that take the client from what it was sent to ``quote``."""
        previous, first = self.sent, not self.started
        self.sent, self.started = quote, True
        found: list[bytes] = []
        if not self.terms.partial:
            self._add_prices(found, previous, quote, first)
        if isinstance(self.instrument, Option):
            if quote.open_interest != previous.open_interest:
                found += self._open_interest(self.instrument, quote)
        elif quote.share is not None and quote.share != previous.share:
            found += self._figures(previous.share, quote.share)
        return found

    def _add_prices(self, found: list[bytes], previous: Quote, quote: Quote, first: bool) -> None:
        delayed = self.delayed
        types = ticks.DELAYED_TYPES if delayed else ticks.LIVE_TYPES
        self._add_sides(found, types, previous, quote, first)
        if quote.trade != previous.trade:
            found += self._trade(types, previous, quote)
        if quote.close is not None and quote.close != previous.close:
            found.append(ticks.price(self.request_id, types.close, quote.close, 0, 0))
        if isinstance(self.instrument, Option) and (quote.model != previous.model or first):
            found.append(ticks.computation(self.request_id, types.model, quote.model or ticks.NOT_COMPUTED))
            if self.updates % _UPDATES_PER_SIDE_MODELS == 0:
                found += self._side_models(types, quote)
            self.updates += 1
        if delayed or 221 not in self.generic:
            return
        if quote.mark is not None and quote.mark != previous.mark:
            found.append(ticks.price(self.request_id, ticks.MARK_PRICE, quote.mark, 0, 0))

    def _side_models(self, types: TickTypes, quote: Quote) -> Iterator[bytes]:
        """Option computations of the bid, the ask and the last price, where the model has one."""
        last = quote.trade.price if quote.trade else None
        sides = ((types.bid_model, quote.bid), (types.ask_model, quote.ask), (types.last_model, last))
        for tick_type, price in sides:
            if quote.model is not None and price is not None:
                yield ticks.computation(self.request_id, tick_type, quote.model.at(price))

    def _add_sides(
        self, found: list[bytes], types: TickTypes, previous: Quote, quote: Quote, first: bool
    ) -> None:
        request_id = self.request_id
        if quote.bid != previous.bid or first:
            price = -1.0 if quote.bid is None else quote.bid
            found.append(ticks.price(request_id, types.bid, price, quote.bid_size))
        elif quote.bid_size != previous.bid_size:
            found.append(ticks.size(request_id, types.bid_size, quote.bid_size))
        if quote.ask != previous.ask or first:
            price = -1.0 if quote.ask is None else quote.ask
            found.append(ticks.price(request_id, types.ask, price, quote.ask_size))
        elif quote.ask_size != previous.ask_size:
            found.append(ticks.size(request_id, types.ask_size, quote.ask_size))

    def _trade(self, types: TickTypes, previous: Quote, quote: Quote) -> Iterator[bytes]:
        request_id, trade = self.request_id, quote.trade
        if trade is None:
            return
        yield ticks.price(request_id, types.last, trade.price, trade.size, 0)
        yield ticks.string(request_id, types.last_timestamp, str(trade.epoch))
        if previous.trade is None or trade.volume != previous.trade.volume:
            yield ticks.size(request_id, types.volume, trade.volume)
        if 233 in self.generic and not self.delayed:
            value = (
                f"{trade.price:.10g};{trade.size};{trade.epoch * 1000};{trade.volume};{trade.price:.10g};true"
            )
            yield ticks.string(request_id, ticks.RT_VOLUME, value)

    def _open_interest(self, option: Option, quote: Quote) -> Iterator[bytes]:
        interest = quote.open_interest
        if 101 in self.generic and interest is not None:
            calls = interest if option.right == "C" else 0
            yield ticks.size(self.request_id, ticks.CALL_OPEN_INTEREST, calls)
            yield ticks.size(self.request_id, ticks.PUT_OPEN_INTEREST, interest - calls)

    def _figures(self, before: ShareFigures | None, now: ShareFigures) -> Iterator[bytes]:
        old = before._asdict() if before else {}
        for request, tick_type, name in _SHARE_SIZES:
            value = getattr(now, name)
            if request in self.generic and value != old.get(name):
                yield ticks.size(self.request_id, tick_type, value)
        for request, tick_type, name in _SHARE_VOLATILITIES:
            value = getattr(now, name)
            if request in self.generic and value is not None and value != old.get(name):
                yield ticks.generic(self.request_id, tick_type, value)


_SHARE_SIZES = (
    (100, ticks.CALL_VOLUME, "call_volume"),
    (100, ticks.PUT_VOLUME, "put_volume"),
    (101, ticks.CALL_OPEN_INTEREST, "call_open_interest"),
    (101, ticks.PUT_OPEN_INTEREST, "put_open_interest"),
)
_SHARE_VOLATILITIES = (
    (104, ticks.HISTORICAL_VOLATILITY, "historical_volatility"),
    (106, ticks.IMPLIED_VOLATILITY, "implied_volatility"),
)

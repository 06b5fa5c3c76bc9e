"""One market data request: what its client has been sent, and what it has to be sent now."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tws_sim.market.instrument import Instrument, Option
from tws_sim.market.quote import Quote, ShareFigures
from tws_sim.wire import ticks

_NOTHING = Quote()


@dataclass(eq=False)
class Subscription:
    """Ticks are differences between quotes: a client that was skipped gets the latest state, no backlog."""

    request_id: int
    row: int
    instrument: Instrument
    generic: frozenset[int] = frozenset()
    snapshot_until: float | None = None
    sent: Quote = _NOTHING
    started: bool = field(default=False)

    @property
    def complete(self) -> bool:
        """Whether both sides and a trade, all that a snapshot waits for, have been sent."""
        return None not in (self.sent.bid, self.sent.ask, self.sent.trade)

    def ticks(self, quote: Quote) -> list[bytes]:
        """The messages that take the client from what it was sent to ``quote``."""
        previous, first = self.sent, not self.started
        self.sent, self.started = quote, True
        found = list(self._sides(previous, quote, first))
        if quote.trade != previous.trade:
            found += self._trade(previous, quote)
        if quote.close is not None and quote.close != previous.close:
            found.append(ticks.price(self.request_id, ticks.CLOSE, quote.close, 0, 0))
        if isinstance(self.instrument, Option):
            found += self._option(self.instrument, previous, quote, first)
        elif quote.share is not None and quote.share != previous.share:
            found += self._figures(previous.share, quote.share)
        if 221 in self.generic and quote.mark is not None and quote.mark != previous.mark:
            found.append(ticks.price(self.request_id, ticks.MARK_PRICE, quote.mark, 0, 0))
        return found

    def _sides(self, previous: Quote, quote: Quote, first: bool) -> Iterator[bytes]:
        request_id = self.request_id
        if quote.bid != previous.bid or first:
            price = -1.0 if quote.bid is None else quote.bid
            yield ticks.price(request_id, ticks.BID, price, quote.bid_size)
        elif quote.bid_size != previous.bid_size:
            yield ticks.size(request_id, ticks.BID_SIZE, quote.bid_size)
        if quote.ask != previous.ask or first:
            price = -1.0 if quote.ask is None else quote.ask
            yield ticks.price(request_id, ticks.ASK, price, quote.ask_size)
        elif quote.ask_size != previous.ask_size:
            yield ticks.size(request_id, ticks.ASK_SIZE, quote.ask_size)

    def _trade(self, previous: Quote, quote: Quote) -> Iterator[bytes]:
        request_id, trade = self.request_id, quote.trade
        if trade is None:
            return
        yield ticks.price(request_id, ticks.LAST, trade.price, trade.size, 0)
        yield ticks.string(request_id, ticks.LAST_TIMESTAMP, str(trade.epoch))
        if previous.trade is None or trade.volume != previous.trade.volume:
            yield ticks.size(request_id, ticks.VOLUME, trade.volume)
        if 233 in self.generic:
            value = (
                f"{trade.price:.10g};{trade.size};{trade.epoch * 1000};{trade.volume};{trade.price:.10g};true"
            )
            yield ticks.string(request_id, ticks.RT_VOLUME, value)

    def _option(self, option: Option, previous: Quote, quote: Quote, first: bool) -> Iterator[bytes]:
        if quote.model != previous.model or first:
            model = quote.model or ticks.NOT_COMPUTED
            yield ticks.computation(self.request_id, ticks.MODEL_OPTION, model)
        interest = quote.open_interest
        if 101 in self.generic and interest is not None and interest != previous.open_interest:
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

"""Contract details as they were recorded, and which of them a client's description means."""

from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple, cast

from tws_sim.market.assets import Asset, AssetType
from tws_sim.market.instrument import Instrument, Option, Right, Share
from tws_sim.market.listing import ContractQuery
from tws_sim.wire.framing import message

# With this server version a message version and a size multiplier leave the details, and sizes come.
_NEW_SHAPE = 164
_MIN_TICK_PLACE = 11
_REAL_EXPIRATION = -5


class Details(NamedTuple):
    """Fields of one contractDetails message from the symbol on; ``rest`` begins with the event rule."""

    symbol: str
    sec_type: str
    last_trade: str
    strike: str
    right: str
    exchange: str
    currency: str
    local_symbol: str
    market_name: str
    trading_class: str
    con_id: str
    min_tick: str
    multiplier: str
    order_types: str
    valid_exchanges: str
    price_magnifier: str
    under_con_id: str
    long_name: str
    primary_exchange: str
    contract_month: str
    industry: str
    category: str
    subcategory: str
    time_zone: str
    trading_hours: str
    liquid_hours: str
    rest: tuple[str, ...]

    @staticmethod
    def read(version: int, fields: list[str]) -> "Details":
        """The details in a message's fields, from its id on.

        Raises:
            ValueError: there are too few fields.
        """
        if version < _NEW_SHAPE:
            multiplier = 3 + _MIN_TICK_PLACE + 1
            body = [*fields[3:multiplier], *fields[multiplier + 1 :], "1", "1", "1"]
        else:
            body = fields[2:]
        if len(body) < len(Details._fields):
            raise ValueError(f"contract details of {len(fields)} fields")
        named = len(Details._fields) - 1
        return Details._make([*body[:named], tuple(body[named:])])

    def as_message(self, version: int, request_id: int, exchange: str) -> bytes:
        """The details in the shape of a version, under a request id, with the exchange that was asked for."""
        named = self._replace(exchange=exchange or self.exchange)[:-1]
        if version >= _NEW_SHAPE:
            return message(10, request_id, *named, *self.rest)
        before, after = named[: _MIN_TICK_PLACE + 1], named[_MIN_TICK_PLACE + 1 :]
        return message(10, 8, request_id, *before, 1, *after, *self.rest[:-3])

    def fits(self, query: ContractQuery) -> bool:
        """Whether a description, whose empty fields say nothing, means this contract."""
        if query.con_id:
            return query.con_id == int(self.con_id)
        named = (
            (query.symbol, self.symbol),
            (query.sec_type, self.sec_type),
            (query.right[:1], self.right[:1]),
            (query.multiplier, self.multiplier),
            (query.currency, self.currency),
            (query.local_symbol, self.local_symbol),
            (query.trading_class, self.trading_class),
        )
        return (
            all(asked in {"", found} for asked, found in named)
            and self.last_trade.startswith(query.expiry[:8])
            and (not query.strike or abs(query.strike - float(self.strike or 0)) < 1e-6)
            and (not query.exchange or query.exchange in {self.exchange, *self.valid_exchanges.split(",")})
        )

    def instrument(self) -> Instrument:
        """What the rest of the simulator takes the contract for."""
        con_id = int(self.con_id)
        if self.sec_type == "STK":
            return Share(con_id, self.symbol, self.long_name, self.primary_exchange)
        last_trade = _day(self.last_trade)
        if self.sec_type == "OPT" and last_trade is not None:
            under = Share(int(self.under_con_id or 0), self.symbol, self.long_name)
            expires = _day(self.rest[_REAL_EXPIRATION]) or last_trade
            right = cast("Right", self.right[:1])
            return Option(
                con_id, under, last_trade, expires, float(self.strike), right, int(self.multiplier or 100)
            )
        return Asset(
            con_id,
            cast("AssetType", self.sec_type),
            self.symbol,
            self.local_symbol,
            self.trading_class,
            self.exchange,
            self.long_name,
            float(self.min_tick or 0.01),
            self.symbol,
            26,
            self.multiplier,
            last_trade,
        )


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return datetime.strptime(text[:8], "%Y%m%d").date()
    return None

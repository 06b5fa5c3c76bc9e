"""One market data line: what its ticks have told so far. Pure.

Tick types: https://interactivebrokers.github.io/tws-api/tick_types.html
"""

from math import isnan, nan

from ibkr_server.quotes.columns import FLOAT_FIELDS, Quote, Update

_BID, _ASK, _BID_SIZE, _ASK_SIZE, _LAST, _VOLUME, _OPEN_INTEREST, _FIRST_GREEK = range(8)
# By tick type, live and delayed.
_SIDES = {1: (_BID, _BID_SIZE), 66: (_BID, _BID_SIZE), 2: (_ASK, _ASK_SIZE), 67: (_ASK, _ASK_SIZE)}
_SIDE_SIZES = {0: (_BID, _BID_SIZE), 69: (_BID, _BID_SIZE), 3: (_ASK, _ASK_SIZE), 70: (_ASK, _ASK_SIZE)}
_LASTS, _LAST_SIZES, _VOLUMES, _MODELS = {4, 68}, {5, 71}, {8, 74}, {13, 83}
_CALLS, _PUTS = 27, 28
_UNSET = 1e300
_NOT_COMPUTED = (-1.0, -2.0, -2.0, -2.0, -2.0)

Fields = list[bytes]


class TickLine:
    """The latest values of one subscription.

    What takes a message returns whether it counts as an update, and raises ValueError or IndexError where a
    field cannot be read or is missing.
    """

    __slots__ = ("_interest", "_is_quote", "_origin", "_told", "_values", "con_id")

    def __init__(self, con_id: int) -> None:
        self.con_id = con_id
        self._told = [nan] * 5  # sides, their sizes and the last price as they came: the same is no news
        self._values = [nan] * len(FLOAT_FIELDS)
        self._interest = {_CALLS: nan, _PUTS: nan}
        self._origin = 1
        self._is_quote = False

    def update(self) -> Update:
        """All that is known, and whether bid, ask or a size of theirs has changed since the last update."""
        is_quote, self._is_quote = self._is_quote, False
        return Update(self.con_id, Quote._make([*self._values, self._origin]), is_quote)

    def price(self, fields: Fields) -> bool:
        """A price and the size that belongs to it; an empty price says nothing."""
        _, _, _, kind_text, price_text, size_text, _ = fields
        if not price_text:
            return False
        kind, price, size = int(kind_text), float(price_text), float(size_text or 0)
        if kind in _SIDES:
            side, its_size = _SIDES[kind]
            told = self._told
            if price == told[side] and size == told[its_size]:
                return False
            told[side], told[its_size] = price, size
            self._values[side] = -1.0 if price < 0 else _known(price)
            self._values[its_size] = _known(size)
            self._is_quote |= bool(price or size)
        elif kind in _LASTS:
            self._told[_LAST] = price
            self._values[_LAST] = _known(price)
        return True

    def size(self, fields: Fields) -> bool:
        """A size, the day's volume, or open interest."""
        kind, size = int(fields[3] or 0), float(fields[4] or 0)
        if kind in _SIDE_SIZES:
            side, its_size = _SIDE_SIZES[kind]
            if size == self._told[its_size]:
                return False
            self._told[its_size] = size
            self._values[its_size] = _known(size)
            self._is_quote |= bool(self._told[side] or size)
        elif kind in _LAST_SIZES:
            return not isnan(self._told[_LAST])
        elif kind in _VOLUMES:
            self._values[_VOLUME] = _known(size)
        elif kind in self._interest:
            self._interest[kind] = _known(size)
            self._values[_OPEN_INTEREST] = _larger(*self._interest.values())
        return True

    def computation(self, fields: Fields) -> bool:
        """The figures of an option model: at the bid, at the ask, at the last price, or the model's own."""
        _, _, kind_text, attribute, *figures = fields
        kind, _ = int(kind_text), int(attribute)
        volatility, delta, _, _, gamma, vega, theta, _ = map(float, figures)
        if kind in _MODELS:
            greeks = (volatility, delta, gamma, vega, theta)
            self._values[_FIRST_GREEK:] = map(_computed, greeks, _NOT_COMPUTED)
        return True

    def generic(self, fields: Fields) -> bool:
        """A figure that no quote has."""
        _, _ = int(fields[3] or 0), float(fields[4] or 0)
        return True

    def text(self, fields: Fields) -> bool:
        """The time of the last trade, or another text that no quote has."""
        _, _ = int(fields[3] or 0), fields[4]
        return True

    def market_data_type(self, fields: Fields) -> bool:
        """Live, frozen, delayed, or delayed and frozen: holds from the next update on."""
        self._origin = int(fields[3] or 0)
        return False


def _known(value: float) -> float:
    """NaN for 1.79e308, which is how TWS writes a number that is not set, and for what is negative."""
    return value if 0 <= value < _UNSET else nan


def _computed(value: float, sentinel: float) -> float:
    return value if value != sentinel and abs(value) < _UNSET else nan


def _larger(calls: float, puts: float) -> float:
    """For one option the other side is sent as 0."""
    if isnan(calls):
        return puts
    return calls if isnan(puts) else max(calls, puts)

"""The quote that a tape's ticks add up to."""

from tws_sim.market.quote import Model, Quote, Trade
from tws_sim.recording.tape import Entry

_BID_SIZE, _BID, _ASK, _ASK_SIZE, _LAST, _LAST_SIZE, _VOLUME, _CLOSE = 0, 1, 2, 3, 4, 5, 8, 9
_MODEL = 13
_LAST_TIMESTAMP = 45
_DELAYED = {66: _BID, 67: _ASK, 68: _LAST, 69: _BID_SIZE, 70: _ASK_SIZE, 71: _LAST_SIZE, 74: _VOLUME}
_DELAYED |= {75: _CLOSE, 83: _MODEL, 88: _LAST_TIMESTAMP}


def quote(entries: list[Entry]) -> Quote:
    """The state after these ticks; fields that cannot be read are passed over."""
    values: dict[int, float] = {}
    sizes: dict[int, int] = {}
    model: Model | None = None
    for entry in entries:
        try:
            kind, given = int(entry.kind[1] or -1), entry.fields[entry.place + 2 :]
            kind = _DELAYED.get(kind, kind)
            if entry.fields[0] == "1":
                values[kind], sizes[kind] = float(given[0]), int(float(given[1] or 0))
            elif entry.fields[0] in {"2", "46"}:
                values[kind] = float(given[0])
            elif entry.fields[0] == "21" and kind == _MODEL:
                model = _model(given[1:])
        except (IndexError, ValueError):
            continue
    return _assembled(values, sizes, model)


def _assembled(values: dict[int, float], sizes: dict[int, int], model: Model | None) -> Quote:
    def size(price: int, own: int) -> int:
        return int(values.get(own, sizes.get(price, 0)))

    bid, ask, last = (_price(values.get(kind)) for kind in (_BID, _ASK, _LAST))
    volume, epoch = int(values.get(_VOLUME, 0)), int(values.get(_LAST_TIMESTAMP, 0))
    trade = None if last is None else Trade(last, size(_LAST, _LAST_SIZE), epoch, volume)
    return Quote(
        bid,
        size(_BID, _BID_SIZE) if bid is not None else 0,
        ask,
        size(_ASK, _ASK_SIZE) if ask is not None else 0,
        trade,
        _price(values.get(_CLOSE)),
        model=model,
    )


def _price(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _model(given: tuple[str, ...]) -> Model | None:
    figures = Model(*(float(text) for text in given[:8]))
    return figures if figures.implied_volatility > 0 else None

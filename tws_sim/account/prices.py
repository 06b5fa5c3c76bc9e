"""What positions are valued at."""

from collections.abc import Iterable

from tws_sim.market.instrument import Option
from tws_sim.market.market import Market
from tws_sim.market.quote import Quote


class Prices:
    """Marks of the market: the mid or the last trade, else the last one known, else the last price paid."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._known: dict[int, float] = {}

    def paid(self, con_id: int, price: float) -> None:
        """A price per share at which the account has traded."""
        self._known.setdefault(con_id, price)

    def of(self, con_ids: Iterable[int]) -> dict[int, float]:
        """Prices per share by contract id; 0 for what has none at all."""
        wanted = list(con_ids)
        for con_id, quote in zip(wanted, self._quotes(wanted), strict=True):
            if quote.mark is not None:
                self._known[con_id] = quote.mark
        return {con_id: self._known.get(con_id, 0.0) for con_id in wanted}

    def spot(self, option: Option) -> float:
        """Price of an option's underlying: its mark, else the one in the option's model, else the strike."""
        share, quote = self._quotes([option.share.con_id, option.con_id])
        return share.mark or (quote.model.underlying if quote.model else option.strike)

    def _quotes(self, con_ids: list[int]) -> list[Quote]:
        rows = self._market.listing.rows
        return self._market.quotes([rows[con_id] for con_id in con_ids]) if con_ids else []

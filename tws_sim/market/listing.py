"""What a market lists, and which of it a client's description of a contract means."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tws_sim.market.assets import Asset
from tws_sim.market.instrument import Instrument, Option, Share

OPTION_EXCHANGES = (
    "SMART,AMEX,BATS,BOX,CBOE,CBOE2,EDGX,EMERALD,GEMINI,ISE,MERCURY,MIAX,NASDAQOM,PEARL,PHLX,PSE"
)
SHARE_EXCHANGES = "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX,EDGX,PSX"


@dataclass(frozen=True)
class ContractQuery:
    """A client's description of a contract; empty fields say nothing."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""


class Listing:
    """Instruments by row; a row is an instrument's place in every column of the market."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self.instruments = _with_unique_ids(instruments)
        self.rows = {instrument.con_id: row for row, instrument in enumerate(self.instruments)}
        self.shares = {item.symbol: item for item in self.instruments if isinstance(item, Share)}
        self.assets = [item for item in self.instruments if isinstance(item, Asset)]
        self.chains: dict[str, list[Option]] = defaultdict(list)
        self._by_expiry: dict[tuple[str, str], list[Option]] = defaultdict(list)
        for item in self.instruments:
            if isinstance(item, Option):
                self.chains[item.symbol].append(item)
                for day in {item.last_trade, item.expiration}:
                    self._by_expiry[item.symbol, f"{day:%Y%m%d}"].append(item)

    def by_id(self, con_id: int) -> Instrument | None:
        """The instrument with this contract id."""
        row = self.rows.get(con_id)
        return None if row is None else self.instruments[row]

    def match(self, query: ContractQuery) -> list[Instrument]:
        """Every instrument the description fits; none where it contradicts the listing."""
        if query.con_id:
            found = self.by_id(query.con_id)
            return [found] if found and _exchange_fits(query, found) else []
        if query.currency not in {"", "USD"}:
            return []
        if query.sec_type == "STK":
            share = self.shares.get(query.symbol or query.local_symbol)
            return [share] if share and _exchange_fits(query, share) else []
        if query.sec_type == "OPT":
            symbol = query.symbol or query.local_symbol[:6].rstrip()
            return [item for item in self._candidates(symbol, query.expiry[:8]) if _option_fits(query, item)]
        assets: list[Instrument] = [item for item in self.assets if _asset_fits(query, item)]
        return assets[:1] if query.sec_type == "CONTFUT" else assets

    def _candidates(self, symbol: str, expiry: str) -> list[Option]:
        """Options of a symbol that expire on a day (YYYYMMDD), in a month (YYYYMM) or at any time."""
        if len(expiry) == 8:
            return self._by_expiry.get((symbol, expiry), [])
        chain = self.chains.get(symbol, [])
        return [item for item in chain if f"{item.last_trade:%Y%m}".startswith(expiry)] if expiry else chain


def _with_unique_ids(instruments: Iterable[Instrument]) -> list[Instrument]:
    taken: set[int] = set()
    unique: list[Instrument] = []
    for item in instruments:
        con_id = item.con_id
        while con_id in taken:
            con_id += 1
        taken.add(con_id)
        unique.append(item if con_id == item.con_id else replace(item, con_id=con_id))
    return unique


def exchanges(item: Instrument) -> str:
    """Where an instrument can be traded, separated by commas."""
    if isinstance(item, Asset):
        return item.exchange
    return SHARE_EXCHANGES if isinstance(item, Share) else OPTION_EXCHANGES


def _exchange_fits(query: ContractQuery, item: Instrument) -> bool:
    primary = item.primary_exchange if isinstance(item, Share) else ""
    return (not query.exchange or query.exchange in exchanges(item).split(",")) and (
        not query.primary_exchange or not primary or query.primary_exchange == primary
    )


def _option_fits(query: ContractQuery, item: Option) -> bool:
    return (
        (not query.strike or abs(query.strike - item.strike) < 1e-6)
        and (not query.right or query.right[0].upper() == item.right)
        and query.multiplier in {"", str(item.multiplier)}
        and query.trading_class in {"", item.symbol}
        and query.local_symbol in {"", item.local_symbol}
        and _exchange_fits(query, item)
    )


def _asset_fits(query: ContractQuery, item: Asset) -> bool:
    last_trade = f"{item.last_trade:%Y%m%d}" if item.last_trade else ""
    return (
        query.sec_type.removeprefix("CONT") == item.sec_type
        and bool(query.symbol or query.local_symbol)
        and query.symbol in {"", item.symbol}
        and query.local_symbol in {"", item.local_symbol}
        and query.trading_class in {"", item.trading_class}
        and query.multiplier in {"", item.multiplier}
        and last_trade.startswith(query.expiry[:8])
        and _exchange_fits(query, item)
    )

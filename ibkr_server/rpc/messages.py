"""Domain objects as messages of the market data contract."""

from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.common.v1 import contract_pb2
from spreadmesh.market.v1 import chain_pb2, gateway_pb2, history_pb2

from ibkr_server.chain.contracts import Chain, Option, Underlying
from ibkr_server.chain.expiration import expiration_instant
from ibkr_server.history.bars import DailyHistory
from ibkr_server.lines.lease import Lease
from ibkr_server.market import Market
from ibkr_server.quotes.confirmations import line_state


def timestamp(seconds: float) -> Timestamp:
    """Seconds since 1970 UTC as a timestamp, to the microsecond."""
    stamp = Timestamp()
    stamp.FromMicroseconds(round(seconds * 1e6))
    return stamp


def option_chain(chain: Chain, market_time: float) -> chain_pb2.GetOptionChainResponse:
    """A chain as it is answered."""
    return chain_pb2.GetOptionChainResponse(
        underlying=_underlying(chain.underlying),
        contracts=[_option(option) for option in chain.options],
        market_time=timestamp(market_time),
        as_of=timestamp(chain.as_of),
    )


def daily_history(
    underlying: Underlying, history: DailyHistory, market_time: float
) -> history_pb2.GetDailyHistoryResponse:
    """A history as it is answered."""
    return history_pb2.GetDailyHistoryResponse(
        underlying=_underlying(underlying),
        bars=[
            history_pb2.DailyBar(
                date=bar.day.isoformat(),
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=bar.volume,
            )
            for bar in history.bars
        ],
        market_time=timestamp(market_time),
        as_of=timestamp(history.as_of),
    )


def market_data_lines(market: Market, host_now: float) -> gateway_pb2.ListMarketDataLinesResponse:
    """Every contract wanted and its line: those with a line first, then the oldest quotes."""
    book = market.lines.book
    lines = [_line(market, lease, host_now) for lease in book]
    lines.sort(key=lambda line: (line.state, line.quote_time.ToMicroseconds(), line.con_id))
    return gateway_pb2.ListMarketDataLinesResponse(
        limit=book.limit,
        in_use=book.in_use,
        wanted=sum(bool(lease.owners) for lease in book),
        evictions=book.evictions,
        lines=lines,
    )


def _line(market: Market, lease: Lease, host_now: float) -> gateway_pb2.MarketDataLine:
    line = gateway_pb2.MarketDataLine(
        con_id=lease.con_id,
        name=market.chains.name(lease.con_id),
        state=line_state(lease),
        owners=sorted({owner.partition("#")[0] for owner in lease.owners}),
        priority=max(lease.priority, 0),
    )
    line.since_change.FromMicroseconds(round((host_now - lease.since) * 1e6))
    quote_time = market.quotes.columns.quote_time(lease.con_id)
    if quote_time is not None:
        line.quote_time.CopyFrom(timestamp(quote_time))
    return line


def _underlying(underlying: Underlying) -> contract_pb2.Underlying:
    return contract_pb2.Underlying(
        con_id=underlying.con_id,
        symbol=underlying.symbol,
        security_type=underlying.security_type,
        currency=underlying.currency,
        primary_exchange=underlying.primary_exchange,
        min_tick=underlying.min_tick,
    )


def _option(option: Option) -> contract_pb2.OptionContract:
    instant = expiration_instant(option.expiration, option.trading_class)
    return contract_pb2.OptionContract(
        con_id=option.con_id,
        symbol=option.symbol,
        expiration=option.expiration.isoformat(),
        expiration_time=timestamp(instant.timestamp()),
        strike=option.strike,
        right=contract_pb2.RIGHT_CALL if option.right == "C" else contract_pb2.RIGHT_PUT,
        multiplier=option.multiplier,
        trading_class=option.trading_class,
        min_tick=option.min_tick,
        local_symbol=option.local_symbol,
    )

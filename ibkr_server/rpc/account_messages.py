"""Positions and accounts as messages of the order contract."""

from decimal import Decimal
from typing import Final

from spreadmesh.common.v1.contract_pb2 import RIGHT_CALL, RIGHT_PUT, RIGHT_UNSPECIFIED
from spreadmesh.order.v1 import account_pb2 as pb

from ibkr_server.account.book import AccountBook
from ibkr_server.account.position import AccountValues, Position
from ibkr_server.rpc import messages
from ibkr_server.rpc.order_messages import decimal

_RIGHTS: Final = {"C": RIGHT_CALL, "P": RIGHT_PUT, None: RIGHT_UNSPECIFIED}


def position(found: Position) -> pb.Position:
    """What an account holds of one contract."""
    return pb.Position(
        account=found.account,
        con_id=found.con_id,
        symbol=found.symbol,
        security_type=found.security_type,
        local_symbol=found.local_symbol,
        expiration="" if found.expiration is None else found.expiration.isoformat(),
        strike=float(found.strike),
        right=_RIGHTS[found.right],
        multiplier=float(found.multiplier),
        quantity=decimal(found.quantity),
        average_cost=float(found.average_cost),
        market_price=_number(found.market_price),
        market_value=_number(found.market_value),
        unrealized_pnl=_number(found.unrealized_pnl),
        realized_pnl=_number(found.realized_pnl),
    )


def gone(account: str, con_id: int) -> pb.Position:
    """A position that is held no more."""
    return pb.Position(account=account, con_id=con_id, quantity=decimal(Decimal(0)))


def positions(book: AccountBook) -> list[pb.Position]:
    """All that is held."""
    return [position(found) for found in book.positions()]


def account(found: AccountValues) -> pb.Account:
    """Values and profit of an account."""
    profit, amount = found.profit, found.amount
    return pb.Account(
        account=found.account,
        currency=found.currency,
        net_liquidation=_number(amount("NetLiquidation")),
        cash=_number(amount("TotalCashValue")),
        available_funds=_number(amount("AvailableFunds")),
        excess_liquidity=_number(amount("ExcessLiquidity")),
        initial_margin=_number(amount("InitMarginReq")),
        maintenance_margin=_number(amount("MaintMarginReq")),
        buying_power=_number(amount("BuyingPower")),
        daily_pnl=_number(profit.daily),
        unrealized_pnl=_number(profit.unrealized),
        realized_pnl=_number(profit.realized),
        values={
            f"{tag}:{currency}" if currency else tag: text for (tag, currency), text in found.values.items()
        },
        time=messages.timestamp(found.told) if found.told else None,
        stale=found.stale,
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)

"""The paper account: its values, no positions, no profit or loss."""

from tws_sim.requests.dispatch import handles
from tws_sim.session import Session
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message

CASH = "1000000.00"
_ZERO = "0.00"
# Tag, value, currency; the names are TWS's.
VALUES = (
    ("AccountCode", "", ""),
    ("AccountReady", "true", ""),
    ("AccountType", "INDIVIDUAL", ""),
    ("AccruedCash", _ZERO, "USD"),
    ("AvailableFunds", CASH, "USD"),
    ("BuyingPower", "4000000.00", "USD"),
    ("CashBalance", CASH, "BASE"),
    ("CashBalance", CASH, "USD"),
    ("Currency", "USD", "USD"),
    ("Cushion", "1", ""),
    ("DayTradesRemaining", "-1", ""),
    ("EquityWithLoanValue", CASH, "USD"),
    ("ExcessLiquidity", CASH, "USD"),
    ("ExchangeRate", "1.00", "USD"),
    ("FullAvailableFunds", CASH, "USD"),
    ("FullExcessLiquidity", CASH, "USD"),
    ("FullInitMarginReq", _ZERO, "USD"),
    ("FullMaintMarginReq", _ZERO, "USD"),
    ("GrossPositionValue", _ZERO, "USD"),
    ("InitMarginReq", _ZERO, "USD"),
    ("Leverage-S", "0.00", ""),
    ("LookAheadAvailableFunds", CASH, "USD"),
    ("LookAheadExcessLiquidity", CASH, "USD"),
    ("MaintMarginReq", _ZERO, "USD"),
    ("NetLiquidation", CASH, "USD"),
    ("NetLiquidationByCurrency", CASH, "BASE"),
    ("OptionMarketValue", _ZERO, "USD"),
    ("RealizedPnL", _ZERO, "USD"),
    ("StockMarketValue", _ZERO, "USD"),
    ("TotalCashBalance", CASH, "BASE"),
    ("TotalCashValue", CASH, "USD"),
    ("UnrealizedPnL", _ZERO, "USD"),
)


def _values(account: str) -> list[tuple[str, str, str]]:
    return [(tag, account if tag == "AccountCode" else value, currency) for tag, value, currency in VALUES]


@handles(6)
async def account_updates(session: Session, fields: FieldReader) -> None:
    """Every value, the time, the end of the download; nothing when updates are stopped."""
    fields.skip()
    if not fields.boolean():
        return
    account = session.gateway.settings.account
    for tag, value, currency in _values(account):
        session.send(message(6, 2, tag, value, currency, account))
    session.send(message(8, 1, f"{session.gateway.market.clock.now():%H:%M}"))
    session.send(message(54, 1, account))


@handles(76)
async def account_updates_multi(session: Session, fields: FieldReader) -> None:
    """Every value under a request id, then the end."""
    fields.skip()
    request_id = fields.integer()
    account = session.gateway.settings.account
    for tag, value, currency in _values(account):
        session.send(message(73, 1, request_id, account, "", tag, value, currency))
    session.send(message(74, 1, request_id))


@handles(62)
async def account_summary(session: Session, fields: FieldReader) -> None:
    """The values that were asked for, or all of them for ``All``."""
    fields.skip()
    request_id, _group, wanted = fields.integer(), fields.string(), fields.string().split(",")
    account = session.gateway.settings.account
    for tag, value, currency in _values(account):
        if (tag in wanted or "All" in wanted) and currency != "BASE":
            session.send(message(63, 1, request_id, account, tag, value, currency))
    session.send(message(64, 1, request_id))


@handles(61)
async def positions(session: Session, fields: FieldReader) -> None:
    """The end of an empty list."""
    session.send(message(62, 1))


@handles(74)
async def positions_multi(session: Session, fields: FieldReader) -> None:
    """The end of an empty list."""
    fields.skip()
    session.send(message(72, 1, fields.integer()))


@handles(92)
async def profit_and_loss(session: Session, fields: FieldReader) -> None:
    """Zeros: nothing has been traded."""
    session.send(message(94, fields.integer(), 0, 0, 0))


@handles(94)
async def profit_and_loss_single(session: Session, fields: FieldReader) -> None:
    """Zeros: nothing is held."""
    session.send(message(95, fields.integer(), 0, 0, 0, 0, 0))


async def _stopped(session: Session, fields: FieldReader) -> None:
    """A subscription that sends nothing more needs no answer to its end."""


for _cancellation in (63, 64, 75, 77, 93, 95):
    handles(_cancellation)(_stopped)

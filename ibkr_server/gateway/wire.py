# ruff: noqa: D102, N802, N803 - the methods below are the library's, by its names
"""Messages about orders and accounts, as ib_insync has decoded them, on their way past its own books.

The library calls a method for each message; what is overridden here never reaches its trades and positions.
"""

from ib_insync import IB, CommissionReport, Contract, Execution, Order, OrderState
from ib_insync.decoder import Decoder
from ib_insync.wrapper import Wrapper

from ibkr_server import translation
from ibkr_server.account.book import AccountBook
from ibkr_server.account.position import Mark, Profit
from ibkr_server.gateway import order_reports
from ibkr_server.gateway.figures import count, figure
from ibkr_server.gateway.order_messages import OrderMessages
from ibkr_server.orders.broker import StatusReport
from mesh.logging import get_logger

log = get_logger(__name__)


class WireDecoder(Decoder):
    """Tells of messages that can't be read: a list that lacks one is no list."""

    def __init__(self, wire: "Wire") -> None:
        super().__init__(wire, 0)
        self._wire = wire

    def interpret(self, fields: list[str]) -> None:
        try:
            self.handlers[int(fields[0])](fields)
        except Exception as error:  # whatever is wrong with one message, the next ones are to be read
            log.error("gateway_message_unreadable", message=fields[0], error=repr(error))
            self._wire.unreadable(fields[0])


class Wire(Wrapper):
    """Takes the library's messages about orders and accounts past its own books."""

    def __init__(self, ib: IB, orders: OrderMessages, account: AccountBook) -> None:
        self._orders = orders
        self._account = account
        super().__init__(ib)  # type: ignore[no-untyped-call]  # the library's has no annotations

    def unreadable(self, message: str) -> None:
        """A message of this number could not be read."""
        self._orders.unreadable(message)

    def nextValidId(self, reqId: int) -> None:
        self._orders.numbers.told(reqId)

    def managedAccounts(self, accountsList: str) -> None:
        super().managedAccounts(accountsList)
        self._orders.named_accounts(tuple(self.accounts))

    def openOrder(self, orderId: int, contract: Contract, order: Order, orderState: OrderState) -> None:
        if order.whatIf:
            self._orders.what_ifs.answered(orderId, order_reports.what_if(orderState))
        else:
            self._orders.order_reported(order_reports.order_report(contract, order, orderState))

    def openOrderEnd(self) -> None:
        self._orders.open.ended()

    def completedOrder(self, contract: Contract, order: Order, orderState: OrderState) -> None:
        self._orders.completed.heard(order_reports.order_report(contract, order, orderState))

    def completedOrdersEnd(self) -> None:
        self._orders.completed.ended()

    def orderStatus(
        self,
        orderId: int,
        status: str,
        filled: float,
        remaining: float,
        avgFillPrice: float,
        permId: int,
        parentId: int,
        lastFillPrice: float,
        clientId: int,
        whyHeld: str,
        mktCapPrice: float = 0.0,
    ) -> None:
        self._orders.status_reported(
            StatusReport(
                order_id=orderId,
                client_id=clientId,
                perm_id=permId,
                status=status,
                filled=count(filled),
                remaining=count(remaining),
                average_price=count(avgFillPrice),
                why_held=whyHeld,
            )
        )

    def execDetails(self, reqId: int, contract: Contract, execution: Execution) -> None:
        self._orders.executed(reqId, order_reports.execution_report(contract, execution))

    def execDetailsEnd(self, reqId: int) -> None:
        self._orders.executions_ended(reqId)

    def commissionReport(self, commissionReport: CommissionReport) -> None:
        self._orders.commission_reported(order_reports.commission_report(commissionReport))

    def error(self, reqId: int, errorCode: int, errorString: str, advancedOrderRejectJson: str) -> None:
        if self._orders.error(reqId, errorCode, errorString):
            self.ib.errorEvent.emit(reqId, errorCode, errorString, None)
        else:
            super().error(reqId, errorCode, errorString, advancedOrderRejectJson)

    def position(self, account: str, contract: Contract, posSize: float, avgCost: float) -> None:
        self._account.position_told(translation.to_position(account, contract, posSize, avgCost))

    def positionEnd(self) -> None:
        self._account.positions_complete()

    def updatePortfolio(
        self,
        contract: Contract,
        posSize: float,
        marketPrice: float,
        marketValue: float,
        averageCost: float,
        unrealizedPNL: float,
        realizedPNL: float,
        account: str,
    ) -> None:
        figures = (marketPrice, marketValue, unrealizedPNL, realizedPNL)
        self._account.marked((account, contract.conId), Mark(*map(figure, figures)))

    def updateAccountValue(self, tag: str, val: str, currency: str, account: str) -> None:
        self._account.value_told(account, tag, currency, val)

    def accountDownloadEnd(self, _account: str) -> None:
        self._account.values_complete(_account)

    def accountUpdateMulti(
        self, reqId: int, account: str, modelCode: str, tag: str, val: str, currency: str
    ) -> None:
        self._account.value_told(account, tag, currency, val)

    def accountUpdateMultiEnd(self, reqId: int) -> None:
        self._account.multi_complete(reqId)

    def pnl(self, reqId: int, dailyPnL: float, unrealizedPnL: float, realizedPnL: float) -> None:
        figures = (dailyPnL, unrealizedPnL, realizedPnL)
        self._account.profit_told(reqId, Profit(*map(figure, figures)))

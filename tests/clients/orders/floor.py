"""A desk with contracts, a ranking and an account."""

from typing import Any

from spreadmesh.common.v1.contract_pb2 import OptionContract, Right, Underlying
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse
from spreadmesh.order.v1.account_pb2 import ListPositionsResponse, Position
from spreadmesh.order.v1.execution_pb2 import Execution, ListExecutionsResponse
from spreadmesh.order.v1.order_service_pb2 import EndLeaseResponse, RenewLeaseResponse
from spreadmesh.order.v1.preview_pb2 import PreviewOrderResponse
from spreadmesh.scan.v1.candidate_pb2 import Candidate, Leg
from spreadmesh.scan.v1.scan_service_pb2 import RunScanResponse

from tests.clients.orders.desk import Desk, amount


def put(con_id: int, strike: float) -> OptionContract:
    return OptionContract(
        con_id=con_id, symbol="GOOG", expiration="2016-01-15", strike=strike,
        right=Right.RIGHT_PUT, multiplier=100, trading_class="GOOG",
    )  # fmt: skip


class Floor(Desk):
    """A desk with contracts, a ranking and an account; closing realizes 37.40 USD."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.scanned: list[Any] = []
        self.positions: list[Position] = []

    async def GetOptionChain(self, request: Any, context: Any) -> GetOptionChainResponse:  # noqa: N802 - its name
        share = Underlying(con_id=7, symbol="GOOG")
        return GetOptionChainResponse(underlying=share, contracts=[put(11, 715), put(12, 720)])

    async def RunScan(self, request: Any, context: Any) -> RunScanResponse:  # noqa: N802 - its name
        self.scanned.append(request.spec)
        legs = [
            Leg(con_id=11, quantity=1, strike=715, right=Right.RIGHT_PUT, bid=3.4, ask=3.6, multiplier=100,
                expiration="2016-01-15"),
            Leg(con_id=12, quantity=-1, strike=720, right=Right.RIGHT_PUT, bid=4.7, ask=4.9, multiplier=100,
                expiration="2016-01-15"),
        ]  # fmt: skip
        return RunScanResponse(candidates=[Candidate(strategy="bull_put", legs=legs)])

    async def PreviewOrder(self, request: Any, context: Any) -> PreviewOrderResponse:  # noqa: N802 - its name
        preview = await super().PreviewOrder(request, context)
        preview.max_loss.value, preview.commission.value = "760", "2.60"
        preview.margin.initial_before.value, preview.margin.initial_after.value = "1000", "1760"
        preview.warning = "the market is closed"
        return preview

    async def RenewLease(self, request: Any, context: Any) -> RenewLeaseResponse:  # noqa: N802 - its name
        return RenewLeaseResponse(lease_id="lease-1")

    async def EndLease(self, request: Any, context: Any) -> EndLeaseResponse:  # noqa: N802 - its name
        self.log.append(("end lease", str(request.cancel_orders)))
        return EndLeaseResponse()

    async def ListPositions(self, request: Any, context: Any) -> ListPositionsResponse:  # noqa: N802 - its name
        return ListPositionsResponse(positions=self.positions, reconciled=True)

    async def ListExecutions(self, request: Any, context: Any) -> ListExecutionsResponse:  # noqa: N802 - its name
        trades = [
            Execution(con_id=11, commission=amount("0.65"), realized_pnl=amount("-12.60")),
            Execution(con_id=12, commission=amount("0.65"), realized_pnl=amount("50")),
        ]
        return ListExecutionsResponse(executions=trades)

    def hold(self, *quantities: int) -> None:
        self.positions = [
            Position(con_id=number, symbol="GOOG", expiration="2016-01-15", strike=strike,
                     right=Right.RIGHT_PUT, multiplier=100, quantity=amount(str(quantity)))
            for number, strike, quantity in zip((11, 12), (715, 720), quantities, strict=True)
        ]  # fmt: skip

"""The least role of every method. A method that is not here is refused to all."""

from collections.abc import Iterable, Iterator
from typing import Final

from mesh.access.roles import Role, parse_role
from mesh.methods import MethodTable

NOBODY: Final = "nobody"


def _each(service: str, role: Role, methods: Iterable[str]) -> Iterator[tuple[str, Role]]:
    return ((f"spreadmesh.{service}/{method}", role) for method in methods)


_MARKET: Final = (
    "GetOptionChain GetDailyHistory StreamQuotes WatchQuotes ListMarketDataLines GetGatewayStatus "
    "WatchGatewayStatus"
)
_ORDER_READS: Final = (
    "GetOrder ListOrders WatchOrders ListExecutions ListPositions WatchPositions WatchAccount"
)
_ORDER_WRITES: Final = "PlaceOrder ReplaceOrder CancelOrder RenewLease EndLease"

DEFAULT_ROLES: Final[MethodTable[Role | None]] = MethodTable(
    {
        "*": None,
        **dict(_each("market.v1.MarketDataService", Role.VIEWER, _MARKET.split())),
        **dict(
            _each(
                "scan.v1.ScanService",
                Role.VIEWER,
                ("RunScan", "StreamScan", "WatchScan", "ListStrategies", "ListFigures"),
            )
        ),
        # A universe is read like a scan; how much of it runs at once has limits of its own.
        **dict(_each("scan.v1.UniverseService", Role.VIEWER, ("RunUniverseScan", "ListUniverses"))),
        **dict(_each("scan.v1.PresetService", Role.VIEWER, ("ListPresets", "GetPreset"))),
        **dict(_each("scan.v1.PresetService", Role.PREVIEWER, ("SavePreset", "DeletePreset"))),
        **dict(_each("order.v1.OrderService", Role.VIEWER, _ORDER_READS.split())),
        **dict(_each("order.v1.OrderService", Role.PREVIEWER, ("PreviewOrder",))),
        **dict(_each("order.v1.OrderService", Role.TRADER, _ORDER_WRITES.split())),
        **dict(_each("order.v1.ControlService", Role.VIEWER, ("GetTradingStatus",))),
        # Whoever may begin may stop; to begin again is for those who answer for all.
        **dict(_each("order.v1.ControlService", Role.TRADER, ("Halt",))),
        **dict(_each("order.v1.ControlService", Role.OPERATOR, ("Resume", "CancelAllOrders"))),
    }
)


def parse_least_role(text: str) -> Role | None:
    """Read the least role of a method; `nobody` closes it.

    Raises:
        ValueError: It names none.
    """
    return None if text == NOBODY else parse_role(text)

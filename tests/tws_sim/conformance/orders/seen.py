"""What a client was told, in the form of the table of expectations: names for numbers, nothing twice over."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from tests.tws_sim.conformance.orders.driven import Event
from tests.tws_sim.conformance.orders.scenario import Scenario

_NOTICES = {2104, 2106, 2158}
_OWN_STATE = "PendingSubmit"  # what ib_insync and ib_async call an order until they hear of it
_VALUES = {"TotalCashValue", "NetLiquidation", "RealizedPnL", "InitMarginReq"}
_TERMS = ("action", "totalQuantity", "orderType", "lmtPrice", "auxPrice", "tif")
_PROGRESS = ("status", "filled", "remaining", "avgFillPrice", "lastFillPrice", "whyHeld")
_HELD = ("position", "marketPrice", "averageCost", "realizedPNL")
_TRADED = ("shares", "price", "cumQty", "avgPrice")

Row = tuple[object, ...]


class Seen:
    """Readings of what one client was told of the scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._of, self._contract = scenario.client.of, scenario.name
        self._listed = scenario.listed
        self._orders = scenario.orders()
        self._open = self._of("openOrder")
        self._perm_ids = {one["order"]["permId"]: one["order"]["orderRef"] for one in self._open}
        self._reports = {one["execId"]: one for one in self._of("commissionReport")}

    def table(self) -> dict[str, object]:
        """Everything there is an expectation of."""
        positions, values = self._of("position"), self._of("accountValue")
        completed = [(one["order"]["permId"], one["state"]["status"]) for one in self._of("completedOrder")]
        return {
            "previews": _by_name(self._margins(one) for one in self._open if one["order"]["whatIf"]),
            "orders": _by_name((one["order"]["orderRef"], self._terms(one)) for one in self._open),
            "legs": self._legs(),
            "groups": self._groups(),
            "listed": self._listed,
            "statuses": self._statuses(),
            "executions": self._executions(live=True),
            "executions on request": self._executions(live=False),
            "completed": {self._perm_ids[number]: status for number, status in completed},
            "positions": {
                self._contract(one["contract"]): (one["position"], figure(one["avgCost"]))
                for one in positions
            },
            "holdings": {
                self._contract(one["contract"]): tuple(figure(one[name]) for name in _HELD)
                for one in self._of("holding")
            },
            "values": {one["tag"]: one["value"] for one in values if one["tag"] in _VALUES},
            "errors": self._errors(),
            "problems": self._of("problem"),
        }

    def _margins(self, event: Event) -> tuple[str, Row]:
        figures = [figure(value) for name, value in event["state"].items() if name != "status"]
        return event["order"]["orderRef"], tuple(figures)

    def _terms(self, event: Event) -> Row:
        order, contract = event["order"], self._contract(event["contract"])
        return (*(order[name] for name in _TERMS), contract, self._orders.get(order["parentId"]))

    def _legs(self) -> dict[tuple[Row, ...], set[str]]:
        """Orders by what they combine."""
        found = defaultdict(set)
        for one in self._open:
            legs = one["contract"]["comboLegs"]
            rows = ((self._contract(leg), leg["ratio"], leg["action"], leg["exchange"]) for leg in legs)
            found[tuple(rows)].add(one["order"]["orderRef"])
        return dict(found)

    def _groups(self) -> dict[str, set[str]]:
        """Orders of each OCA group; that of one order's children has its permId for a name."""
        parents = {str(number): name for number, name in self._perm_ids.items()}
        found = defaultdict(set)
        for order in (one["order"] for one in self._open):
            if order["ocaGroup"]:
                found[parents.get(order["ocaGroup"], order["ocaGroup"])].add(order["orderRef"])
        return dict(found)

    def _statuses(self) -> dict[str, list[Row]]:
        told = [one for one in self._of("orderStatus") if one["status"] != _OWN_STATE]
        return _by_name(
            (self._perm_ids[one["permId"]], tuple(one[name] for name in _PROGRESS)) for one in told
        )

    def _executions(self, *, live: bool) -> list[Row]:
        return [self._execution(one) for one in self._of("execDetails") if one["live"] is live]

    def _execution(self, event: Event) -> Row:
        one, contract = event["execution"], self._contract(event["contract"])
        report = self._reports.get(one["execId"])
        paid = (figure(report["commission"]), figure(report["realizedPNL"]) or 0) if report else (None, None)
        whose = (self._perm_ids[one["permId"]], one["orderRef"], contract, one["execId"][-6:], one["side"])
        return (*whose, *(figure(one[name]) for name in _TRADED), *paid)

    def _errors(self) -> list[tuple[str, int]]:
        """Order and code; the text where it is about no order."""
        told = [one for one in self._of("error") if one["code"] not in _NOTICES]
        return [(self._orders.get(one["id"], one["text"]), one["code"]) for one in told]


def figure(value: Any) -> float | None:
    """A number; None where it is not set, which libraries tell by nothing or by the largest float."""
    number = float("inf" if value is None or value == "" else value)
    return round(number, 6) if abs(number) < 1e300 else None


def _by_name(told: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    """What was told of each order, without what was told twice in a row."""
    found = defaultdict(list)
    for name, row in told:
        found[name].append(row)
    return {name: [row for row, _ in groupby(rows)] for name, rows in found.items()}

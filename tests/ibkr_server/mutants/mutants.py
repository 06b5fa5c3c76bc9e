"""One server per invariant that breaks it, and the test that must notice."""

from dataclasses import dataclass
from typing import Final

DESK: Final = "tests/ibkr_server/desk"
RISK: Final = "tests/ibkr_server/risk"


@dataclass(frozen=True)
class Mutant:
    """`old`, found once in `file`, becomes `new`; `test` must fail then."""

    invariant: int
    does: str
    file: str
    old: str
    new: str
    test: str


MUTANTS: Final = (
    Mutant(
        1,
        "writes to the socket before the intent is on disk",
        "ibkr_server/desk/placing.py",
        "                self._ledger.record(*orders)\n",
        "                for ticket in tickets.tickets(orders):\n"
        "                    self._broker.place(ticket)\n"
        "                self._ledger.record(*orders)\n",
        f"{DESK}/test_placing.py::test_the_intent_is_on_disk_before_the_first_byte",
    ),
    Mutant(
        2,
        "lets placing go on with two orders of one name",
        "ibkr_server/orders/alarms.py",
        '(None, Alerted(kind, subject, text)), (None, Halted(f"{kind}: {text}", BY))]',
        "(None, Alerted(kind, subject, text))]",
        f"{DESK}/test_alarms.py::test_two_orders_of_one_name_are_seen_at_once_and_both_cancelled",
    ),
    Mutant(
        3,
        "sends a name that it knows once more",
        "ibkr_server/desk/placing.py",
        "        return None if found.is_unsent else found\n",
        "        return None\n",
        f"{DESK}/test_placing.py::test_many_identical_calls_send_once",
    ),
    Mutant(
        4,
        "takes the gateway's next number though the journal has had it",
        "ibkr_server/gateway/order_numbers.py",
        "number = max(self.next, at_least, 1)",
        "number = max(self.next, 1)",
        "tests/ibkr_server/gateway/test_order_sending.py::test_numbers_never_fall",
    ),
    Mutant(
        5,
        "calls an order absent without having read the completed ones",
        "ibkr_server/desk/recovery.py",
        "completed = self._heard(await self._broker.completed_orders(), Source(since, is_completed=True))",
        "completed: list[OrderReport] = []",
        f"{DESK}/test_recovery.py::test_absence_needs_all_three_lists",
    ),
    Mutant(
        6,
        "places orders before the gateway's lists are read",
        "ibkr_server/desk/readiness.py",
        "        elif not self.reconciled:\n",
        "        elif self._reconciled_session < 0:\n",
        f"{DESK}/test_recovery.py::test_nothing_leaves_before_the_gateway_was_read",
    ),
    Mutant(
        7,
        "does not look again after the wait for the turn",
        "ibkr_server/desk/placing.py",
        "                await self._broker.turn()\n            self._check(placement, caller)\n",
        "                await self._broker.turn()\n",
        f"{DESK}/test_halt.py::test_placements_that_wait_for_their_turn_are_stopped",
    ),
    Mutant(
        8,
        "takes a correction for another trade",
        "ibkr_server/orders/fills.py",
        "    return (base, int(suffix)) if point and suffix.isdecimal() else (execution_id, 0)\n",
        "    return execution_id, 0\n",
        f"{DESK}/test_fills.py::test_a_correction_replaces",
    ),
    Mutant(
        9,
        "keeps the positions of before an outage",
        "ibkr_server/account/feed.py",
        "                self._book.away()\n",
        "                pass\n",
        "tests/ibkr_server/account/test_account_feed.py",
    ),
    Mutant(
        10,
        "takes a preview for good",
        "ibkr_server/risk/preview_token.py",
        "        if self._clock() * _MILLIS >= end:\n",
        "        if end < 0:\n",
        f"{RISK}/test_preview_token.py::test_it_ends_after_thirty_seconds_and_not_before",
    ),
    Mutant(
        11,
        "lets one unit more pass",
        "ibkr_server/risk/rules.py",
        "    if spec.quantity <= limits.max_quantity:\n",
        "    if spec.quantity <= limits.max_quantity + 1:\n",
        f"{RISK}/test_gate_limits.py::test_quantity_ten_passes_and_eleven_does_not",
    ),
    Mutant(
        11,
        "counts one order too few in the window",
        "ibkr_server/risk/rules.py",
        "    if count < most:\n",
        "    if count <= most:\n",
        f"{RISK}/test_gate_limits.py::test_five_orders_in_ten_seconds_pass_and_a_sixth_does_not",
    ),
    Mutant(
        12,
        "resumes one event too late",
        "ibkr_server/desk/watch.py",
        "return iter([item for item in self._kept if item.sequence > after])",
        "return iter([item for item in self._kept if item.sequence > after + 1])",
        f"{DESK}/test_watching.py::test_it_resumes_anywhere_as_if_it_had_not_stopped",
    ),
    Mutant(
        13,
        "ends a lease and leaves its orders",
        "ibkr_server/desk/leases.py",
        "                wanted = self._orders(lease_id)\n                self._cancelling",
        "                wanted: list[Record] = []\n                self._cancelling",
        f"{DESK}/test_leases.py::test_orders_are_cancelled_when_a_lease_runs_out_and_others_stay",
    ),
)

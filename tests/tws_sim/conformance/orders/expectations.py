"""What every client must have been told once it has played the scenario."""

_UNTIL_SUBMITTED = [("PreSubmitted", 0, 1, 0, ""), ("Submitted", 0, 1, 0, "")]
_CANCELLED = [("PendingCancel", 0, 1, 0, ""), ("Cancelled", 0, 1, 0, "")]
_FIGURES = ("initMarginChange", "maintMarginChange", "equityWithLoanChange", "commission")

# Order (by its permId, then as it says itself), contract, end of the id, side, quantity, price, so far, at an
# average of, commission, profit.
_EXECUTIONS = [
    ("combo", "combo", "spread", ".01.01", "BOT", 2, 3.10, 2, 3.10, None, None),
    ("combo", "combo", "low", ".02.01", "BOT", 2, 5.10, 2, 5.10, 1.30, 0),
    ("combo", "combo", "high", ".03.01", "SLD", 2, 2.00, 2, 2.00, 1.30, 0),
    ("combo", "combo", "spread", ".01.01", "BOT", 1, 3.10, 3, 3.10, None, None),
    ("combo", "combo", "low", ".02.01", "BOT", 1, 5.10, 3, 5.10, 0.65, 0),
    ("combo", "combo", "high", ".03.01", "SLD", 1, 2.00, 3, 2.00, 0.65, 0),
    ("taken", "taken", "low", ".01.01", "BOT", 1, 5.10, 1, 5.10, 1.00, 0),
    ("entry", "entry", "spread", ".01.01", "BOT", 1, 3.10, 1, 3.10, None, None),
    ("entry", "entry", "low", ".02.01", "BOT", 1, 5.10, 1, 5.10, 1.00, 0),
    ("entry", "entry", "high", ".03.01", "SLD", 1, 2.00, 1, 2.00, 1.00, 0),
    ("profit", "profit", "spread", ".01.01", "SLD", 1, 3.90, 1, 3.90, None, None),
    ("profit", "profit", "low", ".02.01", "SLD", 1, 6.00, 1, 6.00, 1.00, 88.21),
    ("profit", "profit", "high", ".03.01", "BOT", 1, 2.10, 1, 2.10, 1.00, -11.7375),
]

EXPECTED: dict[str, object] = {
    # A debit spread needs no margin; valued at the mid of 3.00 it costs 900, and the commission.
    "preview": [
        dict.fromkeys(_FIGURES),
        dict(zip(_FIGURES, (0, 0, -903.9, 3.9), strict=True)),
    ],
    # Side, quantity, type, limit, stop price, time in force, contract, parent.
    "orders": {
        "preview": [("BUY", 3, "LMT", 3.10, 0, "DAY", "spread", None)],
        "combo": [("BUY", 3, "LMT", 3.10, 0, "DAY", "spread", None)],
        "resting": [
            ("BUY", 1, "LMT", 2.50, 0, "DAY", "spread", None),
            ("BUY", 1, "LMT", 2.55, 0, "DAY", "spread", None),
        ],
        "waiting": [("BUY", 1, "LMT", 4.00, 0, "DAY", "low", None)],
        "taken": [("BUY", 1, "LMT", 5.10, 0, "DAY", "low", None)],
        "entry": [("BUY", 1, "LMT", 3.10, 0, "DAY", "spread", None)],
        "profit": [("SELL", 1, "LMT", 3.60, 0, "DAY", "spread", "entry")],
        "stop": [("SELL", 1, "STP", 0, 2.00, "DAY", "spread", "entry")],
        "far": [("BUY", 1, "LMT", 1.00, 0, "DAY", "spread", None)],
        "farther": [("BUY", 1, "LMT", 0.50, 0, "DAY", "high", None)],
    },
    "legs": {(("low", 1, "BUY", "SMART"), ("high", 1, "SELL", "SMART"))},
    "groups": {"either": {"waiting", "taken"}, "entry": {"profit", "stop"}},
    "listed": ["resting"],
    # Status, filled, remaining, average price, held by.
    "statuses": {
        "combo": [
            ("PreSubmitted", 0, 3, 0, ""),
            ("Submitted", 0, 3, 0, ""),
            ("Submitted", 2, 1, 3.10, ""),
            ("Filled", 3, 0, 3.10, ""),
        ],
        "resting": _UNTIL_SUBMITTED + _CANCELLED,
        "waiting": [*_UNTIL_SUBMITTED, ("Cancelled", 0, 1, 0, "")],
        "taken": [*_UNTIL_SUBMITTED, ("Filled", 1, 0, 5.10, "")],
        "entry": [*_UNTIL_SUBMITTED, ("Filled", 1, 0, 3.10, "")],
        "profit": [
            ("PreSubmitted", 0, 1, 0, "child"),
            ("Submitted", 0, 1, 0, ""),
            ("Filled", 1, 0, 3.90, ""),
        ],
        "stop": [
            ("PreSubmitted", 0, 1, 0, "child"),
            ("PreSubmitted", 0, 1, 0, "trigger"),
            ("Cancelled", 0, 1, 0, ""),
        ],
        "far": _UNTIL_SUBMITTED + _CANCELLED,
        "farther": _UNTIL_SUBMITTED + _CANCELLED,
    },
    "executions": _EXECUTIONS,
    "executions on request": _EXECUTIONS,
    "completed": {
        **dict.fromkeys(("combo", "taken", "entry", "profit"), "Filled"),
        **dict.fromkeys(("resting", "waiting", "stop", "far", "farther"), "Cancelled"),
    },
    # Contracts, and what one cost on average: price times 100 and the commission.
    "positions": {"low": (4, 510.79), "high": (-3, 199.2625)},
    # A million less what the executions took in; four of the low and three of the high are worth the rest.
    "values": {
        "TotalCashValue": "998631.10",
        "NetLiquidation": "1000436.10",
        "RealizedPnL": "76.47",
        "InitMarginReq": "0.00",
    },
    "errors": [(name, 202) for name in ("resting", "waiting", "stop", "far", "farther")],
    "problems": [],
}

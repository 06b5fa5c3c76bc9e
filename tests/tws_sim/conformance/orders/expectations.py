"""What every client must have been told once it has played the scenario."""

_UNTIL_SUBMITTED = [("PreSubmitted", 0, 1, 0, 0, ""), ("Submitted", 0, 1, 0, 0, "")]
_CANCELLED = [("PendingCancel", 0, 1, 0, 0, ""), ("Cancelled", 0, 1, 0, 0, "")]
_UNSET = (None, None, None, None)

# Order (by its permId, then as it says itself), contract, end of the id, side, quantity, price, so far, at an
# average of, commission, profit.
_EXECUTIONS = [
    ("combo", "combo", "combination", ".01.01", "BOT", 2, 3.10, 2, 3.10, None, None),
    ("combo", "combo", "low", ".02.01", "BOT", 2, 5.10, 2, 5.10, 1.30, 0),
    ("combo", "combo", "high", ".03.01", "SLD", 2, 2.00, 2, 2.00, 1.30, 0),
    ("combo", "combo", "combination", ".01.01", "BOT", 1, 3.10, 3, 3.10, None, None),
    ("combo", "combo", "low", ".02.01", "BOT", 1, 5.10, 3, 5.10, 0.65, 0),
    ("combo", "combo", "high", ".03.01", "SLD", 1, 2.00, 3, 2.00, 0.65, 0),
    ("sold", "sold", "combination", ".01.01", "BOT", 1, -2.90, 1, -2.90, None, None),
    ("sold", "sold", "low", ".02.01", "SLD", 1, 5.00, 1, 5.00, 1.00, -11.65),
    ("sold", "sold", "high", ".03.01", "BOT", 1, 2.10, 1, 2.10, 1.00, -11.65),
    ("taken", "taken", "low", ".01.01", "BOT", 1, 5.10, 1, 5.10, 1.00, 0),
    ("entry", "entry", "combination", ".01.01", "BOT", 1, 3.10, 1, 3.10, None, None),
    ("entry", "entry", "low", ".02.01", "BOT", 1, 5.10, 1, 5.10, 1.00, 0),
    ("entry", "entry", "high", ".03.01", "SLD", 1, 2.00, 1, 2.00, 1.00, 0),
    ("profit", "profit", "combination", ".01.01", "SLD", 1, 3.90, 1, 3.90, None, None),
    ("profit", "profit", "low", ".02.01", "SLD", 1, 6.00, 1, 6.00, 1.00, 88.175),
    ("profit", "profit", "high", ".03.01", "BOT", 1, 2.10, 1, 2.10, 1.00, -11.766667),
]

EXPECTED: dict[str, object] = {
    # What initial margin, maintenance margin and equity with loan change by; commission. Three debit spreads
    # need no margin and cost 900 at the mid; their opposites need their widths and bring it.
    "previews": {
        "debit": [_UNSET, (0, 0, -903.90, 3.90)],
        "credit": [_UNSET, (1500, 1500, 896.10, 3.90)],
    },
    # Side, quantity, type, limit, stop price, time in force, contract, parent.
    "orders": {
        "debit": [("BUY", 3, "LMT", 3.10, 0, "DAY", "combination", None)],
        "credit": [("BUY", 3, "LMT", -2.90, 0, "DAY", "combination", None)],
        "combo": [("BUY", 3, "LMT", 3.10, 0, "DAY", "combination", None)],
        "sold": [("BUY", 1, "LMT", -2.90, 0, "DAY", "combination", None)],
        "resting": [
            ("BUY", 1, "LMT", 2.50, 0, "DAY", "combination", None),
            ("BUY", 1, "LMT", 2.55, 0, "DAY", "combination", None),
        ],
        "waiting": [("BUY", 1, "LMT", 4.00, 0, "DAY", "low", None)],
        "taken": [("BUY", 1, "LMT", 5.10, 0, "DAY", "low", None)],
        "entry": [("BUY", 1, "LMT", 3.10, 0, "DAY", "combination", None)],
        "profit": [("SELL", 1, "LMT", 3.60, 0, "DAY", "combination", "entry")],
        "stop": [("SELL", 1, "STP", 0, 2.00, "DAY", "combination", "entry")],
        "far": [("BUY", 1, "LMT", 1.00, 0, "GTC", "combination", None)],
        "farther": [("BUY", 1, "LMT", 0.50, 0, "DAY", "high", None)],
    },
    "legs": {
        (("low", 1, "BUY", "SMART"), ("high", 1, "SELL", "SMART")): {
            *("debit", "combo", "resting", "entry", "profit", "stop", "far")
        },
        (("low", 1, "SELL", "SMART"), ("high", 1, "BUY", "SMART")): {"credit", "sold"},
        (): {"waiting", "taken", "farther"},
    },
    "groups": {"either": {"waiting", "taken"}, "entry": {"profit", "stop"}},
    "listed": ["resting"],
    # Status, filled, remaining, average price, last price, held by.
    "statuses": {
        "combo": [
            ("PreSubmitted", 0, 3, 0, 0, ""),
            ("Submitted", 0, 3, 0, 0, ""),
            ("Submitted", 2, 1, 3.10, 3.10, ""),
            ("Filled", 3, 0, 3.10, 3.10, ""),
        ],
        "sold": [*_UNTIL_SUBMITTED, ("Filled", 1, 0, -2.90, -2.90, "")],
        "resting": _UNTIL_SUBMITTED + _CANCELLED,
        "waiting": [*_UNTIL_SUBMITTED, ("Cancelled", 0, 1, 0, 0, "")],
        "taken": [*_UNTIL_SUBMITTED, ("Filled", 1, 0, 5.10, 5.10, "")],
        "entry": [*_UNTIL_SUBMITTED, ("Filled", 1, 0, 3.10, 3.10, "")],
        "profit": [
            ("PreSubmitted", 0, 1, 0, 0, "child"),
            ("Submitted", 0, 1, 0, 0, ""),
            ("Filled", 1, 0, 3.90, 3.90, ""),
        ],
        "stop": [
            ("PreSubmitted", 0, 1, 0, 0, "child"),
            ("PreSubmitted", 0, 1, 0, 0, "trigger"),
            ("Cancelled", 0, 1, 0, 0, ""),
        ],
        "far": _UNTIL_SUBMITTED + _CANCELLED,
        "farther": _UNTIL_SUBMITTED + _CANCELLED,
    },
    "executions": _EXECUTIONS,
    "executions on request": _EXECUTIONS,
    "completed": {
        **dict.fromkeys(("combo", "sold", "taken", "entry", "profit"), "Filled"),
        **dict.fromkeys(("resting", "waiting", "stop", "far", "farther"), "Cancelled"),
    },
    # Contracts, and what one cost on average: price times 100 and the commission.
    "positions": {"low": (3, 510.825), "high": (-2, 199.233333)},
    # Contracts, price, average cost, realized profit.
    "holdings": {"low": (3, 6.05, 510.825, 76.53), "high": (-2, 2.05, 199.233333, -23.42)},
    # A million less what the executions took in; three of the low and two of the high are worth the rest.
    "values": {
        "TotalCashValue": "998919.10",
        "NetLiquidation": "1000324.10",
        "RealizedPnL": "53.11",
        "InitMarginReq": "0.00",
    },
    "errors": [(name, 202) for name in ("resting", "waiting", "stop", "far", "farther")],
    "problems": [],
}

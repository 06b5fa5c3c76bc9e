"""Orders from intent to fill, and their journal."""

from tools.dashboards.grafana import Dashboard, Panel, Row, quantile

ORDERS = Dashboard(
    name="orders",
    title="spreadmesh: orders",
    description="What becomes of orders, how long it takes, and the journal that remembers it.",
    metric="spreadmesh_orders_open",
    rows=[
        Row(
            "Now",
            [
                Panel(
                    "Halted",
                    "1 while no order may be placed.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_orders_halted{$of}"},
                    alert="SpreadmeshHalted",
                    red_from=1,
                    stat=True,
                    width=6,
                    height=4,
                ),
                Panel(
                    "Unknown",
                    "Sent, and it is not known whether the gateway has them.",
                    "short",
                    {"{{instance}}": "spreadmesh_orders_unknown{$of}"},
                    alert="SpreadmeshOrdersUnknown",
                    red_from=1,
                    stat=True,
                    width=6,
                    height=4,
                ),
                Panel(
                    "Lists read",
                    "1 while the gateway's orders and trades of this session have been read.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_orders_reconciled{$of}"},
                    alert="SpreadmeshReconciliationOverdue",
                    red_below=1,
                    stat=True,
                    width=6,
                    height=4,
                ),
                Panel(
                    "Lists, age",
                    "Since they were read whole; grows while no order is at work.",
                    "s",
                    {"{{instance}}": "spreadmesh_orders_reconciliation_age_seconds{$of}"},
                    alert="SpreadmeshReconciliationOverdue",
                    red_from=180,
                    stat=True,
                    width=6,
                    height=4,
                ),
            ],
        ),
        Row(
            "Orders",
            [
                Panel(
                    "Placed and ended",
                    "Orders an hour, by what became of them.",
                    "short",
                    {
                        "placed": "sum(increase(spreadmesh_orders_placed_total{$of}[1h]))",
                        "{{outcome}}": "sum by (outcome) (increase(spreadmesh_orders_ended_total{$of}[1h]))",
                    },
                ),
                Panel(
                    "Fill rate",
                    "Share of the orders that ended within the last hour that were filled.",
                    "percentunit",
                    {"{{instance}}": "spreadmesh:orders_filled:ratio_increase1h{$of}"},
                    alert="SpreadmeshFillRateLow",
                    red_below=0.95,
                ),
                Panel("Open", "Orders not done.", "short", {"{{instance}}": "spreadmesh_orders_open{$of}"}),
                Panel(
                    "Time to acknowledgement",
                    "From intent to the gateway's answer; dots are traces.",
                    "s",
                    {
                        "half": quantile(0.5, "spreadmesh_orders_acknowledgement_seconds", over="5m"),
                        "99 of 100": quantile(0.99, "spreadmesh_orders_acknowledgement_seconds", over="5m"),
                    },
                    exemplars=True,
                ),
                Panel(
                    "Time to the last fill",
                    "From intent to the last fill; dots are traces.",
                    "s",
                    {
                        "half": quantile(0.5, "spreadmesh_orders_fill_seconds", over="5m"),
                        "99 of 100": quantile(0.99, "spreadmesh_orders_fill_seconds", over="5m"),
                    },
                    exemplars=True,
                ),
                Panel(
                    "Refused by limits",
                    "Refusals an hour, by limit (docs/orders.md).",
                    "short",
                    {"{{limit}}": "sum by (limit) (increase(spreadmesh_orders_refused_total{$of}[1h]))"},
                ),
            ],
        ),
        Row(
            "Journal",
            [
                Panel(
                    "Time of a commit",
                    "99 of 100 commits take no longer to reach the disk.",
                    "s",
                    {"{{instance}}": "spreadmesh:journal_commit_seconds:p99_rate5m{$of}"},
                    alert="SpreadmeshJournalSlow",
                    red_from=0.05,
                ),
                Panel(
                    "Failed commits",
                    "Within an hour.",
                    "short",
                    {"{{instance}}": "increase(spreadmesh_journal_failures_total{$of}[1h])"},
                    alert="SpreadmeshJournalFailing",
                    red_from=1,
                ),
                Panel(
                    "Size",
                    "Of the journal's file.",
                    "bytes",
                    {"{{instance}}": "spreadmesh_journal_size_bytes{$of}"},
                    width=4,
                ),
                Panel(
                    "Entries",
                    "Number of the last one.",
                    "short",
                    {"{{instance}}": "spreadmesh_journal_sequence{$of}"},
                    width=4,
                ),
            ],
        ),
    ],
)

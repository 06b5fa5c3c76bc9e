"""Rankings, and the feed that they stand on."""

from tools.dashboards.grafana import Dashboard, Panel, Row, quantile

SCANNER = Dashboard(
    name="scanner",
    title="spreadmesh: scanner",
    description="How long rankings take, who waits for one, and whether the quotes behind them arrive.",
    metric="spreadmesh_scanner_feed_up",
    rows=[
        Row(
            "Rankings",
            [
                Panel(
                    "Time of a scan",
                    "95 of 100 rankings take no longer to compute.",
                    "s",
                    {"{{instance}}": "spreadmesh:scan_duration_seconds:p95_rate5m{$of}"},
                    alert="SpreadmeshScansSlow",
                    red_from=0.1,
                ),
                Panel(
                    "Time of scans, spread",
                    "Half of the rankings, and 99 of 100, take no longer; dots are traces.",
                    "s",
                    {
                        "half": quantile(0.5, "spreadmesh_scanner_scan_duration_seconds"),
                        "99 of 100": quantile(0.99, "spreadmesh_scanner_scan_duration_seconds"),
                    },
                    exemplars=True,
                ),
                Panel(
                    "Scans",
                    "Rankings computed a second; callers that share one count as one.",
                    "short",
                    {"{{instance}}": "rate(spreadmesh_scanner_scan_duration_seconds_count{$of}[$every])"},
                ),
                Panel(
                    "Age when sent",
                    "From the beginning of a ranking until it is sent, 99 of 100 at most; dots are traces.",
                    "s",
                    {"{{instance}}": quantile(0.99, "spreadmesh_scanner_ranking_age_seconds", "instance")},
                    exemplars=True,
                ),
                Panel(
                    "Places",
                    "Calls and streams that hold one, how many may, and how many wait.",
                    "short",
                    {
                        "in use": "spreadmesh_scanner_places_in_use{$of}",
                        "limit": "spreadmesh_scanner_places_limit{$of}",
                        "waiting": "spreadmesh_scanner_places_waiting{$of}",
                    },
                    alert="SpreadmeshScansWaiting",
                ),
                Panel(
                    "Wait for a place",
                    "How long 99 of 100 callers waited at most.",
                    "s",
                    {
                        "{{instance}}": quantile(
                            0.99, "spreadmesh_scanner_scan_wait_seconds", "instance", over="5m"
                        )
                    },
                    exemplars=True,
                ),
            ],
        ),
        Row(
            "Feed",
            [
                Panel(
                    "Up",
                    "1 while its stream is up and the gateway behind it not known to be away.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_scanner_feed_up{$of}"},
                    alert="SpreadmeshFeedStale",
                    red_below=1,
                    stat=True,
                    width=6,
                ),
                Panel(
                    "Silence",
                    "Since ibkr_server was heard; it answers a ping each second.",
                    "s",
                    {"{{instance}}": "spreadmesh_scanner_feed_silence_seconds{$of}"},
                    alert="SpreadmeshFeedSilent",
                    red_from=5,
                    width=6,
                ),
                Panel(
                    "Quotes",
                    "Taken a second.",
                    "short",
                    {"{{instance}}": "rate(spreadmesh_scanner_feed_rows_total{$of}[$every])"},
                    width=6,
                ),
                Panel(
                    "Breaks",
                    "Streams opened anew, gaps in the sequence and contracts refused, within an hour.",
                    "short",
                    {
                        "streams opened": "increase(spreadmesh_scanner_feed_connections_total{$of}[1h])",
                        "gaps": "increase(spreadmesh_scanner_feed_gaps_total{$of}[1h])",
                        "refused": "increase(spreadmesh_scanner_feed_refused_contracts_total{$of}[1h])",
                    },
                    width=6,
                ),
                Panel(
                    "Underlyings",
                    "Whose books are kept.",
                    "short",
                    {"{{instance}}": "spreadmesh_scanner_underlyings{$of}"},
                    width=12,
                    height=6,
                ),
                Panel(
                    "Circuit",
                    "Times a second that the circuit to ibkr_server opened, by method (docs/limits.md).",
                    "short",
                    {"{{rpc_method}}": "rate(spreadmesh_circuits_opened_total{$of}[$every])"},
                    width=12,
                    height=6,
                ),
            ],
        ),
    ],
)

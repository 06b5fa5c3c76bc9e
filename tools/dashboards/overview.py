"""What to look at first."""

from tools.dashboards.grafana import Dashboard, Panel, Row, quantile

OVERVIEW = Dashboard(
    name="overview",
    title="spreadmesh: overview",
    description="Is all well? Each figure has a dashboard of its own behind it.",
    metric="spreadmesh_build_info",
    rows=[
        Row(
            "Now",
            [
                Panel(
                    "Gateway",
                    "1 while TWS or IB Gateway answers: socket up, link to IB up, its clock known.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_gateway_up{$of}"},
                    alert="SpreadmeshGatewayDown",
                    red_below=1,
                    stat=True,
                    width=4,
                    height=4,
                ),
                Panel(
                    "Halted",
                    "1 while no order may be placed.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_orders_halted{$of}"},
                    alert="SpreadmeshHalted",
                    red_from=1,
                    stat=True,
                    width=4,
                    height=4,
                ),
                Panel(
                    "Unknown orders",
                    "Sent, and it is not known whether the gateway has them.",
                    "short",
                    {"{{instance}}": "spreadmesh_orders_unknown{$of}"},
                    alert="SpreadmeshOrdersUnknown",
                    red_from=1,
                    stat=True,
                    width=4,
                    height=4,
                ),
                Panel(
                    "Feed",
                    "1 while a scanner's quotes can be relied on.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_scanner_feed_up{$of}"},
                    alert="SpreadmeshFeedStale",
                    red_below=1,
                    stat=True,
                    width=4,
                    height=4,
                ),
                Panel(
                    "Servers",
                    "Those that answer when they are scraped.",
                    "short",
                    {"{{job}}": "sum by (job) (up{$of})"},
                    alert="SpreadmeshServerDown",
                    red_below=1,
                    stat=True,
                    width=4,
                    height=4,
                ),
                Panel(
                    "Alerts",
                    "That fire, of all of spreadmesh.",
                    "short",
                    {"firing": 'count(ALERTS{alertname=~"Spreadmesh.*", alertstate="firing"}) or vector(0)'},
                    red_from=1,
                    stat=True,
                    width=4,
                    height=4,
                ),
            ],
        ),
        Row(
            "Calls and streams",
            [
                Panel(
                    "Calls",
                    "Unary calls a second, by method.",
                    "reqps",
                    {"{{rpc_method}}": "sum by (rpc_method) (spreadmesh:calls:rate5m{$of})"},
                ),
                Panel(
                    "Failed calls",
                    "Share of the calls that failed by the server's fault.",
                    "percentunit",
                    {"{{instance}}": "spreadmesh:failed_calls:ratio_rate5m{$of}"},
                    alert="SpreadmeshCallsFailing",
                    red_from=0.01,
                ),
                Panel(
                    "Time of calls",
                    "99 of 100 unary calls take no longer; dots are traces.",
                    "s",
                    {"{{rpc_method}}": quantile(0.99, "rpc_server_call_duration_seconds", "rpc_method")},
                    exemplars=True,
                ),
                Panel(
                    "Streams",
                    "Open streams, by method.",
                    "short",
                    {"{{rpc_method}}": "sum by (rpc_method) (spreadmesh_streams_open{$of})"},
                ),
                Panel(
                    "Refused",
                    "Calls and streams turned away a second, by reason (docs/limits.md).",
                    "reqps",
                    {"{{reason}}": "sum by (reason) (spreadmesh:refused_calls:rate5m{$of})"},
                    alert="SpreadmeshCallsRefused",
                    red_from=0.1,
                ),
                Panel(
                    "Streams drained",
                    "Streams a second that a server ended because it stops.",
                    "reqps",
                    {"drained": "sum(rate(spreadmesh_streams_drained_total{$of}[$every]))"},
                ),
            ],
        ),
        Row(
            "Processes",
            [
                Panel(
                    "Processor",
                    "Cores in use.",
                    "short",
                    {"{{job}} {{instance}}": "rate(process_cpu_seconds_total{$of}[$every])"},
                ),
                Panel(
                    "Memory",
                    "Resident.",
                    "bytes",
                    {"{{job}} {{instance}}": "process_resident_memory_bytes{$of}"},
                ),
                Panel(
                    "Delay of the event loop",
                    "How late 99 of 100 timers ran at most; at half a second calls are shed.",
                    "s",
                    {
                        "{{job}} {{instance}}": quantile(
                            0.99, "spreadmesh_event_loop_delay_seconds", "instance"
                        )
                    },
                    exemplars=True,
                    red_from=0.5,
                ),
            ],
        ),
    ],
)

"""The session with TWS or IB Gateway."""

from tools.dashboards.grafana import Dashboard, Panel, Row, quantile

GATEWAY = Dashboard(
    name="gateway",
    title="spreadmesh: gateway",
    description="The session with TWS or IB Gateway: is it there, what does it answer, how fast.",
    metric="spreadmesh_gateway_up",
    rows=[
        Row(
            "Connection",
            [
                Panel(
                    "Up",
                    "1 while the gateway answers.",
                    "bool_yes_no",
                    {"{{instance}}": "spreadmesh_gateway_up{$of}"},
                    alert="SpreadmeshGatewayDown",
                    red_below=1,
                    stat=True,
                    width=6,
                ),
                Panel(
                    "New sessions",
                    "Opened within an hour; one a day is the gateway's restart.",
                    "short",
                    {"{{instance}}": "increase(spreadmesh_gateway_connections_total{$of}[1h])"},
                    alert="SpreadmeshGatewayUnstable",
                    red_from=3,
                    stat=True,
                    width=6,
                ),
                Panel(
                    "Stale quotes",
                    "Quotes that can't be relied on.",
                    "short",
                    {"{{instance}}": "spreadmesh_quotes_stale{$of}"},
                    alert="SpreadmeshQuotesStale",
                    red_from=1,
                    width=12,
                ),
            ],
        ),
        Row(
            "Requests",
            [
                Panel(
                    "Requests",
                    "Requests a second that have ended, by outcome.",
                    "reqps",
                    {"{{outcome}}": "sum by (outcome) (rate(spreadmesh_gateway_requests_total{$of}[5m]))"},
                ),
                Panel(
                    "Errors",
                    "Share of the requests that were refused or unanswered.",
                    "percentunit",
                    {"{{instance}}": "spreadmesh:gateway_errors:ratio_rate5m{$of}"},
                    alert="SpreadmeshGatewayErrors",
                    red_from=0.01,
                ),
                Panel(
                    "Time of answers",
                    "From the turn of a request to its answer; dots are traces.",
                    "s",
                    {
                        "half": quantile(0.5, "spreadmesh_gateway_request_duration_seconds", over="5m"),
                        "99 of 100": quantile(0.99, "spreadmesh_gateway_request_duration_seconds", over="5m"),
                    },
                    exemplars=True,
                ),
            ],
        ),
        Row(
            "Messages",
            [
                Panel(
                    "Sent",
                    "Messages a second, by lane; with 100 lines the gateway cuts off above 50.",
                    "short",
                    {"{{lane}}": "sum by (lane) (rate(spreadmesh_gateway_sent_messages_total{$of}[$every]))"},
                ),
                Panel(
                    "Most in a second",
                    "The most messages sent within any one second since the start.",
                    "short",
                    {"{{instance}}": "spreadmesh_gateway_peak_messages_per_second{$of}"},
                ),
                Panel(
                    "Wait",
                    "How long 99 of 100 messages waited for their turn at most, by lane; dots are traces.",
                    "s",
                    {
                        "{{lane}}": quantile(
                            0.99, "spreadmesh_gateway_message_wait_seconds", "lane", over="5m"
                        )
                    },
                    exemplars=True,
                ),
            ],
        ),
    ],
)

"""Lines, queues, credits: what is short, and who waits."""

from tools.dashboards.grafana import Dashboard, Panel, Row, quantile

FLOW_CONTROL = Dashboard(
    name="flow-control",
    title="spreadmesh: flow control",
    description="Market data lines, messages that wait, how fresh quotes are (docs/flow-control.md).",
    metric="spreadmesh_gateway_up",
    rows=[
        Row(
            "Market data lines",
            [
                Panel(
                    "Lines",
                    "In use, and how many there may be.",
                    "short",
                    {"in use": "spreadmesh_lines_in_use{$of}", "limit": "spreadmesh_lines_limit{$of}"},
                ),
                Panel(
                    "Use",
                    "Share of the lines in use: all, while more contracts than lines take turns.",
                    "percentunit",
                    {"{{instance}}": "spreadmesh:lines_in_use:ratio{$of}"},
                    alert="SpreadmeshLinesNearlyUsedUp",
                    red_from=0.9,
                ),
                Panel(
                    "Passed on",
                    "Lines a second that go to another contract: more than none is rotation at work.",
                    "short",
                    {"{{instance}}": "rate(spreadmesh_lines_evictions_total{$of}[$every])"},
                ),
            ],
        ),
        Row(
            "Queue to the gateway",
            [
                Panel(
                    "Queue",
                    "Messages that wait for their turn, of all lanes.",
                    "short",
                    {"{{instance}}": "spreadmesh:gateway_queued_messages:sum{$of}"},
                    alert="SpreadmeshQueueDeep",
                    red_from=100,
                ),
                Panel(
                    "Queue by lane",
                    "Messages that wait for their turn; the lane of orders goes before the others.",
                    "short",
                    {"{{lane}}": "sum by (lane) (spreadmesh_gateway_queued_messages{$of})"},
                ),
                Panel(
                    "Throttled",
                    "Messages a minute that waited for more than a second.",
                    "cpm",
                    {"{{instance}}": "spreadmesh:throttled_messages:rate2m{$of} * 60"},
                    alert="SpreadmeshThrottled",
                    red_from=5,
                ),
            ],
        ),
        Row(
            "Streams of quotes",
            [
                Panel(
                    "Age of a batch",
                    "Of its oldest update when it is sent, 99 of 100 batches at most; dots are traces.",
                    "s",
                    {"{{instance}}": quantile(0.99, "spreadmesh_quotes_batch_age_seconds", "instance")},
                    exemplars=True,
                    width=6,
                ),
                Panel(
                    "Quotes",
                    "Sent a second.",
                    "short",
                    {"{{instance}}": "rate(spreadmesh_quotes_rows_total{$of}[$every])"},
                    width=6,
                ),
                Panel(
                    "Conflated",
                    "Updates a second that were overwritten before they were sent.",
                    "short",
                    {"{{instance}}": "rate(spreadmesh_quotes_conflated_updates_total{$of}[$every])"},
                    width=6,
                ),
                Panel(
                    "Without credit",
                    "Times a second that a reader with changes to send it had no credit left.",
                    "short",
                    {"{{instance}}": "rate(spreadmesh_quotes_credit_stalls_total{$of}[$every])"},
                    width=6,
                ),
            ],
        ),
    ],
)

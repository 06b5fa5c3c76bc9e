"""The state of the gateway as a table, in the colours of docs/status.md."""

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from spreadmesh.market.v1.gateway_pb2 import (
    Farm,
    FarmKind,
    GatewayStatus,
    Lane,
    LastError,
    LinkState,
    SocketState,
)

from spreadmesh_client.view.text import MISSING, duration, market_time, price

LINES_SHARE: Final = 0.9
QUEUED: Final = 100
WAIT_SECONDS: Final = 1.0
THROTTLED_A_MINUTE: Final = 5
ERROR_RATE: Final = 0.01
MESSAGES_A_SECOND: Final = 45
CONNECTIONS: Final = 1

GOOD, DOUBTFUL, BAD = "green", "yellow", "bold red"
_SOCKET_STYLES: Final = {
    SocketState.SOCKET_STATE_CONNECTED: GOOD,
    SocketState.SOCKET_STATE_CONNECTING: DOUBTFUL,
}
_LINK_STYLES: Final = {LinkState.LINK_STATE_UP: GOOD, LinkState.LINK_STATE_IDLE: "dim"}


def status_table(status: GatewayStatus, trading: Text) -> RenderableType:
    """Name and value, one fact a line, `trading` after the connection; then the lanes of the queue."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for rows in (_connection(status), [("trading", trading)], _use(status), _troubles(status)):
        for name, value in rows:
            table.add_row(name, value)
    return Group(table, Text(), _lanes(status)) if status.lanes else table


def _connection(status: GatewayStatus) -> list[tuple[str, Text]]:
    protocol = f", protocol {status.server_version}" if status.HasField("server_version") else ""
    socket = _word(SocketState.Name(status.socket), "SOCKET_STATE_")
    speed = f", {price(status.market_speed, 1)} times real time" if status.market_speed not in {0, 1} else ""
    moment = market_time(status.market_time) if status.HasField("market_time") else MISSING
    return [
        ("ready", Text("yes", GOOD) if status.ready else Text("no", BAD)),
        ("gateway", Text(f"{status.address}, client {status.client_id}{protocol}")),
        ("socket", Text(socket, _SOCKET_STYLES.get(status.socket, BAD))),
        ("link to IB", _link(status.link)),
        ("data farms", Text("\n").join(map(_farm, status.farms)) if status.farms else Text(MISSING)),
        ("market time", Text(moment + speed)),
    ]


def _use(status: GatewayStatus) -> list[tuple[str, Text]]:
    share = status.lines_in_use / status.lines_limit if status.lines_limit else 0.0
    lines = f"{status.lines_in_use:,} of {status.lines_limit:,} ({share:.0%})"
    most, throttled = status.most_messages_in_a_second, status.throttled_last_minute
    errors = f"{status.error_rate:.1%} of {status.recent_requests:,} requests in five minutes"
    return [
        ("lines", Text(lines, _bounded(share < LINES_SHARE))),
        ("stale quotes", Text(f"{status.stale_quotes:,}", GOOD if not status.stale_quotes else BAD)),
        ("queued", Text(f"{status.requests_queued:,}", _bounded(status.requests_queued < QUEUED))),
        ("throttled", Text(f"{throttled:,} in the last minute", _bounded(throttled < THROTTLED_A_MINUTE))),
        ("pace", Text(f"at most {most} messages in a second", _bounded(most <= MESSAGES_A_SECOND))),
        ("API errors", Text(errors, _bounded(status.error_rate < ERROR_RATE))),
    ]


def _troubles(status: GatewayStatus) -> list[tuple[str, Text]]:
    outages = max(0, status.connections - CONNECTIONS)
    opened = f"{status.connections:,}, {outages:,} outage{'' if outages == 1 else 's'}"
    due = "due: the gateway may be away for a while" if status.restart_due else "not due"
    other = "yes: another session of the login gets the quotes" if status.competing_session else "no"
    codes = ", ".join(f"{code} ({count:,}×)" for code, count in sorted(status.errors.items()))
    return [
        ("connections", Text(opened, _bounded(not outages))),
        ("restart", Text(due, _bounded(not status.restart_due))),
        ("competing session", Text(other, BAD if status.competing_session else GOOD)),
        ("IB codes", Text(codes or "none")),
        ("last error", _last_error(status.last_error) if status.HasField("last_error") else Text("none")),
    ]


def _last_error(error: LastError) -> Text:
    when = f" at {market_time(error.time)}" if error.HasField("time") else ""
    told = f"{error.code}{when}: {error.meaning or error.text}"
    return Text(told) if error.meaning in {"", error.text} else Text(told) + Text(f"\n{error.text}", "dim")


def _farm(farm: Farm) -> Text:
    kind = _word(FarmKind.Name(farm.kind), "FARM_KIND_")
    return Text(f"{farm.name} ({kind}) ") + _link(farm.state)


def _link(state: LinkState.ValueType) -> Text:
    return Text(_word(LinkState.Name(state), "LINK_STATE_"), _LINK_STYLES.get(state, BAD))


def _lanes(status: GatewayStatus) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("Lane")
    for title in ("Queued", "Sent", "Throttled", "Longest wait"):
        table.add_column(title, justify="right")
    for lane in status.lanes:
        table.add_row(_word(lane.name, ""), *_lane(lane))
    return table


def _lane(lane: Lane) -> list[Text]:
    return [
        Text(f"{lane.queued:,}", _bounded(lane.queued < QUEUED)),
        Text(f"{lane.sent:,}"),
        Text(f"{lane.throttled:,}"),
        Text(duration(lane.longest_wait_seconds), _bounded(lane.longest_wait_seconds <= WAIT_SECONDS)),
    ]


def _bounded(is_well: bool) -> str:
    return GOOD if is_well else DOUBTFUL


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ").replace("unspecified", "unknown")

"""Whether orders can be placed, in a line or two."""

from rich.text import Text
from spreadmesh.order.v1.control_service_pb2 import GetTradingStatusResponse, RiskLimit

from spreadmesh_client.view.status_table import BAD, DOUBTFUL, GOOD
from spreadmesh_client.view.text import iso_time


def trading_line(status: GetTradingStatusResponse) -> Text:
    """`yes`, or `no` and why; open and unknown orders."""
    line = Text("yes", GOOD) if status.can_place else Text("no", DOUBTFUL)
    if status.HasField("halt"):
        halt = status.halt
        since = iso_time(halt.time.ToNanoseconds())
        line = Text(f"halted by {halt.by} since {since}: {halt.reason} (halt {halt.sequence})", BAD)
    elif status.reasons:
        line.append(f": {'; '.join(status.reasons)}")
    line.append(f", {status.open_orders} open", "not bold default")
    if status.unknown_orders:
        line.append(f", {status.unknown_orders} UNKNOWN", BAD)
    return line


def limit_line(limit: RiskLimit) -> str:
    """`MAX_LOSS 5000 USD`, with what is used of it."""
    used = f", {limit.used.value} used" if limit.HasField("used") else ""
    return f"{limit.name} {limit.limit.value} {limit.unit}{used}"

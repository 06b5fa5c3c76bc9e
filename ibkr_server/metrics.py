"""What an engineer on call watches, read from plain counters when an exporter asks (docs/status.md)."""

from collections.abc import Callable, Iterable, Mapping

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ibkr_server.desk.desk import OrderDesk
from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.pacer import Lane
from ibkr_server.market import Market
from ibkr_server.orders.order import OrderState
from ibkr_server.trading import Trading

Read = Callable[[CallbackOptions], Iterable[Observation]]


def export(market: Market, trading: Trading) -> None:
    """Register the instruments of a server."""
    export_market(market)
    export_orders(trading.desk)


def export_market(market: Market) -> None:
    """Register those of the gateway, its lines and quotes."""
    book, pacer, link = market.lines.book, market.pacer, market.link
    gauge = metrics.get_meter(__name__).create_observable_gauge
    counter = metrics.get_meter(__name__).create_observable_counter

    gauge("spreadmesh.gateway.up", [_one(lambda: market.ready)], "1", "1 while the gateway answers.")
    gauge("spreadmesh.gateway.queued", [_by_lane(pacer.queued)], "{message}", "Messages awaiting their turn.")
    gauge(
        "spreadmesh.gateway.throttled_last_minute",
        [_one(lambda: pacer.throttled_last_minute)],
        "{message}",
        "Messages that waited for more than a second, within the last minute.",
    )
    gauge(
        "spreadmesh.gateway.error_rate",
        [_one(lambda: link.outcomes.error_rate)],
        "1",
        "Share of the last five minutes' requests that were refused or unanswered.",
    )
    gauge(
        "spreadmesh.gateway.most_in_a_second",
        [_one(lambda: pacer.most_in_a_second)],
        "{message}",
        "The most messages sent within any one second since start.",
    )
    gauge("spreadmesh.lines.in_use", [_one(lambda: book.in_use)], "{line}", "Market data lines in use.")
    gauge("spreadmesh.lines.limit", [_one(lambda: book.limit)], "{line}", "Market data lines to use.")
    gauge("spreadmesh.quotes.stale", [_one(lambda: market.quotes.stale_count)], "{quote}", "Stale quotes.")

    counter("spreadmesh.gateway.sent", [_by_lane(pacer.sent.__getitem__)], "{message}", "Messages sent.")
    counter(
        "spreadmesh.gateway.throttled",
        [_by_lane(pacer.throttled.__getitem__)],
        "{message}",
        "Messages that waited for more than a second.",
    )
    counter(
        "spreadmesh.gateway.requests",
        [_by_outcome(link.outcomes.totals)],
        "{request}",
        "Requests answered, refused and unanswered.",
    )
    counter("spreadmesh.gateway.connections", [_one(lambda: link.state.connections)], "1", "Sessions opened.")
    counter("spreadmesh.lines.evictions", [_one(lambda: book.evictions)], "{line}", "Lines passed on.")


def export_orders(desk: OrderDesk) -> None:
    """Register those of the orders: never by symbol or name of an order, of which there is no end."""
    gauge = metrics.get_meter(__name__).create_observable_gauge
    counter = metrics.get_meter(__name__).create_observable_counter
    tally = desk.tally

    counter("spreadmesh.orders.placed", [_one(lambda: tally.placed)], "{order}", "Orders placed.")
    counter("spreadmesh.orders.ended", [_by_outcome(tally.ended)], "{order}", "Orders that are done.")
    gauge("spreadmesh.orders.open", [_one(lambda: tally.open)], "{order}", "Orders not done.")
    gauge(
        "spreadmesh.orders.unknown",
        [_one(lambda: len(tally.unknown))],
        "{order}",
        "Orders sent of which it is not known whether the gateway has them.",
    )
    gauge(
        "spreadmesh.orders.halted",
        [_one(lambda: desk.halted)],
        "1",
        "1 while placing is halted.",
    )
    gauge(
        "spreadmesh.orders.reconciled",
        [_one(lambda: desk.reconciled)],
        "1",
        "1 while the gateway's orders and trades of this session have been read.",
    )
    gauge(
        "spreadmesh.orders.since_read",
        [_if_known(lambda: desk.seconds_since_read)],
        "s",
        "Since the gateway's orders and trades were last read whole.",
    )
    gauge(
        "spreadmesh.journal.sequence",
        [_one(lambda: tally.sequence)],
        "{entry}",
        "Number of the journal's last entry.",
    )


def _one(read: Callable[[], float]) -> Read:
    return lambda _options: [Observation(float(read()))]


def _if_known(read: Callable[[], float | None]) -> Read:
    return lambda _options: [] if (value := read()) is None else [Observation(value)]


def _by_lane(read: Callable[[Lane], float]) -> Read:
    return lambda _options: [Observation(read(lane), {"lane": lane.name.lower()}) for lane in Lane]


def _by_outcome(totals: Mapping[Outcome, int] | Mapping[OrderState, int]) -> Read:
    return lambda _options: [
        Observation(n, {"outcome": outcome.value.lower()}) for outcome, n in totals.items()
    ]

"""What an engineer on call watches (docs/metrics.md), from plain numbers."""

from collections.abc import Callable, Iterator, Mapping

from ibkr_server.desk.desk import OrderDesk
from ibkr_server.gateway.outcomes import Outcome
from ibkr_server.gateway.pacer import Lane, Pacer
from ibkr_server.journal.journal import Journal
from ibkr_server.lines.lease_book import LeaseBook
from ibkr_server.market import Market
from ibkr_server.orders.order import OrderState
from ibkr_server.quotes.board import QuoteBoard
from ibkr_server.risk.refusal import REFUSED
from ibkr_server.trading import Trading
from mesh.telemetry.observe import (
    observe_counter,
    observe_counters,
    observe_gauge,
    observe_gauges,
    observe_histogram,
    observe_histograms,
)


def export(market: Market, trading: Trading, journal: Journal) -> None:
    """Name all figures of a server."""
    export_market(market)
    export_orders(trading.desk)
    export_journal(journal)


def export_market(market: Market) -> None:
    """Name those of the gateway, its lines and quotes."""
    export_gateway(market)
    export_pacer(market.pacer)
    export_lines(market.lines.book)
    export_quotes(market.quotes)


def export_gateway(market: Market) -> None:
    """Name those of the connection and of what is asked over it."""
    link = market.link
    observe_gauge("spreadmesh.gateway.up", lambda: market.ready, "1 while the gateway answers.")
    observe_counter("spreadmesh.gateway.connections", lambda: link.state.connections, "Sessions opened.")
    observe_counters(
        "spreadmesh.gateway.requests",
        ("outcome",),
        lambda: _by_outcome(link.outcomes.totals),
        "Requests answered, refused and unanswered.",
        "{request}",
    )
    observe_histogram(
        "spreadmesh.gateway.request_duration",
        link.answer_seconds,
        "From the turn of a request to its answer or refusal.",
    )


def export_pacer(pacer: Pacer) -> None:
    """Name those of the messages to the gateway."""
    observe_gauges(
        "spreadmesh.gateway.queued_messages",
        ("lane",),
        lambda: _by_lane(pacer.queued),
        "Messages waiting for their turn.",
        "{message}",
    )
    observe_counters(
        "spreadmesh.gateway.sent_messages",
        ("lane",),
        lambda: _by_lane(pacer.sent.__getitem__),
        "Messages sent.",
        "{message}",
    )
    observe_counters(
        "spreadmesh.gateway.throttled_messages",
        ("lane",),
        lambda: _by_lane(pacer.throttled.__getitem__),
        "Messages that waited for more than a second.",
        "{message}",
    )
    observe_histograms(
        "spreadmesh.gateway.message_wait",
        ("lane",),
        lambda: [((lane.name.lower(),), waits) for lane, waits in pacer.waits.items()],
        "How long messages waited for their turn.",
    )
    observe_gauge(
        "spreadmesh.gateway.peak_messages_per_second",
        lambda: pacer.most_in_a_second,
        "The most messages sent within any one second since the start.",
        "{message}",
    )


def export_lines(book: LeaseBook) -> None:
    """Name those of the market data lines."""
    observe_gauge("spreadmesh.lines.in_use", lambda: book.in_use, "Market data lines in use.", "{line}")
    observe_gauge("spreadmesh.lines.limit", lambda: book.limit, "Market data lines to use.", "{line}")
    observe_counter("spreadmesh.lines.evictions", lambda: book.evictions, "Lines passed on.", "{line}")


def export_quotes(quotes: QuoteBoard) -> None:
    """Name those of the quotes and the batches to their readers."""
    traffic = quotes.traffic
    observe_gauge(
        "spreadmesh.quotes.stale", lambda: quotes.stale_count, "Quotes that can't be relied on.", "{quote}"
    )
    observe_counter("spreadmesh.quotes.batches", lambda: traffic.batches, "Batches sent.", "{batch}")
    observe_counter("spreadmesh.quotes.rows", lambda: traffic.rows, "Quotes in batches sent.", "{quote}")
    observe_counter(
        "spreadmesh.quotes.conflated_updates",
        lambda: traffic.conflated,
        "Updates that were overwritten before they were sent.",
        "{update}",
    )
    observe_counter(
        "spreadmesh.quotes.credit_stalls",
        lambda: traffic.credit_stalls,
        "Times a reader with changes to send it had no credit left.",
    )
    observe_histogram(
        "spreadmesh.quotes.batch_age", traffic.batch_ages, "Age of a batch's oldest update when it is sent."
    )


def export_orders(desk: OrderDesk) -> None:
    """Name those of the orders: never by symbol or name of an order, of which there is no end."""
    tally, times = desk.tally, desk.times
    observe_counter("spreadmesh.orders.placed", lambda: tally.placed, "Orders placed.", "{order}")
    observe_counters(
        "spreadmesh.orders.ended",
        ("outcome",),
        lambda: _by_outcome(tally.ended),
        "Orders that are done.",
        "{order}",
    )
    observe_counters(
        "spreadmesh.orders.refused",
        ("limit",),
        lambda: [((limit,), REFUSED[limit]) for limit in REFUSED],
        "Orders refused by the risk gate, once for each limit exceeded.",
        "{order}",
    )
    observe_gauge("spreadmesh.orders.open", lambda: tally.open, "Orders not done.", "{order}")
    observe_gauge(
        "spreadmesh.orders.unknown",
        lambda: len(tally.unknown),
        "Orders sent of which it is not known whether the gateway has them.",
        "{order}",
    )
    observe_gauge(
        "spreadmesh.orders.enabled", lambda: desk.trading_enabled, "1 where orders may be placed at all."
    )
    observe_gauge("spreadmesh.orders.halted", lambda: desk.halted, "1 while placing is halted.")
    observe_gauge(
        "spreadmesh.orders.reconciled",
        lambda: desk.reconciled,
        "1 while the gateway's orders and trades of this session have been read.",
    )
    observe_gauge(
        "spreadmesh.orders.reconciliation_age",
        lambda: desk.seconds_since_read,
        "Since the gateway's orders and trades were last read whole.",
        "s",
    )
    observe_histogram(
        "spreadmesh.orders.acknowledgement",
        times.acknowledgement,
        "From the intent to the gateway's acknowledgement.",
    )
    observe_histogram("spreadmesh.orders.fill", times.fill, "From the intent to the last fill.")


def export_journal(journal: Journal) -> None:
    """Name those of the order journal."""
    observe_gauge(
        "spreadmesh.journal.sequence", lambda: journal.last_sequence, "Number of its last entry.", "{entry}"
    )
    observe_gauge("spreadmesh.journal.size", lambda: journal.size_bytes, "Size of its file.", "By")
    observe_counter("spreadmesh.journal.failures", lambda: journal.failures, "Commits that failed.")
    observe_histogram("spreadmesh.journal.commit", journal.commit_seconds, "Commits, to the disk.")


def _by_lane(read: Callable[[Lane], float]) -> Iterator[tuple[tuple[str], float]]:
    return (((lane.name.lower(),), read(lane)) for lane in Lane)


def _by_outcome(totals: Mapping[Outcome, int] | Mapping[OrderState, int]) -> Iterator[tuple[tuple[str], int]]:
    return (((outcome.value.lower(),), count) for outcome, count in totals.items())

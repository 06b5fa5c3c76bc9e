"""What an engineer on call watches (docs/metrics.md), from plain numbers."""

from mesh.telemetry.observe import observe_counter, observe_gauge, observe_histogram
from scanner_server.feed.feed import Feed
from scanner_server.live.admission import Admission
from scanner_server.live.scanner import Scanner


def export(scanner: Scanner) -> None:
    """Name all figures of a server."""
    export_feed(scanner.feed)
    export_places(scanner.admission)
    activity, underlyings = scanner.activity, scanner.underlyings
    observe_histogram("spreadmesh.scanner.scan_duration", activity.scan_seconds, "One ranking computed.")
    observe_histogram(
        "spreadmesh.scanner.ranking_age",
        activity.ranking_ages,
        "From the beginning of a ranking's computation until it is sent on a stream.",
    )
    observe_gauge("spreadmesh.scanner.underlyings", lambda: len(underlyings), "Live books.", "{book}")


def export_feed(feed: Feed) -> None:
    """Name those of the stream of quotes from ibkr_server."""
    counts = feed.counts
    observe_gauge("spreadmesh.scanner.feed_up", lambda: not feed.is_stale, "1 while quotes can be relied on.")
    observe_gauge(
        "spreadmesh.scanner.feed_silence", feed.silence_seconds, "Since ibkr_server was heard.", "s"
    )
    observe_counter(
        "spreadmesh.scanner.feed_connections", lambda: counts.connections, "Streams opened.", "{stream}"
    )
    observe_counter("spreadmesh.scanner.feed_batches", lambda: counts.batches, "Batches taken.", "{batch}")
    observe_counter(
        "spreadmesh.scanner.feed_rows", lambda: counts.rows, "Quotes in batches taken.", "{quote}"
    )
    observe_counter(
        "spreadmesh.scanner.feed_conflated_updates",
        lambda: counts.conflated,
        "Updates that were overwritten before they were sent.",
        "{update}",
    )
    observe_counter("spreadmesh.scanner.feed_gaps", lambda: counts.gaps, "Gaps in the batches' sequence.")
    observe_counter(
        "spreadmesh.scanner.feed_missed_batches", lambda: counts.missed, "Batches missing in gaps.", "{batch}"
    )
    observe_counter(
        "spreadmesh.scanner.feed_refused_contracts",
        lambda: counts.refused,
        "Contracts that ibkr_server won't quote.",
        "{contract}",
    )


def export_places(admission: Admission) -> None:
    """Name those of the places for scans."""
    observe_gauge("spreadmesh.scanner.places_in_use", lambda: admission.running, "Places taken.", "{place}")
    observe_gauge("spreadmesh.scanner.places_limit", lambda: admission.limit, "Places there are.", "{place}")
    observe_gauge(
        "spreadmesh.scanner.places_waiting", lambda: admission.waiting, "Scans waiting for a place.", "{scan}"
    )
    observe_counter(
        "spreadmesh.scanner.refused_scans", lambda: admission.refused, "Scans that got no place.", "{scan}"
    )
    observe_histogram(
        "spreadmesh.scanner.scan_wait", admission.wait_seconds, "How long scans waited for a place."
    )

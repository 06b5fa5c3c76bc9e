"""What an engineer on call watches, read from plain counters when an exporter asks (docs/status.md)."""

from opentelemetry import metrics
from opentelemetry.metrics import Observation

from mesh.telemetry.counters import observe_gauge
from scanner_server.live.scanner import Scanner


def export(scanner: Scanner) -> None:
    """Register the instruments of one scanner; the feed registers the counts of its own."""
    activity, admission, feed = scanner.activity, scanner.admission, scanner.feed
    counter = metrics.get_meter(__name__).create_observable_counter

    observe_gauge("spreadmesh.scanner.feed_up", lambda: float(not feed.is_stale), "1 while it is there.")
    observe_gauge("spreadmesh.scanner.feed_silence", feed.silence_seconds, "Since the feed spoke.", "s")
    observe_gauge("spreadmesh.scanner.calls", lambda: admission.running, "Calls and streams open.", "{call}")
    observe_gauge("spreadmesh.scanner.waiting", lambda: admission.waiting, "For a place.", "{scan}")
    observe_gauge("spreadmesh.scanner.streams", lambda: activity.streams, "Streams open.", "{stream}")
    observe_gauge(
        "spreadmesh.scanner.last_scan_time", lambda: activity.last_scan_seconds, "Of the last scan.", "s"
    )
    observe_gauge(
        "spreadmesh.scanner.longest_scan_time", lambda: activity.longest_scan_seconds, "Since the start.", "s"
    )
    counter(
        "spreadmesh.scanner.scans", [lambda _options: [Observation(activity.scans)]], "{scan}", "Computed."
    )

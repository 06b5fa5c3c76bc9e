"""What the scanner has done so far, in plain numbers."""

from collections.abc import Iterator
from contextlib import contextmanager


class Activity:
    """Counts scans and streams. Belongs to one event loop; an exporter's thread only reads.

    Attributes:
        scans: scans computed; callers that share one count as one.
        last_scan_seconds, longest_scan_seconds: time of a scan in its worker thread; 0 before the first.
        streams: streams of rankings that are open.
    """

    def __init__(self) -> None:
        self.scans = 0
        self.last_scan_seconds = 0.0
        self.longest_scan_seconds = 0.0
        self.streams = 0

    def __repr__(self) -> str:
        return f"<Activity scans={self.scans} last={self.last_scan_seconds:.4f}s streams={self.streams}>"

    def scanned(self, seconds: float) -> None:
        """Note that a scan has been computed."""
        self.scans += 1
        self.last_scan_seconds = seconds
        self.longest_scan_seconds = max(self.longest_scan_seconds, seconds)

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Count a stream as open inside the block."""
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

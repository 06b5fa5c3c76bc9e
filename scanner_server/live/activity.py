"""What the scanner has done so far, in plain numbers."""

from mesh.telemetry.histogram import Histogram


class Activity:
    """Times scans and rankings. Belongs to one event loop; an exporter's thread only reads.

    Attributes:
        scan_seconds: scans in their worker threads; callers that share one count as one.
        ranking_ages: from the beginning of a ranking's computation until it is sent on a stream, seconds.
    """

    def __init__(self) -> None:
        self.scan_seconds = Histogram()
        self.ranking_ages = Histogram()

    def __repr__(self) -> str:
        return f"<Activity scans={self.scan_seconds.count} sent={self.ranking_ages.count}>"

"""What has gone out to the readers of quotes, in plain numbers."""

from dataclasses import dataclass, field

from mesh.telemetry.histogram import Histogram


@dataclass(slots=True)
class QuoteTraffic:
    """Counts of all streams since the start. Belongs to one event loop; an exporter's thread only reads.

    Attributes:
        batches, rows: sent, and quotes in them.
        conflated: updates that were overwritten before they were sent.
        credit_stalls: times a reader with changes to send it had no credit left.
        batch_ages: seconds from the oldest update of a batch until it is sent.
    """

    batches: int = 0
    rows: int = 0
    conflated: int = 0
    credit_stalls: int = 0
    batch_ages: Histogram = field(default_factory=Histogram)

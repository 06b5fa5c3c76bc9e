"""What a feed has heard so far, in plain numbers."""

from dataclasses import dataclass


@dataclass(slots=True)
class FeedCounts:
    """Since the start. Belongs to one event loop; an exporter's thread only reads.

    Attributes:
        connections: streams opened.
        batches, rows: taken, and quotes in them.
        conflated: updates that were overwritten before they were sent.
        gaps, missed: gaps in the batches' sequence, and batches missing in them.
        refused: contracts that will never be quoted.
    """

    connections: int = 0
    batches: int = 0
    rows: int = 0
    conflated: int = 0
    gaps: int = 0
    missed: int = 0
    refused: int = 0

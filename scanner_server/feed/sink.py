"""What takes the feed's quotes."""

from typing import Protocol

from scanner_server.feed.batches import BatchColumns


class Sink(Protocol):
    """Where the feed's quotes go."""

    def apply(self, batch: BatchColumns) -> None:
        """Take a batch."""

    def lost(self) -> None:
        """The stream broke: what it brought may no longer be true, and comes again with the next one."""

    def wake(self) -> None:
        """The feed came or went."""

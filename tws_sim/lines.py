"""Market data lines: one for every active request of every client, however many ask for the same contract."""


class Lines:
    """The account's lines; ``take`` fails once all are in use."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.in_use = 0

    def take(self) -> bool:
        """Take a line if one is left."""
        if self.in_use >= self.limit:
            return False
        self.in_use += 1
        return True

    def free(self) -> None:
        """Give a line back."""
        self.in_use -= 1

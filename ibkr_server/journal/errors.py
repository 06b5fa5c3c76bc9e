"""What can be wrong with a journal."""


class JournalError(Exception):
    """The journal can't be opened, read or written; the message is for people."""


class BrokenChainError(JournalError):
    """An entry is not what was written, or is gone.

    Attributes:
        sequence: the first entry that is known to be wrong.
    """

    def __init__(self, sequence: int, what: str) -> None:
        super().__init__(f"entry {sequence} {what}")
        self.sequence = sequence

"""A copy of a journal, made while it is written to."""

from contextlib import closing
from pathlib import Path

from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.file import (
    Head,
    check_format,
    check_head,
    connect,
    new_file,
    read_entries,
    read_head,
)


def back_up(source: Path, target: Path) -> Head:
    """Copy a journal into one new file, as it was at one moment, and check the whole copy.

    The writer is not held up. To restore, put the copy where the journal was (docs/journal.md).

    Returns:
        What the copy ends with.

    Raises:
        BrokenChainError: An entry is not what was written, or is missing; there is no copy then.
        JournalError: The source is no journal, or there is a file at the target.
        FAILURES: It can't be read or written.
    """
    if target.exists():
        raise JournalError(f"{target} is there already")
    with closing(connect(source, "ro")) as live, new_file(target) as copy:
        check_format(live)
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, readable from a read-only disk
        head = read_head(copy)
        check_head(copy, head)
        for _ in read_entries(copy, head.epoch, 0, head.sequence):
            pass
    return head

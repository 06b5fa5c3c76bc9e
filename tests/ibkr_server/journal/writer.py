"""`python -m tests.ibkr_server.journal.writer FILE [BYTES]`: appends for ever, and tells of every entry.

With BYTES no file may grow beyond them. At the first refusal it lifts the limit, tries once more, opens the
journal anew, and ends.
"""

import os
import resource
import sys
from pathlib import Path

from ibkr_server.journal.errors import JournalError
from ibkr_server.journal.journal import Journal


def append(journal: Journal) -> None:
    """One transaction of two entries, then a line for each: sequence and hash."""
    sequence = journal.last_sequence
    drafts = [(kind, f"order-{sequence}", {"text": "x" * (sequence % 3000)}) for kind in ("INTENT", "SENT")]
    for entry in journal.append_all(drafts):
        os.write(1, f"{entry.sequence} {entry.hash.hex()}\n".encode())


def main(path: Path, limit: int | None) -> None:
    with Journal.open(path, lambda: 7) as journal:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            while True:
                append(journal)
        except JournalError as error:
            os.write(1, f"refused {error}\n".encode())
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        try:
            append(journal)
        except JournalError as error:
            os.write(1, f"refused {error}\n".encode())
    with Journal.open(path, lambda: 7) as journal:
        append(journal)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)

"""What somebody does who can write to the file and wants the change not to be seen."""

import sqlite3
from contextlib import closing
from pathlib import Path

from ibkr_server.journal.audit import Audit, audited
from ibkr_server.journal.file import check_format, check_head, connect, read_entries, read_head
from ibkr_server.journal.schema import SCHEMA

TRIGGERS = [statement for statement in SCHEMA if statement.startswith("CREATE TRIGGER")]


def tamper(path: Path, statement: str, *values: object) -> None:
    """Run a statement with the triggers out of the way, and put them back."""
    with closing(sqlite3.connect(path)) as database, database:
        for trigger in TRIGGERS:
            database.execute(f"DROP TRIGGER {trigger.split()[2]}")
        assert database.execute(statement, values).rowcount >= 1
        for trigger in TRIGGERS:
            database.execute(trigger)


def audit(path: Path) -> Audit:
    """Every entry, and the head, checked."""
    with closing(connect(path, "ro")) as database:
        check_format(database)
        head = read_head(database)
        found = audited(read_entries(database, head.epoch, 0, head.sequence))
        if found.broken is None:
            check_head(database, head)
        return found

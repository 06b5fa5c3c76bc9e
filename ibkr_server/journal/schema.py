"""Tables and triggers of the journal's SQLite file. A change of any of them is a new VERSION."""

from typing import Final

APPLICATION_ID: Final = 0x73706F6A
""" "spoj" in ASCII, by which the file is known again."""
VERSION: Final = 1
SCHEMA: Final = (
    """CREATE TABLE entries (
        sequence INTEGER PRIMARY KEY,
        time_us INTEGER NOT NULL,
        kind TEXT NOT NULL,
        client_order_id TEXT,
        payload TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE head (epoch TEXT NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL) STRICT",
    """CREATE TRIGGER entries_update BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries never change'); END""",
    """CREATE TRIGGER entries_delete BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER entries_insert BEFORE INSERT ON entries
        WHEN new.sequence <> (SELECT ifnull(max(sequence), 0) + 1 FROM entries)
        BEGIN SELECT RAISE(ABORT, 'entries are only added at the end'); END""",
    """CREATE TRIGGER head_update BEFORE UPDATE ON head
        WHEN new.sequence <= old.sequence OR new.epoch <> old.epoch
        BEGIN SELECT RAISE(ABORT, 'the head only goes forward'); END""",
    """CREATE TRIGGER head_delete BEFORE DELETE ON head
        BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END""",
    """CREATE TRIGGER head_insert BEFORE INSERT ON head
        WHEN EXISTS (SELECT 1 FROM head)
        BEGIN SELECT RAISE(ABORT, 'there is one head'); END""",
)

"""`python -m ibkr_server.journal audit|backup`: check or copy a journal, also while it is written to."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from ibkr_server.journal.audit import audited, story
from ibkr_server.journal.backup import back_up
from ibkr_server.journal.errors import BrokenChainError, JournalError
from ibkr_server.journal.file import (
    FAILURES,
    check_format,
    check_head,
    check_mark,
    connect,
    read_entries,
    read_head,
)
from ibkr_server.journal.lock import Mark, witness
from ibkr_server.journal.report import mark_text, show_audit, show_story
from ibkr_server.journal.states import OrderStates
from ibkr_server.order_settings import OrderSettings


def main(arguments: list[str] | None = None) -> int:
    """Run a command: status 0, or 1 where the journal is broken or unreadable, or knows no such order."""
    options = _parser().parse_args(arguments)
    journal: Path = (options.journal or OrderSettings.load_or_exit().journal).resolve()  # its lock is there
    try:
        if options.command == "backup":
            head = back_up(journal, options.target)
            print(f"{options.target}: {head.sequence} entries, mark {mark_text(head.sequence, head.hash)}")
        else:
            _audit(journal, options.mark, options.client_order_id, as_json=options.json)
    except BrokenChainError as error:
        return _failed(f"{journal} is broken: {error}")
    except (JournalError, *FAILURES) as error:
        return _failed(f"{journal}: {error}")
    return 0


def _audit(journal: Path, marks: list[Mark], client_order_id: str | None, *, as_json: bool) -> None:
    """Print the story asked for, then what the whole journal is worth.

    Raises:
        BrokenChainError: It is broken; what was found before is printed all the same.
        JournalError: It knows no such order.
    """
    written = witness(journal)  # before the entries, so that the writer can only be further
    with closing(connect(journal, "ro")) as database:
        database.execute("BEGIN")  # everything is read as of one moment
        check_format(database)
        head = read_head(database)
        audit = audited(read_entries(database, head.epoch, 0, head.sequence))
        last = audit.last.sequence if audit.last else 0
        if client_order_id is None:
            show_audit(journal, head.epoch, audit, as_json=as_json)
        elif client_order_id in audit.orders:
            entries = read_entries(database, head.epoch, 0, last)
            states = OrderStates(client_order_id)
            show_story(story(entries, client_order_id, states.after), as_json=as_json)
        if audit.broken is not None:
            raise audit.broken
        check_head(database, head)
        for known in [*marks, *([written] if written else [])]:
            check_mark(database, head, known)
    if client_order_id not in {None, *audit.orders}:
        raise JournalError(f"no entry is about an order {client_order_id!r}")
    if not as_json:
        print(f"{journal}: {audit.entries} entries checked, none was changed, none is missing")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ibkr_server.journal", description="The order journal.")
    commands = parser.add_subparsers(dest="command", required=True)
    audit = commands.add_parser("audit", help="check every entry; tell the story of an order")
    audit.add_argument("client_order_id", nargs="?")
    audit.add_argument("--mark", type=mark, action="append", default=[], metavar="SEQUENCE:HASH")
    audit.add_argument("--json", action="store_true")
    backup = commands.add_parser("backup", help="copy it")
    backup.add_argument("target", type=Path)
    for command in (audit, backup):
        command.add_argument("--journal", type=Path, help="Default: what JOURNAL says, as for ibkr_server.")
    return parser


def mark(text: str) -> Mark:
    """What `mark_text` said."""
    sequence, _, hash_ = text.partition(":")
    return Mark(int(sequence), bytes.fromhex(hash_))


def _failed(message: str) -> int:
    print(f"journal: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

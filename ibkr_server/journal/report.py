"""What an audit found, printed."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ibkr_server.journal.audit import Audit, Step, readable


def show_audit(journal: Path, epoch: str, audit: Audit, *, as_json: bool) -> None:
    """Print what a journal holds, as far as its chain does."""
    found = {
        "journal": str(journal),
        "epoch": epoch,
        "entries": audit.entries,
        "orders": len(audit.orders),
        "from": None if audit.first_us is None else _time(audit.first_us),
        "to": None if audit.last is None else _time(audit.last.time_us),
        "kinds": dict(audit.kinds.most_common()),
        "mark": None if audit.last is None else mark_text(audit.last.sequence, audit.last.hash),
    }
    if as_json:
        print(json.dumps(found))
        return
    table = Table.grid(padding=(0, 2))
    for name, value in found.items():
        table.add_row(name, Text(readable(value) if isinstance(value, dict) else str(value or "–")))
    _console().print(table)


def show_story(steps: Iterable[Step], *, as_json: bool) -> None:
    """Print the steps of an order: a table, or a JSON object in each line."""
    if as_json:
        for step in steps:
            print(json.dumps(asdict(step) | {"time": _time(step.time_us)}))
        return
    table = Table(box=None)
    for name in ("entry", "time (UTC)", "what", "state"):
        table.add_column(name, no_wrap=True)
    table.add_column("details", overflow="fold")
    for step in steps:
        cells = (str(step.sequence), _time(step.time_us), step.what, _change(step), readable(step.details))
        table.add_row(*map(Text, cells))
    _console().print(table)


def mark_text(sequence: int, hash_: bytes) -> str:
    """A mark as `--mark` takes it."""
    return f"{sequence}:{hash_.hex()}"


def _change(step: Step) -> str:
    if step.before == step.after:
        return step.after or ""
    return f"{step.before or ''} → {step.after or '?'}".lstrip()


def _time(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1e6, UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)

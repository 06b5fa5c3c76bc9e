"""Signs of life while something takes long: a bar on a terminal, a line now and then elsewhere. On stderr."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

PLAIN_SECONDS: Final = 5.0


class Waiting:
    """One wait; call `show` with what is known."""

    def __init__(self, console: Console, progress: Progress | None, task: TaskID | None) -> None:
        self._console = console
        self._progress = progress
        self._task = task
        self._said_at = 0.0

    def show(self, text: str, done: float | None = None) -> None:
        """Say how far it is; `done` is a share, 0 to 1, where that is known."""
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task, description=text, completed=done, total=None if done is None else 1
            )
            return
        now = time.monotonic()
        if now - self._said_at >= PLAIN_SECONDS:
            self._said_at = now
            self._console.print(text, highlight=False)


@contextmanager
def waiting(text: str) -> Iterator[Waiting]:
    """Show `text` until the block ends; leaves nothing behind on a terminal."""
    console = Console(stderr=True, soft_wrap=True)
    if not console.is_terminal:
        yield Waiting(console, None, None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Waiting(console, progress, progress.add_task(text, total=None))

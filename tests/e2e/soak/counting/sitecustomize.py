"""With this folder on its path, a Python process writes on SIGUSR1 which asyncio tasks it has."""

import json
import os
import signal
from collections import Counter
from pathlib import Path


def write_tasks(*_signal: object) -> None:
    import asyncio

    tasks = asyncio.all_tasks(asyncio.get_running_loop())
    counts = Counter(task.get_coro().__qualname__ for task in tasks)  # type: ignore[union-attr]  # never None
    answer = Path(os.environ["TASK_COUNTS"]) / f"{os.getpid()}.json"
    written = answer.with_suffix(".part")
    written.write_text(json.dumps(counts))
    written.replace(answer)


signal.signal(signal.SIGUSR1, write_tasks)

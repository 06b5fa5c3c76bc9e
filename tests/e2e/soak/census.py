"""What processes hold: asyncio tasks, threads, file descriptors, memory."""

import json
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SAMPLES = 5
PAUSE_SECONDS = 0.3
ANSWER_SECONDS = 5.0
KILOBYTES = 1024.0


@dataclass(frozen=True)
class Held:
    """The least of some samples, so that what comes and goes does not count; `rss` in megabytes."""

    tasks: Counter[str]
    threads: int
    descriptors: int
    rss: float

    @classmethod
    def by(cls, pid: int, counts: Path) -> Self:
        samples = [cls._sample(pid, counts) for _ in range(SAMPLES)]
        tasks = samples[0].tasks
        for sample in samples:
            tasks &= sample.tasks
        return cls(
            tasks,
            min(sample.threads for sample in samples),
            min(sample.descriptors for sample in samples),
            min(sample.rss for sample in samples),
        )

    @classmethod
    def _sample(cls, pid: int, counts: Path) -> Self:
        time.sleep(PAUSE_SECONDS)
        return cls(_tasks(counts / f"{pid}.json", pid), *_held(Path(f"/proc/{pid}")))

    def __str__(self) -> str:
        return (
            f"{self.tasks.total()} tasks, {self.threads} threads, {self.descriptors} descriptors, "
            f"{self.rss:.1f} MB"
        )


def _held(process: Path) -> tuple[int, int, float]:
    lines = (process / "status").read_text().splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    descriptors = len(list((process / "fd").iterdir()))
    return int(status["Threads"]), descriptors, int(status["VmRSS"].split()[0]) / KILOBYTES


def _tasks(answer: Path, pid: int) -> Counter[str]:
    answer.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    until = time.monotonic() + ANSWER_SECONDS
    while not answer.exists():
        assert time.monotonic() < until, f"process {pid} did not say which tasks it has"
        time.sleep(0.01)
    return Counter(json.loads(answer.read_text()))

"""A Prometheus of the test's own."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from tests.deployment.watching.files import ROOT, RULE_FILES
from tests.processes import free_port

PROGRAM: Final = ROOT / ".tools/bin/prometheus"


@dataclass(frozen=True)
class Prometheus:
    """Its HTTP API."""

    address: str

    def ask(self, path: str, **parameters: str) -> Any:
        """The data that it answers."""
        with urlopen(f"http://{self.address}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def values(self, query: str) -> list[float]:
        """What an instant query gives now, of each series; NaN is no value."""
        found = [float(series["value"][1]) for series in self.ask("query", query=query)["result"]]
        return [value for value in found if value == value]


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, str]) -> Iterator[Prometheus]:
    """Scrapes `targets`, addresses by job, each second, and judges by the chart's rules."""
    jobs = [{"job_name": job, "static_configs": [{"targets": [address]}]} for job, address in targets.items()]
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config = {"global": every, "rule_files": [str(file) for file in RULE_FILES], "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    command = [
        PROGRAM,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--enable-feature=exemplar-storage",
        "--log.level=error",
    ]
    with subprocess.Popen(command) as process:
        try:
            yield Prometheus(address)
        finally:
            process.terminate()

"""Writes the dashboards of the chart into the folder that is given: `make dashboards`."""

import json
import sys
from pathlib import Path
from typing import Final

from tools.dashboards.flow_control import FLOW_CONTROL
from tools.dashboards.gateway import GATEWAY
from tools.dashboards.grafana import as_json
from tools.dashboards.orders import ORDERS
from tools.dashboards.overview import OVERVIEW
from tools.dashboards.scanner import SCANNER

DASHBOARDS: Final = [OVERVIEW, GATEWAY, FLOW_CONTROL, SCANNER, ORDERS]


def write(folder: Path) -> None:
    """One file for each dashboard."""
    for dashboard in DASHBOARDS:
        text = json.dumps(as_json(dashboard), indent=2, ensure_ascii=False)
        (folder / f"{dashboard.name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))

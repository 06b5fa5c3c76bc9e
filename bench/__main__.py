"""`python -m bench [NAME…]`: run benchmarks, print a table, write bench/results.json."""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.result import Result

BENCHMARKS = (
    "codec",
    "stream_ticks",
    "feed_credit16",
    "staleness_credit1",
    "tick_to_quote",
    "tick_to_ranked_10k",
    "tick_to_ranked_100k",
    "unary_qps",
    "telemetry_cpu",
    "universe_scan",
    "scan_full_open",
    "scan_full_selective",
    "scan_condors",
    "topk_incremental",
    "scan_scaling",
    "scan_real_day",
    "iv_solve",
    "journal_commit",
    "place_order_p99",
    "overload_shed",
)
RESULTS = Path(__file__).with_name("results.json")


def table(results: list[Result]) -> Table:
    """Results as they are printed."""
    drawn = Table("benchmark", "ours", "baseline", "unit", "ratio", "goal", "met")
    for column in drawn.columns[1:5]:
        column.justify = "right"
    for result in results:
        figures = [
            f"{figure:,.4g}" if figure < 1e4 else f"{figure:,.0f}"
            for figure in (result.value, result.baseline)
        ]
        met = "[green]yes" if result.met else "[red]no"
        drawn.add_row(result.name, *figures, result.unit, f"{result.ratio:.2f}", result.goal, met)
    return drawn


def main(names: list[str]) -> None:
    """Run the benchmarks named, or all."""
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    console = Console(width=max(Console().width, 110))
    results: list[Result] = []
    for name in names or BENCHMARKS:
        console.print(f"[dim]{name} …")
        results += importlib.import_module(f"bench.{name}").run()
    RESULTS.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    console.print(table(results))


if __name__ == "__main__":
    main(sys.argv[1:])

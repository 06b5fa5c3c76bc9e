"""Everything about one spread of a ranking."""

from importlib.util import find_spec
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text
from spreadmesh.scan.v1.spec_pb2 import ScanSpec, ScoreWeights

from mesh.errors import out_of_range
from spreadmesh_client import Client, connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.cli.scan_once import ranking_of, scanned
from spreadmesh_client.payoff.chart import PayoffChart, payoff_chart
from spreadmesh_client.view.explanation import Explained, explanation
from spreadmesh_client.view.payoff_plot import SUFFIXES, save_plot

_DEFAULT_LIMIT = 20
_DEFAULT_PRESET = "balanced"


def check_plot(plot: Path, explain: int | None) -> None:
    """Refuse, before anything is scanned, a picture that could not be saved.

    Raises:
        typer.BadParameter: There is no --explain, no such folder, no such format, or no matplotlib.
    """
    if explain is None:
        raise typer.BadParameter("--plot needs --explain RANK")
    if plot.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter(f"--plot {plot}: the name must end in {' or '.join(SUFFIXES)}")
    if not plot.absolute().parent.is_dir():
        raise typer.BadParameter(f"--plot {plot}: there is no such folder")
    if find_spec("matplotlib") is None:
        raise typer.BadParameter("--plot needs matplotlib: install spreadmesh[plot]")


async def scan_explain(
    address: str,
    spec: ScanSpec,
    rank: int,
    plot: Path | None,
    min_coverage: float | None,
    timeout_seconds: float,
    *,
    as_json: bool,
) -> None:
    """Print, and draw if asked to, the spread of a rank: 1 is the best."""
    if not spec.HasField("limit") and rank > _DEFAULT_LIMIT:
        spec.limit = rank
    async with connect(scan=address) as client:
        response = await scanned(client.scans, spec, min_coverage, timeout_seconds)
        if rank > len(response.candidates):
            count = len(response.candidates)
            raise out_of_range("--explain", f"there is no rank {rank}: {count} spreads are in the ranking")
        figures = await client.scans.list_figures()
        weights = await _weights(client, spec)
    ranking, candidate = ranking_of(response), response.candidates[rank - 1]
    if as_json:
        print_json(candidate)
    else:
        console = Console()
        console.print(explanation(Explained(ranking, rank, weights, figures), console.width))
    if plot is not None:
        title = f"{spec.underlying} {candidate.strategy.replace('_', ' ')}"
        _save(payoff_chart(candidate, ranking.surface), title, plot)


async def _weights(client: Client, spec: ScanSpec) -> ScoreWeights:
    """Those of the spec, else of its preset, else the usual ones, as the server resolves them."""
    if spec.HasField("weights"):
        return spec.weights
    for name in (spec.preset, _DEFAULT_PRESET):
        preset = await client.presets.get_preset(name) if name else None
        if preset is not None and preset.spec.HasField("weights"):
            return preset.spec.weights
    return ScoreWeights()


def _save(chart: PayoffChart, title: str, path: Path) -> None:
    try:
        save_plot(chart, title, path)
    except OSError as error:
        raise typer.BadParameter(f"--plot {path}: {error.strerror}") from None
    Console(stderr=True).print(Text(f"Saved {path}"))

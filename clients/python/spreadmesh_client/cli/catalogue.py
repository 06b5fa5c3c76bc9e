"""What can be scanned for, filtered and ranked by."""

from rich.console import Console
from rich.table import Table
from spreadmesh.scan.v1.catalogue_pb2 import ListFiguresResponse, ListStrategiesResponse
from spreadmesh.scan.v1.universe_service_pb2 import ListUniversesResponse

from spreadmesh_client import connect
from spreadmesh_client.cli.run import print_json


async def show_strategies(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the strategies."""
    async with connect(scan=address) as client:
        strategies = await client.scans.list_strategies(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(ListStrategiesResponse(strategies=strategies))
        return
    table = Table("Strategy", "Family", "Legs", "Summary", box=None, header_style="bold")
    for strategy in strategies:
        table.add_row(strategy.name, strategy.family, str(strategy.legs), strategy.summary)
    Console().print(table)


async def show_figures(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the figures."""
    async with connect(scan=address) as client:
        figures = await client.scans.list_figures(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(ListFiguresResponse(figures=figures))
        return
    table = Table("Figure", "Unit", "Summary", box=None, header_style="bold")
    for figure in figures:
        table.add_row(figure.name, figure.unit, figure.summary)
    Console().print(table)


async def show_universes(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print the lists of underlyings."""
    async with connect(scan=address) as client:
        universes = await client.universes.list_universes(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(ListUniversesResponse(universes=universes))
        return
    table = Table("Universe", "Underlyings", "", box=None, header_style="bold")
    for universe in universes:
        table.add_row(universe.name, str(len(universe.symbols)), " ".join(universe.symbols))
    Console().print(table if universes else "The scanner knows none: UNIVERSES names a file of them.")

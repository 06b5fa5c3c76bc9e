"""What `spreadmesh presets` does."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from spreadmesh.scan.v1.preset_service_pb2 import ListPresetsResponse, Preset
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from spreadmesh_client import connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.view.preset_text import spec_lines


async def list_presets(address: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print every preset."""
    async with connect(scan=address) as client:
        presets = await client.presets.list_presets(timeout_seconds=timeout_seconds)
    if as_json:
        print_json(ListPresetsResponse(presets=presets))
    else:
        Console().print(_table(presets))


async def show_preset(address: str, name: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Print one preset."""
    async with connect(scan=address) as client:
        preset = await client.presets.get_preset(name, timeout_seconds=timeout_seconds)
    _print(preset, "", as_json=as_json)


async def save_preset(
    address: str, name: str, summary: str, spec: ScanSpec, timeout_seconds: float, *, as_json: bool
) -> None:
    """Save a preset and print it as it is kept."""
    preset = Preset(name=name, summary=summary, spec=spec)
    async with connect(scan=address) as client:
        response = await client.presets.save_preset(preset, timeout_seconds=timeout_seconds)
    _print(response.preset, "Replaced" if response.replaced else "Saved", as_json=as_json)


async def delete_preset(address: str, name: str, timeout_seconds: float, *, as_json: bool) -> None:
    """Delete a preset and print what it was."""
    async with connect(scan=address) as client:
        preset = await client.presets.delete_preset(name, timeout_seconds=timeout_seconds)
    _print(preset, "Deleted", as_json=as_json)


def _print(preset: Preset, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(preset)
        return
    console = Console(highlight=False)
    kind = " (built in)" if preset.built_in else ""
    console.print(f"{done} {preset.name}{kind}".strip(), style="bold")
    if preset.summary:
        console.print(preset.summary)
    for line in spec_lines(preset.spec):
        console.print(f"  {line}", soft_wrap=True)


def _table(presets: Sequence[Preset]) -> Table:
    table = Table("Preset", "", "Summary", box=None, header_style="bold")
    for preset in presets:
        table.add_row(preset.name, "built in" if preset.built_in else "saved", preset.summary)
    return table

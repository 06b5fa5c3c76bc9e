"""`spreadmesh presets`: list, show, save, delete."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from spreadmesh_client.cli.options import Json, Scan, StateDir, Timeout
from spreadmesh_client.cli.scan_options import takes_spec

if TYPE_CHECKING:
    from spreadmesh.scan.v1.spec_pb2 import ScanSpec

Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="1 to 64 of a-z, 0-9 and `-`.")]

app = typer.Typer(
    help="Filters and weights under a name, for `spreadmesh scan --preset NAME`.",
    epilog="Example: spreadmesh presets save weeklies --max-dte 8 --min-pop 0.7",
    no_args_is_help=True,
)


@app.command("list")
def list_(scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None) -> None:
    """List the presets."""
    from spreadmesh_client.cli.preset_calls import list_presets
    from spreadmesh_client.cli.run import ask_scanner

    ask_scanner(lambda address: list_presets(address, timeout, as_json=json), scan, state_dir)


@app.command()
def show(
    name: Name, scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """Show what a preset stands for."""
    from spreadmesh_client.cli.preset_calls import show_preset
    from spreadmesh_client.cli.run import ask_scanner

    ask_scanner(lambda address: show_preset(address, name, timeout, as_json=json), scan, state_dir)


@app.command(epilog="Example: spreadmesh presets save weeklies --max-dte 8 --min-pop 0.7")
@takes_spec
def save(
    name: Name,
    *,
    spec: "ScanSpec",
    summary: Annotated[str, typer.Option(metavar="TEXT", help="What it is for, in one sentence.")] = "",
    scan: Scan = None,
    timeout: Timeout = 10,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Save what the options ask for, also over a preset saved before."""
    from spreadmesh_client.cli.preset_calls import save_preset
    from spreadmesh_client.cli.run import ask_scanner

    ask_scanner(
        lambda address: save_preset(address, name, summary, spec, timeout, as_json=json), scan, state_dir
    )


@app.command()
def delete(
    name: Name, scan: Scan = None, timeout: Timeout = 10, json: Json = False, state_dir: StateDir = None
) -> None:
    """Delete a saved preset."""
    from spreadmesh_client.cli.preset_calls import delete_preset
    from spreadmesh_client.cli.run import ask_scanner

    ask_scanner(lambda address: delete_preset(address, name, timeout, as_json=json), scan, state_dir)

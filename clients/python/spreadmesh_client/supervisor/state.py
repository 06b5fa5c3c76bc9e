"""What is known of meshes started here: one folder per run, with addresses, logs and traces.

<state folder>/runs/<number>/mesh.json    addresses and process ids, as `spreadmesh up --json` prints them
<state folder>/runs/<number>/ended.json   the same once that mesh has ended
<state folder>/runs/<number>/logs/        one file per child
<state folder>/runs/<number>/traces/      one span file per process
"""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

RUNS_KEPT: Final = 5


def state_folder(chosen: Path | None) -> Path:
    """The folder chosen, or the per-user cache folder."""
    if chosen is not None:
        return chosen.absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(cache) if cache else Path.home() / ".cache") / "spreadmesh"
    except RuntimeError:  # no home folder
        return Path(tempfile.gettempdir()) / f"spreadmesh-{os.getuid()}"


def presets_file(chosen: Path | None) -> Path:
    """The file of saved presets."""
    return _lasting_folder(chosen) / "presets.sqlite3"


def journal_file(chosen: Path | None, gateway: str) -> Path:
    """The journal of orders at a gateway, `host:port`: each login has its own."""
    return _lasting_folder(chosen) / f"orders-{gateway.replace(':', '-')}.db"


def _lasting_folder(chosen: Path | None) -> Path:
    """The folder chosen, else that of the user's data, which no cleaner of caches empties."""
    if chosen is not None:
        folder = chosen.absolute()
    elif data := os.environ.get("XDG_DATA_HOME"):
        folder = Path(data) / "spreadmesh"
    else:
        try:
            folder = Path.home() / ".local/share/spreadmesh"
        except RuntimeError:  # no home folder
            folder = state_folder(None)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_run(folder: Path) -> Path:
    """A fresh folder for one run; folders of old runs that have ended are removed."""
    runs = folder / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    for old in _runs(folder)[: -RUNS_KEPT + 1]:
        if _alive(old) is None:
            shutil.rmtree(old, ignore_errors=True)
    number = max((int(run.name) for run in _runs(folder)), default=0) + 1
    while True:
        run = runs / f"{number:06d}"
        try:
            run.mkdir()
        except FileExistsError:  # another supervisor was quicker
            number += 1
            continue
        (run / "logs").mkdir()
        (run / "traces").mkdir()
        return run


def write_mesh(run: Path, mesh: dict[str, Any]) -> None:
    """Tell other commands of a mesh that is ready."""
    written = run / "mesh.json.new"
    written.write_text(json.dumps(mesh | {"supervisor": os.getpid()}))
    written.replace(run / "mesh.json")


def forget_mesh(run: Path) -> None:
    """The mesh of this run ends; logs, traces and where its journal is stay."""
    with suppress(FileNotFoundError):
        (run / "mesh.json").replace(run / "ended.json")


def running_mesh(folder: Path) -> dict[str, Any] | None:
    """The mesh that was started last among those that still run."""
    for run in reversed(_runs(folder)):
        mesh = _alive(run)
        if mesh is not None:
            return mesh
    return None


def latest_traces(folder: Path) -> Path | None:
    """The trace folder of the newest run that has written spans, running or not."""
    folders = (run / "traces" for run in reversed(_runs(folder)))
    return next((traces for traces in folders if any(traces.glob("*.jsonl"))), None)


def latest_journal(folder: Path) -> Path | None:
    """The journal that ibkr_server was given by the mesh started last among those that run, else of all."""
    meshes = (_read(run / name) for run in reversed(_runs(folder)) for name in ("mesh.json", "ended.json"))
    mesh = running_mesh(folder) or next(filter(None, meshes), {})
    return Path(mesh["journal"]) if mesh.get("journal") else None


def _runs(folder: Path) -> list[Path]:
    return sorted(run for run in (folder / "runs").glob("*") if run.name.isdigit())


def _alive(run: Path) -> dict[str, Any] | None:
    mesh = _read(run / "mesh.json")
    try:
        os.kill(mesh["supervisor"], 0)
    except (OSError, KeyError):
        return None
    return mesh


def _read(file: Path) -> dict[str, Any]:
    """What is known of a mesh; nothing where the file is not there or not legible."""
    try:
        mesh: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return mesh

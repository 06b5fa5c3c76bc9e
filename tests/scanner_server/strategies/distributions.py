"""Distributions as an installer leaves them: modules, and metadata with entry points."""

from pathlib import Path

from scanner_server.strategies.plugins import GROUP


def install(folder: Path, name: str, points: dict[str, str], **modules: str) -> None:
    """Install version 1.0 of a distribution.

    Args:
        folder: where to; on the path of whoever shall find it.
        name: of the distribution.
        points: name and value of each entry point for strategies.
        modules: source by name.
    """
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)
    metadata = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"[{GROUP}]", *(f"{point} = {value}" for point, value in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")

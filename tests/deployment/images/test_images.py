"""What each image is, before it runs."""

import pytest

from tests.deployment.images.conftest import TARGETS
from tests.deployment.images.podman import PYTHON, image_name, inspected, podman

pytestmark = pytest.mark.images


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, images: tuple[str, ...]) -> str:
    name: str = request.param
    return name


def inside(target: str, *command: str) -> str:
    """What a program prints in a container that may read, and nothing else."""
    options = ["--rm", "--read-only", "--network=none", f"--entrypoint={command[0]}"]
    return podman("run", *options, image_name(target), *command[1:])


def test_nobody_runs_it_and_nothing_but_the_program(target: str) -> None:
    config = inspected("image", image_name(target))["Config"]
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Entrypoint"][0].startswith("/opt/spreadmesh/bin/")
    assert config["Labels"]["org.opencontainers.image.licenses"] == "MIT"
    assert config["Labels"]["org.opencontainers.image.title"]
    assert inside(target, "id") == "uid=10001(spreadmesh) gid=10001(spreadmesh) groups=10001(spreadmesh)"
    assert "HEALTHCHECK" in str(podman("history", "--no-trunc", image_name(target))) or target == "cli"


def test_it_has_no_pip_and_no_compiler(target: str) -> None:
    look = "import shutil; from importlib.util import find_spec;"
    look += "print([n for n in ('pip', 'ensurepip') if find_spec(n)],"
    look += "[n for n in ('pip', 'pip3', 'cc', 'gcc', 'clang') if shutil.which(n)])"
    assert inside(target, PYTHON, "-c", look) == "[] []"


def test_every_module_has_bytecode_that_nobody_checks_anew(target: str) -> None:
    """Flag 1: hash-based and unchecked, so that times of files don't count."""
    count = """
import importlib.util, pathlib
flags = []
for source in pathlib.Path("/opt/spreadmesh/lib").rglob("*.py"):
    cached = pathlib.Path(importlib.util.cache_from_source(source))
    flags.append(cached.read_bytes()[4] if cached.exists() else None)
print(len(flags) > 500, {flag: flags.count(flag) for flag in set(flags)})
"""
    assert inside(target, PYTHON, "-c", count).startswith("True {1: ")
    assert "None" not in inside(target, PYTHON, "-c", count)


def test_only_the_scanner_carries_the_compiler_of_its_loops(images: tuple[str, ...]) -> None:
    sizes = {target: int(inspected("image", image_name(target))["Size"]) / 1e6 for target in images}
    print("\n" + ", ".join(f"{target} {size:.0f} MB" for target, size in sizes.items()))
    heavy = "import importlib.util as i; print([n for n in ('llvmlite', 'scipy', 'numpy') if i.find_spec(n)])"
    assert {target: inside(target, PYTHON, "-c", heavy) for target in images} == {
        "cli": "[]",
        "ibkr-server": "['numpy']",
        "scanner-server": "['llvmlite', 'scipy', 'numpy']",
        "tws-sim": "['scipy', 'numpy']",
    }

"""The bare install is the client library and the command line: they import without any extra.

Only the supervisor, which starts servers, may need what servers need; the command line imports it on use.
"""

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys
from importlib.metadata import packages_distributions, requires
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

def closure(name, seen):
    for line in requires(name) or ():
        requirement = Requirement(line)
        key = canonicalize_name(requirement.name)
        if key not in seen and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            seen.add(key)
            closure(key, seen)
    return seen

allowed = closure("spreadmesh", {"spreadmesh"})
extra = {
    module
    for module, owners in packages_distributions().items()
    if not allowed & {canonicalize_name(owner) for owner in owners}
}
assert "numpy" in extra and "grpc_reflection" in extra and "grpc" not in extra, sorted(extra)

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in extra:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import spreadmesh_client
for module in pkgutil.walk_packages(spreadmesh_client.__path__, "spreadmesh_client."):
    if not module.name.endswith("__main__") and ".supervisor." not in module.name:
        importlib.import_module(module.name)
        print(module.name)
assert "grpc_health" not in sys.modules
"""


def test_the_client_imports_without_the_extras() -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert "spreadmesh_client.cli" in result.stdout

"""Commands for a release of the chart in one namespace of the cluster that KUBECONFIG names."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
CHART: Final = ROOT / "helm" / "spreadmesh"
HELM: Final = ROOT / ".tools" / "bin" / "helm"
RELEASE: Final = "spreadmesh"


@dataclass(frozen=True)
class Cluster:
    """Commands in one namespace; each has a deadline and raises with what it said when it fails."""

    namespace: str

    def kubectl(self, *arguments: str, seconds: float = 60) -> str:
        return run("kubectl", "--namespace", self.namespace, *arguments, seconds=seconds)

    def helm(self, *arguments: str, seconds: float = 330) -> str:
        return run(str(HELM), "--namespace", self.namespace, *arguments, seconds=seconds)

    def install(self, *values: str) -> None:
        """Install or upgrade the demo, and wait until all is ready."""
        images = os.environ.get("IMAGES", "")
        registry, _, repository = images.rpartition("/") if images else ("", "", "spreadmesh")
        self.helm(
            "upgrade", RELEASE, str(CHART), "--install", "--wait", "--timeout=5m",
            f"--values={CHART / 'values-demo.yaml'}",
            f"--set=image.registry={registry},image.repository={repository}",
            f"--set-string=image.tag={os.environ.get('TAG', '')}",
            *(f"--set-string={value}" for value in values),
        )  # fmt: skip

    def spreadmesh(self, *arguments: str) -> str:
        """The command line, in the pod of ibkr_server."""
        pod = f"statefulset/{RELEASE}-ibkr-server"
        command = "/opt/spreadmesh/bin/spreadmesh"
        return self.kubectl("exec", pod, "--", command, *arguments, "--market=localhost:7401", "--json")


def run(*command: str, seconds: float) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout

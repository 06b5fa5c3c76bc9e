"""A namespace of its own for the release."""

import os
import uuid
from collections.abc import Iterator

import pytest

from tests.deployment.cluster.commands import Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A namespace that enforces the restricted standard, and goes with all that is in it."""
    assert os.environ.get("KUBECONFIG"), "KUBECONFIG must name the cluster to test on"
    cluster = Cluster(f"spreadmesh-test-{uuid.uuid4().hex[:8]}")
    cluster.kubectl("create", "namespace", cluster.namespace)
    try:
        level = "pod-security.kubernetes.io/enforce=restricted"
        cluster.kubectl("label", "namespace", cluster.namespace, level)
        yield cluster
    finally:
        cluster.kubectl("delete", "namespace", cluster.namespace, "--timeout=3m", seconds=200)

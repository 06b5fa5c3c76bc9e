"""Installed, tested, upgraded, uninstalled; what was journalled is still there."""

import json

import pytest

from tests.deployment.cluster.commands import CHART, RELEASE, Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

SERVER = f"{RELEASE}-ibkr-server"
CLAIM = f"journal-{SERVER}-0"

OPERATOR = ("ibkrServer.config.ANONYMOUS_ROLE=operator", "ibkrServer.config.TRADING=enabled")


@pytest.fixture(scope="module")
def installed(cluster: Cluster) -> Cluster:
    cluster.install(*OPERATOR)
    return cluster


def test_the_release_passes_its_own_tests(installed: Cluster) -> None:
    said = installed.helm("test", RELEASE, "--timeout=4m")
    assert said.count("Phase:          Succeeded") == 3


def test_an_upgrade_replaces_the_server_and_keeps_the_journal(installed: Cluster) -> None:
    uid = ("get", "pod", f"{SERVER}-0", "--output=jsonpath={.metadata.uid}")
    pod = installed.kubectl(*uid)
    halt = json.loads(installed.spreadmesh("halt", "the upgrade"))["halt"]
    before = json.loads(installed.spreadmesh("status"))["trading"]
    installed.install(*OPERATOR, "ibkrServer.config.LOG_LEVEL=DEBUG")
    assert installed.kubectl(*uid) != pod
    after = json.loads(installed.spreadmesh("status"))["trading"]
    assert after["journal_epoch"] == before["journal_epoch"]
    assert int(after["journal_sequence"]) >= int(before["journal_sequence"]) >= 1
    assert after["halt"] == halt
    restarts = "--output=jsonpath={.items[*].status.containerStatuses[*].restartCount}"
    assert set(installed.kubectl("get", "pods", restarts).split()) == {"0"}


def test_a_second_server_can_never_run_beside_it(installed: Cluster) -> None:
    with pytest.raises(AssertionError, match="/ibkrServer/replicas"):
        installed.helm("upgrade", RELEASE, str(CHART), "--reuse-values", "--set=ibkrServer.replicas=2")


def test_uninstalling_leaves_the_journal_and_nothing_else(installed: Cluster) -> None:
    installed.helm("uninstall", RELEASE, "--wait")
    left = installed.kubectl("get", "all,configmap,networkpolicy,pvc", "--output=name").split()
    assert [name for name in left if RELEASE in name] == [f"persistentvolumeclaim/{CLAIM}"]

"""What holds for every pod, of the chart and of the overlays."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deployment.chart.rendering import Object, of_kind, pods

pytestmark = pytest.mark.tools

SECRET = re.compile(r"(PASSWORD|SECRET|TOKEN|_KEY|HEADERS)$")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def containers(found: list[Object]) -> Iterator[tuple[str, Object]]:
    for name, pod in pods(found):
        for container in pod["spec"]["containers"]:
            yield name, container


def test_they_pass_the_restricted_standard(found: list[Object]) -> None:
    for name, pod in pods(found):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] > 0, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec), name
        kinds = {kind for volume in spec["volumes"] for kind in volume} - {"name"}
        assert kinds <= {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}, name
    for name, container in containers(found):
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False, name
        assert security["capabilities"] == {"drop": ["ALL"]}, name
        assert security["readOnlyRootFilesystem"] is not name.endswith("-ib-gateway"), name


def test_they_have_an_account_of_their_own_without_a_token(found: list[Object]) -> None:
    accounts = {each["metadata"]["name"]: each for each in of_kind(found, "ServiceAccount")}
    assert all(each["automountServiceAccountToken"] is False for each in accounts.values())
    used = [pod["spec"]["serviceAccountName"] for _, pod in pods(found)]
    assert set(used) == set(accounts)
    assert all(pod["spec"]["automountServiceAccountToken"] is False for _, pod in pods(found))


def test_they_say_what_they_need(found: list[Object]) -> None:
    for name, container in containers(found):
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}, name
        assert "memory" in container["resources"]["limits"], name


def test_images_have_a_version(found: list[Object]) -> None:
    for name, container in containers(found):
        assert re.search(r":[\w.-]+(@sha256:[0-9a-f]{64})?$", container["image"]), name
        assert not container["image"].endswith(":latest"), name


def test_no_credential_stands_in_an_environment(found: list[Object]) -> None:
    for name, container in containers(found):
        plain = {each["name"] for each in container.get("env", []) if "value" in each}
        assert not [variable for variable in plain if SECRET.search(variable)], name
    for each in of_kind(found, "ConfigMap"):
        assert not [key for key in each["data"] if SECRET.search(key)]
    assert not of_kind(found, "Secret")


def test_mounts_are_of_volumes(found: list[Object]) -> None:
    claims = {
        one["metadata"]["name"]: [each["metadata"]["name"] for each in one["spec"]["volumeClaimTemplates"]]
        for one in of_kind(found, "StatefulSet")
    }
    for name, pod in pods(found):
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]} | set(claims.get(name, []))
        mounts = [mount for one in pod["spec"]["containers"] for mount in one["volumeMounts"]]
        assert {mount["name"] for mount in mounts} == volumes, name
        paths = [mount["mountPath"] for mount in mounts]
        assert sorted(paths) == sorted(set(paths)), name
        assert not [mount for mount in mounts if "subPath" in mount], "which a renewed Secret never reaches"


def test_probes_and_services_name_ports_that_are_there(found: list[Object]) -> None:
    for name, container in containers(found):
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        for probe in (container[kind] for kind in PROBES if kind in container):
            if "grpc" in probe:
                assert probe["grpc"]["port"] == ports["grpc-health"], name
            elif "tcpSocket" in probe:
                assert probe["tcpSocket"]["port"] in ports, name
    targets = {label(pod): ports_of(pod) for _, pod in pods(found) if "ports" in pod["spec"]["containers"][0]}
    for service in of_kind(found, "Service"):
        ports = targets[service["spec"]["selector"]["app.kubernetes.io/component"]]
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]


def test_selectors_select_the_pods_beside_them(found: list[Object]) -> None:
    for each in of_kind(found, "Deployment", "StatefulSet"):
        wanted = each["spec"]["selector"]["matchLabels"].items()
        assert wanted <= each["spec"]["template"]["metadata"]["labels"].items()


def test_a_policy_for_every_pod_where_there_are_policies(found: list[Object]) -> None:
    policies = of_kind(found, "NetworkPolicy")
    if not policies:
        return
    for name, pod in pods(found):
        (policy,) = [each for each in policies if selects(each["spec"]["podSelector"], pod)]
        assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}, name


def selects(selector: Object, pod: Object) -> bool:
    wanted: dict[str, Any] = selector["matchLabels"]
    return bool(wanted.items() <= pod["metadata"]["labels"].items())


def label(pod: Object) -> str:
    name: str = pod["metadata"]["labels"]["app.kubernetes.io/component"]
    return name


def ports_of(pod: Object) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]}

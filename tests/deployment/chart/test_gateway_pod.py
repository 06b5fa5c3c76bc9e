"""A gateway that waits for its second factor is not ready, and nothing restarts it for that."""

import pytest

from tests.deployment.chart.rendering import Object, chart, of_kind, one

pytestmark = pytest.mark.tools


@pytest.fixture(params=["linkerd", "cert-manager"])
def gateway(request: pytest.FixtureRequest) -> Object:
    found = of_kind(chart(request.param), "StatefulSet")
    (only,) = [each for each in found if each["metadata"]["name"].endswith("ib-gateway")]
    return only


def container(gateway: Object) -> Object:
    (only,) = gateway["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_no_probe_can_restart_it(gateway: Object) -> None:
    assert not {"livenessProbe", "startupProbe", "lifecycle"} & set(container(gateway))


def test_ready_is_the_port_that_opens_after_the_login(gateway: Object) -> None:
    (relay,) = container(gateway)["ports"]
    behind = {4003: "4001", 4004: "4002"}[relay["containerPort"]]
    assert container(gateway)["readinessProbe"]["exec"]["command"][-1].endswith(f"/127.0.0.1/{behind}")


def test_there_is_one_and_its_settings_stay(gateway: Object) -> None:
    assert gateway["spec"]["replicas"] == 1
    assert set(gateway["spec"]["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}
    settings = {each["name"]: each.get("value") for each in container(gateway)["env"]}["TWS_SETTINGS_PATH"]
    assert any(
        settings.startswith(mount["mountPath"] + "/") and mount["name"] == "settings"
        for mount in container(gateway)["volumeMounts"]
    )


def test_its_login_comes_from_a_secret(gateway: Object) -> None:
    environment = {each["name"]: each for each in container(gateway)["env"]}
    assert environment["TWS_USERID"]["valueFrom"]["secretKeyRef"] == {"name": "ib-login", "key": "username"}
    assert environment["TWS_PASSWORD_FILE"]["value"] == "/run/secrets/ib-gateway/password"
    volumes = {each["name"]: each for each in gateway["spec"]["template"]["spec"]["volumes"]}
    assert volumes["login"]["secret"]["items"] == [{"key": "password", "path": "password"}]


@pytest.mark.parametrize(("values", "port"), [("linkerd", 4003), ("cert-manager", 4004)])
def test_the_server_reaches_it_and_nobody_else_does(values: str, port: int) -> None:
    found = chart(values, "--set", "networkPolicy.enabled=true")
    (config,) = [each["data"] for each in of_kind(found, "ConfigMap") if "TWS_HOST" in each["data"]]
    assert (one(found, "Service", config["TWS_HOST"])["spec"]["ports"][0]["port"], config["TWS_PORT"]) == (
        port,
        str(port),
    )
    (rule,) = one(found, "NetworkPolicy", config["TWS_HOST"])["spec"]["ingress"]
    (peer,) = rule["from"]
    assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "ibkr-server"
    assert [each["port"] for each in rule["ports"]] == [port]

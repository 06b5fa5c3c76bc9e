"""Wrong values never reach a cluster: the schema refuses them, or the chart what contradicts itself."""

import pytest

from tests.deployment.chart.rendering import helm_template

pytestmark = pytest.mark.tools

INSECURE = ("tls.enabled=false", "security.insecure=allowed")
PLAINTEXT = ("tls.enabled=false", "security.insecure=plaintext", "access.scannerApiKey.existingSecret=key")

BY_SCHEMA = [
    # what is set, what the message names
    ("replicas=1", "additional properties 'replicas' not allowed"),
    ("ibkrServer.replicas=2", "at '/ibkrServer/replicas'"),
    ("ibkrServer.replicaCount=1", "'replicaCount' not allowed"),
    ("ibkrServer.podDisruptionBudget.maxUnavailable=2", "/podDisruptionBudget/maxUnavailable'"),
    ("ibkrServer.terminationGracePeriodSeconds=10", "minimum: got 10, want 25"),
    ("ibkrServer.journal.accessMode=ReadWriteMany", "at '/ibkrServer/journal/accessMode'"),
    ("ibkrServer.journal.size=much", "at '/ibkrServer/journal/size'"),
    ("ibkrServer.gateway.port=0", "at '/ibkrServer/gateway/port'"),
    ("ibkrServer.gateway.port=tws", "got string, want integer"),
    ("ibkrServer.config.TRADNG=enabled", "'TRADNG' not allowed"),
    ("ibkrServer.config.HOST=127.0.0.1", "'HOST' not allowed"),
    ("ibkrServer.config.CLIENT_ID=7", "got number, want string"),
    ("ibkrServer.resources.limits=null", "missing property 'limits'"),
    ("ibkrServer.image.digest=latest", "at '/ibkrServer/image/digest'"),
    ("scanner.replicas=-1", "at '/scanner/replicas'"),
    ("scanner.replicas=many", "got string, want integer"),
    ("scanner.config.TRADING=enabled", "'TRADING' not allowed"),
    ("scanner.universes.Mega={AAPL}", "'Mega' not allowed"),
    ("scanner.universes.mega={aapl}", "at '/scanner/universes/mega/0'"),
    ("scanner.autoscaling.targetCPUUtilizationPercentage=0", "targetCPUUtilizationPercentage"),
    ("scanner.topologySpread.whenUnsatisfiable=Never", "at '/scanner/topologySpread/whenUnsatisfiable'"),
    ("image.pullPolicy=Sometimes", "at '/image/pullPolicy'"),
    ("security.insecure=true", "at '/security/insecure'"),
    ("security.insecure=yes", "at '/security/insecure'"),
    ("tls.existingSecrets.ibkrServer=", "at '/tls/existingSecrets/ibkrServer'"),
    ("certManager.duration=90days", "at '/certManager/duration'"),
    ("access.oidc.issuer=http://login.example", "at '/access/oidc/issuer'"),
    ("monitoring.serviceMonitor.interval=15", "got number, want string"),
    ("simulator.args={synthetic,--port=1}", "at '/simulator/args/1'"),
    ("ibGateway.tradingMode=both", "at '/ibGateway/tradingMode'"),
    ("ibGateway.image.tag=latest", "at '/ibGateway/image/tag'"),
    ("ibGateway.autoRestartTime=23:45", "at '/ibGateway/autoRestartTime'"),
    ("networkPolicy.clients[0].pods=all", "'pods' not allowed"),
    ("mesh.istio.clients={trader}", "at '/mesh/istio/clients/0'"),
    ("mesh.linkerd.clients[0].name=trader", "missing property 'namespace'"),
    # credentials have no place in values
    ("ibGateway.password=hunter2", "'password' not allowed"),
    ("ibGateway.username=me", "'username' not allowed"),
    ("access.apiKeys.keys=smk_1", "'keys' not allowed"),
    ("access.scannerApiKey.value=smk_1", "'value' not allowed"),
    ("tls.key=pem", "'key' not allowed"),
    (
        "telemetry.env.OTEL_EXPORTER_OTLP_HEADERS=authorization=x",
        "at '/telemetry/env/OTEL_EXP",
    ),
    ("ibkrServer.config.SPREADMESH_API_KEY=smk_1", "'SPREADMESH_API_KEY' not allowed"),
]

BY_CHART = [
    (("tls.enabled=false",), "security.insecure=plaintext where a service mesh encrypts"),
    (
        ("access.apiKeys.existingSecret=", "access.identities.existingSecret="),
        "nobody could be told from anybody",
    ),
    (("tls.enabled=false", "security.insecure=plaintext"), "access.scannerApiKey.existingSecret"),
    ((*PLAINTEXT, "access.apiKeys.existingSecret="), "nobody could be told from anybody"),
    (("tls.requireClientCertificates=false",), "the scanner would be refused by ibkr_server"),
    (("access.oidc.issuer=https://login.example",), "access.oidc.audience"),
    (("simulator.enabled=true", "ibGateway.enabled=true", "ibGateway.existingSecret=x"), "has one gateway"),
    (("ibGateway.enabled=true",), "ibGateway.existingSecret must name the Secret"),
    (("scanner.presets.enabled=true",), "scanner.presets.enabled needs scanner.replicas=1"),
    (
        ("scanner.presets.enabled=true", "scanner.replicas=1", "scanner.autoscaling.enabled=true"),
        "scanner.presets.enabled needs scanner.replicas=1",
    ),
    ((*PLAINTEXT, "mesh.istio.enabled=true", "mesh.linkerd.enabled=true"), "exclude each other"),
]


@pytest.mark.parametrize(("value", "reason"), BY_SCHEMA, ids=[value for value, _ in BY_SCHEMA])
def test_the_schema_refuses(value: str, reason: str) -> None:
    done = helm_template("default", "--set", value)
    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr
    assert reason in done.stderr


@pytest.mark.parametrize("name", ["DB_PASSWORD", "SPREADMESH_API_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "TOKEN"])
def test_a_credential_is_never_a_value_of_the_environment(name: str) -> None:
    variable = ("--set", f"ibkrServer.extraEnv[0].name={name}")
    refused = helm_template("default", *variable, "--set", "ibkrServer.extraEnv[0].value=x")
    assert "at '/ibkrServer/extraEnv/0'" in refused.stderr
    reference = "ibkrServer.extraEnv[0].valueFrom.secretKeyRef"
    taken = helm_template("default", *variable, "--set", f"{reference}.name=x,{reference}.key=y")
    assert taken.returncode == 0, taken.stderr


@pytest.mark.parametrize(("values", "reason"), BY_CHART, ids=[reason for _, reason in BY_CHART])
def test_the_chart_refuses(values: tuple[str, ...], reason: str) -> None:
    done = helm_template("default", *(f"--set={value}" for value in values))
    assert done.returncode != 0
    assert reason in done.stderr


@pytest.mark.parametrize("values", [INSECURE, PLAINTEXT], ids=["insecure", "plaintext"])
def test_what_is_insecure_on_purpose_is_taken(values: tuple[str, ...]) -> None:
    done = helm_template("default", *(f"--set={value}" for value in values))
    assert done.returncode == 0, done.stderr

"""Objects of operators and meshes are what their owners' definitions allow, and have no other field."""

import functools
from typing import Any

import jsonschema
import pytest

from tests.deployment.chart.rendering import ROOT, VALUES, Object, chart, objects

pytestmark = pytest.mark.tools

# Linkerd's definitions are in no module that carries them; test_mesh_policies.py looks at these objects.
WITHOUT_DEFINITION = {"policy.linkerd.io"}


@functools.cache
def definitions() -> dict[tuple[str, str], Any]:
    """Schemas by apiVersion and kind."""
    found = {}
    for file in (ROOT / ".tools" / "crds").glob("*.yaml"):
        for each in objects(file.read_text()):
            spec = each["spec"]
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                schema["properties"].update({"apiVersion": {}, "kind": {}, "metadata": {}})
                found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


def strict(schema: Any) -> Any:
    """Without leave for fields that are not described; Kubernetes would drop them without a word."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(each) for key, each in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    open_to_all = {"additionalProperties", "x-kubernetes-preserve-unknown-fields"} & set(schema)
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict) and not open_to_all:
        made["additionalProperties"] = False
    return made


def validate(each: Object) -> None:
    jsonschema.Draft202012Validator(definitions()[each["apiVersion"], each["kind"]]).validate(each)


def custom(values: str) -> list[Object]:
    groups = {api.split("/")[0] for api, _ in definitions()} | WITHOUT_DEFINITION
    return [each for each in chart(values) if each["apiVersion"].split("/")[0] in groups]


@pytest.mark.parametrize("values", ["cert-manager", "istio", "linkerd"])
def test_they_are_what_their_owners_allow(values: str) -> None:
    checked = [each for each in custom(values) if each["apiVersion"].split("/")[0] not in WITHOUT_DEFINITION]
    assert checked
    for each in checked:
        validate(each)


def test_every_object_is_kubernetes_own_or_looked_at_here() -> None:
    own = {"v1", "apps/v1", "autoscaling/v2", "networking.k8s.io/v1", "policy/v1"}
    for values in VALUES:
        looked_at = {each["apiVersion"] for each in custom(values)}
        assert {each["apiVersion"] for each in chart(values)} <= own | looked_at


def test_a_field_that_nobody_described_is_found() -> None:
    (rule,) = [each for each in custom("istio") if each["kind"] == "DestinationRule"]
    rule = rule | {"spec": rule["spec"] | {"loadBalancer": {"simple": "RANDOM"}}}
    with pytest.raises(jsonschema.ValidationError, match="loadBalancer"):
        validate(rule)

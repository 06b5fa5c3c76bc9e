"""Chart and overlays are written twice, and come to the same."""

import re
from typing import Any, Final

import pytest

from tests.deployment.chart.rendering import BUILDERS, OVERLAYS, Object, built, chart, objects

pytestmark = pytest.mark.tools

HELMS_OWN: Final = {
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
    "checksum/config",
    "helm.sh/chart",
}
"""Labels and annotations of releases, which kustomize has not."""


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_they_agree(overlay: str, builder: str) -> None:
    helm = chart(overlay, "--set", "tests.enabled=false")  # a thing of Helm's
    kustomize = [each for each in objects(built(overlay, builder)) if each["kind"] != "Namespace"]
    assert by_name(helm) == by_name(kustomize)


def by_name(found: list[Object]) -> dict[tuple[str, str], Any]:
    return {(each["kind"], name_of(each)): plain(each, generated(found)) for each in found}


def generated(found: list[Object]) -> set[str]:
    """Names of ConfigMaps, which kustomize gives a hash of what is in them."""
    return {each["metadata"]["name"] for each in found if each["kind"] == "ConfigMap"}


def name_of(each: Object) -> str:
    name: str = each["metadata"]["name"]
    return without_hash(name) if each["kind"] == "ConfigMap" else name


def without_hash(name: str) -> str:
    return re.sub(r"-[a-z0-9]{10}$", "", name)


def plain(value: Any, config_maps: set[str]) -> Any:
    """Without what is Helm's own and without namespaces, all lists in an order of their own."""
    if isinstance(value, dict):
        kept = {key: plain(each, config_maps) for key, each in value.items() if key not in HELMS_OWN}
        kept.pop("namespace", None)
        return {key: each for key, each in kept.items() if each != {}}
    if isinstance(value, list):
        items = [plain(each, config_maps) for each in value]
        return sorted(items, key=sort_key)
    return without_hash(value) if value in config_maps else value


def sort_key(item: Any) -> str:
    return repr(sorted(item.items())) if isinstance(item, dict) else repr(item)

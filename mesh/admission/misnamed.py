"""Entries of settings that name a method which does not exist: they would do nothing, without a word."""

from collections.abc import Iterable, Iterator

from google.protobuf import descriptor_pool

from mesh.settings import MeshSettings


def misnamed_methods(settings: MeshSettings, services: Iterable[str]) -> Iterator[str]:
    """Patterns, of any setting, that name no method of a service of ours; other servers' services pass."""
    tables = (
        settings.rate_limits,
        settings.stream_limits,
        settings.call_limits,
        settings.call_priorities,
        settings.method_roles,
    )
    known = {service: _methods(service) for service in services}
    for pattern in sorted({pattern for table in tables for pattern in table.patterns}):
        service, _, method = pattern.partition("/")
        if known.get(service) and method not in known[service]:
            yield pattern


def _methods(service: str) -> set[str]:
    try:
        found = descriptor_pool.Default().FindServiceByName(service)
    except KeyError:  # served without a contract: nothing is known about it
        return set()
    return {"*", *(method.name for method in found.methods)}

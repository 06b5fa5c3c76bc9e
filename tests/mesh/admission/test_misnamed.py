"""A misspelt method in a limit is noticed at the start, where the contract says which there are."""

from grpc_health.v1 import health_pb2  # noqa: F401 - registers the contract that these tests look at

from mesh.admission.misnamed import misnamed_methods
from mesh.server import Service, serving
from mesh.settings import MeshSettings

HEALTH = "grpc.health.v1.Health"


def test_only_methods_that_a_known_service_lacks_are_named():
    settings = MeshSettings(
        rate_limits=f"*=unlimited,{HEALTH}/Chek=unlimited,{HEALTH}/Check=unlimited,a.B/C=unlimited",
        call_limits=f"{HEALTH}/*=3,{HEALTH}/Whatch=3",
    )
    assert list(misnamed_methods(settings, [HEALTH, "a.B"])) == [f"{HEALTH}/Chek", f"{HEALTH}/Whatch"]
    assert list(misnamed_methods(settings, ["a.B"])) == []


async def test_a_server_says_so_when_it_starts(caplog, health):
    settings = MeshSettings(port=0, drain_seconds=0, rate_limits=f"{HEALTH}/Chek=unlimited")
    async with serving(settings, [Service(HEALTH, lambda server: None)], health=health):
        pass
    assert f"{HEALTH}/Chek" in caplog.text

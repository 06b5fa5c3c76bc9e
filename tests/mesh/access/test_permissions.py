"""Every RPC of every contract has a least role, and nothing else has one."""

import importlib
import pkgutil

import pytest
import spreadmesh
from google.protobuf import descriptor_pool

from mesh.access.permissions import DEFAULT_ROLES
from mesh.access.roles import Role


def contracts() -> dict[str, set[str]]:
    """Methods by service, of every generated module."""
    found = {}
    for module in pkgutil.walk_packages(spreadmesh.__path__, "spreadmesh."):
        if module.name.endswith("_pb2"):
            services = importlib.import_module(module.name).DESCRIPTOR.services_by_name.values()
            found |= {service.full_name: {method.name for method in service.methods} for service in services}
    return found


CONTRACTS = contracts()
METHODS = sorted(f"{service}/{method}" for service, methods in CONTRACTS.items() for method in methods)
ORDERS, CONTROL = "spreadmesh.order.v1.OrderService", "spreadmesh.order.v1.ControlService"


def test_the_contracts_were_found():
    assert len(CONTRACTS) >= 6
    assert descriptor_pool.Default().FindServiceByName(ORDERS).full_name in CONTRACTS


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_least_role_of_its_own(method):
    assert method in DEFAULT_ROLES.patterns, "say in mesh/access/permissions.py who may call it"
    assert isinstance(DEFAULT_ROLES[method], Role)


def test_nothing_else_has_one():
    assert set(DEFAULT_ROLES.patterns) == {"*", *METHODS}


@pytest.mark.parametrize("method", [f"{ORDERS}/New", "spreadmesh.new.v1.NewService/Do", "Do", ""])
def test_a_method_that_nobody_thought_of_is_closed(method):
    assert DEFAULT_ROLES[method] is None


@pytest.mark.parametrize(
    ("role", "methods"),
    [
        (Role.VIEWER, {"GetOrder", "ListOrders", "ListExecutions", "ListPositions", "GetTradingStatus"}),
        (Role.VIEWER, {"WatchOrders", "WatchPositions", "WatchAccount"}),
        (Role.PREVIEWER, {"PreviewOrder"}),
        (Role.TRADER, {"PlaceOrder", "ReplaceOrder", "CancelOrder", "RenewLease", "EndLease", "Halt"}),
        (Role.OPERATOR, {"Resume", "CancelAllOrders"}),
    ],
)
def test_the_roles_of_orders(role, methods):
    of_orders = {f"{service}/{name}" for service in (ORDERS, CONTROL) for name in CONTRACTS[service]}
    wanted = {method for method in of_orders if method.partition("/")[2] in methods}
    assert len(wanted) == len(methods)
    assert {DEFAULT_ROLES[method] for method in wanted} == {role}


def test_whoever_only_looks_can_change_nothing():
    changing = ("Place", "Replace", "Cancel", "Save", "Delete", "Halt", "Resume", "Renew", "End")
    for method in METHODS:
        if method.partition("/")[2].startswith(changing):
            least = DEFAULT_ROLES[method]
            assert least is not None
            assert least > Role.VIEWER, method

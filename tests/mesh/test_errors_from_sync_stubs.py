"""Programs with synchronous stubs read the same errors; pytest-grpc starts the server and the channel."""

import grpc
import pytest
from google.rpc.error_details_pb2 import QuotaFailure, RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc

from mesh.errors import from_rpc_error, quota_exceeded, to_trailers


class RefusingHealth(health_pb2_grpc.HealthServicer):
    """Refuses every check the way the mesh does."""

    def Check(self, request, context):  # noqa: N802 - named by the generated base
        error = quota_exceeded("checks", "too many", 3.0)
        context.set_trailing_metadata(to_trailers(error))
        context.abort(error.code, error.message)


@pytest.fixture(scope="module")
def grpc_add_to_server():
    return health_pb2_grpc.add_HealthServicer_to_server


@pytest.fixture(scope="module")
def grpc_servicer():
    return RefusingHealth()


@pytest.fixture(scope="module")
def grpc_stub_cls():
    return health_pb2_grpc.HealthStub


def test_a_synchronous_stub_gets_code_message_and_details(grpc_stub):
    with pytest.raises(grpc.RpcError) as caught:
        grpc_stub.Check(health_pb2.HealthCheckRequest(), timeout=20)
    error = from_rpc_error(caught.value)
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.message == "checks: too many"
    assert [type(detail) for detail in error.details] == [QuotaFailure, RetryInfo]
    assert error.retry_after_seconds == 3.0

"""Every error keeps its code, its message and its details on the way through a real call."""

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc import error_details_pb2 as details
from google.rpc.status_pb2 import Status

from mesh import errors
from mesh.retry import is_retryable
from mesh.server import Service, serving
from mesh.settings import MeshSettings

CASES = [
    (errors.invalid_argument("legs[0].ratio", "must be positive"), "INVALID_ARGUMENT", [details.BadRequest]),
    (errors.invalid_arguments([("a", "x"), ("b", "y")]), "INVALID_ARGUMENT", [details.BadRequest]),
    (errors.out_of_range("expiration", "is in the past"), "OUT_OF_RANGE", [details.BadRequest]),
    (errors.not_found("order", "c-1", "there is none"), "NOT_FOUND", [details.ResourceInfo]),
    (
        errors.already_exists("order", "c-1", "OTHER_REQUEST", "was used for another order"),
        "ALREADY_EXISTS",
        [details.ErrorInfo, details.ResourceInfo],
    ),
    (
        errors.quota_exceeded("market data lines", "all 100 are leased", 1.5),
        "RESOURCE_EXHAUSTED",
        [details.QuotaFailure, details.RetryInfo],
    ),
    (errors.unavailable("the gateway is away", 0.25), "UNAVAILABLE", [details.RetryInfo]),
    (
        errors.failed_precondition("KILLED", "orders", "the kill switch is on"),
        "FAILED_PRECONDITION",
        [details.PreconditionFailure],
    ),
    (
        errors.deadline_exceeded("PREVIEW_TIMEOUT", "no answer in 5 s"),
        "DEADLINE_EXCEEDED",
        [details.ErrorInfo],
    ),
    (errors.stale_resume("OLD_EPOCH", "the server has restarted"), "OUT_OF_RANGE", [details.ErrorInfo]),
    (errors.unauthenticated("NO_TOKEN", "a token is required"), "UNAUTHENTICATED", [details.ErrorInfo]),
    (errors.permission_denied("NOT_A_TRADER", "this role may not"), "PERMISSION_DENIED", [details.ErrorInfo]),
]


async def refusal_of(settings: MeshSettings, raised: Exception) -> errors.MeshError:
    """What a caller gets from a handler that raises."""

    async def refuse(_request: bytes, _context: object) -> bytes:
        raise raised

    handler = grpc.method_handlers_generic_handler(
        "test.Refuse", {"Refuse": grpc.unary_unary_rpc_method_handler(refuse)}
    )
    service = Service("test.Refuse", lambda server: server.add_generic_rpc_handlers([handler]))
    async with (
        serving(settings, [service]) as server,
        grpc.aio.insecure_channel(server.address) as channel,
    ):
        with pytest.raises(grpc.RpcError) as caught:
            await channel.unary_unary("/test.Refuse/Refuse")(b"", timeout=20)
    return errors.from_rpc_error(caught.value)


@pytest.mark.parametrize(("error", "code", "kinds"), CASES, ids=[str(case[0]) for case in CASES])
async def test_an_error_comes_back_as_it_was_raised(settings, error, code, kinds):
    back = await refusal_of(settings, error)
    assert back.code.name == code
    assert [type(detail) for detail in back.details] == kinds
    assert (back.message, back.details) == (error.message, error.details)


def test_messages_name_what_is_wrong():
    assert str(errors.invalid_arguments([("legs[0].ratio", "must be positive"), ("", "too many legs")])) == (
        "INVALID_ARGUMENT: legs[0].ratio: must be positive; too many legs"
    )
    assert errors.not_found("order", "c-1", "there is none").message == "order c-1: there is none"


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (errors.unavailable("away", 0.25), 0.25),
        (errors.quota_exceeded("lines", "none left", 2.0), 2.0),
        (errors.invalid_argument("a", "b"), None),
    ],
)
def test_how_long_to_wait_is_told_in_seconds(error, seconds):
    assert error.retry_after_seconds == seconds


def rpc_error(trailer: bytes) -> grpc.aio.AioRpcError:
    trailers = grpc.aio.Metadata((errors.DETAILS_KEY, trailer))
    return grpc.aio.AioRpcError(grpc.StatusCode.ABORTED, grpc.aio.Metadata(), trailers, "try again")


async def test_a_call_that_the_server_gave_up_may_be_tried_again(settings):
    back = await refusal_of(settings, errors.MeshError(grpc.StatusCode.CANCELLED, ""))
    assert is_retryable(back)
    assert back.retry_after_seconds is None, "it may have been done"


def test_a_damaged_trailer_leaves_code_and_message():
    error = errors.from_rpc_error(rpc_error(b"\xff\xff"))
    assert (error.code, error.message, error.details) == (grpc.StatusCode.ABORTED, "try again", ())


def test_a_detail_of_an_unknown_type_is_kept_packed():
    status = Status(code=10, message="try again")
    status.details.add().Pack(Struct())
    (detail,) = errors.from_rpc_error(rpc_error(status.SerializeToString())).details
    assert detail.TypeName() == "google.protobuf.Struct"


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (ExceptionGroup("tasks", [errors.unavailable("away", 1.0)]), grpc.StatusCode.UNAVAILABLE),
        (
            ExceptionGroup("outer", [ExceptionGroup("inner", [errors.invalid_argument("credits", "many")])]),
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
        (
            ExceptionGroup("tasks", [errors.unavailable("away", 1.0), KeyError("con_id")]),
            grpc.StatusCode.INTERNAL,
        ),
    ],
)
async def test_a_refusal_inside_a_task_group_is_a_refusal(settings, raised, code):
    assert (await refusal_of(settings, raised)).code is code

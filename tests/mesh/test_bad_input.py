"""Whatever bytes arrive, the caller gets the documented status and detail, on all call kinds and styles."""

import gzip
import math

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value
from google.rpc.error_details_pb2 import BadRequest, PreconditionFailure, RequestInfo

from mesh.errors import MeshError, from_rpc_error

GOOD = Struct(fields={"symbol": Value(string_value="SPY")}).SerializeToString()


def text(value: str) -> bytes:
    return Struct(fields={"symbol": Value(string_value=value)}).SerializeToString()


def number(value: float) -> bytes:
    return Struct(fields={"price": Value(number_value=value)}).SerializeToString()


def do(what: str) -> bytes:
    return Struct(fields={"do": Value(string_value=what)}).SerializeToString()


def nested(depth: int) -> bytes:
    """`Value.list_value.values[0]...`: each level costs two messages."""
    data = b"\x1a\x00"  # string_value: ""
    for _ in range(depth):
        for tag in (b"\x0a", b"\x32"):  # ListValue.values, Value.list_value
            data = tag + varint(len(data)) + data
    entry = b"\x0a\x01a" + b"\x12" + varint(len(data)) + data
    return b"\x0a" + varint(len(entry)) + entry


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


async def refusal(client, method: str, *payloads: bytes, **options: object) -> MeshError:
    with pytest.raises(grpc.RpcError) as caught:
        await client.call(method, *payloads, **options)
    return from_rpc_error(caught.value)


async def test_good_input_comes_back(client, method):
    assert await client.call(method, GOOD) == [Struct.FromString(GOOD)]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"\xff\xff\xff", id="malformed"),
        pytest.param(GOOD[:-1], id="truncated"),
        pytest.param(GOOD.replace(b"SPY", b"S\xff\xfe"), id="bad UTF-8"),
        pytest.param(nested(101), id="nested too deep"),
    ],
)
async def test_what_is_not_a_message_is_an_invalid_argument(client, method, payload):
    error = await refusal(client, method, payload)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    (bad,) = error.details
    assert isinstance(bad, BadRequest)
    assert "not a valid" in bad.field_violations[0].description


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        (text("SPY\0 C"), "fields['symbol'].string_value"),
        (text("SPY\nC"), "fields['symbol'].string_value"),
        (text("\x7f"), "fields['symbol'].string_value"),
        (text("SPY\x85"), "fields['symbol'].string_value"),
        (number(math.nan), "fields['price'].number_value"),
        (number(math.inf), "fields['price'].number_value"),
        (number(-math.inf), "fields['price'].number_value"),
    ],
)
async def test_values_that_no_field_may_hold_are_named(client, method, payload, path):
    error = await refusal(client, method, payload)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    (bad,) = error.details
    assert isinstance(bad, BadRequest)
    assert [violation.field for violation in bad.field_violations] == [path]
    assert path in error.message


@pytest.mark.parametrize("method", ["StreamUnary", "StreamStream", "ReadingWriting"])
@pytest.mark.parametrize("payload", [b"\xff\xff\xff", text("\0"), number(math.nan)])
async def test_every_message_of_a_stream_is_checked(client, method, payload):
    error = await refusal(client, method, GOOD, GOOD, payload)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_exception_says_nothing_but_its_request_id(client, method, caplog):
    error = await refusal(client, method, do("raise"))
    assert error.code is grpc.StatusCode.INTERNAL
    assert error.message == ""
    (info,) = error.details
    assert isinstance(info, RequestInfo)
    assert info.request_id
    assert "swordfish" not in str([detail.SerializeToString() for detail in error.details])
    assert info.request_id in caplog.text
    assert "swordfish" in caplog.text, "the log has what the caller must not see"


async def test_a_refusal_reaches_the_caller_with_its_details(client, method):
    error = await refusal(client, method, do("refuse"))
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    (failure,) = error.details
    assert isinstance(failure, PreconditionFailure)
    assert failure.violations[0].type == "KILLED"
    assert error.message == "orders: the kill switch is on"


async def test_over_four_mebibytes_is_refused(client, method):
    error = await refusal(client, method, text("x" * (4 << 20)))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_what_unpacks_to_over_four_mebibytes_is_refused(client, method):
    bomb = text("x" * (8 << 20))
    assert len(gzip.compress(bomb)) < 1 << 20
    error = await refusal(client, method, bomb, compression=grpc.Compression.Gzip)
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_metadata_over_sixteen_kibibytes_is_refused(client, method):
    error = await refusal(client, method, GOOD, metadata=[("x-filler", "x" * (16 << 10))])
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_metadata_below_the_limit_passes(client, method):
    assert await client.call(method, GOOD, metadata=[("x-filler", "x" * (15 << 10))])


async def test_the_server_survives_it_all(client):
    for payload in (b"\xff\xff\xff", text("\0"), do("raise"), text("x" * (4 << 20))):
        await refusal(client, "UnaryUnary", payload)
    assert await client.call("UnaryUnary", GOOD) == [Struct.FromString(GOOD)]

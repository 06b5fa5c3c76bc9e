"""Whatever arrives at an RPC of orders, the caller gets the documented status, and the desk nothing.

The desk behind this server fails whoever touches it: what comes back as INTERNAL was let through.
"""

import gzip
import math
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor import FieldDescriptor
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RequestInfo, RetryInfo

from mesh.access.keys import key_line
from mesh.access.permissions import DEFAULT_ROLES
from mesh.access.roles import Role
from mesh.errors import MeshError
from mesh.logging import configure_logging
from mesh.settings import MeshSettings
from tests.ibkr_server.rpc.order_calls import KEYS, SECRET, Caller, callers
from tests.ibkr_server.rpc.order_samples import METHODS, STREAMS, UNARY, path, request_class, sample
from tests.ibkr_server.rpc.raw_messages import Way, encoded, fields_of, filler, groups, put
from tests.ibkr_server.rpc.wrong_orders import WRONG_ORDERS
from tests.ibkr_server.rpc.wrong_requests import WRONG_REQUESTS

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module", autouse=True)
def _logging() -> None:
    configure_logging()


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("access") / "keys"
    file.write_text("\n".join(key_line(role.name.lower(), role, key) for role, key in KEYS.items()))
    return file


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(keys_file) -> AsyncIterator[Caller]:
    async for each in callers(MeshSettings(port=0, drain_seconds=0, api_keys_file=keys_file)):
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rationed(keys_file) -> AsyncIterator[Caller]:
    ration = {"rate_limits": "*=fixed_window:1/h"}
    async for each in callers(MeshSettings(port=0, drain_seconds=0, api_keys_file=keys_file, **ration)):
        yield each


TEXTS = [
    (name, where, way)
    for name, method in METHODS.items()
    for where, way in fields_of(method.input_type, FieldDescriptor.TYPE_STRING)
]
NUMBERS = [
    (name, where, way)
    for name, method in METHODS.items()
    for where, way in fields_of(method.input_type, FieldDescriptor.TYPE_DOUBLE)
]


def each(rows: list[tuple[str, str, Way]]) -> pytest.MarkDecorator:
    names = [f"{name} {where}" for name, where, _ in rows]
    return pytest.mark.parametrize(("name", "where", "way"), rows, ids=names)


def told(error: MeshError) -> list[str]:
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    (bad,) = error.details
    assert isinstance(bad, BadRequest)
    return [violation.field for violation in bad.field_violations]


async def test_the_rows_are_about_all_there_is():
    assert len(METHODS) == 17
    assert {name for name, *_ in TEXTS} >= {"PlaceOrder", "ReplaceOrder", "CancelOrder", "Halt", "Resume"}
    assert {name for name, *_ in NUMBERS} == {"RenewLease", "WatchPositions", "WatchAccount"}


@pytest.mark.parametrize("name", METHODS)
async def test_what_is_sound_gets_to_the_desk_whose_failure_is_not_told(caller, caplog, name):
    error = await caller.refusal(name, sample(name).SerializeToString())
    assert (error.code, error.message) == (grpc.StatusCode.INTERNAL, "")
    (info,) = error.details
    assert isinstance(info, RequestInfo)
    assert info.request_id in caplog.text
    assert SECRET in caplog.text, "the log has what the caller must not see"


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "data",
    [b"\xff\xff\xff", b"\x0a\x05a", b"\x0b", groups(101)],
    ids=["garbage", "cut", "open group", "nesting"],
)
async def test_what_is_no_message(caller, name, data):
    assert told(await caller.refusal(name, data)) == [""]


@pytest.mark.parametrize("name", METHODS)
async def test_nesting_below_the_limit_and_fields_of_tomorrow_pass(caller, name):
    data = sample(name).SerializeToString() + groups(50) + filler(1000)
    assert (await caller.refusal(name, data)).code is grpc.StatusCode.INTERNAL


@each(TEXTS)
async def test_bad_utf8_in_any_text(caller, name, where, way):
    assert told(await caller.refusal(name, encoded(way, b"a\xff\xfe"))) == [""]


@each(TEXTS)
@pytest.mark.parametrize("text", ["a\0b", "a\nb", "\x7f", "a\x85b"], ids=["NUL", "newline", "DEL", "NEL"])
async def test_a_control_character_in_any_text(caller, name, where, way, text):
    request = put(sample(name), way, text)
    assert told(await caller.refusal(name, request.SerializeToString())) == [where]


@pytest.mark.parametrize(
    ("name", "where", "way"), NUMBERS, ids=[f"{name} {where}" for name, where, _ in NUMBERS]
)
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1.79e308])
async def test_no_number_in_any_number(caller, name, where, way, number):
    request = put(sample(name), way, number)
    assert told(await caller.refusal(name, request.SerializeToString())) == [where]


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("size", [256 << 10, 5 << 20], ids=["256 KiB", "5 MiB"])
async def test_too_long(caller, name, size):
    error = await caller.refusal(name, sample(name).SerializeToString() + filler(size))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("name", METHODS)
async def test_a_little_less_is_not(caller, name):
    data = sample(name).SerializeToString()
    data += filler((256 << 10) - len(data) - 6)
    assert (await caller.refusal(name, data)).code is grpc.StatusCode.INTERNAL


@pytest.mark.parametrize("name", METHODS)
async def test_a_gzip_bomb(caller, name):
    bomb = filler(8 << 20)
    assert len(gzip.compress(bomb)) < 64 << 10
    error = await caller.refusal(name, bomb, compression=grpc.Compression.Gzip)
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("name", METHODS)
async def test_metadata_too_long(caller, name):
    metadata = [("authorization", f"Bearer {KEYS[Role.OPERATOR]}"), ("x-filler", "x" * (16 << 10))]
    error = await caller.refusal(name, sample(name).SerializeToString(), metadata=metadata)
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("deadline", [None, 65, 3600])
async def test_no_deadline_or_a_far_one(caller, name, deadline):
    error = await caller.refusal(name, sample(name).SerializeToString(), deadline=deadline)
    assert told(error) == ["grpc-timeout"]


@pytest.mark.parametrize("name", METHODS)
async def test_a_minute_is_no_far_deadline_and_a_stream_needs_none(caller, name):
    deadline = None if name in STREAMS else 60
    error = await caller.refusal(name, sample(name).SerializeToString(), deadline=deadline)
    assert error.code is grpc.StatusCode.INTERNAL


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "metadata", [[], [("authorization", "Bearer smk_stolen")]], ids=["no key", "another key"]
)
async def test_who_is_not_known(caller, name, metadata):
    error = await caller.refusal(name, sample(name).SerializeToString(), metadata=metadata)
    assert error.code is grpc.StatusCode.UNAUTHENTICATED
    assert isinstance(error.details[0], ErrorInfo)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("role", Role)
async def test_each_role(caller, name, role):
    error = await caller.refusal(name, sample(name).SerializeToString(), role=role)
    if role >= DEFAULT_ROLES[path(name)]:
        assert error.code is grpc.StatusCode.INTERNAL
    else:
        assert error.code is grpc.StatusCode.PERMISSION_DENIED
        assert isinstance(error.details[0], ErrorInfo)


@pytest.mark.parametrize("name", METHODS)
async def test_more_than_the_rate(rationed, name):
    data = sample(name).SerializeToString()
    await rationed.refusal(name, data)
    error = await rationed.refusal(name, data)
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert [type(detail) for detail in error.details] == [QuotaFailure, RetryInfo]


@pytest.mark.parametrize("wrong", WRONG_ORDERS)
@pytest.mark.parametrize("name", ["PreviewOrder", "PlaceOrder"])
async def test_an_order_that_makes_no_sense(caller, name, wrong):
    change, field = WRONG_ORDERS[wrong]
    request = sample(name)
    change(request.order)
    assert field in told(await caller.refusal(name, request.SerializeToString()))


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [(name, change, field) for name, _, change, field in WRONG_REQUESTS],
    ids=[f"{name} {wrong}" for name, wrong, *_ in WRONG_REQUESTS],
)
async def test_a_request_that_makes_no_sense(caller, name, change, field):
    request = sample(name)
    change(request)
    assert told(await caller.refusal(name, request.SerializeToString())) == [field]


async def test_a_message_of_another_rpc_is_judged_as_what_it_says(caller):
    for name in METHODS:
        for other in METHODS:
            data = sample(other).SerializeToString()
            if sample(other) != request_class(other)():
                error = await caller.refusal(name, data)
                assert error.code in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL}

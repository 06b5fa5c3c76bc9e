"""A real server asks who calls: the wrong key and the wrong role get their statuses, on all call kinds."""

from pathlib import Path

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct, Value
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc

from mesh.access.keys import key_line, new_key
from mesh.access.roles import Role, current_caller
from mesh.channel import open_channel
from mesh.errors import MeshError, from_rpc_error
from mesh.settings import MeshSettings
from mesh.telemetry.refusals import DENIED
from tests.mesh.conftest import EchoClient

SERVICE = "spreadmesh.test.v1.EchoService"
HELLO = Struct(fields={"say": Value(string_value="hello")}).SerializeToString()
KEYS = {role: new_key() for role in Role}


@pytest.fixture(params=[{}])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> MeshSettings:
    path = tmp_path / "keys"
    path.write_text("\n".join(key_line(f"a-{role.name.lower()}", role, key) for role, key in KEYS.items()))
    chosen = {"api_keys_file": path, "method_roles": f"*=nobody,{SERVICE}/*=trader"} | request.param
    return MeshSettings(host="127.0.0.1", port=0, drain_seconds=0, **chosen)


def bearer(key: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {key}")]


async def refusal(client, method: str, metadata: list[tuple[str, str]]) -> tuple[MeshError, str]:
    with pytest.raises(grpc.RpcError) as caught:
        await client.call(method, HELLO, metadata=metadata)
    error = from_rpc_error(caught.value)
    (info,) = error.details
    assert isinstance(info, ErrorInfo)
    assert info.domain == "spreadmesh"
    return error, info.reason


@pytest.mark.parametrize("role", [Role.TRADER, Role.OPERATOR])
async def test_the_least_role_and_those_above_it_pass(client, method, role):
    assert await client.call(method, HELLO, metadata=bearer(KEYS[role])) == [Struct.FromString(HELLO)]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PREVIEWER])
async def test_a_lower_role_does_not(client, method, role):
    before = DENIED[f"{SERVICE}/{method}"] if role is Role.PREVIEWER else None
    error, reason = await refusal(client, method, bearer(KEYS[role]))
    assert (error.code, reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")
    assert error.message == f"a-{role.name.lower()} is a {role.name.lower()}; this takes a trader"
    if before is not None:
        assert DENIED[f"{SERVICE}/{method}"] == before + 1


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ([], "API_KEY_MISSING"),
        (bearer(new_key()), "API_KEY_UNKNOWN"),
        (bearer(""), "API_KEY_UNKNOWN"),
        (bearer(KEYS[Role.TRADER] + "x"), "API_KEY_UNKNOWN"),
        ([("authorization", KEYS[Role.TRADER])], "API_KEY_MALFORMED"),
        ([("authorization", f"Basic {KEYS[Role.TRADER]}")], "API_KEY_MALFORMED"),
        (bearer(KEYS[Role.VIEWER]) + bearer(KEYS[Role.TRADER]), "API_KEY_MALFORMED"),
    ],
)
async def test_who_is_not_known_is_not_let_in(client, method, metadata, reason):
    error, given = await refusal(client, method, metadata)
    assert (error.code, given) == (grpc.StatusCode.UNAUTHENTICATED, reason)


@pytest.mark.parametrize("settings", [{"method_roles": ""}], indirect=True, ids=["the defaults"])
async def test_a_method_that_is_in_no_table_is_closed_to_an_operator_too(client, method, settings):
    error, reason = await refusal(client, method, bearer(KEYS[Role.OPERATOR]))
    assert (error.code, reason) == (grpc.StatusCode.PERMISSION_DENIED, "METHOD_CLOSED")


async def test_no_refusal_log_line_or_span_holds_a_key(client, method, caplog, span_memory):
    caplog.set_level("DEBUG")
    key = new_key()
    error, _ = await refusal(client, method, bearer(key))
    await client.call(method, HELLO, metadata=bearer(KEYS[Role.TRADER]))
    shown = [
        str(error),
        str(error.details),
        caplog.text,
        *(span.to_json() for span in span_memory.get_finished_spans()),
    ]
    for secret in (key, KEYS[Role.TRADER]):
        assert not any(secret in text for text in shown)


async def test_health_and_unknown_methods_ask_for_no_key(server):
    async with grpc.aio.insecure_channel(server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as caught:
            await channel.unary_unary(f"/{SERVICE}/Nothing")(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_channel_sends_its_key(server, method):
    async with open_channel(server.address, api_key=KEYS[Role.TRADER]) as channel:
        assert await EchoClient(channel).call(method, HELLO) == [Struct.FromString(HELLO)]


@pytest.mark.parametrize("key", ["two words", "new\nline", "clé", "nul\0"])
def test_a_channel_takes_no_key_that_could_be_more_than_one_header(key):
    with pytest.raises(ValueError, match="visible ASCII") as caught:
        open_channel("127.0.0.1:1", api_key=key)
    assert key not in str(caught.value)


async def test_a_handler_learns_who_calls(server, echo, client, method, monkeypatch):
    seen = []
    act = echo.act

    async def noting(request: Struct) -> Struct:
        seen.append(current_caller())
        return await act(request)

    monkeypatch.setattr(echo, "act", noting)
    for role in (Role.TRADER, Role.OPERATOR):
        await client.call(method, HELLO, metadata=bearer(KEYS[role]))
    assert [(caller.name, caller.role) for caller in seen] == [
        ("a-trader", Role.TRADER),
        ("a-operator", Role.OPERATOR),
    ]


@pytest.mark.parametrize(
    "settings", [{"api_keys_file": None, "anonymous_role": Role.TRADER}], indirect=True, ids=["no keys"]
)
async def test_without_a_file_of_keys_all_have_the_role_of_the_anonymous(client, method, settings):
    assert await client.call(method, HELLO)
    assert await client.call(method, HELLO, metadata=bearer(new_key())), (
        "a key is not needed, and no hindrance"
    )


@pytest.mark.parametrize(
    "settings", [{"rate_limits": "*=fixed_window:1/h"}], indirect=True, ids=["1 an hour"]
)
async def test_a_key_has_a_budget_of_its_own_whatever_name_it_sends(client, method, settings):
    for role in (Role.TRADER, Role.OPERATOR):
        await client.call(method, HELLO, metadata=bearer(KEYS[role]))
    with pytest.raises(grpc.RpcError) as caught:
        await client.call(method, HELLO, metadata=[*bearer(KEYS[Role.TRADER]), ("x-client", "another")])
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

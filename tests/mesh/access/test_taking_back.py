"""Streams whose callers may no longer call end soon, with the reason; the others run on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct

from mesh import watched
from mesh.access import taking_back
from mesh.access.authentication import ByCredentials
from mesh.access.issuer_keys import IssuerKeys
from mesh.access.keys import key_line
from mesh.access.roles import Role
from mesh.access.taking_back import CHECK_SECONDS, ending_once_refused
from mesh.access.token_callers import TokenCallers
from mesh.access.token_claims import LEEWAY_SECONDS, TokenRules
from mesh.errors import MeshError, from_rpc_error, unauthenticated
from mesh.interceptors.access import AccessInterceptor
from mesh.methods import MethodTable
from mesh.settings import MeshSettings
from tests import virtual_time
from tests.mesh.access.calls import Call
from tests.mesh.conftest import ECHO
from tests.token_issuer import AUDIENCE, TokenIssuer

KEY = "smk_ann"
WALL = 1_900_000_000.0


async def endless(_request: Any, context: Any) -> AsyncIterator[float]:
    while True:
        yield asyncio.get_running_loop().time()
        await asyncio.sleep(1)


class Written(Call):
    """Keeps what a handler writes."""

    last = 0.0

    async def write(self, message: float) -> None:
        self.last = message


async def read_until_refused(seconds: float, then: Callable[[TokenIssuer], None]) -> tuple[float, str]:
    """How long a stream ran by a token that is good for so long, and what ended it."""
    loop, issuer = asyncio.get_running_loop(), TokenIssuer()
    began = loop.time()

    async def fetch() -> bytes:
        return issuer.key_set

    keys = IssuerKeys(fetch, loop.time)
    rules = TokenRules(issuer.url, AUDIENCE, "spreadmesh_role", "sub")
    callers = TokenCallers(keys, rules, lambda: WALL + loop.time() - began)
    interceptor = AccessInterceptor(ByCredentials(tokens=callers), MethodTable({"*": Role.VIEWER}))
    handler = interceptor.wrap(grpc.unary_stream_rpc_method_handler(endless), "/test.Clock/Watch")
    call = Written(issuer.token(now=WALL, exp=WALL + seconds))
    async with keys.kept_fresh():
        then(issuer)
        with pytest.raises(MeshError) as caught:
            await handler.unary_stream(None, call)
    return call.last - began, caught.value.details[0].reason


@pytest.mark.parametrize("seconds", [60, 3600])
def test_a_stream_ends_with_its_token(seconds):
    lasted, reason = virtual_time.run(read_until_refused(seconds, lambda _: None))
    end = seconds + LEEWAY_SECONDS
    assert end - 1 <= lasted <= end + CHECK_SECONDS
    assert reason == "JWT_EXPIRED"


def test_a_stream_ends_with_the_key_that_signed_its_token():
    lasted, reason = virtual_time.run(read_until_refused(86_400, lambda issuer: issuer.rotate("second")))
    assert lasted <= 300 + CHECK_SECONDS
    assert reason == "JWT_KEY_UNKNOWN"


def test_what_raises_itself_is_not_hidden():
    async def course(error: Exception) -> None:
        async with ending_once_refused(lambda: None):
            await asyncio.sleep(100)
            raise error

    for error in (TimeoutError(), MeshError(grpc.StatusCode.ABORTED, ""), ValueError()):
        with pytest.raises(type(error)) as caught:
            virtual_time.run(course(error))
        assert caught.value is error


def test_nothing_is_left_behind():
    async def course() -> None:
        checked = []
        async with ending_once_refused(lambda: checked.append(1)):
            await asyncio.sleep(10 * CHECK_SECONDS + 1)
        await asyncio.sleep(10 * CHECK_SECONDS)
        assert len(checked) == 10

    virtual_time.run(course())


def test_a_handler_that_is_refused_may_tidy_up():
    tidied = []

    async def course() -> None:
        def refuse() -> None:
            raise unauthenticated("GONE", "")

        async with ending_once_refused(refuse):
            try:
                await asyncio.sleep(100)
            finally:
                tidied.append(asyncio.get_running_loop().time())

    with pytest.raises(MeshError, match="UNAUTHENTICATED"):
        virtual_time.run(course())
    assert len(tidied) == 1


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(key_line("ann", Role.TRADER, KEY))
    return path


@pytest.fixture
def settings(keys: Path, monkeypatch: pytest.MonkeyPatch) -> MeshSettings:
    monkeypatch.setattr(watched, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(taking_back, "CHECK_SECONDS", 0.02)
    return MeshSettings(drain_seconds=0, api_keys_file=keys, method_roles="*=previewer")


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        ("", grpc.StatusCode.UNAUTHENTICATED, "API_KEY_UNKNOWN"),
        (key_line("ann", Role.VIEWER, KEY), grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW"),
        (key_line("ann", Role.PREVIEWER, KEY), grpc.StatusCode.UNAUTHENTICATED, "CALLER_CHANGED"),
        (key_line("bob", Role.TRADER, KEY), grpc.StatusCode.UNAUTHENTICATED, "CALLER_CHANGED"),
    ],
)
async def test_a_real_stream_ends_when_its_key_is_taken_back(client, keys, line, code, reason):
    said = Struct().SerializeToString()
    open_stream = client._channel.stream_stream(f"/{ECHO}/StreamStream", None, Struct.FromString)
    call = open_stream(metadata=[("authorization", f"Bearer {KEY}")], timeout=20)
    await call.write(said)
    await call.read()
    await asyncio.sleep(0.1)
    await call.write(said)
    assert await call.read() == Struct(), "it runs on as long as nothing changes"
    keys.write_text(line)
    with pytest.raises(grpc.RpcError) as caught:
        await call.read()
    error = from_rpc_error(caught.value)
    assert (error.code, error.details[0].reason) == (code, reason)

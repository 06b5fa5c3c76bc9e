"""A client by a token: sent with every call, and a stream that ends with it goes on by the next one."""

import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from spreadmesh_client.connection import connect
from spreadmesh_client.sending import Requests
from spreadmesh_client.streams import DEFAULT_LIMITS, ReopeningStream

from mesh import watched
from mesh.access import taking_back
from mesh.channel import environment_api_key, open_channel
from mesh.errors import MeshError
from mesh.server import Service, serving
from mesh.settings import MeshSettings
from tests.mesh.conftest import ECHO, EchoServicer
from tests.token_issuer import AUDIENCE, TokenIssuer

NEARLY_OVER = 29.0
"""Seconds that a token has been over, of the 30 that clocks may differ."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[TokenIssuer]:
    issuer = TokenIssuer()
    with issuer.serving():
        yield issuer


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "token"
    monkeypatch.delenv("SPREADMESH_API_KEY", raising=False)
    monkeypatch.setenv("SPREADMESH_API_KEY_FILE", str(path))
    monkeypatch.setattr(watched, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(taking_back, "CHECK_SECONDS", 0.02)
    return path


def settings(issuer: TokenIssuer) -> MeshSettings:
    known = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}
    return MeshSettings(drain_seconds=0, method_roles="*=viewer", **known)


def echoes(channel: grpc.aio.Channel) -> ReopeningStream[Struct, Struct]:
    method = channel.stream_stream(f"/{ECHO}/StreamStream", Struct.SerializeToString, Struct.FromString)

    def start(requests: Requests[Struct], timeout: float | None) -> grpc.aio.Call:
        return method(requests, timeout=timeout)

    return ReopeningStream(start, lambda: [Struct()], DEFAULT_LIMITS)


async def test_a_stream_that_ends_with_its_token_goes_on_by_the_next_one(issuer, file):
    file.write_text(issuer.token(exp=time.time() - NEARLY_OVER))
    async with (
        serving(settings(issuer), [Service(ECHO, EchoServicer().register)]) as server,
        open_channel(server.address, api_key=environment_api_key()) as channel,
    ):
        stream = echoes(channel)
        assert await stream.read() == Struct()
        file.write_text(issuer.token())
        assert await stream.read() is None, "it broke, and says so"
        assert await stream.read() == Struct()
        assert stream.calls == 2
        stream.drop()


async def test_without_a_new_token_it_is_told(issuer, file):
    file.write_text(issuer.token(exp=time.time() - NEARLY_OVER))
    async with (
        serving(settings(issuer), [Service(ECHO, EchoServicer().register)]) as server,
        open_channel(server.address, api_key=environment_api_key()) as channel,
    ):
        stream = echoes(channel)
        assert await stream.read() == Struct()
        assert await stream.read() is None
        with pytest.raises(MeshError) as caught:
            await stream.read()
        assert (caught.value.code, caught.value.reason) == (grpc.StatusCode.UNAUTHENTICATED, "JWT_EXPIRED")


async def test_a_program_gives_a_token_or_a_key_and_not_both():
    with pytest.raises(ValueError, match="not both"):
        async with connect(market="127.0.0.1:1", api_key="smk_ann", token="a.b.c"):
            pass


@pytest.mark.parametrize("kind", ["text", "function"])
async def test_a_program_calls_by_its_token(issuer, kind):
    asked = []

    def ask() -> str:
        asked.append(1)
        return token

    token = issuer.token(spreadmesh_role="viewer")
    async with (
        serving(settings(issuer), []) as server,
        connect(market=server.address, token=token if kind == "text" else ask) as client,
    ):
        for _ in range(2):
            with pytest.raises(MeshError) as caught:
                await client.market.get_option_chain("SPY")
            assert caught.value.code is grpc.StatusCode.UNIMPLEMENTED
    assert len(asked) == (0 if kind == "text" else 2)

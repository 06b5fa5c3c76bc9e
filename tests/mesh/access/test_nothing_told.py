"""Tokens, good and bad ones, stand in no log line, span or answer of a real server."""

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct

from mesh.channel import open_channel
from mesh.errors import from_rpc_error
from mesh.server import Service, serving
from mesh.settings import MeshSettings
from tests.mesh.conftest import ECHO, EchoClient, EchoServicer
from tests.token_issuer import AUDIENCE, TokenIssuer

HELLO = Struct().SerializeToString()


async def test_no_log_line_span_or_answer_holds_any_part_of_a_token(
    served_issuer, method, caplog, span_memory
):
    caplog.set_level("DEBUG")
    told = []
    tokens = {
        "OK": served_issuer.token(spreadmesh_role="viewer"),
        "JWT_EXPIRED": served_issuer.token(now=1.0),
        "JWT_INVALID": TokenIssuer(served_issuer.url).token(),
        "JWT_KEY_UNKNOWN": served_issuer.token(header={"kid": "elsewhere"}),
        "JWT_WITHOUT_ROLE": served_issuer.token(spreadmesh_role="root"),
        "API_KEY_UNKNOWN": served_issuer.token().replace(".", "-"),
    }
    known = {"oidc_issuer": served_issuer.url, "oidc_audience": AUDIENCE, "method_roles": "*=viewer"}
    async with serving(
        MeshSettings(drain_seconds=0, **known), [Service(ECHO, EchoServicer().register)]
    ) as server:
        for expected, token in tokens.items():
            async with open_channel(server.address, api_key=token) as channel:
                if expected == "OK":
                    assert await EchoClient(channel).call(method, HELLO)
                    continue
                with pytest.raises(grpc.RpcError) as caught:
                    await EchoClient(channel).call(method, HELLO)
            error = from_rpc_error(caught.value)
            assert error.reason == expected
            told.append(f"{error} {error.details}")
    assert len(span_memory.get_finished_spans()) >= len(tokens)
    told += [caplog.text, *(span.to_json() for span in span_memory.get_finished_spans())]
    parts = {part for token in tokens.values() for part in token.split(".")}
    assert not [part for part in parts for text in told if part in text]

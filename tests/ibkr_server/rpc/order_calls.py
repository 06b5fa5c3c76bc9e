"""Calls of the order services by somebody who sends what no client library would, to a desk that fails."""

from collections.abc import AsyncIterator
from typing import Final, NoReturn

import grpc
import pytest

from ibkr_server.rpc.order_services import order_services
from mesh.access.keys import new_key
from mesh.access.roles import Role
from mesh.errors import MeshError, from_rpc_error
from mesh.server import serving
from mesh.settings import MeshSettings
from tests.ibkr_server.rpc.order_samples import NOW, STREAMS, path

KEYS: Final = {role: new_key() for role in Role}
SECRET: Final = "swordfish"


class Untouchable:
    """Stands behind a servicer that should not get so far."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"{name}: the password is {SECRET} in {__file__}")


class Caller:
    """Sends bytes as they are, as an operator unless told otherwise."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def call(
        self,
        name: str,
        data: bytes,
        *,
        role: Role = Role.OPERATOR,
        deadline: float | None = 20,
        **options: object,
    ) -> None:
        options.setdefault("metadata", [("authorization", f"Bearer {KEYS[role]}")])
        if name in STREAMS:
            stream = self._channel.unary_stream(path(name))(data, timeout=deadline, **options)
            await stream.read()
            stream.cancel()
        else:
            await self._channel.unary_unary(path(name))(data, timeout=deadline, **options)

    async def refusal(self, name: str, data: bytes, **options: object) -> MeshError:
        with pytest.raises(grpc.RpcError) as caught:
            await self.call(name, data, **options)
        error = from_rpc_error(caught.value)
        shown = f"{error} {error.details} {caught.value.debug_error_string()}"
        assert SECRET not in shown
        assert "Traceback" not in shown
        assert ".py" not in shown
        assert not any(key in shown for key in KEYS.values())
        return error


async def callers(settings: MeshSettings) -> AsyncIterator[Caller]:
    desk = Untouchable()
    async with serving(settings, order_services(desk, desk, desk, lambda: NOW)) as server:
        limits = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(server.address, limits) as channel:
            yield Caller(channel)

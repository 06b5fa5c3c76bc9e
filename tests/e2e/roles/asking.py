"""Calling every method that servers say they have, with every credential."""

import asyncio
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub

from mesh.errors import from_rpc_error
from tests.certificates import Issued
from tests.e2e.roles.credentials import UNLISTED, Credential

NO_MESSAGE: Final = b"\xff"
AT_ONCE: Final = 32
ATTEMPTS: Final = 5
LOST: Final = "INTERNAL"
"""What grpc.aio says in place of the server's status when a write was under way as the call ended."""


@dataclass(frozen=True)
class Method:
    """One that a server has said it has."""

    address: str
    name: str
    requests: bool
    responses: bool


@dataclass(frozen=True)
class Found:
    """What the servers have, and what they answered."""

    methods: set[str]
    answers: dict[tuple[str, str], str]
    credentials: dict[str, Credential]


async def ask(addresses: list[str], proofs: dict[str, Issued], shown: dict[str, Credential]) -> Found:
    """Call everything with everything."""
    answers: dict[tuple[str, str], str] = {}
    room = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as tasks:
        methods = [method for address in addresses for method in await reflected(address, proofs[UNLISTED])]
        channels = {(address, uri): channel(address, proofs[uri]) for address in addresses for uri in proofs}

        async def answer(method: Method, kind: str) -> None:
            credential = shown[kind]
            async with room:
                open_channel = channels[method.address, credential.certificate]
                for _ in range(ATTEMPTS):
                    said = await call(open_channel, method, credential.bearer)
                    if said != LOST:
                        break
                answers[method.name, kind] = said

        for method in methods:
            for kind in shown:
                tasks.create_task(answer(method, kind))
    for each in channels.values():
        await each.close()
    return Found({method.name for method in methods}, answers, shown)


def channel(address: str, own: Issued) -> grpc.aio.Channel:
    proof = grpc.ssl_channel_credentials(own.authority, own.key, own.certificate)
    return grpc.aio.secure_channel(address, proof)


async def reflected(address: str, own: Issued) -> list[Method]:
    """What a server says that it has, but for health and reflection."""
    async with channel(address, own) as open_channel:
        await asyncio.wait_for(open_channel.channel_ready(), 60)
        talk = ServerReflectionStub(open_channel).ServerReflectionInfo(timeout=20)
        await talk.write(ServerReflectionRequest(list_services=""))
        listed = await talk.read()
        methods = []
        for service in listed.list_services_response.service:
            if service.name.startswith("grpc."):
                continue
            await talk.write(ServerReflectionRequest(file_containing_symbol=service.name))
            for serialized in (await talk.read()).file_descriptor_response.file_descriptor_proto:
                methods += of_service(address, service.name, FileDescriptorProto.FromString(serialized))
        await talk.done_writing()
        return methods


def of_service(address: str, name: str, file: FileDescriptorProto) -> list[Method]:
    return [
        Method(address, f"{name}/{method.name}", method.client_streaming, method.server_streaming)
        for service in file.service
        if f"{file.package}.{service.name}" == name
        for method in service.method
    ]


async def call(open_channel: grpc.aio.Channel, method: Method, bearer: str | None) -> str:
    """Status, and the reason where one is given."""
    metadata = () if bearer is None else (("authorization", f"Bearer {bearer}"),)
    path = f"/{method.name}"
    try:
        if method.requests:
            stream = open_channel.stream_stream(path)(iter([NO_MESSAGE]), metadata=metadata, timeout=30)
            await stream.read()
        elif method.responses:
            await open_channel.unary_stream(path)(NO_MESSAGE, metadata=metadata, timeout=30).read()
        else:
            await open_channel.unary_unary(path)(NO_MESSAGE, metadata=metadata, timeout=30)
    except grpc.aio.AioRpcError as refused:
        error = from_rpc_error(refused)
        reasons = [detail.reason for detail in error.details if isinstance(detail, ErrorInfo)]
        return " ".join([error.code.name, *reasons])
    return "OK"

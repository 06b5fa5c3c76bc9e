"""Certificates are exchanged under load: no stream ends, no call fails, and the new ones are really used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from mesh.channel import open_channel
from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue, shown_serial

STREAMS = 8
LIMIT_SECONDS = 20
EXPIRED = datetime.now(UTC) - timedelta(seconds=5)


pytestmark = pytest.mark.usefixtures("looking_always")


class Load:
    """Streams that count, and unary calls one after the other; any failure ends the test."""

    def __init__(self, channel: grpc.aio.Channel, until) -> None:
        self._am = channel.unary_unary("/test.Who/Am")
        self._count = channel.stream_stream("/test.Who/Count")
        self._until = until
        self.counts = [0] * STREAMS
        self.serial = 0

    async def stream(self, index: int) -> None:
        call = self._count(timeout=60)
        try:
            while True:
                await call.write(b"")
                assert await call.read() == str(self.counts[index]).encode()
                self.counts[index] += 1
        finally:
            call.cancel()

    async def calls(self) -> None:
        while True:
            self.serial = int(await self._am(b"", timeout=LIMIT_SECONDS))

    async def until_shown(self, serial: int) -> None:
        """The client shows this certificate, and every stream goes on after that."""
        await self._until(lambda: self.serial == serial)
        wanted = [count + 5 for count in self.counts]
        await self._until(lambda: all(count >= want for count, want in zip(self.counts, wanted, strict=True)))


@asynccontextmanager
async def loading(channel: grpc.aio.Channel, until) -> AsyncIterator[Load]:
    load = Load(channel, until)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(load.stream(index)) for index in range(STREAMS)]
        running.append(tasks.create_task(load.calls()))
        yield load
        for task in running:
            task.cancel()


async def test_the_certificate_of_the_server_is_renewed(server, authority, server_files, client_tls, until):
    async with open_channel(server.address, tls=client_tls) as channel, loading(channel, until) as load:
        for _ in range(3):
            renewed = issue(authority, f"{SPIFFE}/server", LOCAL)
            server_files.exchange(renewed)
            assert await shown_serial(server.port) == renewed.serial
            await load.until_shown(load.serial)
            async with open_channel(server.address, tls=client_tls) as another:
                await another.unary_unary("/test.Who/Am")(b"", timeout=LIMIT_SECONDS)


async def test_the_certificate_of_the_client_is_renewed(server, authority, client_files, client_tls, until):
    async with open_channel(server.address, tls=client_tls) as channel:
        async with loading(channel, until) as load:
            for _ in range(3):
                renewed = issue(authority, f"{SPIFFE}/client")
                client_files.exchange(renewed)
                await load.until_shown(renewed.serial)
            await until(lambda: "retiring=1" in repr(channel))  # that of the streams alone
        await until(lambda: "retiring=0" in repr(channel))


async def test_the_authority_is_exchanged_by_way_of_a_bundle_of_both(
    server, authority, server_files: Mounted, client_files: Mounted, client_tls, until
):
    successor = Authority("successor")
    both = authority.pem + successor.pem
    old = issue(authority, f"{SPIFFE}/client")
    async with open_channel(server.address, tls=client_tls) as channel, loading(channel, until) as load:
        server_files.exchange(issue(authority, f"{SPIFFE}/server", LOCAL), both)
        client_files.exchange(old, both)
        await load.until_shown(old.serial)

        shown = issue(successor, f"{SPIFFE}/server", LOCAL)
        server_files.exchange(shown, both)
        assert await shown_serial(server.port) == shown.serial
        new = issue(successor, f"{SPIFFE}/client")
        client_files.exchange(new, both)
        await load.until_shown(new.serial)

        server_files.exchange(shown)
        last = issue(successor, f"{SPIFFE}/client")
        client_files.exchange(last)
        await load.until_shown(last.serial)

        credentials = grpc.ssl_channel_credentials(both, old.key, old.certificate)
        async with open_channel(server.address, credentials=credentials) as left_behind:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await left_behind.unary_unary("/test.Who/Am")(b"", timeout=LIMIT_SECONDS)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("breakage", ["foreign key", "half written", "no key", "expired"])
async def test_files_that_are_of_no_use_leave_what_is_served(
    server, authority, server_files, breakage, caplog
):
    before = await shown_serial(server.port)
    other = issue(authority, dns=LOCAL)
    match breakage:
        case "foreign key":
            server_files.key.resolve().write_bytes(other.key)
        case "half written":
            server_files.certificate.resolve().write_bytes(other.certificate[:200])
        case "no key":
            server_files.key.resolve().unlink()
        case "expired":
            server_files.exchange(issue(authority, dns=LOCAL, not_after=EXPIRED))
    for _ in range(3):
        assert await shown_serial(server.port) == before
    assert caplog.text.count("could not be read again and stay as they were") == 1
    server_files.exchange(other)
    assert await shown_serial(server.port) == other.serial

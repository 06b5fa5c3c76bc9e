"""A channel whose certificates are renewed while calls run.

The core of gRPC in Python takes a channel's certificates once, when it is opened, and its streams may outlive
them. So new calls get a new channel once the files have changed, and the old one lasts as long as its calls.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from mesh.tls.client import ClientTls
from mesh.watched import Watched

OpenChannel = Callable[[grpc.ChannelCredentials], grpc.aio.Channel]


class RenewingChannel(grpc.aio.Channel):
    """Looks like one channel; each call begins on the channel of the newest certificates."""

    def __init__(self, files: Watched[ClientTls], open_channel: OpenChannel) -> None:
        """`open_channel` opens a channel by credentials; it is called once now and once for each renewal."""
        self._files = files
        self._open = open_channel
        self._tls = files.current()
        self._inner = _Inner(open_channel(self._tls.credentials()))
        self._retiring: dict[asyncio.Task[None], _Inner] = {}
        self._closed = False

    def __repr__(self) -> str:
        return f"<RenewingChannel calls={self._inner.calls} retiring={len(self._retiring)}>"

    async def __aenter__(self) -> "RenewingChannel":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def inner(self) -> "_Inner":
        """The channel for the next call."""
        tls = self._files.current()
        if tls is not self._tls and not self._closed:
            self._tls, old = tls, self._inner
            self._inner = _Inner(self._open(tls.credentials()))
            task = asyncio.create_task(old.close_when_idle())
            self._retiring[task] = old
            task.add_done_callback(self._retiring.pop)
        return self._inner

    async def close(self, grace: float | None = None) -> None:
        """Close all of it; calls that run have `grace` seconds, or none."""
        self._closed = True
        tasks, inners = list(self._retiring), [self._inner, *self._retiring.values()]
        await asyncio.gather(*(inner.channel.close(grace) for inner in inners))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Of the channel for the next call."""
        return self.inner().channel.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Of the channel for the next call."""
        await self.inner().channel.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Wait until the channel for the next call is connected."""
        await self.inner().channel.channel_ready()

    def unary_unary(self, *arguments: Any, **more: Any) -> Any:
        """As that of any channel."""
        return _Method(self, lambda channel: channel.unary_unary(*arguments, **more))

    def unary_stream(self, *arguments: Any, **more: Any) -> Any:
        """As that of any channel."""
        return _Method(self, lambda channel: channel.unary_stream(*arguments, **more))

    def stream_unary(self, *arguments: Any, **more: Any) -> Any:
        """As that of any channel."""
        return _Method(self, lambda channel: channel.stream_unary(*arguments, **more))

    def stream_stream(self, *arguments: Any, **more: Any) -> Any:
        """As that of any channel."""
        return _Method(self, lambda channel: channel.stream_stream(*arguments, **more))


class _Inner:
    """A channel of grpc, and how many of its calls have not ended."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.calls = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def began(self, call: grpc.aio.Call) -> None:
        self.calls += 1
        self._idle.clear()
        call.add_done_callback(self._ended)

    def _ended(self, _call: grpc.aio.Call) -> None:
        self.calls -= 1
        if self.calls == 0:
            self._idle.set()

    async def close_when_idle(self) -> None:
        await self._idle.wait()
        await self.channel.close()


class _Method:
    """One method of a channel, to be called; grpc calls it a multi-callable."""

    def __init__(
        self, owner: RenewingChannel, bind: Callable[[grpc.aio.Channel], Callable[..., Any]]
    ) -> None:
        self._owner = owner
        self._bind = bind
        self._bound: tuple[_Inner, Any] | None = None

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        inner = self._owner.inner()
        if self._bound is None or self._bound[0] is not inner:
            self._bound = inner, self._bind(inner.channel)
        call = self._bound[1](*arguments, **more)
        inner.began(call)
        return call

"""Client channels: options that notice a dead peer within 15 s and keep little in flight for slow readers."""

from typing import Final

import grpc

from mesh.access.bearer import Bearer
from mesh.access.client_settings import ClientAccessSettings
from mesh.interceptors.api_key import api_key_interceptors
from mesh.interceptors.circuit_breaking import circuit_interceptors
from mesh.interceptors.client_tracing import client_interceptors
from mesh.resilience.circuits import Circuits
from mesh.tls.client import channel_options, watch_client_tls
from mesh.tls.renewing_channel import RenewingChannel
from mesh.tls.settings import ClientTlsSettings

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
LOOKAHEAD_BYTES: Final = 64 * 1024

OPTIONS: Final[tuple[tuple[str, int | str], ...]] = (
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # Without this one the core waits a minute for the answer to its ping, whatever the time-out above.
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # The window must not grow with the bandwidth: what lies in it ages.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", LOOKAHEAD_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # By itself gRPC waits up to two minutes before it tries a server again that was away.
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.lb_policy_name", "round_robin"),
    # Nor does it ask for a name again within half a minute, while a rolling update replaces every address.
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
)

CREDITED: Final[tuple[tuple[str, int | str], ...]] = (("grpc.http2.lookahead_bytes", 1024 * 1024),)
"""For channels whose streams all have credits: the window only has to hold what they allow.

A batch of 1,024 quotes is larger than the small window, and would wait for it to open again on its way.
"""


def open_channel(
    address: str,
    *,
    tls: ClientTlsSettings | None = None,
    credentials: grpc.ChannelCredentials | None = None,
    api_key: Bearer | None = None,
    options: tuple[tuple[str, int | str], ...] = (),
    circuits: Circuits | None = None,
) -> grpc.aio.Channel:
    """A channel to a server of the mesh; connects on first use. Close it, or use it as `async with`.

    Args:
        address: `host:port`, or any gRPC target such as `dns:///name:port` or `unix:/path`.
        tls: TLS by files, which may be renewed while the channel is open; None for plaintext.
        credentials: TLS otherwise; they win over `tls`.
        api_key: Key or token, sent with every call of this channel and nowhere else; None for none.
        options: More channel arguments; they win over the mesh's own.
        circuits: Given where someone looks at them, or wants another policy; otherwise the channel's own.

    Raises:
        OSError, ValueError: The files of `tls` can't be read or used.
    """
    named = channel_options(tls) if tls is not None else ()
    arguments = list({**dict(OPTIONS), **dict(named), **dict(options)}.items())
    interceptors = [
        *circuit_interceptors(circuits or Circuits()),
        *client_interceptors(address),
        *(api_key_interceptors(api_key) if api_key else ()),
    ]

    def secure(proof: grpc.ChannelCredentials) -> grpc.aio.Channel:
        return grpc.aio.secure_channel(address, proof, arguments, interceptors=interceptors)

    if credentials is not None:
        return secure(credentials)
    if tls is not None and tls.spreadmesh_tls_ca_file is not None:
        own = (tls.spreadmesh_tls_cert_file, tls.spreadmesh_tls_key_file)
        return RenewingChannel(watch_client_tls(tls.spreadmesh_tls_ca_file, *own), secure)
    return grpc.aio.insecure_channel(address, arguments, interceptors=interceptors)


def environment_api_key() -> Bearer | None:
    """The key or token of this process: SPREADMESH_API_KEY, else SPREADMESH_API_KEY_FILE; None for none.

    Raises:
        SettingsError: It can't be read or sent.
    """
    return ClientAccessSettings.load().bearer


def environment_tls() -> ClientTlsSettings:
    """What the environment says of TLS for this process's channels, in SPREADMESH_TLS_*; nothing: plaintext.

    Raises:
        SettingsError: A variable can't be used.
    """
    return ClientTlsSettings.load()

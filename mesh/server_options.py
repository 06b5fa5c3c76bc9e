"""What the core of gRPC is told of a server: dead peers, and what one connection or message may take."""

from typing import Final

from mesh.settings import MeshSettings

MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024
MAX_METADATA_BYTES: Final = 16 * 1024
HANDSHAKE_SECONDS: Final = 10.0

ChannelOptions = list[tuple[str, int]]


def server_options(settings: MeshSettings) -> ChannelOptions:
    """Channel arguments of a server; docs/limits.md tells how each refusal looks to a client."""
    options = [
        ("grpc.so_reuseport", 0),  # or a second server shares the port silently
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.http2.ping_timeout_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        # Between the two limits the core refuses at random: make them one.
        ("grpc.max_metadata_size", MAX_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
        ("grpc.max_concurrent_streams", settings.max_connection_streams),
        ("grpc.max_allowed_incoming_connections", settings.max_connections),
        # By itself a connection that says nothing takes a place for two minutes.
        ("grpc.server_handshake_timeout_ms", round(HANDSHAKE_SECONDS * 1000)),
    ]
    if settings.max_connection_age_seconds is not None:
        grace = settings.max_connection_age_grace_seconds
        options += [
            ("grpc.max_connection_age_ms", round(settings.max_connection_age_seconds * 1000)),
            ("grpc.max_connection_age_grace_ms", round(grace * 1000)),
        ]
    return options

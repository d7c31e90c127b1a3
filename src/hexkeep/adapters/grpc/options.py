"""The arguments of gRPC's C core that settings stand for."""

from hexkeep.adapters.grpc.settings import Compression, GrpcSettings

MAX_METADATA = 32 * 1024
"""Bytes of metadata of a call, as many as of an HTTP request's headers."""
STREAMS = 100
"""Calls at once on one connection; clients wait with more, or open another."""
PINGS_APART = 10
"""Seconds that clients leave between two pings."""
GZIP = 2
CLOSING = 60
"""Seconds that calls on an aged connection may still take."""


def core_options(settings: GrpcSettings) -> list[tuple[str, int | str]]:
    """Arguments by name, as gRPC documents them (``grpc/impl/channel_arg_names.h``)."""
    options: dict[str, int | str] = {
        "grpc.so_reuseport": 0,
        "grpc.max_receive_message_length": settings.message_limit,
        "grpc.max_send_message_length": -1,
        "grpc.max_metadata_size": MAX_METADATA,
        "grpc.absolute_max_metadata_size": MAX_METADATA,
        "grpc.max_concurrent_streams": STREAMS,
        "grpc.keepalive_time_ms": _milliseconds(settings.keepalive),
        "grpc.keepalive_timeout_ms": _milliseconds(min(settings.keepalive, 20)),
        "grpc.keepalive_permit_without_calls": 1,
        "grpc.http2.min_ping_interval_without_data_ms": _milliseconds(PINGS_APART),
    }
    if settings.connection_age:
        options["grpc.max_connection_age_ms"] = _milliseconds(settings.connection_age)
        options["grpc.max_connection_age_grace_ms"] = _milliseconds(max(CLOSING, settings.longest_stream))
    if settings.compression is Compression.GZIP:
        options["grpc.default_compression_algorithm"] = GZIP
    return list(options.items())


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)

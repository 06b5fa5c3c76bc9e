"""Instants and dates between messages and numbers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

NANOSECONDS = 1_000_000_000
_NEW_YORK = ZoneInfo("America/New_York")


def seconds_of(timestamp: Timestamp) -> float:
    """Unix seconds of a timestamp."""
    return timestamp.seconds + timestamp.nanos / NANOSECONDS


def timestamp_of(seconds: float) -> Timestamp:
    """The timestamp of unix seconds, to the microsecond."""
    micros = round(seconds * 1_000_000)
    return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1000)


def new_york_date(seconds: float) -> str:
    """The date in New York at an instant in unix seconds, YYYY-MM-DD."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_NEW_YORK).date().isoformat()

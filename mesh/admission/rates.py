"""Rates as text, as the setting RATE_LIMITS has them."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from mesh.admission.adaptive_rate import AdaptiveRate
from mesh.admission.fixed_window import FixedWindow
from mesh.admission.sliding_window import SlidingWindow
from mesh.admission.token_bucket import TokenBucket
from mesh.methods import MethodTable

LONGEST_LOG: Final = 1000
"""Calls in a sliding window: it remembers the time of each, for each client."""
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
_COUNT: Final = r"(\d{1,9})/(\d{0,6})([smh])"
_FORMS: Final = {
    "token_bucket": rf"{_COUNT}:(\d{{1,9}})",
    "fixed_window": _COUNT,
    "sliding_window": _COUNT,
    "adaptive": r"(\d{1,9})\.\.(\d{1,9})/s:(\d{1,6})ms",
}
_SHOWN: Final = {
    "token_bucket": "token_bucket:10/s:20, the last a burst",
    "fixed_window": "fixed_window:100/m",
    "sliding_window": "sliding_window:100/m",
    "adaptive": "adaptive:5..100/s:50ms, from slowest to fastest, and the latency to keep",
}


class RateLimit(Protocol):
    """One client's budget for one method."""

    def acquire(self, now: float) -> float:
        """0.0 where a call may go ahead at `now`, in monotonic seconds; else the seconds until one may."""
        ...


class Unlimited:
    """Any number of calls."""

    def __repr__(self) -> str:
        return "<Unlimited>"

    def acquire(self, now: float) -> float:
        """0.0, whatever `now`."""
        return 0.0


@dataclass(frozen=True)
class Rate:
    """What a setting allows; `start` makes a client's own budget."""

    text: str
    start: Callable[[], RateLimit] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.text


def parse_rate(text: str) -> Rate:
    """Read `unlimited` or one of the forms in docs/limits.md.

    Raises:
        ValueError: None of them; the message shows the form that was meant.
    """
    if text == "unlimited":
        return Rate(text, Unlimited)
    kind, _, rest = text.partition(":")
    if kind not in _FORMS:
        raise ValueError(f"{kind!r} is not one of {', '.join(_FORMS)}, unlimited")
    match = re.fullmatch(_FORMS[kind], rest)
    if match is None:
        raise ValueError(f"{text!r} must look like {_SHOWN[kind]}")
    start = _adaptive(*match.groups()) if kind == "adaptive" else _counted(kind, *match.groups())
    return Rate(text, start)


def _counted(kind: str, calls: str, times: str, unit: str, burst: str = "1") -> Callable[[], RateLimit]:
    limit, period, most = int(calls), int(times or 1) * _UNITS[unit], int(burst)
    if min(limit, period, most) <= 0:
        raise ValueError("counts and periods must be above 0")
    if kind == "token_bucket":
        return lambda: TokenBucket(limit / period, most)
    if kind == "fixed_window":
        return lambda: FixedWindow(limit, period)
    if limit > LONGEST_LOG:
        raise ValueError(f"a sliding window counts at most {LONGEST_LOG} calls; use a token bucket")
    return lambda: SlidingWindow(limit, period)


def _adaptive(lowest: str, highest: str, millis: str) -> Callable[[], RateLimit]:
    slow, fast, objective = int(lowest), int(highest), int(millis) / 1000
    if not (0 < slow <= fast and objective > 0):
        raise ValueError("the slowest rate must be above 0 and at most the fastest, the latency above 0")
    return lambda: AdaptiveRate(slow, fast, objective)


def parse_count(text: str) -> float:
    """Read a positive count, or `unlimited`, which is infinity.

    Raises:
        ValueError: It is neither.
    """
    if text == "unlimited":
        return math.inf
    if not re.fullmatch(r"0*[1-9]\d{0,8}", text):
        raise ValueError(f"{text!r} must be a whole number above 0, or unlimited")
    return int(text)


DEFAULT_RATES: Final = MethodTable({"*": parse_rate("token_bucket:1000/s:2000")})
DEFAULT_STREAMS: Final[MethodTable[float]] = MethodTable({"*": 256})

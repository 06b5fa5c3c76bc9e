"""What can be wrong with requests beside their order."""

from collections.abc import Callable
from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from spreadmesh.order.v1 import watch_pb2


def ids(text: str) -> Callable[[Message], object]:
    return lambda request: setattr(request, "client_order_id", text)


def setting(field: str, value: object) -> Callable[[Message], object]:
    return lambda request: setattr(request, field, value)


def without(*names: str) -> Callable[[Message], object]:
    def clear(request: Message) -> None:
        for name in names:
            request.ClearField(name)

    return clear


def moment(seconds: int, nanos: int = 0) -> Callable[[Message], object]:
    return lambda request: request.since.CopyFrom(Timestamp(seconds=seconds, nanos=nanos))


def limit(text: str) -> Callable[[Message], object]:
    return lambda request: setattr(request.limit_price, "value", text)


def resuming(**point: object) -> Callable[[Message], object]:
    return lambda request: request.resume.MergeFrom(watch_pb2.ResumePoint(**point))


_NAMES: Final = ("PlaceOrder", "ReplaceOrder", "CancelOrder", "GetOrder")
_WRONG_NAMES: Final = ("", "a b", "a/b", "é", "x" * 41, "a\u2028b", "'; drop table entries")
_TOKENS: Final = ("a b", "é", "x" * 2049)
_PAGED: Final = ("ListOrders", "ListExecutions")

Wrong = tuple[str, str, Callable[[Message], object], str]
WRONG_REQUESTS: Final[list[Wrong]] = [
    *(
        (rpc, f"order name {name[:9]!a}", ids(name), "client_order_id")
        for rpc in _NAMES
        for name in _WRONG_NAMES
    ),
    ("PlaceOrder", "order named like an exit", ids("a-1/stop"), "client_order_id"),
    ("CancelOrder", "no exit", ids("a-1/exit"), "client_order_id"),
    *((rpc, "no order", without("order"), "order") for rpc in ("PreviewOrder", "PlaceOrder")),
    *(
        (rpc, f"token {text[:3]!a}", setting("preview_token", text), "preview_token")
        for rpc in ("PlaceOrder", "ReplaceOrder")
        for text in _TOKENS
    ),
    *(
        (rpc, f"lease {text[:3]!a}", setting("lease_id", text), "lease_id")
        for rpc in ("PlaceOrder", "RenewLease", "EndLease")
        for text in ("a b", "x" * 41)
    ),
    ("EndLease", "no lease", without("lease_id"), "lease_id"),
    ("ReplaceOrder", "revision 0", setting("revision", 0), "revision"),
    ("ReplaceOrder", "nothing new", without("limit_price", "quantity"), "limit_price"),
    ("ReplaceOrder", "quantity 0", setting("quantity", 0), "quantity"),
    ("ReplaceOrder", "quantity 2^31-1", setting("quantity", 2**31 - 1), "quantity"),
    *(
        (
            "ReplaceOrder",
            f"limit {text!a}",
            lambda request, text=text: setattr(request.limit_price, "value", text),
            "limit_price",
        )
        for text in ("", "NaN", "-Inf", "1.79e308", "1e0", "9" * 25)
    ),
    ("GetOrder", "no key", without("client_order_id"), "key"),
    *(
        ("GetOrder", f"permId {number}", setting("perm_id", number), "perm_id")
        for number in (0, -1, 2**31, 2**63 - 1)
    ),
    *(
        (rpc, f"page of {size}", setting("page_size", size), "page_size")
        for rpc in _PAGED
        for size in (1001, 2**32 - 1)
    ),
    *(
        (rpc, f"page {text[:3]!a}", setting("page_token", text), "page_token")
        for rpc in _PAGED
        for text in _TOKENS
    ),
    ("ListExecutions", "of no order", ids("a b"), "client_order_id"),
    ("ListExecutions", "since no year", moment(-(2**62)), "since"),
    ("ListExecutions", "since no time", moment(0, -1), "since"),
    ("WatchOrders", "no epoch", lambda request: setattr(request.resume, "sequence", 5), "resume.epoch"),
    (
        "WatchOrders",
        "epoch of two words",
        lambda request: setattr(request.resume, "epoch", "a b"),
        "resume.epoch",
    ),
    *(
        (rpc, f"every {seconds} s", setting("min_interval_seconds", seconds), "min_interval_seconds")
        for rpc in ("WatchPositions", "WatchAccount")
        for seconds in (-0.1, 60.1, 1.7e308)
    ),
    ("WatchAccount", "account of two words", setting("account", "DU 1"), "account"),
    *(
        ("RenewLease", f"{seconds} s", setting("seconds", seconds), "seconds")
        for seconds in (0.0, 1.9, 60.1, -1e308)
    ),
    *(
        (rpc, f"reason of {len(text)}", setting("reason", text), "reason")
        for rpc in ("Halt", "Resume")
        for text in ("", "r" * 201)
    ),
    ("Resume", "halt 0", setting("halt_sequence", 0), "halt_sequence"),
    ("Resume", "halt 2^64-1", setting("halt_sequence", 2**64 - 1), "halt_sequence"),
    ("CancelAllOrders", "no confirmation", without("confirmation"), "confirmation"),
    ("CancelAllOrders", "another confirmation", setting("confirmation", "yes"), "confirmation"),
]
"""RPC, what is wrong, how to make it so, and the field that is told; orders are in WRONG_ORDERS."""

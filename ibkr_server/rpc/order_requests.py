"""Requests of the order services: each is checked as a whole, and becomes what the desk is asked."""

from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Final

from google.protobuf.message import Message
from spreadmesh.order.v1 import (
    account_pb2,
    control_service_pb2,
    execution_pb2,
    order_service_pb2,
    preview_pb2,
    watch_pb2,
)
from spreadmesh.order.v1.order_pb2 import OrderSpec as OrderSpecMessage

from ibkr_server.desk.leases import LONGEST, SHORTEST
from ibkr_server.desk.ports import Placement
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.rpc import order_fields as fields
from ibkr_server.rpc.order_checks import UNSET, order_spec, spec_violations
from ibkr_server.rpc.order_fields import Violations, refuse
from mesh.errors import invalid_argument

POSITIONS_SECONDS: Final = 0.25
ACCOUNT_SECONDS: Final = 1.0
CONFIRMATION: Final = "cancel the orders of everybody"
MAX_REASON: Final = 200


def previewed(request: preview_pb2.PreviewOrderRequest, now: datetime) -> OrderSpec:
    """The order to judge."""
    replaces = fields.known_order("replaces", request.replaces) if request.replaces else ()
    refuse(chain(_order(request, request.order, now), replaces))
    return order_spec(request.order)


def placement(request: order_service_pb2.PlaceOrderRequest, now: datetime) -> Placement:
    """The order to place."""
    refuse(
        chain(
            fields.new_order("client_order_id", request.client_order_id),
            _order(request, request.order, now),
            fields.opaque("preview_token", request.preview_token),
            fields.lease_id("lease_id", request.lease_id),
        )
    )
    return Placement(
        client_order_id=request.client_order_id,
        spec=order_spec(request.order),
        preview_token=request.preview_token,
        allow_duplicate=request.allow_duplicate,
        lease_id=request.lease_id,
    )


def replacement(request: order_service_pb2.ReplaceOrderRequest) -> tuple[Decimal | None, int | None]:
    """The new limit and the new quantity; None keeps what the order has."""
    refuse(_replacement(request))
    return (
        fields.decimal(request.limit_price) if request.HasField("limit_price") else None,
        request.quantity if request.HasField("quantity") else None,
    )


def named(request: order_service_pb2.CancelOrderRequest) -> str:
    """The client_order_id of an order."""
    refuse(fields.known_order("client_order_id", request.client_order_id))
    return request.client_order_id


def order_key(request: order_service_pb2.GetOrderRequest) -> tuple[str | None, int | None]:
    """The client_order_id or the permId of an order."""
    match request.WhichOneof("key"):
        case "client_order_id":
            refuse(fields.known_order("client_order_id", request.client_order_id))
            return request.client_order_id, None
        case "perm_id":
            refuse(fields.between("perm_id", request.perm_id, 1, fields.MAX_PERM_ID))
            return None, request.perm_id
        case _:
            raise invalid_argument("key", "a client_order_id or a perm_id is needed")


def order_page(request: order_service_pb2.ListOrdersRequest) -> None:
    """A page of orders."""
    refuse(fields.page(request.page_size, request.page_token))


def execution_page(request: execution_pb2.ListExecutionsRequest) -> datetime | None:
    """Since when trades are wanted."""
    one = request.client_order_id
    refuse(
        chain(
            fields.known_order("client_order_id", one) if one else (),
            fields.instant("since", request.since),
            fields.page(request.page_size, request.page_token),
        )
    )
    return fields.moment(request.since) if request.HasField("since") else None


def resume_point(request: watch_pb2.WatchOrdersRequest) -> tuple[str, int] | None:
    """Epoch and sequence to go on behind; None begins with a snapshot."""
    if not request.HasField("resume"):
        return None
    epoch = request.resume.epoch
    refuse(chain(fields.needed("resume.epoch", epoch), fields.opaque("resume.epoch", epoch)))
    return epoch, request.resume.sequence


def renewal(request: order_service_pb2.RenewLeaseRequest) -> float | None:
    """How long a lease is to last, seconds; None for as long as it was given, or usual."""
    seconds = request.seconds if request.HasField("seconds") else None
    refuse(
        chain(
            fields.lease_id("lease_id", request.lease_id),
            () if seconds is None else fields.between("seconds", seconds, SHORTEST, LONGEST),
        )
    )
    return seconds


def ended(request: order_service_pb2.EndLeaseRequest) -> str:
    """The lease to end."""
    refuse(chain(fields.needed("lease_id", request.lease_id), fields.lease_id("lease_id", request.lease_id)))
    return request.lease_id


def positions_interval(request: account_pb2.WatchPositionsRequest) -> float:
    """Shortest time between two answers, seconds."""
    return _interval(request, POSITIONS_SECONDS)


def account_interval(request: account_pb2.WatchAccountRequest) -> float:
    """The same for an account."""
    refuse(fields.account("account", request.account))
    return _interval(request, ACCOUNT_SECONDS)


def halt_reason(request: control_service_pb2.HaltRequest) -> str:
    """Why."""
    refuse(fields.length("reason", request.reason, MAX_REASON))
    return request.reason


def resumption(request: control_service_pb2.ResumeRequest) -> int:
    """The halt to end."""
    refuse(
        chain(
            fields.between("halt_sequence", request.halt_sequence, 1, 2**63 - 1),
            fields.length("reason", request.reason, MAX_REASON),
        )
    )
    return request.halt_sequence


def confirmed(request: control_service_pb2.CancelAllOrdersRequest) -> None:
    """Nothing, where the caller has written out what it does."""
    if request.confirmation != CONFIRMATION:
        refuse([("confirmation", f"must be {CONFIRMATION!r}")])


def _order(request: Message, order: OrderSpecMessage, now: datetime) -> Violations:
    if not request.HasField("order"):
        yield "order", "is missing"
    else:
        yield from spec_violations(order, now)


def _replacement(request: order_service_pb2.ReplaceOrderRequest) -> Violations:
    yield from fields.known_order("client_order_id", request.client_order_id)
    if not request.revision:
        yield "revision", "begins at 1: one more than the order's"
    if request.HasField("limit_price"):
        yield from fields.price("limit_price", request.limit_price)
    elif not request.HasField("quantity"):
        yield "limit_price", "a new limit, a new quantity or both are needed"
    if request.HasField("quantity") and not 0 < request.quantity < UNSET:
        yield "quantity", f"1 to {UNSET - 1}, not {request.quantity}"
    yield from fields.opaque("preview_token", request.preview_token)


def _interval(
    request: account_pb2.WatchPositionsRequest | account_pb2.WatchAccountRequest, default: float
) -> float:
    if not request.HasField("min_interval_seconds"):
        return default
    refuse(fields.between("min_interval_seconds", request.min_interval_seconds, 0.0, 60.0))
    return request.min_interval_seconds

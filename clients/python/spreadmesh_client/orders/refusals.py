"""Limits of the server, found in previews."""

from collections.abc import Sequence
from typing import Final

import grpc
from google.rpc.error_details_pb2 import PreconditionFailure
from spreadmesh.order.v1.order_pb2 import OrderSpec
from spreadmesh.order.v1.preview_pb2 import PreviewOrderResponse

from mesh.errors import MeshError
from spreadmesh_client.orders.client import OrdersClient

QUOTES: Final = frozenset({"QUOTE_AGE", "NO_QUOTE"})
LOOKS: Final = 3


def refusal(violations: Sequence[tuple[str, str]]) -> MeshError:
    """What the server would say to an order that exceeds limits."""
    detail = PreconditionFailure(
        violations=[
            PreconditionFailure.Violation(type=limit, subject="order", description=description)
            for limit, description in violations
        ]
    )
    text = "; ".join(f"{limit}: {description}" for limit, description in violations)
    return MeshError(grpc.StatusCode.FAILED_PRECONDITION, text, detail)


async def fresh_preview(orders: OrdersClient, spec: OrderSpec, *, replaces: str = "") -> PreviewOrderResponse:
    """A preview of a new order, or of a change of the one that is named.

    Another one while quotes are too old or missing: each makes the server ask for them anew.

    Raises:
        MeshError: What `OrdersClient.preview` raises.
    """
    for _ in range(LOOKS - 1):
        preview = await orders.preview(spec, replaces=replaces)
        if QUOTES.isdisjoint(each.limit for each in preview.violations):
            return preview
    return await orders.preview(spec, replaces=replaces)


async def accepted_preview(
    orders: OrdersClient, spec: OrderSpec, *, replaces: str = ""
) -> PreviewOrderResponse:
    """A fresh preview that nothing speaks against.

    Raises:
        MeshError: FAILED_PRECONDITION with every limit that is exceeded; what `OrdersClient.preview` raises.
    """
    preview = await fresh_preview(orders, spec, replaces=replaces)
    if preview.violations:
        raise refusal([(each.limit, each.description) for each in preview.violations])
    return preview

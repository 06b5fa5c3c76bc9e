"""What a preview finds, as a message of the order contract."""

from spreadmesh.order.v1 import preview_pb2 as pb

from ibkr_server.orders.broker import WhatIf
from ibkr_server.risk.preview import Preview
from ibkr_server.risk.prices import PriceView
from ibkr_server.rpc.order_messages import decimal, timestamp


def preview(found: Preview) -> pb.PreviewOrderResponse:
    """A preview as it is answered."""
    what_if = found.what_if
    return pb.PreviewOrderResponse(
        token=found.token,
        expires_time=timestamp(found.expires),
        margin=_margin(what_if),
        commission=decimal(what_if.commission),
        min_commission=decimal(what_if.min_commission),
        max_commission=decimal(what_if.max_commission),
        prices=None if found.prices is None else _prices(found.prices),
        max_loss=decimal(found.max_loss),
        violations=[
            pb.LimitViolation(limit=each.limit, description=each.description) for each in found.violations
        ],
        warning=what_if.warning,
    )


def _margin(what_if: WhatIf) -> pb.Margin:
    return pb.Margin(
        initial_before=decimal(what_if.initial_before),
        initial_after=decimal(what_if.initial_after),
        maintenance_before=decimal(what_if.maintenance_before),
        maintenance_after=decimal(what_if.maintenance_after),
        equity_before=decimal(what_if.equity_before),
        equity_after=decimal(what_if.equity_after),
    )


def _prices(view: PriceView) -> pb.PriceView:
    return pb.PriceView(
        natural=decimal(view.natural),
        mid=decimal(view.mid),
        suggested_limit=decimal(view.suggested_limit),
        tick=decimal(view.tick),
        quote_age_seconds=view.quote_age_seconds,
    )

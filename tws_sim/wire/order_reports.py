"""openOrder, orderStatus and completedOrder. Features that the gateway refuses are written as absent."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tws_sim.orders.order import CLOSED, Order
from tws_sim.wire.framing import Field, message

UNSET = "1.7976931348623157E308"
_SHAREHOLDER = "Not an insider or substantial shareholder"
_PEGGED = ("",) * 5

# Names of fields in their order, with what stands where a client said nothing.
_TERMS = (
    "action totalQuantity orderType lmtPrice=0.0 auxPrice=0.0 tif ocaGroup account openClose "
    "origin=0 orderRef"
)
_HOURS = "outsideRth=0 hidden=0 discretionaryAmt=0 goodAfterTime"
_ADVISOR = "faGroup faMethod faPercentage"
_SIZES = (
    "modelCode goodTillDate rule80A percentOffset settlingFirm shortSaleSlot=0 designatedLocation "
    "exemptCode=-1"
)
_RANGES = "startingPrice stockRefPrice delta stockRangeLower stockRangeUpper displaySize=0"
_VOLATILITY = (
    "volatility volatilityType=0 deltaNeutralOrderType deltaNeutralAuxPrice continuousUpdate=0 "
    "referencePriceType=0 trailStopPrice trailingPercent"
)
_SCALE = "scaleInitLevelSize scaleSubsLevelSize scalePriceIncrement hedgeType"
_CLEARING = "clearingAccount clearingIntent notHeld=0"
_RANDOM = "randomizeSize=0 randomizePrice=0"
_ADJUSTED = (
    "adjustedOrderType triggerPrice trailStopPrice lmtPriceOffset adjustedStopPrice adjustedStopLimitPrice "
    "adjustedTrailingAmount adjustableTrailingUnit=0 softDollarTier softDollarTierValue "
    "softDollarTierDisplay cashQty dontUseAutoPriceForHedge=0 isOmsContainer=0 "
    "discretionaryUpToLimitPrice=0 usePriceMgmtAlgo=0"
)


class State(NamedTuple):
    """What openOrder says of an order beside its terms; a what-if's margins and commission are set.

    Attributes:
        status: as TWS names it.
        margins: initial margin, maintenance margin, equity with loan: before, change, after.
        commission: USD.
        warning: a text for the one who looks at it.
    """

    status: str
    margins: tuple[str, ...] = (UNSET,) * 9
    commission: str = ""
    warning: str = ""


def open_order(version: int, order: Order, contract: Sequence[Field], state: State) -> bytes:
    """Message 5; ``contract`` are the eleven fields from its id to its trading class."""
    terms = _values(order)
    terms |= {"clientId": str(order.client_id), "permId": str(order.perm_id)}
    terms["parentId"] = order.ticket.text("parentId")
    fields: list[Field] = [5, order.order_id, *contract]
    fields += _named(terms, f"{_TERMS} clientId permId {_HOURS}")
    fields += ["", *_advisor(terms, version), *_named(terms, f"{_SIZES} auctionStrategy=0 {_RANGES}")]
    fields += _named(terms, "blockOrder=0 sweepToFill=0 allOrNone=0 minQty ocaType=0 eTradeOnly=0")
    fields += _named(terms, "firmQuoteOnly=0 nbboPriceCap parentId=0 triggerMethod=0")
    fields += _named(terms, f"{_VOLATILITY} basisPoints basisPointsType")
    fields += [*_legs(order), *_named(terms, f"{_SCALE} optOutSmartRouting=0 {_CLEARING}"), 0, ""]
    fields += _named(terms, "solicited=0 whatIf=0")
    fields += [state.status, *state.margins, state.commission, "", "", "USD", state.warning]
    fields += [*_named(terms, _RANDOM), 0, *_named(terms, _ADJUSTED)]
    fields += [terms.get("duration", "")] if version >= 158 else []
    fields += [terms.get("postToAts", "")] if version >= 160 else []
    fields += [*_named(terms, "autoCancelParent=0")] if version >= 162 else []
    fields += _PEGGED if version >= 170 else []
    return message(*fields)


def completed_order(version: int, order: Order, contract: Sequence[Field], when: str) -> bytes:
    """Message 101; ``when`` is the time of its end."""
    terms = _values(order) | {"permId": str(order.perm_id)}
    fields: list[Field] = [101, *contract, *_named(terms, f"{_TERMS} permId {_HOURS}")]
    fields += [*_advisor(terms, version), *_named(terms, f"{_SIZES} {_RANGES}")]
    fields += _named(terms, f"sweepToFill=0 allOrNone=0 minQty ocaType=0 triggerMethod=0 {_VOLATILITY}")
    fields += [*_legs(order), *_named(terms, f"{_SCALE} {_CLEARING}"), 0, ""]
    fields += [*_named(terms, "solicited=0"), order.status, *_named(terms, _RANDOM), 0]
    fields += _named(terms, "trailStopPrice lmtPriceOffset cashQty dontUseAutoPriceForHedge=0")
    fields += [*_named(terms, "isOmsContainer=0"), "", order.filled, 0]
    fields += [
        *_named(terms, "autoCancelParent=0"),
        _SHAREHOLDER,
        0,
        0,
        order.parent_perm_id,
        when,
        order.outcome,
    ]
    fields += _PEGGED if version >= 170 else []
    return message(*fields)


def order_status(order: Order) -> bytes:
    """Message 3."""
    progress = (order.filled, order.remaining, order.average_price)
    parent = order.ticket.text("parentId") or 0
    why_held = "" if order.why_held == CLOSED else order.why_held  # TWS does not tell of hours there
    last = (order.last_price, order.client_id, why_held, 0.0)
    return message(3, order.order_id, order.status, *progress, order.perm_id, parent, *last)


def order_bound(order: Order) -> bytes:
    """Message 100: an order entered by hand has got a number for client 0."""
    return message(100, order.perm_id, order.client_id, order.order_id)


def _values(order: Order) -> dict[str, str]:
    return order.ticket.terms | {
        "totalQuantity": str(order.quantity),
        "tif": order.ticket.tif,
        "ocaGroup": order.oca_group,
        "ocaType": str(order.oca_type),
    }


def _named(terms: dict[str, str], names: str) -> Iterable[str]:
    for name in names.split():
        key, _, absent = name.partition("=")
        yield terms.get(key) or absent


def _advisor(terms: dict[str, str], version: int) -> Iterable[str]:
    return _named(terms, _ADVISOR if version >= 177 else f"{_ADVISOR} faProfile")


def _legs(order: Order) -> list[Field]:
    """The combination in words, its legs, their prices, its routing."""
    ticket = order.ticket
    signs = {"BUY": "", "SELL": "-"}
    words = ",".join(f"{leg.con_id}|{signs[leg.action.upper()]}{leg.ratio}" for leg in ticket.legs)
    fields: list[Field] = [words, len(ticket.legs)]
    for leg in ticket.legs:
        fields += [leg.con_id, leg.ratio, leg.action, leg.exchange, *leg.extras]
    fields += [len(ticket.leg_prices), *ticket.leg_prices, len(ticket.routing)]
    for pair in ticket.routing:
        fields += pair
    return fields

"""placeOrder: the fields in which clients describe an order."""

from tws_sim.orders.ticket import ComboLeg, Ticket
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldError, FieldReader

_MOST_PARTS = 100
# What some clients send for a figure that is not set: the largest float and the largest integer.
_UNSET = {"1.7976931348623157E308", "1.7976931348623157e+308", "2147483647"}
# Fields of a condition after its type and its conjunction, by type.
_CONDITION_FIELDS = {1: 5, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4}
_BENCHMARKS = {"PEG BENCH", "PEGBENCH"}
_PEGGED_BEST = {"PEG BEST", "PEGBEST"}
_PEGGED_MID = {"PEG MID", "PEGMID"}

_HEAD = (
    "action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose origin orderRef "
    "transmit parentId blockOrder sweepToFill displaySize triggerMethod outsideRth hidden"
)
_MIDDLE = (
    "modelCode shortSaleSlot designatedLocation exemptCode ocaType rule80A settlingFirm allOrNone minQty "
    "percentOffset eTradeOnly firmQuoteOnly nbboPriceCap auctionStrategy startingPrice stockRefPrice delta "
    "stockRangeLower stockRangeUpper overridePercentageConstraints volatility volatilityType "
    "deltaNeutralOrderType deltaNeutralAuxPrice"
)
_DELTA_NEUTRAL = (
    "deltaNeutralConId deltaNeutralSettlingFirm deltaNeutralClearingAccount deltaNeutralClearingIntent "
    "deltaNeutralOpenClose deltaNeutralShortSale deltaNeutralShortSaleSlot deltaNeutralDesignatedLocation"
)
_SCALE = (
    "continuousUpdate referencePriceType trailStopPrice trailingPercent scaleInitLevelSize "
    "scaleSubsLevelSize scalePriceIncrement"
)
_SCALE_DETAILS = (
    "scalePriceAdjustValue scalePriceAdjustInterval scaleProfitOffset scaleAutoReset scaleInitPosition "
    "scaleInitFillQty scaleRandomPercent"
)
_AFTER_ALGO = "algoId whatIf orderMiscOptions solicited randomizeSize randomizePrice"
_BENCHMARK = (
    "referenceContractId isPeggedChangeAmountDecrease peggedChangeAmount referenceChangeAmount "
    "referenceExchangeId"
)
_TAIL = (
    "adjustedOrderType triggerPrice lmtPriceOffset adjustedStopPrice adjustedStopLimitPrice "
    "adjustedTrailingAmount adjustableTrailingUnit extOperator softDollarTier softDollarTierValue cashQty "
    "mifid2DecisionMaker mifid2DecisionAlgo mifid2ExecutionTrader mifid2ExecutionAlgo "
    "dontUseAutoPriceForHedge isOmsContainer discretionaryUpToLimitPrice usePriceMgmtAlgo"
)
# Fields that a server version brought.
_NEWER = (
    (158, "duration"),
    (160, "postToAts"),
    (162, "autoCancelParent"),
    (166, "advancedErrorOverride"),
    (169, "manualOrderTime"),
)


def read_order(fields: FieldReader, version: int) -> Ticket:
    """What follows the order's id in placeOrder.

    Raises:
        FieldError: a field is missing, one cannot be read, or one is left over.
    """
    contract = read_contract(fields)
    terms: dict[str, str] = {}
    _take(fields, terms, "secIdType secId")
    _take(fields, terms, _HEAD)
    is_combo = contract.sec_type == "BAG"
    legs = tuple(_leg(fields) for _ in range(_count(fields))) if is_combo else ()
    leg_prices = tuple(fields.string() for _ in range(_count(fields))) if is_combo else ()
    routing = _pairs(fields) if is_combo else ()
    fields.skip()  # a share allocation of old
    _take(fields, terms, "discretionaryAmt goodAfterTime goodTillDate faGroup faMethod faPercentage")
    if version < 177:
        _take(fields, terms, "faProfile")
    _take(fields, terms, _MIDDLE)
    if terms["deltaNeutralOrderType"]:
        _take(fields, terms, _DELTA_NEUTRAL)
    _take(fields, terms, _SCALE)
    if _is_positive(terms["scalePriceIncrement"]):
        _take(fields, terms, _SCALE_DETAILS)
    _take(fields, terms, "scaleTable activeStartTime activeStopTime hedgeType")
    if terms["hedgeType"]:
        _take(fields, terms, "hedgeParam")
    _take(fields, terms, "optOutSmartRouting clearingAccount clearingIntent notHeld")
    delta_neutral = tuple(fields.string() for _ in range(3)) if fields.boolean() else ()
    _take(fields, terms, "algoStrategy")
    algo = _pairs(fields) if terms["algoStrategy"] else ()
    _take(fields, terms, _AFTER_ALGO)
    if terms["orderType"] in _BENCHMARKS:
        _take(fields, terms, _BENCHMARK)
    conditions = tuple(_condition(fields) for _ in range(_count(fields)))
    if conditions:
        _take(fields, terms, "conditionsIgnoreRth conditionsCancelOrder")
    _take(fields, terms, _TAIL)
    _take(fields, terms, " ".join(name for since, name in _NEWER if version >= since))
    if version >= 170:
        _take(fields, terms, _pegged(terms, contract.exchange))
        if terms.get("competeAgainstBestOffset") == "Infinite":
            _take(fields, terms, "midOffsetAtWhole midOffsetAtHalf")
    if not fields.exhausted:
        raise FieldError(f"{len(fields.remaining())} fields are left over")
    return Ticket(contract, terms, legs, leg_prices, routing, algo, delta_neutral, conditions)


def _is_positive(text: str) -> bool:
    """Whether a field holds a number above zero that is set."""
    try:
        return 0 < float(text or 0) < 1e300
    except ValueError:
        return False


def _take(fields: FieldReader, terms: dict[str, str], names: str) -> None:
    for name in names.split():
        value = fields.string()
        terms[name] = "" if value in _UNSET else value


def _count(fields: FieldReader) -> int:
    count = fields.integer()
    if not 0 <= count <= _MOST_PARTS:
        raise FieldError(f"{count} is no number of parts")
    return count


def _leg(fields: FieldReader) -> ComboLeg:
    con_id, ratio = fields.integer(), fields.integer()
    action, exchange = fields.string(), fields.string()
    return ComboLeg(con_id, ratio, action, exchange, tuple(fields.string() for _ in range(4)))


def _pairs(fields: FieldReader) -> tuple[tuple[str, str], ...]:
    return tuple((fields.string(), fields.string()) for _ in range(_count(fields)))


def _condition(fields: FieldReader) -> tuple[str, ...]:
    kind = fields.integer()
    if kind not in _CONDITION_FIELDS:
        raise FieldError(f"{kind} is no type of condition")
    return (str(kind), *(fields.string() for _ in range(1 + _CONDITION_FIELDS[kind])))


def _pegged(terms: dict[str, str], exchange: str) -> str:
    """Fields that only orders at IB's own venue and pegged orders have."""
    venue = "minTradeQty " if exchange == "IBKRATS" else ""
    if terms["orderType"] in _PEGGED_BEST:
        return venue + "minCompeteSize competeAgainstBestOffset"
    return venue + ("midOffsetAtWhole midOffsetAtHalf" if terms["orderType"] in _PEGGED_MID else "")

"""placeOrder as ib_insync sends it, and openOrder and completedOrder as it reads them, at every version."""

import math

import ib_insync as ibi
import pytest
from ib_insync.decoder import Decoder

from tests.tws_sim.orders.floor import sent
from tws_sim.orders.order import BAG_CON_ID, Order, Status
from tws_sim.orders.ticket import Ticket
from tws_sim.wire import order_reports
from tws_sim.wire.fields import FieldError, FieldReader
from tws_sim.wire.framing import split_fields
from tws_sim.wire.orders import read_order

VERSIONS = [157, 159, 160, 162, 166, 169, 170, 176]  # each brought a field; 158 and 163 are never settled on
BAG = ibi.Bag(
    symbol="SPY",
    exchange="SMART",
    currency="USD",
    comboLegs=[ibi.ComboLeg(11, 1, "BUY", "SMART"), ibi.ComboLeg(12, 2, "SELL", "CBOE", 1, 2, "here", 3)],
)
CALL = ibi.Option("SPY", "20261218", 590, "C", "SMART", "100", "USD", conId=13, tradingClass="SPY")
PLAIN = ibi.LimitOrder("BUY", 3, -1.25, orderRef="ours", tif="GTD", goodTillDate="20261120 15:00:00 UTC",
                       ocaGroup="g", ocaType=2, parentId=7, transmit=False, outsideRth=True,
                       account="DU4242424", openClose="C")  # fmt: skip
COMBO = ibi.LimitOrder(
    "BUY",
    3,
    -1.25,
    tif="DAY",
    orderComboLegs=[ibi.OrderComboLeg(1.5), ibi.OrderComboLeg()],
    smartComboRoutingParams=[ibi.TagValue("NonGuaranteed", "1")],
)
EVERYTHING = ibi.Order(
    action="SELL", totalQuantity=5, orderType="PEG BENCH", lmtPrice=2.5, auxPrice=0.5, whatIf=True,
    deltaNeutralOrderType="LMT", deltaNeutralConId=5, scalePriceIncrement=0.1, scaleProfitOffset=2.0,
    hedgeType="D", hedgeParam="x", algoStrategy="Adaptive",
    algoParams=[ibi.TagValue("adaptivePriority", "Normal")],
    referenceContractId=8, referenceExchangeId="ISLAND", usePriceMgmtAlgo=True, cashQty=12.5,
    conditions=[ibi.PriceCondition(price=3.0), ibi.TimeCondition(), ibi.MarginCondition(),
                ibi.VolumeCondition(), ibi.ExecutionCondition(), ibi.PercentChangeCondition(conId=9)],
    conditionsCancelOrder=True, duration=30, postToAts=4, autoCancelParent=True, advancedErrorOverride="e",
    manualOrderTime="20261120 10:00:00", softDollarTier=ibi.SoftDollarTier("n", "v", "d"),
)  # fmt: skip


def taken(contract: ibi.Contract, order: ibi.Order, version: int) -> Ticket:
    return read_order(FieldReader(sent(contract, order, version)), version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("order", [PLAIN, COMBO, EVERYTHING], ids=["plain", "combo", "everything"])
@pytest.mark.parametrize("contract", [CALL, BAG], ids=["single", "combination"])
def test_every_field_is_read_under_its_name(contract: ibi.Contract, order: ibi.Order, version: int) -> None:
    ticket = taken(contract, order, version)
    for name, text in ticket.terms.items():
        if name.startswith("softDollarTier") or name in {"secId", "secIdType"}:
            continue
        meant = getattr(order, name)
        if meant in (ibi.util.UNSET_DOUBLE, ibi.util.UNSET_INTEGER):
            assert text == "", name
        elif isinstance(meant, bool):
            assert ticket.flag(name) is meant, name
        elif isinstance(meant, int | float):
            assert float(text) == meant, name
        elif isinstance(meant, str):
            assert text == meant, name
    assert [leg.con_id for leg in ticket.legs] == [leg.conId for leg in contract.comboLegs]
    assert len(ticket.conditions) == len(order.conditions)
    assert len(ticket.algo) == len(order.algoParams)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_field_too_few_or_too_many_is_no_order(version: int) -> None:
    fields = sent(BAG, EVERYTHING, version)
    for wrong in (fields[:-1], [*fields, ""]):
        with pytest.raises(FieldError):
            read_order(FieldReader(wrong), version)


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        ({"orderType": "PEG MID", "midOffsetAtWhole": 1.0}, {"midOffsetAtWhole", "midOffsetAtHalf"}),
        ({"orderType": "PEG BEST", "competeAgainstBestOffset": 0.1},
         {"minCompeteSize", "competeAgainstBestOffset"}),
        ({"orderType": "PEG BEST", "competeAgainstBestOffset": math.inf},
         {"minCompeteSize", "competeAgainstBestOffset", "midOffsetAtWhole", "midOffsetAtHalf"}),
    ],
)  # fmt: skip
def test_pegged_orders_have_fields_of_their_own(terms: dict[str, object], names: set[str]) -> None:
    order = ibi.Order(action="BUY", totalQuantity=1, **terms)
    assert names <= taken(CALL, order, 176).terms.keys()
    at_ibkr = ibi.Option("SPY", "20261218", 590, "C", "IBKRATS")
    assert "minTradeQty" in taken(at_ibkr, order, 176).terms


@pytest.mark.parametrize("version", [177, 178])
def test_from_177_on_there_is_no_advisor_s_profile(version: int) -> None:
    fields = sent(CALL, PLAIN, 176)
    place = 14 + 19 + 1 + 6  # contract and its second id, the order's head, an old field, up to faPercentage
    assert read_order(FieldReader(fields[:place] + fields[place + 1 :]), version).text("orderRef") == "ours"


class Heard:
    """What the library makes of a message."""

    def __init__(self, fields: list[str], version: int) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.openOrder = self.completedOrder = lambda *found: self.calls.append(found)
        decoder = Decoder(self, version)
        {5: decoder.openOrder, 101: decoder.completedOrder}[int(fields[0])](fields)


def entered(contract: ibi.Contract, order: ibi.Order, version: int) -> Order:
    ticket = taken(contract, order, version)
    con_id = BAG_CON_ID if ticket.is_combo else contract.conId
    return Order(99, 4, 17, ticket, con_id, 3, oca_group=order.ocaGroup, oca_type=order.ocaType,
                 status=Status.SUBMITTED, parent_perm_id=98, outcome="Filled Size: 3", filled=3)  # fmt: skip


ELEVEN = ["13", "SPY", "OPT", "20261218", "590", "C", "100", "SMART", "USD", "SPY   261218C00590000", "SPY"]
ECHOED = (
    "action totalQuantity orderType lmtPrice tif ocaGroup ocaType account openClose orderRef goodTillDate "
    "outsideRth orderComboLegs smartComboRoutingParams allOrNone minQty displaySize"
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("contract", "order"), [(CALL, PLAIN), (BAG, COMBO)], ids=["single", "combination"])
def test_open_orders_say_what_was_placed(contract: ibi.Contract, order: ibi.Order, version: int) -> None:
    found = entered(contract, order, version)
    state = order_reports.State("Submitted", ("1.5",) * 9, "2.6", "careful")
    fields = split_fields(order_reports.open_order(version, found, ELEVEN, state)[4:])
    ((number, heard_contract, heard, heard_state),) = Heard(fields, version).calls
    assert (number, heard.clientId, heard.permId, heard.parentId) == (17, 4, 99, order.parentId)
    assert heard_contract.localSymbol == "SPY   261218C00590000"
    assert [leg.conId for leg in heard_contract.comboLegs] == [leg.conId for leg in contract.comboLegs]
    assert heard_contract.comboLegs == contract.comboLegs
    for name in ECHOED.split():
        assert getattr(heard, name) == getattr(order, name), name
    assert (heard_state.status, heard_state.commission, heard_state.warningText) == (
        "Submitted",
        2.6,
        "careful",
    )
    assert {heard_state.initMarginBefore, heard_state.equityWithLoanAfter} == {"1.5"}
    with pytest.raises((ValueError, IndexError)):
        Heard(fields[:-1], version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("contract", "order"), [(CALL, PLAIN), (BAG, COMBO)], ids=["single", "combination"])
def test_completed_orders_say_what_was_placed(contract: ibi.Contract, order: ibi.Order, version: int) -> None:
    found = entered(contract, order, version)
    when = "20261120 10:00:05 US/Eastern"
    fields = split_fields(order_reports.completed_order(version, found, ELEVEN, when)[4:])
    ((heard_contract, heard, state),) = Heard(fields, version).calls
    assert (heard.permId, heard.parentPermId, heard.filledQuantity) == (99, 98, 3)
    assert (state.completedTime, state.completedStatus) == (when, "Filled Size: 3")
    assert heard_contract.comboLegs == contract.comboLegs
    for name in ECHOED.split():
        assert getattr(heard, name) == getattr(order, name), name
    with pytest.raises((ValueError, IndexError)):
        Heard(fields[:-1], version)


@pytest.mark.parametrize("mark", ["2147483647", "1.7976931348623157E308", "1.7976931348623157e+308", ""])
def test_unset_figures_are_none(mark: str) -> None:
    fields = sent(CALL, PLAIN, 176)
    fields[17] = mark
    ticket = read_order(FieldReader(fields), 176)
    assert ticket.number("lmtPrice") is None
    assert ticket.text("lmtPrice") == ""

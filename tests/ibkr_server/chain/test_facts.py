"""Contract details as facts of an order's leg."""

from datetime import datetime
from decimal import Decimal

import pytest
from ib_insync import Contract, ContractDetails
from ib_insync import PriceIncrement as IbIncrement

from ibkr_server.chain.expiration import NEW_YORK
from ibkr_server.chain.facts import PriceIncrement
from ibkr_server.translation import market_rule_id, to_facts, to_increments


def details(**contract: object) -> ContractDetails:
    """An option on SPX as IB describes it, settled in the morning."""
    told = {
        "conId": 7,
        "symbol": "SPX",
        "secType": "OPT",
        "lastTradeDateOrContractMonth": "20261217",
        "strike": 6100.5,
        "right": "P",
        "multiplier": "100",
        "exchange": "SMART",
        "currency": "USD",
        "localSymbol": "SPX   261218P06100500",
        "tradingClass": "SPX",
    }
    return ContractDetails(
        contract=Contract(**(told | contract)),
        minTick=0.05,
        validExchanges="CBOE,SMART,IBUSOPT",
        marketRuleIds="32,110,32",
        underConId=416904,
        underSecType="IND",
    )


def test_an_option_knows_its_underlying_and_the_instant_it_ends() -> None:
    facts = to_facts(details(), to_increments([IbIncrement(3.0, 0.1), IbIncrement(0.0, 0.05)]))
    assert (facts.underlying_con_id, facts.underlying_type) == (416904, "IND")
    assert (facts.strike, facts.right, facts.multiplier) == (Decimal("6100.5"), "P", 100)
    assert facts.expires == datetime(2026, 12, 17, 9, 30, tzinfo=NEW_YORK)
    assert facts.increments == ((0, Decimal("0.05")), (3, Decimal("0.1")))
    assert facts.is_option


def test_an_unknown_rule_leaves_the_smallest_step() -> None:
    assert to_facts(details(), ()).increments == (PriceIncrement(Decimal(0), Decimal("0.05")),)


def test_a_share_is_its_own_underlying() -> None:
    share = details(
        conId=8, secType="STK", lastTradeDateOrContractMonth="", right="", strike=0.0, multiplier=""
    )
    facts = to_facts(share, ())
    assert (facts.underlying_con_id, facts.underlying_type, facts.multiplier) == (8, "STK", 1)
    assert (facts.expires, facts.strike, facts.right, facts.is_option) == (None, None, None, False)


@pytest.mark.parametrize(
    ("exchanges", "rules", "rule"),
    [
        ("CBOE,SMART", "32,110", 110),
        ("CBOE,ISE", "32,26", 32),
        ("SMART", "26", 26),
        ("", "", None),
        ("SMART,CBOE", "", None),
    ],
)
def test_the_rule_is_that_of_where_orders_go(exchanges: str, rules: str, rule: int | None) -> None:
    found = details()
    found.validExchanges, found.marketRuleIds = exchanges, rules
    assert market_rule_id(found) == rule

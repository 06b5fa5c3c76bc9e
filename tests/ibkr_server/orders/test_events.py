"""Entries survive JSON exactly; kinds keep their names."""

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.orders.events import KINDS, decode, encode

DATES = st.datetimes(timezones=st.just(UTC))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_an_entry_survives_json(kind: str, data: st.DataObject):
    from datetime import datetime
    from decimal import Decimal

    st.register_type_strategy(datetime, DATES)
    st.register_type_strategy(Decimal, DECIMALS)
    event = data.draw(st.from_type(KINDS[kind]))
    name, payload = encode(event)
    assert name == kind
    assert decode(name, json.loads(json.dumps(payload))) == event


def test_names_in_the_journal_are_for_ever():
    assert list(KINDS) == [
        "intent",
        "unsent",
        "unanswered",
        "reported",
        "twinned",
        "complained",
        "absent",
        "cancel intent",
        "replace intent",
        "replace settled",
        "executed",
        "commissioned",
        "progressed",
        "foreign seen",
        "halted",
        "resumed",
        "everything cancelled",
        "alerted",
        "reconciled",
        "lease granted",
        "lease ended",
    ]
    with pytest.raises(KeyError):
        decode("of a later version", {})

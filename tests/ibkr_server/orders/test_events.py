"""Entries survive JSON exactly; kinds keep their names."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_server.orders.events import KINDS, Event, LeaseGranted, decode, encode

DATES = st.datetimes(timezones=st.just(UTC))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)


def is_finite(event: Event) -> bool:
    return not isinstance(event, LeaseGranted) or math.isfinite(event.seconds)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_an_entry_survives_json(kind: str, data: st.DataObject):
    st.register_type_strategy(datetime, DATES)
    st.register_type_strategy(Decimal, DECIMALS)
    event = data.draw(st.from_type(KINDS[kind]).filter(is_finite))
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

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_server.gateway.figures import count, figure


@given(st.decimals("-99999999", "99999999", places=4))
def test_a_figure_is_the_decimal_that_was_written(written: Decimal) -> None:
    assert figure(str(written)) == figure(float(written)) == written
    assert str(count(float(written))) == f"{written.normalize():f}"


@pytest.mark.parametrize(
    "nothing", ["1.7976931348623157E308", 1.7976931348623157e308, "", "n/a", "nan", float("inf")]
)
def test_what_is_no_figure_is_none(nothing: float | str) -> None:
    assert figure(nothing) is None
    assert count(nothing) == 0

"""The smile against SciPy's interpolator."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator
from spreadmesh_client.payoff.smile import smile_volatility

knots = st.lists(st.integers(-40, 40), min_size=2, max_size=8, unique=True).map(
    lambda steps: [step / 50 for step in sorted(steps)]
)


@given(knots, st.data())
def test_it_is_scipys(x: list[float], data: st.DataObject) -> None:
    y = data.draw(st.lists(st.floats(0.01, 3), min_size=len(x), max_size=len(x)))
    at = data.draw(st.floats(-1, 1))
    expected = float(PchipInterpolator(x, y)(np.clip(at, x[0], x[-1])))
    assert smile_volatility(at, x, y) == pytest.approx(expected, abs=1e-12)


def test_one_point_is_flat_and_none_is_nothing() -> None:
    assert smile_volatility(0.3, [0.1], [0.2]) == 0.2
    assert smile_volatility(0.3, [], []) is None

"""Every strategy of the registry on real quotes against libraries that know nothing of this project."""

import pytest

from scanner_server.strategies.registry import STRATEGIES
from scanner_server.strategies.strategy import Strategy
from tests.scanner_server.reference.comparison import TIMES, worst_of

ONE_EXPIRATION = {
    "largest profit and loss": 1e-9,
    "breakevens": 1e-9,
    "probability of profit": 1e-6,
    "expected values": 1e-6,
    "Greeks": 1e-6,
    "implied volatility": 1e-6,
}
TWO_EXPIRATIONS = dict.fromkeys(ONE_EXPIRATION, 1e-4) | {"Greeks": 1e-6, "implied volatility": 1e-6}
OVER_TWO = {"calendar", "diagonal"}


@pytest.mark.parametrize("hour", TIMES)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.name)
def test_a_scan_agrees_with_libraries(strategy: Strategy, hour: float) -> None:
    compared, worst = worst_of(strategy.name, hour)
    assert compared >= 8
    bounds = TWO_EXPIRATIONS if strategy.family in OVER_TWO else ONE_EXPIRATION
    assert {group: error for group, error in worst.items() if not error <= bounds[group]} == {}

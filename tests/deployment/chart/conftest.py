"""Each set of values, and each overlay."""

import pytest

from tests.deployment.chart.rendering import OVERLAYS, VALUES, Object, built, chart, objects

EVERYTHING = [f"chart-{name}" for name in VALUES] + [f"overlay-{name}" for name in OVERLAYS]


@pytest.fixture(params=EVERYTHING)
def found(request: pytest.FixtureRequest) -> list[Object]:
    """The objects of the chart with one set of values, or of an overlay."""
    source, _, name = request.param.partition("-")
    return chart(name) if source == "chart" else objects(built(name))

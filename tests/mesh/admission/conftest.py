"""Servers whose limits a test states with `limited(rate_limits=..., ...)`."""

import pytest

from mesh.settings import MeshSettings


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> MeshSettings:
    return MeshSettings(host="127.0.0.1", port=0, drain_seconds=0, **getattr(request, "param", {}))

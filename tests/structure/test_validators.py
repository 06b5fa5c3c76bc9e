"""Settings come from several classes: of two validators of one name pydantic leaves one out silently."""

from collections import Counter

import pytest

from ibkr_server.settings import IbkrSettings
from mesh.environment import EnvironmentSettings
from scanner_server.settings import ScannerSettings


def of_their_own(kind: type) -> list[str]:
    decorators = getattr(kind, "__pydantic_decorators__", None)
    return [name for name in vars(kind) if decorators and name in decorators.field_validators]


@pytest.mark.parametrize("settings", [IbkrSettings, ScannerSettings])
def test_no_two_validators_have_one_name(settings: type[EnvironmentSettings]) -> None:
    found = Counter(name for kind in settings.__mro__ for name in of_their_own(kind))
    assert len(found) > 5
    assert [name for name, times in found.items() if times > 1] == []

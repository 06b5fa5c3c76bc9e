"""Certificates of a server that asks for those of its clients, and an issuer of tokens."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue
from tests.token_issuer import TokenIssuer


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def mounted(tmp_path: Path, authority: Authority) -> Callable[[], dict[str, str]]:
    """Makes the TLS settings of a server."""
    files = Mounted.at(tmp_path / "server", issue(authority, f"{SPIFFE}/server", LOCAL))
    return lambda: {name.lower(): value for name, value in files.server().items()}


@pytest.fixture
def issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture
def served_issuer() -> Iterator[TokenIssuer]:
    issuer = TokenIssuer()
    with issuer.serving():
        yield issuer

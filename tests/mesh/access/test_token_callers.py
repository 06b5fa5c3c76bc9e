"""Tokens over their time: verified once, refused from their end on, and as soon as their key is withdrawn."""

import pytest

from mesh.access import token_callers
from mesh.access.issuer_keys import LEAST_PAUSE_SECONDS, IssuerKeys
from mesh.access.roles import Caller, Role
from mesh.access.token_callers import TokenCallers
from mesh.access.token_claims import TokenKeyUnknown, TokenRules
from mesh.errors import MeshError
from tests.token_issuer import AUDIENCE, TokenIssuer

NOW = 1_900_000_000.0
ANN = Caller("oidc/ann", Role.TRADER)


class Holders:
    """Callers by token, on a clock and with keys of the test's own."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self.now = NOW
        self.issuer = issuer
        self.keys = IssuerKeys(self.fetch, lambda: self.now)
        rules = TokenRules(issuer.url, AUDIENCE, "spreadmesh_role", "sub")
        self.callers = TokenCallers(self.keys, rules, lambda: self.now)

    async def fetch(self) -> bytes:
        return self.issuer.key_set

    async def learn(self) -> None:
        async with self.callers.kept_fresh():
            pass


@pytest.fixture
async def holders(issuer: TokenIssuer) -> Holders:
    holders = Holders(issuer)
    await holders.learn()
    return holders


def reason(caught: pytest.ExceptionInfo[MeshError]) -> str:
    return caught.value.details[0].reason


async def test_a_token_counts_until_its_end_and_half_a_minute_more(holders, issuer):
    token = issuer.token(now=NOW)
    for seconds in (0, 1, 299, 329):
        holders.now = NOW + seconds
        assert holders.callers.caller(token) == ANN
    holders.now = NOW + 330
    for _ in range(2):
        with pytest.raises(MeshError) as caught:
            holders.callers.caller(token)
        assert reason(caught) == "JWT_EXPIRED"


async def test_it_is_verified_once(holders, issuer, monkeypatch):
    verified = []
    verify = token_callers.verified_claims
    monkeypatch.setattr(
        token_callers, "verified_claims", lambda *given: (verified.append(given[0]), verify(*given))[1]
    )
    tokens = [issuer.token(now=NOW, jti=str(number)) for number in range(3)]
    for _ in range(5):
        for token in tokens:
            assert holders.callers.caller(token) == ANN
    assert verified == tokens


async def test_what_is_remembered_is_bounded(holders, issuer, monkeypatch):
    monkeypatch.setattr(token_callers, "MOST_REMEMBERED", 10)
    for number in range(50):
        assert holders.callers.caller(issuer.token(now=NOW, jti=str(number))) == ANN
    assert repr(holders.callers) == "<TokenCallers 10 verified>"


async def test_a_key_that_is_withdrawn_takes_its_tokens_along(holders, issuer):
    token = issuer.token(now=NOW)
    assert holders.callers.caller(token) == ANN
    issuer.rotate("second")
    holders.now += LEAST_PAUSE_SECONDS
    await holders.learn()
    with pytest.raises(TokenKeyUnknown):
        holders.callers.caller(token)
    assert holders.callers.caller(issuer.token(now=NOW)) == ANN


async def test_without_keys_a_token_is_to_be_tried_again(issuer):
    with pytest.raises(MeshError) as caught:
        Holders(issuer).callers.caller(issuer.token(now=NOW))
    assert caught.value.code.name == "UNAVAILABLE"
    assert caught.value.retry_after_seconds

"""Keys, tokens and certificates together: the bearer names the user, the certificate caps its role."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest

from mesh.access.authentication import ByCredentials
from mesh.access.identities import parse_identities
from mesh.access.issuer_keys import IssuerKeys
from mesh.access.keys import key_line, parse_keys
from mesh.access.roles import Caller, Role
from mesh.access.token_callers import TokenCallers
from mesh.access.token_claims import TokenRules
from mesh.errors import MeshError
from tests.mesh.access.calls import Call
from tests.token_issuer import AUDIENCE, TokenIssuer

KEYS = {role: f"smk_{role.name}" for role in Role}
SPIFFE = {role: f"spiffe://mesh.test/{role.name.lower()}" for role in Role}
UNLISTED = "spiffe://mesh.test/unlisted"


@pytest.fixture
async def known(issuer: TokenIssuer) -> ByCredentials:
    keys = parse_keys("\n".join(key_line(f"k-{role.name}", role, key) for role, key in KEYS.items()))
    lines = (f"{uri} {role.name.lower()} w-{role.name}" for role, uri in SPIFFE.items())
    identities = parse_identities("\n".join(lines))

    async def fetch() -> bytes:
        return issuer.key_set

    issuer_keys = IssuerKeys(fetch)
    async with issuer_keys.kept_fresh():
        pass
    tokens = TokenCallers(issuer_keys, TokenRules(issuer.url, AUDIENCE, "spreadmesh_role", "sub"))
    return ByCredentials(keys=lambda: keys, tokens=tokens, identities=lambda: identities)


def refused(known: ByCredentials, call: Call) -> str:
    with pytest.raises(MeshError) as caught:
        known.caller(call)
    assert caught.value.code.name == "UNAUTHENTICATED"
    return caught.value.details[0].reason


def test_a_listed_certificate_alone_is_the_caller(known):
    for role in Role:
        assert known.caller(Call(spiffe_id=SPIFFE[role])) == Caller(f"w-{role.name}", role)


@pytest.mark.parametrize(
    "spiffe_id", [None, UNLISTED, SPIFFE[Role.TRADER] + "/more", SPIFFE[Role.TRADER][:-1]]
)
def test_any_other_alone_is_nobody(known, spiffe_id):
    assert refused(known, Call(spiffe_id=spiffe_id)) == "API_KEY_MISSING"


def test_a_name_without_a_proof_is_nobody(known):
    assert refused(known, Call(spiffe_id=SPIFFE[Role.OPERATOR], proves=False)) == "API_KEY_MISSING"


def bearers(issuer: TokenIssuer) -> Iterator[tuple[str, str, Role]]:
    for role in Role:
        yield f"k-{role.name}", KEYS[role], role
        yield "oidc/ann", issuer.token(spreadmesh_role=role.name.lower()), role


def test_over_a_listed_certificate_nobody_comes_further_than_it(known, issuer):
    for (name, bearer, role), cap in product(bearers(issuer), Role):
        assert known.caller(Call(bearer, spiffe_id=SPIFFE[cap])) == Caller(name, Role(min(role, cap)))


def test_over_any_other_the_bearer_counts_alone(known, issuer):
    for (name, bearer, role), spiffe_id in product(bearers(issuer), (None, UNLISTED)):
        assert known.caller(Call(bearer, spiffe_id=spiffe_id)) == Caller(name, role)


Wrong = Callable[[TokenIssuer], tuple[str, ...]]
WRONG: dict[str, Wrong] = {
    "unknown": lambda _: ("smk_nobody",),
    "none": lambda _: ("",),
    "two": lambda _: (KEYS[Role.VIEWER], KEYS[Role.TRADER]),
    "expired": lambda issuer: (issuer.token(now=1_000_000),),
    "foreign": lambda _: (TokenIssuer().token(),),
    "not ours": lambda issuer: (issuer.token(aud="other"),),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_certificate_helps_no_bearer_that_does_not_count(known, issuer, how):
    reasons = {refused(known, Call(*WRONG[how](issuer), spiffe_id=uri)) for uri in (None, *SPIFFE.values())}
    assert len(reasons) == 1


def test_each_kind_counts_only_where_it_was_set_up(known, issuer):
    nothing = ByCredentials(keys=dict)
    for call in (
        Call(KEYS[Role.VIEWER]),
        Call(issuer.token()),
        Call(spiffe_id=SPIFFE[Role.VIEWER]),
        Call(KEYS[Role.VIEWER], spiffe_id=SPIFFE[Role.VIEWER]),
    ):
        assert known.caller(call)
        assert refused(nothing, call) in {"API_KEY_UNKNOWN", "API_KEY_MISSING"}

"""Which tokens count, tried with tokens that another implementation has signed."""

import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.rpc.error_details_pb2 import ErrorInfo
from hypothesis import given
from hypothesis import strategies as st

from mesh.access.roles import Caller, Role
from mesh.access.token_claims import TokenKeyUnknown, TokenRules, caller_of, parse_key_set, verified_claims
from mesh.errors import MeshError
from tests.token_issuer import AUDIENCE, TokenIssuer, encoded, new_private_key, public_jwk

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")

NOW = 1_900_000_000.0
LEEWAY = 30
ISSUER = TokenIssuer()
RSA = TokenIssuer(algorithm="RS256")
RULES = TokenRules(ISSUER.url, AUDIENCE, role_claim="spreadmesh_role", name_claim="sub")


def claims(token: str, issuer: TokenIssuer = ISSUER, now: float = NOW) -> dict[str, Any]:
    return verified_claims(token, parse_key_set(issuer.key_set), RULES, now)


def refusal(token: str, issuer: TokenIssuer = ISSUER, now: float = NOW) -> tuple[str, MeshError]:
    with pytest.raises(MeshError) as caught:
        claims(token, issuer, now)
    (info,) = caught.value.details
    assert isinstance(info, ErrorInfo)
    for part in filter(None, token.split(".")):
        assert len(part) < 8 or part not in f"{caught.value} {caught.value.details}"
    return info.reason, caught.value


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
def test_each_algorithm_of_the_list_counts(algorithm):
    issuer = TokenIssuer(algorithm=algorithm)
    assert claims(issuer.token(now=NOW), issuer)["sub"] == "ann"


def test_the_right_one_of_several_keys_is_taken():
    issuer = TokenIssuer()
    before = issuer.token(now=NOW)
    issuer.rotate("second", algorithm="RS256", keep=True)
    assert [claims(token, issuer)["sub"] for token in (before, issuer.token(now=NOW))] == ["ann", "ann"]


def pem(issuer: TokenIssuer) -> bytes:
    public = issuer.keys[issuer.kid].public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


OTHER = TokenIssuer()
STRONGER = ec.generate_private_key(ec.SECP384R1())
FORGED = {
    "no signature": ISSUER.token(now=NOW, header={"alg": "none"}),
    "no signature, in other letters": ISSUER.token(now=NOW, header={"alg": "nOnE"}, key=b"x"),
    "the public key as a secret": RSA.token(now=NOW, header={"alg": "HS256"}, key=pem(RSA)),
    "the public key of a curve as a secret": ISSUER.token(now=NOW, header={"alg": "HS256"}, key=pem(ISSUER)),
    "an empty secret": ISSUER.token(now=NOW, header={"alg": "HS256"}, key=b""),
    "a foreign key under our key's id": ISSUER.token(now=NOW, key=OTHER.keys["first"]),
    "another curve": ISSUER.token(now=NOW, key=STRONGER),
    "another algorithm of the same key": RSA.token(now=NOW, header={"alg": "RS512"}),
    "a key of its own": ISSUER.token(
        now=NOW,
        key=OTHER.keys["first"],
        header={"jwk": public_jwk(OTHER.keys["first"], "first"), "jku": "https://evil.example/keys"},
    ),
    "an extension that must be understood": ISSUER.token(now=NOW, header={"crit": ["new"], "new": 1}),
    "an unencoded payload": ISSUER.token(now=NOW, header={"crit": ["b64"], "b64": False}),
}


@pytest.mark.parametrize("how", FORGED)
@pytest.mark.parametrize("issuer", [ISSUER, RSA], ids=["ES256", "RS256"])
def test_a_forged_token_is_refused(how, issuer):
    assert refusal(FORGED[how], issuer)[0] == "JWT_INVALID"


@pytest.mark.parametrize("kid", ["new", None, ""])
def test_a_key_that_nobody_published_may_be_a_new_one(kid):
    reason, error = refusal(ISSUER.token(now=NOW, header={"kid": kid}))
    assert reason == "JWT_KEY_UNKNOWN"
    assert isinstance(error, TokenKeyUnknown)


@pytest.mark.parametrize("kid", [["first"], 1, {"first": 1}, True])
def test_a_key_id_is_text(kid):
    assert refusal(ISSUER.token(now=NOW, header={"kid": kid}))[0] in {"JWT_INVALID", "JWT_KEY_UNKNOWN"}


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://issuer.example/other"},
        {"iss": "https://issuer.example/realm/"},
        {"iss": None},
        {"iss": [ISSUER.url]},
        {"aud": "another"},
        {"aud": ["another", "more"]},
        {"aud": None},
        {"aud": {AUDIENCE: 1}},
        {"aud": []},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"exp": None},
        {"exp": "2100-01-01"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"nbf": NOW + LEEWAY + 2},
        {"nbf": "soon"},
        {"iat": NOW + LEEWAY + 2},
    ],
    ids=str,
)
def test_a_token_for_others_or_for_later_is_refused(changed):
    reason, error = refusal(ISSUER.token(now=NOW, **changed))
    assert reason == "JWT_INVALID"
    assert (
        error.message
        == f"the token does not count: {next(iter(changed))} is missing, or not what it has to be here"
    )


def test_we_may_be_one_of_several_audiences():
    assert claims(ISSUER.token(now=NOW, aud=["another", AUDIENCE]))


def test_clocks_may_be_half_a_minute_apart():
    token = ISSUER.token(now=NOW, exp=NOW, nbf=NOW)
    assert claims(token, now=NOW + LEEWAY - 1)
    assert refusal(token, now=NOW + LEEWAY)[0] == "JWT_EXPIRED"
    early = ISSUER.token(now=NOW, nbf=NOW)
    assert claims(early, now=NOW - LEEWAY)
    assert refusal(early, now=NOW - LEEWAY - 1)[0] == "JWT_INVALID"


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=60))
def test_no_text_is_a_token(text):
    assert refusal(text)[0] in {"JWT_INVALID", "JWT_KEY_UNKNOWN"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["alg", "kid", "x"]), inner),
    max_leaves=6,
)


@given(json_values, json_values, st.binary(max_size=70))
def test_no_header_of_a_stranger_does_more_than_be_refused(head, body, signature):
    parts = [encoded(json.dumps(part).encode()) for part in (head, body)] + [encoded(signature)]
    assert refusal(".".join(parts))[0] in {"JWT_INVALID", "JWT_KEY_UNKNOWN"}


GOOD = ISSUER.token(now=NOW)


@given(st.data())
def test_a_changed_letter_makes_it_another_token(data):
    token = GOOD
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019_-.").filter(lambda other: other != token[place]))
    changed = token[:place] + letter + token[place + 1 :]
    try:
        said = claims(changed)
    except MeshError:
        return
    # The last letter of the signature has bits that carry nothing.
    assert place == len(token) - 1
    assert said["sub"] == "ann"


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": 1}', b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_key_set_is_told(text):
    with pytest.raises(ValueError, match=r"Key Set|decode|Expecting"):
        parse_key_set(text)


def test_only_keys_that_may_verify_our_algorithms_are_kept():
    weak = rsa.generate_private_key(65537, 1024)
    good = public_jwk(new_private_key("ES256"), "good")
    entries = [
        good,
        public_jwk(weak, "weak"),
        {"kid": "secret", "kty": "oct", "k": "c2VjcmV0"},
        {"kid": "strange", "kty": "AKP", "pub": "x"},
        {"kid": "broken", "kty": "EC", "crv": "P-256", "x": "!", "y": "!"},
        {"kty": "RSA"},
        "text",
        {name: value for name, value in good.items() if name != "kid"},
    ]
    assert list(parse_key_set(json.dumps({"keys": entries}).encode())) == ["good"]


def test_a_key_for_something_else_verifies_nothing():
    for other in ({"use": "enc"}, {"alg": "ES384"}, {"key_ops": ["sign"]}):
        entry = public_jwk(ISSUER.keys["first"], "first") | other
        keys = parse_key_set(json.dumps({"keys": [entry]}).encode())
        with pytest.raises(MeshError):
            verified_claims(ISSUER.token(now=NOW), keys, RULES, NOW)


def caller(**said: Any) -> Caller:
    return caller_of({"sub": "ann", "spreadmesh_role": "trader"} | said, RULES)


@pytest.mark.parametrize(
    ("given", "role"),
    [
        ("viewer", Role.VIEWER),
        ("operator", Role.OPERATOR),
        (["viewer", "trader", "previewer"], Role.TRADER),
        (["offline_access", 7, None, {"a": 1}, "viewer"], Role.VIEWER),
    ],
)
def test_the_highest_known_role_counts(given, role):
    assert caller(spreadmesh_role=given).role is role


@pytest.mark.parametrize(
    "given", [None, "", "TRADER", "root", "viewer trader", [], ["root"], [["trader"]], 3, True, {"trader": 1}]
)
def test_without_a_role_nobody_may_anything(given):
    with pytest.raises(MeshError, match="no role") as caught:
        caller(spreadmesh_role=given)
    assert caught.value.code.name == "PERMISSION_DENIED"


@pytest.mark.parametrize("claim", ["realm_access.roles", "https://spreadmesh.example/roles"])
def test_a_role_may_lie_within_another_claim_or_have_a_name_with_dots(claim):
    rules = TokenRules(ISSUER.url, AUDIENCE, role_claim=claim, name_claim="sub")
    said = {"realm_access": {"roles": ["trader"]}, "https://spreadmesh.example/roles": ["trader"]}
    assert caller_of({"sub": "ann"} | said, rules).role is Role.TRADER
    for wrong in ({"realm_access": "trader"}, {"realm_access": {"role": "trader"}}, {}):
        with pytest.raises(MeshError):
            caller_of({"sub": "ann"} | wrong, rules)


@pytest.mark.parametrize("name", [None, "", 7, ["ann"]])
def test_a_caller_has_a_name(name):
    with pytest.raises(MeshError, match="name"):
        caller(sub=name)


def test_the_name_may_come_from_another_claim():
    rules = TokenRules(ISSUER.url, AUDIENCE, role_claim="spreadmesh_role", name_claim="preferred_username")
    said = {"sub": "1", "preferred_username": "ann", "spreadmesh_role": "viewer"}
    assert re.fullmatch("oidc/ann", caller_of(said, rules).name)

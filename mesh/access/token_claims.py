"""What a signed token says of its caller: JSON Web Tokens, RFC 7519, of an OpenID Connect issuer.

Checked as RFC 8725 advises: the algorithms are ours to choose and asymmetric only, a key is used for its own
algorithm alone, issuer and audience must be the expected ones. No text of an error quotes the token.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import ClaimError, ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact, validate_compact
from joserfc.jwt import JWTClaimsRegistry

from mesh.access.names import derived_name
from mesh.access.roles import Caller, Role, parse_role
from mesh.errors import MeshError, permission_denied, unauthenticated

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
LEEWAY_SECONDS: Final = 30
"""How far the issuer's clock may be from ours."""
MOST_HEADER_BYTES: Final = 4096
SOURCE: Final = "oidc"
SHORTEST_RSA_BITS: Final = 2048  # RFC 7518, section 3.3

# Every issuer says EdDSA; its name by curve, which RFC 9864 asks for, is taken as well.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)

Keys = Mapping[str, Key]
"""Public keys of an issuer, by key id."""


class TokenKeyUnknown(MeshError):  # noqa: N818 - a refusal, named like the others
    """UNAUTHENTICATED: the issuer's keys, as they are known here, do not have the token's."""


@dataclass(frozen=True)
class TokenRules:
    """Which tokens count, and what is read from them."""

    issuer: str
    audience: str
    role_claim: str
    name_claim: str


def parse_key_set(text: bytes) -> Keys:
    """The keys of a JSON Web Key Set, RFC 7517, that may verify tokens; the others are left out.

    Raises:
        ValueError: It is no such set.
    """
    try:
        entries = json.loads(text)["keys"]
        keys = [key for key in map(_usable, entries) if key is not None]
    except (KeyError, TypeError, RecursionError):
        raise ValueError("it is no JSON Web Key Set") from None
    return {key.kid: key for key in keys if key.kid is not None}


def _usable(entry: Any) -> Key | None:
    try:
        key = JWKRegistry.import_key(entry)
    except (JoseError, ValueError, TypeError):
        return None  # of a kind that we don't know
    if isinstance(key, RSAKey):
        return key if key.public_key.key_size >= SHORTEST_RSA_BITS else None
    return key if isinstance(key, ECKey | OKPKey) else None


def verified_claims(token: str, keys: Keys, rules: TokenRules, now: float) -> dict[str, Any]:
    """The claims of a token that is signed by one of the keys, meant for us, and valid at `now`.

    Args:
        token: As the caller sent it.
        keys: Of the issuer.
        rules: Issuer and audience.
        now: Unix seconds.

    Raises:
        MeshError: UNAUTHENTICATED; with JWT_EXPIRED if only its time is over. `TokenKeyUnknown` is one.
    """
    try:
        return _verified(token, keys, rules, now)
    except MeshError:
        raise
    except ExpiredTokenError:
        raise unauthenticated("JWT_EXPIRED", "the token has expired: get a new one") from None
    except ClaimError as error:  # it names one of the claims below
        raise _invalid(f"{error.claim} is missing, or not what it has to be here") from None
    except JoseError as error:
        raise _invalid(error.error.replace("_", " ")) from None
    except Exception:  # whatever a stranger's text does to its reader, it is not let in
        raise _invalid("it can't be read") from None


def _verified(token: str, keys: Keys, rules: TokenRules, now: float) -> dict[str, Any]:
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)  # issuers add fields
    registry.max_header_length = MOST_HEADER_BYTES
    signed = extract_compact(token.encode(), registry=registry)
    registry.get_alg(signed.headers()["alg"])  # before the key, which none of ours may be
    key = keys.get(str(signed.headers().get("kid")))
    if key is None:
        raise _key_unknown()
    if not validate_compact(signed, key, registry=registry):
        raise _invalid("its signature is wrong")
    claims = json.loads(signed.payload)
    JWTClaimsRegistry(
        now=int(now),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": rules.issuer},
        aud={"essential": True, "value": rules.audience},
        sub={"essential": True},
        exp={"essential": True},
    ).validate(claims)
    return dict(claims)


def caller_of(claims: Mapping[str, Any], rules: TokenRules) -> Caller:
    """Who the claims are about.

    Raises:
        MeshError: UNAUTHENTICATED for nobody with a name, PERMISSION_DENIED for somebody without a role.
    """
    name = claims.get(rules.name_claim)
    if not isinstance(name, str) or not name:
        raise _invalid("the claim of the name is missing or no text")
    given = _at(claims, rules.role_claim)
    words = given if isinstance(given, list) else [given]
    roles = [role for role in map(_known_role, words) if role is not None]
    if not roles:
        raise permission_denied("JWT_WITHOUT_ROLE", "the token gives its holder no role of this mesh")
    return Caller(derived_name(SOURCE, name), max(roles))


def _at(claims: Mapping[str, Any], claim: str) -> object:
    """A claim by its name, or by its way: `realm_access.roles` is within `realm_access`."""
    if claim in claims:
        return claims[claim]
    found: object = claims
    for part in claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _known_role(word: object) -> Role | None:
    try:
        return parse_role(word) if isinstance(word, str) else None
    except ValueError:
        return None


def _key_unknown() -> TokenKeyUnknown:
    refusal = unauthenticated("JWT_KEY_UNKNOWN", "the issuer publishes no key like that of the token")
    return TokenKeyUnknown(refusal.code, refusal.message, *refusal.details)


def _invalid(why: str) -> MeshError:
    return unauthenticated("JWT_INVALID", f"the token does not count: {why}")

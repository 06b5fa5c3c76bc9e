"""Every kind of credential, and what its holder becomes by it."""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mesh.access.keys import new_key
from tests.certificates import SPIFFE
from tests.token_issuer import TokenIssuer

RANKS: Final = ["viewer", "previewer", "trader", "operator"]
LET_IN: Final = "INVALID_ARGUMENT"
"""What whoever is let in hears of a message that no server can read."""
TOO_LOW: Final = "PERMISSION_DENIED ROLE_TOO_LOW"
SCANNER: Final = f"{SPIFFE}/ns/spreadmesh/sa/scanner"
BOT: Final = f"{SPIFFE}/ns/bots/sa/desk-1"
UNLISTED: Final = f"{SPIFFE}/ns/people/sa/cli"
KEYS: Final = {rank: new_key() for rank in RANKS}


@dataclass(frozen=True)
class Credential:
    """What a caller shows, and what comes of it: a role, or how every method refuses."""

    certificate: str
    bearer: str | None
    becomes: str

    def expected(self, least: str) -> str:
        if self.becomes not in RANKS:
            return self.becomes
        return LET_IN if RANKS.index(self.becomes) >= RANKS.index(least) else TOO_LOW


def lower(one: str, other: str) -> str:
    return min(one, other, key=RANKS.index)


def credentials(issuer: TokenIssuer) -> dict[str, Credential]:
    """Every kind, by what it is."""
    foreign = TokenIssuer(issuer.url)
    public = issuer.keys["first"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unknown, invalid = "UNAUTHENTICATED API_KEY_UNKNOWN", "UNAUTHENTICATED JWT_INVALID"
    tokens = {rank: issuer.token(spreadmesh_role=rank) for rank in RANKS}
    bearers = {
        **{f"key of a {rank}": (KEYS[rank], rank) for rank in RANKS},
        **{f"token of a {rank}": (tokens[rank], rank) for rank in RANKS},
        "token of two roles": (issuer.token(spreadmesh_role=["viewer", "trader"]), "trader"),
        "unknown key": (new_key(), unknown),
        "half a key": (KEYS["operator"][:-1], unknown),
        "no key at all": ("operator", unknown),
        "token without a role": (issuer.token(spreadmesh_role=None), "PERMISSION_DENIED JWT_WITHOUT_ROLE"),
        "token of an unknown role": (
            issuer.token(spreadmesh_role="root"),
            "PERMISSION_DENIED JWT_WITHOUT_ROLE",
        ),
        "expired token": (issuer.token(now=1.0, spreadmesh_role="operator"), "UNAUTHENTICATED JWT_EXPIRED"),
        "token for later": (issuer.token(nbf=4e9, spreadmesh_role="operator"), invalid),
        "token for others": (issuer.token(aud="another", spreadmesh_role="operator"), invalid),
        "token of another issuer": (issuer.token(iss="https://evil.example"), invalid),
        "token signed by another": (foreign.token(spreadmesh_role="operator"), invalid),
        "token of another's key": (
            foreign.token(header={"kid": "second"}),
            "UNAUTHENTICATED JWT_KEY_UNKNOWN",
        ),
        "token without a signature": (issuer.token(header={"alg": "none"}), invalid),
        "token signed with the public key": (issuer.token(header={"alg": "HS256"}, key=pem), invalid),
        "token cut short": (tokens["operator"][:-20], invalid),
        "token of three dots": ("a.b.c.d", unknown),
    }
    none = "UNAUTHENTICATED API_KEY_MISSING"
    return {
        "nothing": Credential(UNLISTED, None, none),
        "the scanner": Credential(SCANNER, None, "viewer"),
        "a bot": Credential(BOT, None, "trader"),
        **{
            f"{bearer} over {over}": Credential(
                uri, text, lower(becomes, cap) if cap and becomes in RANKS else becomes
            )
            for bearer, (text, becomes) in bearers.items()
            for over, uri, cap in (
                ("another", UNLISTED, None),
                ("the scanner", SCANNER, "viewer"),
                ("a bot", BOT, "trader"),
            )
        },
    }

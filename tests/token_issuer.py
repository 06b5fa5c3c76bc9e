"""An OpenID Connect issuer: keys, tokens signed without the library that checks them, and its web server."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

AUDIENCE: Final = "spreadmesh"
_PSS: Final = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)


def new_private_key(algorithm: str) -> PrivateKey:
    """One that signs by it."""
    match algorithm:
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "EdDSA" | "Ed25519":
            return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


def encoded(data: bytes | Mapping[str, Any]) -> str:
    """Base64url without padding, as RFC 7515 has it."""
    octets = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(value: int, octets: int | None = None) -> str:
    return encoded(value.to_bytes(octets or (value.bit_length() + 7) // 8))


def public_jwk(key: PrivateKey, kid: str) -> dict[str, str]:
    """The public half, as an issuer publishes it."""
    public = key.public_key()
    match public:
        case rsa.RSAPublicKey():
            numbers = public.public_numbers()
            return {"kid": kid, "kty": "RSA", "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}
        case ec.EllipticCurvePublicKey():
            point = public.public_numbers()
            both = {"x": number(point.x, 32), "y": number(point.y, 32)}
            return {"kid": kid, "kty": "EC", "crv": "P-256", "alg": "ES256"} | both
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kid": kid, "kty": "OKP", "crv": "Ed25519", "x": encoded(raw)}


def signature(key: PrivateKey | bytes, algorithm: str, signed: bytes) -> bytes:
    """As RFC 7518 and RFC 8037 have it."""
    match key:
        case bytes():
            return hmac.digest(key, signed, hashlib.sha256)
        case rsa.RSAPrivateKey():
            scheme = _PSS if algorithm == "PS256" else padding.PKCS1v15()
            return key.sign(signed, scheme, hashes.SHA256())
        case ec.EllipticCurvePrivateKey():
            r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
            octets = key.key_size // 8
            return r.to_bytes(octets) + s.to_bytes(octets)
    return key.sign(signed)


class TokenIssuer:
    """Signs tokens and publishes its keys; `answers` may be replaced."""

    def __init__(self, url: str = "https://issuer.example/realm", algorithm: str = "ES256") -> None:
        self.url = url
        self.algorithm = algorithm
        self.kid = "first"
        self.keys: dict[str, PrivateKey] = {}
        self.asked: list[str] = []
        self.rotate("first")

    def rotate(self, kid: str, *, algorithm: str | None = None, keep: bool = False) -> None:
        """Sign with a new key from now on, and publish it, alone or beside the others."""
        self.algorithm, self.kid = algorithm or self.algorithm, kid
        self.keys = (self.keys if keep else {}) | {kid: new_private_key(self.algorithm)}

    @property
    def key_set(self) -> bytes:
        """What it publishes."""
        return json.dumps({"keys": [public_jwk(key, kid) for kid, key in self.keys.items()]}).encode()

    def token(
        self,
        *,
        key: PrivateKey | bytes | None = None,
        header: Mapping[str, Any] | None = None,
        now: float | None = None,
        **claims: Any,
    ) -> str:
        """A token of `ann`, a trader, for five minutes from `now`; claims of None are left out."""
        issued = time.time() if now is None else now
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "spreadmesh_role": "trader"}
        said = usual | {"iat": issued, "exp": issued + 300} | claims
        head = {"typ": "JWT", "alg": self.algorithm, "kid": self.kid} | (header or {})
        parts = [{name: value for name, value in part.items() if value is not None} for part in (head, said)]
        signed = ".".join(map(encoded, parts))
        if head["alg"] == "none":
            return signed + "."
        own = self.keys[self.kid] if key is None else key
        made = signature(own, head["alg"], signed.encode())
        return f"{signed}.{encoded(made)}"

    @contextmanager
    def serving(self, context: ssl.SSLContext | None = None) -> Iterator[None]:
        """Answer on this machine, at `url`, inside the block; by https where there is a certificate."""
        issuer = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                status, headers, body = issuer.answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Not in the tests' output."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
            if context is not None:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            self.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}/realm"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a page."""
        match path:
            case "/realm/.well-known/openid-configuration":
                told = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
                return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()
            case "/realm/keys":
                return 200, {"Content-Type": "application/json"}, self.key_set
        return 404, {}, b""

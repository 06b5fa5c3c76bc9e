"""What the files of a certificate say, and whether that can be used; no input or output."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


@dataclass(frozen=True)
class Certificate:
    """A certificate chain and the private key of its first certificate, both PEM."""

    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)
    not_after: datetime
    """UTC."""


def parse_chain(pem: bytes, now: datetime) -> x509.Certificate:
    """The first certificate of a chain.

    Raises:
        ValueError: There is none, or it has expired.
    """
    first = _certificates(pem)[0]
    if first.not_valid_after_utc <= now:
        raise ValueError(f"the certificate expired on {first.not_valid_after_utc:%Y-%m-%d at %H:%M:%S} UTC")
    return first


def parse_pair(chain: bytes, key: bytes, now: datetime) -> Certificate:
    """A certificate and its key.

    Raises:
        ValueError: One of them can't be read, the certificate has expired, or they don't belong together.
    """
    first = parse_chain(chain, now)
    try:
        private = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # its own text might quote the file
        raise ValueError("there is no private key in PEM without a password in it") from None
    der = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*der) != first.public_key().public_bytes(*der):
        raise ValueError("the key is not that of the certificate")
    return Certificate(chain, key, first.not_valid_after_utc)


def parse_authorities(pem: bytes) -> bytes:
    """Certificates of authorities, as they were given.

    Raises:
        ValueError: There are none, or one can't be read.
    """
    _certificates(pem)
    return pem


def utc_now() -> datetime:
    """What certificates are held against."""
    return datetime.now(UTC)


def _certificates(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise ValueError("there is no certificate in PEM in it") from None

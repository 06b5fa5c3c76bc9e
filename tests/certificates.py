"""A certificate authority for tests, and folders of certificates as Kubernetes mounts them."""

import asyncio
import os
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

SPIFFE = "spiffe://mesh.test"
LOCAL = ("localhost", "127.0.0.1")
DAY = timedelta(days=1)
YEARS = timedelta(days=1_000)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and the authority that signed it, all PEM."""

    certificate: bytes
    key: bytes
    authority: bytes

    @property
    def serial(self) -> int:
        return x509.load_pem_x509_certificate(self.certificate).serial_number

    @property
    def not_after(self) -> datetime:
        return x509.load_pem_x509_certificate(self.certificate).not_valid_after_utc

    def private_key(self) -> PrivateKeyTypes:
        return load_pem_private_key(self.key, password=None)


@dataclass
class Authority:
    """Signs whatever it is asked to."""

    name: str = "authority"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        own = _builder(self.name, self.name, self.key, datetime.now(UTC) + YEARS)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = own.sign(self.key, SHA256()).public_bytes(Encoding.PEM)


def issue(
    authority: Authority,
    spiffe_id: str | None = None,
    dns: Iterable[str] = (),
    *,
    uris: Iterable[str] = (),
    common_name: str = "test",
    not_after: datetime | None = None,
) -> Issued:
    """A certificate with a new key; `dns` takes names and IP addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    until = not_after or datetime.now(UTC) + DAY
    names = [x509.UniformResourceIdentifier(uri) for uri in (*((spiffe_id,) if spiffe_id else ()), *uris)]
    every = [*names, *(_host(name) for name in dns)]
    certificate = _builder(common_name, authority.name, key, until)
    if every:
        certificate = certificate.add_extension(x509.SubjectAlternativeName(every), critical=False)
    signed = certificate.sign(authority.key, SHA256()).public_bytes(Encoding.PEM)
    return Issued(signed, _key_pem(key), authority.pem)


@dataclass(frozen=True)
class Mounted:
    """tls.crt, tls.key and ca.crt as a mounted secret: links into a folder that is exchanged at once."""

    folder: Path

    @classmethod
    def at(cls, folder: Path, issued: Issued, authorities: bytes | None = None) -> Self:
        folder.mkdir(parents=True)
        mounted = cls(folder)
        mounted.exchange(issued, authorities)
        for name in ("tls.crt", "tls.key", "ca.crt"):
            (folder / name).symlink_to(Path("..data") / name)
        return mounted

    @property
    def certificate(self) -> Path:
        return self.folder / "tls.crt"

    @property
    def key(self) -> Path:
        return self.folder / "tls.key"

    @property
    def authorities(self) -> Path:
        return self.folder / "ca.crt"

    def exchange(self, issued: Issued, authorities: bytes | None = None) -> None:
        """What the kubelet does once the secret has changed; `authorities` may be a bundle of several."""
        fresh = Path(tempfile.mkdtemp(prefix="..", dir=self.folder))
        (fresh / "tls.crt").write_bytes(issued.certificate)
        (fresh / "tls.key").write_bytes(issued.key)
        (fresh / "ca.crt").write_bytes(authorities or issued.authority)
        link = self.folder / "..data_tmp"
        link.symlink_to(fresh.name)
        os.replace(link, self.folder / "..data")

    def server(self) -> dict[str, str]:
        """Environment of a server that asks its clients for certificates."""
        return {
            "TLS_CERT_FILE": str(self.certificate),
            "TLS_KEY_FILE": str(self.key),
            "TLS_CLIENT_CA_FILE": str(self.authorities),
        }

    def client(self) -> dict[str, str]:
        """Environment of a client."""
        return {
            "SPREADMESH_TLS_CA_FILE": str(self.authorities),
            "SPREADMESH_TLS_CERT_FILE": str(self.certificate),
            "SPREADMESH_TLS_KEY_FILE": str(self.key),
        }


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - YEARS - DAY)
        .not_valid_after(until)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


async def shown_serial(port: int) -> int:
    """The serial number of the certificate that a server shows to a new connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    async with asyncio.timeout(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
    return x509.load_der_x509_certificate(shown).serial_number

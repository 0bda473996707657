"""Our own application certificate: made at the first start with a secured source, shown to every server.

The private key is a file that only this user may read (0600). Where a person set up a passphrase
(`engine.store.sealing.given_passphrase`) it is encrypted with it as well. The machine's own secret would add
nothing: whoever can read the one file can read the other.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from engine.drivers.driver import Refused
from engine.drivers.opcua.trust import EPOCH
from engine.store.database import StoreError
from engine.store.sealing import given_passphrase

YEARS = 10
"""Every renewal must be accepted at each PLC by hand, so the certificate lives long."""
CERTIFICATE = "watchroom.der"
KEY = "watchroom.pem"
BRING = "set WATCHROOM_PASSPHRASE (or the systemd credential) to the passphrase it was made with"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to a server: certificate (DER), private key (PEM), and the URI both sides compare."""

    certificate_file: Path
    certificate: bytes
    key: bytes
    application_uri: str


def own_identity(pki: Path, now_us: int) -> Identity:
    """Read our certificate and key from ``pki/own``; make them if there are none.

    Raises:
        Refused: the key is encrypted with a passphrase that is not here, or damaged.

    Slow the first time (an RSA key), so call it in a thread. The pair appears in one rename: two
    sources that start at once end with the same certificate.
    """
    folder = pki / "own"
    if not (folder / CERTIFICATE).exists():
        _make(folder, now_us)
    der = (folder / CERTIFICATE).read_bytes()
    names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    uris = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    return Identity(folder / CERTIFICATE, der, _read_key(folder / KEY), uris[0])


def _read_key(file: Path) -> bytes:
    """The private key, PEM, not encrypted."""
    content = file.read_bytes()
    if b"ENCRYPTED" not in content:
        return content
    phrase = _given()
    if phrase is None:
        raise Refused(f"our own key {file} is encrypted, and no passphrase is here", BRING)
    try:
        key = serialization.load_pem_private_key(content, phrase)
    except (ValueError, TypeError) as error:
        raise Refused(f"our own key {file} does not open with the passphrase that is here", BRING) from error
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def encrypted(pem: bytes) -> bytes:
    """A key as it is kept: encrypted where a person set up a passphrase."""
    phrase = _given()
    if phrase is None:
        return pem
    key = serialization.load_pem_private_key(pem, None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(phrase),
    )


def _given() -> bytes | None:
    try:
        phrase = given_passphrase()
    except StoreError as error:
        raise Refused(str(error), "set the passphrase right") from error
    return None if phrase is None else phrase.secret.encode()


def _make(folder: Path, now_us: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix="own.", dir=folder.parent))
    try:
        host = socket.gethostname()
        uri = f"urn:{host}:watchroom"
        certificate, key = self_signed(f"Watchroom@{host}", uri, [host], now_us, YEARS)
        _write_private(part / KEY, encrypted(key))
        (part / CERTIFICATE).write_bytes(certificate)
        try:
            part.rename(folder)
        except OSError:
            if not (folder / CERTIFICATE).exists():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write_private(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)


def self_signed(name: str, uri: str, hosts: list[str], now_us: int, years: int) -> tuple[bytes, bytes]:
    """A self-signed OPC UA application certificate (OPC 10000-6, 6.2.2): DER and its RSA-2048 key, PEM."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = EPOCH + timedelta(microseconds=now_us)
    names = [x509.UniformResourceIdentifier(uri), *(x509.DNSName(host) for host in hosts)]
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.DER), pem


def _key_usage() -> x509.KeyUsage:
    """Signature, non-repudiation, key and data encipherment, and certificate signing of itself."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )

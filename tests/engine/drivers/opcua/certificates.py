"""Certificates made to be wrong in exactly one way."""

from __future__ import annotations

import datetime
import functools
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from engine.clock import SystemClock
from engine.drivers.opcua.trust import EPOCH

NOW_US = SystemClock().now_us()
DAY_US = 86_400_000_000
URI = "urn:plc"
ALL_USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
SHA256_WITH_RSA, SHA1_WITH_RSA = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))
CA_USES = ("key_cert_sign", "crl_sign")


@functools.cache
def key(name: str = "any", bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same key for the same name: they are slow to make."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


def day(days: float) -> datetime.datetime:
    return EPOCH + datetime.timedelta(microseconds=NOW_US + round(days * DAY_US))


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def made(
    name: str,
    by: Made | None = None,
    *,
    is_ca: bool = False,
    uri: str = "",
    hosts: tuple[str, ...] = ("plc",),
    numbers: tuple[str, ...] = ("127.0.0.1",),
    begins: float = -1,
    ends: float = 365,
    bits: int = 2048,
    is_sha1: bool = False,
    uses: tuple[str, ...] | None = ALL_USES,
    extended: tuple[Any, ...] | None = (ExtendedKeyUsageOID.SERVER_AUTH,),
    path_length: int | None = None,
    is_ec: bool = False,
) -> Made:
    """A server's certificate, or with ``is_ca`` a CA's; signed by ``by``, or by itself."""
    own: Any = ec.generate_private_key(ec.SECP256R1()) if is_ec else key(name, bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = subject if by is None else by.certificate.subject
    builder = x509.CertificateBuilder(
        issuer, subject, own.public_key(), x509.random_serial_number(), day(begins), day(ends)
    ).add_extension(x509.BasicConstraints(is_ca, path_length if is_ca else None), critical=True)
    if is_ca:
        uses = CA_USES if uses is ALL_USES else uses
    else:
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri or URI)]
        names += [x509.DNSName(each) for each in hosts]
        names += [x509.IPAddress(ipaddress.ip_address(each)) for each in numbers]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if extended is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    if uses is not None:
        builder = builder.add_extension(_usage(uses), critical=True)
    signer = own if by is None else by.key
    certificate = builder.sign(signer, hashes.SHA256())
    return Made(_with_sha1(certificate, signer) if is_sha1 else certificate, own)


def _with_sha1(certificate: x509.Certificate, signer: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same, signed as nobody should any more: the library does not do that."""
    der = certificate.public_bytes(Encoding.DER).replace(SHA256_WITH_RSA, SHA1_WITH_RSA)
    whole = x509.load_der_x509_certificate(der)
    signature = signer.sign(whole.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA1())
    return x509.load_der_x509_certificate(der[: -len(signature)] + signature)


def _usage(uses: tuple[str, ...]) -> x509.KeyUsage:
    known = (*ALL_USES, "key_agreement", *CA_USES, "encipher_only", "decipher_only")
    return x509.KeyUsage(**{each: each in uses for each in known})


def revocations(
    pki: Path, by: Made, *revoked: Made, signed_by: Made | None = None, ends: float = 30, name: str = "ca.crl"
) -> Path:
    """A revocation list of a CA in its place."""
    builder = x509.CertificateRevocationListBuilder(by.certificate.subject, day(-2), day(ends))
    for each in revoked:
        row = x509.RevokedCertificateBuilder(each.certificate.serial_number, day(-1.5)).build()
        builder = builder.add_revoked_certificate(row)
    file = pki / "crl" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(builder.sign((signed_by or by).key, hashes.SHA256()).public_bytes(Encoding.DER))
    return file

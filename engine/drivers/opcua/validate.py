"""Whether a server's certificate may be used, beyond being trusted (OPC 10000-4, 6.1.3). Fails closed.

A certificate is trusted because it is pinned for the source, or because a CA that is trusted for the source
signed it, directly or through others. A CA stands among the trusted certificates of the source like a pinned
one; it differs from a server's own by naming no application. Certificates between a server and its CA come
from the server or from ``PKI/issuers/*.der``, where none is trusted for itself; revocation lists lie in
``PKI/crl/*.crl``, DER or PEM. Revoked is refused; a CA without a list, or with an old one, is said in a note.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from engine.drivers.driver import Refused

LEAST_RSA_BITS = 2048
LONGEST_CHAIN = 8
BROKEN_HASHES = (hashes.SHA1, hashes.MD5)
RENEW = "give the server a new certificate"
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
E = TypeVar("E", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Store:
    """What there is to judge a source's certificates with. ``lists`` = revocation lists by file name."""

    authorities: tuple[x509.Certificate, ...] = ()
    between: tuple[x509.Certificate, ...] = ()
    lists: tuple[tuple[str, x509.CertificateRevocationList], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A certificate that may be used: the CAs above it, nearest first, and what a person should know."""

    above: tuple[x509.Certificate, ...] = ()
    notes: tuple[str, ...] = ()


def read_store(pki: Path, source: str, shown: Sequence[x509.Certificate] = ()) -> Store:
    """The CAs that are trusted for a source, what stands between, and all revocation lists.

    Raises:
        Refused: a revocation list cannot be read, so nobody knows what it revokes.
    """
    trusted = [each for file in sorted((pki / "trusted" / source).glob("*.der")) for each in _loaded(file)]
    issuers = [each for file in sorted((pki / "issuers").glob("*.der")) for each in _loaded(file)]
    lists = [(file.name, _list(file)) for file in sorted((pki / "crl").glob("*.crl"))]
    return Store(tuple(filter(is_authority, trusted)), (*shown, *issuers), tuple(lists))


def _loaded(file: Path) -> list[x509.Certificate]:
    try:
        return [x509.load_der_x509_certificate(file.read_bytes())]
    except ValueError:
        return []


def _list(file: Path) -> x509.CertificateRevocationList:
    content = file.read_bytes()
    is_pem = content.lstrip().startswith(b"-----BEGIN")
    try:
        return x509.load_pem_x509_crl(content) if is_pem else x509.load_der_x509_crl(content)
    except ValueError as error:
        raise Refused(
            f"the revocation list {file} cannot be read, so nobody knows what it revokes",
            "put the list there as its CA gives it out, or take the file away",
        ) from error


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether this is a CA, and no server's own certificate: those name an application."""
    return _may_sign(certificate) and not uris_of(certificate)


def uris_of(certificate: x509.Certificate) -> list[str]:
    """The application URIs that a certificate names."""
    names = _extension(certificate, x509.SubjectAlternativeName)
    return [] if names is None else names.get_values_for_type(x509.UniformResourceIdentifier)


def judge(
    certificate: x509.Certificate, store: Store, source: str, now_us: int, host: str, *, is_pinned: bool
) -> Judged | None:
    """Look at everything but the application URI; None = nobody whom we trust vouches for it.

    ``host`` = the one that is dialled. It counts where a CA vouches: a pinned certificate was compared with
    the one at this very device, whatever it is called in the network.

    Raises:
        Refused: it must not be used; the text says why and what to do.
    """
    server = f"the certificate of the server of source '{source}'"
    above = chain(certificate, store)
    if above is None and not is_pinned:
        return None
    require_sound(certificate, server, now_us)
    _require_use(certificate, server, is_pinned=is_pinned)
    if not is_pinned:
        require_host(certificate, server, host)
        for each in above or ():
            require_sound(each, f"the CA certificate {_name(each)} above that of source '{source}'", now_us)
    notes = list[str]()
    below = certificate
    for each in above or ():
        notes += _revocation(below, each, store, server if below is certificate else _name(below), now_us)
        below = each
    if above is None:
        notes += _revocation(certificate, None, store, server, now_us)
    return Judged(above or (), tuple(dict.fromkeys(notes)))


def chain(certificate: x509.Certificate, store: Store) -> tuple[x509.Certificate, ...] | None:
    """The CAs above a certificate up to a trusted one, nearest first; None = there is no such chain."""
    waiting = [(certificate, tuple[x509.Certificate, ...]())]
    while waiting:
        below, above = waiting.pop()
        for each in store.authorities:
            if _issued(below, each, len(above)):
                return (*above, each)
        if len(above) < LONGEST_CHAIN:
            waiting += [
                (each, (*above, each))
                for each in store.between
                if each not in above and each != below and _issued(below, each, len(above))
            ]
    return None


def _issued(below: x509.Certificate, by: x509.Certificate, others: int) -> bool:
    """Whether ``by`` is a CA that signed ``below``; ``others`` = CAs that stand below it already."""
    if not _may_sign(by):
        return False
    basic = _extension(by, x509.BasicConstraints)
    if basic is not None and basic.path_length is not None and others > basic.path_length:
        return False
    try:
        below.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _may_sign(certificate: x509.Certificate) -> bool:
    basic, usage = _extension(certificate, x509.BasicConstraints), _extension(certificate, x509.KeyUsage)
    return basic is not None and basic.ca and usage is not None and usage.key_cert_sign


def require_sound(certificate: x509.Certificate, whose: str, now_us: int) -> None:
    """In date, a key that is long enough, a signature that nobody can forge.

    Raises:
        Refused: one of them does not hold.
    """
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    now = EPOCH + timedelta(microseconds=now_us)
    if not begins <= now <= ends:
        word = "has expired" if now > ends else "is not valid yet"
        raise Refused(
            f"{whose} {word} (valid {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC, here it is "
            f"{now:%Y-%m-%d %H:%M})",
            "renew it at the server and check both clocks",
        )
    try:
        key = certificate.public_key()
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused(f"{whose} has no RSA key, which the security policies need", RENEW)
    if key.key_size < LEAST_RSA_BITS:
        raise Refused(
            f"{whose} has an RSA key of {key.key_size} bits, which can be broken",
            f"{RENEW} with at least {LEAST_RSA_BITS} bits",
        )
    if isinstance(_hash(certificate), (*BROKEN_HASHES, type(None))):
        raise Refused(f"{whose} is signed with SHA-1 or less, which can be forged", f"{RENEW} with SHA-256")


def _hash(certificate: x509.Certificate) -> hashes.HashAlgorithm | None:
    try:
        return certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None


def _require_use(certificate: x509.Certificate, whose: str, *, is_pinned: bool) -> None:
    """What the key is for (OPC 10000-6, 6.2.2). A pinned one that says nothing may be for everything."""
    usage = _extension(certificate, x509.KeyUsage)
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    is_named = usage is not None and extended is not None
    signs = usage is None or (usage.digital_signature and usage.key_encipherment and usage.data_encipherment)
    serves = extended is None or bool(
        {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(extended)
    )
    if signs and serves and (is_named or is_pinned):
        return
    raise Refused(
        f"{whose} is not made for an OPC UA server (its key usage must name digital signature, key and data "
        "encipherment, its extended key usage server authentication)",
        RENEW,
    )


def require_host(certificate: x509.Certificate, whose: str, host: str) -> None:
    """Whether a certificate names the host that is dialled.

    Raises:
        Refused: it names others, or none.
    """
    names = _extension(certificate, x509.SubjectAlternativeName)
    hosts = [] if names is None else names.get_values_for_type(x509.DNSName)
    numbers = [] if names is None else names.get_values_for_type(x509.IPAddress)
    try:
        found = ipaddress.ip_address(host.strip("[]")) in numbers
    except ValueError:
        found = host.rstrip(".").casefold() in {each.rstrip(".").casefold() for each in hosts}
    if not found:
        named = ", ".join([*hosts, *map(str, numbers)]) or "no host"
        raise Refused(
            f"{whose} is for another host (it names {named}; we dial {host})",
            "dial it by a name in its certificate, give it a certificate with that name, or trust "
            "this very certificate for the source",
        )


def _revocation(
    below: x509.Certificate, by: x509.Certificate | None, store: Store, whose: str, now_us: int
) -> list[str]:
    """Notes about the revocation lists of who signed ``below``; ``by`` None = that one is not known.

    Raises:
        Refused: it is revoked, or a list in the CA's name is not the CA's.
    """
    own = [(name, each) for name, each in store.lists if each.issuer == below.issuer]
    for name, each in own:
        if by is not None and not _signed(each, by):
            raise Refused(
                f"the revocation list {name} was not signed by {_name(by)}, whose name it bears",
                "put the list there as its CA gives it out, or take the file away",
            )
        if each.get_revoked_certificate_by_serial_number(below.serial_number) is not None:
            raise Refused(
                f"{whose} was revoked by its CA (list {name})",
                "ask who runs the CA why; another device may be answering. "
                "A new certificate lets the server in again",
            )
    if by is None:
        return []
    if not own:
        return [f"there is no revocation list of {_name(by)}: nobody would notice a revoked certificate"]
    now = EPOCH + timedelta(microseconds=now_us)
    ends = [each.next_update_utc for _, each in own]
    if all(end is not None and end < now for end in ends):
        return [f"the revocation list of {_name(by)} is out of date: bring the newest one"]
    return []


def _signed(revocations: x509.CertificateRevocationList, by: x509.Certificate) -> bool:
    key = by.public_key()
    return isinstance(key, rsa.RSAPublicKey) and revocations.is_signature_valid(key)


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        return None


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()

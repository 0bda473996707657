"""Which server certificates we trust: pinned one by one, unknown ones are refused and kept.

``PKI/trusted/*.der`` are the pinned certificates, ``PKI/rejected/<thumbprint>.der`` those a server
showed and nobody has accepted yet. A thumbprint is the SHA-256 of the DER certificate in hex.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from engine.drivers.driver import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_REJECTED = 50
"""A server with a new certificate at every start must not fill the disk."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A certificate a server showed that is not trusted. ``source`` is the source's id."""

    thumbprint: str
    subject: str
    source: str


def thumbprint(der: bytes) -> str:
    """SHA-256 of a certificate, 64 lower-case hex digits."""
    return hashlib.sha256(der).hexdigest()


def leaf(chain: bytes) -> bytes:
    """The first certificate of a DER chain (OPC 10000-6, 6.2.6): its own ASN.1 length says where it ends."""
    if len(chain) < 4 or chain[0] != 0x30:
        return chain
    if chain[1] < 0x80:
        return chain[: 2 + chain[1]]
    count = chain[1] & 0x7F
    return chain[: 2 + count + int.from_bytes(chain[2 : 2 + count], "big")]


def is_trusted(pki: Path, der: bytes) -> bool:
    """Whether exactly this certificate lies in ``trusted``; no folder means nothing is trusted."""
    wanted = thumbprint(der)
    return any(thumbprint(file.read_bytes()) == wanted for file in (pki / "trusted").glob("*.der"))


def rejected(pki: Path) -> list[Rejected]:
    """What servers showed and nobody accepted, newest first."""
    files = sorted((pki / "rejected").glob("*.der"), key=lambda file: file.stat().st_mtime, reverse=True)
    found: list[Rejected] = []
    for file in files:
        der = file.read_bytes()
        note = file.with_suffix(".txt")
        source = note.read_text("utf-8").strip() if note.exists() else ""
        found.append(Rejected(thumbprint(der), subject(der), source))
    return found


def trust(pki: Path, mark: str) -> Rejected:
    """Accept the rejected certificate with this SHA-256 thumbprint.

    Upper case, colons and spaces are allowed; the thumbprint must be whole. Raises ``LookupError``.
    """
    wanted = re.sub(r"[\s:-]", "", mark).lower()
    for one in rejected(pki):
        if one.thumbprint == wanted:
            pin(pki, (pki / "rejected" / f"{wanted}.der").read_bytes())
            (pki / "rejected" / f"{wanted}.der").unlink()
            (pki / "rejected" / f"{wanted}.txt").unlink(missing_ok=True)
            return one
    raise LookupError(
        f"no server has shown a certificate with SHA-256 thumbprint {wanted}: connect first, then compare "
        "the whole thumbprint with the one at the server"
    )


def pin(pki: Path, der: bytes) -> Path:
    """Put a certificate among the trusted ones; gives its file."""
    file = pki / "trusted" / f"{thumbprint(der)}.der"
    _write(file, der)
    return file


def reject(pki: Path, der: bytes, source: str) -> None:
    """Keep a certificate nobody trusts yet, so that a person can look at it and accept it."""
    file = pki / "rejected" / f"{thumbprint(der)}.der"
    if not file.exists():
        _write(file, der)
    _write(file.with_suffix(".txt"), source.encode())
    files = sorted((pki / "rejected").glob("*.der"), key=lambda kept: kept.stat().st_mtime)
    for old in files[:-MOST_REJECTED]:
        old.unlink(missing_ok=True)
        old.with_suffix(".txt").unlink(missing_ok=True)


def check_server(pki: Path, chain: bytes, source: str, now_us: int) -> bytes:
    """The server's own certificate (DER) if it is pinned and in date; else ``Refused`` says what to do."""
    der = leaf(chain)
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise Refused(f"source '{source}': the server's certificate cannot be read ({error})") from error
    if not is_trusted(pki, der):
        reject(pki, der, source)
        mark = thumbprint(der)
        raise Refused(
            f"server certificate not trusted (thumbprint {mark}): run "
            f'"watchroom trust DIR {source} --thumbprint {mark}" after checking it at the server '
            f"(SHA-256; subject {certificate.subject.rfc4514_string()})"
        )
    now = EPOCH + timedelta(microseconds=now_us)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= now <= ends:
        word = "has expired" if now > ends else "is not valid yet"
        raise Refused(
            f"the certificate of source '{source}' {word} (valid {begins:%Y-%m-%d %H:%M} to "
            f"{ends:%Y-%m-%d %H:%M} UTC, here it is {now:%Y-%m-%d %H:%M}): renew it at the server and "
            "check both clocks"
        )
    return der


def subject(der: bytes) -> str:
    """Whom a certificate names, as text."""
    try:
        return x509.load_der_x509_certificate(der).subject.rfc4514_string()
    except ValueError:
        return "not a certificate"


def _write(file: Path, content: bytes) -> None:
    """Write whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(file)

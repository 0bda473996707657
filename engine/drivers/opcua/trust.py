"""Which server certificates we trust: pinned one by one, unknown ones are refused and kept.

``PKI/trusted/<source id>/*.der`` are the certificates pinned for one source and for no other, and the CAs
(`engine.drivers.opcua.validate`) whose servers it may talk to,
``PKI/rejected/<source id>/*.der`` those its server showed and nobody has accepted yet. Both are named
by their thumbprint, the SHA-256 of the DER certificate in hex. ``engine.config`` sees to it that a
source id can name a folder.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509

from engine.drivers.driver import Refused
from engine.drivers.opcua.validate import (
    EPOCH,
    LONGEST_CHAIN,
    Judged,
    is_authority,
    judge,
    read_store,
    uris_of,
)

EXPIRY_DAYS = (7, 30, 60)
"""From these many days before its end on, a person is reminded of a certificate."""
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


def split(chain: bytes) -> list[bytes]:
    """The certificates of a DER chain, the server's own first; at least one, at most `LONGEST_CHAIN`."""
    found = [leaf(chain)]
    rest = chain[len(found[0]) :]
    while rest and len(found) < LONGEST_CHAIN:
        found.append(leaf(rest))
        rest = rest[len(found[-1]) :]
    return found


def is_trusted(pki: Path, source: str, der: bytes) -> bool:
    """Whether exactly this certificate is pinned for this source; no folder means nothing is trusted."""
    wanted = thumbprint(der)
    return any(thumbprint(file.read_bytes()) == wanted for file in (pki / "trusted" / source).glob("*.der"))


def rejected(pki: Path, source: str) -> list[Rejected]:
    """What this source's server showed and nobody accepted for it, newest first."""
    shown = [file.read_bytes() for file in reversed(_shown(pki, source))]
    return [Rejected(thumbprint(der), subject(der), source) for der in shown]


def trust(pki: Path, source: str, mark: str) -> Rejected:
    """Accept, for this source alone, the certificate with this SHA-256 thumbprint that its server showed.

    Upper case, colons and spaces are allowed; the thumbprint must be whole. Raises ``LookupError``.
    """
    wanted = re.sub(r"[\s:-]", "", mark).lower()
    for file in _shown(pki, source):
        der = file.read_bytes()
        if thumbprint(der) == wanted:
            pin(pki, source, der)
            file.unlink()
            return Rejected(wanted, subject(der), source)
    raise LookupError(
        f"the server of source '{source}' has shown no certificate with SHA-256 thumbprint {wanted}: "
        "connect to it first, then compare the whole thumbprint with the one at the server"
    )


def pin(pki: Path, source: str, der: bytes) -> Path:
    """Put a certificate among those trusted for a source; gives its file."""
    file = pki / "trusted" / source / f"{thumbprint(der)}.der"
    _write(file, der)
    return file


def reject(pki: Path, source: str, der: bytes) -> None:
    """Keep a certificate nobody trusts yet, so that a person can look at it and accept it."""
    file = pki / "rejected" / source / f"{thumbprint(der)}.der"
    if not file.exists():
        _write(file, der)
    for old in _shown(pki, source)[:-MOST_REJECTED]:
        old.unlink(missing_ok=True)


def _shown(pki: Path, source: str) -> list[Path]:
    """Files of the rejected certificates of a source, oldest first."""
    return sorted((pki / "rejected" / source).glob("*.der"), key=lambda file: file.stat().st_mtime)


def pinned(pki: Path, source: str) -> list[str]:
    """Thumbprints of the certificates pinned for a source, in order."""
    return sorted(thumbprint(file.read_bytes()) for file in (pki / "trusted" / source).glob("*.der"))


class Untrusted(Refused):
    """A server showed this certificate (DER), which is not pinned for the source."""

    def __init__(self, what: str, do: str, der: bytes) -> None:
        super().__init__(what, do)
        self.der = der


def _replaced(source: str, der: bytes, mark: str, trusted: Sequence[str]) -> Untrusted:
    """The server of a source shows another certificate than the one a person accepted."""
    short = " and ".join(f"{known[:16]}…" for known in trusted)
    return Untrusted(
        f"the server shows another certificate than the trusted one and is not trusted: {mark[:16]}…, "
        f"trusted is {short} (SHA-256 thumbprints); another device may answer",
        "ask whether the server got a new certificate; if nobody knows, find out which device "
        f"answers. If it is new, compare its thumbprint {mark} (trusted: {', '.join(trusted)}) with the one "
        "at the server, then accept it on the source's page of the System display or run "
        f'"watchroom trust DIR {source} --thumbprint {mark}"',
        der,
    )


def check_server(pki: Path, chain: bytes, source: str, now_us: int, host: str = "") -> bytes:
    """The server's own certificate (DER) if it may be used for this source; see `judged_server`.

    Raises:
        Refused: it must not; the text says what to do. ``Untrusted`` if nobody trusts it yet.
    """
    return judged_server(pki, chain, source, now_us, host)[0]


def judged_server(pki: Path, shown: bytes, source: str, now_us: int, host: str = "") -> tuple[bytes, Judged]:
    """The server's own certificate (DER), and what was found about it and the CAs above it.

    ``shown`` = the chain as the server sent it; ``host`` = the one that is dialled.

    Raises:
        Refused: it must not be used; the text says what to do. ``Untrusted`` if nobody trusts it yet.
    """
    der, *others = split(shown)
    certificate = _readable(der, source)
    store = read_store(pki, source, [each for each in map(_parsed, others) if each is not None])
    is_pinned = is_trusted(pki, source, der)
    judged = judge(certificate, store, source, now_us, host, is_pinned=is_pinned)
    if judged is None:
        reject(pki, source, der)
        mark, trusted = thumbprint(der), _servers(pki, source)
        if trusted:
            raise _replaced(source, der, mark, trusted)
        raise Untrusted(
            f"server certificate not trusted (SHA-256 thumbprint {mark}, subject "
            f"{certificate.subject.rfc4514_string()})",
            "compare the thumbprint with the one at the server, then accept it on the source's page of the "
            f'System display or run "watchroom trust DIR {source} --thumbprint {mark}"',
            der,
        )
    return der, judged


def _servers(pki: Path, source: str) -> list[str]:
    """Thumbprints of what is pinned for a source, without CAs."""
    found = [file.read_bytes() for file in (pki / "trusted" / source).glob("*.der")]
    read = [(der, _parsed(der)) for der in found]
    return sorted(thumbprint(der) for der, each in read if each is None or not is_authority(each))


def _readable(der: bytes, source: str) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions
    except (ValueError, x509.DuplicateExtension) as error:
        raise Refused(
            f"the certificate of the server of source '{source}' cannot be read ({error})",
            "give the server a new application certificate",
        ) from error
    return certificate


def _parsed(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None


def check_uri(der: bytes, announced: str, source: str) -> None:
    """Compare the application URI in a certificate with the one its server announces.

    Both must be the same (OPC 10000-4, 6.1.3, "URI"), and every application certificate must name one
    (OPC 10000-6, 6.2.2): no other device may answer with this certificate.

    Raises:
        Refused: they differ, or the certificate names none.
    """
    uris = uris_of(x509.load_der_x509_certificate(der))
    if announced in uris:
        return
    named = " and ".join(f"'{uri}'" for uri in uris) or "none"
    raise Refused(
        f"source '{source}': the server's certificate is for another application (its application URI: "
        f"{named}; the server calls itself '{announced}')",
        "give the server a certificate made for it, or check that the right device answers",
    )


def expires(der: bytes) -> int:
    """The last instant of a certificate's life, UTC microseconds."""
    ends = x509.load_der_x509_certificate(der).not_valid_after_utc
    return int((ends - EPOCH).total_seconds()) * 1_000_000


def expiry_note(whose: str, renew: str, expires_us: int, now_us: int) -> tuple[str, str]:
    """What a person should know about a certificate's end, in steps of 60, 30 and 7 days; "" before."""
    left = (expires_us - now_us) / 86_400e6
    step = next((days for days in EXPIRY_DAYS if left < days), None)
    if step is None:
        return "", ""
    day = EPOCH + timedelta(microseconds=expires_us)
    when = f"expires in less than {step} days" if left > 0 else "has expired"
    return f"{whose} {when} ({day:%Y-%m-%d %H:%M} UTC)", renew


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

"""The certificates of secured sources: our own, those a person trusts and those nobody does yet.

Reads and writes files, and may make an RSA key: call it in a thread where a loop runs.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from engine.drivers.opcua import trust as accept
from engine.drivers.opcua.address import needs_trust
from engine.drivers.opcua.identity import CERTIFICATE, own_identity
from engine.drivers.opcua.trust import EPOCH, reject, subject, thumbprint
from engine.drivers.opcua.validate import is_authority
from engine.server import RequestRefused
from engine.types import Certificate, Source

Place = Literal["own", "trusted", "rejected"]


def certificates(pki: Path, source: Source) -> tuple[Certificate, ...]:
    """Ours if there is one, then those trusted for this source, then the rejected ones, newest first."""
    if source.driver != "opcua" or not needs_trust(source):
        return ()
    ours = pki / "own" / CERTIFICATE
    found = [_read("own", ours)] if ours.exists() else []
    for place in ("trusted", "rejected"):
        found += [_read(place, file) for file in _newest_first(pki / place / source.id)]
    return tuple(found)


def own_certificate(pki: Path, now_us: int) -> Certificate:
    """Our certificate, which the devices must trust; made now if there is none yet."""
    return _read("own", own_identity(pki, now_us).certificate_file)


def trust(pki: Path, source: Source, mark: str) -> Certificate:
    """Trust, for this source alone, a certificate that its server showed and that was refused.

    Raises:
        RequestRefused: the source shows no certificates, or none with this thumbprint.
    """
    _require_certificates(source)
    try:
        trusted = accept(pki, source.id, mark)
    except LookupError as error:
        raise RequestRefused(str(error)) from error
    return _read("trusted", pki / "trusted" / source.id / f"{trusted.thumbprint}.der")


def show_authority(pki: Path, source: Source, file: Path) -> str:
    """Put the certificate of a CA, DER or PEM, among those that wait for trust; its thumbprint.

    Raises:
        RequestRefused: it cannot be read, or is not that of a CA.
    """
    _require_certificates(source)
    content = file.read_bytes()
    is_pem = content.lstrip().startswith(b"-----BEGIN")
    try:
        read = x509.load_pem_x509_certificate(content) if is_pem else x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise RequestRefused(f"{file} holds no certificate") from error
    if not is_authority(read):
        raise RequestRefused(
            f"{file} is not the certificate of a CA; a server's own is trusted once the server showed it"
        )
    der = read.public_bytes(Encoding.DER)
    reject(pki, source.id, der)
    return thumbprint(der)


def distrust(pki: Path, source: Source, mark: str) -> Certificate:
    """Move a certificate that was trusted for this source back among the rejected ones.

    Raises:
        RequestRefused: the source shows no certificates, or none with this thumbprint is trusted.
    """
    _require_certificates(source)
    wanted = re.sub(r"[\s:-]", "", mark).lower()
    for file in _newest_first(pki / "trusted" / source.id):
        der = file.read_bytes()
        if thumbprint(der) == wanted:
            reject(pki, source.id, der)
            file.unlink()
            return _read("rejected", pki / "rejected" / source.id / f"{wanted}.der")
    raise RequestRefused(
        f"source '{source.id}' trusts no certificate with SHA-256 thumbprint {wanted}: "
        f'"watchroom trust DIR {source.id}" lists those it trusts'
    )


def _require_certificates(source: Source) -> None:
    if source.driver != "opcua":
        raise RequestRefused(
            f"source '{source.id}' has no certificates to trust: its driver is '{source.driver}', "
            "and only OPC UA servers show certificates"
        )


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.der"), key=lambda file: file.stat().st_mtime, reverse=True)


def _read(place: Place, file: Path) -> Certificate:
    der = file.read_bytes()
    mark, name = thumbprint(der), subject(der)
    try:
        read = x509.load_der_x509_certificate(der)
    except ValueError:
        return Certificate(place, mark, name, "", 0, 0, str(file))
    begins, ends = _us(read.not_valid_before_utc), _us(read.not_valid_after_utc)
    return Certificate(place, mark, name, _uri(read), begins, ends, str(file))


def _uri(certificate: x509.Certificate) -> str:
    """The application URI, the first one where there are several; "" without."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    return next(iter(names.get_values_for_type(x509.UniformResourceIdentifier)), "")


def _us(time: datetime) -> int:
    return round((time - EPOCH).total_seconds() * 1e6)

"""The demo servers' certificates: made at first start and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.drivers.opcua.identity import self_signed

_YEARS = 20


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files of a demo server: certificate (DER) and private key (PEM, 0600). ``name`` = its source id."""

    name: str
    certificate: Path
    key: Path


def application_uri(name: str) -> str:
    """What a demo server calls itself."""
    return f"urn:watchroom:demo:{name}"


def server_certificate(pki: Path, name: str, now_us: int) -> ServerCertificate:
    """The certificate of the server ``name`` in ``pki``; made there the first time."""
    files = ServerCertificate(name, pki / f"{name}.der", pki / f"{name}.pem")
    if not (files.certificate.exists() and files.key.exists()):
        pki.mkdir(parents=True, exist_ok=True)
        title = f"Watchroom demo plant, {name}"
        der, pem = self_signed(title, application_uri(name), ["localhost"], now_us, _YEARS)
        files.key.touch(mode=0o600)
        files.key.write_bytes(pem)
        files.certificate.write_bytes(der)
    return files

"""The demo server's certificate: made at first start and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.drivers.opcua.identity import self_signed

APPLICATION_URI = "urn:watchroom:demo:server"
_YEARS = 20


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files of the demo server: certificate (DER) and private key (PEM, 0600)."""

    certificate: Path
    key: Path


def server_certificate(pki: Path, now_us: int) -> ServerCertificate:
    """The server's certificate in ``pki``; made there the first time."""
    files = ServerCertificate(pki / "demo-server.der", pki / "demo-server.pem")
    if not (files.certificate.exists() and files.key.exists()):
        pki.mkdir(parents=True, exist_ok=True)
        der, pem = self_signed("Watchroom demo plant", APPLICATION_URI, ["localhost"], now_us, _YEARS)
        files.key.touch(mode=0o600)
        files.key.write_bytes(pem)
        files.certificate.write_bytes(der)
    return files

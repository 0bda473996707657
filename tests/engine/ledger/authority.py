"""A time-stamping authority of the tests' own: its certificates, and openssl as the one who stamps."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """``ca`` is the file to trust. ``is_down`` = it answers nothing."""

    def __init__(self, folder: Path, name: str = "Time of the tests") -> None:
        folder.mkdir()
        self.folder, self.ca, self.is_down, self.asked = folder, folder / "ca.pem", False, 0
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = _certificate(f"{name}, root", f"{name}, root", root_key, root_key, is_ca=True)
        own = _certificate(name, f"{name}, root", key, root_key, is_ca=False)
        self.ca.write_bytes(root.public_bytes(Encoding.PEM))
        (folder / "tsa.pem").write_bytes(own.public_bytes(Encoding.PEM))
        (folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder))

    def reply(self, query: bytes) -> bytes:
        """The answer to a request, as openssl makes it."""
        (self.folder / "query").write_bytes(query)
        words = ["openssl", "ts", "-reply", "-section", "tsa", "-config", f"{self.folder}/openssl.cnf"]
        subprocess.run(
            [*words, "-queryfile", f"{self.folder}/query", "-out", f"{self.folder}/reply"],
            check=True,
            capture_output=True,
        )
        return (self.folder / "reply").read_bytes()

    @contextlib.contextmanager
    def served(self) -> Iterator[str]:
        """It answers over HTTP at this URL."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked += 1
                assert self.headers["Content-Type"] == "application/timestamp-query"
                content = b"" if authority.is_down else authority.reply(query)
                self.send_response(503 if authority.is_down else 200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
            finally:
                server.shutdown()
                thread.join()


def _certificate(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)  # noqa: TID251 - certificates are valid by the real time
    subject, by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(usage, critical=True)
    return made.sign(signer, hashes.SHA256())

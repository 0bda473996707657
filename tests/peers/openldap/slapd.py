"""OpenLDAP's slapd with a small company in it, on free ports of 127.0.0.1, as this user."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.clock import SystemClock
from engine.security.ldap import ldap
from engine.types.people import LdapSettings
from tests.running import until

SUFFIX = "dc=example,dc=com"
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"
ROOT, ROOT_PASSWORD = f"cn=root,{SUFFIX}", "the root of a test"
PASSWORD = "velvet onion cabinet storm"
SCHEMA = Path("/etc/ldap/schema")
CONFIG = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
include {schema}/nis.schema
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl'
    EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName'
    EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
allow bind_anon_dn
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
database mdb
suffix "{suffix}"
rootdn "{root}"
rootpw "{password}"
maxsize 10485760
directory {folder}/db
"""
PERSON = """
dn: uid={uid},{people}
objectClass: inetOrgPerson
{more}uid: {uid}
cn: {cn}
sn: {cn}
userPassword: {password}
"""
DOMAIN = "plants.corp.example.company.com"
UPN = f"nel@{DOMAIN}"
"""As in Active Directory; as long as the distinguished name that `as_active_directory` puts in its place."""
ODD = "o'brien *(x)#1"
"""A login name that means something in a filter and in a name."""


class Slapd:
    """One server, in a folder of its own; ``port`` is plain and StartTLS, ``tls_port`` is ldaps."""

    def __init__(self, folder: Path, program: str, loader: str) -> None:
        self._folder, self._program, self._loader = folder, program, loader
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = _free_port(), _free_port()
        self.ca_file = folder / "ca.pem"

    def fill(self) -> None:
        """Certificates, settings and the company; nothing runs yet."""
        (self._folder / "db").mkdir()
        write_certificates(self._folder)
        text = CONFIG.format(
            schema=SCHEMA, folder=self._folder, suffix=SUFFIX, root=ROOT, password=ROOT_PASSWORD
        )
        (self._folder / "slapd.conf").write_text(text)
        command = [self._loader, "-f", str(self._folder / "slapd.conf")]
        done = subprocess.run(command, input=_company().encode(), capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Returns once it answers."""
        urls = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        command = [self._program, "-h", urls, "-f", str(self._folder / "slapd.conf"), "-d", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(self._answers, 20, "slapd listens")

    def stop(self) -> None:
        """As when its computer is switched off."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def settings(self, **other: Any) -> LdapSettings:
        """How to ask it, over StartTLS unless stated otherwise."""
        stated: dict[str, Any] = {
            "url": f"ldap://127.0.0.1:{self.port}",
            "person": f"uid={{name}},{PEOPLE}",
            "groups": GROUPS,
            "roles": {
                "Press operators": ("operator at Line 1",),
                "admins": ("administrator", "engineer"),
            },
            "ca_file": str(self.ca_file),
        }
        return LdapSettings(**(stated | other))

    def change(self, dn: str, changes: dict[str, Any]) -> None:
        """Edit an entry as the directory's own administrator."""
        server = ldap.Server("127.0.0.1", self.port, get_info=ldap.NONE)
        connection = ldap.Connection(server, ROOT, ROOT_PASSWORD)
        try:
            assert connection.bind(), connection.result
            assert connection.modify(dn, changes), connection.result
        finally:
            connection.unbind()

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "slapd ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def as_active_directory(chunk: bytes) -> bytes:
    """What this server is to be told, for `FaultProxy.garble`: it binds distinguished names alone.

    A bind (RFC 4511 section 4.2) has the tag 0x60 behind the message's length and number. The number takes a
    second byte from 128 on, for the library counts through all its connections. A search names the person
    too, and stays as it is.
    """
    own = f"uid=nel,{PEOPLE}"
    assert len(UPN) == len(own)
    is_bind = chunk[4 + chunk[3] :][:1] == b"\x60"
    return chunk.replace(UPN.encode(), own.encode()) if is_bind else chunk


def add_to(group: str, uid: str) -> tuple[str, dict[str, Any]]:
    """What `Slapd.change` takes to put somebody into a group."""
    return f"cn={group},{GROUPS}", {"member": [(ldap.MODIFY_ADD, [f"uid={uid},{PEOPLE}"])]}


def take_from(group: str, uid: str) -> tuple[str, dict[str, Any]]:
    """What `Slapd.change` takes to take somebody out of a group."""
    return f"cn={group},{GROUPS}", {"member": [(ldap.MODIFY_DELETE, [f"uid={uid},{PEOPLE}"])]}


def find_slapd() -> tuple[str, str] | None:
    """The server and its loader, None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/openldap"])
    found = shutil.which("slapd", path=path), shutil.which("slapadd", path=path)
    return (found[0], found[1]) if found[0] and found[1] and SCHEMA.is_dir() else None


@contextlib.contextmanager
def running(folder: Path, programs: tuple[str, str]) -> Generator[Slapd]:
    """A server with the company, stopped at the end."""
    server = Slapd(folder, *programs)
    server.fill()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def write_certificates(folder: Path) -> None:
    """A CA, and a certificate by it for 127.0.0.1 alone."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory")])
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, True)
    server = _certificate(name, ca_name, key, ca_key, False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    private = serialization.PrivateFormat.PKCS8
    (folder / "server.key").write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()))


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=SystemClock().now_us())
    day = datetime.timedelta(days=1)
    made = x509.CertificateBuilder(
        issuer, name, key.public_key(), x509.random_serial_number(), now - day, now + day
    ).add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    if not is_ca:
        host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        made = made.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    return made.sign(by, hashes.SHA256())


def _company() -> str:
    people = [("lea", "Lea Lang", ""), ("bob", "Bob Bauer", ""), (ODD, "Odd O'Brien", "")]
    off = "objectClass: extensibleObject\nuserAccountControl: 514\n"
    people.append(("gone", "Gone Gomez", off))
    people.append(("nel", "Nel Night", f"objectClass: extensibleObject\nuserPrincipalName: {UPN}\n"))
    return "\n".join([
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n",
        f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n",
        f"dn: {GROUPS}\nobjectClass: organizationalUnit\nou: groups\n",
        *(
            PERSON.format(uid=uid, cn=cn, more=more, people=PEOPLE, password=PASSWORD).strip() + "\n"
            for uid, cn, more in people
            if uid != ODD
        ),
        _odd(),
        f"dn: cn=Press operators,{GROUPS}\nobjectClass: groupOfNames\ncn: Press operators\n"
        f"member: uid=lea,{PEOPLE}\nmember: uid=bob,{PEOPLE}\nmember: cn=all shifts,{GROUPS}\n",
        # Nel is in Press operators by way of two groups, which are in each other.
        f"dn: cn=all shifts,{GROUPS}\nobjectClass: groupOfNames\ncn: all shifts\n"
        f"member: cn=night shift,{GROUPS}\n",
        f"dn: cn=night shift,{GROUPS}\nobjectClass: groupOfUniqueNames\ncn: night shift\n"
        f"uniqueMember: uid=nel,{PEOPLE}\nuniqueMember: cn=all shifts,{GROUPS}\n",
        f"dn: cn=admins,{GROUPS}\nobjectClass: groupOfNames\ncn: admins\nmember: uid=lea,{PEOPLE}\n"
        f"member: uid=o'brien *(x)\\231,{PEOPLE}\n",
    ])  # fmt: skip


def _odd() -> str:
    return (
        f"dn: uid=o'brien *(x)\\231,{PEOPLE}\nobjectClass: inetOrgPerson\nuid: {ODD}\ncn: Odd O'Brien\n"
        f"sn: O'Brien\nuserPassword: {PASSWORD}\n"
    )


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from engine.clock import SystemClock
from engine.drivers.driver import Refused
from engine.drivers.opcua import rejected, trust
from engine.drivers.opcua.identity import own_identity, self_signed
from engine.drivers.opcua.trust import (
    EPOCH,
    check_server,
    check_uri,
    expires,
    expiry_note,
    leaf,
    pin,
    pinned,
    thumbprint,
)

NOW_US = SystemClock().now_us()
YEAR_US = 365 * 86_400 * 1_000_000


@pytest.fixture(scope="module")
def der() -> bytes:
    return self_signed("PLC", "urn:plc", ["plc"], NOW_US, 1)[0]


def test_unknown_certificate_is_refused_kept_and_accepted_by_its_thumbprint(
    tmp_path: Path, der: bytes
) -> None:
    with pytest.raises(Refused, match=f"thumbprint {thumbprint(der)}") as refusal:
        check_server(tmp_path, der, "press", NOW_US)
    assert "watchroom trust DIR press --thumbprint" in str(refusal.value)
    (one,) = rejected(tmp_path, "press")
    assert (one.thumbprint, one.source, one.subject) == (thumbprint(der), "press", "CN=PLC")
    pasted = ":".join(one.thumbprint.upper()[k : k + 2] for k in range(0, 64, 2))
    trust(tmp_path, "press", pasted)
    assert check_server(tmp_path, der, "press", NOW_US) == der
    assert rejected(tmp_path, "press") == []


def test_certificate_trusted_for_one_source_is_refused_for_another(tmp_path: Path, der: bytes) -> None:
    pin(tmp_path, "press", der)
    assert check_server(tmp_path, der, "press", NOW_US) == der
    with pytest.raises(Refused, match="watchroom trust DIR oven --thumbprint"):
        check_server(tmp_path, der, "oven", NOW_US)
    assert [one.source for one in rejected(tmp_path, "oven")] == ["oven"]
    assert rejected(tmp_path, "press") == []


def test_certificate_two_sources_showed_is_accepted_for_each_by_itself(tmp_path: Path, der: bytes) -> None:
    for source in ("press", "oven"):
        with pytest.raises(Refused, match="not trusted"):
            check_server(tmp_path, der, source, NOW_US)
    trust(tmp_path, "press", thumbprint(der))
    with pytest.raises(Refused, match="not trusted"):
        check_server(tmp_path, der, "oven", NOW_US)
    assert trust(tmp_path, "oven", thumbprint(der)).source == "oven"
    assert check_server(tmp_path, der, "oven", NOW_US) == der


def test_certificate_another_sources_server_showed_cannot_be_accepted(tmp_path: Path, der: bytes) -> None:
    with pytest.raises(Refused, match="not trusted"):
        check_server(tmp_path, der, "press", NOW_US)
    with pytest.raises(LookupError, match=f"'oven' has shown no certificate .* {thumbprint(der)}"):
        trust(tmp_path, "oven", thumbprint(der))
    assert not (tmp_path / "trusted").exists()


def test_certificate_must_name_the_application_the_server_says_it_is(der: bytes) -> None:
    check_uri(der, "urn:plc", "press")
    for announced in ("urn:other", "", "URN:PLC", "urn:plc:2"):
        with pytest.raises(Refused, match=f"source 'press'.*'urn:plc'; .* calls itself '{announced}'"):
            check_uri(der, announced, "press")


@pytest.mark.parametrize("names", [None, ["plc"]])
def test_certificate_that_names_no_application_is_refused(names: list[str] | None) -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PLC")])
    now = EPOCH + timedelta(microseconds=NOW_US)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + timedelta(days=1))
    if names is not None:
        hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        made = made.add_extension(hosts, critical=False)
    nameless = made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    for announced in ("urn:plc", ""):
        with pytest.raises(Refused, match="application URI: none"):
            check_uri(nameless, announced, "press")


def test_part_of_a_thumbprint_is_not_enough(tmp_path: Path, der: bytes) -> None:
    with pytest.raises(Refused):
        check_server(tmp_path, der, "press", NOW_US)
    with pytest.raises(LookupError, match="whole thumbprint"):
        trust(tmp_path, "press", thumbprint(der)[:40])
    with pytest.raises(LookupError):
        trust(tmp_path, "press", "../" + thumbprint(der))


def test_file_name_among_the_trusted_does_not_stand_for_the_certificate(tmp_path: Path, der: bytes) -> None:
    folder = tmp_path / "trusted" / "press"
    folder.mkdir(parents=True)
    other = self_signed("Other", "urn:other", [], NOW_US, 1)[0]
    (folder / f"{thumbprint(der)}.der").write_bytes(other)
    with pytest.raises(Refused, match="not trusted"):
        check_server(tmp_path, der, "press", NOW_US)


@pytest.mark.parametrize(("shift_us", "said"), [(2 * YEAR_US, "has expired"), (-YEAR_US, "is not valid yet")])
def test_certificate_out_of_its_dates_is_refused_with_the_dates(
    tmp_path: Path, der: bytes, shift_us: int, said: str
) -> None:
    with pytest.raises(Refused, match="not trusted"):
        check_server(tmp_path, der, "press", NOW_US)
    trust(tmp_path, "press", thumbprint(der))
    ends = x509.load_der_x509_certificate(der).not_valid_after_utc
    with pytest.raises(Refused, match=said) as refusal:
        check_server(tmp_path, der, "press", NOW_US + shift_us)
    assert f"{ends:%Y-%m-%d}" in str(refusal.value)


def test_rejected_certificates_do_not_fill_the_disk(tmp_path: Path, der: bytes) -> None:
    for k in range(60):
        with pytest.raises(Refused):
            check_server(tmp_path, b"\x30\x03\x02\x01" + bytes([k]), "press", NOW_US)
    assert rejected(tmp_path, "press") == []
    for k in range(51):
        file = tmp_path / "rejected" / "press" / f"old{k}.der"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(der + bytes([k]))
        os.utime(file, (k, k))
    with pytest.raises(Refused):
        check_server(tmp_path, der, "press", NOW_US)
    assert len(list((tmp_path / "rejected" / "press").glob("*.der"))) == 50
    assert [one.thumbprint for one in rejected(tmp_path, "press")].count(thumbprint(der)) == 1


def test_first_certificate_of_a_chain_is_the_servers_own(der: bytes) -> None:
    assert leaf(der + der) == der
    assert leaf(b"") == b""


def test_own_certificate_is_made_once_with_a_private_key(tmp_path: Path) -> None:
    first, again = own_identity(tmp_path, NOW_US), own_identity(tmp_path, NOW_US)
    assert first == again
    key_file = next((tmp_path / "own").glob("*.pem"))
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    certificate = x509.load_der_x509_certificate(first.certificate)
    assert certificate.not_valid_before_utc < EPOCH.fromtimestamp(NOW_US / 1e6, EPOCH.tzinfo)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [first.application_uri]
    assert first.application_uri.endswith(":watchroom")
    assert [p.name for p in tmp_path.iterdir()] == ["own"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (61, ""),
        (59, "in less than 60 days"),
        (29, "in less than 30"),
        (6, "in less than 7"),
        (-1, "has expired"),
    ],
)
def test_end_of_a_certificate_is_said_in_steps(der: bytes, days: int, said: str) -> None:
    ends_us = expires(der)
    what, do = expiry_note("our own certificate", "renew it", ends_us, ends_us - days * 86_400 * 1_000_000)
    assert said in what and bool(what) == bool(said)
    assert do == ("renew it" if said else "")


def test_pinned_certificates_are_listed_by_source(tmp_path: Path, der: bytes) -> None:
    pin(tmp_path, "press", der)
    assert pinned(tmp_path, "press") == [thumbprint(der)] and pinned(tmp_path, "oven") == []


def test_another_certificate_than_the_trusted_one_is_named_beside_it(tmp_path: Path, der: bytes) -> None:
    before = pin(tmp_path, "press", b"the certificate of before").stem
    with pytest.raises(Refused, match="another certificate than the trusted one") as refusal:
        check_server(tmp_path, der, "press", NOW_US)
    now = thumbprint(der)
    assert before[:16] in refusal.value.what and now[:16] in refusal.value.what
    assert before in refusal.value.do and f"--thumbprint {now}" in refusal.value.do
    assert "another device may answer" in refusal.value.what

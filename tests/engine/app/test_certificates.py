"""Our own certificate at the first start, and certificates that end, as alarms."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from engine.app.certificates import DAY_US, Certificates, endings
from engine.drivers.driver import Refused
from engine.drivers.opcua.identity import own_identity
from engine.drivers.opcua.trust import expires, pin
from engine.types import Source
from tests.engine.app.test_horn import Rig
from tests.engine.drivers.opcua.certificates import NOW_US, Made, made
from tests.running import until

PRESS = Source("press", "opcua", "opc.tcp://127.0.0.1:1")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.running.close()


class Looked:
    """Certificates of a rig, looked at by hand."""

    def __init__(self, rig: Rig, pki: Path, *sources: Source) -> None:
        self.rig = rig
        self.watch = Certificates(pki, sources, rig.running.alarms, rig.clock)

    def look(self) -> dict[str, str]:
        """What stands after the next look: message by path."""
        self.rig.clock.us += 3_600_000_000
        for _ in range(2):  # what was under way, and what is due
            self.watch.second()
            until(lambda: self.watch.is_idle, 20)
        self.watch.second()
        return {each.path: each.message for each in self.rig.running.alarms.reported("device") if each.active}


def test_our_certificate_is_made_at_the_first_start_where_a_source_is_secured(
    rig: Rig, tmp_path: Path
) -> None:
    pki = tmp_path / "pki"
    others = Source("a", "opcua", "x", "none"), Source("b", "modbus", "y")
    watch = Certificates(pki, others, rig.running.alarms, rig.clock)
    watch.close()
    assert not pki.exists()
    watch = Certificates(pki, (PRESS,), rig.running.alarms, rig.clock)
    watch.close()
    (file,) = (pki / "own").glob("*.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (der,) = (pki / "own").glob("*.der")
    usage = x509.load_der_x509_certificate(der.read_bytes()).extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.value.digital_signature and usage.value.data_encipherment and usage.value.key_encipherment


def test_the_key_is_encrypted_where_there_is_a_passphrase_and_opens_with_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHROOM_PASSPHRASE", "four tall lamps at night")
    made = own_identity(tmp_path, NOW_US)
    assert b"BEGIN PRIVATE KEY" in made.key
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "own" / "watchroom.pem").read_bytes()
    assert own_identity(tmp_path, NOW_US).key == made.key
    monkeypatch.setenv("WATCHROOM_PASSPHRASE", "four small lamps at night")
    with pytest.raises(Refused, match="does not open with the passphrase"):
        own_identity(tmp_path, NOW_US)
    monkeypatch.delenv("WATCHROOM_PASSPHRASE")
    with pytest.raises(Refused, match="no passphrase is here"):
        own_identity(tmp_path, NOW_US)


@pytest.mark.parametrize(
    ("days", "step"), [(61, None), (60.01, None), (59.9, 60), (29.9, 30), (6.9, 7), (0, 0), (-3, 0)]
)
def test_the_end_comes_in_steps_for_servers_and_for_cas(
    tmp_path: Path, days: float, step: int | None
) -> None:
    plc, ca = made("PLC", ends=100), made("CA", is_ca=True, ends=100)
    pin(tmp_path, "press", plc.der)
    pin(tmp_path, "press", ca.der)
    (tmp_path / "issuers").mkdir()
    (tmp_path / "issuers" / "ca.der").write_bytes(ca.der)
    found = list(endings(tmp_path, ("press",), round(expires(plc.der) - days * DAY_US)))
    assert sorted((each.whose, each.place) for each in found) == (
        [] if step is None else [("CA", "Certificates"), ("CA", "press"), ("trusted", "press")]
    )
    assert {each.step for each in found} <= {step}


def test_an_alarm_stands_from_the_sixtieth_day_on_sounds_at_each_step_and_goes_when_it_is_renewed(
    rig: Rig, tmp_path: Path
) -> None:
    pki, plc = tmp_path / "pki", made("PLC", ends=100)
    file = pin(pki, "press", plc.der)
    rig.clock.us = expires(plc.der) - round(61 * DAY_US)
    looked = Looked(rig, pki, PRESS)
    assert looked.look() == {}
    seen = list[str]()
    for days in (59.5, 29.5, 6.5, -0.5):
        rig.clock.us = expires(plc.der) - round(days * DAY_US)
        seen += [looked.look()["press"]]
    assert [each.partition("certificate ")[2] for each in seen] == [
        "expires in less than 60 days",
        "expires in less than 30 days",
        "expires in less than 7 days",
        "has expired",
    ]
    file.unlink()
    pin(pki, "press", made("PLC2", ends=2000).der)
    assert looked.look() == {}
    looked.watch.close()


def test_a_file_that_is_no_certificate_keeps_the_others_from_nothing(tmp_path: Path) -> None:
    plc: Made = made("PLC", ends=5)
    pin(tmp_path, "press", plc.der)
    pin(tmp_path, "press", b"nonsense")
    assert [each.step for each in endings(tmp_path, ("press",), NOW_US)] == [7]

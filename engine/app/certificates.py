"""Our own certificate, made when the engine first needs it, and the ends of all certificates as alarms."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec
from cryptography import x509

from engine.alarms import Alarms, Outside
from engine.drivers.driver import Refused
from engine.drivers.opcua.address import needs_trust
from engine.drivers.opcua.identity import CERTIFICATE, own_identity
from engine.drivers.opcua.trust import EXPIRY_DAYS, expires, subject, thumbprint
from engine.drivers.opcua.validate import is_authority
from engine.types import Clock, Source

log = logging.getLogger("watchroom.engine")
LOOK_US = 3_600_000_000
DAY_US = 86_400e6
OWN = "Certificates"
"""Path of the alarm about our own certificate; the others stand at their source."""
PREFIX = "certificate"
PRIORITIES = {60: 3, 30: 3, 7: 2, 0: 2}
"""Of an alarm by the days that are left at most; 0 = it has expired."""
Whose = Literal["own", "trusted", "CA"]


class Ending(msgspec.Struct, frozen=True):
    """A certificate that ends soon. ``step`` = days that are left at most, 0 = none."""

    whose: Whose
    place: str
    mark: str
    subject: str
    step: int


class Certificates:
    """Looks once an hour. ``second`` in the loop; files are read in a thread of its own."""

    def __init__(self, pki: Path, sources: tuple[Source, ...], alarms: Alarms, clock: Clock) -> None:
        self._pki, self._alarms, self._clock = pki, alarms, clock
        self._sources = tuple(each.id for each in sources if each.driver == "opcua" and needs_trust(each))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="certificates")
        self._looking = self._thread.submit(self._look) if self._sources else None
        self._due_us = clock.mono_us() + LOOK_US

    def second(self) -> None:
        """Tell what was found, and look again when it is time. Call it once a second."""
        if self._looking is not None and self._looking.done():
            found, self._looking = self._looking, None
            self._tell(found.result())
        elif self._looking is None and self._sources and self._clock.mono_us() >= self._due_us:
            self._due_us = self._clock.mono_us() + LOOK_US
            self._looking = self._thread.submit(self._look)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being looked at now."""
        return self._looking is None or self._looking.done()

    def close(self) -> None:
        """Look no more."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _look(self) -> tuple[Ending, ...]:
        now_us = self._clock.now_us()
        try:
            own_identity(self._pki, now_us)
        except (OSError, Refused, ValueError) as error:
            log.error("our own certificate cannot be used: %s", error)
        return tuple(endings(self._pki, self._sources, now_us))

    def _tell(self, found: tuple[Ending, ...]) -> None:
        """One alarm a certificate and step: each step sounds anew, and the one before goes."""
        now_us = self._clock.now_us()
        told = {(each.path, each.name): each for each in map(alarm_of, found)}
        for alarm in self._alarms.reported("device"):
            if alarm.name.startswith(PREFIX) and (alarm.path, alarm.name) not in told and alarm.active:
                shared = {each: getattr(alarm, each) for each in Outside.__struct_fields__}
                self._alarms.report(Outside(**shared), False, now_us)
        for each in told.values():
            self._alarms.report(each, True, now_us)


def endings(pki: Path, sources: tuple[str, ...], now_us: int) -> Iterator[Ending]:
    """Each certificate that has less than 60 days left: ours, those trusted for a source, the CAs between."""
    own = pki / "own" / CERTIFICATE
    files = list[tuple[Whose, str, Path]]([("own", OWN, own)] if own.exists() else [])
    for source in sources:
        files.extend(("trusted", source, file) for file in sorted((pki / "trusted" / source).glob("*.der")))
    files.extend(("CA", OWN, file) for file in sorted((pki / "issuers").glob("*.der")))
    for whose, place, file in files:
        der = file.read_bytes()
        try:
            left = (expires(der) - now_us) / DAY_US
            is_ca = is_authority(x509.load_der_x509_certificate(der))
        except ValueError:
            continue  # a source that is asked for it says so
        step = 0 if left <= 0 else next((days for days in EXPIRY_DAYS if left < days), None)
        if step is not None:
            yield Ending("CA" if is_ca else whose, place, thumbprint(der), subject(der), step)


def alarm_of(ending: Ending) -> Outside:
    """What is said of a certificate that ends."""
    named = {"own": "Our own certificate", "trusted": "The server certificate", "CA": "The CA certificate"}
    when = "has expired" if ending.step == 0 else f"expires in less than {ending.step} days"
    response = {
        "own": "remove data/pki/own, restart the engine and make every server trust the new certificate",
        "trusted": "renew it at the server, then trust the new one on the source's page in System",
        "CA": "get the new certificate of the CA and trust it for the source",
    }
    return Outside(
        path=ending.place,
        kind="device",
        priority=PRIORITIES[ending.step],
        name=f"{PREFIX} {ending.mark[:16]} {ending.step}",
        message=f"{named[ending.whose]} {when}",
        cause=f"{ending.subject}, SHA-256 {ending.mark[:16]}…",
        consequence="from then on no secured connection is opened with it: values go stale",
        response=response[ending.whose],
        display="system",
    )

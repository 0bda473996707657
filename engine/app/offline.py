"""What works on a project without a running engine: browse a device, trust its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.app import pki
from engine.app.drivers import drivers
from engine.app.login_files import LoginFiles
from engine.app.logins import SourceLogins
from engine.app.status import browse_device
from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.server import RequestRefused
from engine.types import (
    Batch,
    BrowseItem,
    Certificate,
    ConditionKey,
    ConditionReport,
    Project,
    Source,
    TagInfo,
)


class _NoSink:
    """Browsing reports no values."""

    def batch(self, batch: Batch) -> None: ...
    def alive(self, tags: NDArray[np.int32]) -> None: ...
    def period(self, tags: NDArray[np.int32], seconds: float) -> None: ...
    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None: ...
    def late(self, batch: Batch) -> None: ...
    def describe(self, tag_id: int, info: TagInfo) -> None: ...
    def connected(self, security: str) -> None: ...
    def lost(self, samples: int, why: str, since_us: int = 0) -> None: ...
    def note(self, about: str, what: str, do: str = "") -> None: ...
    def fact(self, name: str, text: str) -> None: ...
    def clock_offset(self, seconds: float, error_s: float = 0.0) -> None: ...
    def condition(self, report: ConditionReport) -> None: ...
    def conditions(self, known: frozenset[ConditionKey] | None) -> None: ...


async def browse(project: Project, source_id: str, node: str) -> Sequence[BrowseItem]:
    """List a device's nodes over a connection of our own.

    Raises:
        RequestRefused: no such source, or the device cannot be browsed; the text says why.
    """
    for source in project.sources:
        if source.id == source_id:
            folder, clock = Path(project.folder), SystemClock()
            logins = SourceLogins(LoginFiles(paths.data(folder)), project.sources, clock)
            context = Context(source, (), _NoSink(), clock, paths.pki(folder), logins=logins)
            return (await browse_device(context, drivers()[source.driver], node)).items
    raise RequestRefused(f"there is no source {source_id!r} in {Path(project.folder) / 'plant.toml'}")


def certificates(folder: Path, source: Source) -> tuple[Certificate, ...]:
    """Our certificate if there is one, those trusted for a source, and those nobody has trusted yet."""
    return pki.certificates(paths.pki(folder), source)


def own_certificate(folder: Path) -> Certificate:
    """Our certificate, for the devices' side; made now if there is none yet."""
    return pki.own_certificate(paths.pki(folder), SystemClock().now_us())


def trust(folder: Path, source: Source, thumbprint: str) -> Certificate:
    """Trust, for one source, a certificate that its server showed and that was refused.

    Raises:
        RequestRefused: its server has shown none with this thumbprint, or never shows any.
    """
    return pki.trust(paths.pki(folder), source, thumbprint)


def show_authority(folder: Path, source: Source, file: Path) -> str:
    """Put the certificate of a CA, DER or PEM, where `trust` finds it; its thumbprint.

    Raises:
        RequestRefused: it cannot be read, or is not that of a CA.
    """
    return pki.show_authority(paths.pki(folder), source, file)


def distrust(folder: Path, source: Source, thumbprint: str) -> Certificate:
    """Take back the trust in one of a source's certificates.

    Raises:
        RequestRefused: none with this thumbprint is trusted for this source.
    """
    return pki.distrust(paths.pki(folder), source, thumbprint)

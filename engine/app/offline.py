"""What works on a project without a running engine: browse a device, trust its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import paths
from engine.app.drivers import drivers
from engine.app.status import browse_device
from engine.clock import SystemClock
from engine.drivers.driver import Context
from engine.drivers.opcua.trust import Rejected
from engine.drivers.opcua.trust import rejected as rejected_in
from engine.drivers.opcua.trust import trust as trust_in
from engine.server import RequestRefused
from engine.types import Batch, BrowseItem, Project, TagInfo


class _NoSink:
    """Browsing reports no values."""

    def batch(self, batch: Batch) -> None: ...
    def alive(self, tags: NDArray[np.int32]) -> None: ...
    def period(self, tags: NDArray[np.int32], seconds: float) -> None: ...
    def mark(self, tags: NDArray[np.int32], status: int, why: str = "") -> None: ...
    def late(self, batch: Batch) -> None: ...
    def describe(self, tag_id: int, info: TagInfo) -> None: ...
    def connected(self, security: str) -> None: ...
    def lost(self, samples: int, why: str) -> None: ...
    def note(self, about: str, what: str, do: str = "") -> None: ...
    def fact(self, name: str, text: str) -> None: ...
    def clock_offset(self, seconds: float) -> None: ...


async def browse(project: Project, source_id: str, node: str) -> Sequence[BrowseItem]:
    """List a device's nodes over a connection of our own.

    Raises:
        RequestRefused: no such source, or the device cannot be browsed; the text says why.
    """
    for source in project.sources:
        if source.id == source_id:
            context = Context(source, (), _NoSink(), SystemClock(), paths.pki(Path(project.folder)))
            return (await browse_device(context, drivers()[source.driver], node)).items
    raise RequestRefused(f"there is no source {source_id!r} in {Path(project.folder) / 'plant.toml'}")


def rejected(folder: Path, source_id: str) -> list[Rejected]:
    """Server certificates of a source that nobody has trusted yet."""
    return rejected_in(paths.pki(folder), source_id)


def trust(folder: Path, source_id: str, thumbprint: str) -> Rejected:
    """Trust, for one source, a certificate that its server showed and that was refused.

    Raises:
        LookupError: its server has shown none with this thumbprint.
    """
    return trust_in(paths.pki(folder), source_id, thumbprint)

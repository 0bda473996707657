"""How a snapshot has to look once the engine is silent. No Qt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.types import Snapshot, Status


def as_stalled(snapshot: Snapshot, silent_us: int) -> Snapshot:
    """The last snapshot with nothing in it current, and every age longer by the silence."""
    usable = snapshot.status < np.uint32(Status.BAD)
    status = np.where(usable, np.uint32(Status.STALE), snapshot.status).astype(np.uint32)
    age_s = snapshot.age_s + max(0, silent_us) / 1e6
    return replace(snapshot, status=status, stale=snapshot.stale | usable, age_s=age_s)

"""From what a soak found to its figures, and to the sentences about what broke."""

from __future__ import annotations

import numpy as np

from engine.clock import rfc3339
from engine.testing.soak.probe import broken, growth
from engine.testing.soak.report import Figures, machine, merged, spread
from engine.testing.soak.state import Soak

MOST_LAG_MS = 10_000.0
MOST_SAID = 20


def figures_of(running: Soak, seconds: float) -> Figures:
    """All figures of a soak that has ended after so many seconds."""
    look, asked = running.look, running.asked
    verdict = merged(running.verdicts)
    histories = [each.history for each in look.statuses if each.history is not None]
    engine, window = growth(running.engine_uses), None
    found = dict.fromkeys((*verdict.broken[:MOST_SAID], *running.said[:MOST_SAID]))
    said = [*running.broken, *found, *look.wrong[:MOST_SAID], *broken("the engine", engine)]
    stall = None
    if running.window is not None:
        window, stall = growth(running.window_uses), spread(running.window.late_ms)
        said += broken("the window", window)
    lag_ms = max((each.lag_ms for each in histories), default=0.0)
    if lag_ms > MOST_LAG_MS:
        said.append(f"the history waited {lag_ms / 1000:.1f} s for the disk")
    troubles = [*running.troubles, *running.beside.refused[:10]]
    troubles += sorted({each.trouble for each in histories if each.trouble})
    return Figures(
        seed=asked.seed,
        plant=asked.plant,
        started=rfc3339(running.began_us),
        minutes=round(seconds / 60, 2),
        every_s=asked.every_s,
        kill_every_s=asked.kill_every_s,
        machine=machine(),
        strikes=tuple(running.done),
        availability=look.engine.availability,
        data_availability=look.data.availability,
        calm_availability=look.calm.availability,
        engine_recovery_s=spread(running.engine_s),
        link_recovery_s={kind: spread(found) for kind, found in running.link_s.items()},
        verdict=verdict,
        looks=look.looks,
        held=look.held,
        starved=look.starved,
        waiting_max=max((each.waiting for each in histories), default=0),
        lag_ms_max=lag_ms,
        history_lost=max((each.lost for each in histories), default=0),
        dropped=max((each.engine.dropped for each in look.statuses), default=0),
        samples_s=float(np.median([each.rate for each in histories])) if histories else 0.0,
        engine=engine,
        window=window,
        stall_ms=stall,
        stall_floor_ms=spread(running.floor_ms),
        questions_ms={what: spread(took) for what, took in running.beside.took_ms.items()},
        refused=len(running.beside.refused),
        troubles=tuple(troubles),
        broken=tuple(said),
    )

"""The sound of each priority, made by numbers: told apart by rhythm and by pitch, and without a screen.

Sources. ISO 7731:2003: danger signals lie between 500 and 2500 Hz, with enough below 1500 Hz for people
who hear high tones badly, and pulse with 0.2 to 5 Hz. EN 981 / ISO 11429: quick bursts and sweeping pitch
mean danger, two pitches in turn caution, one long tone the least. IEC 60601-1-8: high priority is a group
of five pulses, medium one of three, low one or two. Every tone has partials, since one pure tone can fall
into a gap of somebody's hearing, and rises in 20 ms, since a tone that starts at once startles and clicks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples a second; one channel of int16."""
RISE_S = 0.02
PARTIALS = (1.0, 0.5, 0.3)
LOUDEST = 0.9


@dataclass(frozen=True, slots=True)
class Pulse:
    """One tone from ``begin_s`` on, of ``length_s``, whose pitch goes from ``from_hz`` to ``to_hz``."""

    begin_s: float
    length_s: float
    from_hz: float
    to_hz: float


def _five() -> tuple[Pulse, ...]:
    # Three and two, each rising: the rhythm of IEC 60601-1-8, the sweep of ISO 11429.
    return tuple(Pulse(at, 0.2, 650, 1150) for at in (0.0, 0.3, 0.6, 1.15, 1.45))


PATTERNS: Mapping[int, tuple[Pulse, ...]] = {
    1: _five(),
    2: (Pulse(0, 0.3, 880, 880), Pulse(0.4, 0.3, 660, 660), Pulse(0.8, 0.3, 880, 880)),
    3: (Pulse(0, 0.35, 587, 587), Pulse(0.55, 0.35, 587, 587)),
    4: (Pulse(0, 0.8, 523, 523),),
}
"""By priority. None is longer than `state.GAP_US`."""


@lru_cache(maxsize=16)
def sound(priority: int, volume: int = 100) -> NDArray[np.int16]:
    """Samples of the sound of ``priority`` 1 to 4; ``volume`` in % of the loudest."""
    pulses = PATTERNS[priority]
    ends_s = max(each.begin_s + each.length_s for each in pulses)
    wave = np.zeros(round(ends_s * RATE))
    for each in pulses:
        tone, at = _tone(each), round(each.begin_s * RATE)
        wave[at : at + len(tone)] += tone
    # Loudness is felt as a power of the amplitude: half of it must sound like half.
    gain = LOUDEST * 32767 * (volume / 100) ** 1.66
    made = np.round(wave * gain).astype(np.int16)
    made.flags.writeable = False
    return made


def _tone(pulse: Pulse) -> NDArray[np.float64]:
    count = round(pulse.length_s * RATE)
    pitch = np.linspace(pulse.from_hz, pulse.to_hz, count)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    wave = sum(part * np.sin(n * phase) for n, part in enumerate(PARTIALS, start=1))
    edge = np.minimum(np.arange(count), np.arange(count)[::-1]) / (RISE_S * RATE)
    shape = 0.5 - 0.5 * np.cos(np.pi * np.clip(edge, 0, 1))
    return np.asarray(wave * shape / sum(PARTIALS))

"""The sounds: told apart by rhythm and pitch, where everybody hears, and over before the next may start."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hmi.horn.sounds import PATTERNS, RATE, sound
from hmi.horn.state import AGAIN_US, GAP_US

PRIORITIES = (1, 2, 3, 4)


def rhythm(priority: int) -> tuple[int, ...]:
    """Lengths of tones and pauses as heard, in hundredths of a second."""
    level = np.abs(sound(priority).astype(float)).reshape(-1, RATE // 100).max(axis=1) > 1500
    return tuple(len(list(run)) for _, run in itertools.groupby(level))


def pitches(priority: int) -> tuple[float, ...]:
    """The strongest frequency of each pulse's end."""
    found: list[float] = []
    for each in PATTERNS[priority]:
        end = round((each.begin_s + each.length_s) * RATE)
        wave = sound(priority)[end - RATE // 10 : end - RATE // 50].astype(float)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 8 * len(wave)))
        found.append(float(np.argmax(spectrum)) * RATE / (8 * len(wave)))
    return tuple(found)


def test_every_priority_has_a_rhythm_and_a_number_of_tones_of_its_own() -> None:
    tones = [(len(rhythm(priority)) + 1) // 2 for priority in PRIORITIES]
    assert tones == [5, 3, 2, 1]
    assert len({rhythm(priority) for priority in PRIORITIES}) == 4


def test_the_more_urgent_the_higher_its_pitch() -> None:
    highest = [max(pitches(priority)) for priority in PRIORITIES]
    assert highest == sorted(highest, reverse=True)
    assert all(high > 1.1 * low for high, low in itertools.pairwise(highest))


@pytest.mark.parametrize("priority", PRIORITIES)
def test_it_lies_where_also_people_with_a_hearing_loss_hear(priority: int) -> None:
    wave = sound(priority).astype(float)
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    assert power[(hertz >= 490) & (hertz <= 2500)].sum() > 0.9 * power.sum()
    assert power[(hertz >= 490) & (hertz <= 1500)].sum() > 0.6 * power.sum()


@pytest.mark.parametrize("priority", PRIORITIES)
def test_it_ends_before_the_next_may_start_and_begins_and_ends_without_a_click(priority: int) -> None:
    wave = sound(priority)
    assert len(wave) / RATE < GAP_US / 1e6 <= AGAIN_US[priority] / 1e6
    assert abs(int(wave[0])) < 50 and abs(int(wave[-1])) < 50
    assert 20_000 < np.abs(wave.astype(int)).max() < 32_767


def test_volume_makes_it_quieter_down_to_nothing() -> None:
    loudest = [int(np.abs(sound(1, volume).astype(int)).max()) for volume in (100, 75, 50, 25, 0)]
    assert loudest == sorted(loudest, reverse=True)
    assert loudest[-1] == 0 < loudest[-2]

"""Every state of a value is told from every other without colour: in grey and by eyes that lack a cone."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.types import Snapshot
from hmi import theme
from hmi.theme import Theme
from tests.hmi.plant import BAD, NEVER, PLANT, STALE, UNCERTAIN, snapshot, tag

Picture = NDArray[np.float64]
EYES: dict[str, list[list[float]]] = {
    # Machado, Oliveira, Fernandes 2009, severity 1.0, on linear light; the last is luminance (IEC 61966-2-1).
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "greyscale": [[0.2126, 0.7152, 0.0722]] * 3,
}
STATES = {"good": 0, "uncertain": UNCERTAIN, "stale": STALE, "bad": BAD, "never": NEVER}
LEAST_STEP = 0.15
"""Difference of luminance between two pixels that an eye sees side by side (of 1, gamma coded)."""
LEAST_PART = 0.004
"""Part of a tile that has to differ that much: some 120 pixels, the size of a quality mark."""


def linear(pixels: NDArray[Any]) -> Picture:
    """0…255 as linear light 0…1 (IEC 61966-2-1)."""
    part = np.asarray(pixels, np.float64) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def seen_by(eye: str, pixels: NDArray[Any]) -> Picture:
    """Brightness of every pixel, 0…1 gamma coded, for that eye."""
    light = np.clip(linear(pixels) @ np.array(EYES[eye]).T, 0, 1)
    luminance = light @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance <= 0.0031308, 12.92 * luminance, 1.055 * luminance ** (1 / 2.4) - 0.055)


def rgb(text: str) -> NDArray[np.int16]:
    """#RRGGBB as int16[3]."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.int16)


@pytest.fixture(params=theme.NAMES)
def look(request: pytest.FixtureRequest) -> Theme:
    """Each theme in turn."""
    return theme.load_theme(request.param)


def tile_picture(look: Theme, now: Snapshot, has_range: bool) -> NDArray[Any]:
    """A tile of one tag, its words left out: the marks alone have to do."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter, QPixmap

    from hmi import values
    from hmi.displays.unit import tiles
    from hmi.theme import colour
    from tests.hmi.pixels import picture

    ends = (0.0, 250.0) if has_range else (None, None)
    words = values.reading(tag("S50/Pressure", "bar", *ends), now, 0, PLANT)
    mute = type(words)(**{n: getattr(words, n) for n in words.__slots__} | {"quality": ""})
    shot = QPixmap(232, 138)
    shot.fill(colour(look.colour.tile))
    with QPainter(shot) as painter:
        tiles.paint_still(painter, QRectF(0, 0, 232, 138), mute, look)
        tiles.paint_moving(painter, QRectF(0, 0, 232, 138), mute, look)
    return picture(shot)


@pytest.mark.screen
@pytest.mark.parametrize("has_range", [True, False], ids=["with a scale", "without a scale"])
@pytest.mark.parametrize("eye", EYES)
def test_states_of_a_tile_differ_without_colour_and_without_words(
    qapp: Any, look: Theme, eye: str, has_range: bool
) -> None:
    shots = {
        state: seen_by(eye, tile_picture(look, snapshot(status={0: code}), has_range))
        for state, code in STATES.items()
    }
    alike = {
        (one, other): round(part, 4)
        for one, other in itertools.combinations(shots, 2)
        if (part := float(np.mean(np.abs(shots[one] - shots[other]) > LEAST_STEP))) < LEAST_PART
    }
    assert not alike


@pytest.mark.screen
@pytest.mark.parametrize("eye", EYES)
def test_chip_that_needs_a_look_differs_from_a_well_one(qapp: Any, look: Theme, eye: str) -> None:
    from hmi.widgets.link_chip import LinkChip
    from tests.hmi.pixels import picture

    chip = LinkChip(look, "PLCs")
    try:
        chip.resize(140, 40)
        shots: list[Picture] = []
        for is_well in (True, False):
            chip.show_state("1 of 2", is_well)
            shots.append(seen_by(eye, picture(chip)))
        assert float(np.mean(np.abs(shots[0] - shots[1]) > LEAST_STEP)) > LEAST_PART
    finally:
        chip.deleteLater()


@pytest.mark.parametrize("eye", EYES)
def test_live_and_old_numbers_are_read_by_every_eye(look: Theme, eye: str) -> None:
    ground = float(seen_by(eye, rgb(look.colour.tile)))
    for ink in (look.colour.live, look.colour.muted, look.colour.text):
        assert abs(float(seen_by(eye, rgb(ink))) - ground) > 0.3


@pytest.mark.parametrize("eye", EYES)
def test_every_pen_is_seen_on_its_ground_by_every_eye(look: Theme, eye: str) -> None:
    ground = float(seen_by(eye, rgb(look.colour.panel)))
    faint = [pen for pen in look.pens if abs(float(seen_by(eye, rgb(pen))) - ground) < 0.25]
    assert not faint

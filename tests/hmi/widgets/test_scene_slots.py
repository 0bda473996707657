"""Numbers instead of colours: slots, palettes, patterns, and pictures painted from them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.types import Part
from hmi.theme import load_theme
from hmi.widgets.scene import looks
from hmi.widgets.scene.asset_look import AssetLook, Sight
from hmi.widgets.scene.looks import dressed
from hmi.widgets.scene.model import scene_of
from hmi.widgets.scene.paint import MOST_NARROW, inked, painted, seen, spots_of
from hmi.widgets.scene.slots import BRIGHTEST, FIRST, PHASES, Inks, palette, phases, slots_of

SCENE = scene_of(
    [
        Part(shape="zone", asset="S1"),
        Part(shape="box", asset="S1/A"),
        Part(shape="box", asset="S1/B", at=(3.0, 0.0, 0.0)),
    ]
)
INKS = Inks(
    *(np.array(each, np.float32) for each in ((9, 9, 9), (0, 0, 0), (0, 0, 90), (99, 99, 99), (7, 8, 9)))
)
THEME = load_theme("light")


def colours(kind: AssetLook) -> np.ndarray:
    """float64[PHASES, slots, 3] of the palette while S1/A looks so."""
    words = palette(slots_of(SCENE), dressed(SCENE, {"S1/A": kind, "S1": kind}, Sight(), THEME), INKS)
    return words.view(np.uint16).reshape(PHASES, -1, 4)[:, :, :3] * (255 / 256)


def slot(asset: str, tone: str) -> int:
    slots = slots_of(SCENE)
    both = (slots.items == SCENE.assets.index(asset)) & (slots.tones == looks.TONES.index(tone))
    return FIRST + int(np.flatnonzero(both)[0])


def test_every_tone_of_every_item_has_a_number_of_its_own() -> None:
    slots = slots_of(SCENE)
    for piece, numbers in zip(SCENE.pieces, slots.of_piece, strict=True):
        assert len(numbers) == len(piece.owners)
        assert list(slots.items[numbers - FIRST]) == list(piece.owners)
        assert {looks.TONES[each] for each in slots.tones[numbers - FIRST]} == {piece.tone}
    assert slots.count - FIRST == len({(k, p.tone) for p in SCENE.pieces for k in p.owners})


def test_a_failing_part_has_the_colour_of_its_alarm_in_every_phase() -> None:
    alarm = looks.rgb(THEME.alarms[0])
    found = colours(AssetLook(priority=1))[:, slot("S1/A", "body")]
    assert np.abs(found - np.minimum(alarm * BRIGHTEST, 255)).max() < 2


@pytest.mark.parametrize("kind", ["stale", "bad"])
def test_lines_lie_on_what_is_not_current_and_not_on_its_ground(kind: str) -> None:
    found = colours(AssetLook(kind=kind))  # type: ignore[arg-type]
    assert np.ptp(found[:, slot("S1/A", "body")], axis=0).min() > 40
    assert np.ptp(found[:, slot("S1/B", "body")], axis=0).max() == 0
    assert np.ptp(found[:, slot("S1", "zone")], axis=0).max() == 0


def test_bands_to_act_on_are_wider_than_those_to_watch() -> None:
    share = {}
    place = phases(300, 300, 1.0)
    for tier in ("watch", "act"):
        found = colours(AssetLook(predicted=tier))[:, slot("S1/A", "body")]  # type: ignore[arg-type]
        blue = np.abs(found - INKS.band * BRIGHTEST).max(axis=1) < 2
        share[tier] = float(blue[place].mean())
    assert 0.05 < share["watch"] < 0.75 * share["act"] < 0.4


def test_lines_rise_and_fall_where_the_phase_says_so() -> None:
    place = phases(60, 90, 1.0)
    assert place.shape == (60, 90) and int(place.max()) < PHASES
    assert np.array_equal(place[1:, :-1] & 2, place[:-1, 1:] & 2), "falling lines go on one down, one left"
    assert np.array_equal(place[1:, 1:] & 1, place[:-1, :-1] & 1), "rising lines go on one down, one right"


def samples(numbers: np.ndarray, light: int, is_wide: bool) -> np.ndarray:
    """What the graphics card would have drawn: uint8[h, w, 4]."""
    high = numbers >> 16 if is_wide else numbers * 0
    return np.stack(
        [numbers & 255, numbers >> 8 & 255, (light & (252 if is_wide else 255)) | high, numbers * 0 + 255],
        axis=2,
    ).astype(np.uint8)


@pytest.mark.parametrize("count", [300, MOST_NARROW + 5000])
def test_a_picture_has_the_colour_of_each_number_in_its_light(count: int) -> None:
    rng = np.random.default_rng(1)
    numbers = rng.integers(0, count, (40, 60))
    words = np.zeros((PHASES, count, 4), np.uint16)
    words[:, :, :3] = rng.integers(0, 257, (count, 3))
    kept = seen(samples(numbers, 200, count > MOST_NARROW), np.ones((40, 60), np.float32), count, 1.0)
    made = painted(kept, words.reshape(-1, 4).view(np.uint64)[:, 0])
    assert np.abs(made[:, :, :3] - words[0, numbers, :3] * (200 / 256)).max() <= 1.01
    assert (made[:, :, 3] == 255).all()


def test_four_samples_are_one_pixel_and_the_depth_makes_it_darker() -> None:
    numbers = np.tile([[0, 1], [1, 1]], (20, 30))
    words = np.zeros((PHASES, 2, 4), np.uint16)
    words[:, 1, :3] = 256
    half = np.full((20, 30), 0.5, np.float32)
    made = painted(
        seen(samples(numbers, 255, False), half, 2, 1.0), words.reshape(-1, 4).view(np.uint64)[:, 0]
    )
    assert made.shape == (20, 30, 4)
    assert np.abs(made[:, :, :3].astype(int) - round(0.75 * 255 / 2)).max() <= 2


def test_ink_lies_only_where_it_is() -> None:
    picture = np.full((4, 5, 4), 200, np.uint8)
    cover = np.zeros((4, 5), np.float32)
    cover[1, 2], cover[2, 3] = 1.0, 0.5
    inked(picture, (0, 100, 200), spots_of(cover))
    assert list(picture[1, 2, :3]) == [0, 100, 200] and list(picture[2, 3, :3]) == [100, 150, 200]
    assert (picture[0] == 200).all() and (picture[3] == 200).all()

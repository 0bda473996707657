"""How every part of a scene has to look: its colour by tone and its finish. Plain arrays, no VTK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hmi.theme import Theme
from hmi.widgets.scene.asset_look import PLAIN, AssetLook, Sight
from hmi.widgets.scene.model import Scene

Colour = NDArray[np.float32]
BLACK: Colour = np.zeros(3, np.float32)
SOLID, HATCHED, CROSSED, GHOST, WATCH, ACT, HIDDEN = range(7)
"""Finishes. Stale = lines over a pale part; bad and never known = crossed lines; ghost = seen through; watch
and act = bands in the colour of predictions, narrow and wide, over whatever colour the part has.
"""
FINISHES = (SOLID, HATCHED, CROSSED, GHOST, WATCH, ACT)
ALARM_TONES = ("body", "frame", "dark", "light", "pipe")
TONES = (*ALARM_TONES, "ground", "zone", "border")


@dataclass(frozen=True, slots=True, eq=False)
class Dress:
    """``colours`` uint8[tones, items, 3] in the order of `TONES`, ``finish`` uint8[items]; ``ringed``
    bool[items] = drawn around, because selected.
    """

    colours: NDArray[np.uint8]
    finish: NDArray[np.uint8]
    ringed: NDArray[np.bool_]


def dressed(scene: Scene, looks: Mapping[str, AssetLook], sight: Sight, theme: Theme) -> Dress:
    """Colours and finishes of all parts. Only what is itself in alarm takes the alarm's colour."""
    plain = tone_colours(theme)
    count = len(scene.assets)
    colours = np.zeros((len(TONES), count, 3), np.float32)
    finish = np.zeros(count, np.uint8)
    alarmed = np.zeros(count, np.bool_)
    # Few looks are different ones: what is equal is worked out once.
    known: dict[AssetLook, tuple[Colour, int]] = {}
    for index, asset in enumerate(scene.assets):
        look = looks.get(asset, PLAIN) if asset else PLAIN
        if look not in known:
            rows = np.stack([_coloured(tone, plain[tone], look, theme) for tone in TONES])
            known[look] = rows, _finish(look)
        colours[:, index], finish[index] = known[look]
        alarmed[index] = look.priority > 0
    solid = scene.solid()
    ringed = scene.of([sight.selected]) & solid if sight.selected else np.zeros(count, np.bool_)
    ringed |= np.isin(scene.part_of, sight.chosen) & solid
    if sight.through:
        finish[solid & ~ringed & ~alarmed] = GHOST
    finish[scene.ghosts & (finish == SOLID)] = GHOST
    if sight.apart:
        finish[~scene.of([sight.apart])] = HIDDEN
    return Dress(np.clip(colours, 0, 255).astype(np.uint8), finish, ringed)


def _finish(look: AssetLook) -> int:
    # What is not current says so first: what is foretold rests on it.
    if look.kind == "stale":
        return HATCHED
    if look.kind in ("bad", "never"):
        return CROSSED
    return {"watch": WATCH, "act": ACT}.get(look.predicted, SOLID)


def tone_colours(theme: Theme) -> dict[str, Colour]:
    """The greys of a scene, made of the theme's tokens."""
    tokens = theme.colour
    fill, line = rgb(tokens.equipment), rgb(tokens.outline)
    bright = rgb(tokens.text if theme.dark else tokens.control)
    ground = rgb(tokens.panel)
    return {
        "body": mixed(fill, bright, 0.06) if theme.dark else mixed(fill, line, 0.10),
        "frame": mixed(fill, line, 0.18 if theme.dark else 0.3),
        "dark": mixed(fill, line, 0.72),
        "light": mixed(fill, bright, 0.3 if theme.dark else 0.4),
        "pipe": mixed(fill, line, 0.35),
        "ground": mixed(ground, rgb(tokens.line), 0.16),
        "zone": mixed(ground, rgb(tokens.line), 0.24),
        "border": line,
    }


def _coloured(tone: str, plain: Colour, look: AssetLook, theme: Theme) -> Colour:
    tokens = theme.colour
    if tone == "border" and look.around:
        return rgb(theme.alarms[look.around - 1])
    if tone not in ALARM_TONES:
        return plain
    if look.priority:
        alarm = rgb(theme.alarms[look.priority - 1])
        return mixed(alarm, BLACK, 0.22) if tone in ("dark", "frame") else alarm
    if look.kind not in ("normal", "uncertain"):
        return mixed(plain, rgb(tokens.panel), 0.6)
    if look.running is None:
        return plain
    bright, dim = (tokens.text, tokens.background) if theme.dark else (tokens.control, tokens.outline)
    return mixed(plain, rgb(bright), 0.28) if look.running else mixed(plain, rgb(dim), 0.5)


def rgb(text: str) -> Colour:
    """``#RRGGBB`` as float32[3], 0…255."""
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)], np.float32)


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """From ``a`` towards ``b`` by ``share`` 0…1."""
    return (a + (b - a) * np.float32(share)).astype(np.float32)

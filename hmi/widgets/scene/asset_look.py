"""What a scene is told about assets, and what a person chose to see. Plain words, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.types import Cut
from hmi.alarms import Badge
from hmi.values import Kind


@dataclass(frozen=True, slots=True)
class AssetLook:
    """What is known of an asset. ``priority`` = its own worst alarm, ``around`` = that of anything in it.

    ``running`` None = not known, or nothing that runs. ``predicted`` = the tier of a prediction about it.
    """

    kind: Kind = "normal"
    running: bool | None = None
    priority: int = 0
    around: int = 0
    predicted: Literal["", "watch", "act"] = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person chose to see. ``apart`` = only this asset; ``through`` = all else like glass.

    ``cut`` = a plane beyond which nothing is drawn. ``chosen`` = parts that the editor holds, by number.
    """

    selected: str = ""
    apart: str = ""
    through: bool = False
    cut: Cut | None = None
    chosen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SceneLabel:
    """A label over an asset: short name, main value with unit, how it has to look, worst alarm. ``badge`` =
    whether that waits, or is over.

    ``widest`` is the longest the value gets: room kept for it lets the label stand still.
    """

    path: str
    name: str
    value: str = ""
    unit: str = ""
    widest: str = ""
    kind: Kind = "normal"
    priority: int = 0
    title: str = ""
    badge: Badge | None = None


PLAIN = AssetLook()

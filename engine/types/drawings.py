"""What a project folder draws: the parts of its 3D scene and hand-made mimics."""

from __future__ import annotations

import msgspec

Point = tuple[float, float]
Place = tuple[float, float, float]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[parts]]`` of scene/*.toml, in metres and degrees; z is up, ``at`` the middle of its foot.

    ``shape`` is one that the scene knows (robot, press, box, tank, conveyor, gantry, pipe …); ``size``
    its length, depth and height where it is not the shape's own. ``points`` are those of a pipe.
    ``asset`` is the path of what it stands for: it takes its state and opens it when picked.
    """

    shape: str
    asset: str = ""
    at: Place = (0.0, 0.0, 0.0)
    turn: float = 0.0
    size: Place | None = None
    points: tuple[Place, ...] = ()
    label: bool = False


class MimicSymbol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device on a mimic: ``symbol`` of resources/symbols/equipment in the box ``at`` + ``size``.

    ``asset`` is what it stands for; ``running`` a tag that is not 0 while it runs; ``lines`` are tags
    written under ``title``; ``level`` a tag that fills it (tanks).
    """

    symbol: str
    at: Point
    size: Point = (100.0, 100.0)
    asset: str = ""
    title: str = ""
    running: str = ""
    level: str = ""
    lines: tuple[str, ...] = ()


class MimicValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tag in a box on a mimic; ``to`` = where its leader line ends."""

    tag: str
    at: Point
    title: str = ""
    to: Point | None = None


class MimicPipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line between devices."""

    points: tuple[Point, ...]


class Mimic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``displays/NAME.toml``: a hand-made drawing of one asset, ``size`` in its own units.

    Tags and assets are paths below ``asset``.
    """

    asset: str
    title: str = ""
    size: Point = (1000.0, 400.0)
    symbols: tuple[MimicSymbol, ...] = ()
    values: tuple[MimicValue, ...] = ()
    pipes: tuple[MimicPipe, ...] = ()

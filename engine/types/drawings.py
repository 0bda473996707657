"""What a project folder draws: the parts of its 3D scene and hand-made mimics."""

from __future__ import annotations

from typing import Literal

import msgspec

Point = tuple[float, float]
Place = tuple[float, float, float]


class Motion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[parts.motions]]``: a tag that moves a part, or a joint of it.

    ``joint`` "" = the whole part; else one that the shape has (``axis 1`` … ``axis 6`` of a robot, ``ram`` of
    a press, ``lift``) or a node of its model. ``kind`` turn = degrees about ``axis`` through ``pivot``
    (metres, in the part's own place; the joint's own pivot if None); slide = metres along ``axis``; flow =
    what lies on it runs at metres per second. ``tag`` is a whole path, or one below the part's asset. From
    ``values`` of the tag to ``moves`` of the joint in a straight line, never beyond.
    """

    tag: str
    kind: Literal["turn", "slide", "flow"]
    joint: str = ""
    axis: Literal["x", "y", "z"] = "z"
    values: tuple[float, float] = (0.0, 1.0)
    moves: tuple[float, float] = (0.0, 1.0)
    pivot: Place | None = None


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[parts]]`` of scene/*.toml, in metres and degrees; z is up, ``at`` the middle of its foot.

    ``shape`` is one that the scene knows (robot, press, box, tank, conveyor, gantry, pipe …); ``size``
    its length, depth and height where it is not the shape's own. ``points`` are those of a pipe.
    ``asset`` is the path of what it stands for: it takes its state and opens it when picked.
    ``shape`` "model" = drawn from ``file``, a GLB, glTF, STL, OBJ or STEP file below scene/models/; ``node``
    = only this node of it and what hangs on it, "" = all; ``scale`` = metres of one unit of the file; ``up``
    = the axis that is up in it. ``binds`` = assets by node name: each such node takes the state of its asset.
    ``locked`` = the editor leaves it where it is. ``came_from`` = its file in scene/, told by the engine.
    """

    shape: str
    asset: str = ""
    at: Place = (0.0, 0.0, 0.0)
    turn: float = 0.0
    size: Place | None = None
    points: tuple[Place, ...] = ()
    label: bool = False
    file: str = ""
    node: str = ""
    scale: float = 1.0
    up: Literal["y", "z"] = "y"
    binds: dict[str, str] = {}
    motions: tuple[Motion, ...] = ()
    locked: bool = False
    came_from: str = ""


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plane that cuts the scene open: what lies beyond ``at`` metres along ``axis`` is not drawn."""

    axis: Literal["x", "y", "z"]
    at: float
    flipped: bool = False


class SavedView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[views]]`` of scene/views.toml: where one looks from (metres, degrees) and what one sees.

    ``turn`` = direction from the target to the eye about z, 0 = along +x; ``tilt`` = above the ground.
    """

    name: str
    target: Place
    distance: float
    turn: float
    tilt: float
    apart: str = ""
    through: bool = False
    labels: bool = True
    cut: Cut | None = None


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[plan]`` of scene/views.toml: a picture of the hall's ground plan (PNG, JPEG) below scene/, lying on
    the floor.

    ``at`` = its lower left corner, ``width`` = of the picture, both in metres; ``strength`` 0…1.
    """

    file: str
    at: Point = (0.0, 0.0)
    width: float = 50.0
    strength: float = 0.35


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

"""A scene for a project that has none: the units in the order of the flow, the utilities behind. No Qt.

Also what types say of the looks of their assets: `parts` of a type stand around the place of each asset that
scene/ draws nothing for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.types import Part
from hmi.displays.twin.flows import flow_order, flow_parts
from hmi.model import Asset, Model, ancestors

GAP_M, AISLE_M, AREA_M = 0.6, 1.6, 2.2
"""Between units beside each other; between rows, where flows run; and more between areas."""
ZONE_M = (4.7, 6.6, 0.02)
LEAST_ROW_M = 64.0
"""A row at least as long as this: a line of ten units is a line, and only more of them are wrapped."""
WIDE, MOST_ROWS = 1.45, 40
"""How much wider than deep the ground of many units is: seen aslant it fills a wide picture."""
MARGIN_M = 1.0
_SPOTS = ((-1.15, -2.3, 90.0), (1.15, -2.3, 90.0), (-1.15, 2.3, 270.0), (1.15, 2.3, 270.0))
"""Where devices stand around the middle of a unit: x, y and where they face."""
DEVICE_M = 2.3
SMALL = ("unit", "sensor", "valve", "meter", "cabinet")
"""Symbols that say nothing about how a thing looks, or of things that stand aside."""
PLAIN, PLAIN_M = "box", (2.4, 2.0, 1.7)


@dataclass(frozen=True, slots=True)
class Plot:
    """The ground of a unit: its middle, and how long and deep it is, in metres."""

    path: str
    x: float
    y: float
    length: float
    depth: float


def drawn_parts(model: Model) -> tuple[Part, ...]:
    """What scene/ draws and the parts of types it leaves out; without any of it `laid_out`."""
    return model.parts + typed_parts(model, model.parts) if model.parts else laid_out(model)


def laid_out(model: Model) -> tuple[Part, ...]:
    """Parts for every unit and utility in the shapes of their types, on ground of its own; and flows."""
    plots = plots_of(model)
    parts: list[Part] = []
    for plot in plots.values():
        parts += _unit(model, model.assets[plot.path], plot)
    return (*parts, *flow_parts(model.graph, plots))


def plots_of(model: Model) -> dict[str, Plot]:
    """Where each unit and utility stands: areas one before the other, utilities behind all of them.

    On a plan picture as wide as that, from its lower left corner.
    """
    areas = _by_area(flow_order(model.graph, model.units))
    behind = flow_order(model.graph, model.utilities)
    sizes = {path: _ground(model, path) for path in (*model.units, *model.utilities)}
    if not sizes:
        return {}
    if model.plan is not None:
        return _placed(model, areas, behind, sizes, model.plan.width - 2 * MARGIN_M)
    whole = max(sum(sizes[path][0] + GAP_M for path in area) for area in (*areas, behind))
    if whole <= LEAST_ROW_M:
        return _placed(model, areas, behind, sizes, LEAST_ROW_M)
    tries = (_placed(model, areas, behind, sizes, whole / count) for count in range(1, MOST_ROWS))
    return min(tries, key=_misfit)


def _misfit(plots: Mapping[str, Plot]) -> float:
    """How far the ground of all is from the form of a picture, seen aslant; 0 = not at all."""
    x = [edge for each in plots.values() for edge in (each.x - each.length / 2, each.x + each.length / 2)]
    y = [edge for each in plots.values() for edge in (each.y - each.depth / 2, each.y + each.depth / 2)]
    return abs(math.log((max(x) - min(x)) / (max(y) - min(y)) / WIDE))


def _placed(
    model: Model,
    areas: Sequence[Sequence[str]],
    behind: Sequence[str],
    sizes: Mapping[str, tuple[float, float]],
    widest: float,
) -> dict[str, Plot]:
    """All in rows no wider than that, the middle of the first row of the line at y = 0."""
    # The first row lies at the back: a line is read as a page is, and labels stand above what they name.
    rows = [(row, 0.0) for row in _rows(behind, sizes, widest)]
    first = len(rows)
    for area in areas:
        rows += [
            (row, AREA_M if rows and not at else 0.0) for at, row in enumerate(_rows(area, sizes, widest))
        ]
    found: dict[str, Plot] = {}
    y, middles = 0.0, list[float]()
    for row, more in rows:
        depth = max(sizes[path][1] for path in row)
        y -= more + depth / 2
        middles.append(y)
        x = -sum(sizes[path][0] + GAP_M for path in row) / 2
        for path in row:
            length, own = sizes[path]
            found[path] = Plot(path, x + (length + GAP_M) / 2, y, length, own)
            x += length + GAP_M
        y -= depth / 2 + AISLE_M
    aside, ahead = 0.0, -middles[min(first, len(middles) - 1)]
    if model.plan is not None:
        aside = model.plan.at[0] + MARGIN_M - min(each.x - each.length / 2 for each in found.values())
        ahead = model.plan.at[1] + MARGIN_M - min(each.y - each.depth / 2 for each in found.values())
    return {
        path: Plot(path, each.x + aside, each.y + ahead, each.length, each.depth)
        for path, each in found.items()
    }


def _by_area(units: Iterable[str]) -> list[list[str]]:
    areas: dict[str, list[str]] = {}
    for path in units:
        areas.setdefault(path.rpartition("/")[0], []).append(path)
    return list(areas.values())


def _rows(units: Sequence[str], sizes: Mapping[str, tuple[float, float]], widest: float) -> list[list[str]]:
    """Rows of about the same length, none wider than that unless a single unit is."""
    whole = sum(sizes[path][0] + GAP_M for path in units)
    most = whole / max(1, math.ceil(whole / max(widest, 1.0)))
    rows: list[list[str]] = []
    left = 0.0
    for path in units:
        step = sizes[path][0] + GAP_M
        # Half a unit more or less than its share: what is left over must not make a row of its own.
        if not rows or (left < step / 2 and whole > most / 2):
            rows.append([])
            left = most
        rows[-1].append(path)
        left -= step
        whole -= step
    return rows


def shape_of(asset: Asset) -> str:
    """The shape of an asset's type: stated, else its symbol; "" where neither says how it looks."""
    shape = asset.type.shape or asset.type.symbol
    return "" if shape in SMALL and not asset.type.shape else shape


def _devices(model: Model, unit: Asset) -> list[Asset]:
    found = (model.assets[path] for path in unit.children)
    return [each for each in found if each.type.parts or shape_of(each)]


def _grid(count: int) -> tuple[int, int]:
    """Columns and rows of devices where they are more than stand around a middle."""
    columns = math.ceil(math.sqrt(count * ZONE_M[0] / ZONE_M[1]))
    return columns, math.ceil(count / columns)


def _ground(model: Model, path: str) -> tuple[float, float]:
    """How long and deep the ground of a unit is."""
    count = len(_devices(model, model.assets[path]))
    if count <= len(_SPOTS):
        return ZONE_M[0], ZONE_M[1]
    columns, rows = _grid(count)
    return max(ZONE_M[0], columns * DEVICE_M + 0.4), max(ZONE_M[1], rows * DEVICE_M + 0.4)


def _unit(model: Model, unit: Asset, plot: Plot) -> list[Part]:
    zone = (plot.length, plot.depth, ZONE_M[2])
    found = [Part(shape="zone", asset=unit.path, at=(plot.x, plot.y, 0.0), size=zone)]
    devices = _devices(model, unit)
    for device, (x, y, turn) in zip(devices, _spots(len(devices), plot), strict=False):
        found += _machine(device, (x, y, 0.0), turn)
    shape = shape_of(unit)
    if unit.type.parts:
        found += _around(unit, (plot.x, plot.y, 0.0), 0.0)
    # Devices around an empty middle look right; a unit without any needs something to stand there.
    elif shape and not (devices and shape == shape_of(devices[0])) and len(devices) <= len(_SPOTS):
        found.append(Part(shape=shape, asset=unit.path, at=(plot.x, plot.y, 0.0)))
    elif not devices:
        found.append(Part(shape=PLAIN, asset=unit.path, at=(plot.x, plot.y, 0.0), size=PLAIN_M))
    return found


def _spots(count: int, plot: Plot) -> list[tuple[float, float, float]]:
    """Where that many devices stand on the ground of a unit."""
    if count <= len(_SPOTS):
        return [(plot.x + aside, plot.y + ahead, turn) for aside, ahead, turn in _SPOTS]
    columns, rows = _grid(count)
    return [
        (
            plot.x + (each % columns - (columns - 1) / 2) * DEVICE_M,
            plot.y - (each // columns - (rows - 1) / 2) * DEVICE_M,
            90.0,
        )
        for each in range(count)
    ]


def _machine(asset: Asset, at: tuple[float, float, float], turn: float) -> list[Part]:
    if asset.type.parts:
        return _around(asset, at, turn)
    return [Part(shape=shape_of(asset), asset=asset.path, at=at, turn=turn)]


def _around(asset: Asset, at: tuple[float, float, float], turn: float) -> list[Part]:
    """The parts of a type at the place of one of its assets; paths in them are below that asset."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    found: list[Part] = []
    for part in asset.type.parts:
        x, y, z = part.at
        whole = f"{asset.path}/{part.asset}" if part.asset else asset.path
        binds = {node: f"{asset.path}/{below}" if below else asset.path for node, below in part.binds.items()}
        spot = (at[0] + x * cos - y * sin, at[1] + x * sin + y * cos, at[2] + z)
        found.append(
            msgspec.structs.replace(
                part, asset=whole, at=spot, turn=part.turn + turn, binds=binds, locked=True
            )
        )
    return found


def typed_parts(model: Model, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of types for assets that a drawn scene leaves out: around what they are in."""
    drawn = {path for part in parts for path in (part.asset, *part.binds.values()) if path}
    places: dict[str, Part] = {}
    for part in parts:
        if part.asset and part.shape != "pipe":
            places.setdefault(part.asset, part)
    found: list[Part] = []
    taken: dict[str, int] = {}
    for path, asset in model.assets.items():
        if not asset.type.parts or path in drawn:
            continue
        near = next((each for each in ancestors(path) if each in places), None)
        if near is None:
            continue
        count = taken[near] = taken.get(near, 0) + 1
        x, y, turn = _SPOTS[(count - 1) % len(_SPOTS)]
        far = 1 + (count - 1) // len(_SPOTS)
        at = places[near].at
        found += _around(asset, (at[0] + x * far, at[1] + y * far, at[2]), turn)
    return tuple(found)

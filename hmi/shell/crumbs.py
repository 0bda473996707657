"""Where a window is: the parts of its breadcrumb and the word of its level. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from hmi.displays.display import Display, Place
from hmi.formats import t
from hmi.model import Model, asset_of, unit_of

_LEVELS = {"area": "Area", "unit": "Unit", "utility": "Utility", "equipment": "Equipment"}


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way down; ``place`` None = where we are."""

    text: str
    place: Place | None


def crumbs(model: Model, display: Display, path: str) -> tuple[Crumb, ...]:
    """The way from the plant down to ``path``, the last one being where we are."""
    asset = asset_of(model, path) if path else None
    if asset is None or not asset.path:
        return (Crumb(model.plant.name, None),)
    above = asset.path.split("/")
    steps = [Crumb(model.plant.name, Place("overview"))]
    for end in range(1, len(above)):
        steps.append(Crumb(above[end - 1], _place(model, display, "/".join(above[:end]))))
    return (*steps, Crumb(above[-1], None))


def _place(model: Model, display: Display, path: str) -> Place:
    # A unit is at home on its own display; what lies above units is the overview's.
    if unit_of(model, path) is None:
        return Place("overview", path)
    return Place("unit" if display.id == "overview" else display.id, path)


def level(model: Model, display: Display, path: str) -> str:
    """The word of the display's level: what is shown, beside where."""
    asset = asset_of(model, path) if path else None
    if display.parent and asset is not None:
        return t(_LEVELS[asset.level])
    return t(display.title)

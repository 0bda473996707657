"""What a section of scene/ says, as plain tables: without what is so by default, with tidy numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, cast

import msgspec

from engine.typed import convert
from engine.types import Cut, Motion, Part, Plan, SavedView

Said = dict[str, Any]
KINDS: Mapping[str, type[msgspec.Struct]] = {"parts": Part, "views": SavedView, "plan": Plan}
INNER: Mapping[str, type[msgspec.Struct]] = {"motions": Motion, "cut": Cut}
TOLD = "came_from"
"""What the engine says of a part, never its file."""
DECIMALS: Mapping[str, int] = {
    "at": 2, "points": 2, "target": 2, "distance": 2, "width": 2, "size": 3, "pivot": 3,
    "turn": 1, "tilt": 1, "strength": 2,
}  # fmt: skip
"""Places in centimetres, angles in tenths of a degree; sizes and joints in millimetres: pipes are thin."""


def plain(struct: Part | SavedView | Plan) -> Said:
    """What a struct says that is not so by default, as a file says it."""
    return _shortened(type(struct), cast(Said, msgspec.to_builtins(struct)))


def read_as(name: str, said: Mapping[str, Any]) -> Said:
    """What a section says that is not so by default; what no reader knows is left out."""
    return _shortened(KINDS[name], said)


def tidy(said: Said, old: Mapping[str, Any]) -> Said:
    """The same with rounded numbers where it says something else than ``old``."""
    return {
        key: each if key in old and old[key] == each else _rounded(each, _decimals(key, each))
        for key, each in said.items()
    }


def tidy_part(part: Part) -> Part:
    """A part as it is written and read back."""
    return convert(tidy(plain(part), {}), Part)


def decimal(said: Any) -> Any:
    """Whole numbers as decimal ones: 1 and 1.0 say the same."""
    if isinstance(said, int) and not isinstance(said, bool):
        return float(said)
    if isinstance(said, list | tuple):
        return [decimal(each) for each in cast("Iterable[Any]", said)]
    if isinstance(said, dict):
        return {key: decimal(each) for key, each in cast(Said, said).items()}
    return said


def _shortened(kind: type[msgspec.Struct], said: Mapping[str, Any]) -> Said:
    kept: Said = {}
    for name, default in _defaults(kind).items():
        value = decimal(said.get(name))
        if value is None or value == default:
            continue
        kept[name] = value if name not in INNER else _shortened_all(INNER[name], value)
    return kept


def _shortened_all(kind: type[msgspec.Struct], said: Any) -> Any:
    if isinstance(said, dict):
        return _shortened(kind, cast(Said, said))
    if isinstance(said, list):
        return [_shortened_all(kind, each) for each in cast("list[Any]", said)]
    return said


@cache
def _defaults(kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    """What each field is where a file does not say it; None = it must say it."""
    return {
        field.encode_name: None
        if field.required
        else decimal(
            msgspec.to_builtins(
                field.default_factory() if field.default is msgspec.NODEFAULT else field.default
            )
        )
        for field in msgspec.structs.fields(kind)
        if field.name != TOLD
    }


def _decimals(key: str, said: Any) -> int | None:
    return None if isinstance(said, str) else DECIMALS.get(key)


def _rounded(said: Any, decimals: int | None) -> Any:
    if isinstance(said, float) and decimals is not None:
        return round(said, decimals) + 0.0  # -0.0 is 0.0
    if isinstance(said, list):
        return [_rounded(each, decimals) for each in cast("list[Any]", said)]
    if isinstance(said, dict):
        inner = cast(Said, said)
        return {key: _rounded(each, _decimals(key, each)) for key, each in inner.items()}
    return said

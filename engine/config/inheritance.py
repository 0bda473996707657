"""``extends`` of types/*.toml: what a type leaves out is what the type says that it extends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.config.findings import meant, shown
from engine.config.folder import TomlFile
from engine.config.locate import Section, key_line, places
from engine.types import AssetType

OWN = ("id", "paths", "extends")
"""What a type never takes from another: which it is, and which assets are of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A type with all that it takes from others. ``origin`` = the file that says each key, where any does."""

    type: AssetType
    file: TomlFile
    origin: Mapping[str, TomlFile]

    def at(self, key: str) -> TomlFile:
        """The file that says a key; its own where none does."""
        return self.origin.get(key, self.file)

    def line(self, key: str) -> int:
        """Where a key stands, in the file that says it."""
        return key_line(self.at(key).top, key)

    def sections(self, name: str, count: int) -> list[Section]:
        """Where each of ``count`` sections stands, in the file that says them."""
        return places(self.at(name).sections, name, count)


def complete(read: Sequence[tuple[TomlFile, AssetType]]) -> list[Kind]:
    """Every type with what it takes from others, in the order given; unknown ids and circles are reported.

    A type whose ``extends`` leads nowhere or in a circle is what it says itself.
    """
    files = {file.name: (file, own) for file, own in read}
    bases = {name: _base(file, own, files) for name, (file, own) in files.items()}
    for name, (file, _) in files.items():
        way = _way(name, bases)
        if way[-1] in way[:-1]:
            circle = way[way.index(way[-1]) :]
            if name in circle:
                round_it = " extends ".join(circle[circle.index(name) :] + circle[1 : circle.index(name) + 1])
                file.findings.error(
                    key_line(file.top, "extends"),
                    f"extends goes in a circle: {round_it}; take it out of one of them",
                )
    done: dict[str, Kind] = {}
    for name in files:
        way = _way(name, bases)
        is_circle = way[-1] in way[:-1]
        for each in [name] if is_circle else list(reversed(way)):
            if each not in done:
                file, own = files[each]
                done[each] = _joined(file, own, None if is_circle else done.get(bases[each]))
    return [done[name] for name in files]


def _base(file: TomlFile, own: AssetType, files: Mapping[str, tuple[TomlFile, AssetType]]) -> str:
    """What a type extends, "" where there is none such."""
    if own.extends and own.extends not in files:
        near = meant(own.extends, files) or f": write types/{own.extends}.toml, or take extends out"
        file.findings.error(
            key_line(file.top, "extends"), f"extends {shown(own.extends)} is no file of types/{near}"
        )
        return ""
    return own.extends


def _way(name: str, bases: Mapping[str, str]) -> list[str]:
    """A type, what that extends, and so on; in a circle the last stands in it twice."""
    way, seen = [name], {name}
    while bases[way[-1]]:
        way.append(bases[way[-1]])
        if way[-1] in seen:
            break
        seen.add(way[-1])
    return way


def _joined(file: TomlFile, own: AssetType, base: Kind | None) -> Kind:
    keys = [field.encode_name for field in msgspec.structs.fields(AssetType)]
    origin = {key: file for key in keys if key in file.data}
    if base is None:
        return Kind(own, file, origin)
    taken = {key: getattr(base.type, key) for key in keys if key not in OWN and key not in origin}
    if "nameplate" in origin:
        taken["nameplate"] = {**base.type.nameplate, **own.nameplate}
    inherited = {key: at for key, at in base.origin.items() if key not in OWN}
    return Kind(msgspec.structs.replace(own, **taken), file, {**inherited, **origin})

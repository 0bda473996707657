"""What an edit of the scene changes, by file and in words. Plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.types import Part
from hmi.displays.twin.editor_state import Drawn, Piece
from hmi.formats import t

VIEWS = "views.toml"


@dataclass(frozen=True, slots=True)
class FileChange:
    """How many parts of a file are new, gone, elsewhere and otherwise changed; ``file`` VIEWS = the plan."""

    file: str
    added: int = 0
    removed: int = 0
    moved: int = 0
    edited: int = 0

    @property
    def words(self) -> str:
        """As in "3 parts moved, 1 added in line.toml"."""
        if self.file == VIEWS:
            return t("the floor plan in {file}", file=VIEWS)
        counts = (
            (self.moved, t("moved")),
            (self.added, t("added")),
            (self.removed, t("removed")),
            (self.edited, t("changed")),
        )
        said = [f"{count} {word}" for count, word in counts if count]
        if not said:
            return t("the order of parts in {file}", file=self.file)
        first, _, rest = said[0].partition(" ")
        noun = t("part") if first == "1" else t("parts")
        return t("{what} in {file}", what=", ".join([f"{first} {noun} {rest}", *said[1:]]), file=self.file)


def difference(base: Drawn, drawn: Drawn) -> tuple[FileChange, ...]:
    """What is other than before, by file, the plan last."""
    old, new = _by_file(base.pieces), _by_file(drawn.pieces)
    files = sorted(old.keys() | new.keys())
    found = [
        _of_file(file, old.get(file, ()), new.get(file, ()))
        for file in files
        if old.get(file, ()) != new.get(file, ())
    ]
    return (*found, *((FileChange(VIEWS),) if base.plan != drawn.plan else ()))


def parts_of(drawn: Drawn, file: str) -> tuple[Part, ...]:
    """The parts of one file, as it is to hold them."""
    return tuple(each.part for each in drawn.pieces if each.part.came_from == file)


def words_of(changes: Sequence[FileChange]) -> str:
    """All of it in one sentence; "" = nothing changes."""
    return "; ".join(each.words for each in changes)


def shape_word(part: Part) -> str:
    """What a part is called where it has no asset."""
    if part.shape == "model":
        return part.file.rpartition("/")[2] or t("Model")
    return part.shape[:1].upper() + part.shape[1:]


def name_of(part: Part) -> str:
    """What a part is called: the last two names of its asset, else its shape."""
    if not part.asset:
        return shape_word(part)
    return " · ".join(part.asset.split("/")[-2:])


def _of_file(file: str, old: Sequence[Piece], new: Sequence[Piece]) -> FileChange:
    before = {each.id: each.part for each in old}
    added = moved = edited = 0
    for each in new:
        was = before.pop(each.id, None)
        if was is None:
            added += 1
        elif was != each.part:
            is_moved = msgspec.structs.replace(was, at=each.part.at, turn=each.part.turn) == each.part
            moved, edited = moved + is_moved, edited + (not is_moved)
    return FileChange(file, added, len(before), moved, edited)


def _by_file(pieces: Sequence[Piece]) -> Mapping[str, tuple[Piece, ...]]:
    found: dict[str, list[Piece]] = {}
    for each in pieces:
        found.setdefault(each.part.came_from, []).append(each)
    return {file: tuple(mine) for file, mine in found.items()}

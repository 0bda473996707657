"""What is being edited of a scene, and every step back and forth. Plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from engine.types import Part, Plan

FIRST_FILE = "line.toml"
"""Where parts go in a project that has no scene yet."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part that keeps its ``id`` whatever becomes of it."""

    id: int
    part: Part


@dataclass(frozen=True, slots=True)
class Drawn:
    """All pieces in the order of their files, and the plan picture below them."""

    pieces: tuple[Piece, ...] = ()
    plan: Plan | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is drawn."""
        return tuple(each.part for each in self.pieces)


@dataclass(frozen=True, slots=True)
class Edit:
    """One step: from ``start`` on ``before`` became ``after``, and so the plan and what is chosen."""

    words: str
    start: int
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    plans: tuple[Plan | None, Plan | None]
    chosen: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Editing:
    """``base`` = as it was when editing began or was last saved; ``chosen`` = ids, in the order of choosing.

    ``next_id`` = that of the next new piece.
    """

    base: Drawn = field(default_factory=Drawn)
    drawn: Drawn = field(default_factory=Drawn)
    chosen: tuple[int, ...] = ()
    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()
    next_id: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return self.drawn != self.base

    def piece(self, piece_id: int) -> Piece | None:
        """The piece with this id."""
        return next((each for each in self.drawn.pieces if each.id == piece_id), None)

    @property
    def chosen_pieces(self) -> tuple[Piece, ...]:
        """What is chosen, in the order of choosing."""
        by_id = {each.id: each for each in self.drawn.pieces}
        return tuple(by_id[each] for each in self.chosen if each in by_id)

    def number(self, piece_id: int) -> int:
        """Where a piece stands among the parts that are drawn, -1 = nowhere."""
        return next((at for at, each in enumerate(self.drawn.pieces) if each.id == piece_id), -1)


def begin(base: Sequence[Part], plan: Plan | None, laid_out: Sequence[Part] = ()) -> Editing:
    """Edit these parts; where a project draws none, those ``laid_out`` for it, none of which is saved yet."""
    pieces = tuple(Piece(at, part) for at, part in enumerate(base))
    first = tuple(
        Piece(len(pieces) + at, msgspec.structs.replace(part, came_from=FIRST_FILE))
        for at, part in enumerate(laid_out)
    )
    kept = Drawn(pieces, plan)
    return Editing(kept, Drawn(pieces + first, plan), next_id=len(pieces) + len(first))


def chosen(editing: Editing, ids: Iterable[int]) -> Editing:
    """Choose these pieces, and no others."""
    known = {each.id for each in editing.drawn.pieces}
    return replace(editing, chosen=tuple(dict.fromkeys(each for each in ids if each in known)))


def toggled(editing: Editing, piece_id: int) -> Editing:
    """Choose one more piece, or one less."""
    kept = tuple(each for each in editing.chosen if each != piece_id)
    return chosen(editing, kept if len(kept) < len(editing.chosen) else (*kept, piece_id))


def changed(editing: Editing, words: str, drawn: Drawn, ids: Iterable[int] | None = None) -> Editing:
    """One step further; nothing where nothing is other than before. ``ids`` = what is chosen then."""
    old, new = editing.drawn.pieces, drawn.pieces
    if drawn == editing.drawn:
        return editing if ids is None else chosen(editing, ids)
    start, shortest = 0, min(len(old), len(new))
    while start < shortest and old[start] is new[start]:
        start += 1
    end = 0
    while end < shortest - start and old[len(old) - 1 - end] is new[len(new) - 1 - end]:
        end += 1
    known = {each.id for each in new}
    wanted = editing.chosen if ids is None else ids
    after = tuple(dict.fromkeys(each for each in wanted if each in known))
    edit = Edit(
        words,
        start,
        old[start : len(old) - end],
        new[start : len(new) - end],
        (editing.drawn.plan, drawn.plan),
        (editing.chosen, after),
    )
    top = max((each.id for each in edit.after), default=-1) + 1
    return replace(
        editing,
        drawn=drawn,
        chosen=after,
        done=(*editing.done, edit),
        undone=(),
        next_id=max(editing.next_id, top),
    )


def undo(editing: Editing) -> Editing:
    """One step back."""
    if not editing.done:
        return editing
    edit = editing.done[-1]
    drawn = _spliced(editing.drawn, edit.start, len(edit.after), edit.before, edit.plans[0])
    return replace(
        editing,
        drawn=drawn,
        chosen=edit.chosen[0],
        done=editing.done[:-1],
        undone=(*editing.undone, edit),
    )


def redo(editing: Editing) -> Editing:
    """One step that was taken back, again."""
    if not editing.undone:
        return editing
    edit = editing.undone[-1]
    drawn = _spliced(editing.drawn, edit.start, len(edit.before), edit.after, edit.plans[1])
    return replace(
        editing,
        drawn=drawn,
        chosen=edit.chosen[1],
        done=(*editing.done, edit),
        undone=editing.undone[:-1],
    )


def saved(editing: Editing, file: str) -> Editing:
    """The parts of one file are as they are saved; "views.toml" = the plan is."""
    if file == "views.toml":
        return replace(editing, base=replace(editing.base, plan=editing.drawn.plan))
    others = tuple(each for each in editing.base.pieces if each.part.came_from != file)
    mine = tuple(each for each in editing.drawn.pieces if each.part.came_from == file)
    return replace(editing, base=replace(editing.base, pieces=_by_file((*others, *mine))))


def rebased(editing: Editing, base: Sequence[Part], plan: Plan | None, words: str, *, take: bool) -> Editing:
    """Somebody saved other parts meanwhile: they are the base now; ``take`` = drawn too, as one step.

    What they left as it was keeps its id, so that a difference tells only what differs.
    """
    known: dict[bytes, list[int]] = {}
    for each in reversed(editing.base.pieces):
        known.setdefault(msgspec.json.encode(each.part, order="sorted"), []).append(each.id)
    made, fresh = list[Piece](), editing.next_id
    for part in base:
        same = known.get(msgspec.json.encode(part, order="sorted"))
        if same:
            made.append(Piece(same.pop(), part))
        else:
            made.append(Piece(fresh, part))
            fresh += 1
    pieces = tuple(made)
    grown = replace(editing, base=Drawn(pieces, plan), next_id=fresh)
    return changed(grown, words, Drawn(pieces, plan), ()) if take else grown


def home_of(editing: Editing) -> str:
    """The file that new parts go to: that of the last chosen, else the one that holds most."""
    picked = editing.chosen_pieces
    if picked and picked[-1].part.came_from:
        return picked[-1].part.came_from
    counts: dict[str, int] = {}
    for each in editing.drawn.pieces:
        counts[each.part.came_from] = counts.get(each.part.came_from, 0) + 1
    counts.pop("", None)
    return max(counts, key=lambda name: counts[name]) if counts else FIRST_FILE


def with_parts(drawn: Drawn, parts: dict[int, Part]) -> Drawn:
    """Other parts for the pieces with these ids; a piece whose part is the same stays the very same."""
    return replace(
        drawn,
        pieces=tuple(
            Piece(each.id, parts[each.id]) if each.id in parts and parts[each.id] != each.part else each
            for each in drawn.pieces
        ),
    )


def _by_file(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(sorted(pieces, key=lambda each: each.part.came_from))


def _spliced(drawn: Drawn, start: int, count: int, put: tuple[Piece, ...], plan: Plan | None) -> Drawn:
    pieces = drawn.pieces
    return Drawn(pieces[:start] + put + pieces[start + count :], plan)

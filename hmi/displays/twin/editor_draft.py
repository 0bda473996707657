"""The draft of an edit in the station's own folder: a crash or a closed window loses nothing. No Qt."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from engine import paths
from engine.typed import from_json
from engine.types import Part, Plan
from hmi.displays.twin.editor_state import Drawn, Editing, Piece

FOLDER = "drafts"


class Draft(msgspec.Struct, frozen=True):
    """What was being edited: pieces by id, the parts it began from, and the marks of their files."""

    at_us: int
    marks: dict[str, str]
    base: tuple[tuple[int, Part], ...]
    drawn: tuple[tuple[int, Part], ...]
    base_plan: Plan | None = None
    plan: Plan | None = None
    next_id: int = 0


def draft_file(folder: str) -> Path:
    """Where the draft of a project lies; every project has one of its own."""
    mark = hashlib.sha256(folder.encode()).hexdigest()[:16]
    return paths.user_config() / FOLDER / f"scene-{mark}.json"


def draft_of(editing: Editing, marks: dict[str, str], at_us: int) -> Draft:
    """All that is needed to go on later; steps back are not kept."""
    return Draft(
        at_us,
        dict(marks),
        tuple((each.id, each.part) for each in editing.base.pieces),
        tuple((each.id, each.part) for each in editing.drawn.pieces),
        editing.base.plan,
        editing.drawn.plan,
        editing.next_id,
    )


def editing_of(draft: Draft) -> Editing:
    """Go on where a draft ended."""
    base = Drawn(tuple(Piece(*each) for each in draft.base), draft.base_plan)
    drawn = Drawn(tuple(Piece(*each) for each in draft.drawn), draft.plan)
    top = max((each.id for each in (*base.pieces, *drawn.pieces)), default=-1) + 1
    return Editing(base, drawn, next_id=max(top, draft.next_id))


def content_of(draft: Draft) -> bytes:
    """As it is kept."""
    return msgspec.json.encode(draft)


def keep(file: Path, content: bytes) -> str:
    """Put a draft on disk; why that cannot be done, "" = it is."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        paths.replace_file(file, content)
    except OSError as error:
        return str(error)
    return ""


def kept(file: Path) -> Draft | None:
    """The draft of before; None = there is none, or it cannot be read."""
    try:
        return from_json(file.read_bytes(), Draft)
    except (OSError, msgspec.MsgspecError):
        return None


def forget(file: Path) -> None:
    """It is saved, or nobody wants it."""
    try:
        file.unlink(missing_ok=True)
    except OSError:
        keep(file, b"")  # an empty one is none

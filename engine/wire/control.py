"""What requests and answers about writes to the plant hold.

A client asks ``control`` a few times a second with the version that it has and gets what changed since. Every
op but that needs a session (``Request.session``), is refused while the stage is not "control", and is never
queued: an engine that is not there does nothing later.
"""

from __future__ import annotations

import msgspec

from engine.types.control import SetDifference, SetInfo, Stage, StageState, WorkTag, Write, WriteKind
from engine.wire.people import Hidden


class ControlBody(msgspec.Struct, frozen=True):
    """Body of ``control``: the ``version`` of the last answer, 0 = none."""

    version: int = 0


class ControlAnswer(msgspec.Struct, frozen=True):
    """Answer to ``control``.

    ``writes`` = those open, those locked, and those closed within the last ten minutes, newest first;
    ``is_whole`` False = nothing changed and the rest is empty. ``held`` = areas of responsibility and the
    station that holds each. ``refusing`` = why nothing can be written at all now, "" = it can.
    """

    version: int
    is_whole: bool
    stage: StageState = StageState()
    writes: tuple[Write, ...] = ()
    work_tags: tuple[WorkTag, ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    refusing: str = ""


class SelectBody(msgspec.Struct, frozen=True):
    """Body of ``select``, answered with ``Write`` (step "selected", or "rejected" with its checks).

    ``path`` = a tag, or with ``verb`` an asset. ``of`` = the write that a rollback takes back.
    """

    path: str
    value: float | None = None
    verb: str = ""
    kind: WriteKind = "setpoint"
    of: str = ""


class WriteBody(msgspec.Struct, frozen=True):
    """Body of ``renew`` (the dialog has input) and ``cancel``, both answered with ``Write``."""

    id: str


class ConfirmBody(msgspec.Struct, frozen=True):
    """Body of ``confirm``, answered with ``Write``: verified, rejected, unknown or waiting for another.

    ``value`` and ``path`` again, as the person saw them: another one than was selected is refused.
    """

    id: str
    path: str
    value: float
    reason: str = ""
    note: str = ""


class ApproveBody(Hidden, frozen=True):
    """Body of ``approve``, answered with ``Write``: the second person, with their own secret, no PIN."""

    id: str
    name: str
    secret: str


class ResolveBody(msgspec.Struct, frozen=True):
    """Body of ``resolve``, answered with ``Write``: a person says what became of an unknown write."""

    id: str
    was_done: bool
    note: str


class WorkTagBody(msgspec.Struct, frozen=True):
    """Body of ``work_tag``, answered with ``WorkTag``."""

    asset: str
    name: str
    phone: str = ""
    order: str = ""
    text: str = ""
    until_us: int = 0


class WorkTagOffBody(Hidden, frozen=True):
    """Body of ``work_tag_off``, answered with true. ``second``/``secret``: not the owner, so two people.

    ``owner`` = whose tag; "" = one's own or, with a second person, the only one there.
    """

    asset: str
    second: str = ""
    secret: str = ""
    owner: str = ""


class StageBody(msgspec.Struct, frozen=True):
    """Body of ``stage_ask``: ``answers`` = the lines of the checklist that hold. Lowering is done at once."""

    to: Stage
    answers: tuple[str, ...] = ()


class StageApproveBody(Hidden, frozen=True):
    """Body of ``stage_approve``: the second person. Both are answered with ``StageState``."""

    name: str
    secret: str


class HoldBody(msgspec.Struct, frozen=True):
    """Body of ``hold``: this session's station takes (or gives back) an area of responsibility.

    Answered with all that are held, as ``ControlAnswer.held``.
    """

    area: str
    is_taken: bool = True


class SetSaveBody(msgspec.Struct, frozen=True):
    """Body of ``set_save``, answered with ``SetInfo``: every writable tag below ``scope`` as it is now."""

    name: str
    scope: str = ""


class SetsAnswer(msgspec.Struct, frozen=True):
    """Answer to ``sets``: the newest first."""

    sets: tuple[SetInfo, ...]


class SetBody(msgspec.Struct, frozen=True):
    """Body of ``set_compare``, answered with ``SetCompareAnswer``, and of ``set_remove``: true."""

    id: int


class SetCompareAnswer(msgspec.Struct, frozen=True):
    """What differs first."""

    rows: tuple[SetDifference, ...]


class SetRestoreBody(Hidden, frozen=True):
    """Body of the job ``set_restore``: these tags of a set are written, one after the other, each once.

    ``reason`` is for all. ``second``/``secret`` = the second person, where one of them is critical. Its
    result is ``SetRestoreAnswer``; a cancel stops before the next tag.
    """

    id: int
    paths: tuple[str, ...]
    reason: str = ""
    second: str = ""
    secret: str = ""
    is_rollback: bool = False


class SetRestoreAnswer(msgspec.Struct, frozen=True):
    """A result per tag, as it came; ``saved`` = id of the set of what there was before, for a rollback."""

    rows: tuple[tuple[str, str, str], ...]
    """path, step ("verified", "rejected", "unknown", "equal"), why."""
    saved: int = 0

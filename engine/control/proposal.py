"""A proposal: from what a person asked for to a write at its first step."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.control.refused import Refused
from engine.control.target import Target, Targets
from engine.types import ControlSettings, Session, Tag, Write
from engine.wire.control import SelectBody


@dataclass(frozen=True, slots=True)
class Proposal:
    """``of`` = the write that a rollback takes back; ``last_reason`` = the one this person used last.

    ``is_set`` = it is one of a set of setpoints, whose rollback is the set of what there was before.
    """

    body: SelectBody
    session: Session
    of: Write | None = None
    last_reason: str = ""
    is_set: bool = False


def proposed(
    proposal: Proposal, targets: Targets, settings: ControlSettings, now_us: int, id: str
) -> tuple[Write, Target]:
    """The write and what it aims at. A tag without a row is a target too: one with a fault.

    Raises:
        Refused: there is no such tag or command, no number, or nothing to take back.
    """
    body, session = proposal.body, proposal.session
    target = targets.of(body.path, body.verb)
    if target is None:
        target = _forbidden(body, targets)
    new = _value(proposal, target, now_us)
    low, high = target.limits
    asset = target.command.asset if target.command is not None else ""
    return (
        Write(
            id=id,
            kind="command" if body.verb else body.kind,
            path=target.tag.path,
            step="proposed",
            new=new,
            unit=target.tag.unit,
            asset=asset,
            verb=body.verb,
            write_class=target.write_class,
            low=low,
            high=high,
            by=session.person,
            by_name=session.full_name,
            station=session.station,
            needs_second=target.write_class == "critical",
            needs_reason=target.write_class in settings.reason_for,
            reasons=_reasons(target, settings, proposal.last_reason),
            proposed_us=now_us,
        ),
        target,
    )


def _forbidden(body: SelectBody, targets: Targets) -> Target:
    """Deny by default (W1): that somebody tried is on record like any other refusal."""
    tag: Tag | None = None if body.verb else targets.tag(body.path)
    if tag is None:
        raise Refused(
            f"{body.path} has no command {body.verb}" if body.verb else f"there is no tag {body.path}"
        )
    return Target(tag, tag, faults=("it has no row in writes.csv, so it is not written",))


def _value(proposal: Proposal, target: Target, now_us: int) -> float:
    body, of = proposal.body, proposal.of
    if target.command is not None:
        if body.kind not in ("setpoint", "command"):
            raise Refused("a command cannot be taken back; give the opposite command if there is one")
        return target.command.value
    if body.kind == "command":
        raise Refused("say which command: start, stop, open, close, auto, manual or reset")
    if body.kind == "rollback" and not proposal.is_set:
        if of is None or of.old is None or of.path != target.tag.path or now_us >= of.rollback_until_us:
            raise Refused("what is to be taken back is not offered any more")
        return of.old
    if body.value is None or not math.isfinite(body.value):
        raise Refused("this is no number: enter one such as 12.5")
    return body.value


def _reasons(target: Target, settings: ControlSettings, last: str) -> tuple[str, ...]:
    """The coded reasons, the one this person used last before the others."""
    of_rule = target.rule.reasons if target.rule is not None else ()
    reasons = of_rule or settings.reasons
    return (last, *(each for each in reasons if each != last)) if last in reasons else reasons

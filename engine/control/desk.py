"""What is known of a write now: who asks and whether they may, what the device has, who else is at it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.control import checks, handshake, lease, life, words
from engine.control.checks import Facts
from engine.control.first_out import Condition, FirstOut
from engine.control.handshake import Ready
from engine.control.held import Held
from engine.control.outside import Outside
from engine.control.rates import Rates
from engine.control.refused import Refused
from engine.control.target import Target, Targets
from engine.control.trail import Trail
from engine.types import Check, Live, Reading, RoleAt, Session, Tag, Write


class Desk:
    """Looks at everything and changes nothing but the end of a write that cannot go on."""

    def __init__(self, outside: Outside, targets: Targets, trail: Trail) -> None:
        self.outside, self.targets, self.trail = outside, targets, trail
        self.rates, self.first_out = Rates(), FirstOut()
        self._rows: set[Condition] = {row for rows in outside.interlocks.values() for row in rows}
        for target in targets.commands():
            if target.command is not None:
                self._rows.update(target.command.permissives)

    def mono_us(self) -> int:
        """The monotonic clock."""
        return self.outside.clock.mono_us()

    def asker(self, token: str) -> Session:
        """Who asks.

        Raises:
            Refused: nobody who may do anything now.
        """
        session = self.outside.session(token)
        if session is None:
            raise Refused("nobody is logged in here; log in first")
        why = _idle(session)
        if why:
            raise Refused(why)
        return session

    def live(self, tag: Tag) -> Live:
        """A tag as the engine has it."""
        return self.outside.live(tag.tag_id)

    def known(self, path: str) -> tuple[float | None, str]:
        """The value of a tag where it is good and fresh, else None and why not."""
        tag = self.targets.tag(path)
        return checks.known(None if tag is None else self.live(tag))

    def conditions(self, target: Target) -> tuple[Check, ...]:
        """The permissives of a command and the interlocks of its asset, with what went first."""
        command = target.command
        if command is None:
            return ()
        interlocks = self.outside.interlocks.get(command.asset, ())
        # An interlock that is a permissive as well is shown once, as what forbids.
        needed = {(each.tag, each.ok) for each in command.permissives}
        rest = [each for each in interlocks if (each.tag, each.ok) not in needed]
        return self.first_out.checks(command.permissives, rest, self.known)

    def watch(self) -> None:
        """See which permissives and interlocks hold now."""
        self.first_out.see(self._rows, self.known, self.outside.clock.now_us())

    async def shaken(self, held: Held) -> Ready | None:
        """Whether the PLC is ready for the handshake, None = there is none; asked of the device."""
        block = None if held.target is None else held.target.handshake
        if block is None:
            return None
        before, held.seen = held.seen, await handshake.ready(self.outside, block)
        return handshake.compared(before, held.seen, block.path)

    def checked(
        self, held: Held, reading: Reading, seen: Ready | None = None, *, is_selected: bool
    ) -> tuple[Check, ...]:
        """Every check of a write with what the device, and the PLC's handshake, have just said."""
        write, target = held.write, held.target
        if target is None:
            return (Check("It may be written", False, "it is not in the project any more"),)
        of = self.trail.held.get(held.of)
        return checks.all_checks(
            Facts(
                target=target,
                kind=write.kind,
                new=write.new,
                reading=reading,
                live=self.live,
                known=self.known,
                conditions=self.conditions(target),
                ready=seen,
                is_selected=is_selected,
                old=write.old,
                of=None if of is None else of.write,
                lately=self.rates.within_minute(write.path, self.mono_us()),
                why_not_person=self._why_not_person(held, target),
                why_not_here=self._why_not_here(write),
                why_not_alone=self.why_not_alone(held),
            )
        )

    def why_not_alone(self, held: Held) -> str:
        """Who else has one of its tags, or whose outcome there is not known."""
        for other in self.trail.held.values():
            if other is not held and other.reserves and other.keys & held.keys:
                return self._theirs(other.write)
        return "" if held.has_lease else "its time is over"

    def why_not_now(self, held: Held) -> str:
        """Why a write can go no further, whatever the device says: void, over, or its person has gone."""
        if held.void:
            return held.void
        if held.lease.is_over(self.mono_us()):
            return words.NO_SECOND if life.is_waiting(held.write) else words.EXPIRED
        session = self.outside.session(held.token)
        if session is None or session.id != held.session:
            return f"{words.whose(held.write)} is not logged in any more; nothing was sent"
        return _idle(session)

    async def reject(self, held: Held, why: str) -> None:
        """It ends here; nothing was sent."""
        await self.trail.end(held, "rejected", held.write.by, {}, why=why, until_us=0)

    def until_us(self, until: lease.Lease) -> int:
        """The end of a lease as people see it."""
        return self.outside.clock.now_us() + until.until_us - self.mono_us()

    def _theirs(self, write: Write) -> str:
        if write.is_locked:
            return (
                f"what became of {words.what(write)} by {words.whose(write)} is not known yet: it is locked "
                "until the device shows the value, or a person says what became of it"
            )
        return f"{words.whose(write)} has {words.what(write)} open; wait until it is done or cancelled"

    def _why_not_person(self, held: Held, target: Target) -> str:
        write, session = held.write, self.outside.session(held.token)
        if session is None or session.id != held.session:
            return f"{words.whose(write)} is not logged in any more"
        place = write.asset or write.path
        for action in target.actions("restore" if held.is_set else write.kind):
            why = self.outside.may(held.token, action, place)
            if why:
                return why
        roles = target.rule.roles if target.rule is not None else ()
        if roles and not _has_role(session.roles, roles, write.path):
            return f"only {_either(roles)} may write this"
        return ""

    def _why_not_here(self, write: Write) -> str:
        why = self.outside.blocked(write.path, write.station)
        if not why and write.asset and not write.path.startswith(f"{write.asset}/"):
            why = self.outside.blocked(write.asset, write.station)
        return why


def _idle(session: Session) -> str:
    """Why a session does nothing at all now."""
    if session.trying:
        return f"you are trying the window as {session.trying}: nothing is done until you end that"
    if session.is_locked:
        return "commands are locked here; unlock them first"
    if session.must_change:
        return "choose a password of your own first"
    return ""


def _has_role(has: Sequence[RoleAt], roles: Sequence[str], path: str) -> bool:
    return any(
        each.role in roles and (not each.area or path == each.area or path.startswith(f"{each.area}/"))
        for each in has
    )


def _either(roles: Sequence[str]) -> str:
    return " or ".join(f"the role {role}" for role in roles)

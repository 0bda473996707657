"""Break-glass at the desk: sealing a code, opening an area with it, and the review that must follow."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.security.break_glass import (
    Seal,
    code_hash,
    found,
    glass_person,
    in_area,
    is_same_person,
    new_code,
    newest,
    refusal,
    unreviewed,
)
from engine.security.desk import Desk, station_of, words_of
from engine.security.errors import Denied
from engine.security.refusals import Refusals
from engine.security.rights import area_problem
from engine.types.control import RecordEntry
from engine.types.people import BreakGlass, Person, RoleAt
from engine.wire.people import BreakGlassBody, ReviewBody, SealAnswer, SealBody

Alarm = Callable[[str, str], None]
"""(area, text): raised for the shift lead."""
LONGEST_WHO = 64


class Glass:
    """One loop. ``alarm`` is raised when a code was used."""

    def __init__(self, desk: Desk, alarm: Alarm, refusals: Refusals) -> None:
        self._desk, self._alarm, self._refusals = desk, alarm, refusals

    async def seal(self, token: str, body: SealBody) -> SealAnswer:
        """A new code for an area, told once; an older one that was not used is void.

        Raises:
            Denied: the session may not, or the last use of a code there was not reviewed.
        """
        desk = self._desk
        held = desk.doing(token, "people")
        if problem := area_problem(body.area):
            raise Denied(f"No code was made: {problem}.")
        async with desk.register.changing:
            seals = desk.register.seals
            if any(seal.glass.area == body.area for seal in unreviewed(seals)):
                raise Denied(
                    f"No code was made: what was done under the last code of {in_area(body.area)} was not "
                    "reviewed yet. Do that first."
                )
            code, by = new_code(), held.session.person
            glass = BreakGlass(body.area, desk.clock.now_us(), by)
            fresh = Seal(max((seal.number for seal in seals), default=0) + 1, glass, code_hash(code))
            old = newest(seals, body.area)
            void = [msgspec.structs.replace(old, is_void=True)] if old and not old.glass.used_us else []
            entry = {"area": body.area, "step": "sealed", "number": fresh.number}
            await desk.record.must([RecordEntry("break_glass", by, entry)])
            await desk.register.keep(seals=[*void, fresh])
        return SealAnswer(body.area, code)

    async def open(self, body: BreakGlassBody) -> Person:
        """Who a code opens an area for; it opens no second time.

        Raises:
            Denied: the code does not open, the name or reason is missing, or it cannot be put on record.
        """
        desk, station = self._desk, station_of(body.station)
        who = words_of(body.who, "your name", 3)
        reason = words_of(body.reason, "why you break the glass", 10)
        if len(who) > LONGEST_WHO:
            raise Denied(f"Write your name in at most {LONGEST_WHO} characters.")
        async with desk.register.changing:
            seal = found(desk.register.seals, body.code)
            why = refusal(seal) if seal else "this is no code: type it as it is printed"
            if seal is None or why:
                self._refusals.refused("unknown", station, "wrong break-glass code")
                raise Denied(f"Not opened: {why}.")
            area, person = seal.glass.area, glass_person(who)
            entry = {"area": area, "step": "used", "number": seal.number, "who": who, "reason": reason}
            await desk.record.must([RecordEntry("break_glass", person, {**entry, "station": station})])
            used = msgspec.structs.replace(
                seal.glass, used_us=desk.clock.now_us(), used_by=who, reason=reason
            )
            await desk.register.keep(seals=[msgspec.structs.replace(seal, glass=used)])
        self._alarm(area, f"Break-glass: {who} opened {in_area(area)} at {station}: {reason}")
        return Person(person, who, (RoleAt("operator", area),))

    async def review(self, token: str, body: ReviewBody) -> None:
        """Somebody else looked at what was done under the code of an area.

        Raises:
            Denied: the session may not, it is the same person, or there is nothing to review.
        """
        desk = self._desk
        if desk.may(token, "approve", body.area) and (why := desk.may(token, "people", "")):
            raise Denied(why)
        session = desk.held(token).session
        text = words_of(body.text, "what you found", 10)
        async with desk.register.changing:
            waiting = [seal for seal in unreviewed(desk.register.seals) if seal.glass.area == body.area]
            if not waiting:
                raise Denied(f"No code of {in_area(body.area)} waits for a review.")
            seal = waiting[0]
            if is_same_person(seal.glass.used_by, session.person, session.full_name):
                raise Denied("Another person must review this: you used the code yourself.")
            # Whoever broke the glass may have given any name.
            if why := desk.why_one(glass_person(seal.glass.used_by), session.person):
                raise Denied(why)
            body_ = {"area": body.area, "step": "reviewed", "number": seal.number, "text": text}
            await desk.record.must([RecordEntry("break_glass", session.person, body_)])
            glass = msgspec.structs.replace(
                seal.glass, reviewed_us=desk.clock.now_us(), reviewed_by=session.person
            )
            await desk.register.keep(seals=[msgspec.structs.replace(seal, glass=glass, review=text)])

"""People at the desk: who there is, what they may do, and changing that."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.security.break_glass import in_area, unreviewed
from engine.security.changes import Plan, person_entries, planned, rights_entry, told
from engine.security.desk import Desk
from engine.security.errors import Denied
from engine.security.passwords import password_problem, pin_problem
from engine.security.people import (
    Kept,
    able,
    edit_problems,
    edited,
    given,
    key_of,
    public,
)
from engine.security.rights import ACTIONS, PRESETS, allowing, in_words, refusal
from engine.security.sessions import Held
from engine.types.control import RecordEntry
from engine.types.people import Action, Right
from engine.wire.people import MayAnswer, MayBody, PeopleAnswer, PeopleChangeBody, PersonEdit


class Staff:
    """One loop. ``areas`` = the plant's, to choose from; ``ldap`` = the directory in words."""

    def __init__(self, desk: Desk, areas: Sequence[str], ldap: str) -> None:
        self._desk, self._areas, self._ldap = desk, tuple(areas), ldap

    def answer(self, token: str) -> PeopleAnswer:
        """Everybody, the table and what a person should see to.

        Raises:
            Denied: the session has neither the right "people" nor "ledger".
        """
        if self._desk.may(token, "ledger", "") and (why := self._desk.may(token, "people", "")):
            raise Denied(why)
        register = self._desk.register
        return self._answer(tuple(register.people.values()), register.rights)

    def _answer(self, people: Sequence[Kept], rights: tuple[Right, ...]) -> PeopleAnswer:
        used = {role.area for kept in people for role in kept.person.roles} | {each.area for each in rights}
        return PeopleAnswer(
            tuple(sorted((public(kept) for kept in people), key=lambda each: key_of(each.name))),
            rights,
            PRESETS,
            tuple(sorted({*self._areas, *used} - {""})),
            tuple(seal.glass for seal in self._desk.register.seals if not seal.is_void),
            self._ldap,
            tuple(self._problems(people, rights)),
            tuple(sorted(self._desk.guesses.stations)),
        )

    def _problems(self, people: Sequence[Kept], rights: tuple[Right, ...]) -> list[str]:
        desk = self._desk
        problems = [
            f"The break-glass code of {in_area(seal.glass.area)} was used by {seal.glass.used_by} and nobody "
            "reviewed it yet"
            for seal in unreviewed(desk.register.seals)
        ]
        able_now = able(people, rights)
        if len(able_now) == 1:
            problems.append(
                f"{able_now[0].full_name} alone can give rights: make a second administrator, "
                "or a lost password locks everybody out of that"
            )
        for kept in people:
            person = public(kept)
            if person.is_disabled:
                continue
            if person.source == "local" and not person.has_password and not person.is_demo:
                problems.append(f"{person.full_name} has no password and cannot log in yet: give them one")
            if person.is_demo:
                problems.append(f"{person.full_name} is a demo person: disable them in a real plant")
        if not desk.second_after_days and not all(kept.person.is_demo for kept in people):
            problems.append(
                "Whoever gives a person a password can be the second person with it at once: take "
                "second_after_days = 0 out of plant.toml when the plant is in operation"
            )
        for way, key in desk.guesses.closed_logins():
            if (kept := desk.register.people.get(key)) and not kept.person.is_disabled:
                problems.append(
                    f"The {way} of {kept.person.full_name} is closed after too many wrong tries: "
                    "find out who tried, then set a new password"
                )
        return problems + [trouble for trouble in (desk.guesses.trouble, desk.record.trouble) if trouble]

    async def change(self, token: str, body: PeopleChangeBody) -> PeopleAnswer:
        """Change people and rights, all or nothing; a trial only says what would be.

        Raises:
            Denied: the session may not, or a part of it cannot be; every mistake is told.
        """
        desk = self._desk
        held = desk.doing(token, "people")
        plan = self._planned(body)
        if key_of(held.session.person) in plan.passwords:
            raise Denied("Nothing was changed: change your own password with the present one.")
        if body.is_trial:
            after = {**desk.register.people, **{key_of(kept.person.name): kept for kept in plan.people}}
            return self._answer(
                tuple(after.values()), desk.register.rights if plan.rights is None else plan.rights
            )
        hashes = {key: await desk.hasher.make(password) for key, password in plan.passwords.items()}
        async with desk.register.changing:
            # Meanwhile another may have changed the same people, or this session may have ended.
            held = desk.doing(token, "people")
            plan = self._planned(body)
            changed = [self._with_hash(kept, hashes, held) for kept in plan.people]
            await self._apply(held, changed, plan.rights)
        for key in hashes:
            await desk.guesses.reset(desk.guesses.login("password", key))
            await desk.guesses.reset(desk.guesses.login("pin", key))
        desk.follow(changed, [kept.person.name for kept in changed if _key(kept) in hashes], _by(held), None)
        return self._answer(tuple(desk.register.people.values()), desk.register.rights)

    def _planned(self, body: PeopleChangeBody) -> Plan:
        desk = self._desk
        return planned(body, desk.register.people, desk.register.rights, desk.words, desk.clock.now_us())

    def _with_hash(self, kept: Kept, hashes: dict[str, str], by: Held) -> Kept:
        if _key(kept) not in hashes:
            return kept
        kept = msgspec.structs.replace(kept, password=hashes[_key(kept)])
        return given(kept, by.session.person, self._desk.clock.now_us())

    async def _apply(self, held: Held, changed: Sequence[Kept], rights: tuple[Right, ...] | None) -> None:
        register, actor = self._desk.register, held.session.person
        entries = person_entries(actor, register.people, changed)
        if rights is not None:
            entries += rights_entry(actor, register.rights, rights)
        if entries:
            await self._desk.record.must(entries)
            try:
                await register.keep(changed, rights)
            except Denied as denied:
                self._desk.record.owe(RecordEntry("person", actor, {"not_done": str(denied)}))
                raise

    def allowed(self, token: str, body: MayBody) -> MayAnswer:
        """What a person may do at a path, and by which role; of oneself, everybody may ask.

        Raises:
            Denied: the session may not ask, or there is nobody of that name.
        """
        desk = self._desk
        held = desk.held(token)
        if key_of(held.session.person) != key_of(body.name):
            self.answer(token)
        kept = desk.register.find(body.name)
        if kept is None:
            raise Denied(f'There is nobody called "{body.name}".')
        if kept.person.is_disabled:
            return MayAnswer(tuple((action, False, "is disabled") for action in ACTIONS))
        rows: list[tuple[Action, bool, str]] = []
        for action in ACTIONS:
            role = allowing(kept.person.roles, desk.register.rights, action, body.path)
            why = refusal(kept.person.roles, desk.register.rights, action, body.path)
            rows.append((action, role is not None, in_words(role) if role else why))
        return MayAnswer(tuple(rows))

    async def add_demo(self, people: Sequence[tuple[PersonEdit, str]]) -> None:
        """Make people of a demo, each with a PIN that counts at every station; those of an earlier start
        get the new PINs. They are marked everywhere.

        Raises:
            Denied: there are real people here, or one of these cannot be made.
        """
        desk = self._desk
        if any(not kept.person.is_demo for kept in desk.register.people.values()):
            raise Denied("Demo people are not made where there are real ones.")
        problems = [problem for edit, _ in people for problem in edit_problems(edit, None)]
        for edit, pin in people:
            own = (edit.name, edit.full_name, *desk.words)
            found = [pin_problem(pin), password_problem(edit.password, own) if edit.password else ""]
            problems += [f"{edit.name}: {problem}" for problem in found if problem]
        if problems:
            raise Denied(told(problems))
        made = [await self._demo(edit, pin) for edit, pin in people]
        async with desk.register.changing:
            await desk.record.must(person_entries("demo", desk.register.people, made))
            await desk.register.keep(made)

    async def _demo(self, edit: PersonEdit, pin: str) -> Kept:
        hasher = self._desk.hasher
        password = await hasher.make(edit.password) if edit.password else ""
        edit = msgspec.structs.replace(edit, must_change=False)
        kept = edited(edit, None, password, self._desk.clock.now_us())
        person = msgspec.structs.replace(kept.person, is_demo=True)
        return msgspec.structs.replace(kept, person=person, pins={"": await hasher.make(pin)})


def _key(kept: Kept) -> str:
    return key_of(kept.person.name)


def _by(held: Held) -> str:
    return held.session.full_name

"""The people of a plant as the page shows them: rows, roles and what is to be seen to, in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from engine.typed import convert
from engine.types import Action, BreakGlass, Person, Right, Role, RoleAt
from hmi import formats
from hmi.displays.system.state import Cells, Row
from hmi.formats import t
from hmi.who import Who

ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)
ACTION_WORDS: dict[Action, str] = {
    "acknowledge": "Acknowledge alarms",
    "shelve": "Shelve alarms",
    "suppress": "Suppress alarms by design",
    "service": "Take alarms out of service",
    "annotate": "Write notes",
    "write": "Write setpoints",
    "write critical": "Write critical setpoints",
    "command": "Give commands (start, open, …)",
    "approve": "Confirm as the second person",
    "restore": "Restore a set of setpoints",
    "work tag": "Hang a work tag",
    "suggestion": "Act on suggestions",
    "work order": "Make work orders",
    "configure": "Change the configuration",
    "stage": "Raise the stage",
    "trust": "Trust certificates and keys",
    "people": "Change people and rights",
    "backup": "Make backups",
    "ledger": "Read the ledger",
    "engine": "Start and stop the engine",
}
_ANY_ACTION: Mapping[str, str] = {str(action): words for action, words in ACTION_WORDS.items()}
READERS: tuple[Action, ...] = ("people", "ledger")
"""Either of them lets a person see who there is."""


class Staff(msgspec.Struct, frozen=True):
    """What is read here of the answer to ``people``."""

    people: tuple[Person, ...] = ()
    rights: tuple[Right, ...] = ()
    presets: tuple[Right, ...] = ()
    areas: tuple[str, ...] = ()
    break_glass: tuple[BreakGlass, ...] = ()
    ldap: str = ""
    problems: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()


def as_staff(answer: Any) -> Staff | None:
    """The answer to ``people`` as a struct; None when it cannot be read."""
    try:
        return convert(answer, Staff)
    except msgspec.ValidationError:
        return None


def person_of(staff: Staff | None, name: str) -> Person | None:
    """Somebody by login name."""
    return next((each for each in staff.people if each.name == name), None) if staff is not None else None


def where(area: str) -> str:
    """An area as a person says it."""
    return area or t("the whole plant")


def role_words(role: RoleAt) -> str:
    """``operator`` or ``operator at Body shop/S50``."""
    name = t(role.role)
    return t("{role} at {area}", role=name, area=role.area) if role.area else name


def roles_words(roles: Sequence[RoleAt]) -> str:
    """All roles of a person in one line."""
    return ", ".join(role_words(each) for each in roles) or t("no role: sees, does nothing")


def login_words(person: Person) -> str:
    """With what a person can log in."""
    ways = [
        t("directory") if person.source == "ldap" else t("password") if person.has_password else "",
        t("badge") if person.has_badge else "",
        pin_words(person.pin_stations),
    ]
    return ", ".join(each for each in ways if each) or t("cannot log in yet")


def pin_words(stations: Sequence[str]) -> str:
    """Where a PIN counts; a demo person's counts everywhere."""
    if not stations:
        return ""
    return t("PIN at {stations}", stations=", ".join(each or t("every station") for each in stations))


def state_words(person: Person) -> str:
    """What is special about a person, "" = nothing."""
    marks = [
        t("DISABLED") if person.is_disabled else "",
        t("DEMO") if person.is_demo else "",
        t("new password first") if person.must_change else "",
        t("new PIN first") if person.first_pins else "",
    ]
    return " · ".join(each for each in marks if each)


def rows(staff: Staff, text: str = "") -> tuple[Cells, ...]:
    """The list: login name, full name, roles, way of logging in, state; those who are disabled at the end."""
    listed = sorted(staff.people, key=lambda each: (each.is_disabled, formats.sort_key(each.name)))
    made = [
        (each.name, each.full_name, roles_words(each.roles), login_words(each), state_words(each))
        for each in listed
    ]
    wanted = text.casefold().split()
    return tuple(row for row in made if all(word in " ".join(row).casefold() for word in wanted))


def summary(staff: Staff) -> str:
    """How many there are, beside the title."""
    count, off = len(staff.people), sum(each.is_disabled for each in staff.people)
    words = t("1 person") if count == 1 else t("{n} people", n=count)
    return t("{people}, {n} disabled", people=words, n=off) if off else words


def news(staff: Staff, most: int = 3) -> str:
    """What a person should see to, the first lines of it; those about demo people in one."""
    others = [each for each in staff.problems if "demo person" not in each]
    demo = len(staff.problems) - len(others)
    lines = [formats.sentence(each) for each in others[:most]]
    if len(others) > most:
        lines.append(t("And {n} more.", n=len(others) - most))
    if demo:
        lines.append(t("The people marked DEMO are known to everybody: disable them in a real plant."))
    return "\n".join(lines)


def may_see(who: Who) -> bool:
    """Whether the page has anything for this person."""
    return who.session is not None and not who.is_locked and any(who.may(each) for each in READERS)


def closed_words(who: Who) -> tuple[str, str]:
    """Why the page shows nothing, and what to do about it; two empty texts where it does."""
    if may_see(who):
        return "", ""
    if not who.is_known:
        return t("This engine does not know people yet."), t("Start an engine of this version.")
    if who.is_new:
        return (
            t("Nobody has an account in this plant yet."),
            t("Tap the person at the top right, or press Ctrl+U, to make the first administrator."),
        )
    readers = t("An administrator, or anybody with the right to read the ledger, can see who may do what.")
    if who.session is None:
        return readers, t("Log in: tap the person at the top right, or press Ctrl+U.")
    if who.is_trying or who.is_locked or who.session.must_change:
        return readers, who.why_not("people")
    name = who.session.full_name
    return readers, t("{name} is logged in and has not that right. Ctrl+U changes the person.", name=name)


def row(staff: Staff | None, who: Who, is_stalled: bool) -> Row:
    """The line beside the sources."""
    name = t("People")
    if is_stalled:
        return Row(name, "unknown", t("not known"), "", "")
    if not may_see(who):
        words = t("nobody yet") if who.is_new else t("log in to see")
        return Row(name, "well", words if who.session is None else t("needs a right"), "", "")
    if staff is None:
        return Row(name, "well", t("who may do what"), "", "")
    count = sum("demo person" not in each for each in staff.problems)
    told = t("1 thing to see to") if count == 1 else t("{n} things to see to", n=count)
    return Row(name, "look" if count else "well", told if count else t("who may do what"), summary(staff), "")


# Edits


def edit(person: Person, **changes: Any) -> dict[str, Any]:
    """A person as they are to be, as ``people_change`` wants it; no password = as it is."""
    made = msgspec.structs.replace(person, **changes)
    return {
        "name": made.name,
        "full_name": made.full_name,
        "roles": [{"role": each.role, "area": each.area} for each in made.roles],
        "is_disabled": made.is_disabled,
    }


def undo(before: Staff, name: str) -> dict[str, Any] | None:
    """What takes a change of one person back. Somebody new is disabled: nobody is ever removed."""
    person = person_of(before, name)
    return None if person is None else edit(person)


def name_trouble(staff: Staff, name: str) -> str:
    """Why a login name cannot be given, "" = it can. The engine judges it once more."""
    if not name.strip():
        return t("Give a login name.")
    taken = {each.name.casefold() for each in staff.people}
    if name.strip().casefold() in taken:
        return t("{name} is taken: a name is never given to another person.", name=name.strip())
    return ""


def changed_words(before: Staff, after: Staff) -> tuple[str, ...]:
    """What an import does, a line for each person it touches."""
    lines: list[str] = []
    for each in after.people:
        old = person_of(before, each.name)
        if old is None:
            roles = roles_words(each.roles)
            lines.append(t("new: {name}, {full}: {roles}", name=each.name, full=each.full_name, roles=roles))
            continue
        parts: list[str] = []
        if old.full_name != each.full_name:
            parts.append(f"{old.full_name} → {each.full_name}")
        if old.roles != each.roles:
            parts.append(f"{roles_words(old.roles)} → {roles_words(each.roles)}")
        if parts:
            lines.append(f"{each.name}: {'; '.join(parts)}")
    return tuple(lines)


# What may this person do here?


def may_rows(answer: Any, text: str = "") -> tuple[Cells, ...]:
    """Every action in words, yes or no, and why; those that hold every word of ``text``."""
    made: list[Cells] = []
    for action, is_allowed, why in convert(answer, dict[str, Any])["rows"]:
        words = t(_ANY_ACTION.get(action, action))
        because = t("as {role}", role=why) if is_allowed else formats.sentence(why)
        made.append((words, t("yes") if is_allowed else t("no"), because))
    wanted = text.casefold().split()
    return tuple(row for row in made if all(word in " ".join(row).casefold() for word in wanted))


def may_summary(found: Sequence[Cells], person: Person, path: str) -> str:
    """How much of it is allowed, in a sentence."""
    yes = sum(row[1] == t("yes") for row in found)
    return t(
        "{name} may do {n} of {all} things in {where}.",
        name=person.full_name,
        n=yes,
        all=len(found),
        where=where(path),
    )


# Break glass


def glass_rows(staff: Staff, now_us: int, zone: str) -> tuple[Cells, ...]:
    """A row for each area: area, its code, what became of it."""
    newest = {each.area: each for each in sorted(staff.break_glass, key=lambda each: each.made_us)}
    areas = ["", *(each for each in staff.areas)]
    return tuple(
        (where(area), *_glass_cells(newest.get(area), now_us, zone))
        for area in sorted(areas, key=lambda each: (each not in newest, each))
    )


def _glass_cells(glass: BreakGlass | None, now_us: int, zone: str) -> tuple[str, str]:
    if glass is None:
        return t("no code"), ""
    made = t("made {when} by {by}", when=formats.moment(glass.made_us, now_us, zone), by=glass.made_by)
    if not glass.used_us:
        return t("sealed"), made
    used = t(
        "{by}, {when}: {why}",
        by=glass.used_by,
        when=formats.moment(glass.used_us, now_us, zone),
        why=glass.reason,
    )
    if not glass.reviewed_us:
        return t("USED, NOT REVIEWED"), used
    when = formats.moment(glass.reviewed_us, now_us, zone)
    return t("used, reviewed"), t(
        "{used} · reviewed by {by}, {when}", used=used, by=glass.reviewed_by, when=when
    )


def to_review(staff: Staff, area: str) -> BreakGlass | None:
    """The use of a code of an area that nobody reviewed yet."""
    found = [
        each for each in staff.break_glass if each.area == area and each.used_us and not each.reviewed_us
    ]
    return found[0] if found else None


def area_of(staff: Staff, shown: str) -> str:
    """The area that a row of the table of codes stands for."""
    return next((each for each in staff.areas if each == shown), "")

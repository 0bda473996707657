"""Which entries of the ledger a person wants to see, and what is known of it as a whole. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from engine.types import EndedLedger, LedgerAnchor, LedgerAnswer, LedgerVerdict
from hmi import formats
from hmi.displays.system.state import Fact, Row
from hmi.formats import t
from hmi.who import Who

Group = Literal["people", "writes", "alarms", "configuration", "trust", "machine"]
SpanName = Literal["1h", "24h", "7d", "30d", "all", "own"]
GROUPS: dict[Group, tuple[str, tuple[str, ...]]] = {
    "people": ("People", ("login", "login_refused", "logout", "break_glass", "person")),
    "writes": (
        "Writes",
        (
            "write_proposed", "write_checked", "write_selected", "write_confirmed", "write_sent",
            "write_verified", "write_rejected", "write_unknown", "write_closed", "work_tag", "restore",
        ),
    ),
    "alarms": ("Alarms", ("alarm_action", "annotation")),
    "configuration": ("Configuration", ("configuration", "stage", "model", "plugin", "suggestion")),
    "trust": ("Trust", ("trust", "key_rotation", "cosigner", "ledger_begin", "ledger_check")),
    "machine": (
        "Machine",
        ("engine_start", "engine_stop", "backup", "clock_step", "gap", "erp_sent", "erp_acknowledged"),
    ),
}  # fmt: skip
"""Every type of entry is in one group."""
SPANS: tuple[tuple[SpanName, str, str], ...] = (
    ("all", "All", "From the first entry on"),
    ("30d", "30 d", "The last 30 days"),
    ("7d", "7 d", "The last 7 days"),
    ("24h", "24 h", "The last 24 hours"),
    ("1h", "1 h", "The last hour"),
    ("own", "From, to…", "A time of your own"),
)
HOUR_US = 3_600_000_000
LENGTH_US: dict[SpanName, int] = {
    "1h": HOUR_US,
    "24h": 24 * HOUR_US,
    "7d": 168 * HOUR_US,
    "30d": 720 * HOUR_US,
}
PAGE, MOST_ROWS, LONGEST_TEXT = 200, 50_000, 200
_NUMBER = re.compile(r"#\s*(\d{1,15})")


class Wanted(msgspec.Struct, frozen=True):
    """What is let through; empty parts let all through. Text ``#123`` = from entry 123 on, the older ones.

    ``start_us`` and ``end_us`` are of the span "own"; ``ended`` = of a ledger that was ended, by its name.
    """

    text: str = ""
    groups: tuple[Group, ...] = ()
    actor: str = ""
    span: SpanName = "all"
    start_us: int = 0
    end_us: int = 0
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the row beside the sources and the head need: who asks, and what is known."""

    who: Who
    answer: LedgerAnswer | None = None
    is_stalled: bool = False
    is_ended: bool = False


def group_of(kind: str) -> Group | None:
    """The group of a type of entry."""
    return next((group for group, (_, types) in GROUPS.items() if kind in types), None)


def body(wanted: Wanted, now_us: int, before: int, limit: int = PAGE) -> dict[str, Any]:
    """The question of the engine."""
    jump = _NUMBER.fullmatch(wanted.text.strip())
    types = tuple(kind for group in wanted.groups for kind in GROUPS[group][1])
    start_us, end_us = span_us(wanted, now_us)
    return {
        "text": "" if jump else wanted.text.strip()[:LONGEST_TEXT],
        "types": types,
        "actor": wanted.actor,
        "start_us": start_us,
        "end_us": end_us,
        "before": before or (int(jump[1]) + 1 if jump else 0),
        "limit": limit,
        "ended": wanted.ended,
    }


def span_us(wanted: Wanted, now_us: int) -> tuple[int, int]:
    """From and to in UTC microseconds; 0 = no bound there. Nothing is newer than the newest."""
    if wanted.span == "own":
        return wanted.start_us, wanted.end_us
    return (0 if wanted.span == "all" else max(1, now_us - LENGTH_US[wanted.span])), 0


def span_words(wanted: Wanted, now_us: int, zone: str) -> str:
    """The time that is let through, "" = all."""
    if wanted.span == "all":
        return ""
    start_us, end_us = span_us(wanted, now_us)
    first = formats.moment(start_us, now_us, zone)
    return t("{start} to {end}", start=first, end=formats.moment(end_us or now_us, now_us, zone))


def whole(wanted: Wanted) -> Wanted:
    """All of the same ledger."""
    return Wanted(ended=wanted.ended)


def ended_words(book: EndedLedger, locale: str, zone: str) -> str:
    """An ended ledger in a list to choose from."""
    count = formats.number(book.size, 0, locale)
    if not book.time_us:
        return t("Ended ledger, cannot be read")
    return t("Ended {day}, {n} entries", day=formats.date_of(book.time_us, zone), n=count)


def is_jump(wanted: Wanted) -> bool:
    """Whether it begins at an entry: what comes anew is not looked for then."""
    return _NUMBER.fullmatch(wanted.text.strip()) is not None


def is_filtered(wanted: Wanted) -> bool:
    """Whether anything may be left out."""
    return wanted != whole(wanted)


def may_see(who: Who) -> bool:
    """Whether the page has anything for this person; before there are people everybody sees it."""
    if who.is_new or not who.is_known:
        return True
    return who.may("ledger")


def closed_words(who: Who) -> tuple[str, str]:
    """Why the page shows nothing, and what to do about it; two empty texts where it does."""
    if may_see(who):
        return "", ""
    readers = t("The ledger is read by auditors, shift leads, engineers and administrators.")
    if who.session is None:
        return readers, t("Log in: tap the person at the top right, or press Ctrl+U.")
    if who.is_trying or who.is_locked or who.session.must_change:
        return readers, who.why_not("ledger")
    name = who.session.full_name
    return readers, t("{name} is logged in and has not that right. Ctrl+U changes the person.", name=name)


def row(shown: Shown, locale: str) -> Row:
    """The line beside the sources."""
    name, answer = t("Ledger"), shown.answer
    if shown.is_stalled:
        return Row(name, "unknown", t("not known"), "", "")
    if not may_see(shown.who):
        return Row(
            name, "well", t("log in to see") if shown.who.session is None else t("needs a right"), "", ""
        )
    if answer is None:
        return Row(name, "well", t("what was done, provably"), "", "")
    # How it does is told of the one that is written; the entries may be those of an ended one.
    count = "" if shown.is_ended else t("{n} entries", n=formats.number(answer.size, 0, locale))
    if answer.trouble:
        return Row(name, "look", t("takes nothing now"), count, "")
    if answer.evidence:
        return Row(name, "look", t("something was found wrong"), count, "")
    if answer.warning:
        return Row(name, "look", t("see what it warns of"), count, "")
    return Row(name, "well", t("takes every step"), count, "")


# The head


def facts(answer: LedgerAnswer, now_us: int, zone: str, locale: str, ended: str = "") -> tuple[Fact, ...]:
    """Size, origin, key, when it was last signed and checked; and who outside vouches for it."""
    size = formats.number(answer.size, 0, locale)
    return (
        Fact(t("Entries"), size),
        Fact(t("Name"), answer.origin or t("not known")),
        Fact(t("Key"), answer.key_name or t("not known")),
        Fact(t("Signed"), signed_words(answer, now_us, zone, locale)),
        *(() if ended else (Fact(t("Checked"), checked_words(answer, now_us, zone, locale)),)),
        *(() if ended else (Fact(t("Outside"), outside_words(answer, now_us, zone, locale)),)),
    )


def outside_words(answer: LedgerAnswer, now_us: int, zone: str, locale: str) -> str:
    """Who outside vouches for how many entries since when."""
    if not answer.anchors:
        return t("nobody vouches for it; name a witness or a time-stamping authority in plant.toml")
    return "; ".join(_anchor(each, now_us, zone, locale) for each in answer.anchors)


def _anchor(anchor: LedgerAnchor, now_us: int, zone: str, locale: str) -> str:
    by = anchor.by.partition("+")[0]
    count, when = formats.number(anchor.size, 0, locale), formats.moment(anchor.time_us, now_us, zone)
    done = t("stamped") if anchor.kind == "time stamp" else t("cosigned")
    said = t("{by} {said} {n} entries, {when}", by=by, said=done, n=count, when=when)
    if not anchor.size:
        said = t("{by} vouches for nothing yet", by=by)
    return t("{said}, but not now: {why}", said=said, why=anchor.trouble) if anchor.trouble else said


def signed_words(answer: LedgerAnswer, now_us: int, zone: str, locale: str) -> str:
    """The newest checkpoint: how many entries it covers, and when it was seen to."""
    lines = answer.checkpoint.splitlines()
    covered = int(lines[1]) if len(lines) > 2 and lines[1].isdecimal() else 0
    if not covered:
        return t("no checkpoint yet")
    newest = max((each.time_us for each in answer.entries), default=0)
    count = t("{n} entries, root {root}…", n=formats.number(covered, 0, locale), root=lines[2][:12])
    return f"{count}, {formats.moment(newest, now_us, zone)}" if newest else count


def checked_words(answer: LedgerAnswer, now_us: int, zone: str, locale: str) -> str:
    """When all of it was last checked, and how many entries that were."""
    if not answer.verified_us:
        return t("not yet since the engine started")
    when = formats.moment(answer.verified_us, now_us, zone)
    return t("{when}, {n} entries", when=when, n=formats.number(answer.verified_size, 0, locale))


def trouble_words(answer: LedgerAnswer) -> str:
    """What a person must know of it, "" = all is well."""
    parts = [
        t(
            "The ledger takes nothing now, so nothing is written to the plant: {why}",
            why=formats.sentence(answer.trouble),
        )
        if answer.trouble
        else "",
        formats.sentence(answer.warning) if answer.warning else "",
        t("Found to be wrong with it:") + "\n" + "\n".join(formats.sentence(each) for each in answer.evidence)
        if answer.evidence
        else "",
    ]
    return "\n".join(each for each in parts if each)


def verdict_words(verdict: LedgerVerdict, locale: str) -> str:
    """The result of a check, in a sentence or with every finding."""
    count, signs = (formats.number(each, 0, locale) for each in (verdict.entries, verdict.signatures))
    if verdict.is_right:
        return t(
            "All {n} entries fit, and {signs} signatures over them. Nothing was changed.",
            n=count,
            signs=signs,
        )
    head = t(
        "Something is wrong among {n} entries. Keep the file as it is and tell who answers for it:", n=count
    )
    return "\n".join((head, *(formats.sentence(each) for each in verdict.findings)))


def count_words(answer: LedgerAnswer | None, wanted: Wanted, loaded: int, is_whole: bool, locale: str) -> str:
    """How many rows there are, beside the filter."""
    if answer is None:
        return ""
    shown, size = (formats.number(each, 0, locale) for each in (loaded, answer.size))
    if not is_filtered(wanted):
        return t("{n} entries", n=size)
    if is_whole:
        return t("{n} of {all} entries", n=shown, all=size)
    return t("{n} so far of {all} entries", n=shown, all=size)


def stranger_words() -> str:
    """How somebody without the product checks a bundle."""
    return t(
        "One file for a stranger. It holds every entry, the signed checkpoints and the proofs. They check it "
        "with verify_bundle.py, one file for Python 3.11 that needs no Watchroom:\n"
        "python verify_bundle.py bundle.zip --trust keys.json\n"
        "Give them keys.json on another way than the bundle: it says whose signatures count. "
        "Everybody who gets the bundle can read every entry in it."
    )

"""Reading and changing the list of alarms, alarms.csv, while the engine runs; who did it and why is kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine import paths
from engine.app.queries import Queries
from engine.clock import rfc3339
from engine.config.alarm_list import read_limits
from engine.config.findings import Findings
from engine.config.names import names_of
from engine.config.text import decode
from engine.server import Answer, RequestRefused
from engine.store import StoreError
from engine.typed import unpack
from engine.types import (
    AlarmChange,
    AlarmClass,
    AlarmSettings,
    Clock,
    Limit,
    Problem,
    Tag,
)
from engine.wire import LimitsAnswer, LimitsChangeAnswer, LimitsChangeBody

FILE, KEPT = "alarms.csv", "alarm-lists"
EDITED, LIMITS_CHANGED = "alarm_edited", "limits_changed"
MOST_BYTES = 4_000_000
"""Of a list that a window sends: it must fit into a message with room to spare."""
BY_HAND = "; the file was changed by hand: that holds with the next change applied here, or a restart"
LONGEST_WHY, LONGEST_NAME, LONGEST_TEXT = 500, 100, 400
Key = tuple[str, str, str]
Read = Callable[[str], tuple[Sequence[Limit] | None, Sequence[Problem]]]
"""The limits that a text of alarms.csv says, None where it cannot be used, and what is wrong with it."""


@dataclass(frozen=True, slots=True, eq=False)
class AskedLimits:
    """What the answers are made from. ``read`` and ``lint`` are called in a thread, the rest in the loop.

    ``limits``, ``classes`` and ``settings`` = what is in force · ``number`` = the numbers of alarms by (path,
    kind, name, source) · ``journal`` puts an event on record · ``not_normal`` = the alarms of which
    ``reconfigure`` records who changed them itself · ``reconfigure`` = these limits from now on, and by alarm
    (who, why and what).
    """

    folder: Path
    clock: Clock
    read: Read
    lint: Callable[[Sequence[Limit]], Sequence[Problem]]
    limits: Callable[[], Sequence[Limit]]
    classes: Callable[[], Sequence[AlarmClass]]
    settings: Callable[[], AlarmSettings]
    number: Callable[[Sequence[tuple[str, Any, str, str]]], Sequence[int]]
    journal: Callable[[int, str, dict[str, Any]], None]
    not_normal: Callable[[], Collection[int]]
    reconfigure: Callable[[Sequence[Limit], Mapping[int, tuple[str, str]]], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """Limits that are new, that are gone, and (before, after) of those that are not what they were."""

    added: tuple[Limit, ...]
    removed: tuple[Limit, ...]
    edited: tuple[tuple[Limit, Limit], ...]

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """What each is called, for people: path, kind and name."""
        return {
            "added": tuple(map(called, self.added)),
            "removed": tuple(map(called, self.removed)),
            "edited": tuple(called(after) for _, after in self.edited),
        }


def limits_answers(asked: AskedLimits, queries: Queries) -> dict[str, Answer]:
    """The coroutine that answers each op about the list of alarms."""
    one_at_a_time = asyncio.Lock()

    async def limits(_: msgspec.Raw) -> LimitsAnswer:
        # The text and what is in force belong together: not while a change is between the two.
        async with one_at_a_time:
            in_force = tuple(asked.limits())

            def look() -> LimitsAnswer:
                content = _content(asked.folder)
                text = _text(content)
                lint = (*not_in_force(asked.read, text, in_force), *asked.lint(in_force))
                return LimitsAnswer(
                    text, mark(content), in_force, tuple(asked.classes()), asked.settings(), lint
                )

            return await _in_words(queries, look)

    async def limits_change(body: msgspec.Raw) -> LimitsChangeAnswer:
        wanted = unpack(body, LimitsChangeBody)
        if not wanted.is_trial:
            _require_reason(wanted)
        async with one_at_a_time:
            return await _change(asked, queries, wanted)

    return {"limits": limits, "limits_change": limits_change}


async def _change(asked: AskedLimits, queries: Queries, wanted: LimitsChangeBody) -> LimitsChangeAnswer:
    before, now_us = tuple(asked.limits()), asked.clock.now_us()

    def store() -> tuple[Sequence[Limit] | None, LimitsChangeAnswer]:
        content = _content(asked.folder)
        if mark(content) != wanted.mark:
            raise RequestRefused(
                f"somebody changed {FILE} since it was read here; read it again and repeat the change"
            )
        found, problems = asked.read(wanted.text)
        if found is None or any(each.severity == "error" for each in problems):
            return None, LimitsChangeAnswer(False, wanted.mark, tuple(problems))
        names = difference(before, found).names
        changed = names["added"], names["removed"], names["edited"]
        if wanted.is_trial:
            lint = tuple(asked.lint(found))
            return None, LimitsChangeAnswer(False, wanted.mark, tuple(problems), *changed, lint)
        new = _write(asked.folder, content, wanted.text, now_us)
        return found, LimitsChangeAnswer(True, new, tuple(problems), *changed)

    limits, answer = await _in_words(queries, store)
    if limits is not None:
        asked.reconfigure(limits, _record(asked, difference(before, limits), wanted, now_us))
    return answer


def reader(tags: Sequence[Tag], classes: Sequence[AlarmClass]) -> Read:
    """Reads alarms.csv by the project's own rules."""
    names = names_of(tags)

    def read(text: str) -> tuple[Sequence[Limit] | None, Sequence[Problem]]:
        findings = Findings(FILE)
        plain = decode(text.encode(), findings)
        limits = None if plain is None else read_limits(plain, names, findings, classes)
        return limits, findings.problems

    return read


def mark(content: bytes | None) -> str:
    """Names this state of the file; "" = there is none."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def called(limit: Limit) -> str:
    """What an alarm is called, for people."""
    return " ".join(each for each in (limit.path, limit.kind, limit.name) if each)


def difference(before: Iterable[Limit], after: Iterable[Limit]) -> Difference:
    """What changed between two lists; on which line something stands does not matter."""
    old, new = _by_key(before), _by_key(after)
    return Difference(
        tuple(limit for key, limit in new.items() if key not in old),
        tuple(limit for key, limit in old.items() if key not in new),
        tuple((old[key], limit) for key, limit in new.items() if key in old and old[key] != limit),
    )


def not_in_force(read: Read, text: str, in_force: Sequence[Limit]) -> list[Problem]:
    """Where the file says something else than the engine goes by: somebody changed it by hand."""
    found, problems = read(text)
    wrong = next((each for each in problems if each.severity == "error"), None)
    if wrong is not None or found is None:
        line, why = (wrong.line, wrong.message) if wrong is not None else (1, "it cannot be read")
        return [Problem(FILE, line, "warning", f"not in force: {FILE} was changed and cannot be used: {why}")]
    old, new = _by_key(in_force), _by_key(found)
    by_line: dict[int, tuple[str, int]] = {}
    for limit, (key, bare) in zip(found, new.items(), strict=True):
        if old.get(key) != bare:
            said = what_changed(old[key], bare) if key in old else "this row is new"
            first, count = by_line.get(limit.line, (said, 0))
            by_line[limit.line] = first, count + 1
    told = [
        Problem(FILE, line, "warning", f"not in force: {said}{_for_many(count)}{BY_HAND}")
        for line, (said, count) in by_line.items()
    ]
    gone = [called(limit) for key, limit in old.items() if key not in new]
    if gone:
        named = gone[0] if len(gone) == 1 else f"{gone[0]} and {len(gone) - 1} more"
        told.append(Problem(FILE, 1, "warning", f"still in force, though its row is gone: {named}{BY_HAND}"))
    return told


def what_changed(before: Limit, after: Limit) -> str:
    """The fields that differ, with old and new value."""
    old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    changed = (f"{name} {_shown(old[name])} -> {_shown(new[name])}" for name in new if old[name] != new[name])
    return ", ".join(changed)


def _for_many(count: int) -> str:
    return f", for {count} tags" if count > 1 else ""


def _by_key(limits: Iterable[Limit]) -> Mapping[Key, Limit]:
    return {(each.path, each.kind, each.name): msgspec.structs.replace(each, line=0) for each in limits}


def _shown(value: object) -> str:
    if value is None or value == "":
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _record(
    asked: AskedLimits, found: Difference, wanted: LimitsChangeBody, now_us: int
) -> Mapping[int, tuple[str, str]]:
    """One change of each normal alarm for the journal of alarms, and the change of the list as a whole.

    Returns, by number, who changed the others and why: that is recorded with what becomes of them.
    """
    by, why = wanted.by.strip(), wanted.why.strip()
    told = [(each, "edited", f"{why} (added)") for each in found.added]
    told += [(each, "removed", why) for each in found.removed]
    told += [(after, "edited", f"{why} ({what_changed(before, after)})") for before, after in found.edited]
    numbers = asked.number([(each.path, each.kind, each.name, "") for each, _, _ in told])
    edits, others = dict[int, tuple[str, str]](), asked.not_normal()
    for number, (limit, what, said) in zip(numbers, told, strict=True):
        text = said if len(said) <= LONGEST_TEXT else f"{said[: LONGEST_TEXT - 1]}…"
        if number in others:
            edits[number] = by, text
            continue
        change = AlarmChange(
            alarm=number,
            what="removed" if what == "removed" else "edited",
            letter="A",
            priority=limit.priority,
            time_us=now_us,
            source_us=now_us,
            path=limit.path,
            kind=limit.kind,
            name=limit.name,
            message=limit.message,
            limit=limit.limit,
            by=by,
            text=text,
            alarm_class=limit.alarm_class,
        )
        asked.journal(now_us, EDITED, {"change": msgspec.to_builtins(change)})
    asked.journal(now_us, LIMITS_CHANGED, {"by": by, "why": why, **found.names})
    return edits


def _text(content: bytes | None) -> str:
    """What a person sees of the file. A byte that is no UTF-8 would be lost as soon as it is written back."""
    try:
        return (content or b"").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1 if content is not None else 1
        raise RequestRefused(f"{FILE}:{line} is not UTF-8: save it as UTF-8, then open it again") from error


def _content(folder: Path) -> bytes | None:
    path = folder / FILE
    return path.read_bytes() if path.exists() else None


def _write(folder: Path, old: bytes | None, text: str, now_us: int) -> str:
    """Put the new list in place of the old one, of which a dated copy stays; returns the new mark."""
    content = text.encode("utf-8-sig" if old is not None and old.startswith(b"\xef\xbb\xbf") else "utf-8")
    if old is not None:
        kept = paths.data(folder) / KEPT
        kept.mkdir(mode=0o700, exist_ok=True)
        stamp = rfc3339(now_us).replace(":", "-")
        paths.replace_file(kept / f"alarms-{stamp}.csv", old)
    target = (folder / FILE).resolve()
    mode = target.stat().st_mode & 0o777 if old is not None else None
    paths.replace_file(target, content)
    if mode is not None:
        os.chmod(target, mode)
    return mark(content)


def _require_reason(wanted: LimitsChangeBody) -> None:
    if not wanted.by.strip() or not wanted.why.strip():
        raise RequestRefused("say who changes the list of alarms, and why: it goes on record")
    if len(wanted.by) > LONGEST_NAME or len(wanted.why) > LONGEST_WHY:
        raise RequestRefused(
            f"use at most {LONGEST_NAME} letters for the name and {LONGEST_WHY} for the reason"
        )
    if len(wanted.text) > MOST_BYTES:
        raise RequestRefused(f"the list is longer than {MOST_BYTES} letters; change {FILE} itself")


async def _in_words(queries: Queries, work: Callable[[], Any]) -> Any:
    try:
        return await queries.answer(work)
    except (OSError, StoreError) as error:
        raise RequestRefused(str(error)) from error

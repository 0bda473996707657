"""An entry of the ledger in words: one sentence for the table, every field of it for the detail. No Qt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.types import LedgerEntry, Person
from hmi import formats
from hmi.displays.system.state import Fact
from hmi.formats import t

Body = Mapping[str, Any]
TYPES: dict[str, str] = {
    "ledger_begin": "Ledger begun",
    "key_rotation": "Key changed",
    "login": "Log-in",
    "login_refused": "Log-in refused",
    "logout": "Log-out",
    "break_glass": "Break glass",
    "person": "People",
    "configuration": "Configuration",
    "stage": "Stage",
    "trust": "Trust",
    "write_proposed": "Write proposed",
    "write_checked": "Write checked",
    "write_selected": "Write selected",
    "write_confirmed": "Write confirmed",
    "write_sent": "Write sent",
    "write_verified": "Write verified",
    "write_rejected": "Write rejected",
    "write_unknown": "Write unknown",
    "write_closed": "Write closed",
    "work_tag": "Work tag",
    "alarm_action": "Alarm",
    "annotation": "Note",
    "suggestion": "Suggestion",
    "model": "Model",
    "plugin": "Plugin",
    "erp_sent": "ERP sent",
    "erp_acknowledged": "ERP answered",
    "backup": "Backup",
    "restore": "Restore",
    "cosigner": "Cosigner",
    "clock_step": "Clock set",
    "gap": "Gap",
    "engine_start": "Engine started",
    "engine_stop": "Engine stopped",
    "ledger_check": "Ledger checked",
}
FIELDS: dict[str, str] = {
    "path": "Where",
    "asset": "Asset",
    "new": "New value",
    "old": "Value before",
    "seen": "Read back",
    "device_had": "The device had",
    "unit": "Unit",
    "class": "Class",
    "station": "Station",
    "kind": "Kind",
    "reason": "Reason",
    "note": "Note",
    "why": "Why",
    "id": "Write",
    "signs": "Signed content",
    "frames": "Frames sent",
    "checks": "Checks",
    "journal_seq": "In the event journal",
    "event_us": "Happened",
    "message": "Message",
    "until_us": "Until",
    "full_name": "Full name",
    "changed": "Changed",
    "rights": "Rights",
    "actions": "Actions",
}
STEPS: dict[str, str] = {
    "proposed": "proposed to write {new} to {where}",
    "checked": "had {new} for {where} checked",
    "selected": "selected {where} to write {new}",
    "confirmed": "confirmed {new} for {where}",
    "sent": "wrote {new} to {where}",
    "verified": "{where} has {new}: read back as {seen}",
    "rejected": "{new} for {where} was rejected",
    "unknown": "whether {where} took {new} is not known",
    "closed": "the write of {new} to {where} is closed",
}
SEGMENTS = 3
_BREAKS = re.compile(r"[ \t\r\n]+")
OWN = ("verified", "rejected", "unknown", "closed")
"""Steps whose sentence is not about who did it."""
MACHINES: dict[str, str] = {"engine": "the engine", "ledger": "the ledger", "security": "the engine"}


def actor_words(actor: str, people: Mapping[str, str]) -> str:
    """A login name as the full name where that is known."""
    return people.get(actor) or t(MACHINES.get(actor, actor)) or t("unknown")


def names(people: tuple[Person, ...]) -> dict[str, str]:
    """Full name by login name, without what a demo adds behind it."""
    return {each.name: each.full_name.partition(",")[0] for each in people}


def type_words(kind: str) -> str:
    """A type of entry in words."""
    return t(TYPES.get(kind, kind.replace("_", " ")))


def said(entry: LedgerEntry, people: Mapping[str, str]) -> str:
    """The entry in one sentence."""
    actor = actor_words(entry.actor, people)
    make = _SENTENCES.get(entry.type)
    if entry.type.startswith("write_"):
        text = _write(entry, actor)
    elif make is not None:
        text = make(entry.body, actor)
    else:
        text = f"{actor}: {type_words(entry.type).lower()} {_rest(entry.body)}"
    return _capital(_BREAKS.sub(" ", text).strip(" "))


def write_id(entry: LedgerEntry) -> str:
    """The write that an entry is a step of, "" = none."""
    is_write = entry.type.startswith("write_")
    return str(entry.body.get("id", "")) if is_write else ""


def _write(entry: LedgerEntry, actor: str) -> str:
    body, step = entry.body, entry.type.removeprefix("write_")
    where = short_path(str(body.get("asset") or body.get("path", "")))
    verb = str(body.get("verb", ""))
    new = t(verb) if verb else value(body.get("new"), str(body.get("unit", "")))
    if verb and step == "sent":
        text = t("gave the command {verb} to {where}", verb=t(verb), where=where)
    else:
        seen = value(body.get("seen", body.get("new")), str(body.get("unit", "")))
        text = t(STEPS.get(step, step), new=new, where=where, seen=seen)
    if step not in OWN:
        text = f"{actor} {text}"
    if step == "confirmed" and body.get("as") == "second":
        text = t("{said} as the second person", said=text)
    because = body.get("reason") or (body.get("why") if step in OWN else "")
    return t("{said}, because: {why}", said=text, why=because) if because else text


def short_path(path: str) -> str:
    """The end of a path: what a person calls it. All of it stands among the fields."""
    return "/".join(path.split("/")[-SEGMENTS:])


def value(number: Any, unit: str) -> str:
    """A number of an entry with its unit."""
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return str(number) if number is not None else t("no value")
    return f"{number:.10g}{formats.THIN}{unit}".rstrip(formats.THIN + " ")


def _login(body: Body, actor: str) -> str:
    kind = str(body.get("kind", "password"))
    text = t(
        "{who} logged in at {station} ({kind})", who=actor, station=body.get("station", ""), kind=t(kind)
    )
    return t("{said}, without the directory", said=text) if body.get("is_offline") else text


def _refused(body: Body, actor: str) -> str:
    return t(
        "a log-in of {who} was refused at {station}: {why}",
        who=actor,
        station=body.get("station", ""),
        why=body.get("why", ""),
    )


def _logout(body: Body, actor: str) -> str:
    why = formats.one_line(str(body.get("why", "")))
    text = t("the session of {who} at {station} ended", who=actor, station=body.get("station", ""))
    return f"{text}: {why}" if why else text


def _glass(body: Body, actor: str) -> str:
    area = body.get("area") or t("the whole plant")
    step = body.get("step")
    if step == "used":
        return t(
            "{who} broke the glass of {area}: {why}",
            who=body.get("who", actor),
            area=area,
            why=body.get("reason", ""),
        )
    if step == "reviewed":
        return t(
            "{who} reviewed the break-glass code of {area}: {said}",
            who=actor,
            area=area,
            said=body.get("text", ""),
        )
    return t("{who} made a break-glass code for {area}", who=actor, area=area)


def _person(body: Body, actor: str) -> str:
    if "rights" in body:
        rows = ", ".join(map(str, body["rights"])) if isinstance(body["rights"], dict) else ""
        return t("{who} changed the rights of {rows}", who=actor, rows=rows)
    if "not_done" in body:
        return t("a change by {who} was not done: {why}", who=actor, why=body["not_done"])
    changed = body.get("changed")
    if not isinstance(changed, dict):
        return t("{who} changed {name}", who=actor, name=body.get("name", ""))
    name, full = body.get("name", ""), changed.get("full_name")
    if isinstance(full, list) and len(full) == 2 and full[0] is None:
        roles = _short((changed.get("roles") or [None, []])[1])
        return t("{who} added {full} ({name}): {roles}", who=actor, full=full[1], name=name, roles=roles)
    what = "; ".join(f"{_field(key)} {_pair(each)}" for key, each in changed.items())
    return t("{who} changed {name}: {what}", who=actor, name=name, what=what)


def _field(key: str) -> str:
    return t(FIELDS.get(key, key.removeprefix("is_").replace("_", " "))).lower()


def _pair(pair: Any) -> str:
    if isinstance(pair, list) and len(pair) == 2:
        return f"{_short(pair[0])} → {_short(pair[1])}"
    return _short(pair)


def _stage(body: Body, actor: str) -> str:
    return t(
        "{who}: stage {what}, {before} → {after}",
        who=actor,
        what=body.get("what", ""),
        before=body.get("from", "?"),
        after=body.get("to", "?"),
    )


def _work_tag(body: Body, actor: str) -> str:
    tag = body.get("tag")
    where = tag.get("asset", "") if isinstance(tag, dict) else ""
    text = f": {tag['text']}" if isinstance(tag, dict) and tag.get("text") else ""
    return t(
        "{who}: work tag {what} at {where}{said}",
        who=actor,
        what=body.get("what", ""),
        where=where,
        said=text,
    )


def _alarm(body: Body, actor: str) -> str:
    what, text = body.get("what") or body.get("event", ""), body.get("message") or body.get("path", "")
    note = f" ({body['text']})" if body.get("text") else ""
    return t("{who} {what}: {said}{note}", who=actor, what=str(what).replace("_", " "), said=text, note=note)


def _engine_start(body: Body, actor: str) -> str:
    return t("the engine started {more}", more=_brackets(body, ("version", "pid")))


def _engine_stop(body: Body, actor: str) -> str:
    return t("the engine stopped {more}", more=_brackets(body, ("why", "version")))


def _ledger_begin(body: Body, actor: str) -> str:
    before = body.get("before")
    if not isinstance(before, dict):
        return t("the ledger {name} begins", name=body.get("origin", ""))
    return t(
        "{who} began this ledger because the key of {name} was lost, which ended with {n} entries: {why}",
        who=actor,
        name=before.get("origin", ""),
        n=before.get("size", ""),
        why=body.get("reason", ""),
    )


def _brackets(body: Body, keys: tuple[str, ...]) -> str:
    found = [f"{key} {body[key]}" for key in keys if body.get(key)]
    return f"({', '.join(found)})" if found else ""


def _named(body: Body, actor: str) -> str:
    what = body.get("what") or body.get("event") or t("changed something")
    rest = {
        key: each for key, each in body.items() if key not in ("what", "event", "journal_seq", "event_us")
    }
    return f"{actor}: {str(what).replace('_', ' ')} {_rest(rest)}"


_SENTENCES: dict[str, Callable[[Body, str], str]] = {
    "login": _login,
    "login_refused": _refused,
    "logout": _logout,
    "break_glass": _glass,
    "person": _person,
    "stage": _stage,
    "work_tag": _work_tag,
    "alarm_action": _alarm,
    "ledger_begin": _ledger_begin,
    "engine_start": _engine_start,
    "engine_stop": _engine_stop,
    "configuration": _named,
    "trust": _named,
    "annotation": _named,
    "backup": _named,
    "restore": _named,
    "gap": _named,
    "clock_step": _named,
}


def _rest(body: Body) -> str:
    parts = [f"{key} {_short(each)}" for key, each in list(body.items())[:5] if each not in ("", None)]
    return f"({', '.join(parts)})" if parts else ""


def _short(found: Any) -> str:
    if found is None:
        return t("nothing")
    if isinstance(found, list):
        return ", ".join(_short(each) for each in found) or t("nothing")
    if isinstance(found, dict):
        return json.dumps(found, ensure_ascii=False)
    if isinstance(found, bool):
        return t("yes") if found else t("no")
    return str(found)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def facts(entry: LedgerEntry, people: Mapping[str, str], now_us: int, zone: str) -> tuple[Fact, ...]:
    """Everything that an entry says, by name."""
    when = f"{formats.date_of(entry.time_us, zone)} {formats.clock(entry.time_us, zone)}"
    who = actor_words(entry.actor, people)
    shown = who if who in (entry.actor, "") else f"{who} ({entry.actor})"
    fixed = [
        Fact(t("Entry"), f"#{entry.seq}"),
        Fact(t("When"), f"{when} {formats.zone_short(entry.time_us, zone)}"),
        Fact(t("What"), type_words(entry.type)),
        Fact(t("Who"), shown),
    ]
    if entry.topic:
        fixed.append(Fact(t("Topic"), entry.topic))
    return (
        *fixed,
        *(_fact(key, each, now_us, zone) for key, each in entry.body.items() if each not in ("", None)),
    )


def _fact(key: str, found: Any, now_us: int, zone: str) -> Fact:
    name = t(FIELDS.get(key, key.replace("_", " ").capitalize()))
    if key.endswith("_us") and isinstance(found, int):
        return Fact(name, formats.moment(found, now_us, zone))
    if key == "checks" and isinstance(found, list):
        return Fact(name, "\n".join(_check(each) for each in found))
    if isinstance(found, dict):
        return Fact(name, "\n".join(f"{sub}: {_pair(each)}" for sub, each in found.items()))
    return Fact(name, _short(found))


def _check(found: Any) -> str:
    if not isinstance(found, dict):
        return _short(found)
    text = f": {found['text']}" if found.get("text") else ""
    return f"{t('yes') if found.get('ok') else t('no')} · {found.get('name', '')}{text}"


def raw(line: str) -> str:
    """The line of an entry as it stands in the ledger, for eyes: what is signed has no line breaks."""
    try:
        return json.dumps(json.loads(line), indent=2, ensure_ascii=False)
    except ValueError:
        return line

"""What a person is about to write: which tag or command, what may be entered, and the words for it. No Qt."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.types import Command, Plant, Tag, Verb, Write, WriteKind, WriteRule
from hmi import control_words as words
from hmi import formats, values
from hmi.formats import NO_VALUE, t
from hmi.model import Model, asset_of, short_name, unit_of

NEARLY = 1e-6
"""Part of a step by which an entered number may miss it: 0.3 is not quite three times 0.1."""
_VERBS: dict[Verb, str] = {
    "start": "Start",
    "stop": "Stop",
    "open": "Open",
    "close": "Close",
    "auto": "Automatic",
    "manual": "Manual",
    "reset": "Reset",
}
_COMMA = ","


@dataclass(frozen=True, slots=True)
class Intent:
    """What the sheet opens for. ``path`` = a tag, or the asset of a command; ``at`` = the live position of
    the tag whose value stands on the sheet, None = there is none. ``value`` = what is written where it is
    not entered; ``of`` = the write that is taken back.
    """

    path: str
    kind: WriteKind
    where: str
    at: int | None
    tag: Tag | None
    rule: WriteRule | None = None
    value: float | None = None
    verb: str = ""
    of: str = ""
    command: Command | None = None


def setpoint(model: Model, path: str) -> Intent | None:
    """To change a tag; None where no rule lets it be written."""
    at, rule = model.index.get(path), model.writes.get(path)
    if at is None or rule is None:
        return None
    return Intent(path, "setpoint", where_of(model, path), at, model.tags[at], rule)


def rollback(model: Model, write: Write) -> Intent | None:
    """To write back what there was before; None where the tag is gone."""
    made = setpoint(model, write.path)
    if made is None or write.old is None:
        return None
    return Intent(made.path, "rollback", made.where, made.at, made.tag, made.rule, write.old, of=write.id)


def commanded(model: Model, command: Command) -> Intent:
    """To give a command to an asset; its feedback is what stands on the sheet."""
    at = model.index.get(command.feedback or command.tag)
    tag = None if at is None else model.tags[at]
    where = where_of(model, command.asset)
    value, verb = command.value, command.verb
    return Intent(command.asset, "command", where, at, tag, None, value, verb, command=command)


def where_of(model: Model, path: str) -> str:
    """``S50 Hydraulics / Pressure setpoint`` of a tag, ``S50 Hydraulics`` of an asset."""
    asset, unit = asset_of(model, path), unit_of(model, path)
    if asset is None:
        return words.spoken_path(path)
    name = asset.name or model.plant.name
    if unit is not None and unit.path != asset.path:
        name = f"{short_name(unit.name)[0]} {name}"
    return f"{name} / {path.rpartition('/')[2]}" if path in model.index else name


def verb_word(command: Command) -> str:
    """``Start``; where the project names what is started, ``Start P-501``."""
    verb = t(_VERBS[command.verb])
    return t("{verb} {what}", verb=verb, what=command.title) if command.title else verb


def title(intent: Intent) -> str:
    """The head of the sheet."""
    if intent.command is not None:
        return t("{verb} {where}", verb=verb_word(intent.command), where=intent.where)
    if intent.kind == "rollback":
        return t("Write back {where}", where=intent.where)
    return t("Change {where}", where=intent.where)


def act(intent: Intent, value: float, plant: Plant) -> tuple[str, str]:
    """What the second button says, in two lines: what exactly will be written, and where."""
    if intent.command is not None:
        return verb_word(intent.command), intent.where
    return t("Write {value} to", value=words.amount(intent.tag, value, plant)), intent.where


def typed(text: str, locale: str) -> float | None:
    """The number that was entered, with the decimal sign of the plant alone; None = it is none.

    Thousands are never parted in an entry: 1,234 is a thousand to one person and about one to another.
    """
    mark = decimal_mark(locale)
    plain = text.strip().replace(formats.THIN, "").replace(" ", "").replace(formats.MINUS, "-")
    if not re.fullmatch(rf"[+-]?(\d+({re.escape(mark)}\d*)?|{re.escape(mark)}\d+)", plain):
        return None
    return float(plain.replace(mark, "."))


def decimal_mark(locale: str) -> str:
    """The sign between whole and parts in this locale."""
    return _COMMA if _COMMA in formats.number(0.5, 1, locale) else "."


def entry_text(tag: Tag, value: float, plant: Plant) -> str:
    """A value as it is entered: without a space between thousands."""
    return values.value_text(tag, value, plant).replace(formats.THIN, "").replace(formats.MINUS, "-")


def ends(intent: Intent) -> tuple[float | None, float | None]:
    """Least and most that may be entered, as the rule says it, else as the tag's range does."""
    rule, tag = intent.rule, intent.tag
    low = rule.low if rule is not None and rule.low is not None else tag.low if tag is not None else None
    high = rule.high if rule is not None and rule.high is not None else tag.high if tag is not None else None
    return low, high


def trouble(intent: Intent, text: str, now: float | None, plant: Plant) -> str:
    """Why what was entered cannot be checked, in words; "" = it can, or nothing is entered yet."""
    if not text.strip() or intent.tag is None:
        return ""
    value = typed(text, plant.locale)
    if value is None:
        other = "." if decimal_mark(plant.locale) == _COMMA else _COMMA
        if other in text:
            return t("Decimals come after {mark} here.", mark=decimal_mark(plant.locale))
        return t("This is not a number.")
    low, high = ends(intent)
    if (low is not None and value < low) or (high is not None and value > high):
        return t("{word}: {limits}.", word=_side(value, low), limits=limits_text(intent, plant))
    step = intent.rule.step if intent.rule is not None else None
    if step and not is_on_step(value, step):
        near = [words.amount(intent.tag, side * step, plant) for side in _beside(value, step)]
        size = _round(intent.tag, step, plant)
        return t("Steps of {step}: {one} or {two}.", step=size, one=near[0], two=near[1])
    if now is not None and value == now:
        return t("It is {value} already.", value=words.amount(intent.tag, value, plant))
    return ""


def _side(value: float, low: float | None) -> str:
    return t("Too low") if low is not None and value < low else t("Too high")


def _beside(value: float, step: float) -> tuple[int, int]:
    lower = math.floor(value / step)
    return lower, lower + 1


def is_on_step(value: float, step: float) -> bool:
    """Whether a number is a whole number of steps."""
    return abs(value / step - round(value / step)) <= NEARLY


def stepped(intent: Intent, value: float, by: int) -> float:
    """The next number one step up or down, within what may be entered."""
    step = step_of(intent)
    if is_on_step(value, step):
        moved = (round(value / step) + by) * step
    else:
        # From between two steps to the nearer one in that direction.
        moved = _beside(value, step)[by > 0] * step
    low, high = ends(intent)
    moved = moved if low is None else max(low, moved)
    return moved if high is None else min(high, moved)


def step_of(intent: Intent) -> float:
    """The step of the rule, else one of the last digit that the tag is shown with."""
    if intent.rule is not None and intent.rule.step:
        return intent.rule.step
    tag = intent.tag
    digits = None if tag is None else formats.decimals_of(tag.decimals, tag.low, tag.high, tag.type)
    return 10.0 ** -(digits or 0)


def limits_text(intent: Intent, plant: Plant) -> str:
    """``160.0 to 260.0 bar``."""
    tag, (low, high) = intent.tag, ends(intent)
    if tag is None or (low is None and high is None):
        return t("no limits are stated")
    if low is None or high is None:
        bound = _round(tag, low if low is not None else high or 0.0, plant)
        return t("at least {value}", value=bound) if high is None else t("at most {value}", value=bound)
    return t("{low} to {high}", low=_figure(tag, low, plant), high=_round(tag, high, plant))


def _figure(tag: Tag, value: float, plant: Plant) -> str:
    """A limit is a round number; its zeros after the separator say nothing."""
    text = values.value_text(tag, value, plant)
    mark = decimal_mark(plant.locale)
    return text.rstrip("0").rstrip(mark) if mark in text and not tag.states else text


def _round(tag: Tag, value: float, plant: Plant) -> str:
    unit = f"{formats.THIN}{tag.unit}" if tag.unit and not tag.states else ""
    return f"{_figure(tag, value, plant)}{unit}"


def bounds_text(intent: Intent, plant: Plant) -> str:
    """Limits, step and rate on a line."""
    rule, tag = intent.rule, intent.tag
    if rule is None or tag is None:
        return ""
    told = [limits_text(intent, plant)]
    if rule.step:
        told.append(t("step {step}", step=_round(tag, rule.step, plant)))
    if rule.rate:
        told.append(t("at most {rate} a minute", rate=_round(tag, rule.rate, plant)))
    return " \u00b7 ".join(told)


def choices(tag: Tag | None) -> tuple[tuple[float, str], ...]:
    """What can be chosen instead of entered: of an on/off tag and of one whose numbers have names."""
    if tag is None:
        return ()
    if tag.states:
        return tuple((float(number), formats.state(number, tag.states)) for number in sorted(tag.states))
    return ((0.0, t("off")), (1.0, t("on"))) if tag.type == "bool" else ()


def from_to(write: Write, intent: Intent, plant: Plant) -> tuple[str, str]:
    """Old and new value of a write in words; without the tag of a command the words of the command."""
    if intent.command is not None:
        return "", verb_word(intent.command)
    old = NO_VALUE if write.old is None else words.amount(intent.tag, write.old, plant)
    return old, words.amount(intent.tag, write.new, plant)

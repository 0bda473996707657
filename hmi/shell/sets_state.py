"""Sets of setpoints: what is compared, what is chosen, and what came of it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.types import SetDifference
from hmi import control_words as words
from hmi import formats
from hmi.formats import NO_VALUE, sentence, t
from hmi.model import Model

Outcomes = Mapping[str, tuple[str, str]]
"""What came of a tag, by its path: the step, and why."""
_STEPS = {"verified": "written", "rejected": "not written", "unknown": "? unknown", "equal": "equal already"}


@dataclass(frozen=True, slots=True)
class Row:
    """One tag of a set. ``can`` = it can be written back now; ``differs`` = it is not what was saved."""

    path: str
    saved: str
    now: str
    state: str
    can: bool
    differs: bool


def rows(
    model: Model, found: Sequence[SetDifference], wanted: str, only_different: bool, done: Outcomes
) -> tuple[Row, ...]:
    """The rows on show, in the order of the engine (what differs first)."""
    parts = wanted.casefold().split()
    shown = (each for each in found if all(part in each.path.casefold() for part in parts))
    return tuple(
        _row(model, each, done.get(each.path))
        for each in shown
        if not only_different or not each.is_equal or each.path in done
    )


def _row(model: Model, each: SetDifference, outcome: tuple[str, str] | None) -> Row:
    saved = _amount(model, each, each.saved)
    now = NO_VALUE if each.now is None else _amount(model, each, each.now)
    state = t("equal") if each.is_equal else t("differs")
    if each.why:
        state = each.why
    if outcome is not None:
        step, why = outcome
        state = t(_STEPS.get(step, step))
        state = t("{step}: {why}", step=state, why=sentence(why)) if why else state
    return Row(each.path, saved, now, state, not each.why and not each.is_equal, not each.is_equal)


def _amount(model: Model, each: SetDifference, value: float) -> str:
    at = model.index.get(each.path)
    if at is None:
        return f"{formats.number(value, None, model.plant.locale)} {each.unit}".strip()
    return words.amount(model.tags[at], value, model.plant)


def is_critical(model: Model, paths: Sequence[str]) -> bool:
    """Whether one of these needs a second person."""
    rules = (model.writes.get(path) for path in paths)
    return any(rule is not None and rule.write_class == "critical" for rule in rules)


def is_reason_wanted(model: Model, paths: Sequence[str]) -> bool:
    """Whether one of these needs a reason."""
    classes = {rule.write_class for rule in (model.writes.get(path) for path in paths) if rule is not None}
    return any(each in model.control.reason_for for each in classes)


def tally(done: Outcomes) -> str:
    """``38 written, 1 not written, 1 ? unknown``."""
    counted: dict[str, int] = {}
    for step, _ in done.values():
        counted[step] = counted.get(step, 0) + 1
    order = ("unknown", "rejected", "verified", "equal")
    told = [f"{counted[step]} {t(_STEPS[step])}" for step in order if counted.get(step)]
    return ", ".join(told) or t("nothing was written")

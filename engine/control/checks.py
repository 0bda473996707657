"""What is looked at before a write, when it is selected and again when it is sent (W1, W2, W5, W8). Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from engine.control import values, words
from engine.control.handshake import Ready
from engine.control.target import Target
from engine.tags.truth import truth
from engine.types import SEVERITY_MASK, Check, Live, Reading, Tag, Write, WriteKind, reason


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the checks know. ``why_not_*`` = a sentence, "" = nothing stands against it.

    ``reading`` = of ``target.subject``, asked of the device just now. ``old`` = what the device had when the
    write was selected; it counts only once ``is_selected``. ``lately`` = changes within a minute. ``of`` =
    the write that a rollback takes back. ``known`` = a tag's value by its path, or why it has none that
    counts. ``conditions`` = permissives and interlocks. ``ready`` = of the handshake, None = there is none.
    """

    target: Target
    kind: WriteKind
    new: float | None
    reading: Reading
    live: Callable[[Tag], Live | None]
    known: Callable[[str], tuple[float | None, str]]
    conditions: tuple[Check, ...] = ()
    ready: Ready | None = None
    is_selected: bool = False
    old: float | None = None
    of: Write | None = None
    lately: float = 0.0
    why_not_person: str = ""
    why_not_here: str = ""
    why_not_alone: str = ""


def known(live: Live | None) -> tuple[float | None, str]:
    """The value of a tag where it is good and fresh, else None and why not."""
    if live is None:
        return None, "it is no tag"
    if live.status & SEVERITY_MASK or live.value is None or live.age_s is None:
        return None, reason(live.status) or "no value received yet"
    if live.age_s > freshest_s(live.period_s):
        return None, f"its last value is {live.age_s:.1f} s old"
    return live.value, ""


def freshest_s(period_s: float) -> float:
    """How old a value may be that a write is built on: two scan periods (W2).

    With a fast scan, one second beyond a period: two scans of 100 ms are lost to any hiccup of a network or
    of our own loop, and an operator looks at a value for longer than a second before touching it. The device
    is asked anew in any case, when the write is selected and again before it is sent.
    """
    return max(2.0 * period_s, period_s + 1.0)


def all_checks(facts: Facts) -> tuple[Check, ...]:
    """Every check, whether it holds or not, in the order in which a person reads them."""
    target = facts.target
    found: list[Check | None] = [
        _check("It may be written", "; ".join(target.faults)),
        _check("You may do this", facts.why_not_person),
        _check("Nothing stands against it here", facts.why_not_here),
        _check("Nobody else is changing it", facts.why_not_alone),
        # Before what follows from it: without an answer values are old, and nothing is judged by them.
        _check("The device answers", _silent(facts.reading)),
        _check("The tag can take this value", values.why_not(target.tag, facts.new)),
        *_of_value(facts),
        *chain.from_iterable(_fresh(facts, tag) for tag in _looked_at(target)),
        None if facts.ready is None else _check("The PLC is ready for a handshake", facts.ready.why),
        _unchanged(facts),
        _interlock(facts),
        *facts.conditions,
    ]
    return tuple(check for check in found if check is not None)


def failed(checks: tuple[Check, ...]) -> str:
    """What forbids the write, in one line; "" = nothing does."""
    return "; ".join(
        f'"{check.name}" does not hold' + (check.text and f": {check.text}")
        for check in checks
        if check.is_needed and not check.is_ok
    )


def _check(name: str, why_not: str) -> Check:
    return Check(name, not why_not, why_not)


def _looked_at(target: Target) -> tuple[Tag, ...]:
    """The tags whose values must be good and fresh."""
    shown = target.shown
    if target.command is not None or shown is None or shown.path == target.tag.path:
        return (target.subject,)
    return (target.tag, shown)


def _fresh(facts: Facts, tag: Tag) -> tuple[Check, ...]:
    return (_check(f"The value of {tag.path} is good and fresh", known(facts.live(tag))[1]),)


def _silent(reading: Reading) -> str:
    if reading.value is None:
        return reading.why or reason(reading.status) or "it gave no value"
    return reason(reading.status) or "its value is not good" if reading.status & SEVERITY_MASK else ""


def _of_value(facts: Facts) -> tuple[Check | None, ...]:
    """Limits, step and rate: of a setpoint, and only where the number is one."""
    target, new, rule = facts.target, facts.new, facts.target.rule
    if target.command is not None or rule is None or values.why_not(target.tag, new) or new is None:
        return ()
    return (_limits(target, new), _step(target, new), _rate(facts, new), _is_change(facts, new))


def _limits(target: Target, new: float) -> Check:
    (low, high), unit = target.limits, target.tag.unit
    why = ""
    # Written so that a limit which is no number forbids, whatever the value.
    if low is not None and not new >= low:
        why = f"the least is {words.number(low, unit)}"
    elif high is not None and not new <= high:
        why = f"the most is {words.number(high, unit)}"
    return _check("Within its limits", why)


def _step(target: Target, new: float) -> Check | None:
    step = target.rule.step if target.rule is not None else None
    if not step:
        return None
    fits = values.is_on_step(new, step)
    return _check("A whole step", "" if fits else f"its steps are {words.number(step, target.tag.unit)}")


def _rate(facts: Facts, new: float) -> Check | None:
    rate = facts.target.rule.rate if facts.target.rule is not None else None
    if rate is None:
        return None
    unit = facts.target.tag.unit
    if facts.reading.value is None:
        return _check("Not too fast", "what the device has now is not known")
    asked = abs(new - facts.reading.value) + facts.lately
    if asked <= rate + values.slack(facts.target.tag, asked):
        return _check("Not too fast", "")
    told = f"at most {words.number(rate, unit)} a minute; this makes {words.number(asked, unit)}"
    return _check("Not too fast", told)


def _is_change(facts: Facts, new: float) -> Check | None:
    if facts.reading.value is None or facts.is_selected:
        return None
    return _check("It is a change", "it has this value already" if facts.reading.value == new else "")


def _unchanged(facts: Facts) -> Check | None:
    """Compare and set: what the person saw is what the device still has (W8)."""
    target, now = facts.target, facts.reading.value
    if now is None:
        return None
    if target.command is not None:
        is_done = target.shown is not None and now in target.command.expects
        return _check("It is still to be done", f"it is so already ({now:g})" if is_done else "")
    before = facts.old if facts.is_selected else facts.of.new if facts.of is not None else now
    if target.is_same(now, before):
        return _check("Nothing changed since", "") if facts.is_selected or facts.of is not None else None
    unit = target.tag.unit
    told = f"the device has {words.number(now, unit)} now; it was {words.number(before, unit)}"
    return _check("Nothing changed since", told)


def _interlock(facts: Facts) -> Check | None:
    if facts.target.interlock is None:
        return None
    verdict = truth(facts.target.interlock, facts.known)
    return Check("Its interlock is true", verdict.holds, verdict.why)

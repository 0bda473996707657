"""What rationalisation should look at: limits that are in force and could be better.

Nothing here is an error; the project works. What a row of many tags has in common is told once, with how
many tags it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.alarms.words import message
from engine.config.findings import shown
from engine.types import AlarmClass, AlarmSettings, AssetType, Limit, Problem, Project, Tag, fits

FILE = "alarms.csv"
HIGHS, LOWS = ("h", "hh"), ("l", "ll")
IN_UNIT = (*HIGHS, *LOWS)
MEASURED = (*IN_UNIT, "dev", "rate", "disc")
OF_DEVICES = ("link", "device", "flood")
SHARES: Mapping[int, Mapping[int, float]] = {
    4: {1: 0.01, 2: 0.05, 3: 0.15},
    3: {1: 0.05, 2: 0.15},
}
"""ISA-18.2: at most so much of each priority from the highest on, where four are used and where three are."""
FEW = 20
"""Of so few limits shares say nothing."""
DISPLAYS = ("overview", "twin", "trends", "alarms", "advisor", "work", "reports", "system")


@dataclass(frozen=True, slots=True, eq=False)
class _Plant:
    """What the checks need to know: tags, classes, all limits of each tag, assets with their types."""

    tags: Mapping[str, Tag]
    classes: Mapping[str, AlarmClass]
    of_tag: Mapping[str, Sequence[Limit]]
    assets: frozenset[str]
    units: frozenset[str]

    def unit(self, path: str) -> str:
        """The unit or utility of a tag, "" = it lies in none."""
        return next((each for each in _above(path) if each in self.units), "")


Check = Callable[[Limit, _Plant], str]


def lint(
    limits: Sequence[Limit], classes: Sequence[AlarmClass], settings: AlarmSettings, project: Project
) -> list[Problem]:
    """Everything that a person should think over, by line; all warnings of alarms.csv.

    ``limits`` = one for each tag that a row means, as in force.
    """
    plant = _plant(limits, classes, project)
    alarms = [each for each in limits if each.priority > 0]
    found: dict[tuple[int, int], tuple[str, list[str]]] = {}
    for number, check in enumerate(CHECKS):
        for each in alarms:
            if sentence := check(each, plant):
                found.setdefault((each.line, number), (sentence, []))[1].append(each.path)
    problems = [_problem(line, sentence, paths) for (line, _), (sentence, paths) in found.items()]
    problems += _same_messages(alarms, plant)
    problems += _shares(alarms)
    problems += _settings(settings, alarms)
    return sorted(problems, key=lambda each: each.line)


def _no_response(limit: Limit, plant: _Plant) -> str:
    if limit.response:
        return ""
    return "no response: an alarm asks a person to act, so say what to do, or set priority 0"


def _no_cause(limit: Limit, plant: _Plant) -> str:
    return "" if limit.cause else "no cause: say what it usually comes from"


def _no_time(limit: Limit, plant: _Plant) -> str:
    if limit.respond_s > 0:
        return ""
    return "no time to respond: the priority follows from it and from the consequence, so write respond"


def _late(limit: Limit, plant: _Plant) -> str:
    if not 0 < limit.respond_s <= limit.on_delay_s:
        return ""
    return (
        f"on_delay {limit.on_delay_s:g} s leaves nothing of the {limit.respond_s:g} s to respond: "
        "make the delay shorter"
    )


def _text_tag(limit: Limit, plant: _Plant) -> str:
    tag = plant.tags.get(limit.path)
    if tag is None or tag.type != "string" or limit.kind in ("bad", "expr", *OF_DEVICES):
        return ""
    return f"{shown(limit.path)} is text, which this kind cannot judge: it never alarms"


def _out_of_range(limit: Limit, plant: _Plant) -> str:
    tag, at = plant.tags.get(limit.path), limit.limit
    if tag is None or at is None or limit.kind not in IN_UNIT:
        return ""
    low, high = tag.low, tag.high
    if low is not None and limit.kind in LOWS and at <= low:
        range_of = f"the range of {shown(limit.path)}, which begins at {low:g}{_unit(tag)}"
        return f"limit {at:g} lies at or below {range_of}: it never alarms"
    if high is not None and limit.kind in HIGHS and at >= high:
        range_of = f"the range of {shown(limit.path)}, which ends at {high:g}{_unit(tag)}"
        return f"limit {at:g} lies at or above {range_of}: it never alarms"
    if (low is not None and at < low) or (high is not None and at > high):
        return f"limit {at:g} lies outside the range of {shown(limit.path)}: it always alarms"
    return ""


def _no_deadband(limit: Limit, plant: _Plant) -> str:
    tag = plant.tags.get(limit.path)
    if tag is None or limit.kind not in MEASURED or limit.deadband > 0 or not _is_measured(tag):
        return ""
    hint = ""
    if limit.kind != "rate" and tag.low is not None and tag.high is not None:
        hint = f"; 1 % of its range would be {(tag.high - tag.low) / 100:g}{_unit(tag)}"
    return f"deadband 0 on a measured value: noise at the limit makes the alarm chatter{hint}"


def _wide_deadband(limit: Limit, plant: _Plant) -> str:
    partner = _partner(limit, plant)
    if partner is None or limit.limit is None or partner.limit is None:
        return ""
    room = abs(limit.limit - partner.limit)
    if room == 0 or limit.deadband <= room:
        return ""
    return (
        f"deadband {limit.deadband:g} is larger than the {room:g} to {partner.kind} (line {partner.line}): "
        f"{limit.kind} stays when {partner.kind} is gone already"
    )


def _contradiction(limit: Limit, plant: _Plant) -> str:
    """A limit that the next one inward does not come before."""
    partner = _partner(limit, plant)
    if partner is None or limit.limit is None or partner.limit is None:
        return ""
    is_beyond = limit.limit > partner.limit if limit.kind == "hh" else limit.limit < partner.limit
    if not is_beyond:
        return (
            f"{limit.kind} {limit.limit:g} does not lie beyond {partner.kind} {partner.limit:g} "
            f"(line {partner.line})"
        )
    if 0 < partner.priority < limit.priority:
        return (
            f"{limit.kind} has a lower priority ({limit.priority}) than {partner.kind} "
            f"({partner.priority}, line {partner.line}), though it is worse"
        )
    return ""


def _duplicate(limit: Limit, plant: _Plant) -> str:
    same = [
        each
        for each in plant.of_tag[limit.path]
        if each.line < limit.line and each.priority > 0 and _condition(each) == _condition(limit)
    ]
    if not same:
        return ""
    return f"the same condition stands on line {same[0].line}: both alarms would come together; keep one"


def _no_display(limit: Limit, plant: _Plant) -> str:
    if limit.kind in OF_DEVICES:
        return ""
    if limit.display:
        if limit.display.casefold() in DISPLAYS or limit.display in plant.assets:
            return ""
        return f"display {shown(limit.display)} is no asset and no display: nobody gets there from the alarm"
    if plant.unit(limit.path):
        return ""
    return (
        f"{shown(limit.path)} lies in no unit, so no display opens from the alarm: "
        "write display, or a type of level unit"
    )


def _no_class(limit: Limit, plant: _Plant) -> str:
    if not limit.alarm_class or limit.alarm_class in plant.classes:
        return ""
    return f"class {shown(limit.alarm_class)} is not in alarms.toml: the rules for all alarms apply"


def _freely_shelved(limit: Limit, plant: _Plant) -> str:
    """The highest priority set aside without a word."""
    if limit.priority != 1:
        return ""
    own = plant.classes.get(limit.alarm_class)
    if own is None or own.shelve_max_s <= 0 or own.reason:
        return ""
    return (
        f"class {shown(own.id)} lets an alarm of priority 1 be shelved without a reason: "
        "set reason = true or shelve_max_s = 0"
    )


CHECKS: tuple[Check, ...] = (
    *(_no_response, _no_cause, _no_time, _late, _text_tag, _out_of_range, _no_deadband, _wide_deadband),
    *(_contradiction, _duplicate, _no_display, _no_class, _freely_shelved),
)


def _same_messages(alarms: Iterable[Limit], plant: _Plant) -> Iterable[Problem]:
    """Alarms of a unit that read alike; devices of a kind told by one row are meant to."""
    first: dict[tuple[str, str], Limit] = {}
    told: dict[tuple[int, int], tuple[str, list[str]]] = {}
    for each in alarms:
        if (unit := plant.unit(each.path)) and (tag := plant.tags.get(each.path)) is not None:
            text = each.message or (message(each, tag) if each.kind not in OF_DEVICES else "")
            other = first.setdefault((unit, text.casefold()), each)
            if text and other.line != each.line:
                sentence = (
                    f"{shown(text)} also stands on line {other.line} for the same unit: tell them apart"
                )
                told.setdefault((each.line, other.line), (sentence, []))[1].append(each.path)
    return [_problem(line, sentence, paths) for (line, _), (sentence, paths) in told.items()]


def _shares(alarms: Sequence[Limit]) -> Iterable[Problem]:
    """More of a high priority than the standard advises, told at the first row that has it."""
    counts = Counter(each.priority for each in alarms)
    used = sorted(counts)
    if len(alarms) < FEW or len(used) < 3:
        return
    for place, share in SHARES[len(used)].items():
        priority = used[place - 1]
        part = counts[priority] / len(alarms)
        if part > share:
            line = min(each.line for each in alarms if each.priority == priority)
            yield Problem(
                FILE,
                line,
                "warning",
                f"{part:.1%} of all alarms have priority {priority}, more than the {share:.0%} that "
                f"ISA-18.2 advises: what is urgent drowns ({counts[priority]} of {len(alarms)})",
            )


def _settings(settings: AlarmSettings, alarms: Sequence[Limit]) -> Iterable[Problem]:
    if settings.sound or not any(each.priority == 1 for each in alarms):
        return
    line = min(each.line for each in alarms if each.priority == 1)
    yield Problem(
        FILE,
        line,
        "warning",
        "there are alarms of priority 1 and alarms.toml has sound = false: nobody hears them",
    )


def _problem(line: int, sentence: str, paths: Sequence[str]) -> Problem:
    more = len(set(paths)) - 1
    many = f" (also of {more} other tag{'s' if more > 1 else ''})" if more > 0 else ""
    return Problem(FILE, line, "warning", sentence + many)


def _plant(limits: Sequence[Limit], classes: Sequence[AlarmClass], project: Project) -> _Plant:
    of_tag: dict[str, list[Limit]] = {}
    for each in limits:
        of_tag.setdefault(each.path, []).append(each)
    assets = {asset: None for tag in project.tags for asset in _above(tag.path)}
    return _Plant(
        {tag.path: tag for tag in project.tags},
        {each.id: each for each in classes},
        of_tag,
        frozenset(assets),
        frozenset(asset for asset in assets if _is_unit(asset, project.types)),
    )


def _is_unit(asset: str, types: Sequence[AssetType]) -> bool:
    """Without any type the second level is that of units, as the displays have it."""
    if not types:
        return asset.count("/") == 1
    kind = next((each for each in types if any(fits(asset, pattern) for pattern in each.paths)), None)
    return kind is not None and kind.level in ("unit", "utility")


def _above(path: str) -> tuple[str, ...]:
    segments = path.split("/")
    return tuple("/".join(segments[:end]) for end in range(len(segments) - 1, 0, -1))


def _partner(limit: Limit, plant: _Plant) -> Limit | None:
    """The next limit inward: h of hh, l of ll."""
    wanted = {"hh": "h", "ll": "l"}.get(limit.kind)
    of_tag = plant.of_tag.get(limit.path, ())
    return next((each for each in of_tag if each.kind == wanted), None)


def _condition(limit: Limit) -> tuple[object, ...]:
    """What decides when it comes, but for delays."""
    kind = {"hh": "h", "ll": "l"}.get(limit.kind, limit.kind)
    return kind, limit.limit, limit.other, limit.expression, limit.window_s, limit.count


def _is_measured(tag: Tag) -> bool:
    is_number = tag.type not in ("bool", "string") and not tag.states
    return is_number and (bool(tag.unit) or (tag.low is not None and tag.decimals != 0))


def _unit(tag: Tag) -> str:
    return f" {tag.unit}" if tag.unit else ""

"""What a write aims at: a row of writes.csv or a command, with the tags that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.control import values
from engine.control.handshake import Handshake, handshake_at
from engine.types import Action, Command, Tag, WriteClass, WriteRule
from engine.types.expressions import Expression, ExpressionError, parse, with_states


@dataclass(frozen=True, slots=True)
class Target:
    """``tag`` is written; ``shown`` is the tag that shows what came of it, None = no tag does.

    ``faults`` = what is wrong with its row, for which nothing is ever written. ``handshake`` = over which the
    PLC takes it; None = it is written to ``tag`` itself.
    """

    tag: Tag
    shown: Tag | None
    rule: WriteRule | None = None
    command: Command | None = None
    interlock: Expression | None = None
    faults: tuple[str, ...] = ()
    handshake: Handshake | None = None

    @property
    def subject(self) -> Tag:
        """The tag that is asked of the device before: what it has, or what the machine does now."""
        return self.shown if self.command is not None and self.shown is not None else self.tag

    @property
    def keys(self) -> frozenset[str]:
        """What it has to itself: start and stop of a pump have one feedback, so one lease."""
        return frozenset({self.tag.path} | ({self.shown.path} if self.shown is not None else set[str]()))

    @property
    def write_class(self) -> WriteClass:
        """That of the command, or of the rule."""
        either = self.command or self.rule
        return "critical" if either is None else either.write_class

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The least and the greatest that may be written; None = no limit is known."""
        if self.command is not None or self.rule is None:
            return None, None
        low, high = self.rule.low, self.rule.high
        return (self.tag.low if low is None else low, self.tag.high if high is None else high)

    @property
    def send_s(self) -> float:
        """How long the device has to answer."""
        return self.rule.deadline_s if self.rule is not None and self.command is None else 3.0

    @property
    def show_s(self) -> float:
        """How long it may take until it shows."""
        if self.command is not None:
            return self.command.within_s
        return self.rule.deadline_s if self.rule is not None else 3.0

    def is_done(self, new: float, seen: float | None) -> bool:
        """Whether what is seen now is what was to come of writing ``new``."""
        if seen is None:
            return False
        if self.command is not None and self.shown is not None:
            return seen in self.command.expects
        tolerance = self.rule.tolerance if self.rule is not None else 0.0
        return abs(seen - new) <= tolerance + values.slack(self.shown or self.tag, new)

    def is_same(self, a: float | None, b: float | None) -> bool:
        """Whether two values of ``tag`` are one, beyond its tolerance and deadband (W8)."""
        if a is None or b is None:
            return a is b
        tolerance = self.rule.tolerance if self.rule is not None else 0.0
        return abs(a - b) <= max(tolerance, self.tag.deadband) + values.slack(self.tag, b)

    def actions(self, kind: str) -> tuple[Action, ...]:
        """The rights that a person needs for it."""
        first: Action = "restore" if kind == "restore" else "command" if self.command is not None else "write"
        if self.write_class == "critical":
            return ("write critical",) if first == "write" else (first, "write critical")
        return (first,)


class Targets:
    """All that may be written, and nothing else."""

    def __init__(self, rules: Iterable[WriteRule], commands: Sequence[Command], tags: Sequence[Tag]) -> None:
        self._tags = {tag.path: tag for tag in tags}
        self._states: Mapping[str, Mapping[int, str]] = {tag.path: tag.states for tag in tags}
        self._rules = {rule.tag: rule for rule in rules}
        self._given = {command.tag: command for command in commands}
        self._setpoints = {
            path: self._setpoint(self._tags[path], rule)
            for path, rule in self._rules.items()
            if path in self._tags
        }
        self._commands: dict[tuple[str, str], Target] = {}
        for command in commands:
            if command.tag in self._tags:
                self._commands.setdefault((command.asset, command.verb), self._command(command))

    def tag(self, path: str) -> Tag | None:
        """The tag at a path, writable or not."""
        return self._tags.get(path)

    def of(self, path: str, verb: str = "") -> Target | None:
        """What may be written at a path; with ``verb`` it is that of an asset. None = nothing."""
        return self._commands.get((path, verb)) if verb else self._setpoints.get(path)

    def commands(self) -> Iterable[Target]:
        """Every command."""
        return self._commands.values()

    def _setpoint(self, tag: Tag, rule: WriteRule) -> Target:
        faults = list[str]()
        if (command := self._given.get(tag.path)) is not None:
            # Its row narrows the command; written as a number it would go past the permissives and the class.
            faults.append(f"it is the tag of a command: give {command.verb} to {command.asset}")
        interlock = self._interlock(rule, faults)
        shown, block = self._shown(rule.readback or tag.path, faults), self._handshake(rule, faults)
        return Target(tag, shown, rule, None, interlock, tuple(faults), block)

    def _command(self, command: Command) -> Target:
        tag, faults = self._tags[command.tag], list[str]()
        # A row in writes.csv for the tag of a command narrows it: interlock, roles and handshake count too.
        rule = self._rules.get(command.tag)
        interlock = self._interlock(rule, faults) if rule is not None else None
        block = self._handshake(rule, faults) if rule is not None else None
        shown = self._shown(command.feedback, faults) if command.feedback else None
        if shown is not None and not command.expects:
            faults.append(f"no number of {command.feedback} is named that means it is done")
        faults += [f"{each.tag} is no tag" for each in command.permissives if each.tag not in self._tags]
        return Target(tag, shown, rule, command, interlock, tuple(faults), block)

    def _shown(self, path: str, faults: list[str]) -> Tag | None:
        tag = self._tags.get(path)
        if tag is None:
            faults.append(f"{path}, which is to show what came of it, is no tag")
        return tag

    def _handshake(self, rule: WriteRule, faults: list[str]) -> Handshake | None:
        if not rule.handshake:
            return None
        found = handshake_at(rule.handshake, self._tags)
        if found is None:
            faults.append(f"not all tags of its handshake {rule.handshake} are there")
        return found

    def _interlock(self, rule: WriteRule, faults: list[str]) -> Expression | None:
        if not rule.interlock:
            return None
        try:
            read = with_states(parse(rule.interlock), self._states)
        except ExpressionError as error:
            faults.append(f"its interlock cannot be read: {error}")
            return None
        faults += [
            f"its interlock names {path}, which is no tag" for path in read.tags if path not in self._tags
        ]
        return read

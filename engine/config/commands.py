"""``[[commands]]`` of types/*.toml: checked, and one `Command` for each asset that has its tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.config.findings import Findings, listed, shown
from engine.config.locate import Section, key_line
from engine.config.names import Names
from engine.types import AssetCommand, Command, Permissive, Tag

SHORTEST_S, LONGEST_S = 0.2, 600.0
MOST_PERMISSIVES = 30
LONGEST_TITLE = 60
OFTEN_S = 1.0


def check_commands(commands: Sequence[AssetCommand], at: Sequence[Section], findings: Findings) -> None:
    """What is wrong with the commands of a type by themselves; ``at`` = where each stands."""
    for command, section in zip(commands, at, strict=True):
        for key, sentence in _mistakes(command):
            findings.error(key_line(section, key), sentence)
        if not command.feedback:
            findings.warning(
                key_line(section, "feedback"),
                f"{command.verb} has no feedback, so nobody sees that it was done: add feedback and expects",
            )


def _mistakes(command: AssetCommand) -> Iterator[tuple[str, str]]:
    """Key and sentence of each mistake."""
    if not command.tag:
        yield "tag", "tag is empty: write the path of the tag that is written, below the asset"
    if command.expects and not command.feedback:
        yield "expects", "expects needs feedback: add the tag whose number it is"
    if command.feedback and not command.expects:
        yield "feedback", "feedback needs expects: add the numbers that mean it was done, as in expects = [1]"
    if not SHORTEST_S <= command.within_s <= LONGEST_S:
        span = f"{SHORTEST_S:g} to {LONGEST_S:g} (seconds)"
        yield "within_s", f"within_s {command.within_s:g} is out of range: use {span}"
    if len(command.title) > LONGEST_TITLE:
        yield "title", f"title has {len(command.title)} characters: use at most {LONGEST_TITLE}"
    if len(command.permissives) > MOST_PERMISSIVES:
        count = len(command.permissives)
        yield "permissives", f"permissives names {count} conditions: use at most {MOST_PERMISSIVES}"
    if not all(each.tag for each in command.permissives):
        yield "permissives", "a permissive has no tag: write the path of its tag, below the asset"


def resolve_commands(
    commands: Sequence[AssetCommand],
    at: Sequence[Section],
    assets: Sequence[str],
    names: Names,
    findings: Findings,
) -> list[Command]:
    """The commands of each asset, with whole paths; an asset without the tag does not have the command.

    One that has it must have its feedback and permissives too: what cannot be looked at must not be
    taken for fulfilled. Each mistake is told for the first asset that it is found at.
    """
    found: list[Command] = []
    told: set[tuple[int, str]] = set()
    for asset in assets:
        verbs: set[str] = set()
        for command, section in zip(commands, at, strict=True):
            tag = names.tags.get(f"{asset}/{command.tag}")
            if tag is None:
                continue
            for key, sentence in _misfits(command, asset, tag, names):
                if (section.line, key) not in told:
                    told.add((section.line, key))
                    findings.error(key_line(section, key), sentence)
            if command.verb in verbs:
                findings.error(
                    key_line(section, "verb"),
                    f"{command.verb} is there twice for {shown(asset)}: keep one of the two",
                )
            verbs.add(command.verb)
            found.append(_of_asset(command, asset))
    return found


def _of_asset(command: AssetCommand, asset: str) -> Command:
    return Command(
        asset=asset,
        verb=command.verb,
        tag=f"{asset}/{command.tag}",
        value=command.value,
        write_class=command.write_class,
        feedback=f"{asset}/{command.feedback}" if command.feedback else "",
        expects=command.expects,
        within_s=command.within_s,
        permissives=tuple(
            Permissive(f"{asset}/{each.tag}", each.text, each.ok) for each in command.permissives
        ),
        title=command.title,
    )


def _misfits(command: AssetCommand, asset: str, tag: Tag, names: Names) -> Iterator[tuple[str, str]]:
    """Key and sentence of what does not fit the tags of one asset."""
    for sentence in _wrong_number("value", command.value, tag):
        yield "value", sentence
    if tag.type == "string":
        yield "tag", f"{shown(tag.path)} is text: a command writes a number, or on and off"
    if command.feedback:
        yield from _misfits_of_feedback(command, f"{asset}/{command.feedback}", names)
    for permissive in command.permissives:
        path = f"{asset}/{permissive.tag}"
        holds = names.tags.get(path)
        if holds is None and permissive.tag:
            yield "permissives", f"permissive {shown(path)} is no tag: {names.why_not(path)}"
        elif holds is not None and holds.type not in ("bool", ""):
            yield "permissives", f"permissive {shown(path)} is not on or off: name a tag that is"


def _misfits_of_feedback(command: AssetCommand, path: str, names: Names) -> Iterator[tuple[str, str]]:
    shows = names.tags.get(path)
    if shows is None:
        yield "feedback", f"feedback {shown(path)} is no tag: {names.why_not(path)}"
    elif shows.type == "string":
        yield "feedback", f"feedback {shown(path)} is text: name a number, a state, or on and off"
    else:
        for expected in command.expects:
            for sentence in _wrong_number("expects", expected, shows):
                yield "expects", sentence
        if shows.rate < OFTEN_S / command.within_s:
            often = 1.0 / shows.rate
            yield "within_s", f"within_s is shorter than the {often:g} s between two samples of {shown(path)}"


def _wrong_number(key: str, number: float, tag: Tag) -> Iterator[str]:
    """Why a tag can never have this number."""
    if tag.type == "bool" and number not in (0.0, 1.0):
        yield f"{key} {number:g} cannot be: {shown(tag.path)} is on or off, so write 1 or 0"
    elif tag.states and number not in tag.states:
        words = listed([f"{state} {word}" for state, word in tag.states.items()])
        yield f"{key} {number:g} is no state of {shown(tag.path)}: use {words}"
    elif (tag.low is not None and number < tag.low) or (tag.high is not None and number > tag.high):
        yield f"{key} {number:g} is outside the range of {shown(tag.path)}"

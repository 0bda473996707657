"""The verbs below ``alarms``: what a person does to alarms without a screen."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Mapping, Sequence

from engine.cli.alarms import listed
from engine.cli.moments import length
from engine.cli.out import Exit, fail, say
from engine.cli.person import add_person, logged_in
from engine.client import Client
from engine.clock import SystemClock
from engine.types import Alarm, CommandName
from engine.wire import AlarmCommandAnswer, AlarmCommandBody

VERBS: Mapping[str, CommandName] = {
    "ack": "acknowledge",
    "reset": "reset",
    "shelve": "shelve",
    "unshelve": "unshelve",
    "out": "out_of_service",
    "in": "in_service",
    "note": "note",
}
_HELP = {
    "ack": "acknowledge alarms",
    "reset": "let latched alarms go whose condition is over",
    "shelve": "put alarms out of sight for a time",
    "unshelve": "bring shelved alarms back",
    "out": "take alarms out of service, under a permit",
    "in": "put alarms back into service",
    "note": "write something down about alarms",
}
_DONE = {
    "ack": "acknowledged",
    "reset": "reset",
    "shelve": "shelved",
    "unshelve": "unshelved",
    "out": "out of service",
    "in": "in service",
    "note": "noted",
}


def add_verbs(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add ``alarms ack`` and the others; ``joined`` makes one word of the two."""
    for name in VERBS:
        added = verb(f"alarms {name}", command, _HELP[name])
        added.set_defaults(command=name)
        added.add_argument(
            "alarm", nargs="+", help="number of an alarm, as alarms prints it, or path of a tag: all of its"
        )
        added.add_argument("--by", default=_login(), metavar="NAME", help="who does it; the login name")
        add_person(added)
        if name == "shelve":
            added.add_argument("--for", dest="span", type=_length, metavar="TIME", help="15m, 1h, 4h")
            added.add_argument("--once", action="store_true", help="until it is inactive, if that is earlier")
            added.add_argument("--reason", dest="text", default="", help="why; most classes want one")
        elif name == "out":
            added.add_argument(
                "--permit", dest="text", required=True, help="number of the permit or work order"
            )
        elif name == "note":
            added.add_argument("--text", required=True, help="what to write down")


def joined(words: Sequence[str]) -> list[str]:
    """The words of the command line, with the two words of such a verb as one."""
    if len(words) > 1 and words[0] == "alarms" and words[1] in VERBS:
        return [f"alarms {words[1]}", *words[2:]]
    return list(words)


def command(arguments: argparse.Namespace) -> Exit:
    """Do it, and say for each alarm that it is done, or why it is not."""
    if arguments.command == "shelve" and arguments.span is None and not arguments.once:
        return fail("say for how long: --for 1h, or --once until it is inactive", Exit.USAGE)
    client = Client(arguments.dir, "cli")
    try:
        known = listed(client)
        found = _meant(arguments.alarm, known)
        if isinstance(found, str):
            return fail(found)
        with logged_in(client, arguments):
            answer = client.call("alarm_command", _body(arguments, found), AlarmCommandAnswer, timeout_s=15.0)
    finally:
        client.close()
    return _told(answer, known, _DONE[arguments.command])


def _body(arguments: argparse.Namespace, found: tuple[tuple[int, int], ...]) -> AlarmCommandBody:
    span_us = getattr(arguments, "span", None)
    return AlarmCommandBody(
        what=VERBS[arguments.command],
        alarms=found,
        by=arguments.by,
        text=getattr(arguments, "text", ""),
        until_us=0 if span_us is None else SystemClock().now_us() + span_us,
        one_shot=getattr(arguments, "once", False),
    )


def _meant(words: Sequence[str], known: Sequence[Alarm]) -> tuple[tuple[int, int], ...] | str:
    """Number and time seen of each alarm that is meant, or what is wrong."""
    seen = {each.id: each.changed_us for each in known}
    found: dict[int, int] = {}
    for word in words:
        if word.isdecimal():
            found[int(word)] = seen.get(int(word), 0)
            continue
        there = [each for each in known if each.path == word]
        if not there:
            return f"{word!r} has no alarm now; watchroom alarms lists those there are"
        found.update({each.id: each.changed_us for each in there})
    return tuple(found.items())


def _told(answer: AlarmCommandAnswer, known: Sequence[Alarm], done: str) -> Exit:
    names = {each.id: f"{each.message} of {each.path}" for each in known}
    for number in answer.done:
        say(f"{number}  {names.get(number, 'alarm')}  {done}")
    for number, why in answer.refused:
        fail(f"{names.get(number, f'alarm {number}')}: {why}")
    return Exit.NOT_DONE if answer.refused else Exit.DONE


def _length(text: str) -> int:
    try:
        return length(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""  # the engine then asks who it is

"""``watchroom write``: one write to the plant, through the same gate as from the screen."""

from __future__ import annotations

import argparse
import math
import sys

from engine.cli.out import Exit, fail, say
from engine.cli.person import LOGIN_S, add_person, logged_in, secret
from engine.client import Client
from engine.types import Write
from engine.wire import ApproveBody, ConfirmBody, SelectBody, WriteBody

WRITE_S = 90.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb, after the project folder."""
    parser.add_argument("tag", help="path of the tag, or of the asset with --command")
    parser.add_argument("value", nargs="?", type=float, help="the new value, in the tag's unit")
    parser.add_argument("--command", metavar="VERB", default="", help="start, stop, open, close, auto ...")
    parser.add_argument("--reason", default="", help="one of the coded reasons; critical tags want one")
    parser.add_argument("--note", default="", help="more words for the record")
    parser.add_argument("--second", default="", metavar="NAME", help="who approves, where two people must")
    parser.add_argument(
        "--confirm", type=float, metavar="VALUE", help="the value again, where no terminal can ask for it"
    )
    add_person(parser)


def write(arguments: argparse.Namespace) -> Exit:
    """Select, show what would be written, have it confirmed, write once, and say what came of it."""
    if not arguments.person:
        return fail("say who you are: --as NAME", Exit.USAGE)
    if (arguments.value is None) == (not arguments.command):
        return fail("give a value, or --command VERB for an asset", Exit.USAGE)
    client = Client(arguments.dir, "cli")
    try:
        with logged_in(client, arguments):
            return _write(client, arguments)
    finally:
        client.close()


def _write(client: Client, arguments: argparse.Namespace) -> Exit:
    asked = SelectBody(
        arguments.tag, arguments.value, arguments.command, "command" if arguments.command else "setpoint"
    )
    selected = client.call("select", asked, Write, timeout_s=LOGIN_S)
    if selected.step != "selected":
        return _told(selected)
    say(_sentence(selected))
    if not _is_confirmed(arguments, selected):
        client.call("cancel", WriteBody(selected.id), Write)
        return fail("not confirmed; nothing was written")
    body = ConfirmBody(selected.id, selected.path, selected.new, arguments.reason, arguments.note)
    answer = client.call("confirm", body, Write, timeout_s=WRITE_S)
    if answer.step == "confirmed" and answer.needs_second:
        if not arguments.second:
            client.call("cancel", WriteBody(selected.id), Write)
            return fail("this tag is critical: a second person must approve it, --second NAME")
        approval = ApproveBody(selected.id, arguments.second, secret(arguments, arguments.second))
        answer = client.call("approve", approval, Write, timeout_s=WRITE_S)
    return _told(answer)


def _sentence(selected: Write) -> str:
    what = f"{selected.verb} {selected.asset}: {selected.path}" if selected.verb else selected.path
    old = "?" if selected.old is None else f"{selected.old:g}"
    return f"{what}  {old} -> {selected.new:g} {selected.unit}".rstrip()


def _is_confirmed(arguments: argparse.Namespace, selected: Write) -> bool:
    again = arguments.confirm
    if again is None and sys.stdin.isatty():
        try:
            again = float(input(f"Type {selected.new:g} again to write it, or anything else to leave: "))
        except (ValueError, EOFError):
            return False
    return again is not None and math.isclose(again, selected.new, rel_tol=0, abs_tol=0)


def _told(write: Write) -> Exit:
    if write.why and write.step != "verified":
        fail(f"{write.step}: {write.why}")
    else:
        seen = "" if write.seen is None else f"{write.seen:g} {write.unit}"
        say(f"{write.step}  {write.path}  {seen}".rstrip())
    for check in write.checks:
        if not check.is_ok and check.name not in write.why:
            fail(f"  {check.name}: {check.text}")
    return Exit.DONE if write.step in ("verified", "closed") and not write.is_locked else Exit.NOT_DONE

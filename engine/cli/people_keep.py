"""Verbs that keep people, rights and keys in a sealed file, and bring them back."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from engine.app.people_keep import WORDS, KeepRefused, restore_people
from engine.cli.out import Exit, fail, say
from engine.cli.person import add_person, logged_in
from engine.client import Client
from engine.clock import SystemClock
from engine.wire import KeepAnswer, KeepBody

KEEP_S = 60.0


def add_keep_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``keep-people``, after the project folder."""
    parser.add_argument("to", type=Path, help="the file to write, outside the project")
    add_person(parser)


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``restore-people``."""
    parser.add_argument("file", type=Path, help="what keep-people wrote")
    parser.add_argument("dir", type=Path, help="the project folder; its engine must not run")


def keep_people(arguments: argparse.Namespace) -> Exit:
    """Keep people, rights and keys; tell the words that open the file, once."""
    client = Client(arguments.dir, "cli")
    try:
        with logged_in(client, arguments):
            asked = KeepBody(str(arguments.to.absolute()))
            answer = client.call("people_backup", asked, KeepAnswer, timeout_s=KEEP_S)
    finally:
        client.close()
    say(f"people, rights and keys are kept in {answer.file}")
    say("these words open it; write them on paper now, in this order: they are told nowhere again")
    for at, word in enumerate(answer.phrase.split(), 1):
        say(f"{at:2} {word}")
    return Exit.DONE


def restore(arguments: argparse.Namespace) -> Exit:
    """Bring people, rights and keys back into a project whose engine does not run."""
    if sys.stdin.isatty():
        typed = getpass.getpass(f"The {WORDS} words, in their order: ")
    else:
        typed = sys.stdin.read()
    try:
        told = restore_people(arguments.file, arguments.dir, typed, SystemClock().now_us())
    except KeepRefused as error:
        return fail(str(error))
    for each in told:
        say(each if each.startswith("not ") else f"restored: {each}")
    say("the next start of the engine puts this on record")
    return Exit.DONE

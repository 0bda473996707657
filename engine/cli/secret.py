"""The verb ``secret``: passwords of sources, which are never in a project."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

import msgspec

from engine import paths
from engine.app.login_files import Kept, LoginFiles, unfit
from engine.app.logins import shown
from engine.cli.out import Exit, fail, say, say_json, table
from engine.cli.person import add_person, logged_in
from engine.cli.project import loaded
from engine.client import Client, EngineAbsent
from engine.clock import SystemClock, rfc3339
from engine.store import StoreError
from engine.types import Project, Source, SourceLogin
from engine.wire import PasswordBody, SourceBody

STATES = {
    "none": "no password",
    "new": "not tried yet",
    "accepted": "it works",
    "sent": "the first try did not end well",
    "refused": "refused by the server",
}


class LoginLine(msgspec.Struct, frozen=True):
    """A login as ``secret list --json`` prints it; ``source`` "" = none uses it any more."""

    source: str
    user: str
    endpoint: str
    set: str
    by: str
    state: str
    place: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``secret``."""
    parser.add_argument("do", choices=["set", "list", "remove"])
    parser.add_argument("dir", type=Path, help="the project folder (it holds plant.toml)")
    parser.add_argument(
        "source", nargs="?", default="", help="id of the source in plant.toml; remove without it: unused ones"
    )
    add_person(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def secret(arguments: argparse.Namespace) -> Exit:
    """Set, list or remove the passwords of sources."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    files = LoginFiles(paths.data(arguments.dir.resolve()))
    try:
        if arguments.do == "list":
            return _list(arguments, project, files)
        if arguments.do == "remove" and not arguments.source:
            return _remove_left(project, files)
        source = next((each for each in project.sources if each.id == arguments.source), None)
        if source is None:
            return fail(f"there is no source {arguments.source!r} in {arguments.dir / 'plant.toml'}")
        if not source.user:
            return fail(f'source {source.id!r} names no user: write user = "…" for it in plant.toml first')
        return _set(arguments, source, files) if arguments.do == "set" else _remove(arguments, source, files)
    except StoreError as error:
        return fail(str(error))


def _set(arguments: argparse.Namespace, source: Source, files: LoginFiles) -> Exit:
    """Through the engine where one runs: it puts that on record and logs in anew at once."""
    try:
        client = Client(arguments.dir, "cli")
    except EngineAbsent:
        if why := unfit(password := _typed(arguments, source)):
            return fail(why)
        files.keep(source, password, _us(), SystemClock().now_us(), told=False)
    else:
        try:
            with logged_in(client, arguments):
                if why := unfit(password := _typed(arguments, source)):
                    return fail(why)
                client.call("password_set", PasswordBody(source.id, password), SourceLogin)
        finally:
            client.close()
    say(f"the password of '{source.user}' for {source.id} at {source.endpoint} is set")
    return Exit.DONE


def _remove(arguments: argparse.Namespace, source: Source, files: LoginFiles) -> Exit:
    try:
        client = Client(arguments.dir, "cli")
    except EngineAbsent:
        kept = files.find(source)
        if kept is not None:
            files.remove(kept, untold_by=_us())
    else:
        try:
            with logged_in(client, arguments):
                client.call("password_remove", SourceBody(source.id), bool)
        finally:
            client.close()
    say(f"no password of '{source.user}' for {source.id} at {source.endpoint} is kept here any more")
    return Exit.DONE


def _list(arguments: argparse.Namespace, project: Project, files: LoginFiles) -> Exit:
    lines = [
        _line(each.id, each.user, each.endpoint, files.find(each)) for each in project.sources if each.user
    ]
    lines += [_line("", each.user, each.endpoint, each) for each in _left(project, files)]
    if arguments.json:
        for line in lines:
            say_json(line)
    elif not lines:
        say("no source names a user in plant.toml")
    else:
        rows = [("SOURCE", "USER", "ENDPOINT", "SET", "BY", "STATE", "KEPT IN")]
        rows += [
            (each.source or "none now", each.user, each.endpoint, each.set, each.by, each.state, each.place)
            for each in lines
        ]
        table(rows)
    return Exit.DONE


def _left(project: Project, files: LoginFiles) -> list[Kept]:
    """The logins that no source uses any more."""
    used = {kept.bound for each in project.sources if each.user and (kept := files.find(each)) is not None}
    return [each for each in files.all() if each.has_password and each.bound not in used]


def _remove_left(project: Project, files: LoginFiles) -> Exit:
    left = _left(project, files)
    for each in left:
        files.remove(each, untold_by=_us())
        say(f"removed: the password of '{each.user}' at {each.endpoint}, which no source uses any more")
    if not left:
        say("every password that is kept here is of a source in plant.toml")
    return Exit.DONE


def _line(source: str, user: str, endpoint: str, kept: Kept | None) -> LoginLine:
    login = SourceLogin(user) if kept is None else shown(kept)
    when = rfc3339(login.set_us) if login.set_us else ""
    return LoginLine(source, user, endpoint, when, login.by, STATES[login.state], login.place)


def _typed(arguments: argparse.Namespace, source: Source) -> str:
    """Never an argument: those are seen by everybody on this machine. Typed twice: a slip would cost a try.

    Raises:
        StoreError: the two differ.
    """
    if arguments.password_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"Password of '{source.user}' at {source.endpoint}: ")
    if getpass.getpass("The same again: ") != password:
        raise StoreError("the two differ; nothing was changed")
    return password


def _us() -> str:
    return f"command line of {getpass.getuser()}"

"""Who does what a verb does: log in for one command, with the password from the terminal or from a pipe."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import socket
import sys
from collections.abc import Generator

from engine import paths
from engine.client import Client, RequestFailed
from engine.types import Session
from engine.wire import LoginAnswer, LoginBody, SessionAnswer, SessionBody

LOGIN_S = 15.0


def add_person(parser: argparse.ArgumentParser) -> None:
    """Add ``--as`` and ``--password-stdin`` to a verb."""
    parser.add_argument(
        "--as", dest="person", default="", metavar="NAME", help="log in as this person for it"
    )
    parser.add_argument(
        "--password-stdin", action="store_true", help="take passwords from standard input, a line each"
    )


def station() -> str:
    """What this command line is called as a station: its sessions end nobody's at a screen."""
    return f"command line of {socket.gethostname()}"


def secret(arguments: argparse.Namespace, whose: str) -> str:
    """The password of a person: never an argument, for those are seen by everybody on this machine.

    Raises:
        RequestFailed: nobody is there to type it.
    """
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    try:
        return getpass.getpass(f"Password of {whose}: ")
    except EOFError:
        raise RequestFailed(
            f"nobody can be asked for the password of {whose} here: "
            "give it on standard input, with --password-stdin"
        ) from None


def is_new(client: Client) -> bool:
    """Whether nobody can log in yet, because there is nobody."""
    return client.call("session", SessionBody(station()), SessionAnswer).is_new


@contextlib.contextmanager
def logged_in(client: Client, arguments: argparse.Namespace) -> Generator[Session | None]:
    """Log in for the block if ``--as`` names somebody; nobody = as the engine lets those who are not.

    Raises:
        RequestFailed: the engine does not let this person in; it says why.
    """
    if not arguments.person:
        yield None
        return
    typed = secret(arguments, arguments.person)
    body = LoginBody(station(), arguments.person, typed, device=paths.station_secret())
    answer = client.call("login", body, LoginAnswer, timeout_s=LOGIN_S)
    client.session = answer.token
    try:
        yield answer.session
    finally:
        with contextlib.suppress(Exception):  # it ends with the shift at the latest
            client.call("logout", None, bool)
        client.session = ""

"""``watchroom people``: who there is, the first administrator, and people from a list."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.out import Exit, fail, say, say_json, table
from engine.cli.person import LOGIN_S, add_person, logged_in, secret, station
from engine.client import Client
from engine.wire import FirstBody, LoginAnswer, PeopleAnswer, PeopleChangeBody


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb, after the project folder."""
    parser.add_argument("--first", metavar="NAME", help="make the first administrator, with this login name")
    parser.add_argument(
        "--full-name", default="", metavar="NAME", help="with --first: the person's whole name"
    )
    parser.add_argument(
        "--import", dest="csv", type=Path, metavar="FILE.csv", help="people as name,full_name,role,area"
    )
    parser.add_argument(
        "--try", dest="trial", action="store_true", help="with --import: only say what is wrong"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_person(parser)


def people(arguments: argparse.Namespace) -> Exit:
    """List the people, make the first one, or take in a list."""
    client = Client(arguments.dir, "cli")
    try:
        if arguments.first:
            name = arguments.full_name or arguments.first
            body = FirstBody(station(), arguments.first, name, secret(arguments, arguments.first))
            client.call("first_administrator", body, LoginAnswer, timeout_s=LOGIN_S)
            say(f"{arguments.first} is the first administrator; others are made in System, People")
            return Exit.DONE
        if not arguments.person:
            return fail("say who you are: --as NAME (an administrator or auditor)", Exit.USAGE)
        with logged_in(client, arguments):
            if arguments.csv is not None:
                text = arguments.csv.read_text("utf-8-sig")
                asked = PeopleChangeBody(csv=text, is_trial=arguments.trial)
                answer = client.call("people_change", asked, PeopleAnswer, timeout_s=LOGIN_S)
            else:
                answer = client.call("people", None, PeopleAnswer)
    finally:
        client.close()
    _list(answer, arguments.json)
    for problem in answer.problems:
        fail(problem)
    return Exit.DONE


def _list(answer: PeopleAnswer, as_json: bool) -> None:
    rows: list[tuple[str, ...]] = [("name", "full name", "roles", "")]
    for person in answer.people:
        roles = ", ".join(f"{each.role} at {each.area}" if each.area else each.role for each in person.roles)
        if as_json:
            say_json({"name": person.name, "full_name": person.full_name, "roles": roles,
                      "disabled": person.is_disabled, "demo": person.is_demo})  # fmt: skip
        rows.append((person.name, person.full_name, roles, "disabled" if person.is_disabled else ""))
    if not as_json:
        table(rows)

"""Verbs that work on the project folder: engine, check, tags, trust."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from engine import app, config
from engine.cli.out import Exit, fail, say, say_json, table
from engine.client import Client, EngineAbsent
from engine.store import StoreError
from engine.types import Project, Tag


def loaded(folder: Path) -> Project | Exit:
    """The project, or the exit code after its errors were printed."""
    try:
        return app.load(folder)
    except app.BadProject as error:
        return fail(str(error))


def engine(arguments: argparse.Namespace) -> Exit:
    """Run the engine until SIGTERM or SIGINT."""
    try:
        app.run(arguments.dir, arguments.started_by, lambda pid: say_json({"ready": True, "pid": pid}))
    except app.AlreadyRuns as error:
        return fail(str(error), Exit.ALREADY_RUNNING)
    except (app.BadProject, StoreError, OSError) as error:
        return fail(str(error))
    return Exit.DONE


def check(arguments: argparse.Namespace) -> Exit:
    """Print every finding; done means no errors."""
    project, problems = config.read(arguments.dir, app.drivers())
    for problem in problems:
        say_json(problem) if arguments.json else say(str(problem))
    if project is None:
        return Exit.NOT_DONE
    if not arguments.json:
        say(f"{arguments.dir}: {len(project.tags)} tags on {len(project.sources)} sources, no errors")
    return Exit.DONE


class TagLine(msgspec.Struct, frozen=True):
    """A tag as ``tags --json`` prints it."""

    tag: str
    source: str
    address: str
    type: str
    unit: str
    low: float | None
    high: float | None
    rate: float
    writable: bool


def tags(arguments: argparse.Namespace) -> Exit:
    """List the tags as tags.csv has them."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    if arguments.json:
        for tag in project.tags:
            say_json(_line(tag))
        return Exit.DONE
    rows = [("TAG", "SOURCE", "ADDRESS", "TYPE", "UNIT")]
    rows += [(tag.path, tag.source, tag.address, tag.type, tag.unit) for tag in project.tags]
    table(rows)
    return Exit.DONE


def _line(tag: Tag) -> TagLine:
    return TagLine(
        tag.path, tag.source, tag.address, tag.type, tag.unit, tag.low, tag.high, tag.rate, tag.writable
    )


def trust(arguments: argparse.Namespace) -> Exit:
    """List the certificates that were refused, or trust one of them."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    drivers = {source.id: source.driver for source in project.sources}
    if arguments.source not in drivers:
        return fail(f"there is no source {arguments.source!r} in {arguments.dir / 'plant.toml'}")
    if drivers[arguments.source] != "opcua":
        return fail(
            f"source {arguments.source!r} has no certificates to trust: its driver is "
            f"{drivers[arguments.source]!r}, and only OPC UA servers show certificates"
        )
    if arguments.thumbprint:
        try:
            trusted = app.trust(arguments.dir, arguments.source, arguments.thumbprint)
        except LookupError as error:
            return fail(str(error))
        say(f"trusted: {trusted.subject}, thumbprint {trusted.thumbprint}")
        _retry(arguments.dir)
        return Exit.DONE
    waiting = app.rejected(arguments.dir, arguments.source)
    if not waiting and not arguments.json:
        say(f"no certificate of {arguments.source} waits for trust")
    for each in waiting:
        say_json(each) if arguments.json else say(f"{each.thumbprint}  {each.subject}")
    return Exit.DONE


def _retry(folder: Path) -> None:
    """Let a running engine connect at once instead of at its next try."""
    try:
        client = Client(folder, "cli")
    except EngineAbsent:
        return  # it will find the trusted certificate when it starts
    try:
        client.call("retry", None, bool)
    finally:
        client.close()

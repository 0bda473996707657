"""Verbs that work on the project folder: engine, check, tags, trust."""

from __future__ import annotations

import argparse
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine import app, config
from engine.cli.moments import instant
from engine.cli.out import Exit, fail, say, say_json, table
from engine.cli.person import logged_in
from engine.client import Client, EngineAbsent
from engine.clock import SystemClock, rfc3339
from engine.store import StoreError
from engine.types import Certificate, Project, Source, Tag
from engine.wire import SourceBody, TrustBody


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
        say(f"{arguments.dir}: {_holds(project)}, no errors")
    return Exit.DONE


def _holds(project: Project) -> str:
    """How much there is of everything that there is."""
    counts = {
        "tag": len(project.tags),
        "source": len(project.sources),
        "asset type": len(project.types),
        "relation": len(project.relations),
        "document": len({each.file for each in project.documents}),
        "alarm limit": len(project.limits),
        "figure": len(project.kpis),
        "scene part": len(project.parts),
        "drawing": len(project.mimics),
    }
    named = (f"{count} {what}{'' if count == 1 else 's'}" for what, count in counts.items() if count)
    return ", ".join(named)


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
    states: dict[int, str]


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
        tag=tag.path,
        source=tag.source,
        address=tag.address,
        type=tag.type,
        unit=tag.unit,
        low=tag.low,
        high=tag.high,
        rate=tag.rate,
        writable=tag.writable,
        states=tag.states,
    )


def trust(arguments: argparse.Namespace) -> Exit:
    """List the certificates of a source, trust one, take trust back, or hand out our own."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    source = next((each for each in project.sources if each.id == arguments.source), None)
    if source is None:
        return fail(f"there is no source {arguments.source!r} in {arguments.dir / 'plant.toml'}")
    if arguments.unsecured_writes:
        return _confirm(arguments, source)
    if source.driver != "opcua":
        return fail(
            f"source {arguments.source!r} has no certificates to trust: its driver is {source.driver!r}, "
            "and only OPC UA servers show certificates"
        )
    return _of_server(arguments, source)


def _of_server(arguments: argparse.Namespace, source: Source) -> Exit:
    """The same for a source that shows certificates."""
    if arguments.own:
        return _own(arguments)
    if arguments.remove and not arguments.thumbprint:
        return fail("--remove needs the --thumbprint of the certificate to trust no more", Exit.USAGE)
    if arguments.ca is not None:
        try:
            arguments.thumbprint = app.show_authority(arguments.dir, source, arguments.ca)
        except app.RequestRefused as error:
            return fail(str(error))
    if arguments.thumbprint:
        return _decide(arguments, source)
    shown = [each for each in app.certificates(arguments.dir, source) if each.place != "own"]
    if not shown and not arguments.json:
        say(f"no certificate of {source.id} waits for trust, and none is trusted")
    for each in shown:
        _show(each, arguments)
    return Exit.DONE


def _show(certificate: Certificate, arguments: argparse.Namespace) -> None:
    if arguments.json:
        say_json(certificate)
        return
    days = f"{rfc3339(certificate.not_before_us)[:10]} to {rfc3339(certificate.not_after_us)[:10]}"
    named = f"{certificate.subject}  {certificate.uri or 'no application URI'}"
    say(f"{certificate.place:8}  {certificate.thumbprint}  {named}  valid {days}")


def _decide(arguments: argparse.Namespace, source: Source) -> Exit:
    """Trust or distrust, through the engine where one runs: it writes that down and acts at once."""
    op, act = ("distrust", app.distrust) if arguments.remove else ("trust", app.trust)
    try:
        client = Client(arguments.dir, "cli")
    except EngineAbsent:
        try:
            done = act(arguments.dir, source, arguments.thumbprint)
        except app.RequestRefused as error:
            return fail(str(error))
    else:
        try:
            with logged_in(client, arguments):
                done = client.call(op, TrustBody(source.id, arguments.thumbprint), Certificate)
        finally:
            client.close()
    if arguments.json:
        say_json(done)
    else:
        say(f"{op}ed: {done.subject}, thumbprint {done.thumbprint}")
    return Exit.DONE


def _confirm(arguments: argparse.Namespace, source: Source) -> Exit:
    """An administrator confirms that a source may be written over its open link."""
    client = Client(arguments.dir, "cli")
    try:
        with logged_in(client, arguments):
            client.call("unsecured_confirm", SourceBody(source.id), bool)
    finally:
        client.close()
    say(f"{source.id} may be written over its link, which is not encrypted; another endpoint voids this")
    return Exit.DONE


def _own(arguments: argparse.Namespace) -> Exit:
    """Our certificate, which a person puts among those the device trusts."""
    own = app.own_certificate(arguments.dir)
    if arguments.out is not None:
        arguments.out.write_bytes(Path(own.file).read_bytes())
        own = msgspec.structs.replace(own, file=str(arguments.out))
    _show(own, arguments)
    if not arguments.json:
        say(f"put {own.file} among the certificates that the device trusts")
    return Exit.DONE


def asked_past(arguments: argparse.Namespace) -> tuple[Project, int, int] | Exit:
    """The project and the span, UTC microseconds, that a verb with a file to write is asked for.

    What is wrong with them has been said where it gives an `Exit`.
    """
    if arguments.format == "parquet" and arguments.out is None:
        return fail("a Parquet file cannot be printed; name one with --out FILE.parquet", Exit.USAGE)
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    try:
        now_us, zone = SystemClock().now_us(), ZoneInfo(project.plant.timezone)
        start_us, end_us = (instant(text, now_us, zone) for text in (arguments.start, arguments.end))
    except ValueError as error:
        return fail(str(error), Exit.USAGE)
    if start_us >= end_us:
        return fail(f"nothing lies between {arguments.start} and {arguments.end}: the start must come first")
    return project, start_us, end_us

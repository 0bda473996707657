"""The verbs that hand a project's assets to other systems and take theirs in."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine import app, config, paths
from engine.cli.history import opened
from engine.cli.out import Exit, fail, say, say_json
from engine.cli.project import loaded
from engine.client import Client
from engine.clock import SystemClock
from engine.historian.export import Rows, copy
from engine.store import StoreError
from engine.store.catalogue import known_tags
from engine.types import BrowseItem, Problem, Project, Tag
from engine.wire import BrowseAnswer, BrowseBody

if TYPE_CHECKING:
    from engine.twin.aas_submodels import Sample, Samples
    from engine.twin.import_rows import Imported

# engine.twin is imported by the verbs alone: every other verb starts without it.
BROWSE_TIMEOUT_S = 60
MOST_SAID = 40
MOST_SAMPLES = 10_000
"""Of one tag in an exported file, the newest ones."""
MOST_HOURS = 24.0 * 31


class Summary(msgspec.Struct, frozen=True):
    """The last line of ``import --json``."""

    applied: bool
    added: int
    changed: int
    kept: int
    files: tuple[str, ...]
    notes: tuple[str, ...]


def add_import(verb: argparse.ArgumentParser) -> None:
    """What ``watchroom import`` understands."""
    kind = verb.add_mutually_exclusive_group()
    kind.add_argument(
        "--aas", type=Path, metavar="FILE", help="asset administration shells: AASX, JSON or XML"
    )
    kind.add_argument("--csv", type=Path, metavar="FILE", help="an asset list of another system")
    kind.add_argument("--nodeset", type=Path, metavar="FILE", help="an OPC UA NodeSet2 file; with --source")
    verb.add_argument(
        "--source", metavar="ID", help="alone: walk this OPC UA server; with --nodeset: its tags' source"
    )
    verb.add_argument("--node", default="", metavar="ADDRESS", help="with --source: where to begin")
    verb.add_argument("--under", default="", metavar="PATH", help="put all assets below this one")
    verb.add_argument(
        "--map", action="append", default=[], metavar="HEADER=FIELD", help="with --csv: what a column is"
    )
    verb.add_argument("--apply", action="store_true", help="write it; without this it is only shown")
    verb.add_argument("--replace", action="store_true", help="what is imported wins over rows that are there")
    verb.add_argument("--json", action="store_true", help="one JSON object a line")


def add_export(verb: argparse.ArgumentParser) -> None:
    """What ``watchroom export`` understands."""
    verb.add_argument("--aas", type=Path, required=True, metavar="OUT.aasx", help="the AASX package to write")
    verb.add_argument("--hours", type=_hours, metavar="N", help="with the stored samples of the last N hours")
    verb.add_argument("--asset", default="", metavar="PATH", help="only this asset and all below it")
    verb.add_argument(
        "--iri", default="", metavar="BASE", help="what all ids begin with, as https://example.com/p"
    )


def take_in(arguments: argparse.Namespace) -> Exit:
    """Show, or with ``--apply`` write, the rows that another system's assets make."""
    from engine.twin.import_apply import apply, plan
    from engine.twin.import_fit import fit
    from engine.twin.import_rows import ImportProblem, segment

    if arguments.apply:
        app.finish_import(arguments.dir)
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    arguments.under = "/".join(segment(part) for part in arguments.under.split("/") if part.strip())
    try:
        read = _reader(arguments, project)
        if isinstance(read, Exit):
            return read
        imported = fit(read(), project)
        planned = plan(arguments.dir, imported, replace=arguments.replace)
        if arguments.apply:
            apply(arguments.dir, planned, _check)
    except ImportProblem as error:
        return fail(str(error))
    changes = planned.changes
    counts = {do: sum(each.do == do for each in changes) for do in ("add", "change", "keep")}
    if arguments.json:
        for change in changes:
            say_json(change)
        say_json(
            Summary(
                *(arguments.apply, counts["add"], counts["change"], counts["keep"]),
                *(planned.new_files, planned.notes),
            )
        )
        return Exit.DONE
    _tell(changes, planned.new_files, planned.notes)
    written = "written" if arguments.apply else "nothing is written yet; --apply writes it"
    if not planned.files:
        written = "nothing to write"
    say(
        f"{counts['add']} new rows, {counts['change']} changed, {counts['keep']} kept that differ, "
        f"{len(planned.new_files)} documents: {written}"
    )
    return Exit.DONE


def _tell(changes: Sequence[object], files: Sequence[str], notes: Sequence[str]) -> None:
    """The preview, its lists clipped: --json has all of it."""
    for lines in (changes, [f"documents: + {each}" for each in files], [f"note: {each}" for each in notes]):
        for each in lines[:MOST_SAID]:
            say(str(each))
        if len(lines) > MOST_SAID:
            say(f"… and {len(lines) - MOST_SAID} more; --json has them all")


def _check(folder: Path) -> Sequence[Problem]:
    return config.read(folder, app.drivers())[1]


def _reader(arguments: argparse.Namespace, project: Project) -> Callable[[], Imported] | Exit:
    """What reads the thing that was asked for."""
    under: str = arguments.under
    if arguments.aas is not None:
        from engine.twin.aas_import import import_aas

        return lambda: import_aas(arguments.aas, under=under)
    if arguments.csv is not None:
        from engine.twin.import_csv import import_csv

        mapping = {name: field for each in arguments.map for name, _, field in [each.rpartition("=")]}
        if "" in mapping:
            return fail("--map wants HEADER=FIELD, as in --map Location=path", Exit.USAGE)
        return lambda: import_csv(arguments.csv, under=under, mapping=mapping)
    source = arguments.source or next(
        (each.id for each in project.sources if each.driver == "opcua" and arguments.nodeset), ""
    )
    if not source:
        return fail("say what to import: --aas FILE, --csv FILE, --nodeset FILE or --source ID", Exit.USAGE)
    driver = next((each.driver for each in project.sources if each.id == source), "")
    if driver != "opcua":
        what = f"is no OPC UA server: its driver is {driver!r}" if driver else "is not in plant.toml"
        return fail(f"source {source!r} {what}")
    if arguments.nodeset is not None:
        from engine.twin.nodeset_import import import_nodeset

        return lambda: import_nodeset(arguments.nodeset, source, under=under)
    return lambda: _browsed(arguments, source)


def _browsed(arguments: argparse.Namespace, source: str) -> Imported:
    """The server's nodes, asked for through the engine: it holds the session, and small PLCs allow few."""
    from engine.twin.browse_import import import_browsed

    client = Client(arguments.dir, "cli")

    def look(node: str) -> Sequence[BrowseItem]:
        body = BrowseBody(source, node)
        return client.call("browse", body, BrowseAnswer, timeout_s=BROWSE_TIMEOUT_S).items

    def progress(looks: int, tags: int) -> None:
        if looks % 100 == 0:
            fail(f"{looks} folders looked into, {tags} variables so far")

    try:
        return import_browsed(look, source, arguments.node, under=arguments.under, progress=progress)
    finally:
        client.close()


def hand_out(arguments: argparse.Namespace) -> Exit:
    """Write the assets of a project as an AASX package."""
    from engine.twin.aas_export import export, write
    from engine.twin.import_rows import ImportProblem

    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    try:
        with _samples(project, arguments) as samples:
            under, base = arguments.asset.strip("/"), arguments.iri.rstrip("/")
            exported = export(project, under=under, base=base, samples=samples)
        write(arguments.aas, exported)
    except (ImportProblem, StoreError) as error:
        return fail(str(error))
    for note in exported.notes:
        fail(f"note: {note}")
    shells = f"{exported.assets} shell{'' if exported.assets == 1 else 's'}"
    count = len(exported.files)
    say(f"{shells} and {count} document{'' if count == 1 else 's'} in {arguments.aas}")
    return Exit.DONE


@contextmanager
def _samples(project: Project, arguments: argparse.Namespace) -> Generator[Samples | None]:
    """The stored samples of tags, of each the newest so many; None = not asked for. Needs no engine."""
    if arguments.hours is None:
        yield None
        return
    known = known_tags(arguments.dir / "data" / "catalogue.db")
    numbered = {
        tag.path: msgspec.structs.replace(tag, tag_id=known[tag.path])
        for tag in project.tags
        if tag.path in known
    }
    end_us = SystemClock().now_us()
    start_us = end_us - int(arguments.hours * 3600e6)
    with opened(paths.history(arguments.dir), numbered.values()) as stored:

        def samples(tag: Tag) -> Sequence[Sample]:
            kept = _Kept()
            if tag.path in numbered:
                copy(stored, [numbered[tag.path]], start_us, end_us, kept)
            return list(kept.samples)

        yield samples


class _Kept:
    """The newest samples of one tag that have a value."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=MOST_SAMPLES)

    def put(self, rows: Rows) -> None:
        """Add rows."""
        for time_us, value in zip(rows.source_us.tolist(), rows.value, strict=True):
            if value is not None:
                self.samples.append((time_us, value))

    def end(self) -> None:
        """All rows were put."""


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"wants hours, above 0 and at most {MOST_HOURS:g}")
    return hours

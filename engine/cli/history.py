"""The verb that prints or exports stored samples. It reads the files: with and without an engine."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from engine import historian, paths
from engine.cli.moments import length
from engine.cli.out import Exit, fail, say
from engine.cli.project import asked_past
from engine.client import Client, EngineAbsent
from engine.historian.export import FORMATS, copy, writer, written
from engine.historian.points import copy_points
from engine.historian.rollups import oldest_in
from engine.store import StoreError
from engine.store.catalogue import known_tags
from engine.types import Tag
from engine.wire import PlantAnswer

NEAR = 5
TIMES = ("--start", "--end")


def joined(words: Sequence[str]) -> list[str]:
    """The words of a command with ``--start -24h`` as ``--start=-24h``: a time is no option."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in TIMES and word[:1] == "-" and word[1:2].isdigit():
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What ``watchroom history`` understands."""
    verb.add_argument("tag", nargs="+", help="path of a tag")
    verb.add_argument("--start", default="-1h", help="2026-11-22T14:30:00Z, -24h or now; without it -1h")
    verb.add_argument("--end", default="now", help="where to stop, written alike; without it now")
    coarse = verb.add_mutually_exclusive_group()
    coarse.add_argument(
        "--points", type=_count, metavar="N", help="a curve of at most 2N points: low and high"
    )
    coarse.add_argument("--step", type=_step, metavar="S", help="the value at every step, such as 10s or 1m")
    verb.add_argument("--format", choices=FORMATS, default="csv", help="csv if left out")
    verb.add_argument("--out", type=Path, metavar="FILE", help="write to this file instead")


def history(arguments: argparse.Namespace) -> Exit:
    """Print stored samples of tags, or write them to a file."""
    asked = asked_past(arguments)
    if isinstance(asked, Exit):
        return asked
    project, start_us, end_us = asked
    try:
        known = known_tags(arguments.dir / "data" / "catalogue.db")
        tags = _numbered(_described(arguments.dir) or project.tags, known)
        missing = [path for path in arguments.tag if path not in tags]
        if missing:
            return fail("\n".join(_unknown(path, tags) for path in missing))
        wanted = [tags[path] for path in arguments.tag]
        with opened(paths.history(arguments.dir), tags.values()) as stored:
            return _print(arguments, stored, wanted, (start_us, end_us))
    except StoreError as error:
        return fail(str(error))


def _print(
    arguments: argparse.Namespace,
    stored: historian.StoredHistory,
    tags: Sequence[Tag],
    span: tuple[int, int],
) -> Exit:
    with _target(arguments.out) as file:
        mark, format = arguments.out is not None, arguments.format
        if arguments.points:
            count = copy_points(stored, tags, span, arguments.points, file, format, mark=mark)
        else:
            to = writer(file, format, mark=mark)
            count = copy(stored, tags, *span, to, arguments.step or 0)
    if arguments.out is not None:
        say(f"{count} row{'' if count == 1 else 's'} in {arguments.out}")
    return Exit.DONE


@contextmanager
def opened(place: Path, tags: Iterable[Tag]) -> Generator[historian.StoredHistory]:
    """The history as it is on disk now; an engine may be writing it."""

    def told(text: str) -> None:
        fail(text)

    tail = historian.load_tail(place)
    rates = {tag.tag_id: tag.rate for tag in tags}
    fast = [tag.tag_id for tag in tags if historian.is_fast(tag)]
    stored = historian.StoredHistory(place, tail, fast=fast, told=told)
    rollups = historian.Rollups(place, stored, rates, oldest_in(tail), read_only=True)
    stored.use(rollups.rollup)
    try:
        yield stored
    finally:
        rollups.close()
        stored.close()


@contextmanager
def _target(out: Path | None) -> Generator[BinaryIO]:
    if out is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with written(out) as file:
        yield file


def _described(folder: Path) -> Sequence[Tag]:
    """The tags as the engine knows them, with types and units that devices told; none where none runs."""
    try:
        client = Client(folder, "cli")
    except EngineAbsent:
        return ()
    try:
        return client.call("plant", None, PlantAnswer).project.tags
    finally:
        client.close()


def _numbered(written: Iterable[Tag], known: Mapping[str, int]) -> dict[str, Tag]:
    """All tags that there are or ever were, by path. One without a number (-1) never had a sample."""
    tags = {path: Tag(number, path, "", "") for path, number in known.items()}
    tags.update({tag.path: replace(tag, tag_id=known.get(tag.path, -1)) for tag in written})
    return tags


def _unknown(path: str, tags: Mapping[str, Tag]) -> str:
    lower = {each.lower(): each for each in tags}
    near = [lower[each] for each in difflib.get_close_matches(path.lower(), lower, NEAR)]
    near += [each for each in tags if path.lower() in each.lower() and each not in near]
    told = f"; did you mean {' or '.join(near[:NEAR])}?" if near else f", {len(tags)} others are known"
    return f"there is no tag {path!r}{told}"


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("wants a number above 0")
    return count


def _step(text: str) -> int:
    try:
        step_us = length(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if step_us < 1:
        raise argparse.ArgumentTypeError("wants a step above 0")
    return step_us

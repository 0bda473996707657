"""The verb that prints or exports what alarms did. It reads the file: with and without an engine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, get_args

from engine.app.alarm_export import AT_ONCE, copy, writer
from engine.cli.out import Exit, fail, plain, say
from engine.cli.project import asked_past
from engine.clock import rfc3339
from engine.historian.export import FORMATS, written
from engine.store import StoreError
from engine.store.alarm_journal import AlarmJournal
from engine.types import AlarmChange, LimitKind, What
from engine.wire import AlarmJournalBody


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What ``watchroom alarm-journal`` understands."""
    verb.add_argument("--start", default="-24h", help="2026-11-22T14:30:00Z, -24h or now; without it -24h")
    verb.add_argument("--end", default="now", help="where to stop, written alike; without it now")
    verb.add_argument("--under", default="", metavar="PATH", help="only of this tag or area")
    verb.add_argument(
        "--priority",
        type=int,
        action="append",
        default=[],
        choices=range(1, 5),
        help="may be given several times",
    )
    verb.add_argument("--kind", action="append", default=[], choices=get_args(LimitKind), metavar="KIND")
    verb.add_argument(
        "--what",
        action="append",
        default=[],
        choices=get_args(What),
        metavar="WHAT",
        help="active, shelved, …",
    )
    verb.add_argument("--text", default="", help="looked for in path, message, remark and person")
    verb.add_argument("--most", type=_count, metavar="N", help="the newest N; without it all")
    verb.add_argument("--format", choices=("text", *FORMATS), default="text", help="text if left out")
    verb.add_argument("--out", type=Path, metavar="FILE", help="write to this file instead")


def alarm_journal(arguments: argparse.Namespace) -> Exit:
    """Print what alarms did, the newest first, or write it to a file."""
    asked = asked_past(arguments)
    if isinstance(asked, Exit):
        return asked
    _, start_us, end_us = asked
    wanted = AlarmJournalBody(
        start_us,
        end_us,
        under=arguments.under.strip("/"),
        priorities=tuple(arguments.priority),
        kinds=tuple(arguments.kind),
        whats=tuple(arguments.what),
        text=arguments.text,
    )
    try:
        return _print(arguments, AlarmJournal(arguments.dir / "data" / "journal.db"), wanted)
    except StoreError as error:
        return fail(str(error))


def _print(arguments: argparse.Namespace, journal: AlarmJournal, wanted: AlarmJournalBody) -> Exit:
    portions = _first(journal, wanted, arguments.most)
    if arguments.format == "text" and arguments.out is None:
        count = 0
        for _, changes in portions:
            count += len(changes)
            for each in changes:
                say(worded(each))
        if not count:
            say("no alarm did anything then")
        return Exit.DONE
    with _target(arguments.out) as file:
        if arguments.format == "text":
            count = copy(portions, _Text(file))
        else:
            count = copy(portions, writer(file, arguments.format, mark=arguments.out is not None))
    if arguments.out is not None:
        say(f"{count} change{'' if count == 1 else 's'} in {arguments.out}")
    return Exit.DONE


def worded(change: AlarmChange) -> str:
    """One line for a person."""
    value = "" if change.value is None else f"  {change.value:.6g}"
    limit = "" if not value or change.limit is None else f" (limit {change.limit:g})"
    until = f"until {rfc3339(change.until_us)}" if change.until_us else ""
    said = "  ".join(each for each in (f"by {change.by}" if change.by else "", change.text, until) if each)
    what = f"{change.what.replace('_', ' ')} [{change.letter}]"
    head = (
        f"{rfc3339(change.time_us)}  {change.priority}  {what}  {change.message}  {change.path} {change.kind}"
    )
    return f"{head}{value}{limit}" + (f"  {said}" if said else "")


class _Text:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def put(self, changes: Sequence[AlarmChange]) -> None:
        self._file.write("".join(f"{plain(worded(each))}\n" for each in changes).encode())

    def end(self) -> None:
        pass


def _first(
    journal: AlarmJournal, wanted: AlarmJournalBody, most: int | None
) -> Generator[tuple[float, list[AlarmChange]]]:
    left = most
    with closing(journal.portions(wanted, AT_ONCE if most is None else min(most, AT_ONCE))) as portions:
        for done, changes in portions:
            yield done, changes if left is None else changes[:left]
            if left is not None:
                left -= len(changes)
                if left <= 0:
                    return


@contextmanager
def _target(out: Path | None) -> Generator[BinaryIO]:
    if out is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with written(out) as file:
        yield file


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("wants a number above 0")
    return count

"""The verbs that read a ledger: check it, list it, export it. None needs an engine, and none disturbs one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from engine.app.ledger_anew import ended, file_of
from engine.app.ledger_open import CHECKPOINTS
from engine.cli import ledger_outside
from engine.cli.moments import instant
from engine.cli.out import Exit, fail, say, say_json
from engine.cli.project import loaded
from engine.clock import SystemClock, rfc3339
from engine.ledger import (
    Entry,
    LedgerError,
    ProofRefused,
    Reading,
    Verdict,
    Wanted,
    verify_file,
    write_bundle,
    write_span,
)
from engine.ledger.stamped import check_bundle, check_stamps, stamped
from engine.ledger.trust import read_trust
from engine.ledger.verify_bundle import installed_ed25519, sentences, verify

PAGE = 1000
LONGEST_LINE = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What there is to say about it on the command line."""
    does = parser.add_subparsers(required=True, metavar="DO")
    checked = does.add_parser("verify", help="check every entry, hash, proof and signature")
    checked.set_defaults(ledger=_verify)
    checked.add_argument(
        "what", type=Path, metavar="DIR|BUNDLE|FILE.db", help="a project, a bundle, or the file of a ledger"
    )
    checked.add_argument("--trust", type=Path, metavar="FILE", help="JSON file with the keys that count")
    checked.add_argument(
        "--stamp-ca", type=Path, metavar="FILE", help="check the time stamps, by these authorities (PEM)"
    )
    listed = does.add_parser("list", help="print entries, the newest first")
    listed.set_defaults(ledger=_list)
    saved = does.add_parser("export", help="write a bundle that a stranger can check")
    saved.set_defaults(ledger=_export)
    for each in (listed, saved):
        each.add_argument("dir", type=Path, help="the project folder")
        each.add_argument("--start", default="", help="2026-11-22T14:30:00Z, -24h; without it from the first")
        each.add_argument("--end", default="", help="where to stop, written alike; without it the newest")
        each.add_argument("--ended", default="", metavar="NAME", help="a ledger that was ended before")
    saved.add_argument("out", type=Path, metavar="FILE", help="the bundle to write")
    listed.add_argument("--text", default="", help="only entries with these words")
    for each in (checked, listed):
        each.add_argument("--json", action="store_true", help="one JSON object a line")
    ledger_outside.add_verbs(does)


def ledger(arguments: argparse.Namespace) -> Exit:
    """Do what is asked for with a ledger."""
    try:
        return arguments.ledger(arguments)
    except (LedgerError, msgspec.MsgspecError) as error:
        return fail(str(error))


def _verify(arguments: argparse.Namespace) -> Exit:
    what: Path = arguments.what
    if what.is_dir():
        code = _file(file_of(what, ""), arguments, arguments.trust)
        for each in ended(what):  # a trust file is of one ledger
            code = max(code, _file(file_of(what, each.name), arguments, None))
        return code
    return _file(what, arguments, arguments.trust) if what.suffix == ".db" else _bundle(what, arguments)


def _file(path: Path, arguments: argparse.Namespace, trust: Path | None) -> Exit:
    verdict = verify_file(path, read_trust(trust) if trust else None, _shown)
    stamps = path.parent / CHECKPOINTS
    if arguments.stamp_ca and not verdict.findings:
        said, wrong = check_stamps(stamps, path, arguments.stamp_ca)
        verdict.notes += said
        verdict.findings += wrong
    elif count := len(stamped(stamps, verdict.origin)):
        verdict.notes.append(f"{count} time stamps were not checked: --stamp-ca FILE checks them.")
    code = Exit.NOT_DONE if verdict.findings else Exit.DONE
    if arguments.json:
        say_json({"kind": "ledger", "fits": not verdict.findings, **msgspec.structs.asdict(verdict)})
        return code
    for line in verdict.findings:
        fail(line)
    if verdict.findings:
        return fail(f"{path} DOES NOT FIT what was signed: do not rely on it, and keep it as it is")
    for line in _words(verdict):
        say(line)
    return code


def _words(verdict: Verdict) -> list[str]:
    whose = "trusted keys" if verdict.trusted else "the key it names itself"
    said = [
        f"{verdict.size} entries of {verdict.origin!r} fit {verdict.checkpoints} checkpoints, "
        f"signed with {whose}."
    ]
    if verdict.cosigned_size:
        said.append(f"Others cosigned it up to {verdict.cosigned_size} entries.")
    return said + verdict.notes


def _bundle(path: Path, arguments: argparse.Namespace) -> Exit:
    known = msgspec.to_builtins(read_trust(arguments.trust)) if arguments.trust else None
    result = verify(path, known, installed_ed25519())
    if arguments.stamp_ca and not result.findings:
        try:
            said, wrong = check_bundle(path, arguments.stamp_ca)
        except ProofRefused as error:
            return fail(f"{arguments.stamp_ca}: {error}", Exit.USAGE)
        result.stamps, result.notes, result.findings = [], [*said, *result.notes], wrong
    if arguments.json:
        say_json({"kind": "bundle", "fits": not result.findings, **asdict(result)})
    elif not result.findings:
        for line in sentences(result):
            say(line)
    else:
        for line in sentences(result):
            fail(line)
    return Exit.NOT_DONE if result.findings else Exit.DONE


def _list(arguments: argparse.Namespace) -> Exit:
    span = _span(arguments)
    if isinstance(span, Exit):
        return span
    reading = Reading(file_of(arguments.dir, arguments.ended))
    count = 0
    try:
        for entry in _entries(reading, Wanted(arguments.text, start_us=span[0], end_us=span[1])):
            count += 1
            say(entry.line.decode("utf-8", "replace") if arguments.json else _line(entry))
    finally:
        reading.close()
    if not count and not arguments.json:
        say("no entry is like that")
    return Exit.DONE


def _entries(reading: Reading, wanted: Wanted) -> Iterator[Entry]:
    before = reading.size
    while found := reading.newest(wanted, before, PAGE):
        yield from found
        before = found[-1].seq


def _line(entry: Entry) -> str:
    content = entry.content
    body = msgspec.json.encode(content.get("body", {"hidden": True})).decode()
    said = body if len(body) <= LONGEST_LINE else f"{body[:LONGEST_LINE]}…"
    return (
        f"{rfc3339(content['time_us'])}  #{entry.seq}  {content['type']}  {content.get('actor', '')}  {said}"
    )


def _export(arguments: argparse.Namespace) -> Exit:
    span = _span(arguments)
    if isinstance(span, Exit):
        return span
    if arguments.out.exists():
        return fail(f"{arguments.out} is there already, maybe as evidence: give another name")
    file = file_of(arguments.dir, arguments.ended)
    reading = Reading(file)
    try:
        stamps = stamped(file.parent / CHECKPOINTS, reading.origin)
        if arguments.start or arguments.end:
            count = write_span(reading, arguments.out, span[0], span[1] or 2**62, stamps, _shown)
        else:
            count = write_bundle(reading, arguments.out, stamps=stamps, watch=_shown)
    finally:
        reading.close()
    say(f"{count} entries in {arguments.out}")
    return Exit.DONE


def _span(arguments: argparse.Namespace) -> tuple[int, int] | Exit:
    """From and to in UTC microseconds; 0 = no bound there."""
    project = loaded(arguments.dir)
    if isinstance(project, Exit):
        return project
    now_us, zone = SystemClock().now_us(), ZoneInfo(project.plant.timezone)
    try:
        start_us, end_us = (
            instant(text, now_us, zone) if text else 0 for text in (arguments.start, arguments.end)
        )
    except ValueError as error:
        return fail(str(error), Exit.USAGE)
    if end_us and start_us >= end_us:
        return fail(f"nothing lies between {arguments.start} and {arguments.end}: the start must come first")
    return start_us, end_us


def _shown(share: float) -> bool:
    """Progress in percents on a terminal; nothing where a program reads."""
    if sys.stderr.isatty():
        print(f"\r{share:4.0%}", end="\n" if share == 1 else "", file=sys.stderr, flush=True)
    return True

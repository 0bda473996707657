"""The verb that checks a ledger: that of a project, or a bundle of one."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

import msgspec

from engine.cli.out import Exit, fail, say, say_json
from engine.ledger import LedgerError, Verdict, verify_file
from engine.ledger.trust import read_trust
from engine.ledger.verify_bundle import installed_ed25519, sentences, verify

FILE = "data/ledger.db"
"""Where a project has its ledger."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What there is to say about it on the command line."""
    parser.add_argument("do", choices=["verify"])
    parser.add_argument("what", type=Path, metavar="DIR|BUNDLE", help="a project, or a bundle of its ledger")
    parser.add_argument("--trust", type=Path, metavar="FILE", help="JSON file with the keys that count")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")


def ledger(arguments: argparse.Namespace) -> Exit:
    """Check every entry, hash, proof and signature; needs no engine, and disturbs none."""
    what: Path = arguments.what
    try:
        if what.is_dir():
            return _project(what / FILE, arguments.trust, arguments.json)
        return _bundle(what, arguments.trust, arguments.json)
    except (LedgerError, msgspec.MsgspecError) as error:
        return fail(str(error))


def _project(path: Path, trust: Path | None, as_json: bool) -> Exit:
    verdict = verify_file(path, read_trust(trust) if trust else None, _shown)
    code = Exit.NOT_DONE if verdict.findings else Exit.DONE
    if as_json:
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


def _bundle(path: Path, trust: Path | None, as_json: bool) -> Exit:
    known = msgspec.to_builtins(read_trust(trust)) if trust else None
    result = verify(path, known, installed_ed25519())
    if as_json:
        say_json({"kind": "bundle", "fits": not result.findings, **asdict(result)})
    elif not result.findings:
        for line in sentences(result):
            say(line)
    else:
        for line in sentences(result):
            fail(line)
    return Exit.NOT_DONE if result.findings else Exit.DONE


def _shown(share: float) -> bool:
    """Progress in percents on a terminal; nothing where a program reads."""
    if sys.stderr.isatty():
        print(f"\rchecking {share:4.0%}", end="\n" if share == 1 else "", file=sys.stderr, flush=True)
    return True

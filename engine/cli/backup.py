"""The verbs that save a project with its history, and bring it back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.cli.out import Exit, fail, say
from engine.clock import SystemClock, rfc3339
from engine.store.backup import back_up
from engine.store.manifest import BackupRefused, Manifest, Watch
from engine.store.restore import restore as bring_back


def backup(arguments: argparse.Namespace) -> Exit:
    """Save a project to an archive or into a folder of backups; its engine may run."""
    to: Path = arguments.to
    try:
        made = back_up(
            arguments.dir, to, SystemClock().now_us(), keys=arguments.with_keys, watch=_shown("backing up")
        )
    except BackupRefused as error:
        return fail(str(error))
    say(f"{_holds(made)} saved to {to}")
    if made.keys:
        say("it holds private keys: keep it where only you can read it")
    for path in made.earlier:
        say(f"{path} is damaged; the backup holds it as it was in the backup before")
    for left in made.left_out:
        say(f"not saved: {left}")
    return Exit.NOT_DONE if any(left.startswith("data/") for left in made.left_out) else Exit.DONE


def restore(arguments: argparse.Namespace) -> Exit:
    """Bring a backup back into an empty folder."""
    try:
        found = bring_back(arguments.backup, arguments.dir, _shown("restoring"))
    except BackupRefused as error:
        return fail(str(error))
    say(f"{_holds(found)} restored to {arguments.dir}, as they were {rfc3339(found.made_us)}")
    if not found.keys:
        say(
            "certificates are not part of this backup: servers with security will have to be trusted again, "
            "and will have to trust this computer"
        )
    return Exit.DONE


def _holds(manifest: Manifest) -> str:
    return f"{len(manifest.entries)} files of {manifest.name!r}, {manifest.size / 1e6:.1f} MB,"


def _shown(what: str) -> Watch:
    """Progress in whole percents on a terminal; nothing where a program reads."""
    last = -1

    def watch(share: float) -> bool:
        nonlocal last
        percent = int(share * 100)
        if percent != last and sys.stderr.isatty():
            last = percent
            print(f"\r{what} {percent} %", end="\n" if percent == 100 else "", file=sys.stderr, flush=True)
        return True

    return watch

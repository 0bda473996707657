"""``watchroom soak``: hours of mixed faults on a plant whose every value is known, in its own process."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from engine.cli.out import Exit, fail
from engine.paths import SAFE_PATH

END_S = 900.0
"""How long a soak that was told to end may take for its last verdict and its figures."""


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What ``watchroom soak`` understands."""
    add = verb.add_argument
    add("--minutes", default="60", metavar="N", help="how long; 60 if left out, 480 or 4320 at a site")
    add("--seed", metavar="N", help="strike the same again; drawn and printed if left out")
    add("--plant", metavar="NAME", help="which demo plant; framing if left out")
    add("--every", metavar="S", help="one fault every S seconds; 60 if left out")
    add("--kill-every", metavar="S", help="the engine is killed every S seconds; 600 if left out")
    add("--window", action="store_true", help="with a window off screen, and how late it is")
    add("--keep", action="store_true", help="leave the project and its history where they are")
    add("--dir", type=Path, help="where to make its folder; the system's place for such if left out")
    add("--json", type=Path, metavar="FILE", help="write all figures to this file")


def soak(arguments: argparse.Namespace) -> Exit:
    """Run it to its end; Ctrl+C ends it with the figures so far."""
    process = subprocess.Popen([sys.executable, *SAFE_PATH, "-m", "engine.testing.soak", *_words(arguments)])
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    try:
        code = process.wait()
    except KeyboardInterrupt:  # the terminal told the other process, too
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(END_S)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            process.kill()
            code = process.wait()
    if code < 0:
        return fail(f"the soak was ended by signal {-code}; it has no figures")
    return {0: Exit.DONE, 2: Exit.USAGE}.get(code, Exit.NOT_DONE)


def _words(arguments: argparse.Namespace) -> list[str]:
    given = {
        f"--{name.replace('_', '-')}": getattr(arguments, name)
        for name in ("minutes", "seed", "plant", "every", "kill_every", "dir", "json")
    }
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return [*words, *(f"--{name}" for name in ("window", "keep") if getattr(arguments, name))]

"""``python -m engine.testing.soak``: what ``watchroom soak`` runs."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine import paths
from engine.clock import SystemClock
from engine.testing.demo_plant.plants import PLANTS
from engine.testing.soak.report import Figures, table
from engine.testing.soak.rig import Place, SoakFailed
from engine.testing.soak.run import soak
from engine.testing.soak.state import Asked


def main(words: Sequence[str] | None = None) -> int:
    """Run a soak; 0 = every invariant held, 1 = one broke, or the soak could not run."""
    asked = _parse(words)
    if not hasattr(signal, "SIGSTOP"):
        print("a soak freezes and kills processes by signals that this system does not have", file=sys.stderr)
        return 1
    settings = _settings(asked)
    folder = Path(tempfile.mkdtemp(prefix="watchroom-soak-", dir=asked.dir))
    try:
        figures = asyncio.run(soak(settings, Place(folder), _say))
        return _told(figures, asked.json, _again(settings, asked))
    except (SoakFailed, OSError) as error:
        print(f"the soak cannot go on: {error}", file=sys.stderr)
        return 1
    finally:
        if asked.keep:
            _say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="watchroom soak", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=60.0, help="how long; 60 if left out, 480 or 4320 at a site")
    add("--seed", type=int, help="strike the same again; drawn and printed if left out")
    add("--plant", choices=PLANTS, default="framing")
    add("--every", type=float, default=60.0, metavar="S", help="one fault every S seconds; 60 if left out")
    add("--kill-every", type=float, default=600.0, metavar="S", help="the engine is killed so often")
    add("--window", action="store_true", help="with a window, off screen")
    add("--keep", action="store_true", help="leave the folder of the soak")
    add("--dir", type=Path, help="where to make that folder; the system's own place if left out")
    add("--json", type=Path, metavar="FILE", help="write all figures to this file")
    asked = parser.parse_args(words)
    if asked.minutes <= 0 or asked.every <= 0 or asked.kill_every <= 0:
        parser.error("--minutes, --every and --kill-every want numbers above 0")
    if asked.minutes * 60 < 2 * asked.every:
        parser.error(
            f"{asked.minutes:g} min have no room for a fault every {asked.every:g} s; give a smaller --every"
        )
    return asked


def _settings(asked: argparse.Namespace) -> Asked:
    seed = SystemClock().now_us() % 1_000_000_000 if asked.seed is None else asked.seed
    return Asked(seed, asked.plant, asked.minutes * 60, asked.every, asked.kill_every, asked.window)


def _told(figures: Figures, file: Path | None, again: str) -> int:
    if file is not None:
        content = msgspec.json.format(msgspec.json.encode(figures), indent=1)
        paths.replace_file(file, content)
    _say("")
    for line in table(figures):
        _say(line)
    if not figures.broken:
        _say(f"every invariant held for {figures.minutes:.1f} min; the same again: {again}")
        return 0
    for sentence in figures.broken:
        print(f"broken: {sentence}", file=sys.stderr)
    print(f"the same again: {again}", file=sys.stderr, flush=True)
    return 1


def _again(settings: Asked, asked: argparse.Namespace) -> str:
    words = [f"watchroom soak --minutes {asked.minutes:g} --seed {settings.seed} --plant {settings.plant}"]
    words += [f"--every {settings.every_s:g} --kill-every {settings.kill_every_s:g}"]
    return " ".join([*words, *(["--window"] if settings.window else [])])


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

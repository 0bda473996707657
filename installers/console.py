"""What a person sees during set-up: step lines, and a sign of life while a command runs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

QUIET_S = 4.0
"""After this long without a line from the command, the elapsed time is shown."""


class SetupFailed(Exception):
    """Set-up cannot go on; the text says why and what to do next."""


def say(text: str) -> None:
    """One line to the person, at once."""
    print(text, flush=True)


def run_visibly(
    command: Sequence[str],
    log: Path,
    brief: Callable[[str], str],
    environment: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Run ``command``, its whole output into ``log``; gives exit status and output.

    ``brief`` turns a line of output into what is shown of it, "" = nothing. Never silent for longer
    than ``QUIET_S``.
    """
    lines: list[str] = []
    spoke = threading.Event()
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(spoke, done), daemon=True)
    with log.open("a", encoding="utf-8", errors="replace") as out:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **(environment or {})},
        )
        ticker.start()
        try:
            for line in process.stdout or ():
                lines.append(line)
                out.write(line)
                shown = brief(line.strip())
                if shown:
                    spoke.set()
                    say(f"      {shown}")
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            done.set()
            spoke.set()
            ticker.join()
    return status, "".join(lines)


def _tick(spoke: threading.Event, done: threading.Event) -> None:
    started = time.monotonic()
    while not done.is_set():
        if not spoke.wait(QUIET_S):
            say(f"      … working, {time.monotonic() - started:.0f} s")
        elif not done.is_set():
            spoke.clear()


def agrees(question: str) -> bool:
    """Ask; Enter means yes. Without a person at the keyboard the answer is yes."""
    if not sys.stdin or not sys.stdin.isatty():
        return True
    try:
        return input(f"{question} [Y/n] ").strip().lower() in ("", "y", "yes")
    except EOFError:
        return True

"""Rotating logs and crash traces in PROJECT/data/log."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import time
from pathlib import Path
from typing import TextIO

from engine import paths

BYTES = 2_000_000
KEPT = 10


def open_logs(folder: Path, name: str) -> TextIO:
    """Log this process to ``<name>.log`` (UTC) and its crashes to ``<name>.crash``.

    Returns the crash file, which must stay open as long as the process runs.
    """
    log_folder = paths.log(folder)
    handler = logging.handlers.RotatingFileHandler(
        log_folder / f"{name}.log", maxBytes=BYTES, backupCount=KEPT, encoding="utf-8"
    )
    layout = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
    formatter = logging.Formatter(layout, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # These speak of every lost packet; our own supervisor says it once, in words.
    for noisy in ("asyncua", "pymodbus"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    crash = (log_folder / f"{name}.crash").open("a", encoding="utf-8")
    faulthandler.enable(crash)
    return crash


def close_logs(crash: TextIO) -> None:
    """Undo ``open_logs``."""
    faulthandler.disable()
    crash.close()
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            root.removeHandler(handler)
            handler.close()

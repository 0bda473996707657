"""Whether the window stays smooth beside a training: ``python -m tests.bench.while_training [SECONDS]``.

The framing line, its engine and a real window off screen, as in `tests.bench.smooth`. Each display is
measured alone, then with the process that ``retrain`` starts (lowest priority, one thread) learning beside
it, and then alone again: what else the computer does is in all three. GUI-thread CPU of each event does not
depend on the load; the lateness of a 20 ms timer does, so that of a bare program stands beside it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from hmi.displays.display import Place
from tests.bench.harness import load
from tests.bench.smooth import FIRST_S, PRESS, Timed, measure
from tests.engine.prediction.train_rig import PLAN, tables
from tests.hmi.looking import see, window
from tests.running import CLOCK, demo_plant, engine

MACHINES = 600
SHOWN = (Place("overview", ""), Place("unit", PRESS), Place("twin", PRESS), Place("trends", PRESS))


@contextmanager
def training(folder: Path) -> Iterator[None]:
    """The training process, begun anew whenever it is done; what it used of a core is printed at the end."""
    words = ["-m", "engine.prediction.train", str(folder / "plan.toml")]
    command = [sys.executable, *words, "--data", str(folder / "data"), "--out", str(folder / "model")]
    script = f"while true; do {' '.join(map(repr, command))} || exit 1; done"
    process = subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )  # fmt: skip
    began = time.perf_counter()
    try:
        yield
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        used = sum(sum(each.cpu_times()) for each in family)
        if process.poll() is not None:
            raise RuntimeError("the training ended; run it alone to see why: " + " ".join(command))
        print(f"    the training had {100 * used / (time.perf_counter() - began):.0f} % of a core")
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def main() -> None:
    """Every display without, with and without a training."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float, nargs="?", default=20.0)
    seconds = parser.parse_args().seconds
    application = Timed()
    with tempfile.TemporaryDirectory() as place, demo_plant(Path(place) / "demo", name="framing") as plant:
        folder = Path(place)
        (folder / "plan.toml").write_text(PLAN.replace("assets = [1, 30]", f"assets = [1, {MACHINES - 20}]"))
        tables(folder / "data", MACHINES)
        with engine(plant.folder), window(application, plant.folder) as (shown, _):
            shown.resize(1920, 1080)
            see(lambda: shown.snapshot is not None and not shown.snapshot.stale.any(), 60, what="all values")
            for where in SHOWN:
                shown.go(where)
                end = CLOCK.mono_us() + FIRST_S * 1e6
                see(lambda end=end: CLOCK.mono_us() > end, FIRST_S + 10)
                for turn in ("alone", "while training", "alone again"):
                    print(f"{where.display} {turn}, load {load()}: p50 / p99 / max", flush=True)
                    if turn == "while training":
                        with training(folder):
                            measure(application, seconds)
                    else:
                        measure(application, seconds)


if __name__ == "__main__":
    main()

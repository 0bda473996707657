"""The job ``retrain``: a challenger for a class of assets from the plant's own history.

History, events and failures are written as tables into a folder of their own, and a process with the lowest
priority learns from them (`engine.prediction.train`). Whatever ends it leaves the models as they were.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.app.jobs import Kind, Work
from engine.app.model_answers import REFUSALS, AskedModels, make
from engine.app.model_classes import Buckets
from engine.app.model_plan import plan_of, said_of
from engine.app.model_repairs import Work as Worked
from engine.app.model_repairs import repairs_of
from engine.clock import rfc3339
from engine.historian.reading import Cancelled, Watch
from engine.paths import SAFE_PATH
from engine.prediction import limits
from engine.prediction.doubts import ENOUGH, FAILURES
from engine.prediction.events import Counting, Happened
from engine.prediction.files import CARD
from engine.prediction.fleet import Bound
from engine.prediction.kept import Failures
from engine.server import RequestRefused
from engine.typed import from_json, unpack
from engine.types import ModelCard
from engine.wire import RetrainAnswer, RetrainBody

DAY_US = 86_400_000_000
PIECE_US = 7 * DAY_US
"""History is read in such pieces, so that it can be stopped between them."""
LEAST_DAYS = 20
"""Of less nothing is left for the parts that a model is judged on."""
LOOK_S, GONE_S = 0.2, 5.0
READ, TRAINED = 0.3, 0.95
"""Progress when the tables are written, and when the model is there."""
EXTRA = ("lightgbm", "onnx", "onnxmltools")

First = Callable[[str, int], tuple[Bound, Buckets]]


def _none_first(asset_class: str, now_us: int) -> tuple[Bound, Buckets]:
    raise RequestRefused(
        f"no model watches assets of class {asset_class[:80]!r}, so there is none to learn anew"
    )


def _no_works() -> Sequence[Worked]:
    return ()


class _Line(msgspec.Struct, frozen=True):
    """What the training prints."""

    stage: str = ""
    share: float = 0.0
    done: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AskedTraining:
    """What a training is made from; called in its thread.

    ``folder`` = where its tables lie meanwhile · ``buckets`` = means and coverage float32[n, assets, roles]
    of the history · ``events`` of a span, from the journal · ``since_us`` = since when both are known,
    None = not at all · ``failures`` of the assets · ``first`` = what a class without any model is to learn
    from, by its name and the time now (`engine.app.model_classes.first_of`) · ``works`` =
    when people worked on assets.
    """

    models: AskedModels
    folder: Path
    plant: str
    buckets: Buckets
    events: Callable[[int, int], Iterable[Happened]]
    since_us: Callable[[], int | None]
    failures: Callable[[], Failures]
    first: First = _none_first
    works: Callable[[], Sequence[Worked]] = _no_works


def cannot_train() -> str:
    """Why nothing can be trained on this computer, "" = it can."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    return f"training needs watchroom[train]: {', '.join(missing)} not installed" if missing else ""


def train_kinds(asked: AskedTraining, loop: asyncio.AbstractEventLoop) -> dict[str, Kind]:
    """The work ``retrain``, for `engine.app.jobs.Jobs`."""

    def retrain(body: msgspec.Raw) -> Work:
        wanted = unpack(body, RetrainBody)
        if not wanted.by.strip():
            raise RequestRefused("say who wants it: a new model goes on record with a name")
        if why := cannot_train():
            raise RequestRefused(why)
        bound = _bound(asked.models.bounds(), wanted.asset_class)

        def work(watch: Watch) -> RetrainAnswer:
            its_own, given = bound, asked
            if its_own is None:
                its_own, buckets = asked.first(wanted.asset_class, asked.models.clock.now_us())
                given = replace(asked, buckets=buckets)
            return _retrained(given, its_own, wanted.by.strip(), watch, loop)

        return work

    return {"retrain": retrain}


def _bound(bounds: Sequence[Bound], asset_class: str) -> Bound | None:
    """The model whose inputs and features the new one takes over: the champion, where there is one."""
    fitting = [
        each for each in bounds if each.model.card.asset_class == asset_class
        and each.model.card.kind == "failure"
    ]  # fmt: skip
    return min(fitting, key=lambda each: each.role != "champion", default=None)


def _retrained(
    asked: AskedTraining, bound: Bound, by: str, watch: Watch, loop: asyncio.AbstractEventLoop
) -> RetrainAnswer:
    now_us, since_us = asked.models.clock.now_us(), asked.since_us()
    failures = _enough(asked, bound, since_us, now_us)
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="training-", dir=asked.folder) as place:
        folder = Path(place)
        write_tables(folder, asked, bound, (since_us or 0, now_us), failures, watch)
        plan = plan_of(bound.model.card, len(bound.assets), since_us or 0, now_us, asked.plant, by)
        (folder / "plan.json").write_bytes(msgspec.json.encode(plan))
        _run(folder, watch)
        card = from_json((folder / "model" / CARD).read_bytes(), ModelCard)
        text = said_of(card)
        _brought_in(asked.models, folder / "model", by, text, watch, loop)
    return RetrainAnswer(card.id, card.version, card.failures, text)


def _enough(asked: AskedTraining, bound: Bound, since_us: int | None, now_us: int) -> Failures:
    """The failures of the assets in the time that can be learned from.

    Raises:
        RequestRefused: they or the time are too few.
    """
    every, first_us = asked.failures(), now_us if since_us is None else since_us
    found = {
        asset: every[asset][(every[asset] > first_us) & (every[asset] <= now_us)]
        for asset in bound.assets
        if asset in every
    }
    count = sum(map(len, found.values()))
    if count < FAILURES:
        raise RequestRefused(
            f"not enough history: {count} of {FAILURES} failures of class "
            f"{bound.model.card.asset_class} since {rfc3339(first_us)[:10]}"
        )
    days = (now_us - first_us) / DAY_US
    if days < LEAST_DAYS:
        raise RequestRefused(f"not enough history: {days:.0f} of {LEAST_DAYS} days")
    return found


def write_tables(
    folder: Path, asked: AskedTraining, bound: Bound, span_us: tuple[int, int], failures: Failures,
    watch: Watch,
) -> None:  # fmt: skip
    """The tables that `engine.prediction.train_fleet` reads, of whole buckets of the span.

    Raises:
        Cancelled: ``watch`` said so.
    """
    card = bound.model.card
    width_us = round(card.bucket_s * 1e6)
    start_us, end_us = (each - each % width_us for each in span_us)
    columns = [f"v{at}" for at in range(len(card.inputs))]
    piece_us = max(PIECE_US // width_us, 1) * width_us
    with contextlib.ExitStack() as stack:
        telemetry = stack.enter_context(_table(folder / "telemetry_3h.csv", ["machineID", "t", *columns]))
        errors = stack.enter_context(_table(folder / "errors.csv", ["datetime", "machineID", "errorID"]))
        for at_us in range(start_us, end_us, piece_us):
            if not watch(READ * (at_us - start_us) / max(end_us - start_us, 1)):
                raise Cancelled
            until_us = min(at_us + piece_us, end_us)
            means, coverage = asked.buckets(bound, at_us, until_us)
            telemetry(_rows(np.where(coverage >= ENOUGH, means, np.nan), at_us, width_us))
            counting = Counting(bound.assets, card.events)
            counting.add(asked.events(at_us, until_us))
            errors(_counts(counting.spread(at_us, width_us, len(means)), card.events, at_us, width_us))
    with _table(folder / "failures.csv", ["datetime", "machineID", "failure"]) as failed:
        for number, asset in enumerate(bound.assets, 1):
            times: list[int] = failures.get(asset, np.empty(0, np.int64)).tolist()
            failed([_time(each), number, "failure"] for each in times)
    works = asked.works()
    with _table(folder / "repairs.csv", ["machineID", "since", "datetime"]) as repaired:
        for number, asset in enumerate(bound.assets, 1):
            spans = repairs_of(asset, works, max(card.horizon_h))
            repaired([number, _time(since_us), _time(until_us)] for since_us, until_us in spans)


def _rows(means: NDArray[np.floating[Any]], start_us: int, width_us: int) -> Iterator[list[object]]:
    """A row for each bucket and asset that has any input; known at the end of the bucket."""
    places: list[list[int]] = np.argwhere(np.isfinite(means).any(axis=2)).tolist()
    for at, asset in places:
        values: list[float] = means[at, asset].tolist()
        yield [asset + 1, _time(start_us + (at + 1) * width_us), *values]


def _counts(
    counts: NDArray[np.int32], classes: Sequence[str], start_us: int, width_us: int
) -> Iterator[list[object]]:
    """A row for each event, in the middle of its bucket."""
    places: list[list[int]] = np.argwhere(counts).tolist()
    for at, asset, each in places:
        time = _time(start_us + at * width_us + width_us // 2)
        for _ in range(int(counts[at, asset, each])):
            yield [time, asset + 1, classes[each]]


def _time(time_us: int) -> str:
    return str(np.datetime64(time_us, "us"))


@contextlib.contextmanager
def _table(file: Path, names: list[str]) -> Generator[Callable[[Iterable[list[object]]], None]]:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(names)
        yield writer.writerows


def _run(folder: Path, watch: Watch) -> None:
    """Let the process learn; what it prints is the progress.

    Raises:
        Cancelled: ``watch`` said so, and the process is gone.
        RequestRefused: it refused, or it ended.
    """
    words = ["-m", "engine.prediction.train", str(folder / "plan.json")]
    process = subprocess.Popen(
        [sys.executable, *SAFE_PATH, *words, "--data", str(folder), "--out", str(folder / "model")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        creationflags=limits.flags(),
    )
    lines = queue.SimpleQueue[_Line | None]()
    output = cast("IO[bytes]", process.stdout)
    reader = threading.Thread(target=_read, args=(output, lines), name="training", daemon=True)
    reader.start()
    try:
        _follow(lines, watch)
    finally:
        process.terminate()
        try:
            process.wait(GONE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        output.close()


def _follow(lines: queue.SimpleQueue[_Line | None], watch: Watch) -> None:
    progress = READ
    while True:
        if not watch(progress):
            raise Cancelled
        try:
            line = lines.get(timeout=LOOK_S)
        except queue.Empty:
            continue
        if line is None:
            raise RequestRefused("the training ended before it was done; is there enough memory?")
        if line.refused:
            raise RequestRefused(line.refused)
        if line.done:
            return
        progress = max(progress, READ + (TRAINED - READ) * min(line.share, 1.0))


def _read(stream: IO[bytes], lines: queue.SimpleQueue[_Line | None]) -> None:
    for each in stream:
        with contextlib.suppress(msgspec.MsgspecError):  # a library may print, too
            lines.put(from_json(each, _Line))
    lines.put(None)


def _brought_in(
    models: AskedModels, folder: Path, by: str, why: str, watch: Watch, loop: asyncio.AbstractEventLoop
) -> None:
    """Import the new package: decided here, on record and done in the loop, in its turn."""

    async def bring_in() -> None:
        async with models.turn:
            change = await asyncio.to_thread(models.registry.importing, folder, by, f"trained here: {why}")
            await make(models, change)

    coming = asyncio.run_coroutine_threadsafe(bring_in(), loop)
    while True:
        try:
            coming.result(LOOK_S)
            return
        except TimeoutError:
            if coming.done():
                raise RequestRefused("the new model was not taken in time; try it again") from None
            if not watch(TRAINED):  # also when the engine stops, which waits for this thread in its loop
                coming.cancel()
                raise Cancelled from None
        except CancelledError:
            raise Cancelled from None
        except (*REFUSALS, OSError) as error:
            raise RequestRefused(str(error)) from error


def clear(folder: Path) -> None:
    """Take away what was left in ``folder`` when the engine was killed in the middle of a training."""
    for pattern in ("training-*", "recalibrated-*"):
        for each in folder.glob(pattern):
            shutil.rmtree(each, ignore_errors=True)

"""What people do meanwhile: curves of the past, an instant, gaps, an export; and how long it takes."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from engine.client import Client, EngineAbsent, RequestFailed, WireError
from engine.clock import SystemClock
from engine.wire import (
    CurvesAnswer,
    CurvesBody,
    GapsAnswer,
    InstantAnswer,
    InstantBody,
    JobState,
    PlantAnswer,
    SpanBody,
    encode,
)
from engine.wire.history import ExportBody, JobAskBody, JobBody

REST_S = 2.0
EXPORT_EVERY = 20
"""Questions between two exports."""
PIXELS = 1000
MOST_PENS = 8
ANSWER_S = 10.0
EXPORT_S = 60.0


@dataclass
class Beside:
    """Asks the engine about its history, in a thread of its own, whichever engine there is.

    ``took_ms`` = by what was asked; ``refused`` = what the engine answered with an error.
    """

    project: Path
    folder: Path
    seed: int
    took_ms: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    refused: list[str] = field(default_factory=list[str])
    exported: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """Ask until ``end``."""
        luck, began_us = random.Random(self.seed), SystemClock().now_us()
        while not self._ended.wait(REST_S):
            try:
                client = Client(self.project, "cli")
            except (EngineAbsent, WireError, OSError):
                continue
            try:
                self._with(client, luck, began_us)
            except EngineAbsent:
                continue  # it was killed; the next one is asked
            finally:
                client.close()

    def end(self) -> None:
        """Ask no more."""
        self._ended.set()

    def _with(self, client: Client, luck: random.Random, began_us: int) -> None:
        tags = [tag.tag_id for tag in client.call("plant", None, PlantAnswer).project.tags]
        turn = 0
        while not self._ended.wait(REST_S):
            turn += 1
            now_us = SystemClock().now_us()
            start_us = luck.randint(began_us - 60_000_000, now_us - 1_000_000)
            try:
                if turn % EXPORT_EVERY == EXPORT_EVERY // 2:
                    self._export(client, luck.sample(tags, 5), start_us, now_us)
                else:
                    self._question(client, luck, tags, start_us, now_us)
            except RequestFailed as error:
                self.refused.append(str(error))

    def _question(
        self, client: Client, luck: random.Random, tags: Sequence[int], start_us: int, now_us: int
    ) -> None:
        clock = SystemClock()
        began_us, what = clock.mono_us(), luck.choice(("curves", "curves", "instant", "gaps"))
        if what == "curves":
            pens = tuple(luck.sample(tags, luck.randint(1, MOST_PENS)))
            body = CurvesBody(pens, start_us, now_us, PIXELS)
            client.call("curves", body, CurvesAnswer, ANSWER_S)
        elif what == "instant":
            client.call("instant", InstantBody(start_us), InstantAnswer, ANSWER_S)
        else:
            client.call("gaps", SpanBody(start_us, now_us), GapsAnswer, ANSWER_S)
        self.took_ms.setdefault(what, []).append((clock.mono_us() - began_us) / 1000)

    def _export(self, client: Client, tags: Sequence[int], start_us: int, now_us: int) -> None:
        """Every stored sample of some tags into a file, which is removed again."""
        clock, file = SystemClock(), self.folder / "export.csv"
        began_us = clock.mono_us()
        body = ExportBody(tuple(tags), start_us, now_us, str(file), "csv")
        state = client.call("job", JobBody("export", msgspec.Raw(encode(body))), JobState, ANSWER_S)
        while not state.done and not self._ended.wait(0.1):
            state = client.call("job_state", JobAskBody(state.job), JobState, ANSWER_S)
            if (clock.mono_us() - began_us) / 1e6 > EXPORT_S:
                raise RequestFailed(f"an export was not done within {EXPORT_S:.0f} s")
        file.unlink(missing_ok=True)
        if state.error:
            raise RequestFailed(state.error)
        if state.done:
            self.exported += 1
            self.took_ms.setdefault("export", []).append((clock.mono_us() - began_us) / 1000)

"""The history of the running project: its writer, its reader, its roll-ups, in one hand."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import paths
from engine.alarms import Then, alarms_among
from engine.app.history_answers import REFUSALS, Asked, history_answers, job_kinds
from engine.app.housekeeping import Housekeeping
from engine.app.jobs import Jobs
from engine.app.queries import Queries
from engine.historian import Historian, Rollups, StoredHistory, is_fast
from engine.historian.rollups import oldest_in
from engine.historian.scores import named_alike, scores
from engine.live import Texts
from engine.server import Answer, RequestRefused
from engine.store import Journal, StoredEvent, StoreError
from engine.store.annotation_file import AnnotationFile
from engine.types import Alarm, Clock, HistoryStatus, Limit, Project, Tag
from engine.wire import ScoresAnswer

log = logging.getLogger("watchroom.history")
ROLL_S = 5.0
REST_S = 0.06
"""Between two portions of some 20 ms that thread rests: others come first."""
SCORED_US, LEAST_SCORED_US = 3_600_000_000, 2_000_000


class Past:
    """Opened before the sources start, closed after they ended. ``close`` may take seconds.

    Raises:
        StoreError: the files of the history cannot be used.
    """

    def __init__(self, folder: Path, project: Project, clock: Clock, texts: Texts) -> None:
        self._project, self._clock = project, clock
        self.notes = AnnotationFile(paths.data(folder) / "annotations.db")
        place = paths.history(folder)
        self.historian = Historian(
            place,
            project.tags,
            clock,
            failed=lambda text: log.critical("%s", text),
            healed=lambda text: log.warning("%s", text),
            texts=texts.text,
            limits=_limits(project.tags, project.limits),
            settings=project.plant.history,
        )
        texts.keep(self.historian.known_texts, self.historian.text)
        self.stored = StoredHistory(
            place,
            self.historian.tail,
            fast=[tag.tag_id for tag in project.tags if is_fast(tag)],
            text=texts.text,
            told=lambda text: log.error("%s", text),
        )
        rates = {tag.tag_id: tag.rate for tag in project.tags}
        self.rollups = Rollups(place, self.stored, rates, oldest_in(self.historian.tail))
        self.stored.use(self.rollups.rollup)
        self._house = Housekeeping(
            folder, project.plant, self.historian, self.stored, self.rollups, clock, self.historian.was_killed
        )
        self.historian.sealed.extend((self.rollups.sealed, self._house.sealed))
        self._queries = Queries()
        self._jobs: Jobs | None = None
        self.alarms = Then()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._roll, name="roll-ups", daemon=True)

    def begin(self, journal: Journal, known: Sequence[tuple[int, Alarm]]) -> None:
        """Start what works behind; it tells the event journal of what it does. ``known`` = past alarms."""
        self.alarms = Then(known)
        self._house.begin(journal)
        self._thread.start()

    def heard(self, events: Sequence[StoredEvent]) -> None:
        """Events that are on record now. In the journal's thread."""
        for time_us, alarm in alarms_among(events):
            self.alarms.add(time_us, alarm)

    @property
    def status(self) -> HistoryStatus:
        """The history as people see it."""
        return self._house.status

    def answers(
        self, tags: Sequence[Tag], note: Callable[[str, dict[str, Any]], None]
    ) -> Mapping[str, Answer]:
        """The answers to questions about the past. ``tags`` in live order, as people see them."""

        def scored() -> ScoresAnswer:
            now_us, shown = self.historian.durable_us, tuple(tags)
            oldest_us = self.status.oldest_us
            begin_us = max(now_us - SCORED_US, now_us if oldest_us is None else oldest_us)
            if now_us - begin_us < LEAST_SCORED_US:
                raise RequestRefused("data quality is known after the first samples; ask again in a moment")
            return ScoresAnswer(*scores(self.stored, shown, begin_us, now_us, named_alike(shown)))

        asked = Asked(
            self.stored,
            tags,
            self.notes,
            self._clock,
            lambda: self.historian.durable_us,
            lambda time_us: self.alarms.at(time_us),
            scored,
            note,
        )
        self._jobs = Jobs(job_kinds(asked), self._clock, REFUSALS)
        return history_answers(asked, self._queries, self._jobs)

    def _roll(self) -> None:
        try:
            self.rollups.catch_up()
        except StoreError as error:
            log.error("%s", error)
        while not self._stop.wait(ROLL_S):
            try:
                self.rollups.work(lambda _: not self._stop.wait(REST_S))
            except Exception:  # the samples are safe; answers are made from them meanwhile
                log.exception("roll-ups could not be made")

    def close(self) -> None:
        """Make everything durable, end the threads, close the files."""
        self._stop.set()
        if self._jobs is not None:
            self._jobs.close()
        self._queries.close()
        self._house.close()
        if self._thread.is_alive():
            self._thread.join()
        self.historian.close()
        self.rollups.close()
        self.stored.close()
        self.notes.close()


def _limits(tags: Sequence[Tag], limits: Sequence[Limit]) -> dict[int, list[float]]:
    """The values that alarms compare with, by tag id: no thinning moves their crossings."""
    ids = {tag.path: tag.tag_id for tag in tags}
    found: dict[int, list[float]] = {}
    for each in limits:
        if each.limit is not None and each.path in ids:
            inward = each.deadband if each.kind in ("l", "ll") else -each.deadband
            found.setdefault(ids[each.path], []).extend((each.limit, each.limit + inward))
    return found
